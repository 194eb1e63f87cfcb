"""The folder of a new run, as --out and --overwrite ask for it."""

from flatprop.cli.errors import UsageError
from flatprop.runs import run_directory
from flatprop.runs.errors import RunError, RunExists

PARENT = "runs"     # of folders DATE-N, without --out


def create(out, overwrite):
    """Make the folder out, or runs/DATE-N where out is None. -> Path. Raises UsageError."""
    try:
        if out is None:
            return run_directory.create_numbered(PARENT)
        return run_directory.create(out, replace=overwrite)
    except RunExists as error:
        raise UsageError(f"--out {error}: --overwrite replaces it, --resume {out} goes on with "
                         "it") from error
    except RunError as error:
        remedy = "--out FOLDER names another place, --out none keeps nothing"
        raise UsageError(f"the run cannot be kept: {error}; {remedy}" if out is None else
                         f"--out {error}: give another --out") from error
