"""A model's loss on one batch as a layer of its parameters, and the copy of the model behind it."""

import copy
import sys
from types import SimpleNamespace

import numpy as np

from flatprop.gradcheck.case import Case, cast, in_short
from flatprop.gradcheck.containers import arrays_in, is_float
from flatprop.gradcheck.differences import TOLERANCE
from flatprop.gradcheck.finding import NoLayer, find


def loss_case(model, x, y, rng, nondeterminism=TOLERANCE):
    """The loss on this batch as a Case: a copy of the model in float64, its inputs the parameters.

    A Generator that the model holds is set back before every call, so that all draw the same.
    Raises what the model's loss raises, KeyError if a gradient is missing.
    """
    model, names = copy_model(model, in_double=True), list(model.params)
    x, y = cast((x, y), np.float64)
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
        for name in names:
            if not is_float(cache.by_name[name]):
                raise NoLayer(find("no gradient", f"d{name}", {
                    "what": in_short(cache.by_name[name])}))
        return tuple(dloss * cache.by_name[name] for name in names)

    case = Case(forward, backward, start, rng, names, nondeterminism, "loss")
    case.positions, case.rows = list(range(len(names))), len(x)
    return case


def generator_states(model):
    """The numpy Generators that a model holds, each with a copy of its state."""
    return [(value, copy.deepcopy(value.bit_generator.state)) for value in vars(model).values()
            if isinstance(value, np.random.Generator)]


def set_back(states):
    """Give Generators the states that they had."""
    for generator, state in states:
        generator.bit_generator.state = copy.deepcopy(state)


def copy_model(model, in_double=False):
    """The model with arrays and Generators of its own; in_double turns float32 into float64. Views
    stay views: params of theta, running of statistics. Modules are shared.
    """
    # What deepcopy finds here under an object's id is what it takes for the object's copy.
    known = {id(module): module for module in sys.modules.values()}
    vectors = [(value, in_precision(value, in_double)) for value in vars(model).values()
               if isinstance(value, np.ndarray)]
    for value in list(vars(model).values()):
        for array in arrays_in(value):
            known[id(array)] = copy_of(array, vectors, in_double)
    try:
        return copy.deepcopy(model, known)
    except TypeError as error:
        raise NoLayer(find("no copy", "loss", {"error": error})) from error


def copy_of(array, vectors, in_double):
    """A copy of an array, as the view of a copied vector where it is a view of one."""
    for old, new in vectors:
        if array is old:
            return new
        start = offset(array, old)
        if start is not None:
            return new.reshape(-1)[start : start + array.size].reshape(array.shape)
    return in_precision(array, in_double)


def in_precision(array, in_double):
    """A copy of an array, of float32 in float64 where that is asked for."""
    return array.astype(np.float64) if in_double and array.dtype == np.float32 else array.copy()


def offset(part, whole):
    """Where a contiguous array begins in another one's memory, in entries, or None."""
    if part.dtype != whole.dtype or not (part.flags.c_contiguous and whole.flags.c_contiguous):
        return None
    start, end = (array.__array_interface__["data"][0] for array in (part, whole))
    entries, rest = divmod(start - end, whole.itemsize)
    inside = rest == 0 and entries >= 0 and entries + part.size <= whole.size and part.size
    return entries if inside else None
