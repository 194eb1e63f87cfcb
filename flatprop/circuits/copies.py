"""Values as they were: copies that a later change in place does not reach."""

import numpy as np


def copied(value):
    """A value as it is now: arrays copied, also in tuples, lists and dicts."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (tuple, list):
        return type(value)(copied(each) for each in value)
    if type(value) is dict:
        return {name: copied(each) for name, each in value.items()}
    return value


def distinct(values):
    """The same values, each number and each array an object of its own, of the same type.

    Calls are joined by the objects that go through them, and 2.0 may be handed over twice. An array
    that is there twice becomes a view of itself the second time: what is done to it in place is
    done to the caller's.
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
