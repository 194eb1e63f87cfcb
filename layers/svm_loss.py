"""Multiclass SVM loss: every wrong score should lie a margin below the right one."""

import numpy as np

from layers import checks


def forward(scores, y, margin=1.0, weights=None):
    """The mean over the batch of sum_{j != y} max(0, s_j - s_y + margin).

    scores (N, C), y (N,) integers in [0, C) -> loss, one number
    weights (N,), if given, multiply the loss of each row; it is divided by N all the same.
    Source: Weston & Watkins 1999. The slides' s_j s_{y_i} + 1 has lost its minus.
    """
    checks.floats(scores=scores)
    checks.matrix("scores", scores)
    checks.labels(y, *scores.shape)
    rows = np.arange(scores.shape[0], like=scores)
    excess = scores - scores[rows, y][:, None] + float(margin)   # (N, C)
    excess[rows, y] = 0
    violations = np.maximum(excess, 0)
    if weights is not None:
        checks.weights(weights, scores)
        violations *= weights[:, None]
    loss = violations.sum() / y.size
    return loss, (excess, y, weights)


def backward(dloss, cache):
    """dscores = dloss / N for each violated margin, at its own score, and as much less at the right
    one; times the weight of the row.

    dloss one number -> dscores (N, C)
    """
    excess, y, weights = cache
    checks.upstream_scalar(dloss)
    dscores = (excess > 0).astype(excess.dtype)
    dscores[np.arange(y.size, like=y), y] = -dscores.sum(axis=1)
    dscores *= dloss / y.size
    if weights is not None:
        dscores *= weights[:, None]
    return dscores
