"""IDX and MNIST files: what is right is read, what is wrong is one DataError, in little memory."""

import gzip
import hashlib
import os
import random
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from data import idx, mnist, standardize
from data.errors import DataError

REAL = Path(__file__).parents[2] / "shared" / "data" / "mnist"
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


def test_every_changed_header_byte_is_right_or_an_error_in_little_memory(tmp_path):
    content = encode(ARRAYS[3])
    path = tmp_path / "changed"
    tracemalloc.start()
    try:
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
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


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


@pytest.mark.parametrize("shape", [(2**32 - 1,) * 3, (2**31,), (2**31 + 1,), (60_000, 28, 28)])
@pytest.mark.parametrize("packed", [False, True])
def test_a_header_that_lies_takes_no_memory(shape, packed, tmp_path):
    path = tmp_path / "liar"
    header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    content = header + bytes(1000)
    path.write_bytes(gzip.compress(content) if packed else content)
    tracemalloc.start()
    try:
        expect_error(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packed", [False, True])
def test_more_than_the_limit_is_refused(packed, tmp_path, monkeypatch):
    assert idx.LIMIT == 2 * 1024**3
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
    tracemalloc.start()
    try:
        expect_error(path, "takes 50 bytes, more are there")
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packed", [False, True])
def test_memory_stays_near_the_size_of_the_content(packed, tmp_path):
    path = tmp_path / "big"
    content = encode(np.zeros(16 * MEGABYTE, dtype=np.uint8))
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    del content
    tracemalloc.start()
    try:
        assert len(idx.read(path)) == 16 * MEGABYTE
        assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    finally:
        tracemalloc.stop()


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


def test_paths_that_are_not_files(tmp_path):
    expect_error(tmp_path / "nowhere", "does not exist")
    expect_error(tmp_path / "nowhere" / "deeper", "does not exist")
    expect_error(tmp_path, "is not a file")
    (tmp_path / "file").write_bytes(b"")
    expect_error(tmp_path / "file" / "inside", "does not exist")
    expect_error(tmp_path / ("long" * 100))
    expect_error(f"{tmp_path}/nul\0", "does not exist")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    expect_error(tmp_path / "pipe", "is not a file")


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    path.write_bytes(encode(ARRAYS[0]))

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)                    # a superuser may read anything
    expect_error(path, "Permission denied")


def write_set(folder, spelling="-idx", ending="", **changes):
    """Write a tiny set of MNIST's layout, and return its arrays; changes replace them by name."""
    rng = np.random.default_rng(0)
    arrays = {
        "train_images": rng.integers(0, 256, (5, 4, 3)).astype(np.uint8),
        "train_labels": np.array([0, 9, 3, 3, 1], dtype=np.uint8),
        "t10k_images": rng.integers(0, 256, (2, 4, 3)).astype(np.uint8),
        "t10k_labels": np.array([9, 0], dtype=np.uint8),
    }
    arrays.update(changes)
    for name, array in arrays.items():
        kind = "3" if name.endswith("images") else "1"
        path = folder / f"{name.replace('_', '-')}{spelling}{kind}-ubyte{ending}"
        path.write_bytes(gzip.compress(encode(array)) if ending else encode(array))
    return arrays


@pytest.mark.parametrize("spelling", ["-idx", ".idx"])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_mnist_finds_every_spelling(spelling, ending, tmp_path):
    arrays = write_set(tmp_path, spelling, ending)
    x_train, y_train, x_test, y_test = mnist.load(str(tmp_path))
    np.testing.assert_array_equal(x_train, arrays["train_images"].reshape(5, 12))
    np.testing.assert_array_equal(x_test, arrays["t10k_images"].reshape(2, 12))
    assert y_train.tolist() == [0, 9, 3, 3, 1]
    assert y_test.tolist() == [9, 0]
    assert x_train.dtype == x_test.dtype == np.uint8
    assert y_train.dtype == y_test.dtype == np.int64


def test_mnist_prefers_the_unpacked_file(tmp_path):
    arrays = write_set(tmp_path)
    write_set(tmp_path, ending=".gz", train_images=255 - arrays["train_images"])
    np.testing.assert_array_equal(mnist.load(tmp_path)[0], arrays["train_images"].reshape(5, 12))


def expect_mnist_error(folder, *parts):
    """Check that loading fails with one line that says these things."""
    with pytest.raises(DataError) as caught:
        mnist.load(folder)
    message = str(caught.value)
    assert message.startswith(str(folder))
    assert "\n" not in message
    for part in parts:
        assert part in message


def test_mnist_says_which_files_to_put_where(tmp_path):
    missing = tmp_path / "nowhere"
    expect_mnist_error(missing, "does not exist", *mnist.NAMES)
    missing.write_bytes(b"")
    expect_mnist_error(missing, "is not a folder", *mnist.NAMES)
    missing.unlink()
    missing.mkdir()
    expect_mnist_error(missing, f"has no {', '.join(mnist.NAMES)};")
    write_set(missing)
    (missing / "t10k-labels-idx1-ubyte").unlink()
    expect_mnist_error(missing, "has no t10k-labels-idx1-ubyte;")
    expect_mnist_error(tmp_path / ("long" * 100))


def test_mnist_refuses_files_that_do_not_fit_together(tmp_path):
    write_set(tmp_path, train_labels=np.zeros(4, dtype=np.uint8))
    expect_mnist_error(tmp_path, "train-labels-idx1-ubyte", "4 labels", "5 images")
    write_set(tmp_path, t10k_labels=np.array([1, 10], dtype=np.uint8))
    expect_mnist_error(tmp_path, "t10k-labels-idx1-ubyte", "label 10")
    write_set(tmp_path, t10k_images=np.zeros((2, 3, 4), dtype=np.uint8))
    expect_mnist_error(tmp_path, "t10k-images-idx3-ubyte", "(3, 4)", "(4, 3)")
    write_set(tmp_path, train_images=np.zeros((5, 12), dtype=np.uint8))
    expect_mnist_error(tmp_path, "train-images-idx3-ubyte", "(5, 12)", "three dimensions")
    write_set(tmp_path, train_labels=np.zeros((5, 1), dtype=np.uint8))
    expect_mnist_error(tmp_path, "train-labels-idx1-ubyte", "(5, 1)", "one dimension")


def test_mnist_passes_on_what_is_wrong_with_a_file(tmp_path):
    write_set(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"<!DOCTYPE html>")
    expect_mnist_error(tmp_path, "t10k-images-idx3-ubyte: is not an IDX file")
    (tmp_path / "t10k-images-idx3-ubyte").unlink()
    (tmp_path / "t10k-images-idx3-ubyte").mkdir()
    expect_mnist_error(tmp_path, "t10k-images-idx3-ubyte: is not a file")


@pytest.mark.skipif(not REAL.is_dir(), reason=f"needs the MNIST files in {REAL}")
def test_the_real_mnist():
    x_train, y_train, x_test, y_test = mnist.load(REAL)
    assert x_train.shape == (60_000, 784)
    assert x_test.shape == (10_000, 784)
    # The published class counts, and the published mean and deviation of the training pixels.
    assert np.bincount(y_train).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949
    ]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    mean, scale = standardize.fit(x_train, per="dataset")
    np.testing.assert_allclose((mean / 255, scale / 255), [[0.1307], [0.3081]], atol=5e-5)
    # The published file, unpacked.
    header = struct.pack(">4B3I", 0, 0, 8, 3, 60_000, 28, 28)
    digest = hashlib.md5(header + x_train.tobytes(), usedforsecurity=False).hexdigest()
    assert digest == "6bbc9ace898e44ae57da46a324031adb"
