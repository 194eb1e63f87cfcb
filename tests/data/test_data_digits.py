"""The embedded digits: exactly the published ones, and a plain error where the file is damaged."""

import hashlib

import numpy as np
import pytest
from data_errors import expect_data_error

from data import digits
from data.errors import DataError

# The first and the last line of optdigits.tes, the published text file.
FIRST = """0,0,5,13,9,1,0,0,0,0,13,15,10,15,5,0,0,3,15,2,0,11,8,0,0,4,12,0,0,8,8,0,
0,5,8,0,0,9,8,0,0,4,11,0,1,12,7,0,0,2,14,5,10,12,0,0,0,0,6,13,10,0,0,0,0"""
LAST = """0,0,10,14,8,1,0,0,0,2,16,14,6,1,0,0,0,0,15,15,8,15,0,0,0,0,5,16,16,10,0,0,
0,0,12,15,15,12,0,0,0,4,16,6,4,16,6,0,0,8,16,10,8,16,8,0,0,1,8,12,14,12,1,0,8"""


@pytest.mark.parametrize("row, line", [(0, FIRST), (-1, LAST)])
def test_rows_are_lines_of_the_published_file(row, line):
    x, y = digits.load()
    numbers = [int(number) for number in line.replace("\n", "").split(",")]
    assert [*x[row].tolist(), int(y[row])] == numbers


def test_every_byte_is_pinned():
    x, y = digits.load()
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((1797, 64), np.uint8, (1797,), np.int64)
    assert hashlib.sha256(x.tobytes()).hexdigest() == (
        "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"
    )
    assert hashlib.sha256(y.astype(np.uint8).tobytes()).hexdigest() == (
        "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0"
    )


def test_each_call_returns_writable_arrays_of_its_own():
    x, y = digits.load()
    x[:] = 0
    y[:] = 0
    x, y = digits.load()
    assert x.any()
    assert y.any()


def test_the_file_is_small_and_attributed():
    assert digits.PATH.stat().st_size < 50_000
    attribution = digits.PATH.with_name("DIGITS.md").read_text(encoding="utf-8")
    for part in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0", "/by/4.0/", "changed"):
        assert part in attribution


def test_a_changed_byte_is_harmless_or_an_error(tmp_path, monkeypatch):
    content = digits.PATH.read_bytes()
    x, y = digits.load()
    path = tmp_path / "digits.npz"
    monkeypatch.setattr(digits, "PATH", path)
    places = [*range(0, 200, 3), *range(200, len(content) - 300, 997)]
    for place in [*places, *range(len(content) - 300, len(content), 3)]:
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        try:
            arrays = digits.load()
        except DataError:
            continue
        np.testing.assert_array_equal(arrays[0], x)                 # a time stamp in the archive
        np.testing.assert_array_equal(arrays[1], y)


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "cut", "no y", "pickle"])
def test_a_damaged_file_is_one_line_that_names_it(damage, tmp_path, monkeypatch):
    content = digits.PATH.read_bytes()
    path = tmp_path / "digits.npz"
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_text("hello")
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "no y":
        np.savez(path, x=np.zeros(3))
    elif damage == "pickle":
        np.savez(path, x=np.array([{}], dtype=object), y=np.zeros(1))
    monkeypatch.setattr(digits, "PATH", path)
    expect_data_error(digits.load, f"{path}: ", "install")
