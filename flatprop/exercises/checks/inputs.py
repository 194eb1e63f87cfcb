"""Random inputs for layers: make(rng, size), small and with round numbers for size 2.

The last ones are special inputs, where layers are commonly wrong: kinks, ties, extremes.
"""

import numpy as np


def normal(rng, *shape):
    """Normal numbers with two decimals, so that they can be read; larger arrays as they come."""
    drawn = rng.standard_normal(shape)
    return np.round(drawn, 2) if drawn.size <= 24 else drawn


def number(rng):
    """One Python float, away from zero."""
    return round(float(rng.uniform(0.5, 3.0) * rng.choice([-1, 1])), 2)


def batch(rng, size):
    """x (N, D)."""
    return (normal(rng, size, size + 1),)


def affine(rng, size):
    """x (N, D), W (D, M), b (M,); W is square if small, where a transpose goes unnoticed."""
    D, M = (3, 3) if size < 4 else (size + 2, size + 1)
    return normal(rng, size, D), normal(rng, D, M), normal(rng, M)


def matmul(rng, size):
    """x (N, D), W (D, M)."""
    return affine(rng, size)[:2]


def scores(rng, size):
    """scores (N, C), y (N,)."""
    return 2 * normal(rng, size, size + 1), rng.integers(0, size + 1, size)


def weight_and_strength(rng, size):
    """W (D, M) and a strength."""
    return normal(rng, size, size + 1), round(float(rng.uniform(0.01, 0.5)), 3)


def one(rng, size):
    """x: a number for size 2, else an array."""
    return (number(rng) if size == 2 else normal(rng, size, size),)


def two(rng, size):
    """x and y: numbers for size 2, else arrays of one shape."""
    return (number(rng), number(rng)) if size == 2 else tuple(normal(rng, 2, size, size))


def constant(rng, size):
    """x as above, and a constant."""
    return (*one(rng, size), number(rng))


def not_near_zero(rng, size):
    """x that 1/x can take."""
    if size == 2:
        return one(rng, size)
    return (rng.uniform(0.5, 2.0, (size, size)) * rng.choice([-1, 1], (size, size)),)


def always(*arguments):
    """A function like these that makes the same every time."""
    return lambda rng, size: arguments


# Exact zeros, and numbers so close to zero that any difference jumps across it.
ZEROS_AMONG = always(np.array([[0.0, 1e-12, -1e-12, 2.0], [-0.0, -1.5, 1e-300, 0.5]]))
# Numbers, and scores, so large that a careless exponential overflows.
EXTREMES = always(np.array([[1e4, -1e4, 800.0], [-800.0, 40.0, -40.0]]))
EXTREME_SCORES = always(np.array([[1e4, -1e4, 0.0], [900.0, 905.0, 902.0]]), np.array([1, 0]))
# Scores of which some lie exactly at the margin.
SCORES_AT_THE_MARGIN = always(
    np.array([[3.0, 2.0, 5.0], [1.0, 1.0, 1.0], [9.0, 8.0, 1.0]]), np.array([0, 2, 0]))


def equal_entries(rng, size):
    """x and y with equal entries among them."""
    x, y = normal(rng, 2, 4)
    y[1] = x[1]
    return x, y


def flat_parts(low, high):
    """A function that makes x where a curve is almost flat.

    Formulas agree there to the last digit of 1; differences lose most of their digits.
    """
    def make(rng, size):
        return (np.round(rng.uniform(low, high, (3, 4)), 2),)
    return make
