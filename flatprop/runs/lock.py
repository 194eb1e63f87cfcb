"""The lock of a run's folder: one process at a time writes into it, and it dies with the process.

It is on the file `lock` in the folder, in which stands who holds it: the number of the process, and
since when. The file stays, empty; it is the system that knows whether it is locked. Who only reads
a run needs no lock, as every file of it is whole at any moment.
"""

import contextlib
import datetime
import os
import re
import time

from flatprop import system
from flatprop.runs.errors import RunBusy, RunError

NAME = "lock"
LOOK = 0.05     # seconds between two looks whether it is free
TRIES = 5
LONGEST = 100   # bytes of who holds it


@contextlib.contextmanager
def hold(folder, wait=0.0):
    """Within this context the folder, a Path, is this process's; it waits so many seconds for it.

    Raises RunBusy if another holds it, RunError, or OSError where no file can be there.
    """
    path, end = folder / NAME, time.monotonic() + wait
    while (descriptor := take(path)) is None:
        if time.monotonic() >= end:
            raise RunBusy(f"{folder} is being written by {holder(path)}")
        time.sleep(LOOK)
    try:
        with contextlib.suppress(OSError):      # a full disk: it is locked all the same
            now = datetime.datetime.now().isoformat(" ", "seconds")
            write(descriptor, f"process {os.getpid()}, since {now}\n")
        yield
    finally:
        with contextlib.suppress(OSError):
            write(descriptor, "")
        with contextlib.suppress(OSError):      # it is closed all the same, and so unlocked
            os.close(descriptor)


def take(path):
    """The descriptor of the file at path, which is made and locked; None if another locks it."""
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        raise RunError(f"{path} is no ordinary file: remove it")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        # One that was removed meanwhile, by --overwrite of the run around it, locks nothing.
        if system.lock(descriptor) and is_at(descriptor, path):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def is_at(descriptor, path):
    """Whether an open file is the one at path."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def write(descriptor, text):
    """Make text all that is in an open file."""
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode())


def holder(path):
    """Words for who holds the lock at path, as far as it says so."""
    for _ in range(TRIES):      # it may be about to say so
        with contextlib.suppress(OSError, ValueError), open(path, "rb") as file:
            text = file.read(LONGEST).decode("ascii").strip()
            if re.fullmatch(r"process \d+, since [\d :-]+", text):
                return text
        time.sleep(LOOK)
    return "another process"
