"""Common slips in first steps, schedules and updates; what a slip is: slips.py."""

import numpy as np

from flatprop.exercises.checks.layer_slips import MEAN


def zero_gradients(x, y, hidden, classes, rows=None, sign=1):
    """The gradients of a net of zeros, its b2 divided by something else."""
    p = np.full((len(y), classes), 1 / classes)
    p[np.arange(len(y)), y] -= 1
    return {"W1": np.zeros((x.shape[1], hidden)), "b1": np.zeros(hidden),
            "W2": np.zeros((hidden, classes)), "b2": sign * p.sum(axis=0) / (rows or len(y))}


ZERO = (
    ("b2 is the sum over the rows", MEAN, lambda *case: zero_gradients(*case, rows=1)),
    ("b2 has its sign flipped", "1/C - 1 at the right class, 1/C elsewhere",
     lambda *case: zero_gradients(*case, sign=-1)),
)


def units(*parts):
    """How many columns of these, one below the other, are different."""
    return len(np.unique(np.concatenate([np.atleast_2d(each) for each in parts]), axis=1).T)


UNITS = (
    ("the biases are not looked at", "units differ if their entries of b1 do",
     lambda W1, b1, W2: units(W1, W2.T)),
    ("W2 is not looked at", "units differ if their rows of W2 do",
     lambda W1, b1, W2: units(W1, b1)),
    ("W1 alone is looked at", "and b1 and W2?", lambda W1, b1, W2: units(W1)),
    ("the rows are counted, not the columns", "a unit is a column of W1, an entry of b1 and a row "
     "of W2", lambda W1, b1, W2: units(np.vstack([W1, b1, W2.T]).T)),
    ("the different numbers are counted", "count the different columns: axis=1",
     lambda W1, b1, W2: len(np.unique(np.vstack([W1, b1, W2.T])))),
    ("all units are counted, also those that are alike", "how many are different?",
     lambda W1, b1, W2: W1.shape[1]),
)
SCHEDULE = (
    ("it falls at every step, a little", "whole times: t // every",
     lambda rate, every, factor, t: rate * factor ** (t / every)),
    ("it is multiplied by the count, not raised to it", "factor to the power of it: **",
     lambda rate, every, factor, t: rate * factor * (t // every)),
    ("it falls one step too early", "step 0 is the first: t // every",
     lambda rate, every, factor, t: rate * factor ** ((t + 1) // every)),
    ("it falls one step too late", "step 0 is the first: t // every",
     lambda rate, every, factor, t: rate * factor ** (max(t - 1, 0) // every)),
    ("it falls at every step", "once every so many: t // every",
     lambda rate, every, factor, t: rate * factor**t),
    ("it never falls", "by the factor, once every so many steps",
     lambda rate, every, factor, t: rate),
)
SGD = (
    ("it walks along the gradient", "against it: minus",
     lambda theta, g, rate, steps: theta + steps * rate * g),
    ("the rate is left out", "times the rate", lambda theta, g, rate, steps: theta - steps * g),
    ("the step gets smaller with t", "t is for other rules",
     lambda theta, g, rate, steps: theta - rate * g * sum(1 / t for t in range(1, steps + 1))),
    ("the step gets larger with t", "t is for other rules",
     lambda theta, g, rate, steps: theta - rate * g * sum(range(1, steps + 1))),
    ("theta is thrown away", "theta -= ..., not theta = ...",
     lambda theta, g, rate, steps: -rate * g),
)
