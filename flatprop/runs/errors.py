"""What can be wrong with the folder of a run; the message names its path and no option."""

from data.errors import DataError


class RunError(ValueError):
    """A run cannot be kept or shown where it should be. Its text is one line."""


class RunExists(RunError):
    """The folder for a new run holds something already."""


class RunBusy(RunError):
    """Another process writes into the folder of a run."""


class ChangedFile(DataError):
    """A file of a run, or its data, is not what it was, and could be used all the same."""


def refuse(problem, remedy):
    """What is called with what has changed, unless told otherwise: it raises ChangedFile."""
    raise ChangedFile(f"{problem}; {remedy}", remedy="changes")
