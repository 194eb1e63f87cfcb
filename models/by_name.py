"""The models and first weights that people name, and a model from its description.

A description is plain words and numbers, as a saved run keeps it:

    {"kind": "fully_connected_net", "sizes": [64, 256, 10], "activation": "relu", "norm": "batch",
     "dropout": 0.3, "loss": "softmax", "dtype": "float32"}

dropout is a number for the hidden layers, or a list, for the inputs and each hidden layer; so is
"noise", of which a number is for the inputs, and which is not there without the key. Without
"dropout_kind" it is bernoulli.
"pieces", the affine pieces of a maxout unit, are 2 without the key.
activation, norm and dropout go with fully_connected_net alone, and so does "smoothing", the label
smoothing of training; without the key there is none.
"""

from layers.by_name import ACTIVATIONS, DROPOUTS, LOSSES, NORMS
from models.fully_connected_net import FullyConnectedNet
from models.initialization import he, lecun, normal, xavier, zeros
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

MODELS = {
    "linear_classifier": LinearClassifier, "two_layer_net": TwoLayerNet,
    "two_layer_regressor": TwoLayerRegressor, "fully_connected_net": FullyConnectedNet,
}
OLD_NAMES = {       # in runs that were saved before the models had the names of their modules
    "linear": "linear_classifier", "two_layer": "two_layer_net",
    "fully_connected": "fully_connected_net",
}
INITS = {"he": he, "xavier": xavier, "lecun": lecun, "normal": normal, "zeros": zeros}


def build(description, init=he, rng=None):
    """The model of a description, its weights drawn by init with rng.

    Raises ValueError, MemoryError or OverflowError if it cannot be made, KeyError if the
    description lacks something.
    """
    kind, sizes, dtype = description["kind"], description["sizes"], description["dtype"]
    loss_layer = LOSSES[description["loss"]]
    if kind not in MODELS:
        raise ValueError(f"kind {kind!r} must be one of {', '.join(MODELS)}")
    if description["loss"] == "logistic" and sizes[-1] != 1:
        raise ValueError(f"the logistic loss has one output, not {sizes[-1]}")
    if kind == "fully_connected_net":
        smoothing = description.get("smoothing", 0.0)
        # Passed only where there is some: a student's own net may take none.
        given = {"smoothing": smoothing} if smoothing else {}
        if "dropout_kind" in description:
            given["drop_layer"] = DROPOUTS[description["dropout_kind"]]
        given |= {name: description[name] for name in ("pieces", "noise") if description.get(name)}
        return FullyConnectedNet(
            sizes, activation=ACTIVATIONS[description["activation"]], loss_layer=loss_layer,
            norm=NORMS[description["norm"]], drop=description["dropout"], init=init, rng=rng,
            dtype=dtype, **given)
    if kind == "two_layer_regressor":
        return TwoLayerRegressor(*sizes, init=init, rng=rng, dtype=dtype)
    return MODELS[kind](*sizes, loss_layer=loss_layer, init=init, rng=rng, dtype=dtype)
