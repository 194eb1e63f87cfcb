"""Tables whose rows come again: what is tested on is then among what is trained on."""

import numpy as np

FEWEST = 20                     # rows, below which it is not looked for
NEARLY_ALL = 0.95               # of the rows, which come again
SAMPLE = 6                      # rows, of which at most
ALONE = 1                       # may have no other like it: so most tables are cleared
BY_CHANCE = 0.1                 # other rows like a row, from which on they may be so by chance
ODD = np.uint64(0x9E3779B97F4A7C15)     # 2^64 over the golden ratio, which spreads bits


def find(x, sizes, y):
    """{"rows", "again", "different", "times"} of rows that nearly all come again, inputs and label,
    or None: how many rows there are, how many of them come again, how many different ones there
    are, and how often each comes, None where some come more often than others.

    x (N, width), of which each column of the table is so many of sizes side by side; y (N,) or
    (N, M). Where columns of few levels, if they had nothing to do with each other, would make rows
    alike by chance, they say nothing.
    """
    if len(x) < FEWEST:
        return None
    y = y.reshape(len(y), -1)
    order = np.argsort(np.repeat(sizes, sizes), kind="stable")          # numbers tell most
    alone = 0
    for row in np.linspace(0, len(x) - 1, SAMPLE).astype(int):
        alone += not _comes_again(x, order, y, row)
        if alone > ALONE:
            return None
    counts = np.unique(_hashes(x, y), return_counts=True)[1]
    again = int(counts[counts > 1].sum())
    if again < NEARLY_ALL * len(x) or len(counts) * _chance(x, sizes, y) > BY_CHANCE:
        return None
    return {"rows": len(x), "again": again, "different": len(counts),
            "times": int(counts[0]) if (counts == counts[0]).all() else None}


def _comes_again(x, order, y, row):
    """Whether another row is like this one."""
    left = np.flatnonzero(_are_like(x[:, order[0]], x[row, order[0]]))
    for part, places in ((y, range(y.shape[1])), (x, order[1:])):
        for j in places:
            if len(left) < 2:
                return False
            left = left[_are_like(part[left, j], part[row, j])]
    return len(left) > 1


def _are_like(values, value):
    return np.isnan(values) if np.isnan(value) else values == value


def _hashes(x, y):
    """A number (N,) for each row, the same for rows that are alike."""
    found = np.zeros(len(x), np.uint64)
    for part in (x, y):
        for column in part.T:
            values = np.where(np.isnan(column), np.nan, column + 0.0)   # one NaN, and no -0
            found = (found ^ values.astype(np.float64).view(np.uint64)) * ODD
            found ^= found >> np.uint64(29)
    return found


def _chance(x, sizes, y):
    """How probable it is that two rows are alike, if columns had nothing to do with each other."""
    chance, place = 1.0, 0
    for size in sizes:
        part, place = x[:, place : place + size], place + size
        chance *= _alike(part[:, 0]) if size == 1 else float((part.mean(axis=0) ** 2).sum())
    for column in y.T:
        chance *= _alike(column)
    return chance


def _alike(values):
    """How probable it is that two of the values (N,) are the same."""
    counts = np.unique(values, return_counts=True)[1]
    return float(((counts / len(values)) ** 2).sum())
