"""Softplus: the smooth version of ReLU, and the integral of the sigmoid."""

import numpy as np

from layers import checks, sigmoid


def forward(x):
    """log(1 + e^x), entry by entry.

    x (any shape) -> out (same)
    Source: Dugas et al. 2001. Written as max(x, 0) + log(1 + e^-|x|), which cannot overflow.
    """
    checks.floats(x=x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), (x,)


def backward(dout, cache):
    """sigmoid(x) dout.

    dout (as x) -> dx (as x)
    """
    (x,) = cache
    checks.upstream(dout, x)
    gate, _ = sigmoid.forward(x)
    return gate * dout
