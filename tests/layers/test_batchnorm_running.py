"""Batch normalization's running statistics, from the first update to evaluation."""

import statistics

import numpy as np
import pytest

from layers import batchnorm

N, M = 7, 3


def batch(seed=0, dtype=np.float64, rows=N):
    return (
        np.random.default_rng(seed)
        .normal([1.0, -5.0, 100.0], [1.0, 0.1, 20.0], (rows, M))
        .astype(dtype)
    )


def train(x):
    """Return the cache of a training forward."""
    return batchnorm.forward(x, np.ones(M, x.dtype), np.zeros(M, x.dtype))[1]


def column_statistics(x):
    """Mean and unbiased variance of each column, in plain Python."""
    columns = x.T.tolist()
    return [statistics.fmean(c) for c in columns], [statistics.variance(c) for c in columns]


def test_by_hand():
    # Columns of mean 2 and 0; squared deviations add up to 2 and 32, over N - 1 = 2.
    cache = batchnorm.forward(
        np.array([[1.0, 4.0], [2.0, -4.0], [3.0, 0.0]]), np.ones(2), np.zeros(2)
    )[1]
    mean, var = batchnorm.update_running(np.array([0.0, 1.0]), np.array([1.0, 6.0]), cache)
    assert mean == pytest.approx([0.2, 0.9], rel=1e-15)
    assert var == pytest.approx([1.0, 7.0], rel=1e-15)


def test_two_rows_are_enough():
    cache = batchnorm.forward(np.array([[1.0], [5.0]]), np.ones(1), np.zeros(1))[1]
    mean, var = batchnorm.update_running(np.zeros(1), np.ones(1), cache, momentum=1.0)
    assert (mean.item(), var.item()) == (3, 8)


@pytest.mark.parametrize("momentum", [0.0, 0.1, 0.5, 1.0])
def test_momentum_weighs_the_new_batch(momentum):
    x, old_mean, old_var = batch(), np.array([3.0, 4.0, 5.0]), np.array([0.5, 1.0, 2.0])
    mean, var = batchnorm.update_running(old_mean, old_var, train(x), momentum)
    batch_mean, batch_var = column_statistics(x)
    for m in range(M):
        assert mean[m] == pytest.approx(
            (1 - momentum) * old_mean[m] + momentum * batch_mean[m], rel=1e-13
        )
        assert var[m] == pytest.approx(
            (1 - momentum) * old_var[m] + momentum * batch_var[m], rel=1e-13
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_is_mutated_and_the_dtype_stays(dtype):
    x, mean, var = batch(dtype=dtype), np.zeros(M, dtype), np.ones(M, dtype)
    cache = train(x)
    mean.setflags(write=False)
    var.setflags(write=False)
    before = [np.copy(part) for part in cache[:4]]
    new_mean, new_var = batchnorm.update_running(mean, var, cache)
    assert new_mean.dtype == new_var.dtype == dtype and new_mean.shape == new_var.shape == (M,)
    assert all(np.array_equal(*two) for two in zip(before, cache[:4], strict=True))
    again = batchnorm.update_running(mean, var, cache)
    assert np.array_equal(again[0], new_mean) and np.array_equal(again[1], new_var)
    again = batchnorm.update_running(mean, var, cache, momentum=np.float64(0.1))
    assert again[0].dtype == again[1].dtype == dtype


def test_the_new_statistics_are_arrays_of_their_own():
    mean, var = np.zeros(M), np.ones(M)
    for rows in (N, 1):
        cache = train(batch(rows=rows))
        new_mean, new_var = batchnorm.update_running(mean, var, cache)
        new_mean += 1e3
        new_var += 1e3
        assert mean.tolist() == [0] * M and var.tolist() == [1] * M
        assert np.abs(cache[0]).max() < 500


def test_updates_over_fresh_batches_approach_the_population():
    # The unbiased variance is right on average even for batches of 4; the biased one would settle
    # at 3/4 of it.
    rng = np.random.default_rng(1)
    mean, var = np.zeros(500), np.ones(500)
    for _ in range(600):
        x = rng.normal(2.0, 3.0, (4, 500))
        mean, var = batchnorm.update_running(
            mean, var, batchnorm.forward(x, np.ones(500), np.zeros(500))[1], momentum=0.02
        )
    assert mean.mean() == pytest.approx(2.0, rel=0.02)
    assert var.mean() == pytest.approx(9.0, rel=0.02)


def test_evaluation_follows_the_formula():
    x, gamma, beta = batch(), np.array([1.0, -2.0, 0.5]), np.array([0.0, 3.0, -1.0])
    mean, var = np.array([0.5, -4.0, 90.0]), np.array([2.0, 0.5, 300.0])
    out, cache = batchnorm.forward(x, gamma, beta, running=(mean, var), eps=0.25)
    dout = batch(seed=3)
    dx, dgamma, dbeta = batchnorm.backward(dout, cache)
    for m in range(M):
        root = (var[m] + 0.25) ** 0.5
        assert out[:, m] == pytest.approx(
            [gamma[m] * (entry - mean[m]) / root + beta[m] for entry in x[:, m]]
        )
        assert dx[:, m] == pytest.approx([gamma[m] / root * d for d in dout[:, m]])
        rows = zip(dout[:, m], x[:, m], strict=True)
        assert dgamma[m] == pytest.approx(sum(d * (entry - mean[m]) / root for d, entry in rows))
        assert dbeta[m] == pytest.approx(sum(dout[:, m]))


def test_evaluation_treats_each_row_by_itself():
    x, ones, zeros = batch(), np.ones(M), np.zeros(M)
    running = (np.array([0.5, -4.0, 90.0]), np.array([2.0, 0.5, 300.0]))
    whole, _ = batchnorm.forward(x, ones, zeros, running=running)
    for n in range(N):
        alone, _ = batchnorm.forward(x[n : n + 1], ones, zeros, running=running)
        assert np.array_equal(alone[0], whole[n])


def test_evaluation_with_the_batch_statistics_is_the_training_output():
    x, gamma, beta = batch(), np.array([1.0, -2.0, 0.5]), np.array([0.0, 3.0, -1.0])
    training, _ = batchnorm.forward(x, gamma, beta)
    evaluation, _ = batchnorm.forward(x, gamma, beta, running=(x.mean(axis=0), x.var(axis=0)))
    assert evaluation == pytest.approx(training, rel=1e-12)


def test_one_row_leaves_the_running_statistics_alone():
    # Its unbiased variance would be 0 / 0.
    mean, var = batchnorm.update_running(np.full(M, 2.0), np.full(M, 3.0), train(batch(rows=1)))
    assert mean.tolist() == [2] * M and var.tolist() == [3] * M


def test_an_evaluation_cache_is_refused():
    statistics_ = (np.zeros(M), np.ones(M))
    _, cache = batchnorm.forward(batch(), np.ones(M), np.zeros(M), running=statistics_)
    with pytest.raises(ValueError, match="evaluation"):
        batchnorm.update_running(*statistics_, cache)


def test_statistics_that_do_not_fit_the_batch_are_refused():
    cache, right = train(batch()), np.ones(M)
    for wrong in (np.ones(1), np.ones(M + 1), np.ones((1, M))):
        with pytest.raises(ValueError, match=r"\bmean\b"):
            batchnorm.update_running(wrong, right, cache)
        with pytest.raises(ValueError, match=r"\bvar\b"):
            batchnorm.update_running(right, wrong, cache)
    for dtype in (np.float32, int):
        with pytest.raises(TypeError, match=r"\bmean\b"):
            batchnorm.update_running(right.astype(dtype), right, cache)
        with pytest.raises(TypeError, match=r"\bvar\b"):
            batchnorm.update_running(right, right.astype(dtype), cache)
