"""Losses on scores of 1e4: e^10000 is more than a float can hold, and so nothing may compute it.

What a loss depends on are differences of scores, which may be small where the scores are large.
"""

import numpy as np


def log_softmax(scores):
    """The logarithm of softmax's probabilities, row by row.

    scores (N, C), of any size -> (N, C), finite
    A probability may be too small for a float, 1e-8000; its logarithm is not.
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def log_softmax_backward(dout, scores):
    """The gradient of log_softmax for its scores.

    dout (N, C), scores (N, C) -> dscores (N, C), finite
    Every logarithm of a row depends on every score of that row.
    """
    p = np.exp(log_softmax(scores))
    return dout - p * dout.sum(axis=1, keepdims=True)


def losses(scores, y):
    """The SVM loss, with a margin of 1, and the softmax loss of each row; no mean is taken.

    scores (N, C), of any size, y (N,) labels -> svm (N,), softmax (N,)
    """
    rows = np.arange(len(y))
    excess = np.maximum(0.0, scores - scores[rows, y][:, None] + 1.0)
    excess[rows, y] = 0.0
    return excess.sum(axis=1), -log_softmax(scores)[rows, y]
