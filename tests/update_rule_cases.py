"""The update rules, and a walk with one of them, for the tests over all."""

import numpy as np

from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

RULES = [Sgd, Momentum, Nesterov, Adagrad, Rmsprop, Adam, Adamw]
RULES_WITH_STATE = RULES[1:]


def walk(rule, theta, gradients, rate):
    """Take one step per gradient, and return where theta was after each."""
    path = []
    for dtheta in gradients:
        rule.step(theta, dtheta, rate)
        path.append(theta.copy())
    return np.array(path)
