"""Maxout units: each is the larger of two sums."""

from layers import affine, maxout, square_loss


def scores(x, W, b):
    """x (N, D), W (D, 2 M), b (2 M,) -> scores (N, M)."""
    sums, _ = affine.forward(x, W, b)
    larger, _ = maxout.forward(sums)
    return larger


def loss(x, y, W, b):
    """The mean loss over the batch and its gradients; y (N, M)."""
    sums, sums_cache = affine.forward(x, W, b)
    larger, larger_cache = maxout.forward(sums)
    value, value_cache = square_loss.forward(larger, y)

    dlarger = square_loss.backward(1.0, value_cache)
    dsums = maxout.backward(dlarger, larger_cache)
    _, dW, db = affine.backward(dsums, sums_cache)
    return value, {"W": dW, "b": db}
