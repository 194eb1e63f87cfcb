"""Rows of a text table, one after the other: what is between cells, comments, quotes, line ends.

Between cells is a comma, a semicolon, a tab, a vertical bar, or spaces; it is found out from the
first lines, or said by Excel's first line `sep=;`. Cells may be in quotes, as data.quotes has it;
titles above the table are left out. Source: RFC 4180, "Common Format and MIME Type for CSV Files"
(Shafranovich 2005), read by Python's csv module.
"""

import contextlib
import csv
import itertools
import re
from typing import NamedTuple

from data import foreign_files, quotes, text_file
from data.errors import DataError
from data.names import different, holds

SEPARATORS = "\t;,| "           # in this order where several would do
SHOWN = {"\t": "a tab", " ": "spaces", ",": "a comma", ";": "a semicolon", "|": "|"}
MOST_CELLS = 100_000            # in a row
MOST_LINES = 10_000             # in a row
SAMPLE = 100                    # lines that the separator is found out from
TITLES = 20                     # lines above a table, at most
FEWEST = 4                      # lines, by which it is found out where the table begins
EXCEL = re.compile(r"sep=(.)", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


class Chunk(NamedTuple):
    """Rows that stand one after the other: lines, the number of each one's first line; and either
    texts, the rows as they are, where each is a line, with quotes around whole cells at most; or
    cells, a list for each row."""

    lines: range | list
    texts: list | None
    cells: list | None

    def cut(self, most):
        """Yield Chunks of at most so many of its rows."""
        for start in range(0, len(self.lines), most):
            piece = slice(start, start + most)
            yield Chunk(self.lines[piece], self.texts and self.texts[piece],
                        self.cells and self.cells[piece])


class Rows:
    """The rows of a source.

    name       what messages call the source
    separator  what is between cells
    comments   how many comment lines have been left out so far, and blank, blank lines
    titles     the lines above the table, which are no rows of it
    quotes     a data.quotes.Quotes, how quotes are written
    first      (line, cells) of the first row, without the line breaks in them
    as_written the cells of the first row as they are
    width      cells in a row
    unnamed    how many empty names match_heading put before the first row
    chunks()   yields the other rows, as Chunks; no more is read of a stream than is asked for
    parse(chunk)    the cells of a Chunk, a list of str for each row
    """

    def __init__(self, source, reading, names=None, more=()):
        """names, where they are known, are the columns wanted: line 1 decides the separator. more
        are others that are wanted, each by its name or its number."""
        self.name = text_file.name_of(source)
        self.comments = self.blank = self.unnamed = 0
        wanted = None if names is None else [*names, *more]
        self._blocks = text_file.read(source, reading.encoding, reading.ignore, wanted)
        self._lines, self._place, self._number, self._block = [], 0, 0, ""
        self._blank_end = 0             # blank lines at the end of the block before
        sample = self._start()
        start = self._number + 1
        self.quotes = quotes.find(sample)
        self.separator = reading.separator or self._said or (
            "," if text_file.is_parquet(source) else self._find_separator(sample, names))
        self.titles = self._skip_titles(sample, names)
        first = next(self._careful(), None)
        if first is None:
            raise DataError(f"{self.name}: is blank; give a table with a row for each example")
        # A name may be written on several lines; a cell of data is kept as it is.
        self.first = first[0], [quotes.on_one_line(cell) for cell in first[1]]
        self.as_written, self.width = first[1], len(first[1])
        if self.width > MOST_CELLS:
            raise self._too_wide(*first)
        foreign = foreign_files.remedy_of_lines(sample)
        if foreign:
            line, problem = start + foreign[0], foreign[1]
            raise DataError(f"{self.name}: line {line} {problem}", line=line)

    def _start(self):
        """Read the first lines, and leave out comments and sep=. -> the lines of a sample"""
        self._said = self.width = None
        while self._fetch():
            while self._place < len(self._lines):
                line = self._lines[self._place]
                said = EXCEL.fullmatch(line.strip())
                if said and self._number == 0:
                    self._said = said[1]
                elif line.strip() and (not line.startswith("#") or self._all_comments()):
                    filled = [text for text in self._lines[self._place :] if text.strip()]
                    # More of a file, or of what has arrived, never waiting for a stream.
                    return filled[:SAMPLE]
                else:
                    self.comments += line.startswith("#")
                self._place, self._number = self._place + 1, self._number + 1
        return []

    def _find_separator(self, sample, names):
        """What is between cells; of several that would do with names, what line 1 says."""
        for i in range(len(sample[:TITLES])) if names else ():      # there may be titles above it
            for separator in SEPARATORS:
                cells = next(self.quotes.rows_of(sample[i:], separator))[1]
                if len(cells) > 1 and holds({*cells, *different(cells)}, names):
                    return separator
        if names is None or len(sample) >= FEWEST:
            return find_separator(sample, self.quotes)
        return find_separator(sample[:1], self.quotes, names)

    def _skip_titles(self, sample, names):
        """Pass over the lines above the table. -> those lines

        They have one cell, or two above a heading of more than three, and what follows has as many
        as most lines; or they are above a line that holds all of names.
        """
        counted = list(self.quotes.rows_of(sample, self.separator))
        rows = [cells for _, cells in counted]
        above = None if names is None else next(
            (i for i, cells in enumerate(rows[:TITLES])
             if holds({*cells, *different(cells)}, names)), None)
        above = count_titles(rows) if above is None else above
        above = sum(count for count, _ in counted[:above])          # lines
        titles = []
        while len(titles) < above:
            line = self._lines[self._place]
            titles += [line] if line.strip() else []
            self._place, self._number = self._place + 1, self._number + 1
        return titles

    def _all_comments(self):
        """Whether all of a block's lines begin with #, as cells such as #1 may."""
        return all(line.startswith("#") for line in self._lines if line)

    def _fetch(self):
        """Take the next block that has a line which is not blank; whether there is one."""
        for block in self._blocks:
            self._block, self._number = block, self._number + self._blank_end
            self.blank += self._blank_end if self.width is not None else 0
            self._lines, self._place = block.removesuffix("\n").split("\n"), 0
            self._blank_end = 0
            while self._lines and not self._lines[-1].strip(" "):
                self._lines.pop()           # nobody should wait for what follows these
                self._blank_end += 1
            if self._lines:
                return True
        return False

    def _feed(self):
        """Yield lines, as the csv module asks for them."""
        while True:
            while self._place < len(self._lines):
                line = self._lines[self._place]
                self._place, self._number = self._place + 1, self._number + 1
                if self._number - self._row_line > MOST_LINES:
                    raise DataError(f"{self.name}: the row at line {self._row_line} goes on for "
                                    f"more than {MOST_LINES} lines; is a quote left open?",
                                    line=self._row_line)
                yield self.quotes.plain(line, self.separator) + "\n"
            while self._blank_end:          # in a quoted cell that goes on in the next block
                self._blank_end, self._number = self._blank_end - 1, self._number + 1
                yield "\n"
            if not self._fetch():
                return

    def _careful(self):
        """Yield (line, cells) of rows that are not blank nor comments."""
        reader = self.quotes.reader(self._feed(), self.separator)
        while True:
            line = self._row_line = self._number + 1
            try:
                cells = [cell.strip() for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                raise self._wrong_quotes(line, error) from error
            if len(cells) < 2 and not any(cells):
                self.blank += self.width is not None
            elif self.width is None or len(cells) == self.width:
                yield line, cells
            elif cells[0].startswith("#"):
                self.comments += 1
            else:
                yield line, self._fit(line, cells)

    def _fit(self, line, cells):
        """Cells as many as the other rows have; empty ones at the end may be too many."""
        if len(cells) > self.width and not any(cells[self.width :]):
            return cells[: self.width]
        if len(cells) > MOST_CELLS:
            raise self._too_wide(line, cells)
        raise DataError(
            f"{self.name}: line {line} has {len(cells)} cells, the lines before it {self.width} "
            f"(between them: {SHOWN.get(self.separator, self.separator)}); correct the line, or put"
            " cells that hold it in quotes", line=line, remedy="separator")

    def _wrong_quotes(self, line, error):
        return DataError(f"{self.name}: line {line}: {error}; is a quote left open, or alone in a "
                         "cell? In a quoted cell it is doubled", line=line)

    def _too_wide(self, line, cells):
        return DataError(f"{self.name}: line {line} has {len(cells)} cells, at most {MOST_CELLS} "
                         "are read; save an array that wide as .npy", line=line)

    def chunks(self):
        """Yield the rows after the first."""
        while self._place < len(self._lines) or self._fetch():
            place, start = self._place, self._number + 1
            if self._is_plain():
                texts = self._lines[place:]
                self._place, self._number = len(self._lines), self._number + len(texts)
                yield Chunk(range(start, start + len(texts)), texts, None)
                continue
            rows = list(self._rest_of_block())
            if rows:
                lines, cells = zip(*rows, strict=True)
                yield Chunk(list(lines), None, list(cells))

    def _is_plain(self):
        """Whether each line of the block is a row, with quotes around whole cells at most."""
        block, separator, quote = self._block, self.separator, self.quotes.sign
        if block[0] in "\n#" or "\n\n" in block or "\n#" in block:
            return False
        count = block.count(quote)
        if not count:
            return True
        opening = block.count(f"{separator}{quote}") + block.count(f"\n{quote}") + (
            block[0] == quote)
        closing = block.count(f"{quote}{separator}") + block.count(f"{quote}\n") + (
            block[-1] == quote)
        return (separator != " " and opening == closing and opening + closing == count
                and not (self.quotes.escaped and "\\" in block)
                and all(line.count(quote) % 2 == 0 for line in self._lines))

    def match_heading(self):
        """Put an empty name before those of a heading with one name less than there are columns;
        take off an empty one too many at its end.

        -> how many were put there; where first is a heading, call it before chunks()."""
        if self._place == len(self._lines) and not self._fetch():
            return 0
        sample = self._lines[self._place : self._place + SAMPLE]
        with contextlib.suppress(csv.Error):
            rows = [cells for cells in self.quotes.split(sample, self.separator)
                    if "".join(cells) and not cells[0].startswith("#")]
            if rows and self.first[1][-1] == "" and self.width > 2 and all(
                    len(cells) == self.width - 1 for cells in rows):
                self.first = (self.first[0], self.first[1][:-1])
                self.as_written = self.as_written[:-1]
                self.width -= 1
            if rows and all(len(cells) == self.width + 1 and cells[-1] for cells in rows):
                self.first = (self.first[0], ["", *self.first[1]])
                self.as_written = ["", *self.as_written]
                self.width, self.unnamed = self.width + 1, 1
        return self.unnamed

    def _rest_of_block(self):
        """Yield (line, cells) to the end of the block, and of the row that ends it."""
        rows = self._careful()
        while self._place < len(self._lines):
            row = next(rows, None)
            if row is None:
                return
            yield row

    def parse(self, chunk):
        """The cells of a chunk, a list of str for each row; and the line of each."""
        if chunk.cells is not None:
            return chunk.lines, chunk.cells
        rows = []
        try:
            for cells in self.quotes.split(chunk.texts, self.separator):
                rows.append([cell.strip() for cell in cells])
        except csv.Error as error:
            raise self._wrong_quotes(chunk.lines[len(rows)], error) from error
        if all(len(cells) == self.width for cells in rows):
            return chunk.lines, rows
        fitted = [(line, cells if len(cells) == self.width else self._fit(line, cells))
                  for line, cells in zip(chunk.lines, rows, strict=True)
                  if self._is_filled(cells)]
        return [line for line, _ in fitted], [cells for _, cells in fitted]

    def _is_filled(self, cells):
        filled = len(cells) > 1 or any(cells)
        self.blank += not filled
        return filled


def count_titles(rows):
    """How many of the first rows, lists of cells, are titles above a table."""
    if len(rows) < FEWEST:
        return 0
    counts = [len(cells) for cells in rows]
    usual = max(set(counts), key=lambda n: (counts.count(n), n))
    above = next(i for i, n in enumerate(counts) if n > 2 or n == usual)
    if max(counts[:above], default=0) == 2 and (
            usual < 4 or any(map(NUMBER.fullmatch, rows[above]))):
        return 0
    rest = counts[above:]
    if usual == 1 or above > TITLES or rest[0] not in (usual, usual - 1):
        return 0
    return above if rest.count(usual) >= max(3, 0.9 * (len(rest) - 1)) else 0


def find_separator(sample, written, names=None):
    """What is between cells: that by which most of the sample's rows have equally many cells, two
    or more; of several the one by which most cells are numbers.

    With names: the one by which the first row holds the most of them, or as many cells as them.
    written is a data.quotes.Quotes.
    """
    best, best_score = ",", (0,)
    for separator in SEPARATORS:
        rows = []
        with contextlib.suppress(csv.Error):    # a wrong one, or a sample that ends in quotes
            for cells in written.split(sample, separator):
                rows.append([cell.strip() for cell in cells])
        if not rows:
            continue
        if names is None:
            counts = [len(cells) for cells in rows]
            usual = max(set(counts), key=lambda n: (counts.count(n), n))
            if usual < 2:
                continue
            alike = [cells for cells in rows if len(cells) == usual]
            cells = list(itertools.chain.from_iterable(alike))
            share = sum(NUMBER.fullmatch(cell) is not None for cell in cells) / len(cells)
            # Spaces are in many texts, so they separate only what nothing else does.
            score = (len(alike) if separator != " " or len(alike) >= len(rows) - 1 else 0,
                     round(share, 3))
        else:
            first = rows[0]
            score = (len(set(first).intersection(names)) + 1, len(first) > 1,
                     -abs(len(first) - len(names)))
        if score > best_score:
            best, best_score = separator, score
    return best
