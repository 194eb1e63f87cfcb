"""Hyperbolic tangent: the sigmoid, stretched to reach from -1 to 1."""

import numpy as np

from layers import checks


def forward(x):
    """tanh(x), entry by entry.

    x (any shape) -> out (same)
    """
    checks.floats(x=x)
    out = np.tanh(x)
    return out, (out,)


def backward(dout, cache):
    """dx = (1 - tanh(x)^2) dout.

    dout (as x) -> dx (as x)
    """
    (out,) = cache
    checks.upstream(dout, out)
    # (1 - out)(1 + out) keeps its digits where 1 - out^2 has lost them.
    return (1 - out) * (1 + out) * dout
