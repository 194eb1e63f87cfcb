"""Columns of a new table whose numbers are far from those that the model was trained on, as of
another unit, or are missing where in training none was.

What is seen of them is kept in an array (7, columns of numbers): how many there are, how many are
outside the range of training, how many far above and far below its middle, the lowest, the highest,
and how many are missing.
"""

import math

import numpy as np

from data import encode
from flatprop.runs.text import printable

FAR = 20                # scales from the middle of the training part
ENOUGH = 10             # numbers of a column, of which most say something
MOST_WARNINGS = 5
LARGEST = 1e300


def expected(known):
    """(names, places, low, high, middle, scale, complete) of the columns of numbers of a Known:
    their places in a row of inputs and their ranges in training, arrays, NaN where nothing is
    known, and whether it is known that none was missing."""
    columns = known.columns or []
    names = [column["name"] for column in columns if column["kind"] != "category"]
    numbers = [column["name"] for column in columns if column["kind"] == "number"]
    told = (known.about or {}).get("columns")
    told = {each["name"]: each for each in (told if isinstance(told, list) else ())
            if isinstance(each, dict) and each.get("name") in names}
    ranges = {name: (each.get("low"), each.get("high")) for name, each in told.items()
              if name in numbers}                                         # new dates are later
    missing = [told.get(name, {}).get("missing") for name in names]
    complete = np.array([type(count) is int and count == 0 for count in missing], bool)
    low, high = (np.array([_number(ranges.get(name, (None, None))[i]) for name in names])
                 for i in (0, 1))
    middle = scale = np.full(len(names), math.nan)
    places = encode.number_places(columns)
    if known.middle is not None:
        middle, scale = known.middle[places], known.scale[places]
    return names, places, low, high, middle, scale, complete


def _number(value):
    is_number = type(value) in (int, float) and abs(value) < LARGEST
    return float(value) if is_number else math.nan


def none_seen(wanted):
    """The array, before any row was seen; wanted is what expected gives."""
    seen = np.zeros((7, len(wanted[0])))
    seen[4:6] = [[math.inf], [-math.inf]]
    return seen


def see(seen, x, wanted):
    """Count raw inputs x (N, D) in."""
    _, places, low, high, middle, scale, _ = wanted
    if not len(places) or not len(x):
        return
    values = x[:, places]
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        z = (values - middle) / scale
        seen[0] += (~np.isnan(values)).sum(axis=0)
        seen[6] += np.isnan(values).sum(axis=0)
        seen[1] += ((values < low) | (values > high)).sum(axis=0)
        seen[2] += (z > FAR).sum(axis=0)
        seen[3] += (z < -FAR).sum(axis=0)
    seen[4], seen[5] = np.fmin(seen[4], np.fmin.reduce(values)), np.fmax(seen[5],
                                                                        np.fmax.reduce(values))


def warn_of_numbers(seen, wanted, where, warn):
    """Call warn(text) for columns with missing cells, where training had none, and for those whose
    numbers are not as those of training."""
    names, low, middle, complete, missing = wanted[0], wanted[2], wanted[4], wanted[6], seen[6]
    found = np.flatnonzero(complete & (missing > 0))
    for j in found[:MOST_WARNINGS].tolist():
        rows = int(seen[0, j] + missing[j])
        # Networks of folds have a middle each; that of dates is a number of days.
        is_number = not math.isnan(low[j] + middle[j])
        counts = f": it counts as about {middle[j]:.6g}" if is_number else ""
        warn(f"{where}: column {printable(names[j], 40)!r} is missing in {int(missing[j]):,} of "
             f"{rows:,} row{'s' if rows > 1 else ''}, and never was in training{counts}")
    if len(found) > MOST_WARNINGS:
        warn(f"{where}: and {len(found) - MOST_WARNINGS:,} other columns with cells missing")
    _warn_of_far(seen, wanted, where, warn)


def _warn_of_far(seen, wanted, where, warn):
    """Call warn(text) for columns whose numbers are all outside the range of training, or mostly
    far from its middle; of fewer than ENOUGH, all must be both."""
    names, _, low, high, *_ = wanted
    count, outside, far = seen[0], seen[1] == seen[0], np.maximum(seen[2], seen[3])
    many = count >= ENOUGH
    doubtful = (outside & (many | (far == count))) | (many & (2 * far > count))
    found = np.flatnonzero(doubtful & (count > 0) & ~np.isnan(low) & ~np.isnan(high))
    for j in found[:MOST_WARNINGS].tolist():
        what = "outside those" if outside[j] else "far from most"
        one = count[j] == 1
        held = (f"{seen[4, j]:.6g} is" if one else
                f"its {int(count[j]):,} numbers, {seen[4, j]:.6g} to {seen[5, j]:.6g}, are "
                f"{'all' if outside[j] else 'mostly'}")
        warn(f"{where}: column {printable(names[j], 40)!r}: {held} {what} that the model was "
             f"trained on, {low[j]:.6g} to {high[j]:.6g}; is it another unit?")
    if len(found) > MOST_WARNINGS:
        warn(f"{where}: and {len(found) - MOST_WARNINGS:,} other columns of such numbers")
