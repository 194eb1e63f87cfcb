"""Logistic loss: the cross-entropy of two classes, from one logit for each example."""

import numpy as np

from layers import checks, sigmoid


def forward(scores, y, weights=None):
    """The mean over the batch of log(1 + e^s) - y s.

    scores (N,) or (N, 1), the logit of class 1; y (N,) integers, 0 or 1 -> loss, one number
    weights (N,), if given, multiply the loss of each row; it is divided by N all the same.
    It is the softmax loss of the scores [0, s]. Written as max(s, 0) - y s + log(1 + e^-|s|).
    """
    checks.floats(scores=scores)
    if np.ndim(scores) not in (1, 2) or scores.shape[1:] not in ((), (1,)) or scores.size == 0:
        raise ValueError(f"scores {np.shape(scores)} must be (N,) or (N, 1), N at least 1")
    checks.labels(y, scores.shape[0], 2)
    s = scores.reshape(-1)
    losses = np.maximum(s, 0) - y.astype(s.dtype) * s + np.log1p(np.exp(-np.abs(s)))
    if weights is not None:
        checks.weights(weights, scores)
        losses *= weights
    return losses.mean(), (scores, y, weights)


def backward(dloss, cache):
    """(sigmoid(s) - y) / N * dloss, times the weights.

    dloss one number -> dscores (as scores)
    """
    scores, y, weights = cache
    checks.upstream_scalar(dloss)
    dscores, _ = sigmoid.forward(scores)
    dscores = dscores - y.reshape(scores.shape).astype(scores.dtype)
    dscores *= dloss / y.size
    if weights is not None:
        dscores *= weights.reshape(dscores.shape)
    return dscores
