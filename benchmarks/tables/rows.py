"""The tables of a list, cell by cell, and the rows of each that flatprop tests on.

Cells are read here by themselves, with the csv module and what the list says, so that a mistake of
flatprop's reader would not be shared by those it is compared with. The rows are flatprop's own.
"""

import csv
import functools
import hashlib
import tomllib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import prepare
from flatprop.cli import command_line, reading
from flatprop.training import build

MISSING = {"", "?", "NA"}


class Table(NamedTuple):
    """What a list says of a table.

    label      a column's name, or its number from 1; both as flatprop takes it
    task       "classification" or "regression"
    heading    whether line 1 holds names
    separator  what stands between cells
    row_names  whether column 1 only counts the rows, as R writes it
    """

    path: Path
    label: str
    task: str
    heading: bool
    separator: str
    row_names: bool

    @property
    def name(self):
        return self.path.stem


class Cells(NamedTuple):
    """The rows of a table that have a label, in the order of the file.

    columns  the inputs, each a list of text
    labels   a list of text
    lines    of the file, as bytes with their ends
    heading  line 1 if it holds names, else b""
    """

    columns: list
    labels: list
    lines: list
    heading: bytes


def read_list(path, folder):
    """The Tables of a list, a TOML file, whose files lie in a folder."""
    tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))["table"]
    return [Table(Path(folder).resolve() / one["file"], one["label"], one["task"], one["heading"],
                  one.get("separator", ","), one.get("row_names", False)) for one in tables]


@functools.cache
def read_cells(table):
    """The Cells of a Table. Raises ValueError if a row takes several lines or is too short."""
    lines = table.path.read_bytes().splitlines(keepends=True)
    rows = list(csv.reader((line.decode("utf-8") for line in lines), delimiter=table.separator))
    if len(rows) != len(lines) or any(row and len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"{table.path}: some rows take several lines, or differ in length")
    names, heading = [], b""
    if table.heading:
        names, heading = rows.pop(0), lines.pop(0)
    cells = [[cell.strip() for cell in row] for row in rows]
    place = names.index(table.label) if table.heading else int(table.label) - 1
    kept = [i for i, row in enumerate(cells) if row and row[place] not in MISSING]
    columns = [list(column) for column in zip(*(cells[i] for i in kept), strict=True)]
    labels = columns.pop(place)
    return Cells(columns[table.row_names:], labels, [lines[i] for i in kept], heading)


def options(table, seed):
    """What flatprop train is told of a table: nothing but its label, its task and the seed."""
    return ["--data", str(table.path), "--label", table.label, "--task", table.task,
            "--seed", str(seed)]


def test_rows(table, seed):
    """Which rows of read_cells flatprop tests on with this seed, in order: an array of indices.

    It is asked for its own split, so that it is not made twice. Raises ValueError if it has other
    rows or labels than read_cells.
    """
    raw, args, rng = _read(table, seed)
    if not _same_labels(read_cells(table).labels, raw):
        raise ValueError(f"{table.path}: flatprop reads other rows or labels")
    build.settle_folds(args, raw)
    *_, test = prepare.split_rows(raw, args.val, args.test, rng, args.folds, fold=1)
    return np.sort(test)        # the test part is the same for all folds


def _read(table, seed):
    """The table as flatprop has it before the split, its options, and the split's generator."""
    args = command_line.parse(options(table, seed))
    rng, _, _ = np.random.default_rng(seed).spawn(3)
    return _read_once(table), args, rng


@functools.cache
def _read_once(table):
    """The table as flatprop reads it, which no seed changes."""
    return reading.read(command_line.parse(options(table, 0)), None)


def _same_labels(labels, raw):
    if raw.classes is None:
        return np.array_equal(np.array(labels, dtype=float), raw.y[:, 0])
    return labels == [raw.classes[label] for label in raw.y]


def mark_of(indices):
    """A short text that differs where the rows differ."""
    return hashlib.sha256(np.asarray(indices, dtype="<i8").tobytes()).hexdigest()[:16]
