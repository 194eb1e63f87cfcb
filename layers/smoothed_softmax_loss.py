"""Softmax loss against smoothed labels: the right class is right, but not beyond all doubt.

The softmax loss is never content: it falls as long as the right score grows away from the others.
Against labels of which a share s is spread over all classes it is least at finite scores, those
whose probabilities are the smoothed labels; so no example can pull at the weights for ever.
Source: Szegedy et al. 2016, Rethinking the Inception Architecture for Computer Vision, section 7.
"""

import numpy as np

from layers import checks


def forward(scores, y, smoothing, weights=None):
    """The mean over the batch of -sum_c q_c log p_c, p = softmax(scores), q = (1 - s) 1[y] + s / C.

    scores (N, C), y (N,) integers in [0, C), smoothing s in [0, 1) -> loss, one number
    weights (N,), if given, multiply the loss of each row; it is divided by N all the same.
    With s = 0 it is the softmax loss.
    """
    checks.floats(scores=scores)
    checks.matrix("scores", scores)
    checks.labels(y, *scores.shape)
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must lie in [0, 1), the share of all classes, not {smoothing}")
    smoothing = float(smoothing)
    rows = np.arange(scores.shape[0], like=scores)
    shifted = scores - scores[rows, scores.argmax(axis=1), None]
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=1, keepdims=True)                # (N, 1)
    right = (1 - smoothing) * shifted[rows, y]
    losses = np.log(totals[:, 0]) - right - smoothing * shifted.mean(axis=1)
    if weights is not None:
        checks.weights(weights, scores)
        losses *= weights
    loss = losses.sum() / y.size
    return loss, (exponentials, totals, rows, y, smoothing, weights)


def backward(dloss, cache):
    """(p - q) / N * dloss, times the weights.

    dloss one number -> dscores (N, C)
    """
    exponentials, totals, rows, y, smoothing, weights = cache
    checks.upstream_scalar(dloss)
    share = exponentials.dtype.type(dloss / y.size)
    dscores = exponentials * (share / totals)                       # p / N * dloss
    dscores -= share * smoothing / dscores.shape[1]
    dscores[rows, y] -= share * (1 - smoothing)
    if weights is not None:
        dscores *= weights[:, None]
    return dscores
