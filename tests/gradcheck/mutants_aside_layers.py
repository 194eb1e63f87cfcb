"""Mutants kept aside for measuring: affine, matmul and the activations."""

import numpy as np
from layer_cases import normal, off_zero, spread
from mutant import Mutant

from layers import (
    affine,
    elu,
    gelu,
    leaky_relu,
    matmul,
    maxout,
    relu,
    selu,
    sigmoid,
    silu,
    softplus,
    tanh,
)


def affine_dW_transposed(dout, cache):
    x, W = cache
    return dout @ W.T, dout.T @ x, dout.sum(axis=0)


def affine_db_over_columns(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=1)


def affine_db_per_row(dout, cache):
    x, W = cache
    dx = dout @ W.T
    dW = x.T @ dout
    db = dout.copy()
    return dx, dW, db


def affine_dW_mean(dout, cache):
    x, W = cache
    dW = x.T @ dout / x.shape[0]
    return dout @ W.T, dW, dout.sum(axis=0)


def affine_dW_of_ones(dout, cache):
    x, _ = cache
    dx, _, db = affine.backward(dout, cache)
    return dx, x.T @ np.ones_like(dout), db


def affine_weights_first(dout, cache):
    dx, dW, db = affine.backward(dout, cache)
    return dW, db, dx


def affine_db_keepdims(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0, keepdims=True)


def matmul_dx_not_transposed(dout, cache):
    x, W = cache
    return dout @ W, x.T @ dout


def matmul_dW_never_added(dout, cache):
    x, W = cache
    dW = np.zeros_like(W)
    for row, drow in zip(x, dout, strict=True):
        np.add(dW, np.outer(row, drow))
    return dout @ W.T, dW


def relu_mask_of_dout(dout, cache):
    return np.maximum(dout, 0)


def relu_kept_the_negative(dout, cache):
    (x,) = cache
    dx = dout.copy()
    dx[x > 0] = 0
    return dx


def relu_in_dout(dout, cache):
    (x,) = cache
    dout[x <= 0] = 0
    return dout


def leaky_relu_without_slope(dout, cache):
    return 1.0 * dout


def leaky_relu_double(dout, cache):
    x, slope = cache
    local = np.where(x > 0, 1.0, slope)
    return local * dout


def elu_forward_keeping_out(x, alpha=1.0):
    out, _ = elu.forward(x, alpha)
    return out, (out, alpha)


def elu_exp_of_out(dout, cache):
    out, alpha = cache
    return np.where(out > 0, dout, alpha * np.exp(np.minimum(out, 0)) * dout)


def sigmoid_forward_keeping_x(x):
    out, _ = sigmoid.forward(x)
    return out, (x,)


def sigmoid_formula_of_x(dout, cache):
    (x,) = cache
    return x * (1 - x) * dout


def softplus_forward_keeping_out(x):
    out, _ = softplus.forward(x)
    return out, (out,)


def softplus_sigmoid_of_out(dout, cache):
    (out,) = cache
    return dout / (1 + np.exp(-out))


def tanh_negative(dout, cache):
    (out,) = cache
    return (out**2 - 1) * dout


_newest = {}


def tanh_forward_remembering(x):
    out, cache = tanh.forward(x)
    _newest["out"] = out
    return out, cache


def tanh_of_newest(dout, cache):
    out = _newest["out"]
    return (1 - out**2) * dout


def gelu_gate_alone(dout, cache):
    _, t = cache
    return 0.5 * (1 + t) * dout


def selu_without_scale(dout, cache):
    return elu.backward(dout, cache)


def silu_local_alone(dout, cache):
    x, gate = cache
    return gate + x * gate * (1 - gate)


def maxout_to_every_piece(dout, cache):
    _, pieces, _ = cache
    return np.repeat(dout, pieces, axis=1)


def spread_2_6(rng):
    return (spread(rng, (2, 6)),)


MUTANTS = [
    Mutant("affine: dW as dout^T x", "transposed",
           affine.forward, affine_dW_transposed, normal((7, 4), (4, 4), 4)),
    Mutant("affine: db over the columns", "wrong axis",
           affine.forward, affine_db_over_columns, normal((5, 3), (3, 5), 5)),
    Mutant("affine: db a row for each example", "not summed",
           affine.forward, affine_db_per_row, normal((4, 5), (5, 3), 3)),
    Mutant("affine: dW a mean", "factor",
           affine.forward, affine_dW_mean, normal((8, 3), (3, 2), 2)),
    Mutant("affine: dW without dout", "upstream ignored",
           affine.forward, affine_dW_of_ones, normal((5, 6), (6, 4), 4)),
    Mutant("affine: dW, db, dx", "order",
           affine.forward, affine_weights_first, normal((6, 2), (2, 5), 5)),
    Mutant("affine: db with keepdims", "shape",
           affine.forward, affine_db_keepdims, normal((3, 4), (4, 6), 6)),
    Mutant("matmul: dx as dout W", "transposed",
           matmul.forward, matmul_dx_not_transposed, normal((5, 3), (3, 3))),
    Mutant("matmul: the sum for dW dropped", "zero",
           matmul.forward, matmul_dW_never_added, normal((4, 3), (3, 6))),
    Mutant("relu: positive upstream gradients passed", "wrong mask",
           relu.forward, relu_mask_of_dout, off_zero((5, 4))),
    Mutant("relu: passed where negative", "mask inverted",
           relu.forward, relu_kept_the_negative, off_zero((6, 3))),
    Mutant("relu: dout zeroed in place", "input mutated",
           relu.forward, relu_in_dout, off_zero((4, 6))),
    Mutant("leaky_relu: dout as it came", "mask missing",
           leaky_relu.forward, leaky_relu_without_slope, off_zero((5, 3))),
    Mutant("leaky_relu: a mask of Python floats", "dtype",
           leaky_relu.forward, leaky_relu_double, off_zero((3, 5))),
    Mutant("elu: exponential of the output", "wrong point",
           elu_forward_keeping_out, elu_exp_of_out, off_zero((4, 4))),
    Mutant("sigmoid: x (1 - x)", "wrong point",
           sigmoid_forward_keeping_x, sigmoid_formula_of_x, normal((5, 2))),
    Mutant("softplus: sigmoid of the output", "wrong point",
           softplus_forward_keeping_out, softplus_sigmoid_of_out, normal((3, 6))),
    Mutant("tanh: out^2 - 1", "sign", tanh.forward, tanh_negative, normal((4, 5))),
    Mutant("tanh: output of the newest call", "stale cache",
           tanh_forward_remembering, tanh_of_newest, normal((6, 4))),
    Mutant("gelu: the gate's own path left out", "lost path",
           gelu.forward, gelu_gate_alone, normal((3, 4))),
    Mutant("selu: SCALE forgotten", "factor", selu.forward, selu_without_scale, off_zero((7, 2))),
    Mutant("silu: local gradient alone", "upstream ignored",
           silu.forward, silu_local_alone, normal((4, 3))),
    Mutant("maxout: every piece gets the gradient", "mask missing",
           maxout.forward, maxout_to_every_piece, spread_2_6),
]
