"""The Solver: which weights it keeps, and how long it waits for better ones."""

import numpy as np
import pytest
from solver_cases import small_problem, solver_for

from layers import batchnorm
from models.fully_connected_net import FullyConnectedNet
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor
from solvers import schedules
from solvers.update_rules.adam import Adam


def test_best_weights_start_as_a_copy_of_the_first():
    x, y = small_problem()
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    first = model.theta.copy()
    solver = solver_for(model, (x, y), (x, y), epochs=0)
    assert solver.train() == []
    model.theta[:] = 7
    solver.use_best()
    assert np.array_equal(model.theta, first)


def test_best_weights_though_validation_accuracy_is_always_zero():
    x, y = small_problem()
    never = np.full(60, 2)  # a class that the labels do not have
    model = TwoLayerNet(4, 5, 3, dtype=np.float64)
    model.params["b2"][2] = -1e3
    solver = solver_for(model, (x, y), (x, never), epochs=4)
    history = solver.train()
    assert [entry["val_metric"] for entry in history] == [0.0] * 4
    losses = [entry["val_loss"] for entry in history]
    assert solver.best["epoch"] == 1 + losses.index(min(losses))
    solver.use_best()
    assert solver.evaluate(x, never)[0] == pytest.approx(min(losses))


def test_best_weights_are_those_of_the_best_epoch_and_carry_running_statistics():
    rng = np.random.default_rng(0)
    x, y = small_problem()
    val = (rng.normal(size=(40, 4)), rng.integers(0, 2, 40))
    model = FullyConnectedNet([4, 8, 2], norm=batchnorm, dtype=np.float64)
    kept = []
    solver = solver_for(model, (x, y), val, epochs=12, schedule=schedules.constant(1.0),
                        on_epoch=lambda e: kept.append((model.theta.copy(),
                                                        model.statistics.copy())))
    history = solver.train()
    ranked = [(entry["val_metric"], -entry["val_loss"]) for entry in history]
    best = ranked.index(max(ranked))
    assert best != len(history) - 1  # else the test would show nothing
    assert solver.best["epoch"] == best + 1
    assert np.array_equal(model.theta, kept[-1][0])
    solver.use_best()
    assert np.array_equal(model.theta, kept[best][0])
    assert np.array_equal(model.statistics, kept[best][1])


def test_regression_is_judged_by_the_validation_loss():
    x = np.linspace(-1, 1, 40).reshape(-1, 1)
    y = x**2
    model = TwoLayerRegressor(1, 8, 1, dtype=np.float64)
    solver = solver_for(model, (x, y), (x, y), metric=None, epochs=30, update_rule=Adam(),
                        schedule=schedules.constant(0.05))
    history = solver.train()
    losses = [entry["val_loss"] for entry in history]
    assert solver.best["val_loss"] == min(losses) < losses[0]
    assert all(entry["val_metric"] is None for entry in history)


def test_without_validation_the_last_weights_are_the_best():
    x, y = small_problem()
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    solver = solver_for(model, (x, y))
    solver.train()
    last = model.theta.copy()
    solver.use_best()
    assert np.array_equal(model.theta, last)


def test_patience():
    x, y = small_problem()
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    # of the training sample, then of the validation data, epoch by epoch
    metrics = iter([0.0, 0.5, 0.0, 0.7, 0.0, 0.6, 0.0, 0.7, 0.0, 0.5, 0.0, 0.9])
    solver = solver_for(model, (x, y), (x, y), epochs=50, patience=3)
    solver.evaluate = lambda *_: (1.0, next(metrics))
    solver.train()
    assert len(solver.history) == 5
    assert solver.best["epoch"] == 2


@pytest.mark.parametrize("min_delta, epochs, best", [(0.0, 8, 8), (0.1, 6, 6)])
def test_patience_counts_from_the_last_epoch_that_was_better_by_min_delta(min_delta, epochs, best):
    """The loss of a guess of two classes is log(2), so 0.1 of it is 0.0693."""
    x, y = small_problem()
    losses = [0.5, 0.5 - 0.07, 0.42, 0.35, 0.34, 0.3, 0.29, 0.28]     # 4 is the last by so much
    solver = solver_for(TwoLayerNet(4, 5, 2, dtype=np.float64), (x, y), (x, y), epochs=8,
                        patience=2, min_delta=min_delta)
    given = iter([loss for each in losses for loss in (None, each)])
    solver.evaluate = lambda *_: (next(given), 1.0)
    solver.train()
    assert (len(solver.history), solver.best["epoch"]) == (epochs, best)
    again = solver_for(TwoLayerNet(4, 5, 2, dtype=np.float64), (x, y), (x, y), epochs=8,
                       patience=2, min_delta=min_delta)
    for entry in solver.history:                            # as a checkpoint brings it back
        again.count_patience(entry)
    assert again.counted == solver.counted


def test_a_better_metric_counts_for_patience_whatever_the_loss():
    x, y = small_problem()
    solver = solver_for(TwoLayerNet(4, 5, 2, dtype=np.float64), (x, y), (x, y), epochs=9,
                        patience=2, min_delta=10.0)
    metrics = iter([value for each in (0.5, 0.5, 0.6, 0.6, 0.7, 0.7, 0.7, 0.9)
                    for value in (0.0, each)])
    solver.evaluate = lambda *_: (1.0, next(metrics))
    solver.train()
    assert len(solver.history) == 7


def test_the_loss_of_a_guess():
    x = np.linspace(-1, 1, 40).reshape(-1, 1)
    model = TwoLayerRegressor(1, 8, 1, dtype=np.float64)
    solver = solver_for(model, (x, x), (x, 1000 + x**2), metric=None)
    assert solver.guess_loss() == pytest.approx(0.5 * np.var(x**2))     # the mean is guessed
    x, y = small_problem()
    solver = solver_for(TwoLayerNet(4, 5, 2, dtype=np.float64), (x, y), (x, y))
    assert solver.guess_loss() == pytest.approx(np.log(2))
