"""A table in memory, an array or a data frame of pandas or Polars, as one that was read of a file.

What its columns are is decided by data.columns, as of a CSV file with these cells; so a frame and
the file that pandas writes of it become the same inputs.
"""

from typing import NamedTuple

import numpy as np

from data import cells, columns, encode, forms
from data.errors import DataError
from data.labels import sort_classes
from data.names import different, find_column
from data.own import Raw
from data.reading import Reading

NAME = "X"              # what messages call the table


class Source(NamedTuple):
    """What data.columns asks of the rows of a table: commas are between the cells of the CSV file
    that it would be."""

    name: str = NAME
    separator: str = ","


class Held:
    """The cells of a table in memory, as a data.cells.Cells has them, with a first row of NaN in
    the place of a heading."""

    def __init__(self, names, given, as_texts):
        """given, a list of one array of numbers or list of texts for each name; as_texts, the
        places of columns whose numbers are read as texts."""
        self.rows, self.first = Source(), (0, names)
        self.padded, self.powers = set(), set()
        self.values = np.full((1 + len(given[0]), len(given)), np.nan)
        self.texts = [None] * len(given)
        for j, column in enumerate(given):
            if isinstance(column, np.ndarray) and j not in as_texts:
                self.values[1:, j] = column
            else:
                self.add_texts(j, as_cells(column), j in as_texts)

    def add_texts(self, j, column, stays):
        """Put in a column of texts: as numbers, if they are, and it need not stay one of texts."""
        texts = cells.Texts([0, 0])
        codes = [texts[cell] for cell in column]
        numbers = [None] if stays else forms.numbers(list(texts))
        if None in numbers:
            self.texts[j], self.values[0, j], self.values[1:, j] = texts, 0, codes
        else:
            self.values[1:, j] = np.array(numbers)[codes]

    def place(self, line):
        """How messages name a row: a table in memory has no lines."""
        return f"{NAME}: row {line}"

    def line_of(self, row):
        """The number of a row, from 1 below the heading."""
        return int(row)

    def line_with(self, j, text, start):
        """The number of the first row with this text."""
        return start + int((self.values[start:, j] == self.texts[j][text]).argmax())


def names_of(x):
    """The names of the columns of an array or a frame, texts; None where they have none."""
    names = list(x.columns) if is_frame(x) else []
    return names if names and all(isinstance(name, str) for name in names) else None


def is_frame(x):
    """Whether x is a data frame, by what pandas' and Polars' have alike."""
    return not isinstance(x, np.ndarray) and hasattr(x, "columns") and hasattr(x, "dtypes")


def columns_of(x):
    """The columns of an array (N, D) or a frame, each an array (N,) float64, NaN where one is
    missing, or a list of texts; and the places of those that are categories by their type."""
    if not is_frame(x):
        return list(np.asarray(x, np.float64).T), set()
    if len(set(x.columns)) < len(x.columns):
        again = next(name for name in x.columns if list(x.columns).count(name) > 1)
        raise DataError(f"{NAME}: two columns are named {str(again)[:40]!r}; rename one",
                        column=str(again))
    series = [x[name] for name in x.columns]
    kinds = [str(each.dtype).lower() for each in series]
    return [as_column(each) for each in series], {
        j for j, kind in enumerate(kinds) if kind.startswith(("category", "categorical", "enum"))}


def as_column(series):
    """A column of a frame as an array (N,) float64, or as a list of texts, "" for missing."""
    values = np.asarray(series.to_numpy())
    if values.dtype.kind in "iuf":
        return values.astype(np.float64)
    missing = np.asarray((series.isna() if hasattr(series, "isna") else series.is_null()
                          ).to_numpy(), bool)
    if values.dtype.kind == "M":
        days = values.astype("M8[D]")
        unit = "D" if (missing | (days == values)).all() else "s"
        values = np.char.replace(np.datetime_as_string(values, unit), "T", " ")
    return ["" if gone else str(value) for value, gone in zip(values.tolist(), missing.tolist(),
                                                               strict=True)]


def as_cells(column):
    """An array (N,) of numbers as the texts that stand for them, those that are whole without a
    point; texts as they are."""
    if not isinstance(column, np.ndarray):
        return column
    return ["" if value != value else str(int(value)) if value.is_integer() else repr(value)
            for value in column.tolist()]


def read(x, y, classes=None, target="", reading=None, weights=None):
    """The Raw of a table in memory.

    x        an array (N, D) of numbers, NaN where one is missing, or a data frame
    y        (N,) labels from 0, or (N, M) float64 numbers to predict
    classes  the names of the classes in the order of the labels; None for regression
    target, weights    as in data.own.Raw
    reading  a data.reading.Reading; its missing, categorical, numeric and ignore are looked at
    Of a frame, columns that say nothing are left out, and numbers in texts are numbers, as in a CSV
    file; of an array only those are that are empty. Raises DataError where a column cannot be used,
    and where none is left.
    """
    reading, named = reading or Reading(), names_of(x)
    given, categories = columns_of(x)
    names = named or [f"column {j + 1}" for j in range(len(given))]
    asked = {find_column(NAME, names, each, "categorical") for each in reading.categorical}
    held = Held(names, blank(given, reading), categories | asked)
    kinds = dict.fromkeys(categories, "category")
    if not is_frame(x):
        kinds = {j: "number" for j, column in enumerate(given) if not np.isnan(column).all()}
    found = columns.decide(held, names, 1, reading, kinds=kinds)
    if not is_frame(x):
        drop_others(found, names, reading)
    inputs = [each for each in found if each.column["kind"] != "left out"]
    if not inputs:
        why = "; ".join(f"{each.column['name'][:40]!r} is left out: {each.about['why']}"
                        for each in found[:3])
        raise DataError(f"{NAME}: no column is left to predict from ({why})", remedy="inputs")
    about = {"separator": None, "heading": named is not None, "line": 1, "comments": 0, "again": 0,
             "why": "a frame names its columns" if named else "an array names no columns",
             "titles": [], "shared": [], "rows": len(y),
             "columns": [each.about for each in found],
             "label": {"task": "classification" if classes else "regression", "guessed": False,
                       "why": "as asked", "other": None, "missing": 0, "words": [], "chosen": True,
                       "names": [target] if isinstance(target, str) else target,
                       "also": sorted(reading.missing), "id": False, "places": {}}}
    return Raw(encode.arrays(held, 1, inputs, np.inf), y, columns=[e.column for e in inputs],
               classes=classes, target=target, about=about, weights=weights)


def blank(given, reading):
    """Columns whose numbers that stand for missing cells, by reading, are NaN."""
    blanks = sorted(forms.values_that_are_missing(reading.missing))
    if not blanks:
        return given
    return [np.where(np.isin(column, blanks), np.nan, column)
            if isinstance(column, np.ndarray) else column for column in given]


def drop_others(found, names, reading):
    """Let texts in columns of an array be refused in a table that is predicted, unless it was said
    that they count as missing."""
    asked = {find_column(NAME, names, each, "numeric") for each in reading.numeric}
    for each in found:
        if each.place not in asked:
            each.column.pop("others", None)


def inputs(x, known, names=None, called=NAME, unseen=None):
    """The raw inputs (N, width) of an array or a frame for columns that are known, as in
    Preprocessing: a frame's by their names, an array's by their places among names, those of the
    columns that were there in training, None if these had none; then a frame's by their places too.
    called is what messages call it; unseen, a dict, is as in data.encode.encode.

    Raises DataError for a cell that is no number where one is needed.
    """
    given, _ = columns_of(x)
    numbered = [f"column {j + 1}" for j in range(len(given))]
    named = names_of(x) or names or numbered
    if not {column["name"] for column in known} <= {*named}:    # training was on an array
        named = numbered
    at = {name: j for j, name in enumerate(named)}
    raw, place = np.zeros((len(given[0]), encode.width(known))), 0
    for column in known:
        cells_of, width = given[at[column["name"]]], encode.width([column])
        plain = isinstance(cells_of, np.ndarray) and column["kind"] == "number"
        if plain and not column.get("missing"):
            raw[:, place] = cells_of
        else:
            rows = [[cell.strip()] for cell in as_cells(cells_of)]
            encoded = encode.encode(rows, [column], called, unseen=unseen)
            raw[:, place : place + width] = encoded
        place += width
    return raw


def classes_of(values):
    """The names of classes, distinct labels of Python's types (C,), in the order that a table has
    them, and the place of each value in it, (C,) int64. Raises DataError where two have one name.
    """
    names = [str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
             for value in values]
    if len(set(names)) < len(names):
        raise DataError(f"y: two of the classes {different(names)[:10]} are written alike")
    order = sort_classes(names, "y")
    at = {name: label for label, name in enumerate(order)}
    return order, np.array([at[name] for name in names], np.int64)
