"""Softmax and SVM on scores of 1e4, which a net has after a few steps at too high a rate.

e^710 is more than a float64 holds, e^89 more than a float32; e^-750 is 0, and log 0 is -inf.
"""

import numpy as np


def log_probabilities(scores):
    """The logarithm of each row's softmax probabilities.

    scores (N, C), of any size -> (N, C), all finite
    A probability of e^-20000 is 0 in any float; its logarithm is -20000.
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def softmax(scores, y):
    """The softmax loss of each row, no mean over the batch, and the gradient of their sum.

    scores (N, C), of any size; y (N,) labels -> losses (N,), dscores (N, C)
    On a row that is wrong by 20,000 the loss is 20,000, and no gradient is more than 1.
    """
    rows = np.arange(len(y))
    logs = log_probabilities(scores)
    dscores = np.exp(logs)
    dscores[rows, y] -= 1
    return -logs[rows, y], dscores


def svm(scores, y):
    """The SVM loss of each row, with margin 1 and no mean, and the gradient of their sum.

    scores (N, C), of any size; y (N,) labels -> losses (N,), dscores (N, C)
    There is no exponential here: how large are the gradients on scores of 1e4?
    """
    rows = np.arange(len(y))
    excess = scores - scores[rows, y][:, None] + 1
    excess[rows, y] = 0
    dscores = (excess > 0).astype(scores.dtype)
    dscores[rows, y] = -dscores.sum(axis=1)
    return np.maximum(excess, 0).sum(axis=1), dscores
