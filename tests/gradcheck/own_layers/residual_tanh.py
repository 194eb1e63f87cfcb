"""Residual block x + tanh(x W): x (N, D), W (D, D) -> out (N, D)."""

from layers import tanh


def forward(x, W):
    hidden, cache = tanh.forward(x @ W)
    return x + hidden, (x, W, cache)


def backward(dout, cache):
    x, W, tanh_cache = cache
    dhidden = tanh.backward(dout, tanh_cache)
    return dout + dhidden @ W.T, x.T @ dhidden
