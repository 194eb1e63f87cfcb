"""The diagnosis that an exercise's message ends with: breaches of the contract count in it."""

import itertools

import numpy as np
import pytest

from flatprop.exercises.checks import diagnosis
from layers import relu, softmax_loss
from layers.gates import scale, shift
from models.two_layer_net import TwoLayerNet

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((7, 4)), RNG.integers(0, 3, 7)


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    monkeypatch.setattr(diagnosis, "SECONDS", 60.0)     # also on a busy machine


def says_of_a_net(change):
    """The diagnosis where a net's gradients are change(name, right gradient)."""
    net = TwoLayerNet(4, 5, 3, rng=np.random.default_rng(1), dtype=np.float64)

    def gradients_at(params, x, y):
        net.theta[:] = np.concatenate([params[name].reshape(-1) for name in net.params])
        return {name: change(name, value) for name, value in net.loss(x, y)[1].items()}
    return diagnosis.diagnose_model(
        TwoLayerNet(4, 5, 3, rng=np.random.default_rng(2), dtype=np.float64), gradients_at, X, Y,
        np.random.default_rng(3))


def test_gradients_that_differ_by_rounding_are_told():
    calls = itertools.count()

    def backward(dout, arguments):
        return dout * (arguments[0] > 0) * (1 + 1e-15 * next(calls))
    says = diagnosis.diagnose_layer(relu, backward, (X,), [0], np.random.default_rng(0))
    assert "differ by rounding" in says and "keep nothing between calls" in says
    assert "differ by rounding" in says_of_a_net(
        lambda name, value: value * (1 + 1e-15 * next(calls)))


def test_a_dtype_hides_no_diagnosis():
    assert says_of_a_net(lambda name, value: value) == ""
    assert says_of_a_net(lambda name, value: value.astype(np.float32)) == ""
    assert "dW2 is 2 times" in says_of_a_net(
        lambda name, value: (2 * value).astype(np.float32) if name == "W2" else value)


def columns_of_labels(dloss, arguments):
    scores, y = arguments
    dscores = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    dscores[:, y] -= 1
    return dscores * dloss / len(y)


PLACE = "dx has x and dout in each other's place"


@pytest.mark.parametrize(("layer", "case", "backward", "says"), [
    *((shift, (X, c), lambda dout, case: case[1] * dout,
       "dx is c times what it should be, in every entry\n  -> take c out, or divide by it")
      for c in (2.3, -2.3)),
    (shift, (X, -2.3), lambda dout, case: 2.3 * dout, "dx is -c times what it should be"),
    *((scale, (X, a), lambda dout, case: +dout,
       "dx is 1/a times what it should be, in every entry\n  -> multiply by a")
      for a in (0.7, -0.7)),
    *((scale, (X, a), lambda dout, case: case[0] * dout, "dx is 1/a dout * out\n")
      for a in (0.7, -0.7)),
    (relu, (X,), lambda dout, case: case[0] * (dout > 0), PLACE),
    (softmax_loss, (X, Y), columns_of_labels, "one entry of each row, [np.arange(N), y]"),
])
def test_a_factor_has_its_sign_and_a_remedy_is_for_that_mistake(layer, case, backward, says):
    assert says in diagnosis.diagnose_layer(layer, backward, case, [0], np.random.default_rng(0))
