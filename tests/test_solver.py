"""The Solver: what an epoch visits, what it adds, what it keeps, when it stops."""

import math

import numpy as np
import pytest

from data import batches
from layers import batchnorm, square_loss, svm_loss
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor
from solvers import metrics, schedules
from solvers.divergence import Diverged
from solvers.solver import Solver
from solvers.update_rules.adam import Adam
from solvers.update_rules.sgd import Sgd


class Recorder:
    """A model that only writes down which examples it was shown: its one input is their number."""

    def __init__(self):
        self.theta, self.shapes = np.zeros(1), {"W1": (1, 1)}
        self.params, self.weights = {"W1": self.theta.reshape(1, 1)}, ["W1"]
        self.statistics, self.loss_layer = np.zeros(0), square_loss
        self.seen = []

    def scores(self, x):
        return np.zeros((len(x), 1))

    def loss(self, x, y):
        self.seen.append(x[:, 0].astype(int).tolist())
        return float(len(x)), {"W1": np.zeros((1, 1))}


def small_problem(dtype=np.float64, n=60):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).astype(dtype)
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    return x, y


def solver_for(model, train, val=None, **options):
    settings = {"update_rule": Sgd(), "schedule": schedules.constant(0.1), "batch_size": 16,
                "epochs": 3, "rng": np.random.default_rng(0)} | options
    return Solver(model, train, val, **settings)


@pytest.mark.parametrize("batch_size, cuts", [
    (1, [1] * 10), (4, [4, 4, 2]), (10, [10]), (64, [10]),
])
def test_every_epoch_visits_every_example_once_in_a_new_order(batch_size, cuts):
    model = Recorder()
    x = np.arange(10.0).reshape(10, 1)
    solver = solver_for(model, (x, x), batch_size=batch_size, epochs=5, metric=None)
    history = solver.train()
    steps = len(cuts)
    orders = []
    for epoch in range(5):
        seen = model.seen[epoch * steps : (epoch + 1) * steps]
        assert [len(batch) for batch in seen] == cuts
        order = sum(seen, [])
        assert sorted(order) == list(range(10))
        orders.append(tuple(order))
    assert len(set(orders)) == 5
    # each batch weighs what it holds: its "loss" here is its own size
    assert history[0]["train_loss"] == pytest.approx(sum(c * c for c in cuts) / 10)


def test_batches_of_an_order():
    order = batches.shuffled(7, np.random.default_rng(0))
    pieces = list(batches.cut(order, 3))
    assert [piece.size for piece in pieces] == [3, 3, 1]
    x, y = batches.take(np.arange(14.0).reshape(7, 2), np.arange(7), pieces[0])
    assert np.array_equal(x[:, 0], 2 * pieces[0])
    assert np.array_equal(y, pieces[0])


@pytest.mark.parametrize("loss", ["softmax", "svm"])
def test_overfits_twenty_points(loss):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 6)), rng.integers(0, 4, 20)
    layer = {"loss_layer": svm_loss} if loss == "svm" else {}
    model = TwoLayerNet(6, 60, 4, dtype=np.float64, **layer)
    solver = solver_for(model, (x, y), (x, y), update_rule=Adam(), epochs=200,
                        schedule=schedules.constant(0.01))
    history = solver.train()
    assert history[-1]["train_metric"] == 1.0
    assert history[-1]["train_loss"] < 0.05


def test_the_solver_adds_l2_of_weights_alone():
    x, y = small_problem()
    for reg in (0.3, [0.3, 0.7]):
        model = TwoLayerNet(4, 5, 2, dtype=np.float64)
        model.theta[:] = np.random.default_rng(3).normal(size=model.theta.size)
        before = {name: param.copy() for name, param in model.params.items()}
        _, grads = model.loss(x, y)
        solver_for(model, (x, y), reg=reg, batch_size=60, epochs=1).train()
        l1, l2 = (0.3, 0.3) if reg == 0.3 else reg
        for name, extra in (("W1", 2 * l1 * before["W1"]), ("W2", 2 * l2 * before["W2"]),
                            ("b1", 0.0), ("b2", 0.0)):
            expected = before[name] - 0.1 * (grads[name] + extra)
            assert np.allclose(model.params[name], expected, rtol=0, atol=1e-14), name


def test_l2_is_not_divided_by_the_batch():
    x = np.zeros((60, 4))
    y = np.zeros(60, np.int64)
    for batch_size in (1, 60):
        model = LinearClassifier(4, 2, dtype=np.float64)
        before = model.params["W1"].copy()
        solver = solver_for(model, (x, y), reg=0.5, batch_size=batch_size)
        solver.step(x[:batch_size], y[:batch_size])
        assert np.allclose(model.params["W1"], before * (1 - 0.1 * 2 * 0.5), rtol=0, atol=1e-15)


def test_history_of_one_epoch_against_a_loop_by_hand():
    x, y = small_problem()
    model = LinearClassifier(4, 2, dtype=np.float64)
    twin = LinearClassifier(4, 2, dtype=np.float64)
    solver = solver_for(model, (x, y), (x[:9], y[:9]), epochs=1,
                        schedule=schedules.inverse_time(0.5, 0.1))
    (entry,) = solver.train()
    order = np.random.default_rng(0).permutation(60)
    total = 0.0
    for step, start in enumerate(range(0, 60, 16)):
        index = order[start : start + 16]
        loss, grads = twin.loss(x[index], y[index])
        total += loss * len(index)
        for name in twin.params:
            twin.params[name] -= 0.5 / (1 + 0.1 * step) * grads[name]
    assert np.allclose(model.theta, twin.theta, rtol=0, atol=1e-15)
    assert entry["train_loss"] == pytest.approx(total / 60, abs=1e-14)
    scores = x @ twin.params["W1"] + twin.params["b1"]
    assert entry["train_metric"] == pytest.approx(np.mean(scores.argmax(1) == y))
    assert entry["val_metric"] == pytest.approx(np.mean(scores[:9].argmax(1) == y[:9]))
    assert entry["rate"] == pytest.approx(0.5 / 1.3)
    assert entry["epoch"] == 1
    assert entry["seconds"] > 0


def test_evaluation_in_pieces_is_evaluation():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2500, 4)), rng.integers(0, 2, 2500)
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    loss, accuracy = solver_for(model, (x, y)).evaluate(x, y)
    assert loss == pytest.approx(model.loss(x, y)[0], abs=1e-13)
    assert accuracy == pytest.approx(np.mean(model.scores(x).argmax(1) == y))


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
    worse = iter([0.5, 0.7, 0.6, 0.7, 0.5, 0.9, 0.9])
    solver = solver_for(model, (x, y), (x, y), epochs=50, patience=3)
    solver.evaluate = lambda *_: (1.0, next(worse) if solver_is_validating() else 0.0)
    calls = []

    def solver_is_validating():
        calls.append(1)
        return len(calls) % 2 == 0  # the training sample is measured first

    solver.train()
    assert len(solver.history) == 5
    assert solver.best["epoch"] == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_seed_one_result_bit_for_bit(dtype):
    x, y = small_problem(dtype)
    results = []
    for seed in (3, 3, 4):
        model_rng, order_rng = np.random.default_rng(seed).spawn(2)
        model = FullyConnectedNet([4, 16, 16, 2], drop=0.3, norm=batchnorm, rng=model_rng,
                                  dtype=dtype)
        solver = solver_for(model, (x, y), (x, y), update_rule=Adam(), rng=order_rng, reg=1e-3)
        losses = [entry["train_loss"] for entry in solver.train()]
        results.append((model.theta.tobytes(), model.statistics.tobytes(), losses))
    assert results[0] == results[1]
    assert results[0] != results[2]


def test_clipping_shortens_the_whole_gradient():
    x, y = small_problem()
    model = LinearClassifier(4, 2, dtype=np.float64)
    model.theta[:] = 3
    before = model.theta.copy()
    solver_for(model, (x, y), clip=1e-3, batch_size=60, epochs=1, reg=1.0).train()
    assert np.linalg.norm(model.theta - before) == pytest.approx(0.1 * 1e-3)


@pytest.mark.parametrize("spoil, place", [
    (lambda model, x, y: x.__setitem__((5, 1), np.nan), "the input x"),
    (lambda model, x, y: model.params["W2"].__setitem__((0, 0), np.inf), "the parameter W2"),
    (lambda model, x, y: model.params["W2"].fill(1e200), "hidden2"),
    (lambda model, x, y: model.params["W3"].fill(1e308), "scores"),
])
def test_stops_on_a_number_that_is_not_finite_and_says_where(spoil, place):
    x, y = small_problem()
    x = np.abs(x)
    model = FullyConnectedNet([4, 5, 6, 2], dtype=np.float64)
    model.params["W1"][:] = 1e150 if place == "hidden2" else 1.0
    model.params["W2"][:] = 1.0
    spoil(model, x, y)
    before = model.theta.copy()
    with pytest.raises(Diverged, match=place) as caught:
        solver_for(model, (x, y), batch_size=60).train()
    assert caught.value.step == 0
    assert np.array_equal(model.theta, before, equal_nan=True)


def test_a_learning_rate_far_too_high_stops_soon():
    x, y = small_problem()
    model = FullyConnectedNet([4, 8, 1], loss_layer=square_loss, dtype=np.float64)
    solver = solver_for(model, (x, y[:, None].astype(float)), metric=None, epochs=500,
                        schedule=schedules.constant(1e4))
    with pytest.raises(Diverged, match="step") as caught:
        solver.train()
    assert caught.value.step < 100


def test_a_gradient_that_overflows_where_the_loss_does_not():
    x = np.full((2, 1), 1e30, np.float32)
    y = np.full((2, 1), 1e10, np.float32)
    model = FullyConnectedNet([1, 1], loss_layer=square_loss)
    model.theta[:] = 0
    with pytest.raises(Diverged, match="gradient of W1"):
        solver_for(model, (x, y), batch_size=2, metric=None).train()


@pytest.mark.parametrize("options, word", [
    ({"batch_size": 0}, "batch_size"), ({"epochs": -1}, "epochs"), ({"reg": -1.0}, "reg"),
    ({"reg": [0.1]}, "reg has 1 values for 2"), ({"reg": math.nan}, "reg"),
    ({"patience": 3}, "validation"), ({"clip": 0.0}, "clip"),
])
def test_what_cannot_work_is_refused_by_name(options, word):
    with pytest.raises(ValueError, match=word):
        solver_for(TwoLayerNet(4, 5, 2), small_problem(np.float32), **options)


def test_examples_that_do_not_pair_up_are_refused():
    x, y = small_problem(np.float32)
    for train, val in (((x, y[:-1]), None), ((x[:0], y[:0]), None), ((x, y), (x, y[1:]))):
        with pytest.raises(ValueError, match="targets"):
            solver_for(TwoLayerNet(4, 5, 2), train, val)


def test_accuracy_of_classes_and_of_logits():
    scores = np.array([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0], [5.0, 4.0]])
    assert metrics.accuracy(scores, np.array([1, 0, 0, 0])) == 0.75
    logits = np.array([[-1.0], [2.0], [0.5]])
    assert metrics.accuracy(logits, np.array([0, 1, 0])) == pytest.approx(2 / 3)
    assert metrics.accuracy(logits[:, 0], np.array([0, 1, 0])) == pytest.approx(2 / 3)
