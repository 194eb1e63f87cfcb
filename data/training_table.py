"""A table to train on: what its columns are is found out from the cells, then they are encoded.

The file is read three times, so that of its text only a few rows are in memory at once: for the
kinds of the columns, for the values of the categories and the labels, and to encode.
"""

import array
import itertools
import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import csv_rows, table
from data.errors import DataError

LIMIT = 2**30                   # bytes encoded, unless 8 times the file is more
MOST_CLASSES = 10_000
LONGEST_VALUE = 1000            # characters of a category
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)


class Table(NamedTuple):
    """x (N, D) float64 and columns, as table.encode makes them; target, the label column's name;
    the labels as numbers (N,), [] if one of them is not, the first such as the words "line 7:
    'red'" in not_number; as texts, of which codes (N,) int64 are the places, [] of too many."""

    x: np.ndarray
    columns: list
    target: str
    numbers: np.ndarray
    not_number: str
    texts: list
    codes: np.ndarray


class Seen:
    """What the cells of one column have been: whether a number, and the first that was none."""

    def __init__(self):
        self.number, self.text = False, None

    def add(self, lines, cells):
        """Look at cells (str) of these lines."""
        values = table.numbers(cells)
        self.number = self.number or any(value is not None and value == value for value in values)
        if self.text is None and None in values:
            i = values.index(None)
            self.text = lines[i], cells[i]


def read(path, label=None):
    """Read a table whose column `label` is to be predicted from the others: a Table.

    label is the column's name, or its number, from 1, or from -1 at the end; None is the last.
    The first row is a heading if some column holds nothing but numbers below it, and no such column
    holds one in it; in a table of text alone, if none of its cells comes again in its column.
    Columns of a table without heading are called "column 1" and so on.

    Raises DataError as csv_rows.read does; where there is no such label, no second column or no
    second row; where two columns have one name, or a column no name, no cells that are filled, or
    more than 1000 categories; where a label is missing; and where x would take enormous memory.
    """
    names, heading, seen, count = _kinds(path)
    at = _label_place(path, names, heading, label)
    inputs = [j for j in range(len(names)) if j != at]
    columns = [{"name": names[j], "kind": "category" if seen[j].text else "number"} for j in inputs]
    for j in inputs:
        if not (seen[j].text or seen[j].number):
            raise DataError(f"{path}: column {names[j]!r} holds nothing; leave it out")
    labels = _values(path, heading, columns, inputs, at, names[at], seen)

    size, limit = 8 * count * table.width(columns), max(LIMIT, 8 * Path(path).stat().st_size)
    if size > limit:
        raise DataError(f"{path}: {count} rows take {size} bytes with a 0 or 1 for each category, "
                        f"at most {limit} are set aside; leave out columns with many categories")
    x, place = np.empty((count, table.width(columns))), 0
    for rows in table.chunks(_body(path, heading), table.CHUNK, x.shape[1]):
        cells = [[row[j] for j in inputs] for _, row in rows]
        _check_finite(path, rows, cells, columns)
        if place + len(rows) > count:
            break
        x[place : place + len(rows)] = table.encode(cells, columns)
        place += len(rows)
    if place != count or any(len(of) not in (0, count) for of in (labels[0], labels[3])):
        raise DataError(f"{path}: changed while it was read; try again when it is whole")
    return Table(x, columns, names[at], *labels)


def _body(path, heading):
    """The rows below the heading, if there is one."""
    return itertools.islice(csv_rows.read(path), int(heading), None)


def _kinds(path):
    """The first pass: names, whether there is a heading, a Seen for each column, rows of data."""
    rows = csv_rows.read(path)
    line, first = next(rows, (0, []))
    if not first:
        raise DataError(f"{path}: is blank; give a table with a row for each example")
    if len(first) < 2:
        raise DataError(f"{path}: has {len(first)} columns, and needs two: an input and a label; "
                        "between cells is a comma, a semicolon or a tab")
    seen, again = [Seen() for _ in first], [False for _ in first]
    count = 0
    for chunk in table.chunks(rows, table.CHUNK):
        count += len(chunk)
        lines = [number for number, _ in chunk]
        for j, cells in enumerate(zip(*(row for _, row in chunk), strict=True)):
            again[j] = again[j] or first[j] in cells
            if seen[j].text is None:
                seen[j].add(lines, cells)

    numeric = [j for j in range(len(first)) if seen[j].number and seen[j].text is None]
    values = [table.number(cell) for cell in first]
    if numeric:
        heading = (all(values[j] is None or math.isnan(values[j]) for j in numeric)
                   and any(first[j] and values[j] is None for j in numeric))
    else:
        heading = not any(again) and "" not in first and len(set(first)) == len(first) and count > 0
    if not heading:
        for column, cell in zip(seen, first, strict=True):
            before = column.text
            column.text = None
            column.add([line], [cell])
            column.text = column.text or before
        return [f"column {j + 1}" for j in range(len(first))], False, seen, _enough(path, count + 1)
    for j, name in enumerate(first):
        if not name:
            raise DataError(f"{path}: column {j + 1} has no name in the heading; name it, or leave "
                            "it out if it only numbers the rows")
        if name in first[:j]:
            raise DataError(f"{path}: two columns are named {name[:40]!r}; rename one")
    return first, True, seen, _enough(path, count)


def _enough(path, count):
    """The number of rows, if there are two."""
    if count < 2:
        raise DataError(f"{path}: has fewer than two rows besides a heading; give a table with a "
                        "row for each example")
    return count


def _label_place(path, names, heading, label):
    """The place of the column to be predicted."""
    if label is None:
        return len(names) - 1
    if str(label) in names:
        return names.index(str(label))
    try:
        number = int(label)
    except ValueError:
        number = None
    if number is None:
        remedy = "name one of " + table.listed(names) if heading else (
            "it has no heading: give the column's number")
        raise DataError(f"{path}: has no column {str(label)[:40]!r} to predict"
                        f"{table.closest(str(label), names)}; {remedy}")
    if not 1 <= abs(number) <= len(names):
        raise DataError(f"{path}: has no column {number} to predict; there are {len(names)}, "
                        "counted from 1, or from -1 at the end")
    return number - 1 if number > 0 else len(names) + number


def _values(path, heading, columns, inputs, at, target, seen):
    """The second pass: puts the values of the categories into columns, and gives the labels."""
    found = [(j, column, {}) for j, column in zip(inputs, columns, strict=True)
             if column["kind"] == "category"]
    texts, codes, numbers, not_number = {}, array.array("q"), array.array("d"), ""
    total = 0
    for chunk in table.chunks(_body(path, heading), table.CHUNK):
        for j, column, values in found:
            total -= len(values)
            values.update(dict.fromkeys(row[j] for _, row in chunk))
            _check_length(path, column["name"], chunk, j)
            total += len(values)
            if len(values) > table.MOST_VALUES or total > csv_rows.MOST_CELLS:
                raise _too_many(path, column["name"], values, seen[j])
        _check_length(path, target, chunk, at)
        for line, row in chunk:
            cell = row[at]
            if not cell or cell.lower() == "nan":
                raise DataError(f"{path}: line {line}, column {target[:40]!r}: the label is "
                                "missing; fill it in, or leave the line out")
            if texts is not None:
                codes.append(texts.setdefault(cell, len(texts)))
                texts = texts if len(texts) <= MOST_CLASSES else None
            if not not_number:
                value = table.number(cell)
                if value is None or not math.isfinite(value):
                    not_number = f"line {line}: {cell[:40]!r}"
                else:
                    numbers.append(value)
    for _, column, values in found:
        if all(DECIMAL_COMMA.fullmatch(value) or table.number(value) is not None
               for value in values):
            example = next(value for value in values if DECIMAL_COMMA.fullmatch(value))
            raise DataError(f"{path}: column {column['name'][:40]!r} has decimal commas, as in "
                            f"{example[:40]!r}; write them as points")
        column["values"] = sorted(values)
    if texts is None:
        texts, codes = {}, []
    return ([] if not_number else np.array(numbers), not_number, list(texts),
            np.array(codes, np.int64))


def _check_length(path, name, rows, j):
    """Refuse categories that are long texts, of which a thousand would take much memory."""
    for line, row in rows:
        if len(row[j]) > LONGEST_VALUE:
            raise DataError(f"{path}: line {line}, column {name[:40]!r}: a category of "
                            f"{len(row[j])} characters, {row[j][:40]!r}..., more than "
                            f"{LONGEST_VALUE}; free text cannot be learned from, leave it out")


def _too_many(path, name, values, seen):
    """The error for a column with too many categories."""
    line, cell = seen.text
    message = (f"{path}: column {name[:40]!r} has more than {table.MOST_VALUES} different values"
               if len(values) > table.MOST_VALUES else
               f"{path}: its columns have more than {csv_rows.MOST_CELLS} different values in all")
    if seen.number:
        return DataError(f"{message} and some are no numbers, the first in line {line}: "
                         f"{cell[:40]!r}; correct them, leave them empty, or leave the column out")
    return DataError(f"{message}, {cell[:40]!r} the first: probably an id; leave the column out")


def _check_finite(path, rows, cells, columns):
    """Refuse infinite numbers, with their line."""
    for j, column in enumerate(columns):
        if column["kind"] == "number":
            values = np.array(table.numbers([row[j] for row in cells]))
            if np.isinf(values).any():
                i = int(np.flatnonzero(np.isinf(values))[0])
                raise table.no_number(f"{path}: line {rows[i][0]}", column["name"], cells[i][j])
