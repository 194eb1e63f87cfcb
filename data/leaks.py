"""Inputs that tell the label by themselves, as where a table holds it twice, in other words."""

import numpy as np

from data import forms

FEWEST = 20                     # rows, below which chance may do it
OF_EACH = 3                     # rows of each class
ABSENT = 10                     # rows with a cell and without, by which its absence tells a class
SAMPLE = 1000                   # rows that most columns are cleared by
STRAIGHT = 1 - 1e-9             # the correlation from which on numbers lie on a line,
NEARLY = 0.99                   # or may, if what they are off it is no more than they are rounded
PLACES = range(-3, 7)           # decimal places that numbers may be rounded to
DIFFERENT = 10                  # so many different ones tell such a line


def find(x, columns, y, classes):
    """The columns of a table that tell y alone, a list of {"name", "why"}.

    x (N, width) of these columns, as in data.encode; y (N,) labels, or (N, M) numbers. A column
    tells classes where each of its levels, or of its numbers, has a class of its own, and all of
    that class, or where it is missing, or zero, for all of one class and no other; it tells numbers
    where it lies on a straight line with one of them, but for the rounding of both.
    """
    found, place = [], 0
    if len(x) < FEWEST or (classes is not None and np.bincount(y).min() < OF_EACH):
        return found
    for column in columns:
        size = len(column["values"]) if column["kind"] == "category" else 1
        part, place = x[:, place : place + size], place + size
        if classes is None:
            why = "it lies on a straight line with it" if size == 1 and _is_line(part, y) else None
        elif (size == 1 or size <= len(classes) + 1) and _is_renamed(part, y, len(classes)):
            why = "each of its values is one class"
        else:
            why = _why_absent(part, column, y, classes)
        if why:
            found.append({"name": column["name"], "why": why})
    return found


def _is_line(part, y):
    """Whether the numbers (N, 1) go with one of the targets (N, M) in a straight line."""
    for rows in (slice(0, SAMPLE), slice(None)):
        if not any(_is_on_line(part[rows, 0], b) for b in y[rows].T):
            return False
    return True


def _is_on_line(a, b):
    """Whether a line through numbers a and b (N,) is off them by no more than both are rounded."""
    with np.errstate(all="ignore"):
        alike = abs(np.corrcoef(a, b)[0, 1])
    if not alike > NEARLY:              # of a constant, or with a missing one, it is NaN
        return False
    if alike > STRAIGHT:
        return True
    if min(len(np.unique(a)), len(np.unique(b))) < DIFFERENT:
        return False
    x, y = a - a.mean(), b - b.mean()
    slope = (x @ y) / (x @ x)
    rounding = (_step(b) + abs(slope) * _step(a)) / 2
    # The line is found by the same numbers, so it is off the true one by a part of their rounding.
    return bool(np.abs(y - slope * x).max() <= (1 + 2 / len(x) ** 0.5) * rounding)


def _step(values):
    """What numbers are rounded to, such as 0.1; 0 where they are not."""
    return next((10.0**-places for places in PLACES if (np.round(values, places) == values).all()),
                0)


def _is_renamed(part, y, count):
    """Whether values (N, 1), or levels as 0 and 1 (N, K), are labels y (N,) in other words."""
    for rows in (slice(0, SAMPLE), slice(None)):
        a = part[rows, 0] if part.shape[1] == 1 else part[rows].argmax(axis=1)
        values, codes = np.unique(a, return_inverse=True)
        pairs = len(np.unique(codes.astype(np.int64) * count + y[rows]))
        if not len(values) == len(np.unique(y[rows])) == pairs:
            return False
    return True


def _why_absent(part, column, y, classes):
    """Why a column (N, 1), or levels as 0 and 1 (N, K), tells one class by what is not there: it is
    missing, or 0, in the rows of this class and in no other; None if it does not."""
    if column["kind"] == "category":
        levels = [j for j, level in enumerate(column["values"]) if level.lower() in forms.MISSING]
        kinds = [("missing", lambda rows: part[rows][:, levels].any(axis=1))] if levels else []
    else:
        kinds = [("missing", lambda rows: np.isnan(part[rows, 0]))]
        if column["kind"] == "number":
            kinds.append(("0", lambda rows: part[rows, 0] == 0))
    for word, is_absent in kinds:
        label = _class_of(is_absent, y, len(classes))
        if label is not None:
            return f"it is {word} where that is {classes[label][:40]}, and nowhere else"
    return None


def _class_of(is_absent, y, count):
    """Which of count labels is that of all rows, and of no others, where is_absent(rows) is true;
    None without one."""
    for rows in (slice(0, SAMPLE), slice(None)):
        absent, labels = is_absent(rows), y[rows]
        if not absent.any():
            if np.bincount(labels, minlength=count).all():
                return None
            continue                    # the class may be below the sample
        label = labels[absent][0]
        if ((labels == label) != absent).any():
            return None
    if min(absent.sum(), (~absent).sum()) < ABSENT:
        return None
    return int(label)
