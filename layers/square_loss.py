"""Square loss of the running example, L = 1/2 (y - y_i)^2, with the lecture's 1/2."""

import numpy as np

from layers import checks


def forward(scores, y, weights=None):
    """The mean over the batch of 1/2 sum (scores - y)^2.

    scores (N, M) or (N,), y the same shape -> loss, one number
    The sum is over the outputs, the mean over the rows alone; PyTorch's MSELoss takes the mean
    over both and has no 1/2.
    weights (N,), if given, multiply the loss of each row; it is divided by N all the same.
    """
    checks.floats(scores=scores, y=y)
    checks.same_shape("y", y, "scores", scores)
    if np.ndim(scores) not in (1, 2) or scores.size == 0:
        raise ValueError(f"scores {np.shape(scores)} must be (N, M) or (N,), N and M at least 1")
    error = scores - y
    if weights is None:
        return 0.5 * np.vdot(error, error) / error.shape[0], (error,)
    checks.weights(weights, scores)
    weighted = error * (weights if error.ndim == 1 else weights[:, None])
    return 0.5 * np.vdot(weighted, error) / error.shape[0], (weighted,)


def backward(dloss, cache):
    """(scores - y) / N * dloss, times the weights.

    dloss one number -> dscores (as scores)
    """
    (error,) = cache
    checks.upstream_scalar(dloss)
    dscores = error / error.shape[0]
    dscores *= dloss
    return dscores
