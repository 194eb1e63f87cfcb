"""Twins: the same weights look at two inputs, and the loss at how far apart they are then."""

from layers import affine, square_loss


def loss(x, z, W, b):
    """The mean loss over the batch and its gradients. x and z (N, D), W (D, M), b (M,)."""
    left, left_cache = affine.forward(x, W, b)
    right, right_cache = affine.forward(z, W, b)
    value, value_cache = square_loss.forward(left * left, right)

    dsquare = square_loss.backward(1.0, value_cache)
    dleft, dright = 2 * left * dsquare, -dsquare
    _, dW_left, db_left = affine.backward(dleft, left_cache)
    _, dW_right, db_right = affine.backward(dright, right_cache)
    return value, {"W": dW_left + dW_right, "b": db_left + db_right}
