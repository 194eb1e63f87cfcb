"""ELU: linear above zero, and below it an exponential that levels off at -alpha."""

import numpy as np

from layers import checks


def forward(x, alpha=1.0):
    """x where it is positive, alpha (e^x - 1) elsewhere.

    x (any shape) -> out (same); alpha is one number
    Source: Clevert, Unterthiner & Hochreiter 2016.
    """
    checks.floats(x=x)
    alpha = float(alpha)  # a NumPy number would change the dtype
    # The branch not taken is computed too: min(x, 0) keeps its exponential from overflowing.
    out = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return out, (x, alpha)


def backward(dout, cache):
    """dout where the input was positive, alpha e^x dout elsewhere.

    dout (as x) -> dx (as x)
    """
    x, alpha = cache
    checks.upstream(dout, x)
    return np.where(x > 0, dout, alpha * np.exp(np.minimum(x, 0)) * dout)
