"""New numbers that are far from those of training are told, and others are not."""

import math

import numpy as np
import pytest

from flatprop.runs import far_values
from flatprop.runs.known import Known

COLUMNS = [{"name": "kind", "kind": "category", "values": ["a", "b"]},
           {"name": "area", "kind": "number"},
           {"name": "day", "kind": "date", "form": "year-month-day"}]
ABOUT = {"columns": [{"name": "kind", "kind": "category"},
                     {"name": "area", "kind": "number", "low": 10, "high": 500.5},
                     {"name": "day", "kind": "date", "low": 0.0, "high": 9.0}]}
USUAL = np.array([0, 0, 40.0, 5]), np.array([1, 1, 2.0, 3])     # far is below 0 and above 80


def told(areas, about=ABOUT, usual=USUAL, chunk=3):
    """The warnings of rows with these areas, which come in chunks."""
    wanted = far_values.expected(Known(COLUMNS, None, "y", about, 4, 1, *usual))
    seen, lines = far_values.none_seen(wanted), []
    x = np.zeros((len(areas), 4))
    x[:, 2], x[:, 3] = areas, 1e6           # days long after those of training are none
    for start in range(0, len(x), chunk):
        far_values.see(seen, x[start : start + chunk], wanted)
    far_values.warn_of_numbers(seen, wanted, "n.csv", lines.append)
    return lines


OUTSIDE = "are all outside those that the model was trained on, 10 to 500.5; is it another unit?"
MOST = "are mostly far from most that the model was trained on, 10 to 500.5; is it another unit?"


@pytest.mark.parametrize("areas, says", [
    ([501] * 9 + [5, math.nan], f"its 10 numbers, 5 to 501, {OUTSIDE}"),
    ([501] * 9 + [10], f"its 10 numbers, 10 to 501, {MOST}"),
    ([501] * 5 + [10] * 5, None),                           # half is not most
    ([501] * 9, f"its 9 numbers, 501 to 501, {OUTSIDE}"),     # few, but all far
    ([501] * 8 + [500], None), ([9] * 9, None),             # few, and not all far, or outside
    ([9] * 10, f"its 10 numbers, 9 to 9, {OUTSIDE}"),
    ([-7e4], "-70000 is outside those that the model was trained on, 10 to 500.5; is it another"),
    ([90] * 9, None),                                       # far from most, but it was trained on
    ([], None), ([math.nan] * 20, None),
])
def test_what_is_far_is_told(areas, says):
    if says is None:
        assert told(areas) == []
    else:
        (line,) = told(areas)
        assert line.startswith(f"n.csv: column 'area': {says}")


def complete(missing):
    """What is known of training, with so many areas missing."""
    return {"columns": [{"name": "area", "kind": "number", "low": 10, "high": 500.5,
                         "missing": missing}]}


@pytest.mark.parametrize("areas, says", [
    ([math.nan] * 5, "5 of 5 rows"), ([math.nan], "1 of 1 row"), ([50, math.nan], "1 of 2 rows"),
    ([50], None)])
def test_missing_cells_are_told_where_training_had_none(areas, says):
    wanted = [] if says is None else [f"n.csv: column 'area' is missing in {says}, and never was "
                                      "in training: it counts as about 40"]
    assert told(areas, complete(0)) == wanted
    for missing in (1, None, False, "0"):                   # which an earlier version did not keep
        assert told(areas, complete(missing)) == []


def test_of_many_columns_with_missing_cells_some_are_named():
    columns = [{"name": f"x{i}", "kind": "number"} for i in range(7)]
    about = {"columns": [{**each, "missing": 0, "low": 0, "high": 1} for each in columns]}
    wanted = far_values.expected(Known(columns, None, "y", about, 7, 1))
    seen, lines = far_values.none_seen(wanted), []
    far_values.see(seen, np.full((2, 7), math.nan), wanted)
    far_values.warn_of_numbers(seen, wanted, "n.csv", lines.append)
    assert lines[0] == "n.csv: column 'x0' is missing in 2 of 2 rows, and never was in training"
    assert lines[5:] == ["n.csv: and 2 other columns with cells missing"]


def test_nothing_is_said_where_nothing_is_known():
    assert told([1e9] * 20, about=None) == []
    assert told([1e9] * 20, about={"columns": [{"name": "area", "low": "1", "high": 2}]}) == []
    huge = {"columns": [{"name": "area", "low": 10**400, "high": 10**400}]}
    assert told([1e9] * 20, about=huge) == []
    assert len(told([1e9] * 20, usual=(None, None))) == 1
    assert told([501] * 9, usual=(None, None)) == []
