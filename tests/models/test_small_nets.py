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


@pytest.mark.parametrize("loss_layer, chance", [(softmax_loss, math.log(10)), (svm_loss, 9.0)])
def test_chance_loss_at_tiny_weights(loss_layer, chance):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 20)), rng.integers(0, 10, 50)
    for net in (TwoLayerNet(20, 30, 10, loss_layer=loss_layer, dtype=np.float64),
                LinearClassifier(20, 10, loss_layer=loss_layer, dtype=np.float64)):
        net.theta *= 1e-6 / np.abs(net.theta).max()
        assert abs(net.loss(x, y)[0] - chance) < 1e-4
