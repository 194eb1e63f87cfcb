"""New tables for a saved model: columns by their names, labels by the names of the classes.

A model that was trained on arrays takes a table too: as many numbers a row, without a heading.
"""

import contextlib
import sys

import numpy as np

from data import csv_rows, table
from data.errors import DataError
from flatprop.runs.model_inputs import input_size, labels_of, prepare
from flatprop.runs.text import printable


def read_inputs(given, saved, rows, warn):
    """Chunks x (n, D) of the table at a path, or of standard input if it is -, prepared.

    The label's column may be there or not; warn(text) is called about others.
    """
    columns = columns_of(saved)

    def ignored(names):
        names = [printable(name, 24) for name in names if name != saved.preprocessing.target]
        if names and not is_counted(columns):       # else one is the label, under its right name
            more = f" and {len(names) - 10} more" if len(names) > 10 else ""
            warn(f"{where}: ignored, as the model was trained without: {', '.join(names[:10])}"
                 f"{more}")

    source, where = (given, given) if given != "-" else (standard_input(), "standard input")
    before = 0
    for cells in table.read_rows(source, columns, rows, ignored):
        yield prepare(table.encode(cells, columns), saved, where, before)
        before += len(cells)


def standard_input():
    """Standard input as a text stream that keeps line ends, as the csv module wants them."""
    if sys.stdin is None:
        raise DataError("standard input: there is none; name a file")
    sys.stdin.reconfigure(encoding="utf-8", newline="", errors="surrogateescape")
    return sys.stdin


def read_examples(path, saved, names, label, rows):
    """Pairs (x (n, D), y (n,) labels or (n, 1)) of a table with labels, prepared for the model."""
    outputs = saved.description["sizes"][-1]
    if names is None and outputs != 1:
        raise DataError(f"{path}: a table has one label a row, and the network has {outputs} "
                        "outputs; give a .npz with x and y")
    inputs, target, place = columns_and_label(path, saved, label)
    kind = "number" if names is None else "category"
    columns = [*inputs[:place], {"name": target, "kind": kind, "values": []}, *inputs[place:]]
    before = 0
    for cells in table.read_rows(path, columns, rows):
        labels = [row.pop(place) for row in cells]
        x = prepare(table.encode(cells, inputs), saved, path, before)
        if names is None:
            y = targets(labels, path, before).astype(saved.model.theta.dtype)
        else:
            y = labels_of(labels, names, path, before)
        yield x, y
        before += len(cells)


def columns_and_label(path, saved, label):
    """For a labelled table: the input columns, the name of the label's column, and its place.

    The place counts in a table without a heading: it is the last, unless label is a number.
    """
    columns, target = columns_of(saved), label or saved.preprocessing.target or "label"
    if saved.preprocessing.columns is not None:
        check_label(path, target, [column["name"] for column in columns])
    number = None
    with contextlib.suppress(TypeError, ValueError):        # it may be a name, or None
        number = int(label)
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
        places = [int(name.split()[1]) for name in (target, *(each["name"] for each in columns))]
        return columns, target, sum(place < places[0] for place in places)
    return columns, target, len(columns) if number is None else min(number - 1, len(columns))


def check_label(path, label, names):
    """Refuse a label that the heading of a table has not, if it has one. Raises DataError."""
    first = next(csv_rows.read(path, names), (0, []))[1]
    if {*names} <= {*first} and label not in first and not label.lstrip("+-").isdecimal():
        raise DataError(f"{path}: has no column {label[:40]!r} to compare with"
                        f"{table.closest(label, first)}; --label names the one that holds the "
                        "labels, and flatprop predict needs none")


def columns_of(saved):
    """The columns of a model's inputs; of one that was trained on arrays, a number for each."""
    if saved.preprocessing.columns is not None:
        return saved.preprocessing.columns
    return [{"name": f"input {i + 1}", "kind": "number"} for i in range(input_size(saved))]


def is_counted(columns):
    """Whether the columns are named as those of a table without a heading are: column 1, ..."""
    return all(table.NUMBERED.fullmatch(column["name"]) for column in columns)


def targets(cells, path, before):
    """Targets (n, 1) float64 of cells that hold numbers. Raises DataError where one is empty."""
    values = np.array(table.numbers(cells), np.float64)
    if np.isnan(values).any():
        row = before + int(np.isnan(values).argmax()) + 1
        raise DataError(f"{path}: row {row:,}: the label is missing; fill it in, or leave the row "
                        "out")
    return values[:, None]
