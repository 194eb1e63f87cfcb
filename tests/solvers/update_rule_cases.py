"""The update rules, and walks with one of them, for the tests over all."""

import numpy as np

from solvers.by_name import UPDATE_RULES

RULES = list(UPDATE_RULES.values())


def slots_for(rule, theta):
    """The rule's slots as the Solver makes them: zeros like theta, in a list."""
    return [np.zeros_like(theta) for _ in rule.slots]


def walk(rule, theta, gradients, rate, slots=None):
    """Take one step per gradient, and return where theta was after each."""
    slots, path = slots_for(rule, theta) if slots is None else slots, []
    for t, dtheta in enumerate(gradients, 1):
        rule.step(theta, dtheta, rate, t, *slots)
        path.append(theta.copy())
    return np.array(path)
