"""The project's models as subjects of a check, each with a random batch."""

import numpy as np

from layers import batchnorm, layernorm, logistic_loss, maxout, svm_loss, tanh
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

INPUTS, CLASSES, ROWS = 7, 4, 12


def classes(rng):
    """A batch of inputs x (N, D) with labels y (N,)."""
    return rng.standard_normal((ROWS, INPUTS)), rng.integers(0, CLASSES, ROWS)


def with_biases(model, rng):
    """The model with small random numbers where it starts with zeros, kinks among them."""
    zeros = model.theta == 0
    model.theta[zeros] = rng.normal(0, 0.1, int(zeros.sum()))
    return model


def subject(make, *sizes, batch=classes, options=None):
    """A function rng -> (model, x, y), of a model class with its sizes and options."""
    def build(rng):
        model = make(*sizes, rng=rng, dtype=np.float64, **(options or {}))
        return with_biases(model, rng), *batch(rng)
    return build


LINEAR, TWO_LAYER = (LinearClassifier, INPUTS, CLASSES), (TwoLayerNet, INPUTS, 9, CLASSES)
NET = FullyConnectedNet, [INPUTS, 10, 10, CLASSES]
# name -> rng -> (model, x, y)
MODELS = {
    "linear_classifier": subject(*LINEAR),
    "linear_classifier, svm": subject(*LINEAR, options={"loss_layer": svm_loss}),
    "linear_classifier, logistic": subject(
        LinearClassifier, INPUTS, 1, options={"loss_layer": logistic_loss},
        batch=lambda rng: (classes(rng)[0], rng.integers(0, 2, ROWS))),
    "two_layer_net": subject(*TWO_LAYER),
    "two_layer_net, svm": subject(*TWO_LAYER, options={"loss_layer": svm_loss}),
    "two_layer_regressor": subject(
        TwoLayerRegressor, INPUTS, 9, 2,
        batch=lambda rng: (classes(rng)[0], rng.standard_normal((ROWS, 2)))),
    "fully_connected_net": subject(*NET),
    "fully_connected_net, tanh": subject(*NET, options={"activation": tanh}),
    "fully_connected_net, batchnorm": subject(*NET, options={"norm": batchnorm}),
    "fully_connected_net, layernorm": subject(*NET, options={"norm": layernorm}),
    "fully_connected_net, dropout": subject(*NET, options={"drop": 0.3}),
    "fully_connected_net, maxout": subject(*NET, options={"activation": maxout}),
}
