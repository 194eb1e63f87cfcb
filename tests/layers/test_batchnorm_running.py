"""Batch normalization's running statistics, from the first update to evaluation."""

import statistics

import numpy as np
import pytest

from layers import batchnorm

N, M = 7, 3


def batch(rows=N, dtype=np.float64):
    rng = np.random.default_rng(0)
    return rng.normal([1.0, -5.0, 100.0], [1.0, 0.1, 20.0], (rows, M)).astype(dtype)


def train(x):
    """Return the cache of a training forward."""
    return batchnorm.forward(x, np.ones(M, x.dtype), np.zeros(M, x.dtype))[1]


@pytest.mark.parametrize("rows", [2, N])
@pytest.mark.parametrize("momentum", [0.0, 0.1, 1.0])
def test_momentum_weighs_the_new_batch(momentum, rows):
    x, old_mean, old_var = batch(rows), np.array([3.0, 4.0, 5.0]), np.array([0.5, 1.0, 2.0])
    given = () if momentum == 0.1 else (momentum,)
    mean, var = batchnorm.update_running(old_mean, old_var, train(x), *given)
    for m, column in enumerate(x.T.tolist()):
        of_batch = statistics.fmean(column), statistics.variance(column)    # unbiased
        for new, old, its in zip((mean, var), (old_mean, old_var), of_batch, strict=True):
            assert new[m] == pytest.approx((1 - momentum) * old[m] + momentum * its, rel=1e-13)


@pytest.mark.parametrize("rows", [1, N])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_new_statistics_are_arrays_of_their_own_and_the_dtype_stays(rows, dtype):
    mean, var, cache = np.zeros(M, dtype), np.ones(M, dtype), train(batch(rows, dtype))
    new_mean, new_var = batchnorm.update_running(mean, var, cache, momentum=np.float64(0.1))
    again = batchnorm.update_running(mean, var, cache, momentum=0.1)
    np.testing.assert_array_equal((new_mean, new_var), again)
    assert new_mean.dtype == new_var.dtype == dtype
    assert mean.tolist() == [0] * M and var.tolist() == [1] * M
    for new in (new_mean, new_var):
        assert not any(np.shares_memory(new, old) for old in (mean, var, *cache[:4]))


def test_evaluation_follows_the_formula_row_by_row():
    x, gamma, beta = batch(), np.array([1.0, -2.0, 0.5]), np.array([0.0, 3.0, -1.0])
    mean, var = np.array([0.5, -4.0, 90.0]), np.array([2.0, 0.5, 300.0])
    out, _ = batchnorm.forward(x, gamma, beta, running=(mean, var), eps=0.25)
    for row, normalized in zip(x, out, strict=True):
        expected = [g * (entry - m) / (v + 0.25) ** 0.5 + b
                    for entry, m, v, g, b in zip(row, mean, var, gamma, beta, strict=True)]
        assert normalized == pytest.approx(expected, rel=1e-12)


def test_one_row_leaves_the_running_statistics_alone():
    # Its unbiased variance would be 0 / 0.
    mean, var = batchnorm.update_running(np.full(M, 2.0), np.full(M, 3.0), train(batch(1)))
    assert mean.tolist() == [2] * M and var.tolist() == [3] * M


def test_an_evaluation_cache_is_refused():
    running = (np.zeros(M), np.ones(M))
    _, cache = batchnorm.forward(batch(), np.ones(M), np.zeros(M), running=running)
    with pytest.raises(ValueError, match="evaluation"):
        batchnorm.update_running(*running, cache)


def test_statistics_that_do_not_fit_the_batch_are_refused():
    cache, right = train(batch()), np.ones(M)
    for wrong, error in ((np.ones(1), ValueError), (np.ones((1, M)), ValueError),
                         (right.astype(np.float32), TypeError), (right.astype(int), TypeError)):
        with pytest.raises(error, match=r"\bmean\b"):
            batchnorm.update_running(wrong, right, cache)
        with pytest.raises(error, match=r"\bvar\b"):
            batchnorm.update_running(right, wrong, cache)
