"""Inputs in dicts and lists: each array in them is an input of its own, called params['W'], xs[1].

They are taken out once and put back for each call, so that all else sees a flat list of inputs.
"""

import inspect

import numpy as np

from flatprop.gradcheck.finding import NoLayer, find


def in_each(value, change):
    """change(part) of each part of nested dicts, lists and tuples, in the same structure."""
    if isinstance(value, dict):
        return {key: in_each(part, change) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [in_each(part, change) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts) if isinstance(
            value, tuple) else parts
    return change(value)


def leaves(value):
    """What nested tuples, lists and dicts hold, in order."""
    found = []
    in_each(value, found.append)
    return found


def arrays_in(value):
    """The arrays in a cache, or in anything else, in order."""
    return [leaf for leaf in leaves(value) if isinstance(leaf, np.ndarray)]


def as_tuple(value):
    """value itself if it is a tuple, else a tuple of it."""
    return value if isinstance(value, tuple) else (value,)


def is_float(value):
    """Whether value is a float or an array of floats."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f"
    return isinstance(value, (float, np.floating))


def flatten(forward, backward, inputs, wrt):
    """A layer whose inputs may lie in dicts and lists, as one of all the arrays in them.

    A dict, list or tuple without an array of floats stays what it is.
    -> forward(*flat), backward(dout, cache) -> a tuple, flat: inputs, names and places: of each
    flat input its name, and the position of the one that it lies in
    """
    names = argument_names(forward, len(inputs))
    opened = [any(map(is_float, arrays_in(value))) for value in inputs]
    flat = [(part, called, place) for place, value in enumerate(inputs)
            for part, called in (named_parts(value, names[place]) if opened[place]
                                 else [(value, names[place])])]

    def flat_forward(*given):
        left = iter(given)
        return forward(*(in_each(value, lambda _: next(left)) if is_open else next(left)
                         for value, is_open in zip(inputs, opened, strict=True)))

    def flat_backward(dout, cache):
        grads = as_tuple(backward(dout, cache))
        if not any(isinstance(each, (dict, list, tuple)) or each is None for each in grads) or (
                len(grads) == len(flat)):
            return grads
        of = inputs if wrt is None else [inputs[place] for place in wrt]
        if wrt is None and len(grads) != len(inputs):
            of = [value for value in inputs if any(map(is_float, leaves(value)))]
        return tuple(part for each, value in zip(grads, of, strict=False)
                     for part in parts_like(value, each))
    return flat_forward, flat_backward, *map(list, zip(*flat, strict=True))


def named_parts(value, name):
    """(part, name) of each part of nested dicts, lists and tuples."""
    pairs = (value.items() if isinstance(value, dict) else enumerate(value) if isinstance(
        value, (list, tuple)) else None)
    return [(value, name)] if pairs is None else [
        each for key, part in pairs for each in named_parts(part, f"{name}[{key!r}]")]


def parts_like(value, gradient):
    """The parts of a gradient for value, one for each part of value; None where it needs none.

    A gradient of another structure is a part as it is.
    """
    if isinstance(value, dict) and isinstance(gradient, dict):
        needed = {key for key, part in value.items() if any(map(is_float, arrays_in(part)))}
        if gradient.keys() - value.keys() or needed - gradient.keys():
            raise NoLayer(find("other keys", "backward", {
                "has": ", ".join(map(repr, gradient)), "wanted": ", ".join(map(repr, value))}))
        pairs = [(part, gradient.get(key)) for key, part in value.items()]
    elif (isinstance(value, (list, tuple)) and isinstance(gradient, (list, tuple))
            and len(value) == len(gradient)):
        pairs = zip(value, gradient, strict=True)
    else:
        return [None] * len(leaves(value)) if gradient is None else [gradient]
    return [each for part, its in pairs for each in parts_like(part, its)]


def argument_names(forward, count):
    """The names of forward's first arguments; x0, x1, ... where it does not tell."""
    try:
        names = list(inspect.signature(forward).parameters)
    except (TypeError, ValueError):
        names = []
    return (names + [f"x{i}" for i in range(len(names), count)])[:count]
