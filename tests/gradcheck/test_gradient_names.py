"""Mistakes are named whatever parameters are called, and where entries tie for a maximum."""

import numpy as np
import pytest

from gradient_check import check, check_model


class ColumnNet:
    """tanh net, examples in columns, log loss of a sigmoid; the output's delta is one of another
    loss.
    """

    def __init__(self, rng, names):
        self.names = names
        shapes = ((5, 4), (5, 1), (2, 5), (2, 1))
        self.params = {name: rng.standard_normal(shape) * 0.6
                       for name, shape in zip(names, shapes, strict=True)}

    def loss(self, x, y):
        W, b, V, c = self.params.values()
        h = np.tanh(W @ x.T + b)
        o = 1 / (1 + np.exp(-(V @ h + c)))
        loss = -(y.T * np.log(o) + (1 - y.T) * np.log(1 - o)).sum() / len(x)
        d = (o - y.T) * o * (1 - o) / len(x)
        dz = V.T @ d * (1 - h**2)
        grads = (dz @ x, dz.sum(1, keepdims=True), d @ h.T, d.sum(1, keepdims=True))
        return loss, dict(zip(self.names, grads, strict=True))


@pytest.mark.parametrize("names", [("W_1", "b_1", "W_2", "b_2"), ("wh", "bh", "wo", "bo")])
def test_a_net_in_columns_with_other_names(names):
    rng = np.random.default_rng(0)
    net = ColumnNet(rng, names)
    report = check_model(net, rng.standard_normal((7, 4)), rng.uniform(0.1, 0.9, (7, 2)))
    first = report.found[0]
    assert "has the factor sigmoid(z2) (1 - sigmoid(z2)) once too often" in first.says
    assert f"this is on the way to d{names[2]}" in first.says


def row_maximum(x):
    out = x.max(axis=1)
    return out, (x, out)


def to_all(dout, cache):
    x, out = cache
    return (x == out[:, None]) * dout[:, None]


def to_the_first(dout, cache):
    x, _ = cache
    return (np.arange(x.shape[1]) == x.argmax(axis=1)[:, None]) * dout[:, None]


def shared(dout, cache):
    x, out = cache
    ties = x == out[:, None]
    return ties / ties.sum(axis=1, keepdims=True) * dout[:, None]


def test_entries_that_tie_have_the_gradient_once():
    x = np.random.default_rng(0).integers(0, 3, (5, 6)).astype(float)
    assert "not along all" in check(row_maximum, to_all, x).found[0].says
    assert not check(row_maximum, to_the_first, x).wrong
    assert not check(row_maximum, shared, x).wrong
