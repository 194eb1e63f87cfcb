"""What a model computes when it evaluates, for exporters: its own chain, with the arrays."""

import numpy as np

from data.errors import DataError
from layers import batchnorm, maxout
from solvers import contract


def steps(model):
    """The steps of model.chain(), in order: [(layer's name, {parameter name: array}), ...]; that of
    maxout has "pieces", their number.

    Raises DataError for a model that does not say its chain, or one that gives other scores than
    its scores(x); see docs/write-a-model.md.
    """
    if not hasattr(model, "chain"):
        raise DataError(f"{type(model).__name__} has no chain: an export needs model.chain(), see "
                        "docs/write-a-model.md")
    held = model.params | vars(model).get("running", {})
    check_scores(model, held)
    found = [(layer.__name__.rpartition(".")[2], {name: held[name] for name in names})
             for layer, names in model.chain()]
    return [(name, {"pieces": contract.pieces(model)} if name == "maxout" else arrays)
            for name, arrays in found]


def check_scores(model, held):
    """Run the chain on a few rows and compare; held {name: array} of params and running."""
    try:
        chain = [(layer, [held[name] for name in names]) for layer, names in model.chain()]
        inputs = next(array.shape[0] for _, arrays in chain for array in arrays if array.ndim == 2)
        rows = np.random.default_rng(0).standard_normal((4, inputs))
        x = active = rows.astype(model.theta.dtype)
        with np.errstate(all="ignore"):
            for layer, arrays in chain:
                if layer is batchnorm:      # gamma, beta, mean, var
                    arrays = [*arrays[:2], tuple(arrays[2:])]
                if layer is maxout:
                    arrays = [contract.pieces(model)]
                active, _ = layer.forward(active, *arrays)
            scores = model.scores(x)
        good = active.shape == scores.shape and np.allclose(
            active, scores, rtol=1e-3, atol=1e-5, equal_nan=True)
    except Exception as error:
        raise DataError(f"{type(model).__name__}.chain() cannot be run: {type(error).__name__}: "
                        f"{error}; see docs/write-a-model.md") from error
    if not good:
        raise DataError(f"{type(model).__name__}.chain() gives other scores than scores(x); see "
                        "docs/write-a-model.md")
