"""The Solver: what an epoch visits, what it adds, what it measures."""

import numpy as np
import pytest
from solver_cases import small_problem, solver_for

from layers import batchnorm, softmax_loss, square_loss, svm_loss
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from solvers import metrics, schedules
from solvers.compiled import pieces
from solvers.update_rules.adam import Adam


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


@pytest.mark.parametrize("loss_layer", [softmax_loss, svm_loss])
def test_overfits_twenty_points(loss_layer):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 6)), rng.integers(0, 4, 20)
    model = TwoLayerNet(6, 60, 4, dtype=np.float64, loss_layer=loss_layer)
    history = solver_for(model, (x, y), update_rule=Adam(), epochs=200,
                         schedule=schedules.constant(0.01)).train()
    assert history[-1]["train_metric"] == 1.0
    assert history[-1]["train_loss"] < 0.05


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


def test_clipping_shortens_the_whole_gradient(monkeypatch):
    monkeypatch.setattr(pieces, "SIZE", 3)      # by pieces, each would be shortened for itself
    x, y = small_problem()
    model = LinearClassifier(4, 2, dtype=np.float64)
    model.theta[:] = 3
    before = model.theta.copy()
    solver_for(model, (x, y), clip=1e-3, batch_size=60, epochs=1, reg=1.0).train()
    assert np.linalg.norm(model.theta - before) == pytest.approx(0.1 * 1e-3)


def test_accuracy_of_classes_and_of_logits():
    scores = np.array([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0], [5.0, 4.0]])
    assert metrics.accuracy(scores, np.array([1, 0, 0, 0])) == 0.75
    logits = np.array([[-1.0], [2.0], [0.5]])
    assert metrics.accuracy(logits, np.array([0, 1, 0])) == pytest.approx(2 / 3)
    assert metrics.accuracy(logits[:, 0], np.array([0, 1, 0])) == pytest.approx(2 / 3)
