"""IDX files, the format of MNIST: a short header, then the elements.

    bytes 0, 1      0, 0
    byte 2          type of the elements; 0x08, unsigned byte, is the only one read here
    byte 3          number of dimensions
    then            the size of each dimension, 32 bits, big-endian
    then            the elements, the last dimension running fastest

Source: "The MNIST database of handwritten digits" (LeCun, Cortes and Burges 1998), its section on
file formats. A header is only a claim: no memory is set aside because a header says so.
"""

import gzip
import math
import os
import zlib
from pathlib import Path

import numpy as np

from data.errors import DataError

LIMIT = 2**30                   # 1 GiB, 22 times MNIST; more is a mistake or an attack
CHUNK = 2**20                   # bytes read at a time
TYPES = {0x09: "signed byte", 0x0B: "short", 0x0C: "int", 0x0D: "float", 0x0E: "double"}
AGAIN = "get the file again"


def read(path):
    """Return the array that an IDX file of unsigned bytes holds.

    path -> uint8 array, of one to three dimensions as the header says
    The file may be gzipped; its first bytes tell, its name does not matter. Memory stays near the
    size of what the file really holds, unpacked, whatever its header promises.

    Raises DataError where the file is missing, unreadable, of another format or element type, cut
    short, longer than its header says, damaged, or larger than 2 GiB unpacked.
    """
    try:
        # Opening a pipe waits for its writer and a device never ends, so only ordinary files.
        if not Path(path).is_file():
            problem = "is not a file" if Path(path).exists() else "does not exist"
            raise DataError(f"{path}: {problem}; give the path of an IDX file, gzipped or not")
        with open(path, "rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if gzipped:
                with gzip.open(file) as unpacked:
                    return _parse(unpacked, path, None)
            return _parse(file, path, os.fstat(file.fileno()).st_size)
    except EOFError as error:
        raise DataError(f"{path}: the gzip data are cut short; {AGAIN}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: the gzip data are damaged ({error}); {AGAIN}") from error
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"{path}: cannot be read ({reason}); check path and permissions") from error


def _parse(file, path, file_size):
    """Return the array in an open file; file_size is None where only unpacking will tell it."""
    magic = _read_header(file, path, 4)
    if magic[:2] != b"\0\0":
        raise DataError(f"{path}: is not an IDX file, it starts with bytes {magic.hex()}; give one")
    if magic[2] != 0x08:
        name = TYPES.get(magic[2], "unknown")
        raise DataError(
            f"{path}: its elements have type 0x{magic[2]:02x} ({name}), only 0x08 is read; "
            "convert them to unsigned bytes"
        )
    if not 1 <= magic[3] <= 3:
        raise DataError(f"{path}: has {magic[3]} dimensions; give an IDX file with 1, 2 or 3")
    sizes = _read_header(file, path, 4 * magic[3])
    shape = tuple(np.frombuffer(sizes, dtype=">u4").tolist())
    total = math.prod(shape)                                        # of Python integers: exact
    if total == 0:
        raise DataError(f"{path}: is empty, its shape is {shape}; {AGAIN}")
    if total > LIMIT:
        raise DataError(
            f"{path}: shape {shape} takes {total} bytes, at most {LIMIT} are read; use fewer rows"
        )
    present = None if file_size is None else file_size - len(magic) - len(sizes)
    if present is not None and present != total:
        raise DataError(f"{path}: shape {shape} takes {total} bytes, {present} are there; {AGAIN}")

    elements = bytearray()                                          # grows with what is there
    while len(elements) < total:
        chunk = file.read(min(CHUNK, total - len(elements)))
        if not chunk:
            raise DataError(
                f"{path}: shape {shape} takes {total} bytes, {len(elements)} are there; {AGAIN}"
            )
        elements += chunk
    # One more byte must not be there; asking for it also makes gzip compare its checksum.
    if file.read(1):
        raise DataError(f"{path}: shape {shape} takes {total} bytes, more are there; {AGAIN}")
    return np.frombuffer(elements, dtype=np.uint8).reshape(shape)


def _read_header(file, path, count):
    """Return the next count bytes of the header."""
    content = file.read(count)
    if len(content) < count:
        raise DataError(f"{path}: ends inside its IDX header; {AGAIN}")
    return content
