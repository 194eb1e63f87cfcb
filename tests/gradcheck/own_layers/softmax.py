"""Softmax of each row: scores (N, C) -> out (N, C)."""

import numpy as np


def forward(scores):
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities, (probabilities,)


def backward(dout, cache):
    (probabilities,) = cache
    along = (dout * probabilities).sum(axis=1, keepdims=True)
    return probabilities * (dout - along)
