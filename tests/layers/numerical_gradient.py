"""Gradients by central differences, for tests. Nothing here comes from the project it checks.

The five-point stencil (Abramowitz and Stegun 1964, 25.3.6)

    f'(t) = (f(t - 2h) - 8 f(t - h) + 8 f(t + h) - f(t + 2h)) / (12 h) + O(h^4)

leaves an error near 1e-12 at h = 1e-3 for functions of ordinary size, where the usual three points
leave 1e-7.
"""

import numpy as np

STENCIL = ((-2, 1.0), (-1, -8.0), (1, 8.0), (2, -1.0))


def numerical_gradient(forward, inputs, position, dout, h=1e-3):
    """Return the gradient of sum(forward(*inputs) * dout) with respect to inputs[position].

    forward returns an array, a scalar, or a tuple of these; dout has the same structure. The input
    is float64, of any shape (or a Python float), and is not changed.
    """
    original = np.asarray(inputs[position])
    if original.dtype != np.float64:
        raise TypeError(f"central differences need float64, not {original.dtype}")
    gradient = np.zeros(original.shape)
    for index in np.ndindex(original.shape):
        total = 0.0
        for step, weight in STENCIL:
            moved = original.copy()
            moved[index] += step * h
            # A float stays a float: the gates take both floats and arrays.
            argument = float(moved) if isinstance(inputs[position], float) else moved
            outs = forward(*inputs[:position], argument, *inputs[position + 1 :])
            total += weight * inner_product(outs, dout)
        gradient[index] = total / (12 * h)
    return gradient


def inner_product(outs, douts):
    """Sum outs * douts over all entries, and over the pair if the forward has two outputs."""
    if not isinstance(outs, tuple):
        outs, douts = (outs,), (douts,)
    return sum(float(np.sum(np.multiply(out, dout))) for out, dout in zip(outs, douts, strict=True))


def relative_error(found, expected):
    """Largest difference, relative to the largest entry of the expected array."""
    scale = max(float(np.max(np.abs(expected), initial=0.0)), 1e-3)
    return float(np.max(np.abs(np.subtract(found, expected)), initial=0.0)) / scale
