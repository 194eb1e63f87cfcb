"""The layers that people name: activations, norms and losses, for options and saved runs."""

from layers import (
    batchnorm,
    dropout,
    elu,
    gaussian_dropout,
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
    squared_hinge_loss,
    svm_loss,
    tanh,
)

ACTIVATIONS = {
    "relu": relu, "leaky_relu": leaky_relu, "elu": elu, "selu": selu, "gelu": gelu, "silu": silu,
    "softplus": softplus, "sigmoid": sigmoid, "tanh": tanh, "maxout": maxout, "none": None,
}
NORMS = {"none": None, "batch": batchnorm, "layer": layernorm}
DROPOUTS = {"bernoulli": dropout, "gaussian": gaussian_dropout}
LOSSES = {
    "softmax": softmax_loss, "svm": svm_loss, "logistic": logistic_loss, "square": square_loss,
    "squared_hinge": squared_hinge_loss,
}
MARGIN_LOSSES = ("svm", "squared_hinge")        # whose scores of classes give no probabilities
