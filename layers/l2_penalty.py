"""L2 penalty, the lecture's lambda R(W) with R(W) = sum W^2: no 1/2, not divided by the batch."""

import numpy as np

from layers import checks


def forward(W, strength):
    """strength * sum(W^2).

    W (any shape), strength >= 0 one number, the lecture's lambda -> penalty, one number
    Raises ValueError for a strength below 0.
    """
    checks.floats(W=W)
    if not strength >= 0:
        raise ValueError(f"strength must be 0 or more, not {strength}")
    return W.dtype.type(strength) * np.vdot(W, W), (W, strength)


def backward(dpenalty, cache):
    """dW = 2 strength W dpenalty, where the 2 stays; R(W) has no 1/2.

    dpenalty one number -> dW (as W)
    """
    W, strength = cache
    checks.upstream_scalar(dpenalty, "dpenalty")
    return W * W.dtype.type(2 * strength * dpenalty)
