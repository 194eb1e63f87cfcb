"""The file that -o names."""

from data import atomic
from flatprop.cli.errors import UsageError


def write(path, fill):
    """Let fill(file) fill a file that appears at path when it is complete. -> what fill gives

    Raises UsageError if it cannot be written.
    """
    given = []
    try:
        atomic.write_with(path, lambda file: given.append(fill(file)))
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"-o {path}: cannot be written ({reason}): name another file") from error
    return given[0]
