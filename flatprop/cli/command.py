"""How a command ends: its exit code, and never a traceback for what its user can cause."""

import os
import signal
import sys

from data.errors import DataError
from flatprop.cli.errors import UsageError

TERMINATED = 128 + 15       # what a shell says of a process that SIGTERM ended


def ended(name, work):
    """Call work() and give the exit code of the command called name."""
    try:
        with_sigterm(work)
        sys.stdout.flush()
    except (UsageError, DataError) as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        # Standard output takes no more; Python must not try to flush what remains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):      # that is a reader who has left, no error
            print(f"{name}: error: cannot write: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return 130
    except Terminated:
        print(f"{name}: terminated", file=sys.stderr)
        return TERMINATED
    return 0


class Terminated(BaseException):
    """SIGTERM has come: raised where the program is, so that half-written files are removed."""


def with_sigterm(work):
    """Call work() with SIGTERM raising Terminated."""
    def stop(_signal, _frame):
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        work()
    finally:
        signal.signal(signal.SIGTERM, before)
