"""Opening files and folders of the user's: what goes wrong is a DataError that names the file."""

import contextlib
import difflib
import os
from pathlib import Path

from data.errors import DataError


@contextlib.contextmanager
def open_file(path, wanted):
    """An ordinary file opened for reading bytes, for `with`.

    wanted says in the message what to give instead, such as "the path of a CSV file".
    Raises DataError where there is no such file, it is not an ordinary one, or it cannot be read.
    """
    with name_file(path):
        check_file(path, wanted)
        with open(path, "rb") as file:
            yield file


def check_file(path, wanted):
    """Raise DataError unless there is an ordinary file at path; wanted as for open_file."""
    # Opening a pipe waits for its writer and a device never ends, so only ordinary files.
    if Path(path).is_dir():
        raise DataError(f"{path}: is not a file but a folder; give {wanted}"
                        f"{examples_in(Path(path))}", file=path)
    if not Path(path).is_file():
        problem = f"is not a file; give {wanted}" if Path(path).exists() else missing(path, wanted)
        raise DataError(f"{path}: {problem}", file=path)


def missing(path, wanted):
    """What to say of a path at which there is nothing: the remedy, or the closest name there is.

    wanted says what to give where no name is close, such as "the path of a CSV file".
    """
    text = str(path)
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        if text.startswith("~"):
            return (f"does not exist: ~ is your home folder only where it stands without quotes; "
                    f"give {Path(text).expanduser()}")
        if "\\" in text and Path(text.replace("\\", "/")).exists():
            return f"does not exist; is it {text.replace(chr(92), '/')}? (/ between folders)"
        parents = list(Path(path).parents)
        there = next(each for each in parents if each.is_dir())
        name = Path(path).relative_to(there).parts[0]
        close = closest_name(name, os.listdir(there))
        found = None if close is None else there / close / Path(path).relative_to(there / name)
        if found is not None and found.exists():
            return f"does not exist; is it {found}?"
        if there != parents[0]:
            return f"does not exist: there is no folder {there / name}; give {wanted}"
    return f"does not exist; give {wanted}"


def closest_name(name, names):
    """The one of names that looks most like name, whatever the case of letters; None if none."""
    by_lower = {each.lower(): each for each in names}
    matches = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[matches[0]] if matches else None


def examples_in(folder):
    """', such as FOLDER/FILE', of the first file in a folder, if it has one."""
    with contextlib.suppress(OSError):
        for each in sorted(folder.iterdir()):
            if each.suffix.lower() in (".csv", ".npz", ".npy", ".tsv", ".txt") and each.is_file():
                return f", such as {each}"
    return ""


def check_folder(folder, remedy):
    """Raise DataError where a folder, a Path, does not exist; remedy says what to put there."""
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else missing(folder, "a folder")
        raise DataError(f"{folder}: {problem}; make a folder and {remedy}")


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
