"""CIFAR-10's binary files: records as published, and one DataError for files that are not."""


import numpy as np
import pytest
from data_errors import expect_data_error

from data import cifar


def record(label, picture):
    """The bytes of a record; picture (3, 32, 32) uint8."""
    return bytes([label]) + picture.tobytes()


def write_set(folder, **changes):
    """Write a tiny set, two records a file, and give {name: (labels, pictures)}."""
    rng, held = np.random.default_rng(0), {}
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5",
                 "test_batch"):
        labels = rng.integers(0, 10, 2)
        pictures = rng.integers(0, 256, (2, 3, 32, 32)).astype(np.uint8)
        held[name] = labels, pictures
        content = b"".join(map(record, labels.tolist(), pictures))
        (folder / f"{name}.bin").write_bytes(changes.get(name, content))
    return held


def expect_error(folder, *parts):
    """Check that loading fails with one line that names the folder and says these things."""
    return expect_data_error(lambda: cifar.load(folder), str(folder), *parts)


@pytest.mark.parametrize("inside", ["", "cifar-10-batches-bin"])
def test_loads_the_six_files(inside, tmp_path):
    held = write_set(tmp_path / inside)
    x, y, x_test, y_test = cifar.load(str(tmp_path))
    assert (x.shape, x.dtype, y.dtype) == ((10, 3072), np.uint8, np.int64)
    assert (x_test.shape, x_test.dtype, y_test.dtype) == ((2, 3072), np.uint8, np.int64)
    for i in range(5):
        labels, pictures = held[f"data_batch_{i + 1}"]
        np.testing.assert_array_equal(y[2 * i : 2 * i + 2], labels)
        np.testing.assert_array_equal(x[2 * i : 2 * i + 2].reshape(2, 3, 32, 32), pictures)
    np.testing.assert_array_equal(y_test, held["test_batch"][0])
    np.testing.assert_array_equal(x_test.reshape(2, 3, 32, 32), held["test_batch"][1])
    x[:], y[:] = 0, 0                                               # the caller's own


def test_says_which_files_to_put_where(tmp_path):
    folder = tmp_path / "nowhere"
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    expect_error(folder, "does not exist", *names)
    folder.write_bytes(b"")
    expect_error(folder, "is not a folder")
    folder.unlink()
    write_set(folder)
    (folder / "data_batch_4.bin").unlink()
    expect_error(folder, "has no data_batch_4.bin; put")
    (folder / "data_batch_1").write_bytes(b"pickled")
    expect_error(folder, "Python version, which is pickled", "no data_batch_4.bin")
    expect_error(tmp_path / ("long" * 100))


@pytest.mark.parametrize("content, words", [
    (b"", "0 bytes"), (bytes(3072), "3072 bytes"), (bytes(3074), "3074 bytes"),
    (bytes(2 * 3073 - 1), "6145 bytes"), (bytes(3073) + b"\n" + bytes(3072), "record 1"),
    (b"\xff" * 3073, "the label 255"), (bytes(10_001 * 3073), "longer than 10000 records"),
])
def test_files_that_are_no_records_are_refused(content, words, tmp_path):
    write_set(tmp_path, data_batch_2=content)
    expect_error(tmp_path, "data_batch_2.bin: ", words, "again")
