"""Batch normalization as a circuit: nine small steps forward, and one line back for each.

What makes it hard is fan-out: x, centered and the mean are each used more than once.
"""

import numpy as np


def circuit(x, gamma, beta, dout, eps=1e-5):
    """out, and the gradient of every value on the way, for an upstream gradient dout.

    x (N, M), gamma (M,), beta (M,), dout (N, M) -> out (N, M), a dict of gradients:
    "beta", "gamma", "inverse", "std", "var", "mean" (M,) each,
    "normalized", "square", "centered", "x" (N, M) each
    Forward, column by column: mean of x; centered = x - mean; square = centered^2; var = mean of
    square; std = sqrt(var + eps); inverse = 1 / std; normalized = centered inverse; and out =
    gamma normalized + beta. A value that is used twice has the sum of two gradients.
    """
    N = len(x)
    mean = x.mean(axis=0)
    centered = x - mean
    square = centered**2
    var = square.mean(axis=0)
    std = np.sqrt(var + eps)
    inverse = 1.0 / std
    normalized = centered * inverse
    out = gamma * normalized + beta

    dbeta = dout.sum(axis=0)
    dgamma = (normalized * dout).sum(axis=0)
    dnormalized = gamma * dout
    dinverse = (centered * dnormalized).sum(axis=0)
    dstd = -dinverse / std**2
    dvar = dstd / (2.0 * std)
    dsquare = np.ones_like(x) * dvar / N
    dcentered = inverse * dnormalized
    dcentered += 2.0 * centered * dsquare
    dmean = -dcentered.sum(axis=0)
    dx = dcentered + dmean / N
    return out, {"beta": dbeta, "gamma": dgamma, "normalized": dnormalized, "inverse": dinverse,
                 "std": dstd, "var": dvar, "square": dsquare, "centered": dcentered, "mean": dmean,
                 "x": dx}
