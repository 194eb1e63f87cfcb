"""Mutants of the smooth activations: sigmoid, tanh, GELU, SiLU, softplus."""

import numpy as np
from layer_cases import normal
from mutant import Mutant

from layers import gelu, sigmoid, silu, softplus, tanh


def sigmoid_forward_keeping_x(x):
    out, _ = sigmoid.forward(x)
    return out, (x,)


def sigmoid_formula_of_x(dout, cache):
    (x,) = cache
    return x * (1 - x) * dout


def sigmoid_in_float32(dout, cache):
    (out,) = cache
    dx = np.empty(out.shape, np.float32)
    dx[...] = (1 - out) * out * dout
    return dx


def tanh_forward_keeping_x(x):
    return np.tanh(x), (x,)


def tanh_formula_of_x(dout, cache):
    (x,) = cache
    return (1 - x**2) * dout


def tanh_out_squared_minus_1(dout, cache):
    (out,) = cache
    return (out**2 - 1) * dout


def gelu_gate_only(dout, cache):
    x, t = cache
    return 0.5 * (1 + t) * dout


def silu_slope_of_gate_only(dout, cache):
    x, gate = cache
    return x * gate * (1 - gate) * dout


def softplus_forward_keeping_out(x):
    out, _ = softplus.forward(x)
    return out, (out,)


def softplus_sigmoid_of_out(dout, cache):
    (out,) = cache
    gate, _ = sigmoid.forward(out)
    return gate * dout


def softplus_flattened(dout, cache):
    (x,) = cache
    gate, _ = sigmoid.forward(x.ravel())
    return gate * dout.ravel()


MUTANTS = [
    Mutant(
        "sigmoid: x (1 - x) with the input", "wrong point",
        sigmoid_forward_keeping_x, sigmoid_formula_of_x, normal((5, 4)),
    ),
    Mutant(
        "sigmoid: dx in a float32 array", "dtype",
        sigmoid.forward, sigmoid_in_float32, normal((6, 2)),
    ),
    Mutant(
        "tanh: 1 - x^2 with the input", "wrong point",
        tanh_forward_keeping_x, tanh_formula_of_x, normal((4, 7)),
    ),
    Mutant(
        "tanh: out^2 - 1", "sign",
        tanh.forward, tanh_out_squared_minus_1, normal((3, 4)),
    ),
    Mutant(
        "gelu: the gate's own slope forgotten", "lost path",
        gelu.forward, gelu_gate_only, normal((6, 3)),
    ),
    Mutant(
        "silu: the direct path of x forgotten", "lost path",
        silu.forward, silu_slope_of_gate_only, normal((5, 3)),
    ),
    Mutant(
        "softplus: sigmoid of the output", "wrong point",
        softplus_forward_keeping_out, softplus_sigmoid_of_out, normal((4, 3)),
    ),
    Mutant(
        "softplus: dx flattened", "shape",
        softplus.forward, softplus_flattened, normal((3, 5)),
    ),
]
