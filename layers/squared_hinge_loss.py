"""Squared hinge loss: each class against the rest, a margin of 1 on either side of 0.

The lecture's SVM loss compares the scores of a row; here each score is judged by its sign alone,
and what it falls short of its margin is squared, so that large errors weigh more than small ones.
"""

import numpy as np

from layers import checks


def forward(scores, y, weights=None):
    """The mean over the batch of sum_j max(0, 1 - t_j s_j)^2, t_j = 1 for j = y and -1 for others.

    scores (N, C), y (N,) integers in [0, C) -> loss, one number
    weights (N,), if given, multiply the loss of each row; it is divided by N all the same.
    Source: Tang 2013, the L2-SVM. There L2 is 1/2 |W|^2, and C stands before the sum of the losses
    of N training examples: it is the lambda 1 / (2 C N) here.
    """
    checks.floats(scores=scores)
    checks.matrix("scores", scores)
    checks.labels(y, *scores.shape)
    signs = np.full_like(scores, -1)
    signs[np.arange(scores.shape[0], like=scores), y] = 1
    short = np.maximum(1 - signs * scores, 0)                       # (N, C), of the margin
    squares = np.square(short)
    if weights is not None:
        checks.weights(weights, scores)
        squares *= weights[:, None]
    return squares.sum() / y.size, (signs * short, weights)


def backward(dloss, cache):
    """dscores_j = -2 t_j max(0, 1 - t_j s_j) dloss / N, times the weight of the row.

    dloss one number -> dscores (N, C)
    """
    signed, weights = cache
    checks.upstream_scalar(dloss)
    dscores = -2 * signed
    dscores *= dloss / signed.shape[0]
    if weights is not None:
        dscores *= weights[:, None]
    return dscores
