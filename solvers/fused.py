"""The passes over theta as single loops, compiled by numba, the extra [fast].

NumPy makes one pass over memory for each operation, and for a large net these passes cost as much
as a matrix product. Each loop here does the operations of the NumPy form it replaces, in the same
order and precision, so that the numbers are the same to the bit. They are plain Python: numba is
imported, and the loops compiled, when a fused form is first asked for. The compiled loops are
kept beside this file, in __pycache__, for the next run.
"""

import functools
import importlib.util

import numpy as np

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
        raise ImportError('fused=True needs numba: pip install "flatprop[fast]"') from error
    # error_model="numpy" divides as NumPy does; Python's check for zero would forbid SIMD.
    return numba.njit(loop, cache=True, nogil=True, error_model="numpy")


def run(loop, *arguments):
    """Run a loop of this file compiled; floats take the dtype of the first argument, an array."""
    dtype = arguments[0].dtype.type
    compiled(loop)(*[dtype(a) if isinstance(a, float) else a for a in arguments])


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
