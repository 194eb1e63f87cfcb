"""Files that are whole or not there: written aside, flushed to the disk, then renamed into place.

A process killed at any moment leaves the old file or the new one. What it may leave besides is a
temporary file, .NAME.PID.tmp, which nothing reads and the next write of the same process replaces.
"""

import errno
import os
import sys
import time
from pathlib import Path

TRIES, PAUSE = 20, 0.05      # seconds
# What disks say that do not know how to flush a folder.
NOT_THERE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.EROFS)
# Whether files are flushed to the disk, to last through a power cut; a process whose files are
# thrown away turns it off.
flush_files = True


def write_bytes(path, data):
    """Put data (bytes) into the file at path, in one step; on an OSError, not at all."""
    write_with(path, lambda file: file.write(data))


def write_text(path, text):
    """Put text into the file at path, in UTF-8, in one step."""
    write_bytes(path, text.encode("utf-8"))


def write_with(path, write):
    """Let write(file) fill a file opened for bytes, and put it into place in one step.

    What is there and no file, a device or a pipe, is written to as it is: it must not be replaced.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        with open(path, "wb") as device:
            write(device)
        return
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(aside, "wb") as file:
            write(file)
            if flush_files:
                file.flush()
                os.fsync(file.fileno())
        replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def replace(aside, path):
    """Rename aside to path. Windows refuses while somebody has that open, often for a moment only,
    as what looks for viruses does: there it is tried for a second.
    """
    for _ in range(TRIES if sys.platform == "win32" else 0):
        try:
            return os.replace(aside, path)
        except PermissionError:
            time.sleep(PAUSE)
    return os.replace(aside, path)


def make_folder(folder, exist_ok=True):
    """Make a folder, and those it is to be in, which last through a power cut. Raises OSError."""
    folder = Path(folder)
    if not folder.parent.exists():
        make_folder(folder.parent)
    folder.mkdir(exist_ok=exist_ok)
    flush_folder(folder.parent)


def flush_file(path):
    """Make what was written into a file last through a power cut. Raises OSError; then nobody knows
    what of it does, even if the next try succeeds."""
    if flush_files:
        with open(path, "r+b", buffering=0) as file:
            os.fsync(file.fileno())


def flush_folder(folder):
    """Make what was made or renamed in a folder last through a power cut, where the system can.

    Raises OSError where it can and has not.
    """
    if not flush_files:
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:     # Windows does not open folders, and some may not be read
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NOT_THERE:
            raise
    finally:
        os.close(descriptor)
