"""A copy of a model to experiment on, in its own precision or in float64."""

import copy
import sys

import numpy as np


def copied(model, in_double=False):
    """The model with arrays and Generators of its own; in_double turns float32 into float64.

    Views stay views: params of theta, running of statistics. Modules are shared, not copied.
    """
    # What deepcopy finds here under an object's id is what it takes for the object's copy.
    known = {id(module): module for module in sys.modules.values()}
    vectors = [(value, in_precision(value, in_double)) for value in vars(model).values()
               if isinstance(value, np.ndarray)]
    for value in list(vars(model).values()):
        for array in arrays_of(value):
            known[id(array)] = copy_of(array, vectors, in_double)
    return copy.deepcopy(model, known)


def arrays_of(value):
    """The arrays of an attribute: itself, or what a dict, list or tuple holds."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [array for each in value for array in arrays_of(each)]
    return []


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
