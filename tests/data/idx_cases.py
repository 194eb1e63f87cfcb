"""IDX files to write, and the one error to expect of reading a wrong one."""

import struct

import numpy as np
import pytest

from data import idx
from data.errors import DataError

MEGABYTE = 2**20


def encode(array):
    """The bytes of an IDX file, written out from the format's description."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", n) for n in array.shape)
    return header + array.tobytes()


def expect_error(path, *parts):
    """Check that reading fails with one line that names the path, and return the line."""
    with pytest.raises(DataError) as caught:
        idx.read(path)
    message = str(caught.value)
    assert type(caught.value) is DataError
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    for part in parts:
        assert part in message
    return message


ARRAYS = [
    np.array([7], dtype=np.uint8),
    np.arange(256, dtype=np.uint8),
    np.arange(12, dtype=np.uint8).reshape(3, 4),
    np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
]
