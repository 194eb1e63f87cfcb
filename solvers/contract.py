"""What the Solver asks of a model, and what it can do without."""

import inspect

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

    Raises TypeError for what is missing, ValueError for parts that do not fit each other.
    """
    name = type(model).__name__
    for part, meaning in REQUIRED.items():
        if not hasattr(model, part):
            raise TypeError(f"{name} has no {part}, and the Solver needs it: {meaning}")
    size = parameters.count(model.shapes)
    if np.shape(model.theta) != (size,):
        raise ValueError(f"{name}.theta has the shape {np.shape(model.theta)}, and its shapes "
                         f"hold {size} numbers: theta must be the vector ({size},) of them all")
    for part, view in parameters.views(model.theta, model.shapes).items():
        held = model.params.get(part)
        if held is None or held.__array_interface__ != view.__array_interface__:
            raise ValueError(f"{name}.params must hold {part} as a view of theta, at its place in "
                             "the order of shapes: the Solver changes theta alone")
    for weight in model.weights:
        if weight not in model.shapes:
            raise ValueError(f"{name}.weights names {weight}, which is not in its shapes")
    if not hasattr(model.loss_layer, "forward"):
        raise TypeError(f"{name}.loss_layer must be {REQUIRED['loss_layer']}")
    check_running(model)


def check_weights(model):
    """Raise TypeError, one line, if the loss of a model takes no weights and there are some."""
    try:
        signature = inspect.signature(model.loss)
    except (TypeError, ValueError):     # of what is no Python function nobody can tell
        return
    try:
        signature.bind("x", "y", "weights")
    except TypeError:
        name = type(model).__name__
        raise TypeError(f"{name}.loss takes (x, y) alone, and train has weights of the examples: "
                        "write loss(x, y, weights=None) (docs/write-a-model.md), or train "
                        "without weights") from None


def check_running(model):
    """Refuse running statistics that are no views of the vector: they would not be kept."""
    for part, running in getattr(model, "running", {}).items():
        if not np.may_share_memory(running, statistics(model)):
            raise ValueError(f"{type(model).__name__}.running must hold {part} as a view of the "
                             f"vector statistics; write into it, running[{part!r}][:] = ..., or it "
                             "is not kept with the weights")


def check_pair(model, answer):
    """Raise TypeError, one line, if what loss(x, y) gives is not (loss, {name: gradient})."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not hasattr(answer[1], "keys"):
        raise TypeError(f"{type(model).__name__}.loss must give the pair (mean loss, "
                        "{name: gradient})")


def check_answer(model, answer):
    """Refuse what loss(x, y) gives, with one line, if the Solver cannot use it.

    Raises TypeError for another form, ValueError for a gradient that is missing or misshapen.
    """
    check_pair(model, answer)
    name = f"{type(model).__name__}.loss"
    for part, array in model.params.items():
        if part not in answer[1]:
            raise ValueError(f"{name} gives no gradient for {part}; it names {[*answer[1]]}")
        if np.shape(answer[1][part]) != array.shape:
            raise ValueError(f"{name} gives a gradient of shape {np.shape(answer[1][part])} for "
                             f"{part}, which has {array.shape}")


def statistics(model):
    """The running statistics of batchnorm, in one vector; empty for a model that has none."""
    return getattr(model, "statistics", np.zeros(0, model.theta.dtype))


def activations(model, x):
    """The output of each layer by name, in order, for x (N, D); {} of a model that has no names."""
    return model.activations(x) if hasattr(model, "activations") else {}


def generator(model):
    """The Generator that a model draws dropout's masks from, or None."""
    return getattr(model, "rng", None)


def pieces(model):
    """How many affine pieces a maxout unit of a model has: 2 of one that does not say."""
    return vars(model).get("pieces", 2)
