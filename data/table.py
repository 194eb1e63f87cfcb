"""A table to train on, one way through its rooms: text_file -> rows -> cells -> columns -> arrays.

    table.read("my.csv").x
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import cells, columns, encode, heading, labels
from data.errors import DataError
from data.names import find_column
from data.open_file import name_file
from data.reading import Reading
from data.rows import Rows
from data.text_file import is_parquet


class Table(NamedTuple):
    """A table as it was read.

    x        (N, D) float64 inputs, NaN where a number is missing
    y        (N,) int64 labels from 0, or (N, M) float64 numbers to predict
    columns  of x, a list of dicts as in Preprocessing
    classes  the classes' names in the order of the labels; None for regression
    target   the name of the column that is predicted, or a list of names of several
    about    what was found out about the table, plain data: "separator", None of a Parquet file,
             "heading", "why" it is one, "comments", "rows", "columns", a dict for each in
             data.columns.Found.about, and "label", as in data.labels.of_table
    """

    x: np.ndarray
    y: np.ndarray
    columns: list
    classes: list | None
    target: str | list
    about: dict


def read(path, label=None, task=None, reading=None):
    """Read a table whose column `label` is to be predicted from the others: a Table.

    label    a column's name, or its number, from 1, or from -1 at the end, or a list of these; None
             is the last one that is not empty
    task     "classification", "regression" or None to guess
    reading  a data.reading.Reading of what is known, or None
    Rows without a label are left out, and so are columns that say nothing; about tells which.

    Raises DataError where the file cannot be read, where there is no such label, no second column
    or no second row, where a cell is not like the others of its column, and where x would take
    enormous memory.
    """
    reading = reading or Reading()
    with name_file(path):
        times = 64 if is_parquet(path) else 8           # it is packed
        limit = max(cells.LIMIT, times * Path(path).stat().st_size if Path(path).is_file() else 0)
        found, held, start, at, why = _decide(path, label, task, reading, limit)
        to_predict = [found[j] for j in at]
        inputs = [each for each in found if each.place not in at
                  and each.column["kind"] != "left out"]
        if not inputs:
            why = "; ".join(f"{each.column['name'][:40]!r} is left out: {each.about['why']}"
                            for each in found[:3] if "why" in each.about)
            raise DataError(f"{path}: no column is left to predict from ({why})",
                            column=found[0].column["name"], remedy="inputs")
        y, classes, keep, task = labels.of_table(held, start, to_predict, task, reading.missing)
        x = encode.arrays(held, start, inputs, limit)
    if not keep.all():
        x = x[keep]
    target = [each.column["name"] for each in to_predict]
    rows = held.rows
    about = {"separator": None if is_parquet(path) else rows.separator, "heading": bool(start),
             "why": why,
             "comments": rows.comments, "rows": len(keep),
             "columns": [each.about for each in found],
             "label": task | {"names": target, "chosen": label is not None}}
    return Table(x, y, [each.column for each in inputs], classes,
                 target[0] if len(target) == 1 else target, about)


def _decide(path, label, task, reading, limit):
    """(found, cells, start, at, why): what the columns are, the cells, from which row on they are
    data, the places of the labels, and why line 1 is a heading or not.

    The file is read again where a column must be read in another way than it was.
    """
    rows = Rows(path, reading)
    rows.match_heading()
    first, header, why = rows.first[1], reading.header, "as asked"
    if is_parquet(path):
        header, why = True, "a Parquet file names its columns"
    as_texts = set() if task == "regression" else set(_find_some(first, label or len(first)))
    kept = set(_find_some(first, reading.categorical))
    while True:
        held = cells.read(path, reading, as_texts, kept, limit)
        if len(held.first[1]) < 2:
            asked = f"with {reading.separator!r} between cells " if reading.separator else ""
            raise DataError(f"{path}: {asked}has one column, and needs two: an input and a label; "
                            "between cells is a comma, a semicolon, a tab, | or spaces",
                            line=held.first[0], remedy="separator")
        if header is None:
            header, why = heading.is_heading(held)
        start = int(header)
        if not header:
            held.put_first()
        if held.count - start < 2:
            raise DataError(f"{path}: has fewer than two rows besides a heading; give a table with "
                            "a row for each example", remedy="header")
        names = _names(path, held, header)
        at = _label_places(path, held, names, label)
        again = held.odd | {find_column(path, names, each, "column")
                            for each in reading.categorical}
        if task != "regression" and not set(at) <= as_texts | kept:
            as_texts |= set(at)
        elif again <= kept:
            kinds = {} if task is None else dict.fromkeys(
                at, "number" if task == "regression" else "category")
            found = columns.decide(held, names, start, reading, at, kinds)
            again = columns.doubtful(held, start, found)
            if again <= kept:
                return found, held, start, at, why
        kept |= again


def _find_some(first, wanted):
    """The places in the first row of the columns that are wanted, as far as it has them."""
    wanted = wanted if isinstance(wanted, list | tuple) else [wanted]
    for each in wanted:
        try:
            yield find_column("", first, each, None)
        except DataError:       # there may be no heading; it is found later
            continue


def _names(path, held, header):
    """The names of the columns; of those without one "column 1" and so on."""
    line, first = held.first
    names = [(header and cell) or f"column {j + 1}" for j, cell in enumerate(first)]
    seen = set()
    for name in names:
        if name in seen:
            raise DataError(f"{path}: two columns are named {name[:40]!r}; rename one", line=line,
                            column=name, remedy="header")
        seen.add(name)
    return names


def _label_places(path, held, names, label):
    """The places of the columns to predict."""
    if label is not None:
        given = label if isinstance(label, list | tuple) else [label]
        places = [find_column(path, names, each, "label") for each in given]
        return list(dict.fromkeys(places))          # one that is named twice is one
    filled = [j for j in range(len(names))
              if held.texts[j] and any(held.texts[j]) or held.texts[j] is None
              and not np.isnan(held.values[1:, j]).all()]
    return [filled[-1] if filled else len(names) - 1]
