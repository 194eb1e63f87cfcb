"""How quotes are written in a text table: double or single ones, and what stands for one in a cell.

RFC 4180 has cells in double quotes, and doubles a quote in a cell; others, such as the ARFF files
of OpenML, have single quotes, and MySQL puts a backslash before a quote in a cell.
"""

import contextlib
import csv
import re
from typing import NamedTuple

ESCAPED = re.compile(r'(?<!\\)((?:\\\\)*)\\"')        # a quote behind a backslash of its own
SINGLE = re.compile(r"(?:^|[,;|\t]) *'(?:[^']|'')*' *(?=[,;|\t]|$)")
MOST_LINES = 20                 # of a row in a sample


class Quotes(NamedTuple):
    """What is around cells, and whether a backslash stands before such a quote in a cell."""

    sign: str = '"'
    escaped: bool = False

    def plain(self, line, separator):
        """A line as csv reads it: quotes doubled, single spaces where spaces separate."""
        if separator == " ":
            line = line.replace("\t", " ").strip()
        return ESCAPED.sub(r'\1""', line) if self.escaped else line

    def reader(self, lines, separator):
        """A csv reader of lines that are plain. Raises csv.Error where quotes are wrong."""
        return csv.reader(lines, delimiter=separator, quotechar=self.sign, strict=True,
                          skipinitialspace=True)

    def split(self, lines, separator):
        """The rows of cells of lines."""
        if separator == " " or self.escaped:
            lines = [self.plain(line, separator) for line in lines]
        return self.reader(lines, separator)

    def split_each(self, lines, separator):
        """Yield the cells of each line by itself, stripped; of one with wrong quotes, none."""
        for line in lines:
            try:
                yield [cell.strip() for cell in next(self.split([line], separator), [])]
            except csv.Error:
                yield []

    def rows_of(self, lines, separator):
        """Yield (how many lines, cells) of each row of lines, whose cells in quotes may go on in
        the next lines: the cells stripped, on one line each; of one line with wrong quotes, none.
        """
        place = 0
        while place < len(lines):
            count = 1
            if self.plain(lines[place], separator).count(self.sign) % 2:
                count = self._lines_of_row(lines[place : place + MOST_LINES], separator)
            row = [f"{line}\n" for line in lines[place : place + count]]
            try:
                cells = [on_one_line(cell) for cell in next(self.split(row, separator), [])]
            except csv.Error:
                cells = []
            yield count, cells
            place += count

    def _lines_of_row(self, lines, separator):
        """How many of the lines are one row, the first of which leaves a quote open; 1 if none."""
        quotes = 0
        for count, line in enumerate(lines, 1):
            quotes += self.plain(line, separator).count(self.sign)
            if quotes % 2 == 0:
                row = [f"{line}\n" for line in lines[:count]]
                with contextlib.suppress(csv.Error):
                    return count if len(list(self.split(row, separator))) == 1 else 1
                return 1
        return 1


def on_one_line(cell):
    """A cell stripped, with a space for each line break in it, as a name is told."""
    return " ".join(part for line in cell.split("\n") if (part := line.strip()))


def find(sample):
    """The Quotes of the lines of a sample.

    Single quotes are around cells where half the lines have one so, and none has a double one. A
    backslash stands before quotes where lines with one cannot be read otherwise.
    """
    if not any('"' in line for line in sample):
        single = sum(SINGLE.search(line) is not None for line in sample)
        return Quotes("'") if 2 * single >= len(sample) and single else Quotes()
    lines = [line for line in sample if '\\"' in line]
    escaped = Quotes(escaped=True)
    for separator in ",;\t|" if lines else "":
        if not all(Quotes().split_each(lines, separator)) and all(
                escaped.split_each(lines, separator)):
            return escaped
    return Quotes()
