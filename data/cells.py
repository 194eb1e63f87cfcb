"""The cells of a table as arrays: a column of numbers as it is, one of texts as codes.

A file of numbers takes no more memory than they do: blocks of lines are parsed by numpy.loadtxt
straight into one array. What that cannot read, such as quotes within cells, the csv module does.
"""

import array
import itertools
import math
import re
from typing import NamedTuple

import numpy as np

from data.errors import DataError
from data.forms import MISSING_NUMBER, number, numbers, values_that_are_missing
from data.rows import Rows

MOST_TEXTS = 2**21              # different ones, in all columns
MOST_CHARACTERS = 2**28         # in them
MANY = 10_000                   # different texts of a column, that are no classes
LIMIT = 2**30                   # bytes, unless 8 times the file is more
POWER = re.compile(r"\d+[Ee]\d+", re.ASCII)      # programs write 1E+05, or 1e5 for some alone
TOO_MANY = -1                   # the code of a text that was one too many


class Texts(dict):
    """{text: code} of a column: its different cells, numbered as they come."""

    def __init__(self, size):
        self.size = size        # [texts, characters] of all columns

    def __missing__(self, cell):
        text = cell.strip()
        if text not in self:
            if self.size[0] >= MOST_TEXTS or self.size[1] >= MOST_CHARACTERS:
                return TOO_MANY
            self.size[0] += 1
            self.size[1] += len(text)
            self[text] = len(self)
        return self[text]


class Numbers(dict):
    """{cell: number} of the words for missing; gives the number of any other cell."""

    def __missing__(self, cell):
        value = number(cell.strip(), self)
        if value is None:
            raise ValueError(cell)
        return value


class Lines(NamedTuple):
    """Where the rows of a table stand in its file, whose name is `name`: pieces, a list of (first
    row, their lines), in the numbers of Cells; start, which of these is row 0; and kept, the rows
    that are left of those from there on, an array, or None for all."""

    name: str
    pieces: list
    start: int
    kept: np.ndarray | None = None

    def line_of(self, row):
        """The number of the line of a row, from 0."""
        row = self.start + (row if self.kept is None else int(self.kept[row]))
        first, lines = next(pair for pair in reversed(self.pieces) if pair[0] <= row)
        return int(lines[row - first])


class Cells:
    """All cells of a table.

    first       (line, cells) of the first row, which may be a heading; it is row 0 of values too
    values      (1 + rows, columns) float64: numbers, NaN where one is missing, or codes of texts
    texts       for each column {text: code}, or None where it is of numbers
    odd         the columns of numbers in which a cell was none: they must be read again, as texts
    padded      the columns of numbers where one near the top has zeros in front, as codes have
    powers      those where all near the top are written as 1E5 is, which may be codes
    """

    def __init__(self, rows, as_texts, kept, words, limit):
        """Read all rows, a Rows. Columns at places as_texts, and those with a text near the top,
        are read as texts, if they are not numbers of very many values; those at kept whatever they
        are. words are more words for missing; limit the most bytes.

        Raises DataError as Rows does, and where values would be too large.
        """
        rows.match_heading()
        self.rows, self.first, self.limit = rows, rows.first, limit
        self.count, self.odd, self._lines = 1, set(), []
        self.padded, self.powers = set(), set()
        self.words = dict.fromkeys([*MISSING_NUMBER, *(word.lower() for word in words)], math.nan)
        self._blanks = sorted(values_that_are_missing(words))
        self.values = np.full((1, rows.width), math.nan)
        self._size = [0, 0]
        self.texts = [Texts(self._size) if j in as_texts | kept else None
                      for j in range(rows.width)]
        self._kept = set(kept)
        self._missing = set()                   # columns of numbers where some are
        chunks = rows.chunks()
        start = next(chunks, None)
        if start is not None:
            self._find_texts(start)
            for chunk in itertools.chain([start], chunks):
                self._add(chunk)
        self.values.resize((self.count, rows.width), refcheck=False)

    def _find_texts(self, chunk):
        """Make columns of texts of those that hold one in the first chunk."""
        cells = self.rows.parse(chunk)[1]
        for j, column in enumerate(zip(*cells, strict=True)):
            if self.texts[j] is None:
                values = numbers(column, self.words)
                if None in values:
                    self.texts[j] = Texts(self._size)
                    continue
                if any(map(math.isnan, values)):
                    self._missing.add(j)
                if any(cell[0] == "0" and (cell.isdecimal() or POWER.fullmatch(cell))
                       for cell in column if len(cell) > 1):
                    self.padded.add(j)
                filled = [cell for cell, value in zip(column, values, strict=True)
                          if not math.isnan(value)]
                if filled and all(map(POWER.fullmatch, filled)):
                    self.powers.add(j)

    def _add(self, chunk):
        """Add the rows of a chunk."""
        block = self._parse_fast(chunk) if chunk.texts is not None else None
        lines = chunk.lines
        if block is None:
            lines, block = self._parse(chunk)
        for j in range(block.shape[1]) if self._blanks else ():
            if self.texts[j] is None:
                self._blank(block[:, j])
        count = self.count + len(block)
        if count > len(self.values):
            self._grow(count)
        self.values[self.count : count] = block
        self._lines.append((self.count, lines if isinstance(lines, range) else
                            array.array("q", lines)))
        self.count = count
        for j, texts in enumerate(self.texts):
            if texts is not None and len(texts) > MANY and j not in self._kept:
                self._as_numbers(j)

    def _blank(self, values):
        """Make NaN of the numbers that stand for missing cells."""
        values[np.isin(values, self._blanks)] = math.nan

    def _grow(self, count):
        """Make room for so many rows, and a half more: memory is taken only where it is filled."""
        size = count + count // 2
        if 8 * count * self.rows.width > self.limit:
            raise DataError(f"{self.rows.name}: {count:,} rows of {self.rows.width:,} cells, and "
                            f"more, take more than {self.limit:,} bytes; use fewer rows, or save "
                            "arrays as .npy")
        try:
            self.values.resize((size, self.rows.width), refcheck=False)
        except MemoryError as error:
            raise DataError(f"{self.rows.name}: {count:,} rows do not fit into memory; use fewer"
                            ) from error

    def _parse_fast(self, chunk):
        """The values of a chunk of lines; None where that takes care, such as for an odd cell."""
        converters = {j: texts.__getitem__ for j, texts in enumerate(self.texts)
                      if texts is not None}
        read = Numbers(self.words).__getitem__
        converters |= dict.fromkeys(self._missing, read)
        separator = self.rows.separator if self.rows.separator != " " else None
        try:
            block = np.loadtxt(chunk.texts, delimiter=separator, comments=None, ndmin=2,
                               converters=converters, encoding=None,
                               quotechar=self.rows.quotes.sign)
        except ValueError:
            return None
        if block.shape != (len(chunk.texts), self.rows.width) or np.isinf(block).any():
            return None
        return block

    def _parse(self, chunk):
        """The lines of a chunk and the values of its rows, by the csv module."""
        lines, cells = self.rows.parse(chunk)
        block = np.empty((len(cells), self.rows.width))
        for j, column in enumerate(zip(*cells, strict=True)):
            if self.texts[j] is not None:
                block[:, j] = list(map(self.texts[j].__getitem__, column))
                continue
            values = numbers(column, self.words)
            if None in values:
                self.odd.add(j)
                block[:, j] = math.nan
                continue
            block[:, j] = values
            if np.isnan(block[:, j]).any():
                self._missing.add(j)
        return lines, block

    def _as_numbers(self, j):
        """Make a column of numbers of one of very many texts, if they are plain numbers."""
        values = numbers(list(self.texts[j]), self.words)
        self._kept.add(j)
        if None in values:
            return
        values, codes = np.array(values), self.values[: self.count, j]
        self._blank(values)
        codes[1:] = values[codes[1:].astype(np.int64)]
        self.texts[j] = None

    def put_first(self):
        """Make values of the first row too, which is no heading."""
        for j, cell in enumerate(self.first[1]):
            if self.texts[j] is not None:
                self.values[0, j] = self.texts[j][self.rows.as_written[j]]
                continue
            value = number(cell, self.words)
            if value is None:
                self.odd.add(j)
            else:
                self.values[0, j] = math.nan if value in self._blanks else value
        self._lines.insert(0, (0, range(self.first[0], self.first[0] + 1)))

    def drop(self, rows):
        """Take these rows out, an array of their numbers, which do not begin with 0."""
        lines = np.concatenate([np.asarray(lines) for _, lines in self._lines])
        self._lines = [(1, np.delete(lines, rows - 1))]
        self.values = np.delete(self.values[: self.count], rows, axis=0)
        self.count = len(self.values)

    def line_with(self, j, text, start):
        """The number of the line, from row start on, where a text first is in a column of texts."""
        return self.line_of(start + int((self.values[start:, j] == self.texts[j][text]).argmax()))

    def place(self, line):
        """How messages name a line."""
        return f"{self.rows.name}: line {line}"

    def line_of(self, row):
        """The number of the line of a row of values."""
        return self.lines(0).line_of(row)

    def lines(self, start, kept=None):
        """The Lines of the rows from start on, or of those of them that are kept."""
        return Lines(self.rows.name, self._lines, start, kept)


def read(source, reading, as_texts, kept, limit):
    """The Cells of a source; see there. One read again until no column of numbers holds a text."""
    kept = set(kept)
    while True:
        found = Cells(Rows(source, reading), as_texts, kept, reading.missing, limit)
        if not found.odd:
            return found
        kept |= found.odd
