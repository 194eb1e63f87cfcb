"""The statistics of batch normalization estimated anew, against means and variances of NumPy."""

import copy

import numpy as np
import pytest
from solver_cases import small_problem, solver_for

from layers import batchnorm, gelu, maxout
from models.fully_connected_net import FullyConnectedNet
from models.two_layer_net import TwoLayerNet
from solvers import fresh_statistics


def net(**settings):
    return FullyConnectedNet([4, 6, 5, 2], norm=batchnorm, dtype=np.float64, **settings)


def test_means_and_variances_of_batches_count_by_their_rows():
    x = np.random.default_rng(1).normal(1, 2, size=(23, 4))
    model = net(activation=gelu, drop=0.5)
    drawn = copy.deepcopy(model.rng).random()
    fresh_statistics.estimate(model, x, 8)
    assert model.rng.random() == drawn                          # there was no dropout
    order = np.random.default_rng(0).permutation(23)
    p, found = model.params, dict.fromkeys(model.running, 0.0)
    for rows in (order[:8], order[8:16], order[16:]):
        first = x[rows] @ p["W1"] + p["b1"]
        normal = (first - first.mean(0)) / np.sqrt(first.var(0) + 1e-5)
        active, _ = gelu.forward(normal)                        # gamma is 1, and beta 0
        second = active @ p["W2"] + p["b2"]
        for i, values in ((1, first), (2, second)):
            found[f"mean{i}"] += len(rows) / 23 * values.mean(0)
            found[f"var{i}"] += len(rows) / 23 * values.var(0, ddof=1)
    for name, values in found.items():
        np.testing.assert_allclose(model.running[name], values, rtol=1e-9)


def test_maxout_of_any_number_of_pieces():
    x = np.random.default_rng(1).normal(size=(12, 4))
    model = net(activation=maxout, pieces=3)
    fresh_statistics.estimate(model, x, 12)
    first = x @ model.params["W1"] + model.params["b1"]
    normal = (first - first.mean(0)) / np.sqrt(first.var(0) + 1e-5)
    second = normal.reshape(12, 6, 3).max(2) @ model.params["W2"] + model.params["b2"]
    np.testing.assert_allclose(model.running["mean2"], second.mean(0), atol=1e-12)


def test_a_batch_of_one_row_says_nothing():
    x = np.random.default_rng(1).normal(size=(9, 4))
    model, other = net(), net()
    fresh_statistics.estimate(model, x, 8)
    order = np.random.default_rng(0).permutation(9)
    first = x[order[:8]] @ other.params["W1"] + other.params["b1"]
    np.testing.assert_allclose(model.running["var1"], first.var(0, ddof=1))
    fresh_statistics.estimate(other, x, 1)                      # in pairs
    assert not np.array_equal(other.running["var1"], np.ones(6))


@pytest.mark.parametrize("val", [True, False])
@pytest.mark.parametrize("average", [None, 0.9])
def test_at_the_end_they_go_with_the_weights_that_are_kept(val, average):
    x, y = small_problem()
    valid = (x[:20], y[:20]) if val else None
    usual = solver_for(net(), (x, y), valid, epochs=6, average=average)
    solver = solver_for(net(), (x, y), valid, epochs=6, average=average, freshens=True)
    usual.train(), solver.train()
    assert np.array_equal(solver.model.theta, usual.model.theta)
    assert [{**each, "seconds": 0} for each in solver.history] == [
        {**each, "seconds": 0} for each in usual.history]
    usual.use_best(), solver.use_best()
    assert np.array_equal(solver.model.theta, usual.model.theta)
    assert not np.allclose(solver.model.statistics, usual.model.statistics, rtol=1e-3)
    fresh_statistics.estimate(usual.model, x, 16)
    assert np.array_equal(solver.model.statistics, usual.model.statistics)


def test_a_model_without_batch_normalization_has_none():
    with pytest.raises(ValueError, match="freshens needs a model with batch normalization"):
        solver_for(TwoLayerNet(4, 5, 2), small_problem(np.float32), freshens=True)
