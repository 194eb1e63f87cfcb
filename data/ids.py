"""Columns that number the rows, as an id does: nothing is learned from them, nor predicted; and ids
of which there are several rows."""

import re

import numpy as np

NAMES = {"", "id", "index", "row", "row_id", "rowid", "rownames", "unnamed: 0", "nr", "no", "#"}
# customer_id, "House No", PassengerId; but not paid
ENDS = re.compile(r".*[_ .-](?:id|nr|no)|.*[a-z](?:I[dD]|N[ro])")
FEWEST = 10                     # rows that numbers with gaps are told by, and ids that come again
SEVERAL = 2                     # rows of each of these, on average


def is_name(name):
    """Whether a column is called as an id is; one without a name is an index."""
    return name.lower() in NAMES or ENDS.fullmatch(name) is not None or (
        ENDS.fullmatch(name.lower()) is not None)


def come_again(name, values, counts):
    """Whether different values (K,), numbers in order or texts, that come so often each, counts
    (K,), are ids of which each has several rows: of patients, say, in a column of that name.

    The number of a row is none. One called `id` alone that goes from 1 to K may be a code, unless
    all come equally often.
    """
    if len(values) < FEWEST or sum(counts) < SEVERAL * len(values) or not is_name(name):
        return False
    if name.lower() in NAMES - {"id"}:
        return False
    is_code = name.lower() == "id" and values[0] in (0, 1) and values[-1] - values[0] == (
        len(values) - 1)
    return not is_code or min(counts) == max(counts)


def rises(values):
    """Whether numbers (N,) are whole and each is larger than the one before it, or all steps are
    one: rows in the order of their ids."""
    if len(values) < FEWEST or not are_whole(values):
        return False
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps[0] != 0 and (steps == steps[0]).all()))


def differ(values):
    """Whether numbers (N,) are whole and no two alike, as ids are in any order."""
    return len(values) >= FEWEST and are_whole(values) and len(np.unique(values)) == len(values)


def are_whole(values):
    """Whether all numbers (N,) are whole."""
    return bool((values % 1 == 0).all())
