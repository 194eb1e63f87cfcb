"""Gram matrix x x^T: x (N, D) -> out (N, N)."""


def forward(x):
    return x @ x.T, (x,)


def backward(dout, cache):
    (x,) = cache
    return dout @ x + dout.T @ x
