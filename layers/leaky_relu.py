"""Leaky ReLU: ReLU that lets a fraction of the gradient through where ReLU lets none."""

import numpy as np

from layers import checks


def forward(x, slope=0.01):
    """x where it is positive, slope * x elsewhere.

    x (any shape) -> out (same); slope is one number
    Source: Maas, Hannun & Ng 2013.
    """
    checks.floats(x=x)
    slope = float(slope)  # a NumPy number would change the dtype
    return np.where(x > 0, x, slope * x), (x, slope)


def backward(dout, cache):
    """dout where the input was positive, slope * dout elsewhere.

    dout (as x) -> dx (as x)
    """
    x, slope = cache
    checks.upstream(dout, x)
    return np.where(x > 0, dout, slope * dout)
