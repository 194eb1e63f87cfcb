"""A model's loss on one batch as a layer of its parameters, to be checked as a layer is."""

import copy
from types import SimpleNamespace

import numpy as np

from flatprop.gradcheck.case import Case, cast
from flatprop.gradcheck.model_copy import copied


def loss_case(model, x, y, rng):
    """The loss on this batch as a Case: a copy of the model in float64, its inputs the parameters.

    A Generator that the model holds is set back before every call, so that all draw the same.
    Raises what the model's loss raises, KeyError if a gradient is missing.
    """
    model, names = copied(model, in_double=True), list(model.params)
    x, y = cast(x, np.float64), cast(y, np.float64)
    states = generator_states(model)
    start = [np.array(model.params[name]) for name in names]

    def forward(*values):
        for name, value in zip(names, values, strict=True):
            model.params[name][...] = value
        set_back(states)
        loss, grads = model.loss(x.copy(), y.copy())
        # A namespace, because a dict of arrays would be opened as the cache of a layer is.
        return loss, SimpleNamespace(by_name=grads)

    def backward(dloss, cache):
        missing = [name for name in names if name not in cache.by_name]
        if missing:
            raise KeyError(f"loss gives no gradient for {', '.join(missing)}")
        return tuple(dloss * cache.by_name[name] for name in names)

    case = Case(forward, backward, start, rng, names)
    case.positions = list(range(len(names)))
    return case


def generator_states(model):
    """The numpy Generators that a model holds, each with a copy of its state."""
    return [(value, copy.deepcopy(value.bit_generator.state)) for value in vars(model).values()
            if isinstance(value, np.random.Generator)]


def set_back(states):
    """Give Generators the states that they had."""
    for generator, state in states:
        generator.bit_generator.state = copy.deepcopy(state)
