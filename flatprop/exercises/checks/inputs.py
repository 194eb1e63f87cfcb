"""Random inputs for layers: make(rng, size), small and with round numbers for size 2.

The last ones are special inputs, where layers are commonly wrong: kinks, ties, extremes.
"""

import numpy as np


def sizes(rng, count):
    """Factors from 1e-9 to 1e9, both among them, in any order."""
    return 10.0 ** rng.permutation(np.linspace(-9, 9, count))


def normal(rng, *shape):
    """Normal numbers with two decimals, so that they can be read; larger arrays as they come."""
    drawn = rng.standard_normal(shape)
    return np.round(drawn, 2) if drawn.size <= 24 else drawn


def number(rng):
    """One Python float, away from zero."""
    return round(float(rng.uniform(0.5, 3.0) * rng.choice([-1, 1])), 2)


def different(rng, count):
    """So many of them, no two of one size: of equal ones a gradient hides behind another's."""
    found = [number(rng)]
    while len(found) < count:
        if abs(another := number(rng)) not in map(abs, found):
            found.append(another)
    return tuple(found)


def numbers(count):
    """A function that makes so many of them."""
    return lambda rng, size: different(rng, count)


def first(count, make):
    """A function that makes the first of what make does."""
    return lambda rng, size: make(rng, size)[:count]


def batch(rng, size):
    """x (N, D)."""
    return (normal(rng, size, size + 1),)


def affine(rng, size):
    """x (N, D), W (D, M), b (M,); W is square if small, where a transpose goes unnoticed."""
    D, M = (3, 3) if size < 4 else (size + 2, size + 1)
    return normal(rng, size, D), normal(rng, D, M), normal(rng, M)


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
    return different(rng, 2) if size == 2 else tuple(normal(rng, 2, size, size))


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


def arrays(*shapes):
    """A function that makes arrays of these shapes, whatever the size."""
    return lambda rng, size: tuple(normal(rng, *shape) for shape in shapes)


# Of many inputs, where differences take as long as the square of their number, and of many rows.
WIDE, TALL = ((2, 40_000), (40_000, 2), (2,)), ((3000, 3), (3, 2), (2,))


def scaled_affine(rng, size):
    """x, W, b with columns of x, and rows of W, of very different sizes."""
    x, W, b = rng.standard_normal((5, 19)), rng.standard_normal((19, 4)), rng.standard_normal(4)
    return x * sizes(rng, 19), W * sizes(rng, 19)[:, None], b


def scaled_weights(rng, size):
    """W, with rows of very different sizes, and a strength."""
    return rng.standard_normal((9, 4)) * sizes(rng, 9)[:, None], 0.37


def scaled_two(rng, size):
    """x and y of one shape, of very different sizes."""
    return tuple((rng.standard_normal(19) * sizes(rng, 19)).reshape(1, 19) for _ in range(2))


def scores_far_apart(rng, size):
    """Scores of which most have no more than a share of 1e-40, or of 1e-80."""
    return rng.uniform(-100, 100, (5, 9)), rng.integers(0, 9, 5)


def softmax_bounds(reference, inputs, dloss):
    """The sizes of a loss's terms, and of the terms of each gradient, from softmax's formula."""
    scores, y = inputs
    far = scores.max(axis=1, keepdims=True) - scores
    p = np.exp(-far) / np.exp(-far).sum(axis=1, keepdims=True)
    right = np.arange(scores.shape[1]) == y[:, None]
    return np.abs(scores).max(), (p * (1 + far) + right) * abs(dloss) / len(y)


def scores_and_margin(rng, size):
    """scores, labels and a margin of its own."""
    return *scores(rng, size + 1), round(float(rng.uniform(0.2, 3.0)), 2)


# Margins that are kept, or not, by 3e-14 and less: numbers that add up exactly.
CLOSE_TO_THE_MARGIN = always(
    np.array([[2.0, 1 + 2.0**-45, 1 - 2.0**-45, 1 + 2.0**-52], [1 - 2.0**-45, 1 - 2.0**-53, 2, 1]]),
    np.array([0, 2]))
# x and y equal but for a last digit.
ALMOST_EQUAL = always(np.array([[1.0, 1 + 2.0**-52, 3e9], [-1e-9, 1e-300, 0.0]]),
                      np.array([[1 + 2.0**-52, 1.0, 3e9 - 2.0**-21], [-1e-9, 0.0, 1e-300]]))


def scores_of(N, C):
    """A function that makes scores (N, C) and labels (N,).

    Of many more classes np.eye(C)[y] and a Jacobian would have no room. Both are right, and take
    what differences do: with losses time does not decide.
    """
    return lambda rng, size: (rng.standard_normal((N, C)), rng.integers(0, C, N))
