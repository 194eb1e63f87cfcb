"""Tables: columns of numbers and of categories, read from CSV and encoded as numbers.

A column in which every cell is a number, but for empty ones, is of numbers; every other one is of
categories, and becomes one 0 or 1 for each of its values. `columns` is a list of dicts as in
Preprocessing.

    for rows in table.read_rows("new.csv", columns):
        x = table.encode(rows, columns)
"""

import difflib
import itertools
import math
import re

import numpy as np

from data import csv_rows
from data.errors import DataError
from data.open_file import name_file

EMPTY = frozenset(["", "na", "n/a", "nan", "null", "none", "?"])    # in a column of numbers
MOST_VALUES = 1000              # of one column of categories
CHUNK = 1024                    # rows at a time,
CHUNK_SIZE = 2**25              # but not more than take about so many bytes,
CHUNK_NUMBERS = 2**22           # or become so many numbers
NUMBERED = re.compile(r"column \d+")


def number(cell):
    """The number a cell (str) holds, NaN where it is empty, or None where it holds no number.

    Empty are "", NA, N/A, NaN, null, none and ?, in any case. 1_000 is no number here.
    """
    try:
        value = float(cell)
    except ValueError:
        return math.nan if cell.lower() in EMPTY else None
    return None if "_" in cell else value


def numbers(cells):
    """number of each of the cells (str), as a list; faster."""
    try:
        if "_" not in "".join(cells):
            return list(map(float, cells))
    except ValueError:
        pass
    return [number(cell) for cell in cells]


def finite_numbers(cells, name, path, lines):
    """numbers of the cells of a column, (N,) float64. Raises DataError where one is not finite.

    lines are those of the cells in the file at path, or None: then they are counted as rows.
    """
    values = numbers(cells)
    if None not in values:
        array = np.array(values)
        if not np.isinf(array).any():
            return array
    i = next(i for i, value in enumerate(values) if value is None or math.isinf(value))
    line = lines[i] if lines else None
    where = f"{path}: line {line}" if lines else f"row {i + 1}"
    problem = "is no number" if values[i] is None else "is not finite"
    raise DataError(f"{where}, column {name[:40]!r}: {cells[i][:40]!r} {problem}; correct it, or "
                    "leave the cell empty", line=line, column=name, cell=cells[i])


def width(columns):
    """How many numbers a row becomes."""
    return sum(1 if column["kind"] == "number" else len(column["values"]) for column in columns)


def encode(rows, columns, path="", lines=None):
    """rows, lists of one cell (str) for each column -> (N, width(columns)) float64.

    An empty cell of numbers becomes NaN; a category that is none of the column's values, zeros.
    Raises DataError where a cell is no finite number though its column is of numbers: path and
    lines, one for each row, say where they come from. Rows that read_rows gave hold none.
    """
    x = np.zeros((len(rows), width(columns)))
    place = 0
    for column, cells in zip(columns, zip(*rows, strict=True), strict=bool(rows)):
        if column["kind"] == "number":
            x[:, place] = finite_numbers(cells, column["name"], path, lines)
            place += 1
            continue
        at = {value: i for i, value in enumerate(column["values"])}
        hits = [(i, at[cell]) for i, cell in enumerate(cells) if cell in at]
        if hits:
            i, j = np.array(hits).T
            x[i, place + j] = 1
        place += len(at)
    return x


def read_rows(source, columns, chunk=CHUNK, ignored=None):
    """Yield the rows of a table, at most `chunk` at a time: lists of rows, a cell for each column.

    source is a path, or a text stream, of which no more is read than is asked for: memory stays
    flat. If the first row holds the names of all columns, it is a heading, and columns are picked
    by name, in any order; others are left out, and ignored(names), if given, is told of them.
    Without a heading there must be as many cells as columns, in their order; a table that was
    trained on without one may have its label's column, too, which is left out.
    To read labels as well, add {"name": target, "kind": "category", "values": []} to the columns.

    Raises DataError, with line and column, as csv_rows.read does; where columns are missing; and
    where a cell is no finite number though its column is of numbers.
    """
    path, names = csv_rows.name_of(source), [column["name"] for column in columns]
    numeric = [j for j, column in enumerate(columns) if column["kind"] == "number"]
    table = csv_rows.read(source, names)
    with name_file(path):
        first = next(table, None)
        if first is None:
            raise DataError(f"{path}: is empty; give a table with a row for each example")
        heading, picked = _pick_columns(path, first[1], names, numeric)
        if heading and ignored is not None and len(first[1]) > len(picked):
            ignored([cell for j, cell in enumerate(first[1]) if j not in set(picked)])
        body = table if heading else itertools.chain([first], table)
        for rows in chunks(body, chunk, width(columns)):
            lines, cells = [line for line, _ in rows], [[row[j] for j in picked] for _, row in rows]
            for j in numeric:
                finite_numbers([row[j] for row in cells], names[j], path, lines)
            yield cells


def chunks(rows, most, wide=1):
    """Lists of up to `most` rows (line, cells), fewer where they are large or become wide."""
    chunk, size, most = [], 0, max(1, min(most, CHUNK_NUMBERS // max(1, wide)))
    for row in rows:
        chunk.append(row)
        size += 64 * len(row[1]) + sum(map(len, row[1]))
        if len(chunk) == most or size > CHUNK_SIZE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _pick_columns(path, first, names, numeric):
    """Whether the first row is a heading, and the place of each named column in a row."""
    missing = [name for name in names if name not in first]
    if not missing:
        for name in names:
            if first.count(name) > 1:
                raise DataError(f"{path}: has two columns named {name!r}; rename one", line=1,
                                column=name)
        return True, [first.index(name) for name in names]
    numbered = all(NUMBERED.fullmatch(name) for name in names)          # there was no heading then
    picked = list(range(len(names)))
    if numbered and len(first) > len(names):
        picked = [int(name.split()[1]) - 1 for name in names]
    fits = len(first) == len(names) or (numbered and max(picked) < len(first))
    words = [j for j in numeric if number(first[picked[j]]) is None] if fits else []
    if fits and not words and len(missing) == len(names):
        return False, picked
    if fits and numbered and words == numeric:
        return True, picked
    if len(missing) < len(names):
        raise DataError(f"{path}: line 1 names no column {missing[0]!r}"
                        f"{closest(missing[0], first)}; the model needs {list_names(names)}",
                        line=1, column=missing[0])
    if not fits:
        count = "one column" if len(first) == 1 else f"{len(first)} columns"
        raise DataError(f"{path}: has {count}, and line 1 does not name them; give the "
                        f"{len(names)} of the model in their order, or name them: "
                        f"{list_names(names)}", line=1)
    name, cell = names[words[0]], first[picked[words[0]]]
    raise DataError(f"{path}: line 1: {cell[:40]!r} is no number, which column {name!r} needs; a "
                    f"heading must name {list_names(names)}", line=1, column=name, cell=cell)


def closest(name, names):
    """' (is it X?)', if one of the names looks like this one, else ''."""
    matches = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f" (is it {matches[0]!r}?)" if matches else ""


def list_names(names):
    """Names as text of bounded length."""
    text = ", ".join(name[:40] for name in names[:10])
    return text + (f" and {len(names) - 10} more" if len(names) > 10 else "")
