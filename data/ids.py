"""Columns that number the rows, as an id does: nothing is learned from them, nor predicted."""

import re

import numpy as np

NAMES = {"", "id", "index", "row", "row_id", "rowid", "rownames", "unnamed: 0", "nr", "no", "#"}
# customer_id, "House No", PassengerId; but not paid
ENDS = re.compile(r".*[_ .-](?:id|nr|no)|.*[a-z](?:I[dD]|N[ro])")
FEWEST = 10                     # rows that numbers with gaps are told by


def is_name(name):
    """Whether a column is called as an id is; one without a name is an index."""
    return name.lower() in NAMES or ENDS.fullmatch(name) is not None or (
        ENDS.fullmatch(name.lower()) is not None)


def rises(values):
    """Whether numbers (N,) are whole and each is larger than the one before it, or all steps are
    one: rows in the order of their ids."""
    if len(values) < FEWEST or not _are_whole(values):
        return False
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps[0] != 0 and (steps == steps[0]).all()))


def differ(values):
    """Whether numbers (N,) are whole and no two alike, as ids are in any order."""
    return len(values) >= FEWEST and _are_whole(values) and len(np.unique(values)) == len(values)


def _are_whole(values):
    return bool((values % 1 == 0).all())
