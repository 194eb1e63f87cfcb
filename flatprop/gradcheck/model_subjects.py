"""The project's models as subjects of a check, each with a random batch."""

from functools import partial

import numpy as np

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
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

INPUTS, CLASSES, ROWS = 7, 4, 12
TWO_HIDDEN = [INPUTS, 10, 10, CLASSES]


def with_batch(model, rng):
    """The model with small random numbers where it starts with zeros, and a random batch.

    -> model, x (N, INPUTS), y: labels (N,), or targets (N, M) of the square loss
    """
    zeros = model.theta == 0
    model.theta[zeros] = rng.normal(0, 0.1, int(zeros.sum()))
    x, y = rng.standard_normal((ROWS, INPUTS)), rng.integers(0, CLASSES, ROWS)
    if model.loss_layer is logistic_loss:
        y = rng.integers(0, 2, ROWS)
    elif model.loss_layer is square_loss:
        y = rng.standard_normal((ROWS, model.shapes[model.weights[-1]][1]))
    return model, x, y


# name -> rng -> (model, x, y)
MODELS = {name: lambda rng, make=make: with_batch(make(rng=rng, dtype=np.float64), rng)
          for name, make in {
    "linear_classifier": partial(LinearClassifier, INPUTS, CLASSES),
    "linear_classifier, svm": partial(LinearClassifier, INPUTS, CLASSES, loss_layer=svm_loss),
    "linear_classifier, squared hinge": partial(LinearClassifier, INPUTS, CLASSES,
                                                loss_layer=squared_hinge_loss),
    "linear_classifier, logistic": partial(LinearClassifier, INPUTS, 1, loss_layer=logistic_loss),
    "two_layer_net": partial(TwoLayerNet, INPUTS, 9, CLASSES),
    "two_layer_net, svm": partial(TwoLayerNet, INPUTS, 9, CLASSES, loss_layer=svm_loss),
    "two_layer_regressor": partial(TwoLayerRegressor, INPUTS, 9, 2),
    "fully_connected_net": partial(FullyConnectedNet, TWO_HIDDEN),
    "fully_connected_net, tanh": partial(FullyConnectedNet, TWO_HIDDEN, activation=tanh),
    "fully_connected_net, batchnorm": partial(FullyConnectedNet, TWO_HIDDEN, norm=batchnorm),
    "fully_connected_net, layernorm": partial(FullyConnectedNet, TWO_HIDDEN, norm=layernorm),
    "fully_connected_net, dropout": partial(FullyConnectedNet, TWO_HIDDEN, drop=0.3),
    "fully_connected_net, dropout of inputs": partial(FullyConnectedNet, TWO_HIDDEN,
                                                      drop=[0.2, 0.5, 0.3]),
    "fully_connected_net, noise": partial(FullyConnectedNet, TWO_HIDDEN, norm=batchnorm,
                                          noise=[0.3, 0.5, 0.4]),
    "fully_connected_net, maxout": partial(FullyConnectedNet, TWO_HIDDEN, activation=maxout),
    "fully_connected_net, maxout of 5": partial(FullyConnectedNet, TWO_HIDDEN, activation=maxout,
                                                pieces=5),
}.items()}
