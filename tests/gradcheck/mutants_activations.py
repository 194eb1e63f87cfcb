"""Mutants of the activations with a kink: ReLU, leaky ReLU, ELU, SELU."""

import numpy as np
from layer_cases import off_zero
from mutant import Mutant

from layers import elu, leaky_relu, relu, selu

masks = {}


def relu_passes_everything(dout, cache):
    return dout.copy()


def relu_where_negative(dout, cache):
    (x,) = cache
    dx = dout.copy()
    dx[x > 0] = 0
    return dx


def relu_mask_of_dout(dout, cache):
    return np.maximum(dout, 0)


def relu_zeroes_dout(dout, cache):
    (x,) = cache
    dout[x <= 0] = 0
    return dout


def relu_mask_of_floats(dout, cache):
    (x,) = cache
    return np.where(x > 0, 1.0, 0.0) * dout


def relu_writes_to_a_copy(dout, cache):
    (x,) = cache
    dx = np.zeros_like(x)
    positive = x > 0
    dx[positive][:] = dout[positive]
    return dx


def relu_forward_reusing_mask(x):
    mask = masks.setdefault(x.shape, np.empty(x.shape, bool))
    np.greater(x, 0, out=mask)
    return x * mask, (mask,)


def relu_of_reused_mask(dout, cache):
    (mask,) = cache
    return dout * mask


def leaky_relu_steep(x):
    return leaky_relu.forward(x, 0.2)


def leaky_relu_slope_where_positive(dout, cache):
    x, slope = cache
    dx = dout.copy()
    dx[x > 0] *= slope
    return dx


def leaky_relu_without_dout(dout, cache):
    x, slope = cache
    dx = np.ones_like(x)
    dx[x <= 0] = slope
    return dx


def elu_mask_of_dout(dout, cache):
    x, alpha = cache
    return np.where(dout > 0, dout, alpha * np.exp(np.minimum(x, 0)) * dout)


def elu_forward_keeping_out(x):
    out, (x, alpha) = elu.forward(x, 0.7)
    return out, (x, out, alpha)


def elu_exponential_of_out(dout, cache):
    x, out, alpha = cache
    return np.where(x > 0, dout, alpha * np.exp(np.minimum(out, 0)) * dout)


def selu_without_scale(dout, cache):
    return elu.backward(dout, cache)


def selu_exponential_everywhere(dout, cache):
    x, alpha = cache
    return selu.SCALE * alpha * np.exp(x) * dout


MUTANTS = [
    Mutant(
        "relu: dout passed everywhere", "mask missing",
        relu.forward, relu_passes_everything, off_zero((6, 4)),
    ),
    Mutant(
        "relu: passed where the input is negative", "mask inverted",
        relu.forward, relu_where_negative, off_zero((5, 3)),
    ),
    Mutant(
        "relu: ReLU of dout", "wrong mask",
        relu.forward, relu_mask_of_dout, off_zero((4, 6)),
    ),
    Mutant(
        "relu: dout zeroed in place", "input mutated",
        relu.forward, relu_zeroes_dout, off_zero((3, 5)),
    ),
    Mutant(
        "relu: mask of float64 ones", "dtype",
        relu.forward, relu_mask_of_floats, off_zero((7, 2)),
    ),
    Mutant(
        "relu: assignment to a copy", "zero",
        relu.forward, relu_writes_to_a_copy, off_zero((4, 3)),
    ),
    Mutant(
        "relu: mask in a buffer that the next forward reuses", "stale cache",
        relu_forward_reusing_mask, relu_of_reused_mask, off_zero((6, 5)),
    ),
    Mutant(
        "leaky_relu: slope where the input is positive", "mask inverted",
        leaky_relu_steep, leaky_relu_slope_where_positive, off_zero((5, 4)),
    ),
    Mutant(
        "leaky_relu: the slopes alone", "upstream ignored",
        leaky_relu_steep, leaky_relu_without_dout, off_zero((3, 6)),
    ),
    Mutant(
        "elu: the branch chosen by dout", "wrong mask",
        elu.forward, elu_mask_of_dout, off_zero((6, 3)),
    ),
    Mutant(
        "elu: e^out for e^x", "wrong point",
        elu_forward_keeping_out, elu_exponential_of_out, off_zero((4, 5)),
    ),
    Mutant(
        "selu: SCALE forgotten", "factor",
        selu.forward, selu_without_scale, off_zero((5, 5)),
    ),
    Mutant(
        "selu: the exponential for positive inputs too", "mask missing",
        selu.forward, selu_exponential_everywhere, off_zero((4, 4)),
    ),
]
