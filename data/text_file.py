"""Text from a file or from standard input: unpacked, decoded, a block of whole lines at a time.

gzip is known by its first bytes, UTF-8 and UTF-16 by their byte order marks; without one it is
UTF-8, or the encoding that is given. Line ends of any system become newlines. Of a file that is
named .parquet the text is that of the same table as CSV.
"""

import codecs
import contextlib
import gzip
import io
import re
import zlib
from pathlib import Path

from data import foreign_files, parquet
from data.characters import find_half
from data.errors import DataError
from data.open_file import name_file, open_file

BLOCK = 2**19                   # bytes at a time
LONGEST_LINE = 2**22            # characters
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
NO_TEXT = ("so this is no text; save the table as CSV in UTF-8, or give its encoding, if it is "
           "UTF-16")
# What else begins so, and is taken for a table at times.
OTHERS = [(rb"\{|\[\s*[\[{]", "is JSON; save the table as CSV"),
          (rb"<(?!\d)", "is HTML or XML; save the table as CSV")]       # <5 is a cell
BEGINNING = 64                  # bytes that tell what a file is


def name_of(source):
    """What messages call a source."""
    return str(source) if isinstance(source, str | Path) else "standard input"


def is_parquet(source):
    """Whether a source is a path that names a Parquet file."""
    return isinstance(source, str | Path) and Path(source).suffix.lower() == ".parquet"


def read(source, encoding=None, ignore=(), wanted=None):
    """Yield the text of a source in blocks (str) that end where a line does.

    source is a path, or a stream of bytes, of which each block is what has arrived. Of a Parquet
    file columns in ignore, and others than wanted, are empty, as data.parquet.read has it.
    Raises DataError where there is no such file, it is empty or damaged, holds what is no text in
    its encoding (with the line), or a line is enormous.
    """
    if is_parquet(source):
        yield from parquet.read(source, ignore, wanted)
        return
    name = name_of(source)
    with name_file(name), _open(source) as file:
        start = file.peek(BEGINNING)[:BEGINNING]
        if start[:2] == b"\x1f\x8b":
            file = io.BufferedReader(gzip.GzipFile(fileobj=file))
            with _name_damage(name):
                start = file.peek(BEGINNING)[:BEGINNING]
        if not start:
            raise DataError(f"{name}: is empty; give a table with a row for each example")
        foreign = foreign_files.remedy_in(start, name)
        if foreign:
            raise DataError(f"{name}: {foreign}")
        for other, problem in OTHERS:
            if re.match(other, start):
                raise DataError(f"{name}: {problem}")
        yield from _decode(file, name, _encoding_of(start, name, encoding))


@contextlib.contextmanager
def _open(source):
    """The source as a BufferedReader; one that was given stays open."""
    if isinstance(source, str | Path):
        with open_file(source, "the path of a CSV file") as file:
            yield file
        return
    yield source if hasattr(source, "peek") else io.BufferedReader(source)


@contextlib.contextmanager
def _name_damage(name):
    """Errors of unpacking become DataErrors."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{name}: is damaged ({error}); pack it again with gzip") from error


def _encoding_of(start, name, encoding):
    """The encoding of a text that starts with these bytes."""
    for mark, found in MARKS.items():
        if start.startswith(mark):
            return found
    try:
        "".encode(encoding or "utf-8")
    except LookupError as error:
        raise DataError(f"{name}: there is no encoding {encoding[:40]!r}; latin-1, cp1252 and "
                        "utf-16 are some", remedy="encoding") from error
    return encoding or "utf-8"


def _likely(content):
    """What bytes that are no UTF-8 may be, the likelier first: where latin-1 has only control
    characters, cp1252 has the signs of Euro, dashes and quotes."""
    odd = content.decode("utf-8", "surrogateescape")
    return "cp1252 or latin-1" if re.search("[\udc80-\udc9f]", odd) else "latin-1 or cp1252"


def _decode(file, name, encoding):
    """Yield the text of an open file in blocks of whole lines."""
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    lines, rest = 1, ""
    while True:
        with _name_damage(name):
            content = file.read1(BLOCK)
        try:
            text = decoder.decode(content, final=not content)
        except UnicodeDecodeError as error:
            if b"\0" in content:
                raise DataError(f"{name}: holds NUL bytes, {NO_TEXT}", remedy="encoding") from error
            line = lines + content[: max(0, error.start)].count(b"\n")
            raise DataError(f"{name}: line {line} is not {encoding.upper()} text; give its encoding"
                            f", such as {_likely(content)}, or save it as UTF-8", line=line,
                            remedy="encoding") from error
        text = newlines.decode(text, final=not content)
        if "\0" in text:
            line = lines + text.partition("\0")[0].count("\n")
            raise DataError(f"{name}: line {line} holds a NUL byte, {NO_TEXT}", line=line,
                            remedy="encoding")
        half = find_half(text)
        if half:
            line = lines + text[: half.start()].count("\n")
            raise DataError(f"{name}: line {line} holds half a character, {half[0]!a}, and no text "
                            "can; save it as UTF-8", line=line, remedy="encoding")
        whole, newline, end = text.rpartition("\n")
        if newline:
            lines += whole.count("\n") + 1
            yield rest + whole + newline
            rest = end
        else:
            rest += end
        if len(rest) > LONGEST_LINE:
            raise DataError(f"{name}: line {lines} is longer than {LONGEST_LINE} characters; is it "
                            "a table?", line=lines)
        if not content:
            if rest:
                yield rest
            return
