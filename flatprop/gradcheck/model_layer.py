"""A model's loss on one batch as a layer of its parameters, to be asked as a layer is."""

import copy

import numpy as np


def as_layer(model, x, y, names):
    """The model's loss as a layer of its parameters: forward, backward and their start values."""
    x = x.astype(np.float64) if x.dtype.kind == "f" else x
    y = y.astype(np.float64) if y.dtype.kind == "f" else y
    states = {attribute: copy.deepcopy(value.bit_generator.state)
              for attribute, value in vars(model).items()
              if isinstance(value, np.random.Generator)}
    start = [np.array(model.params[name]) for name in names]

    def forward(*values):
        for name, value in zip(names, values, strict=True):
            model.params[name][...] = value
        for attribute, state in states.items():
            vars(model)[attribute].bit_generator.state = copy.deepcopy(state)
        loss, grads = model.loss(x.copy(), y.copy())
        return loss, Gradients(grads)

    def backward(dloss, cache):
        missing = [name for name in names if name not in cache.by_name]
        if missing:
            raise KeyError(f"loss gives no gradient for {', '.join(missing)}")
        return tuple(dloss * cache.by_name[name] for name in names)

    return forward, backward, start


class Gradients:
    """The gradients of one loss call, by name; not a tuple, so that nobody looks for arrays."""

    def __init__(self, by_name):
        self.by_name = by_name
