"""The four MNIST files: found in every spelling, refused where they do not fit together."""

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from data_errors import expect_data_error
from idx_cases import encode

from data import mnist, standardize

REAL = Path(__file__).parents[2] / "shared" / "data" / "mnist"


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


def expect_error(folder, *parts):
    """Check that loading fails with one line that says these things."""
    return expect_data_error(lambda: mnist.load(folder), str(folder), *parts)


def test_mnist_says_which_files_to_put_where(tmp_path):
    missing = tmp_path / "nowhere"
    expect_error(missing, "does not exist", *mnist.NAMES)
    missing.write_bytes(b"")
    expect_error(missing, "is not a folder", *mnist.NAMES)
    missing.unlink()
    missing.mkdir()
    expect_error(missing, f"has no {', '.join(mnist.NAMES)};")
    write_set(missing)
    (missing / "t10k-labels-idx1-ubyte").unlink()
    expect_error(missing, "has no t10k-labels-idx1-ubyte;")
    expect_error(tmp_path / ("long" * 100))


def test_mnist_refuses_files_that_do_not_fit_together(tmp_path):
    write_set(tmp_path, train_labels=np.zeros(4, dtype=np.uint8))
    expect_error(tmp_path, "train-labels-idx1-ubyte", "4 labels", "5 images")
    write_set(tmp_path, t10k_labels=np.array([1, 10], dtype=np.uint8))
    expect_error(tmp_path, "t10k-labels-idx1-ubyte", "label 10")
    write_set(tmp_path, t10k_images=np.zeros((2, 3, 4), dtype=np.uint8))
    expect_error(tmp_path, "t10k-images-idx3-ubyte", "(3, 4)", "(4, 3)")
    write_set(tmp_path, train_images=np.zeros((5, 12), dtype=np.uint8))
    expect_error(tmp_path, "train-images-idx3-ubyte", "(5, 12)", "three dimensions")
    write_set(tmp_path, train_labels=np.zeros((5, 1), dtype=np.uint8))
    expect_error(tmp_path, "train-labels-idx1-ubyte", "(5, 1)", "one dimension")


def test_mnist_passes_on_what_is_wrong_with_a_file(tmp_path):
    write_set(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"<!DOCTYPE html>")
    expect_error(tmp_path, "t10k-images-idx3-ubyte: is not an IDX file")
    (tmp_path / "t10k-images-idx3-ubyte").unlink()
    (tmp_path / "t10k-images-idx3-ubyte").mkdir()
    expect_error(tmp_path, "t10k-images-idx3-ubyte: is not a file")


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
