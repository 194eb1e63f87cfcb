"""A gated layer: one half of it says what, the other, never negative, how much."""

from layers import affine, softplus, square_loss
from layers.gates import multiply


def loss(x, y, W, b, V, c):
    """The mean loss and its gradients. x (N, D), y (N, M), W and V (D, M), b and c (M,)."""
    what, what_cache = affine.forward(x, W, b)
    sums, sums_cache = affine.forward(x, V, c)
    much, much_cache = softplus.forward(sums)
    out, out_cache = multiply.forward(what, much)
    value, value_cache = square_loss.forward(out, y)

    dout = square_loss.backward(1.0, value_cache)
    dwhat, dmuch = multiply.backward(dout, out_cache)
    dsums = softplus.backward(dmuch, much_cache)
    _, dV, dc = affine.backward(dsums, sums_cache)
    _, dW, db = affine.backward(dwhat, what_cache)
    return value, {"W": dW, "b": db, "V": dV, "c": dc}
