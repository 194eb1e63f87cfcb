"""Why one does not start with zeros: hidden units that start alike stay alike.

They compute the same, so they receive the same gradient, so they take the same step.
"""

import numpy as np


def first_gradients(x, y, hidden_dim, num_classes):
    """The gradients of a two-layer net whose weights and biases are all 0, with the softmax loss.

    x (N, D), y (N,) labels -> {"W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)}
    The loss is the mean over the batch. Every score is 0, so every probability is 1/C. Work out
    what reaches which parameter: only one of the four gradients is not all zeros.
    """
    N, D = x.shape
    dscores = np.full((N, num_classes), 1.0 / num_classes)
    dscores[np.arange(N), y] -= 1.0
    dscores /= N
    return {
        "W1": np.zeros((D, hidden_dim)), "b1": np.zeros(hidden_dim),
        "W2": np.zeros((hidden_dim, num_classes)), "b2": dscores.sum(axis=0),
    }


def different_units(W1, b1, W2):
    """How many different hidden units a two-layer net has.

    W1 (D, H), b1 (H,), W2 (H, C) -> a whole number, 1 to H
    Two units are copies of each other if their column of W1, their entry of b1 and their row of
    W2 are the same. A net that starts with zeros has one, however wide it is.
    """
    units = np.concatenate([W1.T, b1[:, None], W2], axis=1)
    return len(np.unique(units, axis=0))
