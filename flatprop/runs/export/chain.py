"""A saved model as the chain of simple steps that it computes when it evaluates.

Dropout is no step: it is absent when evaluating.
"""

from typing import NamedTuple

from data.errors import DataError

FIXED = {"two_layer": "relu", "two_layer_regressor": "sigmoid", "linear": "none"}


class Step(NamedTuple):
    """kind is affine, batch, layer, or the name of an activation in layers/by_name.py.

    arrays, by name: affine has W (D, M) and b (M,); batch gamma, beta, mean and var (M,); layer
    gamma and beta (M,); an activation none.
    """

    kind: str
    arrays: dict


def steps(saved):
    """The steps of a SavedModel, in order, from standardized inputs to scores.

    Raises DataError for a description that no training makes.
    """
    description, params = saved.description, saved.model.params
    if description["loss"] == "logistic" and description["sizes"][-1] != 1:
        raise DataError(f"{saved.run / 'model.json'}: the logistic loss goes with one output")
    activation = FIXED.get(description["kind"]) or description["activation"]
    norm = description["norm"] if description["kind"] == "fully_connected" else "none"
    depth, chain = len(saved.model.weights), []
    for i in range(1, depth + 1):
        chain.append(Step("affine", {"W": params[f"W{i}"], "b": params[f"b{i}"]}))
        if i == depth:
            break
        if norm != "none":
            arrays = {name: params[f"{name}{i}"] for name in ("gamma", "beta")}
            if norm == "batch":
                running = saved.model.running
                arrays |= {name: running[f"{name}{i}"] for name in ("mean", "var")}
            chain.append(Step(norm, arrays))
        if activation != "none":
            chain.append(Step(activation, {}))
    return chain
