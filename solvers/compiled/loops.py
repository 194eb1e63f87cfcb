"""The update rules as single loops, compiled by numba, the extra [fast].

NumPy makes one pass over memory for each operation, and for a large net these passes cost as much
as a matrix product. Each loop here does the operations of the rule it replaces, in the same
order and precision, so that the numbers are the same to the bit. They are plain Python: numba is
imported, and the loops compiled, when they are first asked for. The compiled loops are
kept beside this file, in __pycache__, for the next run.
"""

import functools
import importlib.util
import math

import numpy as np

from data.extras import pip_install
from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

# What using numba costs once: its import, and loading or compiling the loops, in seconds.
START_UP = 2.0
# Entries from which one compiled loop beats two operations of NumPy.
LARGE = 10_000


def pays(parameters, steps):
    """Whether numba is there, and a run of so many steps is long enough for it to pay.

    It saves about 10 microseconds a step and a nanosecond for each parameter.
    """
    saved = steps * (1e-5 + 1e-9 * parameters)
    return saved > START_UP and importlib.util.find_spec("numba") is not None


@functools.cache
def compiled(loop):
    """A loop of this file, compiled. Raises ImportError with the remedy where numba is missing."""
    try:
        import numba
    except ImportError as error:
        raise ImportError(f"compiled=True needs numba: {pip_install('fast')}") from error
    # error_model="numpy" divides as NumPy does; Python's check for zero would forbid SIMD.
    return numba.njit(loop, cache=True, nogil=True, error_model="numpy")


def compiled_step(rule):
    """A function that does what rule.step does, compiled; rule.step itself for a rule unknown here.

    Raises ImportError with the remedy where numba is missing.
    """
    if type(rule) not in LOOPS:
        return rule.step
    loop, numbers = LOOPS[type(rule)]
    run = compiled(loop)

    def step(theta, dtheta, rate, t, *slots):
        run(theta, dtheta, *slots, *map(theta.dtype.type, numbers(rule, rate, t)))

    return step


def add_l2(total, gradient, weight, twice):
    """total = twice * weight + gradient"""
    for i in range(total.size):
        total[i] = twice * weight[i] + gradient[i]


def sgd(theta, dtheta, rate):
    """theta -= rate * dtheta"""
    for i in range(theta.size):
        theta[i] -= rate * dtheta[i]


def momentum(theta, dtheta, velocity, rate, momentum):
    """Momentum's step."""
    for i in range(theta.size):
        velocity[i] = momentum * velocity[i] + dtheta[i]
        theta[i] -= rate * velocity[i]


def nesterov(theta, dtheta, velocity, rate, momentum):
    """Nesterov's step."""
    for i in range(theta.size):
        velocity[i] = momentum * velocity[i] + dtheta[i]
        theta[i] -= rate * (momentum * velocity[i] + dtheta[i])


def adagrad(theta, dtheta, sum_of_squares, rate, eps):
    """Adagrad's step."""
    for i in range(theta.size):
        sum_of_squares[i] += dtheta[i] * dtheta[i]
        theta[i] -= rate * (dtheta[i] / (np.sqrt(sum_of_squares[i]) + eps))


def rmsprop(theta, dtheta, mean_square, rate, decay, rest, eps):
    """Rmsprop's step; rest is 1 - decay."""
    for i in range(theta.size):
        mean_square[i] = decay * mean_square[i] + rest * (dtheta[i] * dtheta[i])
        theta[i] -= rate * (dtheta[i] / (np.sqrt(mean_square[i]) + eps))


def adam(theta, dtheta, first, second, rate, beta1, rest1, beta2, rest2, root, eps):
    """Adam's step; rest is 1 - beta, rate and root have the corrections of the moments in them."""
    for i in range(theta.size):
        first[i] = beta1 * first[i] + rest1 * dtheta[i]
        second[i] = beta2 * second[i] + rest2 * (dtheta[i] * dtheta[i])
        theta[i] -= rate * (first[i] / (np.sqrt(second[i]) / root + eps))


def adam_numbers(rule, rate, t):
    """The numbers of adam's loop at step t."""
    corrected_rate, root = rate / (1 - rule.beta1**t), math.sqrt(1 - rule.beta2**t)
    return (corrected_rate, rule.beta1, 1 - rule.beta1, rule.beta2, 1 - rule.beta2, root, rule.eps)


# {rule: (its loop, the numbers that the loop takes after the arrays)}
LOOPS = {
    Sgd: (sgd, lambda rule, rate, t: (rate,)),
    Momentum: (momentum, lambda rule, rate, t: (rate, rule.momentum)),
    Nesterov: (nesterov, lambda rule, rate, t: (rate, rule.momentum)),
    Adagrad: (adagrad, lambda rule, rate, t: (rate, rule.eps)),
    Rmsprop: (rmsprop, lambda rule, rate, t: (rate, rule.decay, 1 - rule.decay, rule.eps)),
    Adam: (adam, adam_numbers),
    Adamw: (adam, adam_numbers),
}
