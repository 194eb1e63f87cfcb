"""Each model against an independent NumPy expression of the same function.

A gradient check compares a chain with itself: a model whose forward is wrong passes it. So the
expressions here are written out once more, in the transposed, one-example form of the slides.
"""

import math

import numpy as np
import pytest
from numerical_gradient import numerical_gradient

from layers import (
    batchnorm,
    elu,
    gelu,
    layernorm,
    leaky_relu,
    logistic_loss,
    maxout,
    relu,
    selu,
    sigmoid,
    silu,
    softmax_loss,
    softplus,
    square_loss,
    svm_loss,
    tanh,
)
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.sigmoid_neuron import neuron
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

N, D, H, C = 7, 5, 6, 4


def example(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, D)), rng.integers(0, C, N)


def scattered(model, seed=1):
    """Weights large enough that some scores and some hidden units are negative."""
    model.theta[:] = np.random.default_rng(seed).normal(0, 0.7, model.theta.size)
    return model


def softmax_of(scores, y):
    return np.mean([math.log(sum(math.exp(s - row[i]) for s in row))
                    for row, i in zip(scores, y, strict=True)])


def svm_of(scores, y):
    total = 0.0
    for row, i in zip(scores, y, strict=True):
        total += sum(max(0.0, row[j] - row[i] + 1) for j in range(len(row)) if j != i)
    return total / len(y)


def check_gradients(model, x, y, tolerance=1e-7):
    """Every entry of theta against central differences of the loss."""
    start = model.theta.copy()

    def loss_at(theta):
        model.theta[:] = theta
        return model.loss(x, y)[0]

    numerical = numerical_gradient(loss_at, [start], 0, 1.0, h=1e-5)
    model.theta[:] = start
    _, grads = model.loss(x, y)
    assert list(grads) and set(grads) == set(model.params)
    analytic = np.concatenate([grads[name].ravel() for name in model.params])
    assert np.abs(analytic - numerical).max() <= tolerance * np.abs(numerical).max()


def test_neuron_with_the_numbers_of_the_lecture():
    L, grads = neuron(2.0, -1.0, -3.0, -2.0, -3.0)
    s = 1 / (1 + math.exp(-1))
    expected = {
        "L": 1, "s3": s * (1 - s), "s2": s * (1 - s), "s1": s * (1 - s), "s0": s * (1 - s),
        "w0": -s * (1 - s), "x0": 2 * s * (1 - s), "w1": -2 * s * (1 - s),
        "x1": -3 * s * (1 - s), "w2": s * (1 - s),
    }
    assert abs(L - s) < 1e-12
    assert f"{L:.6f}" == "0.731059"
    assert set(grads) == set(expected)
    for name, value in expected.items():
        assert abs(grads[name] - value) < 1e-12, name
    printed = {name: f"{grads[name]:.6f}" for name in ("w0", "x0", "w1", "x1", "w2")}
    assert printed == {"w0": "-0.196612", "x0": "0.393224", "w1": "-0.393224",
                       "x1": "-0.589836", "w2": "0.196612"}


def test_neuron_takes_arrays_entry_by_entry():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(5, 3))
    L, grads = neuron(*inputs)
    for i in range(3):
        L_i, grads_i = neuron(*(float(v) for v in inputs[:, i]))
        assert abs(L[i] - L_i) < 1e-15
        assert all(abs(grads[name][i] - grads_i[name]) < 1e-15 for name in grads)


# The running example: numbers chosen once, the output worked out here by hand with math.exp.
RUNNING = {"W1": [[0.5, -1.0], [1.5, 0.25]], "b1": [-0.5, 0.75], "W2": [[2.0], [-1.0]],
           "b2": [0.1]}


def test_running_example_of_the_lecture():
    net = TwoLayerRegressor(2, 2, 1, dtype=np.float64)
    for name, value in RUNNING.items():
        net.params[name][:] = value
    x1, x2, target = 1.0, -2.0, 0.5
    z1 = 1 / (1 + math.exp(-(-0.5 + 0.5 * x1 + 1.5 * x2)))
    z2 = 1 / (1 + math.exp(-(0.75 - 1.0 * x1 + 0.25 * x2)))
    y = 0.1 + 2.0 * z1 - 1.0 * z2
    x, targets = np.array([[x1, x2]]), np.array([[target]])
    loss, grads = net.loss(x, targets)
    assert abs(net.scores(x)[0, 0] - y) < 1e-15
    assert abs(loss - 0.5 * (y - target) ** 2) < 1e-15
    dy = y - target
    assert np.allclose(grads["W2"], [[dy * z1], [dy * z2]], rtol=0, atol=1e-15)
    ds1, ds2 = dy * 2.0 * z1 * (1 - z1), dy * -1.0 * z2 * (1 - z2)
    assert np.allclose(grads["W1"], [[ds1 * x1, ds2 * x1], [ds1 * x2, ds2 * x2]], atol=1e-15)
    assert np.allclose(grads["b1"], [ds1, ds2], rtol=0, atol=1e-15)
    check_gradients(net, x, targets, 1e-9)


def test_regressor_on_a_batch_with_several_outputs():
    x, _ = example()
    y = np.random.default_rng(2).normal(size=(N, 3))
    net = scattered(TwoLayerRegressor(D, H, 3, dtype=np.float64))
    p = net.params
    expected = 0.0
    for row, target in zip(x, y, strict=True):
        hidden = 1 / (1 + np.exp(-(p["W1"].T @ row + p["b1"])))
        expected += 0.5 * sum((p["W2"].T @ hidden + p["b2"] - target) ** 2) / N
    assert abs(net.loss(x, y)[0] - expected) < 1e-13
    check_gradients(net, x, y, 1e-9)


@pytest.mark.parametrize("loss_layer, of", [(softmax_loss, softmax_of), (svm_loss, svm_of)])
def test_linear_classifier(loss_layer, of):
    x, y = example()
    net = scattered(LinearClassifier(D, C, loss_layer=loss_layer, dtype=np.float64))
    scores = np.array([net.params["W1"].T @ row + net.params["b1"] for row in x])
    assert scores.min() < 0 < scores.max()
    assert np.allclose(net.scores(x), scores, rtol=0, atol=1e-13)
    assert abs(net.loss(x, y)[0] - of(scores, y)) < 1e-13
    check_gradients(net, x, y)


@pytest.mark.parametrize("loss_layer, of", [(softmax_loss, softmax_of), (svm_loss, svm_of)])
def test_two_layer_net(loss_layer, of):
    x, y = example()
    net = scattered(TwoLayerNet(D, H, C, loss_layer=loss_layer, dtype=np.float64))
    p = net.params
    hidden = [p["W1"].T @ row + p["b1"] for row in x]
    scores = np.array([p["W2"].T @ np.where(h > 0, h, 0) + p["b2"] for h in hidden])
    assert np.min(hidden) < 0 and scores.min() < 0 < scores.max()
    assert np.allclose(net.scores(x), scores, rtol=0, atol=1e-13)
    assert abs(net.loss(x, y)[0] - of(scores, y)) < 1e-13
    check_gradients(net, x, y)


def phi(v):
    return 0.5 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))


EXPRESSIONS = {
    "relu": (relu, lambda v: max(v, 0.0)),
    "leaky_relu": (leaky_relu, lambda v: v if v > 0 else 0.01 * v),
    "elu": (elu, lambda v: v if v > 0 else math.exp(v) - 1),
    "selu": (selu, lambda v: 1.0507009873554805 * (
        v if v > 0 else 1.6732632423543772 * (math.exp(v) - 1))),
    "gelu": (gelu, lambda v: v * phi(v)),
    "silu": (silu, lambda v: v / (1 + math.exp(-v))),
    "softplus": (softplus, lambda v: math.log(1 + math.exp(v))),
    "sigmoid": (sigmoid, lambda v: 1 / (1 + math.exp(-v))),
    "tanh": (tanh, math.tanh),
    "none": (None, lambda v: v),
}


def normalized(columns, norm, p, i):
    """columns (H, N), normalized by plain formulas along N (batch) or H (layer)."""
    if norm is None:
        return columns
    axis = 1 if norm is batchnorm else 0
    mean = columns.mean(axis=axis, keepdims=True)
    var = ((columns - mean) ** 2).mean(axis=axis, keepdims=True)
    unit = (columns - mean) / np.sqrt(var + 1e-5)
    return p[f"gamma{i}"][:, None] * unit + p[f"beta{i}"][:, None]


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("norm", [None, batchnorm, layernorm])
def test_fully_connected_net(name, norm):
    activation, expression = EXPRESSIONS[name]
    x, y = example()
    net = scattered(FullyConnectedNet(
        [D, H, 3, C], activation=activation, norm=norm, dtype=np.float64))
    p, columns = net.params, x.T
    for i in (1, 2):
        columns = normalized(p[f"W{i}"].T @ columns + p[f"b{i}"][:, None], norm, p, i)
        assert i == 2 or columns.min() < 0
        columns = np.array([[expression(v) for v in row] for row in columns])
    scores = (p["W3"].T @ columns + p["b3"][:, None]).T
    assert scores.min() < 0 < scores.max()
    assert abs(net.loss(x, y)[0] - softmax_of(scores, y)) < 1e-12
    check_gradients(net, x, y)


def test_fully_connected_net_with_maxout():
    x, y = example()
    net = scattered(FullyConnectedNet([D, H, C], activation=maxout, dtype=np.float64))
    p = net.params
    assert p["W1"].shape == (D, 2 * H)
    assert p["W2"].shape == (H, C)
    pieces = x @ p["W1"] + p["b1"]
    hidden = np.maximum(pieces[:, 0::2], pieces[:, 1::2])
    assert abs(net.loss(x, y)[0] - softmax_of(hidden @ p["W2"] + p["b2"], y)) < 1e-12
    check_gradients(net, x, y)


def test_fully_connected_net_with_the_other_losses():
    x, labels = example()
    for loss_layer, outputs, y in ((logistic_loss, 1, labels % 2), (svm_loss, C, labels),
                                   (square_loss, 3, np.random.default_rng(3).normal(size=(N, 3)))):
        net = scattered(FullyConnectedNet([D, H, outputs], activation=tanh, loss_layer=loss_layer,
                                          dtype=np.float64))
        p = net.params
        scores = np.tanh(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        if loss_layer is logistic_loss:
            q = 1 / (1 + np.exp(-scores[:, 0]))
            expected = -np.mean(np.where(y == 1, np.log(q), np.log(1 - q)))
        else:
            expected = svm_of(scores, y) if loss_layer is svm_loss else (
                np.square(scores - y).sum() / (2 * N))
        assert abs(net.loss(x, y)[0] - expected) < 1e-12
        check_gradients(net, x, y)


@pytest.mark.parametrize("norm", [None, batchnorm, layernorm])
def test_dropout_in_training_only(norm):
    x, y = example()
    net = FullyConnectedNet([D, 50, C], drop=0.5, norm=norm, dtype=np.float64,
                            rng=np.random.default_rng(0))
    plain = FullyConnectedNet([D, 50, C], norm=norm, dtype=np.float64)
    plain.theta[:] = net.theta
    assert np.array_equal(net.scores(x), plain.scores(x))
    state = net.rng.bit_generator.state
    first = net.loss(x, y)[0]
    assert net.loss(x, y)[0] != first
    start = net.theta.copy()

    def loss_at(theta):
        net.theta[:] = theta
        net.rng.bit_generator.state = state  # the same masks each time
        return net.loss(x, y)[0]

    assert loss_at(start) == first
    numerical = numerical_gradient(loss_at, [start], 0, 1.0, h=1e-5)
    net.theta[:] = start
    net.rng.bit_generator.state = state
    _, grads = net.loss(x, y)
    analytic = np.concatenate([grads[name].ravel() for name in net.params])
    assert np.abs(analytic - numerical).max() <= 1e-7 * np.abs(numerical).max()


def test_batchnorm_evaluates_with_running_statistics():
    rng = np.random.default_rng(5)
    x, y = rng.normal(3, 2, (200, D)), rng.integers(0, C, 200)
    net = FullyConnectedNet([D, H, C], norm=batchnorm, dtype=np.float64, rng=rng)
    for _ in range(200):
        net.loss(x, y)
    before = net.statistics.copy()
    scores = net.scores(x)
    assert np.array_equal(net.statistics, before)
    p = net.params
    z = x @ p["W1"] + p["b1"]
    unit = (z - z.mean(0)) / np.sqrt(z.var(0, ddof=1) + 1e-5)
    hidden = np.maximum(p["gamma1"] * unit + p["beta1"], 0)
    assert np.allclose(scores, hidden @ p["W2"] + p["b2"], rtol=0, atol=1e-7)
    one = net.scores(x[:1])
    assert np.allclose(one, scores[:1], rtol=0, atol=1e-12)


def test_a_net_without_activations_is_one_linear_map():
    x, _ = example()
    net = scattered(FullyConnectedNet([D, 9, 8, 7, C], activation=None, dtype=np.float64))
    p = net.params
    W = p["W1"] @ p["W2"] @ p["W3"] @ p["W4"]
    b = ((p["b1"] @ p["W2"] + p["b2"]) @ p["W3"] + p["b3"]) @ p["W4"] + p["b4"]
    assert np.allclose(net.scores(x), x @ W + b, rtol=0, atol=1e-12)
    zero = net.scores(np.zeros((1, D)))
    a, c = 2.5, -1.25
    mixed = net.scores(a * x[:1] + c * x[1:2])
    combined = a * net.scores(x[:1]) + c * net.scores(x[1:2]) + (1 - a - c) * zero
    assert np.allclose(mixed, combined, rtol=0, atol=1e-11)
    bent = scattered(FullyConnectedNet([D, 9, 8, 7, C], activation=relu, dtype=np.float64))
    assert not np.allclose(bent.scores(x), x @ W + b, atol=1e-3)


@pytest.mark.parametrize("loss_layer, chance", [(softmax_loss, math.log(10)), (svm_loss, 9.0)])
def test_chance_loss_at_tiny_weights(loss_layer, chance):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 20)), rng.integers(0, 10, 50)
    for net in (TwoLayerNet(20, 30, 10, loss_layer=loss_layer, dtype=np.float64),
                LinearClassifier(20, 10, loss_layer=loss_layer, dtype=np.float64)):
        net.theta *= 1e-6 / np.abs(net.theta).max()
        assert abs(net.loss(x, y)[0] - chance) < 1e-4
