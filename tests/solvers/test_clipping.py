"""Clipping by the global norm, at the ends of the number range too."""

import math

import numpy as np
import pytest

from solvers.clipping import clip_by_global_norm, global_norm

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@every_dtype
def test_a_long_gradient_is_shortened_in_place_and_its_direction_stays(dtype):
    dtheta = np.random.default_rng(0).standard_normal(1000).astype(dtype)
    before = dtheta.astype(np.float64)
    norm = clip_by_global_norm(dtheta, 2.5)
    assert norm == pytest.approx(math.sqrt(math.fsum(before**2)), rel=1e-5)
    assert type(norm) is float and dtheta.dtype == dtype
    np.testing.assert_allclose(dtheta, before * (2.5 / norm), rtol=1e-5)


@pytest.mark.parametrize("limit", [5.0, 5.5, math.inf])
@every_dtype
def test_a_gradient_within_the_limit_is_untouched(dtype, limit):
    dtheta = np.array([3.0, -4.0], dtype=dtype)
    dtheta.setflags(write=False)
    assert clip_by_global_norm(dtheta, limit) == 5.0
    assert clip_by_global_norm(np.zeros(3, dtype), limit) == 0.0


@pytest.mark.parametrize("dtype, unit", [
    # squares overflow
    (np.float32, 1e30), (np.float64, 1e200),
    # squares underflow: to zero, and to a number with few digits left
    (np.float32, 1e-30), (np.float32, 1e-22), (np.float64, 1e-200), (np.float64, 1e-161),
])
def test_squares_beyond_the_number_range(dtype, unit):
    dtheta = np.array([3 * unit, -4 * unit, 0], dtype=dtype)
    assert global_norm(dtheta) == pytest.approx(5 * unit, rel=1e-6)
    clip_by_global_norm(dtheta, unit)
    np.testing.assert_allclose(dtheta / dtype(unit), [0.6, -0.8, 0.0], rtol=1e-6)


def test_length_beyond_float32():
    dtheta = np.full(100, 3e38, dtype=np.float32)
    assert clip_by_global_norm(dtheta, 1.0) == pytest.approx(3e39, rel=1e-6)
    np.testing.assert_allclose(dtheta, 0.1, rtol=1e-3)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@every_dtype
def test_numbers_that_are_not_finite_are_left_alone(dtype, bad):
    dtheta = np.array([1.0, bad, 300.0], dtype=dtype)
    norm = clip_by_global_norm(dtheta, 1.0)
    assert math.isnan(norm) if math.isnan(bad) else norm == math.inf
    np.testing.assert_array_equal(dtheta, np.array([1.0, bad, 300.0], dtype=dtype))


@pytest.mark.parametrize("limit", [0, -1.0, math.nan])
def test_limit_must_be_positive(limit):
    with pytest.raises(ValueError, match=f"^limit must be positive, got {limit}"):
        clip_by_global_norm(np.ones(2), limit)
