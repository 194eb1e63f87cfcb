"""Files that are whole or not there: written aside, flushed to the disk, then renamed into place.

All that the project writes for a user to keep is written here, lines added to a log too. A process
killed at any moment leaves the old file or the new one. What it may leave besides is a temporary
file, .NAME.PID.tmp, which nothing reads and the next write of the same process replaces.
"""

import contextlib
import errno
import os
import stat
import sys
import time
from pathlib import Path

TRIES, PAUSE = 20, 0.05      # seconds
AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)     # no pipe is waited for
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
    """Let write(file) fill a file opened for bytes, and put it into place in one step. Raises
    OSError, with the path as its filename.

    What is there and no file, a device or a pipe, is written to as it is: it must not be replaced.
    """
    path = Path(path)
    aside = path.parent / f".{path.name}.{os.getpid()}.tmp"
    with name_path(path, aside):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if path.exists() and not path.is_file():
            with open(path, "wb") as device:
                write(device)
            return
        try:
            fill(aside, write)
            replace(aside, path)
        except BaseException:
            with contextlib.suppress(OSError):      # the first error is to be told, not this one
                aside.unlink(missing_ok=True)
            raise
        flush_folder(path.parent)


def fill(path, write):
    """Let write(file) fill a new file, and flush it to the disk. Raises OSError."""
    file = open(path, "wb")     # noqa: SIM115, as closing it is no simple matter
    try:
        write(file)
        file.flush()
        if flush_files:
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            file.close()
        raise
    # Once fsync has said that all is on the disk, closing has nothing to lose any more, whatever
    # it says. Without it, on a network's disk, it may be the first to say that there is no room.
    with contextlib.suppress(OSError if flush_files else InterruptedError):
        file.close()


def append(path, data):
    """Add data (bytes) to the end of an ordinary file, made if need be. On an OSError, which has
    the path as its filename, the file is as long as before, where the disk still obeys.
    """
    with open_ordinary(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT) as descriptor:
        add(descriptor, data, os.fstat(descriptor).st_size)


def append_behind(path, size, data):
    """Add data (bytes) behind the first size bytes of an ordinary file, and cut off what is behind
    those already, as a write leaves it that failed half way.

    Gives False, and changes nothing, where there is no file or it has fewer. Raises OSError as
    append does; then the first size bytes are as they were.
    """
    with (contextlib.suppress(FileNotFoundError),
          open_ordinary(path, os.O_RDWR) as descriptor):
        length = os.fstat(descriptor).st_size
        if length < size:
            return False
        if length > size:
            os.ftruncate(descriptor, size)
        os.lseek(descriptor, size, os.SEEK_SET)
        add(descriptor, data, size)
        return True
    return False


@contextlib.contextmanager
def open_ordinary(path, flags):
    """The descriptor of an ordinary file, to be written to, for `with`. Raises OSError."""
    with name_path(path):
        if os.path.islink(path):        # which may lead anywhere, to a file of another's too
            raise OSError(errno.ELOOP, "it is a link", str(path))
        descriptor = os.open(path, flags | AT_ONCE, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "it is not an ordinary file", str(path))
            yield descriptor
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(descriptor)
            raise
        with contextlib.suppress(InterruptedError):     # it is closed all the same
            os.close(descriptor)


def add(descriptor, data, length):
    """Write all of data to an open file that is so long; or none of it, and raise OSError."""
    try:
        while data:
            # A disk that is nearly full takes some of it, and says so only by how much.
            data = data[os.write(descriptor, data):]
    except BaseException:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, length)
        raise


@contextlib.contextmanager
def name_path(path, aside=None):
    """An OSError inside gets this path as its filename if it has none, as that of fsync, or is of
    the file aside, whose name nobody knows.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None or str(error.filename) == str(aside):
            error.filename, error.filename2 = str(path), None
        raise


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
    with name_path(folder):
        folder.mkdir(exist_ok=exist_ok)
        flush_folder(folder.parent)


def flush_file(path):
    """Make what was written into a file last through a power cut. Raises OSError; then nobody knows
    what of it does, even if the next try succeeds."""
    if not flush_files:
        return
    with name_path(path):
        descriptor = os.open(path, os.O_RDWR | AT_ONCE)
        try:
            os.fsync(descriptor)
        finally:
            with contextlib.suppress(OSError):
                os.close(descriptor)


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
        with contextlib.suppress(OSError):      # nothing was written through it
            os.close(descriptor)
