"""IDX files that lie about their size: one DataError, in little memory."""

import gzip
import struct
import zlib

import numpy as np
import pytest
from idx_cases import ARRAYS, MEGABYTE, encode, expect_error
from peak_memory import peak_below

from data import idx


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
                        np.testing.assert_array_equal(idx.read(path), ARRAYS[3])
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
    assert idx.LIMIT == 1024**3
    path = tmp_path / "large"
    content = encode(ARRAYS[3])
    path.write_bytes(gzip.compress(content) if packed else content)
    monkeypatch.setattr(idx, "LIMIT", 24)
    assert idx.read(path).size == 24
    monkeypatch.setattr(idx, "LIMIT", 23)
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
        assert len(idx.read(path)) == 16 * MEGABYTE
