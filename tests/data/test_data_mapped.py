"""Rows of a mapped file, standardized as they are taken: the same as of an array in memory."""

import pickle

import numpy as np
import pytest
from peak_memory import peak_below

from data import mapped, npy_file, standardize
from data.errors import DataError
from data.mapped import MappedRows
from data.preprocessing import Preprocessing

UNCHANGED = Preprocessing(np.zeros(1), np.ones(1))


def open_copy(folder, array):
    """The array as a mapped file."""
    np.save(folder / "x.npy", array)
    return npy_file.open_mapped(folder / "x.npy")


@pytest.fixture
def raw():
    return np.random.default_rng(0).normal(5, 3, (40, 6))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype, taken", [
    (np.float64, np.float32), (np.float32, np.float64), (np.uint8, np.float32), (">f4", np.float32),
])
def test_rows_are_those_of_an_array(order, dtype, taken, raw, tmp_path):
    raw = np.asarray(raw, dtype, order=order)
    index = np.random.default_rng(1).permutation(40)[:25]
    fitted = Preprocessing(*standardize.fit(raw[index]))
    rows = MappedRows(open_copy(tmp_path, raw), index, fitted, taken)
    wanted = standardize.apply(raw[index], fitted.mean, fitted.scale, taken)
    assert len(rows) == 25
    assert rows.shape == (25, 6)
    assert rows.dtype == taken
    for pick in ([3], [7, 0, 24, 7], np.arange(25), np.arange(25)[::-1], [], [-1, 0]):
        part = rows.take(np.asarray(pick, int), axis=0)
        assert part.dtype == taken
        assert type(part) is np.ndarray
        np.testing.assert_array_equal(part, wanted[np.asarray(pick, int)])
    for piece in (slice(0, 5), slice(20, 99), slice(None), slice(5, 5), slice(-3, None),
                  slice(None, None, 2)):
        np.testing.assert_array_equal(rows[piece], wanted[piece])


@pytest.mark.parametrize("order", ["C", "F"])
def test_another_process_gets_the_place_of_the_file(order, raw, tmp_path):
    rows = MappedRows(open_copy(tmp_path, np.asarray(np.tile(raw, (100, 1)), order=order)),
                      np.arange(3990), Preprocessing(*standardize.fit(raw)), np.float32)
    sent = pickle.dumps(rows)
    assert len(sent) < 50_000       # the file has 192,000 bytes
    np.testing.assert_array_equal(pickle.loads(sent)[7:40], rows[7:40])


def test_rows_in_one_piece_are_those_of_an_array(raw, tmp_path):
    rows = MappedRows(open_copy(tmp_path, raw), np.arange(10, 30), UNCHANGED, np.float64)
    np.testing.assert_array_equal(rows[3:9], raw[13:19])
    part = rows.take(np.array([5, 3, 4]), axis=0)
    np.testing.assert_array_equal(part, raw[[15, 13, 14]])
    part[:] = 0                                                     # the caller's own
    np.testing.assert_array_equal(rows[3:9], raw[13:19])


def test_what_is_taken_is_all_that_is_in_memory(tmp_path):
    x = open_copy(tmp_path, np.zeros((20_000, 100)))                # 16 MB
    rows = MappedRows(x, np.arange(0, 20_000, 2), UNCHANGED, np.float32)
    with peak_below(2**20):
        for start in range(0, 10_000, 64):
            rows.take(np.arange(start, min(start + 64, 10_000)), axis=0)
        mapped.fit(x, np.arange(20_000), chunk=10_000)


def test_other_arguments_are_refused(raw, tmp_path):
    rows = MappedRows(open_copy(tmp_path, raw), np.arange(40), UNCHANGED, np.float32)
    with pytest.raises(ValueError, match="axis must be 0"):
        rows.take(np.array([0]), axis=1)
    with pytest.raises(IndexError):
        rows.take(np.array([40]))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_told_with_file_and_row(value, raw, tmp_path):
    raw[17, 2] = value
    x = open_copy(tmp_path, raw)
    rows = MappedRows(x, np.array([3, 20, 17, 5]), UNCHANGED, np.float32)
    assert rows[:2].shape == (2, 6)
    for take in (lambda: rows[1:], lambda: mapped.fit(x, np.array([3, 20, 17, 5]))):
        with pytest.raises(DataError, match="x.npy: row 17, column 2") as caught:
            take()
        assert "\n" not in str(caught.value)
    rows = MappedRows(x, np.arange(3), Preprocessing(np.zeros(1), np.array([1e-300])), np.float32)
    with pytest.raises(DataError, match="x.npy: .*too large"):
        rows.take(np.array([0]))


@pytest.mark.parametrize("per", ["feature", "dataset"])
@pytest.mark.parametrize("chunk", [1, 7, 60, 10**6])
def test_fit_is_that_of_an_array(per, chunk, raw, tmp_path):
    raw[:, 1] = 0.1
    raw[:, 2] += 1e6
    index = np.random.default_rng(1).permutation(40)[:25]
    mean, scale = mapped.fit(open_copy(tmp_path, raw), index, per, chunk)
    wanted = raw[index] if per == "feature" else raw[index].reshape(-1, 1)
    np.testing.assert_allclose(mean, wanted.mean(axis=0), rtol=1e-12)
    if per == "feature":
        assert (mean[1], scale[1]) == (0.1, 1)                      # constant
        scale[1] = wanted[:, 1].std()
    np.testing.assert_allclose(scale, wanted.std(axis=0), rtol=1e-9, atol=1e-12)


def test_fit_refuses_what_overflows(tmp_path):
    x = open_copy(tmp_path, np.array([[-1e200], [1e200], [0]]))
    with pytest.raises(DataError, match="x.npy: its numbers are too large"):
        mapped.fit(x, np.arange(3))
