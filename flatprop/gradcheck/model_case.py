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
    Raises what the model's loss raises; its gradients NoLayer if one is missing.
    """
    model, names = copy_model(model, in_double=True), list(model.params)
    x, y = cast((x, y), np.float64)
    rewind = rewinder(model)

    def forward(*values):
        for name, value in zip(names, values, strict=True):
            model.params[name][...] = value
        rewind()
        loss, grads = model.loss(x.copy(), y.copy())
        # A namespace, because a dict of arrays would be opened as the cache of a layer is.
        return loss, SimpleNamespace(by_name=grads)

    def backward(dloss, cache):
        for name in names:
            gradient = cache.by_name.get(name)
            if not is_float(gradient):
                raise NoLayer(find("no gradient", f"d{name}", {
                    "what": "missing" if gradient is None else in_short(gradient)}))
        return tuple(dloss * cache.by_name[name] for name in names)

    case = Case(forward, backward, list(model.params.values()), rng, names, nondeterminism, "loss")
    case.positions, case.rows = list(range(len(names))), len(x)
    return case


def rewinder(model):
    """A function that gives the numpy Generators that a model holds the states they have now."""
    states = [(value.bit_generator, value.bit_generator.state) for value in vars(model).values()
              if isinstance(value, np.random.Generator)]

    def rewind():
        for bits, state in states:
            bits.state = state
    return rewind


def copy_model(model, in_double=False):
    """The model with arrays and Generators of its own; in_double turns float32 into float64. Views
    stay views: params of theta, running of statistics. Modules are shared.
    """
    # What deepcopy finds here under an object's id is what it takes for the object's copy.
    known = {id(module): module for module in sys.modules.values()}
    arrays = sorted(arrays_in(vars(model)), key=np.size, reverse=True)
    for array in arrays:
        whole = next((each for each in arrays
                      if each.flags.forc and np.may_share_memory(each, array)), array)
        if id(whole) not in known:
            to_double = in_double and whole.dtype == np.float32
            known[id(whole)] = whole.astype(np.float64 if to_double else whole.dtype)
        if whole is not array:
            new = known[id(whole)]
            longer = new.itemsize // whole.itemsize
            start, begin = (each.__array_interface__["data"][0] for each in (array, whole))
            known[id(array)] = np.ndarray(
                array.shape, new.dtype, new.ravel(order="K"), (start - begin) * longer,
                [longer * stride for stride in array.strides])
    try:
        return copy.deepcopy(model, known)
    except TypeError as error:
        raise NoLayer(find("no copy", "loss", {"error": error})) from error
