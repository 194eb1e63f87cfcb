"""Tables for a saved model: columns by their names, labels by the names of the classes.

A model that was trained on arrays takes a table too: as many numbers a row, without a heading.
"""

import math
import sys

import numpy as np

from data import csv_rows, table
from data.errors import DataError
from flatprop.cli.errors import UsageError
from flatprop.cli.score_tables import printable as plain
from flatprop.runs import prepared


def check_columns(columns, wanted, path):
    """Refuse columns of a model.json that are damaged or do not make `wanted` inputs."""
    try:
        for column in columns:
            values = column.get("values", [])
            if not (isinstance(column["name"], str) and column["kind"] in ("number", "category")
                    and isinstance(values, list) and all(isinstance(one, str) for one in values)
                    and len(set(values)) == len(values)):
                raise ValueError(f"the column {str(column)[:100]}")
        if table.width(columns) != wanted:
            raise ValueError(f"columns of {table.width(columns)} inputs, and the network has "
                             f"{wanted}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"{path}: damaged description of the columns: {reason}") from error


def unlabelled(given, saved, rows, warn):
    """Chunks x (n, D) of the table at a path, or of standard input if it is -, ready for the model.

    The label's column may be there or not; warn(text) is told of other columns that are ignored.
    """
    columns = columns_of(saved)

    def ignored(names):
        names = [plain(name) for name in names if name != saved.preprocessing.target]
        if names and not is_counted(columns):       # else one is the label, under its right name
            more = f" and {len(names) - 10} more" if len(names) > 10 else ""
            warn(f"{where}: ignored, as the model was trained without: {', '.join(names[:10])}"
                 f"{more}")

    source, where = (given, given) if given != "-" else (standard_input(), "standard input")
    before = 0
    for cells in table.read_rows(source, columns, rows, ignored):
        yield prepared.ready(table.encode(cells, columns), saved, where, before)
        before += len(cells)


def standard_input():
    """Standard input as a text stream that keeps line ends, as the csv module wants them."""
    if sys.stdin is None:
        raise UsageError("INPUT -: there is no standard input; name a file")
    sys.stdin.reconfigure(encoding="utf-8", newline="", errors="surrogateescape")
    return sys.stdin


def labelled(path, saved, names, label, rows):
    """Pairs (x (n, D), y (n,) labels or (n, 1)) of a table with labels, ready for the model."""
    if names is None and saved.description["sizes"][-1] != 1:
        raise DataError(f"{path}: a table has one label a row, and the network has "
                        f"{saved.description['sizes'][-1]} outputs; give a .npz with x and y")
    kind = "number" if names is None else "category"
    inputs, target, place = with_label(path, saved, label)
    columns = list(inputs)
    columns.insert(place, {"name": target, "kind": kind, "values": []})
    before = 0
    for cells in table.read_rows(path, columns, rows):
        labels = [row.pop(place) for row in cells]
        x = prepared.ready(table.encode(cells, inputs), saved, path, before)
        if names is None:
            y = targets(labels, path, before).astype(saved.model.theta.dtype)
        else:
            y = prepared.labels_of(labels, names, path, before)
        yield x, y
        before += len(cells)


def with_label(path, saved, label):
    """The input columns of a labelled table, the name of its label's column, and its place among
    them where they are not named: after them, unless label is a number."""
    columns, target = columns_of(saved), label or saved.preprocessing.target or "label"
    number = as_number(label)
    if number is not None:
        names = [column["name"] for column in columns]
        first = next(csv_rows.read(path, names), (0, []))[1]
        if not 1 <= abs(number) <= len(first):
            raise DataError(f"{path}: has no column {number}; there are {len(first)}, counted from "
                            "1, or from -1 at the end")
        number = number if number > 0 else len(first) + 1 + number
        named = set(names).issubset(first) and label not in first
        target = first[number - 1] if named else f"column {number}"
    if is_counted(columns) and table.NUMBERED.fullmatch(target):
        return columns, target, sum(place_of(column["name"]) < place_of(target)
                                    for column in columns)
    return columns, target, len(columns) if number is None else min(number - 1, len(columns))


def columns_of(saved):
    """The columns of a model's inputs; of one that was trained on arrays, so many of numbers."""
    if saved.preprocessing.columns is not None:
        return saved.preprocessing.columns
    return [{"name": f"input {i + 1}", "kind": "number"} for i in range(prepared.input_size(saved))]


def as_number(label):
    """The number that --label gives, or None if it is none or a name."""
    try:
        return None if label is None else int(label)
    except ValueError:
        return None


def is_counted(columns):
    """Whether columns have the names that those of a table without a heading get: column 1, ..."""
    return all(table.NUMBERED.fullmatch(column["name"]) for column in columns)


def place_of(name):
    """The number in the name of a counted column."""
    return int(name.split()[1])


def targets(cells, path, before):
    """Targets (n, 1) float64 of cells that hold numbers. Raises DataError where one is empty."""
    values = np.array(table.numbers(cells), np.float64)
    for row, value in enumerate(values.tolist()):
        if math.isnan(value):
            raise DataError(f"{path}: row {before + row + 1:,}: the label is missing; fill it in, "
                            "or leave the row out")
    return values[:, None]
