"""Clipping by the global norm, at the ends of the number range too."""

import math

import numpy as np
import pytest

from solvers.clipping import clip_by_global_norm, global_norm

DTYPES = [np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_long_gradient_is_shortened_in_place(dtype):
    dtheta = np.array([3.0, 0.0, -4.0], dtype=dtype)
    same = dtheta
    norm = clip_by_global_norm(dtheta, 1.0)
    assert norm == 5.0 and type(norm) is float
    assert dtheta is same and dtheta.dtype == dtype
    np.testing.assert_allclose(dtheta, [0.6, 0.0, -0.8], rtol=1e-6)


@pytest.mark.parametrize("limit", [5.0, 5.5, math.inf])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_gradient_within_the_limit_is_untouched(dtype, limit):
    dtheta = np.array([3.0, -4.0], dtype=dtype)
    dtheta.setflags(write=False)
    assert clip_by_global_norm(dtheta, limit) == 5.0
    np.testing.assert_array_equal(dtheta, [3.0, -4.0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_clipped_length_is_the_limit_and_the_direction_stays(dtype):
    dtheta = np.random.default_rng(0).standard_normal(1000).astype(dtype)
    before = dtheta.astype(np.float64)
    norm = clip_by_global_norm(dtheta, 2.5)
    assert norm == pytest.approx(math.sqrt(math.fsum(before**2)), rel=1e-5)
    assert math.sqrt(math.fsum(dtheta.astype(np.float64) ** 2)) == pytest.approx(2.5, rel=1e-5)
    np.testing.assert_allclose(dtheta, before * (2.5 / norm), rtol=1e-5)


def test_zero_gradient():
    dtheta = np.zeros(3, dtype=np.float32)
    assert clip_by_global_norm(dtheta, 1.0) == 0.0
    np.testing.assert_array_equal(dtheta, 0)


@pytest.mark.parametrize(("dtype", "unit"), [(np.float32, 1e30), (np.float64, 1e200)])
def test_squares_that_overflow(dtype, unit):
    dtheta = np.array([3 * unit, -4 * unit, 0], dtype=dtype)
    assert clip_by_global_norm(dtheta, 10.0) == pytest.approx(5 * unit, rel=1e-6)
    np.testing.assert_allclose(dtheta, [6.0, -8.0, 0.0], rtol=1e-6)


def test_length_beyond_float32():
    dtheta = np.full(100, 3e38, dtype=np.float32)
    assert clip_by_global_norm(dtheta, 1.0) == pytest.approx(3e39, rel=1e-6)
    np.testing.assert_allclose(dtheta, 0.1, rtol=1e-3)


@pytest.mark.parametrize(
    ("dtype", "unit"),
    [(np.float32, 1e-30), (np.float32, 1e-22), (np.float64, 1e-200), (np.float64, 1e-161)],
)
def test_squares_that_underflow(dtype, unit):
    # to zero at the smaller unit of each dtype, to a number with few digits left at the larger
    dtheta = np.array([3 * unit, -4 * unit], dtype=dtype)
    assert global_norm(dtheta) == pytest.approx(5 * unit, rel=1e-6)
    clip_by_global_norm(dtheta, unit)
    np.testing.assert_allclose(dtheta / dtype(unit), [0.6, -0.8], rtol=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_that_are_not_finite_are_left_alone(dtype, bad):
    dtheta = np.array([1.0, bad, 300.0], dtype=dtype)
    norm = clip_by_global_norm(dtheta, 1.0)
    assert math.isnan(norm) if math.isnan(bad) else norm == math.inf
    np.testing.assert_array_equal(dtheta, np.array([1.0, bad, 300.0], dtype=dtype))


@pytest.mark.parametrize("limit", [0, -1.0, math.nan])
def test_limit_must_be_positive(limit):
    with pytest.raises(ValueError, match=f"^limit must be positive, got {limit}"):
        clip_by_global_norm(np.ones(2), limit)
