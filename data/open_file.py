"""Opening files and folders of the user's: what goes wrong is a DataError that names the file.

Whatever comes from outside is opened here: an ordinary file, or a link to one, and where its format
allows to say so of bounded size. A pipe would be waited for, and a device has no end.
"""

import contextlib
import difflib
import errno
import os
import re
import stat
from pathlib import Path

from data.errors import DataError
from data.foreign_files import OF_LFS, POINTER

# What the system says of a path at which nothing is, or can be.
NOTHING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL)
READ = (".csv", ".tsv", ".txt", ".npz", ".npy", ".parquet")


@contextlib.contextmanager
def open_file(path, wanted, most=None):
    """An ordinary file opened for reading bytes, for `with`.

    wanted says in the message what to give instead, such as "the path of a CSV file"; most is how
    many bytes it may have, None for any number.
    Raises DataError where there is no such file, it is not an ordinary one, too large, or cannot be
    read.
    """
    with name_file(path):
        check_file(path, wanted)
        with closing(open(path, "rb", opener=open_at_once)) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):         # it has changed since the check
                raise DataError(f"{path}: is not a file; give {wanted}")
            if most is not None and found.st_size > most:
                raise DataError(f"{path}: {found.st_size:,} bytes is too large to be right; give "
                                f"{wanted}")
            if file.peek(len(POINTER)).startswith(POINTER):
                raise DataError(f"{path}: {OF_LFS}")
            yield file


@contextlib.contextmanager
def closing(file):
    """An open file that was only read, for `with`: whatever the system says when it is closed, what
    was read has been read."""
    try:
        yield file
    finally:
        with contextlib.suppress(OSError):
            file.close()


def read_file(path, wanted, most):
    """All bytes of an ordinary file that has at most so many; else raises DataError as open_file.
    """
    with open_file(path, wanted, most) as file:
        content = file.read(os.fstat(file.fileno()).st_size + 1)
    if len(content) > most:             # it has grown meanwhile
        raise DataError(f"{path}: is too large to be right; give {wanted}", file=path)
    return content


def is_there(path):
    """Whether there is anything at a path, a link that leads nowhere too.

    Raises DataError where that cannot be told. Path.exists() and Path.is_file() say no then, from
    Python 3.14 on; but what cannot be looked at for a moment must not be taken for missing where
    something would be begun anew.
    """
    return look_at(path, follow_links=False) is not None


def look_at(path, follow_links=True):
    """What the system says of a path, as os.stat has it; None if nothing is there. Raises DataError
    where that cannot be told."""
    with name_file(path):
        try:
            return os.stat(path, follow_symlinks=follow_links)
        except ValueError:      # a zero in its name
            return None
        except OSError as error:
            if error.errno not in NOTHING:
                raise
            return None


def open_at_once(path, flags):
    """An opener for open() that does not wait where path has become a pipe since it was checked."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def check_file(path, wanted):
    """Raise DataError unless there is an ordinary file at path; wanted as for open_file."""
    # Opening a pipe waits for its writer and a device never ends, so only ordinary files.
    if path == "":
        raise DataError(f"'': names no file; give {wanted}", file="")
    found = look_at(path)
    if found is None or not stat.S_ISREG(found.st_mode):
        problem = (missing(path, f"give {wanted}") if found is None else
                   "is not a file but a folder" if stat.S_ISDIR(found.st_mode) else "is not a file")
        shown = re.sub("^(https?|ftp|s3):/+", r"\1://", str(path))     # as it was before Path
        raise DataError(f"{shown}: {problem}{'' if found is None else f'; give {wanted}'}",
                        file=path)


def missing(path, remedy):
    """What to say of a path at which there is nothing: the closest name there is, or the remedy."""
    text = str(path)
    if not text:
        return f"names nothing; {remedy}"
    if text.startswith(("http:/", "https:/", "ftp:/", "s3:/")):
        return "is an address, and files are read from the disk; download it first, and give that"
    if "*" in text or "?" in text:
        return "does not exist: * and ? stand for other names only without quotes; give one file"
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        if text.startswith("~"):
            return ("does not exist: ~ is the home folder only where it stands without quotes; "
                    f"give {Path(text).expanduser()}")
        slashes = text.replace("\\", "/")
        if slashes != text and Path(slashes).exists():
            return f"does not exist; is it {slashes}? Between folders is a /"
        there = next((each for each in Path(path).parents if each.is_dir()), Path())
        name = Path(path).relative_to(there).parts[0]
        close = closest_name(name, os.listdir(there))
        found = None if close is None else there / close / Path(path).relative_to(there / name)
        if found is not None and found.exists():
            return f"does not exist; is it {found}?"
        if there != Path(path).parent:
            return f"does not exist, as there is no folder {there / name}; {remedy}"
    return f"does not exist; {remedy}"


def closest_name(name, names):
    """The one of some names of files that looks most like name; None if none does.

    It has the same ending, or else nearly the same stem, in any case of letters.
    """
    wanted = Path(name.lower())
    alike = {Path(each.lower()).stem: each for each in names
             if Path(each.lower()).suffix == wanted.suffix}
    # Of those with one stem the last counts: one that is read as data, if there is one.
    others = {Path(each.lower()).stem: each
              for each in sorted(names, key=lambda each: (Path(each).suffix in READ, each))}
    for stems, cutoff in ((alike, 0.7 if len(wanted.stem) > 4 else 0.6), (others, 0.9)):
        matches = difflib.get_close_matches(wanted.stem, stems, n=1, cutoff=cutoff)
        if matches:
            return stems[matches[0]]
    return None


def check_folder(folder, remedy):
    """Raise DataError where a folder, a Path, does not exist; remedy says what to put there."""
    if not folder.is_dir():
        remedy = f"make a folder and {remedy}"
        problem = f"is not a folder; {remedy}" if folder.exists() else missing(folder, remedy)
        raise DataError(f"{folder}: {problem}")


@contextlib.contextmanager
def name_file(path):
    """Inside it an OSError becomes a DataError, and every DataError gets this path as its file."""
    try:
        yield
    except DataError as error:
        error.file = error.file or str(path)
        raise
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"{path}: cannot be read ({reason}); check path and permissions",
                        file=path) from error
