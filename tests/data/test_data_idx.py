"""IDX files: what is right is read, what is wrong or lies about its size is one DataError."""

import gzip
import random
import struct
import zlib

import numpy as np
import pytest
from data_errors import expect_data_error
from idx_cases import encode
from peak_memory import peak_below

from data import mnist
from data.errors import DataError

MEGABYTE = 2**20
ARRAYS = [
    np.array([7], dtype=np.uint8), np.arange(256, dtype=np.uint8),
    np.arange(12, dtype=np.uint8).reshape(3, 4), np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
]


def expect_error(path, *parts):
    """Check that reading fails with one line that names the path and says these things."""
    return expect_data_error(lambda: mnist.read(path), f"{path}: ", *parts)


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("name", ["plain", "plain.gz", "zipped", "zipped.gz"])
def test_reads_what_was_written_whatever_its_name(array, name, tmp_path):
    path = tmp_path / name
    content = encode(array)
    path.write_bytes(gzip.compress(content) if name.startswith("zipped") else content)
    result = mnist.read(path)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, array)
    result[:] = 0                                                   # the caller's own
    assert mnist.read(str(path)).any()                                # a string is a path, too


@pytest.mark.parametrize("size", [MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 3 * MEGABYTE + 5])
def test_reads_files_of_more_than_one_chunk(size, tmp_path):
    array = np.frombuffer(random.Random(0).randbytes(size), dtype=np.uint8)
    (tmp_path / "plain").write_bytes(encode(array))
    (tmp_path / "zipped").write_bytes(gzip.compress(encode(array), 1))
    np.testing.assert_array_equal(mnist.read(tmp_path / "plain"), array)
    np.testing.assert_array_equal(mnist.read(tmp_path / "zipped"), array)


def test_reads_gzip_files_of_several_members(tmp_path):
    content = encode(ARRAYS[3])
    path = tmp_path / "members"
    path.write_bytes(gzip.compress(content[:9]) + gzip.compress(content[9:]))
    np.testing.assert_array_equal(mnist.read(path), ARRAYS[3])


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
                array = mnist.read(path)
            except DataError:
                expect_error(path)
            else:                                                   # of no consequence: a time, say
                np.testing.assert_array_equal(array, ARRAYS[3])


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


def test_every_changed_header_byte_is_right_or_an_error_in_little_memory(tmp_path):
    content = encode(ARRAYS[3])
    path = tmp_path / "changed"
    with peak_below(4 * MEGABYTE):
        for packed in (False, True):
            for position in range(16):
                for value in [0, 1, 2, 3, 4, 5, 7, 8, 9, 0x0D, 0x1F, 127, 128, 255]:
                    changed = bytearray(content)
                    changed[position] = value
                    path.write_bytes(gzip.compress(bytes(changed), 1) if packed else bytes(changed))
                    if value == content[position]:
                        np.testing.assert_array_equal(mnist.read(path), ARRAYS[3])
                    else:
                        expect_error(path)


@pytest.mark.parametrize("shape", [(2**32 - 1,) * 3, (2**31,), (2**31 + 1,), (60_000, 28, 28)])
@pytest.mark.parametrize("packed", [False, True])
def test_a_header_that_lies_takes_no_memory(shape, packed, tmp_path):
    path = tmp_path / "liar"
    header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    content = header + bytes(1000)
    path.write_bytes(gzip.compress(content) if packed else content)
    with peak_below(4 * MEGABYTE):
        expect_error(path)


@pytest.mark.parametrize("packed", [False, True])
def test_more_than_the_limit_is_refused(packed, tmp_path, monkeypatch):
    assert mnist.LIMIT == 1024**3
    path = tmp_path / "large"
    content = encode(ARRAYS[3])
    path.write_bytes(gzip.compress(content) if packed else content)
    monkeypatch.setattr(mnist, "LIMIT", 24)
    assert mnist.read(path).size == 24
    monkeypatch.setattr(mnist, "LIMIT", 23)
    expect_error(path, "takes 24 bytes, at most 23 are read")


def test_a_gzip_bomb_is_unpacked_no_further_than_its_header_promises(tmp_path):
    path = tmp_path / "bomb"
    packer = zlib.compressobj(9, wbits=31)
    content = packer.compress(encode(np.zeros((2, 5, 5), dtype=np.uint8)))
    for _ in range(100):
        content += packer.compress(bytes(MEGABYTE))
    path.write_bytes(content + packer.flush())
    with peak_below(4 * MEGABYTE):
        expect_error(path, "takes 50 bytes, more are there")


@pytest.mark.parametrize("packed", [False, True])
def test_memory_stays_near_the_size_of_the_content(packed, tmp_path):
    path = tmp_path / "big"
    content = encode(np.zeros(16 * MEGABYTE, dtype=np.uint8))
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    del content
    with peak_below(40 * MEGABYTE):
        assert len(mnist.read(path)) == 16 * MEGABYTE
