"""Layer normalization: each row to mean 0 and variance 1, then scaled and shifted by column.

Each example is normalized by itself, so training and evaluation are the same.
"""

import numpy as np

from layers import checks


def forward(x, gamma, beta, eps=1e-5):
    """gamma (x - mean) / sqrt(var + eps) + beta, with each row's own mean and variance.

    x (N, M), gamma (M,), beta (M,) -> out (N, M)
    Source: Ba, Kiros & Hinton 2016.
    """
    checks.floats(x=x, gamma=gamma, beta=beta)
    checks.matrix("x", x)
    checks.vector("gamma", gamma, "x", x)
    checks.vector("beta", beta, "x", x)
    eps = float(eps)  # a NumPy number would change the dtype
    centered = x - x.mean(axis=1, keepdims=True)
    std = np.sqrt(np.square(centered).mean(axis=1, keepdims=True) + eps)   # (N, 1)
    normalized = centered / std
    return gamma * normalized + beta, (normalized, gamma, std)


def backward(dout, cache):
    """The gradient through each row's own mean and variance.

    dout (N, M) -> dx (N, M), dgamma (M,), dbeta (M,)
    """
    normalized, gamma, std = cache
    checks.upstream(dout, normalized)
    dgamma = (dout * normalized).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dnormalized = dout * gamma
    along = (dnormalized * normalized).mean(axis=1, keepdims=True)
    dx = (dnormalized - dnormalized.mean(axis=1, keepdims=True) - normalized * along) / std
    return dx, dgamma, dbeta
