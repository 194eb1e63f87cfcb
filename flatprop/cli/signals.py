"""Being asked to stop: Ctrl-C once or SIGTERM finish the step and save; Ctrl-C twice stops now."""

import contextlib
import signal


class Stop:
    """Notes the signal that asks to stop: number is None until one has come.

    Used as a context: inside it Ctrl-C (SIGINT) and SIGTERM only set number, and a second Ctrl-C
    raises KeyboardInterrupt. Afterwards both do what they did before.
    """

    def __init__(self):
        self.number = None
        self.before = {}

    def __enter__(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            # Outside the main thread this is refused, and nobody sends signals there.
            with contextlib.suppress(ValueError):
                self.before[number] = signal.signal(number, self.note)
        return self

    def __exit__(self, *_):
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def note(self, number, _frame):
        """The handler: the first signal is noted, a second Ctrl-C acts at once."""
        if self.number is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.number = number


def exit_code(number):
    """The exit code that tells of a signal: 128 and its number, as shells have it."""
    return 128 + number
