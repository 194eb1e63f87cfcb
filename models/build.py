"""A model from its description in plain words and numbers, as a saved run keeps it.

    {"kind": "fully_connected", "sizes": [64, 256, 10], "activation": "relu", "norm": "batch",
     "dropout": 0.3, "loss": "softmax", "dtype": "float32"}

kind is fully_connected, two_layer, two_layer_regressor or linear; activation, norm and dropout go
with fully_connected alone.
"""

from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models.fully_connected_net import FullyConnectedNet
from models.initialization import he
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

KINDS = ("fully_connected", "two_layer", "two_layer_regressor", "linear")


def build(description, init=he, rng=None):
    """The model of a description, its weights drawn by init with rng.

    Raises ValueError, MemoryError or OverflowError if it cannot be made, KeyError if the
    description lacks something.
    """
    kind, sizes, dtype = description["kind"], description["sizes"], description["dtype"]
    loss_layer = LOSSES[description["loss"]]
    if description["loss"] == "logistic" and sizes[-1] != 1:
        raise ValueError(f"the logistic loss has one output, not {sizes[-1]}")
    if kind == "linear":
        return LinearClassifier(*sizes, loss_layer=loss_layer, init=init, rng=rng, dtype=dtype)
    if kind == "two_layer":
        return TwoLayerNet(*sizes, loss_layer=loss_layer, init=init, rng=rng, dtype=dtype)
    if kind == "two_layer_regressor":
        return TwoLayerRegressor(*sizes, init=init, rng=rng, dtype=dtype)
    if kind == "fully_connected":
        return FullyConnectedNet(
            sizes, activation=ACTIVATIONS[description["activation"]], loss_layer=loss_layer,
            norm=NORMS[description["norm"]], drop=description["dropout"], init=init, rng=rng,
            dtype=dtype)
    raise ValueError(f"kind {kind!r} must be one of {', '.join(KINDS)}")
