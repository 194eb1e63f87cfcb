"""IDX files to write, and the one error to expect of reading a wrong one."""

import struct

import numpy as np
from data_errors import expect_data_error

from data import idx

MEGABYTE = 2**20


def encode(array):
    """The bytes of an IDX file, written out from the format's description."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", n) for n in array.shape)
    return header + array.tobytes()


def expect_error(path, *parts):
    """Check that reading fails with one line that names the path, and return the line."""
    return expect_data_error(lambda: idx.read(path), f"{path}: ", *parts)


ARRAYS = [
    np.array([7], dtype=np.uint8),
    np.arange(256, dtype=np.uint8),
    np.arange(12, dtype=np.uint8).reshape(3, 4),
    np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
]
