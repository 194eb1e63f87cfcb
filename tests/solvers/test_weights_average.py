"""The average of the weights: its numbers, and that it is what is judged and kept."""

import numpy as np
import pytest
from solver_cases import small_problem, solver_for

from layers import batchnorm
from models.fully_connected_net import FullyConnectedNet
from solvers.average import Average
from solvers.compiled import pieces


def walk(decay, path, first):
    """What an average has come to after the weights of a path, summed up: each step's weights count
    by their share, times what all later steps have kept."""
    keeps = [min(decay, (1 + t) / (10 + t)) for t in range(1, len(path) + 1)]
    total = first * np.prod(keeps)
    for t, theta in enumerate(path):
        total += (1 - keeps[t]) * np.prod(keeps[t + 1 :]) * theta
    return total


@pytest.mark.parametrize("decay", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("val", [True, False])
def test_the_average_is_judged_kept_and_used(monkeypatch, decay, val):
    monkeypatch.setattr(pieces, "SIZE", 7)
    x, y = small_problem()
    model = FullyConnectedNet([4, 8, 2], norm=batchnorm, dtype=np.float64)
    first = [model.theta.copy(), model.statistics.copy()]
    path, judged = [], []

    def note(solver):
        path.append([model.theta.copy(), model.statistics.copy()])

    def judge(_entry):
        judged.append([walk(decay, [each[i] for each in path], first[i]) for i in range(2)])

    solver = solver_for(model, (x, y), (x[:30], y[:30]) if val else None, epochs=5, average=decay,
                        on_step=note, on_epoch=judge)
    history = solver.train()
    for own, last in zip((model.theta, model.statistics), path[-1], strict=True):
        assert np.array_equal(own, last)                # training went on with the weights
    other = FullyConnectedNet([4, 8, 2], norm=batchnorm, dtype=np.float64)
    for entry, (theta, statistics) in zip(history, judged, strict=True):
        other.theta[:], other.statistics[:] = theta, statistics
        assert entry["train_metric"] == (other.scores(x).argmax(1) == y).mean()
        if val:
            loss, _ = other.loss_layer.forward(other.scores(x[:30]), y[:30])
            assert entry["val_loss"] == pytest.approx(loss, rel=1e-9)
    solver.use_best()
    kept = judged[solver.best["epoch"] - 1]
    np.testing.assert_allclose(model.theta, kept[0], rtol=1e-9)
    np.testing.assert_allclose(model.statistics, kept[1], rtol=1e-9)


def test_a_decay_out_of_range_is_refused():
    model = FullyConnectedNet([4, 8, 2])
    for decay in (-0.1, 1.0, float("nan")):
        with pytest.raises(ValueError, match=f"^average must lie .* got {decay}"):
            Average(model, decay)
