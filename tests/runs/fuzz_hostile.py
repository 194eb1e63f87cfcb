"""Files that are hostile on purpose: bombs, and headers that promise terabytes.

HOSTILE = {the end of a file's name: functions that give the bytes of one}
"""

import functools
import gzip
import struct
import zlib

BLOCK = 2**26                   # bytes of zeros that are deflated at a time


@functools.cache
def zeros(blocks, first=b""):
    """`first`, then so many blocks of zeros, deflated without header."""
    packer = zlib.compressobj(9, wbits=-15)
    start = packer.compress(first) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * blocks + packer.flush()


def npy_header(shape, dtype="|u1", version=1, pad=0):
    """The start of an NPY file."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}{' ' * pad}\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode()


def zip_of(name, packed, size, method=8, crc=0, copies=1):
    """An archive of one member, listed `copies` times, that claims to unpack to `size` bytes."""
    size = min(size, 2**32 - 2)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, method, 0, 0, crc, len(packed), size,
                        len(name), 0) + name
    listed = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, method, 0, 0, crc, len(packed), size,
                         len(name), 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, copies % 2**16, copies % 2**16,
                      len(listed) * copies, len(local) + len(packed), 0)
    return local + packed + listed * copies + end


def npz_bomb(blocks, claimed):
    """An array that unpacks to so many blocks of zeros, and claims something of its own."""
    header = npy_header(f"({claimed},)")
    return zip_of(b"x.npy", zeros(blocks, header), len(header) + claimed)


def npz_directory(size):
    """An archive whose end promises a directory of `size` bytes."""
    return b"PK\3\4" + bytes(1000) + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, size, 0, 0)


def idx_bomb(shape, blocks):
    """A gzipped IDX file with so many blocks of zeros behind its header."""
    header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros(blocks, header) + bytes(8)


def categories(rows):
    """A table whose category column becomes a thousand numbers a row."""
    return b"".join(b"k%d,%d\n" % (i % 1000, i % 2) for i in range(rows))


HOSTILE = {
    "npz": (
        lambda: npz_bomb(48, 48 * BLOCK),                       # 3 GiB, and says so
        lambda: npz_bomb(6, 6 * BLOCK),                       # 384 MiB, and a wrong checksum
        lambda: npz_bomb(6, 10),                               # and hides it
        lambda: npz_bomb(1, 6 * BLOCK),                        # promises more than there is
        lambda: zip_of(b"x.npy", npy_header("(1099511627776, 1024)"), 2**31),
        lambda: zip_of(b"x.npy", b"\x93NUMPY\2\0\xff\xff\xff\xff", 2**20, method=0),
        lambda: zip_of(b"x.npy", zeros(1), BLOCK, method=12),   # bzip2
        lambda: zip_of(b"x.npy", zeros(1), BLOCK, copies=200_000),
        lambda: zip_of(b"../x.py", b"import os", 9, method=0),
        lambda: npz_directory(2**31), lambda: npz_directory(2**32 - 1)),
    "npy": (
        lambda: npy_header("(1099511627776, 1024)") + bytes(1000),
        lambda: npy_header("(0, 4611686018427387904)"),
        lambda: npy_header("()", "|O") + b"cos\nsystem\n(S'true'\ntR.",
        lambda: npy_header("(2,)", "<U999999999") + bytes(8),
        lambda: npy_header("(" * 9000, version=2),
        lambda: npy_header("(" + "1, " * 3000 + ")", version=2) + b"x",
        lambda: npy_header("(3,)", version=3, pad=2**24) + b"abc"),
    "csv": (
        lambda: b"a," * 2**22,                                  # one row without end
        lambda: b"a,b\n" + b'"' + b"x,1\n" * 2**21,             # a quote left open
        lambda: b"a,b\n" + b'"x\n",' * 2**21,                   # a row of many lines
        lambda: b"," * (2**22 - 2) + b"\n1\n",                  # very many columns
        lambda: (b"1," * 90_000 + b"1\n") * 5,
        lambda: (b"k%d," * 50_000 + b"1\n") * 5,
        lambda: (b"a" * 2**17 + b",1\n") * 30,
        lambda: categories(300_000),
        lambda: bytes(2**24), lambda: b"\n" * 2**19, lambda: b"\xff" * 2**22,
        lambda: b'"' * (2**22 - 1), lambda: b"\t" * (2**22 - 2) + b"\n1\n",
        lambda: b" '" * 2**21, lambda: b",'" * 2**21, lambda: b"a\\" * 2**20 + b'"',
        lambda: b"a,b\n" + b"".join(b"1 " * 13500 + b"%d,%d\n" % (i, i % 2) for i in range(80))),
    "idx.gz": (
        lambda: idx_bomb((2**32 - 1,) * 3, 8),
        lambda: idx_bomb((3, 4, 5), 40),
        lambda: idx_bomb((2**30,), 8),                          # promises more than there is
        lambda: gzip.compress(b"")),
}
