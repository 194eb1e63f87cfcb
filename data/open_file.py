"""Opening files and folders of the user's: what goes wrong is a DataError that names the file."""

import contextlib
from pathlib import Path

from data.errors import DataError


@contextlib.contextmanager
def open_file(path, wanted):
    """An ordinary file opened for reading bytes, for `with`.

    wanted says in the message what to give instead, such as "the path of a CSV file".
    Raises DataError where there is no such file, it is not an ordinary one, or it cannot be read.
    """
    with name_file(path):
        # Opening a pipe waits for its writer and a device never ends, so only ordinary files.
        if not Path(path).is_file():
            problem = "is not a file" if Path(path).exists() else "does not exist"
            raise DataError(f"{path}: {problem}; give {wanted}")
        with open(path, "rb") as file:
            yield file


def check_folder(folder, remedy):
    """Raise DataError where a folder, a Path, does not exist; remedy says what to put there."""
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else "does not exist"
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
