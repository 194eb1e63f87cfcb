"""How the log of a run ends, which tells how its training has ended."""

import contextlib
import os
import re

from data.errors import DataError
from data.open_file import open_file

UNTESTED = "there is no test part, so nothing is tested"
DIVERGED = "diverged: "         # and then the step
GROWN = "training diverged; try "       # though all numbers are finite: behind what is tested
MOST = 2**13        # bytes, in which the last line lies


def of(folder):
    """The last line of the log of a run, or "" where there is none."""
    with contextlib.suppress(DataError, OSError), open_file(folder / "log.txt", "a log") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - MOST))
        lines = file.read(MOST).decode("utf-8", "replace").splitlines()
        return lines[-1] if lines else ""
    return ""


def is_an_end(line):
    """Whether the training has come to its end, early or not, and there was nothing to test."""
    return line == UNTESTED or GROWN in line


def divergence(line):
    """Where the training has diverged, "diverged at step 3", or None."""
    found = re.search(rf": {DIVERGED}step (\d{{1,18}}): ", line)
    return found and f"diverged at step {int(found[1]):,}"
