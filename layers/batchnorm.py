"""Batch normalization: each column of the batch to mean 0 and variance 1, then scaled and shifted.

In training the mean and variance are the batch's own, so every row's gradient depends on every
other row. In evaluation they are running averages, constants, and the layer is affine.
"""

import numpy as np

from layers import checks


def forward(x, gamma, beta, running=None, eps=1e-5):
    """gamma (x - mean) / sqrt(var + eps) + beta, column by column.

    x (N, M), gamma (M,), beta (M,) -> out (N, M)
    running is None in training, and (mean, var), each (M,), in evaluation.
    The variance divides by N, not N - 1. A batch of one row gives beta and no gradient for x.
    Source: Ioffe & Szegedy 2015.
    """
    checks.floats(x=x, gamma=gamma, beta=beta)
    checks.matrix("x", x)
    checks.vector("gamma", gamma, "x", x)
    checks.vector("beta", beta, "x", x)
    eps = float(eps)  # a NumPy number would change the dtype
    if running is None:
        mean = x.mean(axis=0)
        var = np.square(x - mean).mean(axis=0)
    else:
        mean, var = running
        checks.floats(x=x, mean=mean, var=var)
        checks.vector("mean", mean, "x", x)
        checks.vector("var", var, "x", x)
    out = gamma * ((x - mean) / np.sqrt(var + eps)) + beta
    return out, (x, gamma, mean, var, eps, running is None)


def backward(dout, cache):
    """The gradient through the batch's own mean and variance, or past the running ones.

    dout (N, M) -> dx (N, M), dgamma (M,), dbeta (M,)
    In training dx has its mean, and its component along the normalized x, taken out.
    """
    x, gamma, mean, var, eps, training = cache
    checks.upstream(dout, x)
    std = np.sqrt(var + eps)
    normalized = (x - mean) / std
    dgamma = (dout * normalized).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dx = dout
    if training:
        dx = dout - (dbeta + normalized * dgamma) / x.shape[0]
    return gamma / std * dx, dgamma, dbeta


def update_running(mean, var, cache, momentum=0.1):
    """The running mean and variance after one more training batch.

    mean (M,), var (M,), cache of a training forward -> new mean (M,), new var (M,)
    new = (1 - momentum) old + momentum batch, with the batch's variance divided by N - 1, as in
    PyTorch. One row tells nothing of the spread: such a batch leaves both as they are.
    """
    x, _, batch_mean, batch_var, _, training = cache
    if not training:
        raise ValueError("cache is of an evaluation forward: it has no statistics of a batch")
    momentum = float(momentum)
    checks.floats(x=x, mean=mean, var=var)
    checks.vector("mean", mean, "x", x)
    checks.vector("var", var, "x", x)
    count = x.shape[0]
    if count < 2:
        return mean.copy(), var.copy()
    unbiased = batch_var * (count / (count - 1))
    return mean + momentum * (batch_mean - mean), var + momentum * (unbiased - var)
