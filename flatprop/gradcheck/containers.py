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
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
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
    kind = value.dtype.kind if isinstance(value, np.ndarray) else ""
    return kind == "f" or isinstance(value, (float, np.floating))


def flatten(forward, backward, inputs, wrt):
    """A layer whose inputs may lie in dicts and lists, as one of all the arrays of floats in them.

    -> forward(*flat), backward(dout, cache) -> a tuple, flat: inputs, their names, and of each the
    position of the argument that it lies in
    """
    paths = [paths_to_arrays(value) or [()] for value in inputs]
    names = argument_names(forward, len(inputs))
    flat = [(at(value, path), name + "".join(f"[{key!r}]" for key in path), place) for place, (
        value, name) in enumerate(zip(inputs, names, strict=True)) for path in paths[place]]

    def flat_forward(*given):
        left = iter(given)
        return forward(*(next(left) if its_paths == [()] else in_each(
            value, lambda part: next(left) if isinstance(part, np.ndarray) and is_float(part)
            else part) for value, its_paths in zip(inputs, paths, strict=True)))

    def flat_backward(dout, cache):
        grads = backward(dout, cache)
        if isinstance(grads, list) and arrays_in(grads) and not any(
                isinstance(value, list) for value in inputs):
            grads = tuple(grads)        # a list of gradients will do, where no input is a list
        grads = as_tuple(grads)
        kinds = set(map(type, grads))
        if not kinds & {dict, list, tuple} and (
                len(grads) == len(flat) or type(None) not in kinds):
            return grads
        of = wrt if wrt is not None else [
            place for place, value in enumerate(inputs)
            if len(grads) == len(inputs) or any(map(is_float, leaves(value)))]
        try:
            return tuple(at(each, path) for each, place in zip(grads, of, strict=False)
                         for path in paths[place])
        except (KeyError, IndexError, TypeError) as error:
            raise NoLayer(find("other structure", "backward", {
                "wanted": ", ".join(name for _, name, _ in flat)})) from error
    return flat_forward, flat_backward, *map(list, zip(*flat, strict=True))


def paths_to_arrays(value):
    """The keys that lead to each array of floats in nested dicts, lists and tuples."""
    if isinstance(value, np.ndarray):
        return [()] if is_float(value) else []
    pairs = (value.items() if isinstance(value, dict) else
             enumerate(value) if isinstance(value, (list, tuple)) else ())
    return [(key, *rest) for key, part in pairs for rest in paths_to_arrays(part)]


def at(value, path):
    """What the keys of a path lead to; None if that is on the way, as for what needs no gradient.
    """
    for key in path:
        value = None if value is None else value[key]
    return value


def argument_names(forward, count):
    """The names of forward's first arguments; x0, x1, ... where it does not tell."""
    try:
        names = list(inspect.signature(forward).parameters)
    except (TypeError, ValueError):
        names = []
    return (names + [f"x{i}" for i in range(len(names), count)])[:count]
