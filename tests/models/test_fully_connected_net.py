"""The fully connected net against an independent NumPy expression, as in test_small_nets.py."""

import copy

import numpy as np
import pytest
from model_cases import (
    C,
    D,
    H,
    N,
    check_gradients,
    example,
    scattered,
    softmax_of,
    squared_hinge_of,
    svm_of,
)

from layers import (
    batchnorm,
    layernorm,
    logistic_loss,
    maxout,
    square_loss,
    squared_hinge_loss,
    svm_loss,
    tanh,
)
from layers.by_name import ACTIVATIONS
from models.fully_connected_net import FullyConnectedNet


def normalized(columns, norm, p, i):
    """columns (H, N), normalized by plain formulas along N (batch) or H (layer)."""
    if norm is None:
        return columns
    axis = 1 if norm is batchnorm else 0
    mean = columns.mean(axis=axis, keepdims=True)
    var = ((columns - mean) ** 2).mean(axis=axis, keepdims=True)
    unit = (columns - mean) / np.sqrt(var + 1e-5)
    return p[f"gamma{i}"][:, None] * unit + p[f"beta{i}"][:, None]


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "maxout"])
@pytest.mark.parametrize("norm", [None, batchnorm, layernorm])
def test_fully_connected_net(name, norm):
    activation = ACTIVATIONS[name]
    x, y = example()
    net = scattered(FullyConnectedNet(
        [D, H, 3, C], activation=activation, norm=norm, dtype=np.float64))
    p, columns = net.params, x.T
    for i in (1, 2):
        columns = normalized(p[f"W{i}"].T @ columns + p[f"b{i}"][:, None], norm, p, i)
        assert i == 2 or columns.min() < 0
        columns = columns if activation is None else activation.forward(columns)[0]
    scores = (p["W3"].T @ columns + p["b3"][:, None]).T
    assert scores.min() < 0 < scores.max()
    assert abs(net.loss(x, y)[0] - softmax_of(scores, y)) < 1e-12
    check_gradients(net, x, y)


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_fully_connected_net_with_maxout(pieces):
    x, y = example()
    net = scattered(FullyConnectedNet([D, H, C], activation=maxout, pieces=pieces,
                                      dtype=np.float64))
    p = net.params
    assert p["W1"].shape == (D, pieces * H)
    assert p["W2"].shape == (H, C)
    affine = x @ p["W1"] + p["b1"]
    hidden = np.array([[max(row[k * pieces : (k + 1) * pieces]) for k in range(H)]
                       for row in affine])
    assert abs(net.loss(x, y)[0] - softmax_of(hidden @ p["W2"] + p["b2"], y)) < 1e-12
    check_gradients(net, x, y)


def test_fully_connected_net_with_the_other_losses():
    x, labels = example()
    for loss_layer, outputs, y in ((logistic_loss, 1, labels % 2), (svm_loss, C, labels),
                                   (squared_hinge_loss, C, labels),
                                   (square_loss, 3, np.random.default_rng(3).normal(size=(N, 3)))):
        net = scattered(FullyConnectedNet([D, H, outputs], activation=tanh, loss_layer=loss_layer,
                                          dtype=np.float64))
        p = net.params
        scores = np.tanh(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        if loss_layer is logistic_loss:
            q = 1 / (1 + np.exp(-scores[:, 0]))
            expected = -np.mean(np.where(y == 1, np.log(q), np.log(1 - q)))
        else:
            formulas = {svm_loss: svm_of, squared_hinge_loss: squared_hinge_of,
                        square_loss: lambda scores, y: np.square(scores - y).sum() / (2 * N)}
            expected = formulas[loss_layer](scores, y)
        assert abs(net.loss(x, y)[0] - expected) < 1e-12
        check_gradients(net, x, y)


@pytest.mark.parametrize("norm", [None, batchnorm, layernorm])
def test_dropout_in_training_only(norm):
    x, y = example()
    net = FullyConnectedNet([D, 10, C], drop=0.5, norm=norm, dtype=np.float64,
                            rng=np.random.default_rng(0))
    plain = FullyConnectedNet([D, 10, C], norm=norm, dtype=np.float64)
    plain.theta[:] = net.theta
    assert np.array_equal(net.scores(x), plain.scores(x))
    twin = copy.deepcopy(net)
    assert twin.loss(x, y)[0] != twin.loss(x, y)[0]
    check_gradients(net, x, y)


def test_dropout_of_the_inputs_and_of_each_layer():
    x, y = example()
    net = FullyConnectedNet([D, 10, 8, C], drop=[0.2, 0.5, 0.3], dtype=np.float64)
    scattered(net)
    twin, masks = copy.deepcopy(net), []
    for width, p in ((D, 0.2), (10, 0.5), (8, 0.3)):        # in the order in which they are drawn
        masks.append((twin.rng.random((N, width)) >= p) / (1 - p))
    p = net.params
    first = np.maximum((x * masks[0]) @ p["W1"] + p["b1"], 0) * masks[1]
    second = np.maximum(first @ p["W2"] + p["b2"], 0) * masks[2]
    assert abs(net.loss(x, y)[0] - softmax_of(second @ p["W3"] + p["b3"], y)) < 1e-12
    check_gradients(net, x, y)
    without = FullyConnectedNet([D, 10, 8, C], dtype=np.float64)
    without.theta[:] = net.theta
    assert np.array_equal(net.scores(x), without.scores(x))


def test_one_number_for_dropout_is_that_of_all_hidden_layers():
    x, y = example()
    nets = [FullyConnectedNet([D, 10, 8, C], drop=drop) for drop in (0.3, [0, 0.3, 0.3])]
    for _ in range(2):
        losses = {float(net.loss(x.astype(np.float32), y)[0]) for net in nets}
        assert len(losses) == 1


@pytest.mark.parametrize("drop, says", [
    ([0.1, 0.2], "2 values"), ([0, 0, 1], "not 1"), (1, "not 1"), (-0.1, "not -0.1"),
    ([0.1, -1, 0], "not -1")])
def test_dropout_that_cannot_be_is_refused(drop, says):
    with pytest.raises(ValueError, match=says):
        FullyConnectedNet([D, H, H, C], drop=drop)


@pytest.mark.parametrize("norm", [None, batchnorm, layernorm])
@pytest.mark.parametrize("share", [1.0, 0.25])
def test_noise_on_the_inputs_and_on_normalized_units(norm, share):
    """Before gamma and beta: z~ = normalized + noise, gamma z~ + beta, as in Rasmus et al. 2015."""
    x, y = example()
    net = scattered(FullyConnectedNet([D, 10, 8, C], noise=[0.3, 0.5, 0.2], norm=norm,
                                      dtype=np.float64))
    net.noise_share = share
    rng, p = copy.deepcopy(net.rng), net.params
    columns = (x + share * 0.3 * rng.standard_normal(x.shape)).T
    for i, spread in ((1, 0.5), (2, 0.2)):
        columns = p[f"W{i}"].T @ columns + p[f"b{i}"][:, None]
        noise = share * spread * rng.standard_normal(columns.T.shape).T
        if norm is not None:
            bare = {f"gamma{i}": np.ones(len(columns)), f"beta{i}": np.zeros(len(columns))}
            unit = normalized(columns, norm, bare, i)
            columns = p[f"gamma{i}"][:, None] * (unit + noise) + p[f"beta{i}"][:, None]
        else:
            columns = columns + noise
        columns = np.maximum(columns, 0)
    scores = (p["W3"].T @ columns + p["b3"][:, None]).T
    assert abs(net.loss(x, y)[0] - softmax_of(scores, y)) < 1e-12
    check_gradients(net, x, y)


def test_one_number_for_noise_is_that_of_the_inputs_in_training_alone():
    x, y = example()
    one, many = (FullyConnectedNet([D, 10, C], noise=noise, dtype=np.float64)
                 for noise in (0.3, [0.3, 0]))
    plain = FullyConnectedNet([D, 10, C], dtype=np.float64)
    assert one.loss(x, y)[0] == many.loss(x, y)[0] != plain.loss(x, y)[0]
    assert np.array_equal(one.scores(x), plain.scores(x))


@pytest.mark.parametrize("noise", [-0.1, [0.1, np.nan], [0.1, np.inf], [0.1]])
def test_noise_that_cannot_be_is_refused(noise):
    with pytest.raises(ValueError, match="^noise (must lie in .0, inf.|has 1 values)"):
        FullyConnectedNet([D, H, C], noise=noise)


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
