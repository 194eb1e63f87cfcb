"""What the tests of models share: models, examples, losses, a gradient check."""

import copy
import math

import numpy as np
from numerical_gradient import numerical_gradient

from layers import batchnorm, layernorm, logistic_loss, maxout, svm_loss, tanh
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

N, D, H, C = 7, 5, 6, 4

MODELS = {      # of 4 inputs
    "linear": lambda **kw: LinearClassifier(4, 3, loss_layer=svm_loss, **kw),
    "two layers": lambda **kw: TwoLayerNet(4, 5, 3, **kw),
    "regressor": lambda **kw: TwoLayerRegressor(4, 5, 3, **kw),
    "batchnorm, dropout": lambda **kw: FullyConnectedNet(
        [4, 6, 5, 3], norm=batchnorm, drop=0.4, **kw),
    "layernorm": lambda **kw: FullyConnectedNet(
        [4, 6, 5, 3], norm=layernorm, activation=tanh, **kw),
    "maxout": lambda **kw: FullyConnectedNet([4, 6, 5, 3], activation=maxout, **kw),
    "maxout of 5 pieces": lambda **kw: FullyConnectedNet(
        [4, 6, 5, 3], activation=maxout, pieces=5, **kw),
    "noise": lambda **kw: FullyConnectedNet(
        [4, 6, 5, 3], norm=batchnorm, noise=[0.3, 0.5, 0.0], **kw),
    "no activation": lambda **kw: FullyConnectedNet(
        [4, 6, 1], activation=None, loss_layer=logistic_loss, **kw),
}


def batch_for(model):
    """Eight examples for a model of MODELS, in its dtype."""
    rng, dtype = np.random.default_rng(1), model.theta.dtype
    x, y = rng.normal(1, 2, (8, 4)).astype(dtype), rng.integers(0, 2, 8)
    return x, rng.normal(size=(8, 3)).astype(dtype) if type(model) is TwoLayerRegressor else y


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


def squared_hinge_of(scores, y):
    return np.mean([sum(max(0.0, 1 - (s if j == i else -s))**2 for j, s in enumerate(row))
                    for row, i in zip(scores, y, strict=True)])


def check_gradients(model, x, y, tolerance=1e-7):
    """Every entry of theta against central differences of the loss, with the same dropout masks."""
    def loss_at(theta):
        moved = copy.deepcopy(model)
        moved.theta[:] = theta
        return moved.loss(x, y)[0]

    numerical = numerical_gradient(loss_at, [model.theta], 0, 1.0, h=1e-5)
    _, grads = model.loss(x, y)
    assert list(grads) and set(grads) == set(model.params)
    analytic = np.concatenate([grads[name].ravel() for name in model.params])
    assert np.abs(analytic - numerical).max() <= tolerance * np.abs(numerical).max()
