"""watch: check an exercise whenever one of its files is saved, and go on when it passes.

It looks at the files ten times a second, which needs no library and works on every file system.
On a terminal single keys are commands; in a pipe it prints plain lines.
"""

import contextlib
import select
import sys
import time

from flatprop.cli.signals import exit_code
from flatprop.exercises import commands, screen, workspace
from flatprop.exercises.catalogue import EXERCISES

try:
    import termios
    import tty
except ImportError:     # Windows
    termios = None

PERIOD = 0.1
KEYS = "h hint   l list   n next exercise   c check again   q quit"
CLEAR = "\x1b[2J\x1b[3J\x1b[H"


class Watch:
    """What is being watched: the folder, the exercise of the moment, and how files last were.

    out: where to write; terminal: whether that, and the keyboard, is a terminal
    """

    def __init__(self, folder, out, terminal):
        self.folder, self.out, self.terminal = workspace.find(folder), out, terminal
        self.current = commands.following(workspace.load_state(self.folder))
        self.seen = self.stamps()
        self.passed = []        # messages of what has passed, to be shown above what is next

    def stamps(self):
        """{file: what tells one save from the next}, of all files that are there."""
        found = {}
        for file in workspace.targets():
            with contextlib.suppress(OSError):      # a file may be away for a moment
                status = (self.folder / file).stat()
                found[file] = status.st_mtime_ns, status.st_size, status.st_ino
        return found

    def changed(self):
        """The files that were saved since the last look."""
        now, before = self.stamps(), self.seen
        self.seen = {**before, **now}
        return [file for file, stamp in now.items() if before.get(file) != stamp]

    def saved(self, files):
        """Check what the files are of, the exercise of the moment first."""
        of = [each for each in EXERCISES if any(file in files for file, _ in each.targets)]
        if self.current in of:
            self.check(self.current)
        else:
            for exercise in of:
                self.check(exercise)

    def check(self, exercise):
        """Check an exercise; when it passes, go on to the next one."""
        feedback = commands.run(self.folder, exercise)
        commands.note(self.folder, exercise, feedback)
        state = workspace.load_state(self.folder)
        if not feedback.passed:
            self.current = exercise
            self.show(screen.outcome(exercise, feedback), False)
            return
        self.passed.append(screen.outcome(exercise, feedback))
        if exercise is self.current or self.current is None:
            self.current = commands.following(state, exercise)
        if self.current is None:
            self.show(screen.ALL_DONE, True)
            return
        self.check_next()

    def check_next(self):
        """Check the exercise of the moment, which may have been written already."""
        waiting = commands.unwritten(self.folder, self.current)
        if waiting is None:
            self.check(self.current)
        else:
            self.show(f"{self.current.id}: {self.current.title}\n{screen.indented(waiting)}", None)

    def show(self, text, passed):
        """Write what there is to say; on a terminal on a fresh screen, with the progress above."""
        state = workspace.load_state(self.folder)
        if self.terminal:
            self.write(f"{CLEAR}{screen.bar(state)}\n")
        for each in self.passed:
            self.write("\n" * self.terminal + screen.painted(each, True, self.out) + "\n")
        self.passed = []
        if passed is not None:
            text = screen.painted(text, passed, self.out)
        self.write("\n" * self.terminal + text + "\n")
        if self.terminal and self.current is not None:
            files = ", ".join(str(self.folder / file) for file, _ in self.current.targets)
            self.write(f"\n{screen.indented(f'watching {files}')}\n  {KEYS}\n")

    def key(self, key):
        """Do what a key asks for; gives whether to go on."""
        if key in ("q", "\x03", "\x04"):
            return False
        if key == "h":
            taken = workspace.load_state(self.folder)[self.current.id]["hints"]
            hint = commands.next_hint(self.folder, self.current)
            # All of them once more are a page of their own.
            self.write(f"{CLEAR}{hint}\n\n  {KEYS}\n" if taken >= 3 else f"\n{hint}\n")
        elif key == "l":
            state = workspace.load_state(self.folder)
            self.write(CLEAR + screen.listing(state, self.current) + f"\n\n  {KEYS}\n")
        elif key == "n":
            state = workspace.load_state(self.folder)
            self.current = commands.following(state, self.current)
            self.check_next()
        elif key == "c":
            self.check(self.current)
        return True

    def write(self, text):
        """Write, at once."""
        self.out.write(text)
        self.out.flush()


def watch(folder, out=None, keyboard=None):
    """Watch until all exercises pass, q, or Ctrl-C. Gives the exit code."""
    out, keyboard = out or sys.stdout, keyboard or sys.stdin
    terminal = termios is not None and out.isatty() and keyboard.isatty()
    watched = Watch(folder, out, terminal)
    if watched.current is None:
        watched.write(screen.ALL_DONE + "\n")
        return 0
    try:
        with keys_at_once(keyboard, terminal) as read_key:
            watched.check_next()
            while watched.current is not None:
                key = read_key(PERIOD)
                if key and not watched.key(key):
                    return 0
                files = watched.changed()
                if files:
                    watched.saved(files)
    except KeyboardInterrupt:
        return exit_code(2)
    return 0


@contextlib.contextmanager
def keys_at_once(keyboard, terminal):
    """A function of seconds that waits so long for a key; the terminal gives each at once."""
    if not terminal:
        def only_wait(seconds):
            time.sleep(seconds)
        yield only_wait
        return
    descriptor = keyboard.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)

    def read_key(seconds):
        ready, _, _ = select.select([keyboard], [], [], seconds)
        return keyboard.read(1) if ready else ""

    try:
        yield read_key
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
