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
from data.open_file import name_file

LIMIT = 2**30                   # bytes encoded, unless 8 times the file is more
MOST_CLASSES = 10_000
LONGEST_VALUE = 1000            # characters of a category
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)


class Table(NamedTuple):
    """A table as it was read.

    x           (N, D) float64 inputs and their columns, as table.encode makes them
    target      the name of the label's column
    numbers     (N,) float64, the labels as numbers; empty if one of them is none
    not_number  (line, cell) of the first label that is no number, or None
    texts       the different labels as text, in the order of the file; empty of too many
    codes       (N,) int64: texts[codes[i]] is the label of row i
    """

    x: np.ndarray
    columns: list
    target: str
    numbers: np.ndarray
    not_number: tuple | None
    texts: list
    codes: np.ndarray


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
    with name_file(path):
        names, heading, kinds, count = _read_kinds(path)
        at = _find_label(path, names, heading, label)
        inputs = [j for j in range(len(names)) if j != at]
        columns = [{"name": names[j], "kind": "category" if kinds[j].text else "number"}
                   for j in inputs]
        for j in inputs:
            if not (kinds[j].text or kinds[j].number):
                raise DataError(f"{path}: column {names[j]!r} holds nothing; leave it out",
                                column=names[j])
        labels = _read_values(path, heading, columns, inputs, at, names[at], kinds, count)
        x = _read_inputs(path, heading, columns, inputs, count)
    return Table(x, columns, names[at], *labels)


class Kind:
    """What the cells of a column have been: number, whether one was a number; text, the (line,
    cell) of the first that was neither a number nor empty, or None."""

    number, text = False, None


def _read_kinds(path):
    """The first pass: names, whether there is a heading, a Kind for each column, rows of data."""
    rows = csv_rows.read(path)
    line, first = next(rows, (0, []))
    if not first:
        raise DataError(f"{path}: is blank; give a table with a row for each example")
    if len(first) < 2:
        raise DataError(f"{path}: has one column, and needs two: an input and a label; "
                        "between cells is a comma, a semicolon or a tab", line=line)
    kinds, again, count = [Kind() for _ in first], [False for _ in first], 0
    for chunk in table.chunks(rows, table.CHUNK):
        count += len(chunk)
        for j, cells in enumerate(zip(*(row for _, row in chunk), strict=True)):
            again[j] = again[j] or first[j] in cells
            if kinds[j].text is None:
                values = table.numbers(cells)
                kinds[j].number |= any(value is not None and value == value for value in values)
                if None in values:
                    i = values.index(None)
                    kinds[j].text = chunk[i][0], cells[i]

    heading = count > 0 and _is_heading(first, kinds, again)
    if heading:
        _check_names(path, line, first)
        names = first
    else:
        names, count = [f"column {j + 1}" for j in range(len(first))], count + 1
        for kind, cell in zip(kinds, first, strict=True):
            value = table.number(cell)
            kind.number |= value is not None and value == value
            kind.text = (line, cell) if value is None else kind.text
    if count < 2:
        raise DataError(f"{path}: has fewer than two rows besides a heading; give a table with a "
                        "row for each example")
    return names, heading, kinds, count


def _is_heading(first, kinds, again):
    """Whether the first row is a heading; kinds, again: what is below it, and if first is there."""
    numeric = [j for j in range(len(first)) if kinds[j].number and kinds[j].text is None]
    if not numeric:
        return not any(again) and "" not in first and len(set(first)) == len(first)
    values = [table.number(cell) for cell in first]
    return (all(values[j] is None or math.isnan(values[j]) for j in numeric)
            and any(first[j] and values[j] is None for j in numeric))


def _check_names(path, line, names):
    """Raise DataError for a heading in which a name is missing or comes twice."""
    for j, name in enumerate(names):
        if not name:
            raise DataError(f"{path}: column {j + 1} has no name in the heading; name it, or leave "
                            "it out if it only numbers the rows", line=line)
        if name in names[:j]:
            raise DataError(f"{path}: two columns are named {name[:40]!r}; rename one", line=line,
                            column=name)


def _find_label(path, names, heading, label):
    """The place of the column to be predicted."""
    if label is None:
        return len(names) - 1
    if str(label) in names:
        return names.index(str(label))
    try:
        number = int(label)
    except ValueError as error:
        remedy = "name one of " + table.list_names(names) if heading else (
            "it has no heading: give the column's number")
        raise DataError(f"{path}: has no column {str(label)[:40]!r} to predict"
                        f"{table.closest(str(label), names)}; {remedy}", column=label) from error
    if not 1 <= abs(number) <= len(names):
        raise DataError(f"{path}: has no column {number} to predict; there are {len(names)}, "
                        "counted from 1, or from -1 at the end", column=label)
    return number - 1 if number > 0 else len(names) + number


def _read_rows(path, heading, count, wide=1):
    """The rows (line, cells) below the heading, if there is one, in lists as table.chunks.

    Raises DataError where they are not as many as they were in the first pass.
    """
    rows = itertools.islice(csv_rows.read(path), int(heading), None)
    for chunk in table.chunks(rows, table.CHUNK, wide):
        count -= len(chunk)
        if count < 0:
            break
        yield chunk
    if count:
        raise DataError(f"{path}: changed while it was read; try again when it is whole")


def _read_values(path, heading, columns, inputs, at, target, kinds, count):
    """The second pass: puts the values of the categories into columns, and gives the labels.

    -> numbers, not_number, texts and codes, as in Table
    """
    found = [(j, column, {}) for j, column in zip(inputs, columns, strict=True)
             if column["kind"] == "category"]
    texts, codes = {}, array.array("q")                 # texts is None if there are too many
    numbers, not_number = array.array("d"), None
    total = 0
    for chunk in _read_rows(path, heading, count):
        for j, column, values in found:
            total -= len(values)
            values.update(dict.fromkeys(row[j] for _, row in chunk))
            _check_length(path, column["name"], chunk, j)
            total += len(values)
            if len(values) > table.MOST_VALUES or total > csv_rows.MOST_CELLS:
                raise _values_error(path, column["name"], values, kinds[j])
        _check_length(path, target, chunk, at)
        for line, row in chunk:
            cell = row[at]
            if not cell or cell.lower() == "nan":
                raise DataError(f"{path}: line {line}, column {target[:40]!r}: the label is "
                                "missing; fill it in, or leave the line out", line=line,
                                column=target, cell=cell)
            if texts is not None:
                codes.append(texts.setdefault(cell, len(texts)))
                texts = texts if len(texts) <= MOST_CLASSES else None
            if not_number is None:
                value = table.number(cell)
                if value is None or not math.isfinite(value):
                    not_number, numbers = (line, cell), []
                else:
                    numbers.append(value)
    for _, column, values in found:
        _check_commas(path, column["name"], values)
        column["values"] = sorted(values)
    if texts is None:
        texts, codes = {}, []
    return np.array(numbers, np.float64), not_number, list(texts), np.array(codes, np.int64)


def _read_inputs(path, heading, columns, inputs, count):
    """The third pass: x (count, D), encoded."""
    width = table.width(columns)
    size, limit = 8 * count * width, max(LIMIT, 8 * Path(path).stat().st_size)
    if size > limit:
        raise DataError(f"{path}: {count} rows take {size} bytes with a 0 or 1 for each category, "
                        f"at most {limit} are set aside; leave out columns with many categories")
    x, place = np.empty((count, width)), 0
    for rows in _read_rows(path, heading, count, width):
        lines, cells = [line for line, _ in rows], [[row[j] for j in inputs] for _, row in rows]
        x[place : place + len(rows)] = table.encode(cells, columns, path, lines)
        place += len(rows)
    return x


def _check_length(path, name, rows, j):
    """Refuse categories that are long texts, of which a thousand would take much memory."""
    for line, row in rows:
        if len(row[j]) > LONGEST_VALUE:
            raise DataError(f"{path}: line {line}, column {name[:40]!r}: a category of "
                            f"{len(row[j])} characters, {row[j][:40]!r}..., more than "
                            f"{LONGEST_VALUE}; free text cannot be learned from, leave it out",
                            line=line, column=name, cell=row[j])


def _check_commas(path, name, values):
    """Refuse categories that would be numbers if their commas were points."""
    commas = [value for value in values if DECIMAL_COMMA.fullmatch(value)]
    if commas and all(value in commas or table.number(value) is not None for value in values):
        raise DataError(f"{path}: column {name[:40]!r} has decimal commas, as in "
                        f"{commas[0][:40]!r}; write them as points", column=name, cell=commas[0])


def _values_error(path, name, values, kind):
    """The error for a column with too many categories."""
    line, cell = kind.text
    message = (f"{path}: column {name[:40]!r} has more than {table.MOST_VALUES} different values"
               if len(values) > table.MOST_VALUES else
               f"{path}: its columns have more than {csv_rows.MOST_CELLS} different values in all")
    if kind.number:
        message += (f" and some are no numbers, the first in line {line}: {cell[:40]!r}; correct "
                    "them, leave them empty, or leave the column out")
    else:
        message += f", {cell[:40]!r} the first: probably an id; leave the column out"
    return DataError(message, line=line, column=name, cell=cell)
