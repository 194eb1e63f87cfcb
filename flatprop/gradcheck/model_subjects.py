"""The project's models as subjects of a check, each with a random batch."""

import numpy as np

from layers import batchnorm, layernorm, maxout, relu, tanh
from layers.by_name import LOSSES
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

INPUTS, CLASSES, ROWS = 7, 4, 12


def with_batch(model, rng):
    """The model with small random numbers where it starts with zeros, and a random batch.

    -> model, x (N, INPUTS), y: labels (N,), or targets (N, M) of the square loss
    """
    zeros = model.theta == 0
    model.theta[zeros] = rng.normal(0, 0.1, int(zeros.sum()))
    x, y = rng.standard_normal((ROWS, INPUTS)), rng.integers(0, CLASSES, ROWS)
    if model.loss_layer is LOSSES["logistic"]:
        y = rng.integers(0, 2, ROWS)
    elif model.loss_layer is LOSSES["square"]:
        y = rng.standard_normal((ROWS, model.shapes[model.weights[-1]][1]))
    return model, x, y


def linear(rng, loss, outputs=CLASSES):
    """A linear classifier with the loss of that name."""
    return with_batch(LinearClassifier(INPUTS, outputs, loss_layer=LOSSES[loss], rng=rng,
                                       dtype=np.float64), rng)


def two_layer(rng, loss="softmax"):
    """A two-layer net with the loss of that name."""
    return with_batch(TwoLayerNet(INPUTS, 9, CLASSES, loss_layer=LOSSES[loss], rng=rng,
                                  dtype=np.float64), rng)


def fully_connected(rng, activation=relu, norm=None, drop=0.0):
    """A fully connected net with two hidden layers."""
    return with_batch(FullyConnectedNet([INPUTS, 10, 10, CLASSES], activation=activation, norm=norm,
                                        drop=drop, rng=rng, dtype=np.float64), rng)


# name -> rng -> (model, x, y)
MODELS = {
    "linear_classifier": lambda rng: linear(rng, "softmax"),
    "linear_classifier, svm": lambda rng: linear(rng, "svm"),
    "linear_classifier, logistic": lambda rng: linear(rng, "logistic", 1),
    "two_layer_net": two_layer,
    "two_layer_net, svm": lambda rng: two_layer(rng, "svm"),
    "two_layer_regressor": lambda rng: with_batch(
        TwoLayerRegressor(INPUTS, 9, 2, rng=rng, dtype=np.float64), rng),
    "fully_connected_net": fully_connected,
    "fully_connected_net, tanh": lambda rng: fully_connected(rng, activation=tanh),
    "fully_connected_net, batchnorm": lambda rng: fully_connected(rng, norm=batchnorm),
    "fully_connected_net, layernorm": lambda rng: fully_connected(rng, norm=layernorm),
    "fully_connected_net, dropout": lambda rng: fully_connected(rng, drop=0.3),
    "fully_connected_net, maxout": lambda rng: fully_connected(rng, activation=maxout),
}
