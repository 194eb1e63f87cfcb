"""Mutants kept aside for measuring: gates, and layers of the kind students write."""

import numpy as np
from layer_cases import normal, spread
from mutant import Mutant

from layers import checks
from layers.gates import maximum, multiply


def multiply_other_input_alone(dout, cache):
    x, y = cache
    return y, x


def maximum_to_the_smaller(dout, cache):
    x, y = cache
    return np.where(x < y, dout, 0)[()], np.where(x > y, dout, 0)[()]


def residual_forward(x, W):
    """x + relu(x W): x (N, D), W (D, D)."""
    checks.floats(x=x, W=W)
    hidden = x @ W
    return x + np.maximum(hidden, 0), (x, W, hidden)


def residual_without_skip(dout, cache):
    x, W, hidden = cache
    dhidden = dout * (hidden > 0)
    return dhidden @ W.T, x.T @ dhidden


def tied_forward(x, W):
    """x W W^T: x (N, D), W (D, H)."""
    checks.floats(x=x, W=W)
    code = x @ W
    return code @ W.T, (x, W, code)


def tied_decoder_not_transposed(dout, cache):
    x, W, code = cache
    dcode = dout @ W
    dW = x.T @ dcode + code.T @ dout
    return dcode @ W.T, dW


def quadratic_forward(x, A):
    """x_i^T A x_i of each row: x (N, D), A (D, D) -> (N,)."""
    checks.floats(x=x, A=A)
    return np.einsum("ni,ij,nj->n", x, A, x), (x, A)


def quadratic_left_x_alone(dout, cache):
    x, A = cache
    column = dout[:, None]
    return column * (x @ A.T), x.T @ (column * x)


def log_forward(x):
    """log x, for positive x."""
    checks.floats(x=x)
    out = np.log(x)
    return out, (out,)


def log_reciprocal_of_out(dout, cache):
    (out,) = cache
    return dout / out


def above_one(rng):
    return (rng.uniform(1.5, 4.0, (4, 3)),)


def hard_tanh_forward(x):
    """x clipped to [-1, 1]."""
    checks.floats(x=x)
    return np.clip(x, -1, 1), (x,)


def hard_tanh_filling_a_copy(dout, cache):
    (x,) = cache
    inside = np.abs(x) < 1
    dx = np.zeros_like(dout)
    dx[inside][:] = dout[inside]
    return dx


def spread_matrix(rng):
    return (spread(rng, (4, 3)),)


def spread_pair(rng):
    return tuple(spread(rng, (2, 6)))


MUTANTS = [
    Mutant("multiply: the other input alone", "upstream ignored",
           multiply.forward, multiply_other_input_alone, normal(5, 5), (0, 1)),
    Mutant("maximum: routed to the smaller", "mask inverted",
           maximum.forward, maximum_to_the_smaller, spread_pair, (0, 1)),
    Mutant("residual: dx past the block alone", "lost path",
           residual_forward, residual_without_skip, normal((6, 3), (3, 3))),
    Mutant("tied: the decoder's part of dW", "transposed",
           tied_forward, tied_decoder_not_transposed, normal((5, 4), (4, 4))),
    Mutant("quadratic: x on the left alone", "lost path",
           quadratic_forward, quadratic_left_x_alone, normal((6, 4), (4, 4))),
    Mutant("log: 1 / out", "wrong point", log_forward, log_reciprocal_of_out, above_one),
    Mutant("hard_tanh: written into a copy", "zero",
           hard_tanh_forward, hard_tanh_filling_a_copy, spread_matrix),
]
