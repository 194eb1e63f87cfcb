"""A column that holds nothing but numbers: what is told of it, and why it may be no input.

each is a data.columns.Undecided; what is given is (column, about), as in data.columns.Found.
"""

import numpy as np

from data import ids, stand_ins
from data.column_forms import has_fractions
from data.stand_ins import EXACT

FEW_CELLS = 5                   # filled ones, of which nothing is learned
LARGEST = 1e140                 # a number whose square can be computed with
LONG_INDEX = 50                 # rows that a first column must count where there is no heading


def decide_numbers(each, reading):
    """(column, about) of a column that holds nothing but numbers and missing cells."""
    values = each.values
    about = {"missing": int(np.isnan(values).sum())}
    if about["missing"] < len(values):
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)      # which look past NaN
        check_size(each, low, high)
        about |= {"low": float(low), "high": float(high)} | _notes(each, low, high)
    elif each.kind == "number" and not each.is_label:
        raise each.error(" holds no number", remedy="column")
    why = None if each.is_label or each.kind else _why_not(each, values[~np.isnan(values)])
    return each.left_out(why) if why else (dict_of_numbers(each, reading), about)


def dict_of_numbers(each, reading, kind="number", form=None):
    """The dict of a column of numbers or dates."""
    column = {"kind": kind} | ({"form": form} if form else {})
    if reading.missing:
        column["missing"] = sorted(reading.missing)
    if each.kind == "number" and not each.is_label:
        column["others"] = "missing"
    return column


def check_size(each, low, high):
    """Raise DataError for numbers too large to compute with."""
    if max(-low, high) > LARGEST:
        raise each.error(f": holds {low if -low > high else high:g}, too large to compute with, as "
                         f"numbers above {LARGEST:g} are; give it in another unit",
                         remedy="column" if not each.is_label else "label")


def _notes(each, low, high):
    """What to tell of plain numbers: "suspect", "padded", "powers", "long", "id", as in Found."""
    notes = {}
    if each.place in each.cells.padded and not each.kind:
        notes["padded"] = True
    elif each.place in each.cells.powers and not each.kind:
        notes["powers"] = True
    if max(-low, high) >= EXACT and not has_fractions(each.values):
        notes["long"] = True
    own = each.cells.first[1][each.place] if each.start else None       # its name in the file
    if own is not None and not (each.kind or each.is_label) and ids.is_name(own):
        filled = each.values[~np.isnan(each.values)]
        different, counts = np.unique(filled, return_counts=True)
        if ids.differ(filled):
            notes["id"] = "is named as an id" if own else "has no name, as an index has none"
        elif ids.are_whole(different) and ids.come_again(own, different, counts):
            notes["ids"] = len(counts)
    suspect = stand_ins.of_numbers(each.values, low, high)
    return notes | ({"suspect": suspect} if suspect else {})


def _why_not(each, filled):
    """Why a column of plain numbers is no input, or None: it is empty, constant, or counts the
    rows, which only one at a place or of a name for that does."""
    rows = len(each.values)
    if not filled.size:
        return "it is empty"
    if filled.size < FEW_CELLS and filled.size < 0.05 * rows:
        return f"only {filled.size} of {rows:,} cells are filled"
    if (filled == filled[0]).all():
        return ("its numbers are too long to be told apart" if abs(filled[0]) >= EXACT else
                f"always {filled[0]:.15g}")
    own = each.cells.first[1][each.place] if each.start else None       # its name in the file
    may_count = (each.place == 0 and rows >= LONG_INDEX) if own is None else (
        own.lower() in ids.NAMES)
    if may_count and filled.size == rows > 2 and (np.diff(filled) == 1).all():
        return "it counts the rows"
    if own is not None and ids.is_name(own) and filled.size == rows and ids.rises(filled):
        return "it rises from row to row, as an id does"
    return None
