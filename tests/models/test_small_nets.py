"""Each model against an independent NumPy expression of the same function.

A gradient check compares a chain with itself: a model whose forward is wrong passes it. So the
expressions here are written out once more, in the transposed, one-example form of the slides.
test_fully_connected_net.py does the same for the fully connected net.
"""

import math

import numpy as np
import pytest
from model_cases import C, D, H, N, check_gradients, example, scattered, softmax_of, svm_of

from layers import softmax_loss, svm_loss
from models.linear_classifier import LinearClassifier
from models.sigmoid_neuron import neuron
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor


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
