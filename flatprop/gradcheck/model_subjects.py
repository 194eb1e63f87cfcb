"""The project's models as subjects of a check, each with a random batch."""

import numpy as np

from layers import batchnorm, layernorm, logistic_loss, maxout, softmax_loss, svm_loss, tanh
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

INPUTS, CLASSES, ROWS = 7, 4, 12


def classes(rng):
    """A batch of inputs x (N, D) with labels y (N,)."""
    return rng.standard_normal((ROWS, INPUTS)), rng.integers(0, CLASSES, ROWS)


def fully_connected(rng, hidden=(10, 10), **options):
    """A fully connected net of these hidden sizes, and a batch. -> model, x, y"""
    model = FullyConnectedNet([INPUTS, *hidden, CLASSES], rng=rng, dtype=np.float64, **options)
    return with_biases(model, rng), *classes(rng)


def with_biases(model, rng):
    """The model with small random numbers where it starts with zeros, kinks among them."""
    zeros = model.theta == 0
    model.theta[zeros] = rng.normal(0, 0.1, int(zeros.sum()))
    return model


def linear(rng, loss_layer):
    """A linear classifier and a batch."""
    model = LinearClassifier(INPUTS, CLASSES, loss_layer=loss_layer, rng=rng, dtype=np.float64)
    return with_biases(model, rng), *classes(rng)


def two_layer(rng, loss_layer=softmax_loss, hidden=9):
    """A two-layer net and a batch."""
    model = TwoLayerNet(INPUTS, hidden, CLASSES, loss_layer=loss_layer, rng=rng, dtype=np.float64)
    return with_biases(model, rng), *classes(rng)


def regressor(rng, hidden=9):
    """A two-layer regressor and a batch with targets y (N, M)."""
    model = TwoLayerRegressor(INPUTS, hidden, 2, rng=rng, dtype=np.float64)
    return with_biases(model, rng), classes(rng)[0], rng.standard_normal((ROWS, 2))


def binary(rng):
    """A linear classifier of two classes, with the logistic loss."""
    model = LinearClassifier(INPUTS, 1, loss_layer=logistic_loss, rng=rng, dtype=np.float64)
    return with_biases(model, rng), classes(rng)[0], rng.integers(0, 2, ROWS)


# name -> rng -> (model, x, y)
MODELS = {
    "linear_classifier": lambda rng: linear(rng, softmax_loss),
    "linear_classifier, svm": lambda rng: linear(rng, svm_loss),
    "linear_classifier, logistic": binary,
    "two_layer_net": two_layer,
    "two_layer_net, svm": lambda rng: two_layer(rng, svm_loss),
    "two_layer_regressor": regressor,
    "fully_connected_net": fully_connected,
    "fully_connected_net, tanh": lambda rng: fully_connected(rng, activation=tanh),
    "fully_connected_net, batchnorm": lambda rng: fully_connected(rng, norm=batchnorm),
    "fully_connected_net, layernorm": lambda rng: fully_connected(rng, norm=layernorm),
    "fully_connected_net, dropout": lambda rng: fully_connected(rng, drop=0.3),
    "fully_connected_net, maxout": lambda rng: fully_connected(rng, activation=maxout),
}
