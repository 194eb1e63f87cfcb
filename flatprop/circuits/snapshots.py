"""Values as they were: copies that a later change in place does not reach."""

import numpy as np


def snapshot(value):
    """A value as it is now: arrays copied, also in tuples, lists and dicts."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (tuple, list):
        return type(value)(snapshot(each) for each in value)
    if type(value) is dict:
        return {name: snapshot(each) for name, each in value.items()}
    return value


def as_tuple(value):
    """Several values as they are, a single one as a tuple of one."""
    return value if type(value) is tuple else (value,)


def distinct(values):
    """The same values, each number and each array an object of its own, of the same type.

    A wire is followed by the object that goes through the calls, and 2.0 may be passed twice. An
    array that is passed twice becomes a view of itself the second time: a change in place still
    reaches the caller's array.
    """
    out, seen = [], set()
    for value in values:
        if isinstance(value, (float, np.floating)):
            value = value * type(value)(1)
        elif type(value) is np.ndarray and id(value) in seen:
            value = value.view()
        seen.add(id(value))
        out.append(value)
    return out


def equal(value, other):
    """Whether two values are the same numbers, nan like nan; other things if they are the same."""
    if isinstance(value, (np.ndarray, np.generic, float)):
        value, other = np.asarray(value), np.asarray(other)
        return value.shape == other.shape and value.tobytes() == other.tobytes()
    return value is other
