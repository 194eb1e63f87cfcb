"""Softmax loss: the cross-entropy of softmax probabilities, the lecture's swap for the SVM loss."""

import numpy as np

from layers import checks


def forward(scores, y):
    """The mean over the batch of -log p[y], with p = softmax(scores).

    scores (N, C), y (N,) integers in [0, C) -> loss, one number
    The largest score of each row is taken off first: the probabilities are the same, and no
    exponential overflows.
    """
    checks.floats(scores=scores)
    checks.matrix("scores", scores)
    checks.labels(y, *scores.shape)
    rows = np.arange(scores.shape[0])
    shifted = scores - scores.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=1, keepdims=True)                # (N, 1)
    loss = (np.log(totals[:, 0]) - shifted[rows, y]).sum() / y.size
    return loss, (exponentials, totals, y)


def backward(dloss, cache):
    """(p - 1 at the right class) / N * dloss.

    dloss one number -> dscores (N, C)
    """
    exponentials, totals, y = cache
    checks.upstream_scalar(dloss)
    share = exponentials.dtype.type(dloss / y.size)
    dscores = exponentials * (share / totals)                       # p / N * dloss
    dscores[np.arange(y.size), y] -= share
    return dscores
