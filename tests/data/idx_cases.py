"""IDX files to write."""

import struct


def encode(array):
    """The bytes of an IDX file, written out from the format's description."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", n) for n in array.shape)
    return header + array.tobytes()
