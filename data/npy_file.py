"""NPY files, NumPy's format for one array: a short header, then the elements.

    bytes 0..5      \\x93NUMPY
    bytes 6, 7      version: 1.0, 2.0 or 3.0
    then            length of the header, 16 bits in version 1.0, else 32, little-endian
    then            {'descr': '<f8', 'fortran_order': False, 'shape': (60000, 784), }
    then            the elements

Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays" (Kern 2007). The
header is Python source, but nothing here evaluates it: only headers of this form are read.
"""

import math
import os
import re
from typing import NamedTuple

import numpy as np

from data.errors import DataError
from data.open_file import open_file

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 10_000         # bytes, as in NumPy itself; ours take about 120
AGAIN = "save it again with numpy.save"
VALUE = r"'[^'\\]*'|True|False|\([\d\s,]*\)"
SHAPE = re.compile(r"\((\s*\d{1,19}\s*,)*(\s*\d{1,19})?\s*\)", re.ASCII)
ENTRY = rf"\s*'(descr|fortran_order|shape)'\s*:\s*({VALUE})\s*"
HEADER = re.compile(rf"\s*\{{{ENTRY},{ENTRY},{ENTRY},?\s*\}}\s*", re.ASCII)
DTYPE = re.compile(r"[<>|=]?[biufSU]\d{1,9}", re.ASCII)
# What other programs and Python's older versions write differently, and nothing else.
SPELLINGS = str.maketrans({'"': "'", "L": None})


class Header(NamedTuple):
    """What an NPY header says; size is in bytes, those of the elements alone."""

    shape: tuple
    dtype: np.dtype
    fortran: bool
    start: int
    size: int


def open_mapped(path):
    """The array in an NPY file as a read-only memory map: rows are read as they are asked for.

    path -> np.memmap, in the file's own byte order
    The file must not be made shorter while the map is in use: the system ends a program that reads
    what is gone. Raises DataError as read_header does, where the file is missing or unreadable, the
    array empty, or the file not as long as its header says.
    """
    with open_file(path, "the path of an .npy file") as file:
        present = os.fstat(file.fileno()).st_size
        header = read_header(file, path, AGAIN)
        if header.start + header.size != present:
            raise DataError(
                f"{path}: {header.dtype} of shape {header.shape} takes {header.size} bytes, "
                f"{present - header.start} are there; {AGAIN}")
        if header.size == 0:
            raise DataError(f"{path}: is empty, its shape is {header.shape}; {AGAIN}")
        return np.memmap(file, header.dtype, "r", header.start, header.shape,
                         "F" if header.fortran else "C")


def read_header(file, name, remedy):
    """Read the header an open file begins with, and leave the file at the elements.

    To compare what it promises with what is there is the caller's job. Raises DataError, with name
    and remedy in its message, where it is damaged, or of other than numbers, booleans or text.
    """
    magic = file.read(8)
    if magic[:6] != MAGIC:
        raise DataError(f"{name}: is not in NPY format, it starts with bytes {magic[:6].hex()!r}; "
                        f"{remedy}")
    if magic[6:] not in (b"\1\0", b"\2\0", b"\3\0"):
        raise DataError(f"{name}: has version {list(magic[6:])} of the NPY format, 1 to 3 are "
                        f"read; {remedy}")
    width = 2 if magic[6] == 1 else 4
    length = int.from_bytes(file.read(width), "little")
    if length > LONGEST_HEADER:
        raise DataError(f"{name}: has an NPY header of {length} bytes, at most {LONGEST_HEADER} "
                        f"are read; {remedy}")
    text = file.read(length)
    if len(text) < length or not text:
        raise DataError(f"{name}: ends inside its NPY header; {remedy}")
    shape, dtype, fortran = _parse_header(text.decode("latin-1"), name, remedy)

    # Of the sizes without the zeros: an array of shape (0, 2**62) takes no bytes and cannot be.
    if len(shape) > 32 or math.prod(max(n, 1) for n in shape) * dtype.itemsize >= 2**62:
        shown = str(shape) if len(str(shape)) < 80 else str(shape)[:77] + "..."
        raise DataError(f"{name}: no array has shape {shown}; {remedy}")
    size = math.prod(shape) * dtype.itemsize
    return Header(shape, dtype, fortran, 8 + width + length, size)


def check_text(array, name, remedy):
    """Refuse an array of text whose elements are no characters. Raises DataError."""
    if array.dtype.kind != "U" or array.size == 0:
        return
    flat = np.ascontiguousarray(array).reshape(-1)
    codes = flat.view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
    if ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any():
        raise DataError(f"{name}: holds text that is not Unicode; {remedy}")


def _parse_header(text, name, remedy):
    """Shape, dtype and order of a header's text."""
    match = HEADER.fullmatch(text.translate(SPELLINGS))
    entries = dict(zip(match.groups()[::2], match.groups()[1::2], strict=True)) if match else {}
    if len(entries) < 3:
        if "'descr': [" in text:
            raise DataError(f"{name}: is a structured array, of records; save each of its fields "
                            "as an array of its own")
        raise DataError(f"{name}: has a damaged NPY header {text[:60]!r}; {remedy}")
    kind, order, shape = entries["descr"][1:-1], entries["fortran_order"], entries["shape"]
    if kind.lstrip("|<>=").startswith("O"):
        raise DataError(f"{name}: holds Python objects, which can run code when read; save numbers "
                        "or text (astype(float), astype(str))")
    if order not in ("True", "False") or not SHAPE.fullmatch(shape):
        raise DataError(f"{name}: has a damaged NPY header {text[:60]!r}; {remedy}")
    try:
        if not DTYPE.fullmatch(kind):
            raise TypeError(kind)
        dtype = np.dtype(kind)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: holds elements of type {kind[:20]!r}; only numbers, booleans and "
                        "text are read") from error
    return tuple(int(n) for n in re.findall(r"\d+", shape)), dtype, order == "True"
