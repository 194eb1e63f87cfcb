"""Mutants of the scalar gates, and of small layers as a student writes them."""

import numpy as np
from layer_cases import normal, off_zero, spread
from mutant import Mutant

from layers import tanh
from layers.gates import copy, exp, maximum, multiply, reciprocal, shift

newest = {}


def copy_overwritten(dout, cache):
    for dcopy in dout:
        dx = +dcopy
    return dx


def multiply_not_swapped(dout, cache):
    x, y = cache
    return x * dout, y * dout


def maximum_as_two_relus(dout, cache):
    x, y = cache
    return np.where(x > 0, dout, 0), np.where(y > 0, dout, 0)


def exp_forward_keeping_x(x):
    return exp.forward(x)[0], (x,)


def exp_times_x(dout, cache):
    (x,) = cache
    return x * dout


def reciprocal_without_minus(dout, cache):
    (out,) = cache
    return out * out * dout


def shift_by_half(x):
    return shift.forward(x, 0.5)


def shift_of_a_constant(dout, cache):
    (x,) = cache
    return np.zeros_like(x)


def log_forward(x):
    newest["x"] = x
    return np.log(x), ()


def log_of_newest(dout, cache):
    return dout / newest["x"]


def scale_and_shift_forward(x, gamma, beta):
    return gamma * x + beta, (x, gamma)


def scale_and_shift_per_example(dout, cache):
    x, gamma = cache
    return gamma * dout, x * dout, dout.sum(axis=0)


def softmax_forward(scores):
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities, (probabilities,)


def softmax_summed_over_batch(dout, cache):
    (probabilities,) = cache
    along = (dout * probabilities).sum(axis=0, keepdims=True)
    return probabilities * (dout - along)


def hard_tanh_forward(x):
    return np.clip(x, -1.5, 1.5), (x,)


def hard_tanh_where_clipped(dout, cache):
    (x,) = cache
    return dout * (np.abs(x) > 1.5)


def residual_forward(x, W):
    hidden, cache = tanh.forward(x @ W)
    return x + hidden, (x, W, cache)


def residual_without_skip(dout, cache):
    x, W, tanh_cache = cache
    dhidden = tanh.backward(dout, tanh_cache)
    return dhidden @ W.T, x.T @ dhidden


def positive(rng):
    return (rng.uniform(0.5, 3.0, (4, 5)),)


def two_spread(rng):
    return tuple(spread(rng, (2, 6)))


def spread_table(rng):
    return (spread(rng, (4, 3)),)


MUTANTS = [
    Mutant(
        "copy: the second overwrites the first", "lost path",
        copy.forward, copy_overwritten, normal((4, 2)),
    ),
    Mutant(
        "multiply: each by itself, not by the other", "order",
        multiply.forward, multiply_not_swapped, normal(5, 5), (),
    ),
    Mutant(
        "maximum: compared with 0", "wrong mask",
        maximum.forward, maximum_as_two_relus, two_spread, (),
    ),
    Mutant(
        "exp: x for e^x", "wrong point",
        exp_forward_keeping_x, exp_times_x, normal(6), (),
    ),
    Mutant(
        "reciprocal: the minus forgotten", "sign",
        reciprocal.forward, reciprocal_without_minus, off_zero(4), (),
    ),
    Mutant(
        "shift: the derivative of the constant", "zero",
        shift_by_half, shift_of_a_constant, normal(3), (),
    ),
    Mutant(
        "log: the newest x", "stale cache",
        log_forward, log_of_newest, positive,
    ),
    Mutant(
        "scale and shift: dgamma not summed", "not summed",
        scale_and_shift_forward, scale_and_shift_per_example, normal((6, 4), 4, 4),
    ),
    Mutant(
        "softmax layer: summed over the batch", "wrong axis",
        softmax_forward, softmax_summed_over_batch, normal((4, 5)),
    ),
    Mutant(
        "hard tanh: passed where clipped", "mask inverted",
        hard_tanh_forward, hard_tanh_where_clipped, spread_table,
    ),
    Mutant(
        "residual block x + tanh(x W): the skip forgotten", "lost path",
        residual_forward, residual_without_skip, normal((5, 3), (3, 3)),
    ),
]
