"""Affine layer: the linear score function with its bias, "a learnable bias at each layer as well".

The slides write f = W x with a column x and W (C, D); here a batch is rows, so out = x W + b.
"""

from layers import checks


def forward(x, W, b):
    """Send each row of x through the affine map x W + b.

    x (N, D), W (D, M), b (M,) -> out (N, M)
    The cache keeps x and W; no gradient needs b.
    Raises TypeError unless all are float32 or all float64, ValueError if the shapes do not fit.
    """
    checks.floats(x=x, W=W, b=b)
    checks.product(x, W)
    checks.vector("b", b, W.shape[1], f"W {W.shape}")
    out = x @ W
    out += b
    return out, (x, W)


def backward(dout, cache, need_dx=True):
    """dx = dout W^T, dW = x^T dout, db = the sum of dout over the batch.

    dout (N, M) -> dx (N, D), dW (D, M), db (M,)
    The bias reaches every row, a fan-out of N copies, so its gradients add up.
    The first layer of a net needs no dx, a third of its work: with need_dx=False dx is None.
    """
    x, W = cache
    checks.upstream_matrix(dout, (x.shape[0], W.shape[1]), x)
    dx = dout @ W.T if need_dx else None
    return dx, x.T @ dout, dout.sum(axis=0)
