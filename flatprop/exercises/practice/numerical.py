"""The numerical gradient: slow and approximate, easy to write; it checks the analytic one."""

import numpy as np


def numerical_gradient(f, x, h=1e-5):
    """The gradient of f at x by central differences: dx = (f(x + h) - f(x - h)) / (2 h).

    f takes an array like x and gives a number; x (any shape) float64 -> df/dx (same)
    x is left as it was.
    """
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient


def relative_error(a, b):
    """The largest relative error between two gradients, entry by entry.

    |a - b| / max(|a|, |b|), and 0 where both are 0; a and b of one shape -> one number
    1e-7 and less is a right gradient in float64; 1e-2 and more a wrong one.
    """
    larger = np.maximum(np.abs(a), np.abs(b))
    errors = np.abs(a - b) / np.where(larger > 0, larger, 1.0)
    return float(errors.max())
