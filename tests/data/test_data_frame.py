"""A table in memory: what messages say of where a cell is. There are no lines, as in a file."""

import re

import numpy as np
import pytest

from data import frame
from data.errors import DataError


class Column(list):
    """A column of a Frame, with what pandas' and Polars' have alike."""

    dtype = "object"

    def to_numpy(self):
        return np.array(self, object)

    def isna(self):
        return Column([each is None for each in self])


class Frame(dict):
    """What is taken for a data frame, where neither package is there."""

    @property
    def columns(self):
        return list(self)

    dtypes = ()

    def __getitem__(self, name):
        return Column(dict.__getitem__(self, name))


def made(package, columns):
    """A frame of a package, or the one above."""
    return Frame(columns) if package is None else pytest.importorskip(package).DataFrame(columns)


DATES = [f"2020-01-{1 + i % 28:02d}" for i in range(40)]
ZONED = [f"{date} 10:00:00+00:00" for date in DATES]
MIXED = [f"{i}.01.2020" if i in (18, 20, 22, 24) else date for i, date in enumerate(DATES)]
NUMBERS = [str(i) for i in range(40)]
CASES = {       # what a column holds, and what is wrong in its row of that place
    "a number": (NUMBERS, "oops", "is no number"), "finite": (NUMBERS, "1e400", "is not finite"),
    "a date": (DATES, "2020-13-01", "is no date written as year-month-day"),
    "like the others": (MIXED, "17.01.2020", "is no date as '2020-01-01' is one"),
    "an offset": (ZONED, "2020-01-17 10:00:00", "says no offset"),
}


@pytest.mark.parametrize("package", [None, "pandas", "polars"])
@pytest.mark.parametrize("case", CASES)
def test_a_cell_that_cannot_be_is_in_a_row_and_in_no_line(package, case):
    good, bad, problem = CASES[case]
    given = made(package, {"a": [*good[:16], bad, *good[17:]], "b": [float(i) for i in range(40)]})
    with pytest.raises(DataError) as error:
        frame.read(given, np.arange(40) % 2, ["no", "yes"], "y")
    assert re.match(r"X: row 17, column 'a': '" + re.escape(bad), str(error.value))
    assert problem in str(error.value) and "line" not in str(error.value)


@pytest.mark.parametrize("package", [None, "pandas", "polars"])
def test_so_it_is_in_a_table_that_is_predicted(package):
    fitted = made(package, {"a": NUMBERS, "b": [float(i) for i in range(40)]})
    known = frame.read(fitted, np.arange(40) % 2, ["no", "yes"], "y").columns
    assert [each["name"] for each in known] == ["a", "b"]
    new = made(package, {"a": [*NUMBERS[:4], "oops"], "b": [1.0] * 5})
    with pytest.raises(DataError, match=r"^X: row 5, column 'a': 'oops' is no number; correct it"):
        frame.inputs(new, known)
    with pytest.raises(DataError, match=r"^X_val: row 5, column 'a': 'oops' is no number"):
        frame.inputs(new, known, called="X_val")
