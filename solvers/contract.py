"""What the Solver asks of a model, and what it can do without."""

import numpy as np

from models import parameters

REQUIRED = {
    "theta": "the vector (P,) of all parameters",
    "params": "{name: its view of theta}",
    "shapes": "{name: shape}, in the order of theta",
    "weights": "the names of the weight matrices, which L2 is for",
    "loss": "a method: loss(x, y) -> (mean loss, {name: gradient})",
    "scores": "a method: scores(x) -> scores (N, C)",
    "loss_layer": "the module of layers/ that ends the chain, softmax_loss for one",
}


def check_contract(model):
    """Refuse a model that the Solver cannot train, with one line that says what it must have.

    Raises TypeError for what is missing, ValueError for a theta and shapes that do not fit.
    """
    name = type(model).__name__
    for part, meaning in REQUIRED.items():
        if not hasattr(model, part):
            raise TypeError(f"{name} has no {part}, and the Solver needs it: {meaning}")
    size = parameters.count(model.shapes)
    if np.shape(model.theta) != (size,):
        raise ValueError(f"{name}.theta has the shape {np.shape(model.theta)}, and its shapes "
                         f"hold {size} numbers: theta must be the vector ({size},) of them all")
    for part in model.shapes:
        if part not in model.params or not np.may_share_memory(model.params[part], model.theta):
            raise ValueError(f"{name}.params must hold {part} as a view of theta: the Solver "
                             "changes theta alone")


def statistics(model):
    """The running statistics of batchnorm, in one vector; empty for a model that has none."""
    return getattr(model, "statistics", np.zeros(0, model.theta.dtype))


def activations(model, x):
    """The output of each layer by name, in order, for x (N, D); {} of a model that has no names."""
    return model.activations(x) if hasattr(model, "activations") else {}


def generator(model):
    """The Generator that a model draws dropout's masks from, or None."""
    return getattr(model, "rng", None)
