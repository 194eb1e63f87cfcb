"""Standardization against exact rational arithmetic, in hard cases of size, offset and memory."""

from fractions import Fraction

import numpy as np
import pytest
from peak_memory import peak_below

from data import standardize


def exact(column):
    """Mean and standard deviation by exact fractions, rounded once at the end."""
    numbers = [Fraction(float(v)) for v in column]
    mean = sum(numbers) / len(numbers)
    variance = sum((v - mean) ** 2 for v in numbers) / len(numbers)
    return float(mean), float(variance) ** 0.5


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int16, np.uint64, np.float16, np.float32, np.float64, bool]
)
def test_every_real_type_against_exact_arithmetic(dtype):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2 if dtype is bool else 200, (50, 3)).astype(dtype)
    mean, scale = standardize.fit(x)
    assert mean.shape == scale.shape == (3,)
    assert mean.dtype == scale.dtype == np.float64
    for column in range(3):
        np.testing.assert_allclose((mean[column], scale[column]), exact(x[:, column]), rtol=1e-14)
    mean, scale = standardize.fit(x, per="dataset")
    assert mean.shape == scale.shape == (1,)
    np.testing.assert_allclose((mean[0], scale[0]), exact(x.ravel()), rtol=1e-14)


@pytest.mark.parametrize("per", ["feature", "dataset"])
@pytest.mark.parametrize("offset, spread", [(1e6, 1e-6), (-1e9, 1e-3), (1e15, 1.0), (0, 1e-100)])
def test_a_large_offset_costs_no_digits(per, offset, spread):
    rng = np.random.default_rng(0)
    x = offset + spread * rng.standard_normal((1000, 1))
    mean, scale = standardize.fit(x, per)
    expected_mean, expected_scale = exact(x[:, 0])
    assert scale[0] == pytest.approx(expected_scale, rel=1e-9)
    # As near as float64 can say it: the mean is off by no more than a few of its last places.
    assert abs(mean[0] - expected_mean) <= 2 * np.spacing(abs(expected_mean)) + 1e-12 * spread


def test_an_outlier_in_the_first_row_costs_no_digits():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1000, 1))
    x[0] = 1e8
    mean, scale = standardize.fit(x)
    np.testing.assert_allclose((mean[0], scale[0]), exact(x[:, 0]), rtol=1e-12)


@pytest.mark.parametrize("per", ["feature", "dataset"])
def test_chunks_do_not_show(per, monkeypatch):
    rng = np.random.default_rng(0)
    x = 5 + rng.standard_normal((103, 7))
    axis = 0 if per == "feature" else None
    for chunk in (1, 7, 50, 7 * 103, 10_000):
        monkeypatch.setattr(standardize, "CHUNK", chunk)
        mean, scale = standardize.fit(x, per)
        np.testing.assert_allclose(mean, np.atleast_1d(x.mean(axis=axis)), rtol=1e-14)
        np.testing.assert_allclose(scale, np.atleast_1d(x.std(axis=axis)), rtol=1e-14)
        np.testing.assert_allclose(
            standardize.apply(x, mean, scale, np.float64), (x - mean) / scale, rtol=1e-15
        )


@pytest.mark.parametrize("value", [0, 7, 255, 0.1, 1e6 + 0.1, -1e300])
def test_constant_columns_become_zero(value):
    x = np.random.default_rng(0).standard_normal((999, 3))
    x[:, 1] = value
    mean, scale = standardize.fit(x)
    assert mean[1] == value
    assert scale[1] == 1
    assert (standardize.apply(x, mean, scale, np.float32)[:, 1] == 0).all()
    mean, scale = standardize.fit(x[:, 1:2], per="dataset")
    assert (mean[0], scale[0]) == (value, 1)


def test_other_parts_use_the_numbers_they_are_given():
    x = np.array([[1, 2], [3, 4]])
    z = standardize.apply(x, np.array([1.0, 0.0]), np.array([2.0, 4.0]), float)
    assert z.tolist() == [[0, 0.5], [1, 1]]
    z = standardize.apply(x, np.array([1.0]), np.array([2.0]), float)
    assert z.tolist() == [[0, 0.5], [1, 1.5]]
    z = standardize.apply(x, 0.0, 1.0, np.float32)
    assert z.tolist() == [[1, 2], [3, 4]]


def test_float32_is_rounded_once_after_the_offset_is_gone():
    x = np.array([[1e9], [1e9 + 1], [1e9 + 2]])
    z = standardize.apply(x, *standardize.fit(x), np.float32)
    np.testing.assert_allclose(z[:, 0], np.array([-1, 0, 1]) * np.sqrt(1.5), rtol=1e-7)


def test_inputs_are_left_alone_and_the_result_is_new():
    x = np.random.default_rng(0).standard_normal((5, 2))
    mean, scale = standardize.fit(x)
    before = x.copy(), mean.copy(), scale.copy()
    z = standardize.apply(x, mean, scale, np.float64)
    z[:] = 0
    for array, copy in zip((x, mean, scale), before, strict=True):
        np.testing.assert_array_equal(array, copy)
    same = standardize.apply(x, np.zeros(2), np.ones(2), np.float64)
    assert not np.shares_memory(same, x)


def test_bytes_are_never_copied_whole_into_float64():
    x = np.random.default_rng(0).integers(0, 256, (20_000, 784), dtype=np.uint8)   # 15 MiB
    with peak_below(12 * 2**20):                                    # in float64 it is 120 MiB
        for per in ("feature", "dataset"):
            mean, scale = standardize.fit(x, per)
    with peak_below(4 * x.size + 12 * 2**20):                       # the result is float32
        standardize.apply(x, mean, scale, np.float32)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_not_finite_is_refused_by_column(value, dtype, monkeypatch):
    monkeypatch.setattr(standardize, "CHUNK", 10)
    x = np.zeros((20, 3), dtype=dtype)
    x[17, 2] = value
    message = f"^x holds {value} in row 17, column 2"
    for act in (lambda: standardize.fit(x), lambda: standardize.fit(x, per="dataset"),
                lambda: standardize.apply(x, np.zeros(3), np.ones(3), np.float32)):
        with pytest.raises(ValueError, match=message):
            act()


def test_what_overflows_is_refused_by_column():
    x = np.zeros((3, 2))
    x[:, 1] = [-1e308, 1e308, 0]
    with pytest.raises(ValueError, match="^x is too large: the variance of column 1 overflows"):
        standardize.fit(x)
    with pytest.raises(ValueError, match="^x is too large: the variance of the dataset overflows"):
        standardize.fit(x, per="dataset")
    with pytest.raises(ValueError, match="standardized to float32, holds -inf in row 0, column 1"):
        standardize.apply(x, np.zeros(2), np.ones(2), np.float32)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 3), (3, 0)])
def test_other_shapes_are_refused(shape):
    x = np.zeros(shape)
    with pytest.raises(ValueError, match=r"^x must have shape \(N, D\)"):
        standardize.fit(x)
    with pytest.raises(ValueError, match=r"^x must have shape \(N, D\)"):
        standardize.apply(x, np.zeros(1), np.ones(1), np.float32)


def test_other_arguments_are_refused():
    x = np.zeros((2, 3))
    with pytest.raises(ValueError, match="^per must be 'feature' or 'dataset', got 'column'"):
        standardize.fit(x, per="column")
    for wrong in (x.astype(complex), x.astype(str), x.astype(object)):
        with pytest.raises(TypeError, match="^x must hold real numbers, got"):
            standardize.fit(wrong)
    for dtype in (np.int64, np.float16, "U3"):
        with pytest.raises(TypeError, match="^dtype must be float32 or float64"):
            standardize.apply(x, np.zeros(3), np.ones(3), dtype)
    with pytest.raises(ValueError, match=r"^mean must have shape \(3,\) or \(1,\), got \(2,\)"):
        standardize.apply(x, np.zeros(2), np.ones(3), np.float32)
    with pytest.raises(ValueError, match=r"^scale must have shape \(3,\) or \(1,\), got \(3, 1\)"):
        standardize.apply(x, np.zeros(3), np.ones((3, 1)), np.float32)
    for scale in (0, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="scale finite and positive"):
            standardize.apply(x, np.zeros(3), np.array([1, scale, 1]), np.float32)
