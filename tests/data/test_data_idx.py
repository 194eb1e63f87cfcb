"""IDX files: what is right is read, what is wrong is one DataError."""

import gzip
import random
import struct

import numpy as np
import pytest
from idx_cases import ARRAYS, MEGABYTE, encode, expect_error

from data import idx
from data.errors import DataError


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("name", ["plain", "plain.gz", "zipped", "zipped.gz"])
def test_reads_what_was_written_whatever_its_name(array, name, tmp_path):
    path = tmp_path / name
    content = encode(array)
    path.write_bytes(gzip.compress(content) if name.startswith("zipped") else content)
    result = idx.read(path)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, array)
    result[:] = 0                                                   # the caller's own
    assert idx.read(str(path)).any()                                # a string is a path, too


@pytest.mark.parametrize("size", [MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 3 * MEGABYTE + 5])
def test_reads_files_of_more_than_one_chunk(size, tmp_path):
    array = np.frombuffer(random.Random(0).randbytes(size), dtype=np.uint8)
    (tmp_path / "plain").write_bytes(encode(array))
    (tmp_path / "zipped").write_bytes(gzip.compress(encode(array), 1))
    np.testing.assert_array_equal(idx.read(tmp_path / "plain"), array)
    np.testing.assert_array_equal(idx.read(tmp_path / "zipped"), array)


def test_reads_gzip_files_of_several_members(tmp_path):
    content = encode(ARRAYS[3])
    path = tmp_path / "members"
    path.write_bytes(gzip.compress(content[:9]) + gzip.compress(content[9:]))
    np.testing.assert_array_equal(idx.read(path), ARRAYS[3])


def test_every_truncation_is_an_error(tmp_path):
    path = tmp_path / "cut"
    for content in (encode(ARRAYS[3]), gzip.compress(encode(ARRAYS[3]))):
        for length in range(len(content)):
            path.write_bytes(content[:length])
            expect_error(path)


def test_every_trailing_byte_is_an_error(tmp_path):
    path = tmp_path / "long"
    content = encode(ARRAYS[3])
    for extra in (b"\0", b"x", b"\x1f\x8b", bytes(100)):
        path.write_bytes(content + extra)
        expect_error(path, f"24 bytes, {24 + len(extra)} are there")
        path.write_bytes(gzip.compress(content + extra))
        expect_error(path, "more are there")
    path.write_bytes(gzip.compress(content) + b"garbage")
    expect_error(path, "gzip")


def test_every_changed_gzip_byte_is_right_or_an_error(tmp_path):
    content = gzip.compress(encode(ARRAYS[3]))
    path = tmp_path / "changed"
    for position in range(len(content)):
        for change in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            changed = bytearray(content)
            changed[position] ^= change
            path.write_bytes(changed)
            try:
                array = idx.read(path)
            except DataError:
                expect_error(path)
            else:                                                   # of no consequence: a time, say
                np.testing.assert_array_equal(array, ARRAYS[3])


def test_random_bytes_are_an_error(tmp_path):
    source = random.Random(0)
    path = tmp_path / "random"
    for start in (b"", b"\x1f\x8b\x08\x00", b"\0\0\x08\x01", b"\0\0\x08\x03\0\0"):
        for length in range(64):
            path.write_bytes(start + source.randbytes(length))
            expect_error(path)


@pytest.mark.parametrize("kind, name", [
    (0x09, "signed byte"), (0x0B, "short"), (0x0C, "int"), (0x0D, "float"), (0x0E, "double"),
    (0x00, "unknown"), (0xFF, "unknown"),
])
def test_other_element_types_are_refused_by_name(kind, name, tmp_path):
    path = tmp_path / "other"
    path.write_bytes(bytes([0, 0, kind, 1, 0, 0, 0, 1]) + bytes(8))
    expect_error(path, f"0x{kind:02x} ({name})", "0x08")


@pytest.mark.parametrize("dimensions", [0, 4, 255])
def test_other_numbers_of_dimensions_are_refused(dimensions, tmp_path):
    path = tmp_path / "other"
    path.write_bytes(bytes([0, 0, 8, dimensions]) + b"\0\0\0\1" * dimensions + b"x")
    expect_error(path, f"{dimensions} dimensions")


@pytest.mark.parametrize("shape", [(0,), (0, 28, 28), (5, 0, 28), (2**32 - 1, 2**32 - 1, 0)])
def test_empty_arrays_are_refused(shape, tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape))
    expect_error(path, "is empty")
