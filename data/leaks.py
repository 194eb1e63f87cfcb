"""Inputs that tell the label by themselves, as where a table holds it twice, in other words."""

import numpy as np

FEWEST = 20                     # rows, below which chance may do it
OF_EACH = 3                     # rows of each class
SAMPLE = 1000                   # rows that most columns are cleared by
STRAIGHT = 1 - 1e-9             # the correlation from which on numbers lie on a line


def find(x, columns, y, classes):
    """The columns of a table that tell y alone, a list of {"name", "why"}.

    x (N, width) of these columns, as in data.encode; y (N,) labels, or (N, M) numbers. A column
    tells classes where each of its levels, or of its numbers, has a class of its own, and all of
    that class; it tells numbers where it lies on a straight line with one of them.
    """
    found, place = [], 0
    if len(x) < FEWEST or (classes is not None and np.bincount(y).min() < OF_EACH):
        return found
    for column in columns:
        size = len(column["values"]) if column["kind"] == "category" else 1
        part, place = x[:, place : place + size], place + size
        if classes is None:
            why = "it lies on a straight line with it" if size == 1 and _is_line(part, y) else None
        else:
            tells = (size == 1 or size <= len(classes) + 1) and _is_renamed(part, y, len(classes))
            why = "each of its values is one class" if tells else None
        if why:
            found.append({"name": column["name"], "why": why})
    return found


def _is_line(part, y):
    """Whether the numbers (N, 1) go with one of the targets (N, M) in a straight line."""
    for rows in (slice(0, SAMPLE), slice(None)):
        a = part[rows, 0]
        with np.errstate(all="ignore"):
            alike = [abs(np.corrcoef(a, b)[0, 1]) > STRAIGHT for b in y[rows].T]
        if not any(alike):          # of a constant, or with a missing one, it is NaN
            return False
    return True


def _is_renamed(part, y, count):
    """Whether values (N, 1), or levels as 0 and 1 (N, K), are labels y (N,) in other words."""
    for rows in (slice(0, SAMPLE), slice(None)):
        a = part[rows, 0] if part.shape[1] == 1 else part[rows].argmax(axis=1)
        values, codes = np.unique(a, return_inverse=True)
        pairs = len(np.unique(codes.astype(np.int64) * count + y[rows]))
        if not len(values) == len(np.unique(y[rows])) == pairs:
            return False
    return True
