"""A copy of a model to experiment on, in its own precision or in float64."""

import copy

import numpy as np


def copied(model, in_double=False):
    """The model with arrays and Generators of its own; in_double turns float32 into float64.

    Views stay views: params of theta, running of statistics. What cannot be copied, such as the
    modules of its layers, is shared.
    """
    other = copy.copy(model)
    vectors = [(value, in_precision(value, in_double)) for value in vars(model).values()
               if isinstance(value, np.ndarray)]
    for attribute, value in vars(model).items():
        setattr(other, attribute, copy_of(value, vectors, in_double))
    return other


def copy_of(value, vectors, in_double):
    """A copy of one attribute: arrays as the views they were, the containers of arrays opened."""
    if isinstance(value, np.ndarray):
        for old, new in vectors:
            if value is old:
                return new
            start = offset(value, old)
            if start is not None:
                return new.reshape(-1)[start : start + value.size].reshape(value.shape)
        return in_precision(value, in_double)
    if isinstance(value, dict):
        return {key: copy_of(each, vectors, in_double) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(copy_of(each, vectors, in_double) for each in value)
    try:
        return copy.deepcopy(value)
    except TypeError:       # a module, say
        return value


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
