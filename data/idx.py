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

import numpy as np

from data.errors import DataError
from data.open_file import open_file

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
    short, longer than its header says, damaged, or larger than 1 GiB unpacked.
    """
    with open_file(path, "the path of an IDX file, gzipped or not") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not gzipped:
            return _read_array(file, path, os.fstat(file.fileno()).st_size)
        try:
            with gzip.open(file) as unpacked:
                return _read_array(unpacked, path, None)
        except EOFError as error:
            raise DataError(f"{path}: the gzip data are cut short; {AGAIN}") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"{path}: the gzip data are damaged ({error}); {AGAIN}") from error


def _read_array(file, path, file_size):
    """Return the array in an open file; file_size is None where only unpacking will tell it."""
    shape = _read_shape(file, path)
    total = math.prod(shape)                                        # of Python integers: exact
    if total == 0:
        raise DataError(f"{path}: is empty, its shape is {shape}; {AGAIN}")
    if total > LIMIT:
        raise DataError(
            f"{path}: shape {shape} takes {total} bytes, at most {LIMIT} are read; use fewer rows"
        )
    claim = f"{path}: shape {shape} takes {total} bytes"
    if file_size is not None and file_size - file.tell() != total:
        raise DataError(f"{claim}, {file_size - file.tell()} are there; {AGAIN}")

    elements = bytearray()                                          # grows with what is there
    while len(elements) < total:
        chunk = file.read(min(CHUNK, total - len(elements)))
        if not chunk:
            raise DataError(f"{claim}, {len(elements)} are there; {AGAIN}")
        elements += chunk
    # One more byte must not be there; asking for it also makes gzip compare its checksum.
    if file.read(1):
        raise DataError(f"{claim}, more are there; {AGAIN}")
    return np.frombuffer(elements, dtype=np.uint8).reshape(shape)


def _read_shape(file, path):
    """Return the shape in the header, which an open file begins with."""
    magic = _read_bytes(file, path, 4)
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
    sizes = _read_bytes(file, path, 4 * magic[3])
    return tuple(np.frombuffer(sizes, dtype=">u4").tolist())


def _read_bytes(file, path, count):
    """Return the next count bytes of the header."""
    content = file.read(count)
    if len(content) < count:
        raise DataError(f"{path}: ends inside its IDX header; {AGAIN}")
    return content
