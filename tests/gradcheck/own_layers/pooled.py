"""The mean of the rows times W: x (N, D), W (D, M) -> out (M,)."""

import numpy as np


def forward(x, W):
    return x.mean(axis=0) @ W, (x, W)


def backward(dout, cache):
    x, W = cache
    dmean = W @ dout
    return np.tile(dmean / len(x), (len(x), 1)), np.outer(x.mean(axis=0), dout)
