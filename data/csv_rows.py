"""Rows of text tables, CSV and its kin, one after the other: a file of any length in flat memory.

Delimiters are comma, semicolon and tab, found out from the rows themselves; cells may be in double
quotes; a byte order mark, any line ends and blank lines are taken as they come. Source: RFC 4180,
"Common Format and MIME Type for CSV Files" (Shafranovich 2005), read by Python's csv module.
"""

import contextlib
import csv
import io
import itertools
from pathlib import Path

from data import foreign_files
from data.errors import DataError
from data.open_file import name_file, open_file

DELIMITERS = "\t;,"             # in this order where several would do: 1,5;2,5 has two cells
LONGEST_ROW = 2**22             # characters
MOST_CELLS = 100_000            # in a row
SAMPLE = 100                    # lines that the delimiter is found out from
SAMPLE_SIZE = 2**20             # or fewer, of so many characters


def read(source, names=None):
    """Yield (line, cells) for each row that is not blank: its first line's number, list of str.

    source is a path, or a text stream, such as standard input, of which no more is read than is
    asked for. names, where they are known, are the columns wanted: then the first row alone decides
    the delimiter. Cells come without the spaces around them.

    Raises DataError where there is no such file, it is not UTF-8 text, quotes are wrong, a row has
    another number of cells than the first, or a row is enormous.
    """
    with _open(source) as file:
        name, used = name_of(source), [0]
        lines = _check_lines(file, name, used)
        sample = _take_sample(lines, used, SAMPLE if names is None else 1)
        delimiter = _find_delimiter(sample, names)
        reader = csv.reader(itertools.chain(sample, lines), delimiter=delimiter, strict=True,
                            skipinitialspace=True)
        width = None
        while True:
            line = reader.line_num + 1
            try:
                cells = [cell.strip() for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                remedy = "is a quote left open, or alone in a cell? In a quoted cell it is doubled"
                raise DataError(f"{name}: line {line}: {error}; {remedy}", line=line) from error
            used[0] = 0
            if len(cells) < 2 and not any(cells):
                continue
            if len(cells) != width:
                _check_width(name, line, len(cells), width, delimiter)
                width = len(cells)
            yield line, cells


def _check_width(name, line, count, width, delimiter):
    """Raise DataError for a row of enormously many cells, or of more or fewer than the others."""
    if count > MOST_CELLS:
        raise DataError(f"{name}: line {line} has {count} cells, at most {MOST_CELLS} are read; "
                        "save an array that wide as .npy", line=line)
    if width is not None:
        shown = {"\t": "tab"}.get(delimiter, delimiter)
        raise DataError(
            f"{name}: line {line} has {count} cells, the lines before it {width} (between them: "
            f"{shown}); correct the line, or put cells with {shown} in quotes", line=line)


def name_of(source):
    """What messages call a source."""
    return str(source) if isinstance(source, str | Path) else "standard input"


@contextlib.contextmanager
def _open(source):
    """An open text file; a stream that was given stays open. DataErrors inside get its name."""
    if isinstance(source, str | Path):
        with open_file(source, "the path of a CSV file") as file:
            foreign = foreign_files.remedy_in(file.peek(8)[:8], source)
            if foreign is not None:
                raise DataError(f"{source}: {foreign}")
            # Bytes that are not UTF-8 become surrogates, so that their line can be named.
            yield io.TextIOWrapper(file, "utf-8", errors="surrogateescape", newline="")
        return
    name = name_of(source)
    with name_file(name):
        try:
            yield source
        except UnicodeDecodeError as error:     # it was opened by somebody else
            raise DataError(f"{name}: is not UTF-8 text; save it as UTF-8") from error


def _check_lines(file, name, used):
    """Yield the lines of a file, checked; used[0] counts their characters since it was 0."""
    for number in itertools.count(1):
        line = file.readline(LONGEST_ROW)
        if number == 1:
            line = line.removeprefix("\ufeff")
            if not line:
                raise DataError(f"{name}: is empty; give a table with a row for each example")
        if not line:
            return
        used[0] += len(line)
        if used[0] >= LONGEST_ROW:
            raise DataError(f"{name}: the row at line {number} is longer than {LONGEST_ROW} "
                            "characters; is it a CSV file, and is a quote left open?", line=number)
        if not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError as error:
                raise DataError(f"{name}: line {number} is not UTF-8 text; save the table as "
                                "UTF-8", line=number) from error
        if "\0" in line:
            raise DataError(f"{name}: line {number} holds a NUL byte, so this is no text; save the "
                            "table as CSV in UTF-8", line=number)
        yield line


def _take_sample(lines, used, most):
    """The first lines, to be read again; at least one that is not blank, if there is one."""
    sample, size, filled = [], 0, 0
    for line in lines:
        used[0] = 0
        sample.append(line)
        size += len(line)
        filled += bool(line.strip())
        if filled >= most or size >= SAMPLE_SIZE:
            break
    return sample


def _find_delimiter(sample, names):
    """The delimiter by which the sample's rows have equally many cells, two or more.

    With names: the one by which the first row holds the most of them, or as many cells as them.
    """
    best, best_score = ",", (0,)
    for delimiter in DELIMITERS:
        rows = []
        reader = csv.reader(sample, delimiter=delimiter, strict=True, skipinitialspace=True)
        with contextlib.suppress(csv.Error):    # a wrong delimiter, or a sample that ends in quotes
            for cells in reader:
                if "".join(cells).strip():
                    rows.append([cell.strip() for cell in cells])
        if not rows:
            continue
        if names is None:
            counts = [len(cells) for cells in rows]
            usual = max(set(counts), key=lambda n: (counts.count(n), n))
            score = (counts.count(usual),) if usual > 1 else (0,)
        else:
            first = rows[0]
            score = (len(set(first).intersection(names)) + 1, len(first) > 1,
                     -abs(len(first) - len(names)))
        if score > best_score:
            best, best_score = delimiter, score
    return best
