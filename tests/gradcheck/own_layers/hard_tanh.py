"""x clipped to [-1, 1]."""

import numpy as np


def forward(x):
    return np.clip(x, -1, 1), (x,)


def backward(dout, cache):
    (x,) = cache
    return dout * (np.abs(x) < 1)
