"""Gradient clipping: no single batch may throw theta far away."""

import math

import numpy as np


def clip_by_global_norm(dtheta, limit):
    """Shorten the gradient in place to the length limit; return the length it had.

    dtheta <- dtheta limit / |dtheta|   where |dtheta| > limit

    dtheta (P,), limit a number -> a Python float, or of a device's array one of its arrays ()
    The direction stays. A length that is not finite is returned as it is and dtheta is left alone,
    so that whoever asked can say where the numbers went wrong.
    ValueError unless limit is positive.
    Pascanu, Mikolov & Bengio 2013.
    """
    if not limit > 0:
        raise ValueError(f"limit must be positive, got {limit}")
    if not isinstance(dtheta, np.ndarray):
        return clip_elsewhere(dtheta, limit)
    norm = global_norm(dtheta)
    if limit < norm < math.inf:
        dtheta *= limit / norm
    return norm


def clip_elsewhere(dtheta, limit):
    """The same to rounding for an array on a device, which the processor does not wait for.

    A length that is not finite makes all of dtheta NaN.
    """
    tiny = float(np.finfo(dtheta.dtype).tiny)
    largest = np.abs(dtheta).max()
    scaled = dtheta / np.maximum(largest, tiny)
    norm = largest * np.sqrt(np.dot(scaled, scaled))
    dtheta *= np.minimum(limit / np.maximum(norm, tiny), 1)
    return norm


def global_norm(dtheta):
    """Return the length of a gradient, sqrt(sum g^2), as a Python float.

    dtheta (P,) of float32 or float64
    Squares leave the range of float32 long before lengths do (1e30 and 1e-30 are enough). Where
    they do, the gradient is measured in units of its largest entry.
    """
    info = np.finfo(dtheta.dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # the result shows it, and is looked at
        square = float(np.dot(dtheta, dtheta))
    if info.tiny / info.eps < square < math.inf:
        return math.sqrt(square)

    largest = float(np.abs(dtheta).max())
    if largest == 0 or not math.isfinite(largest):
        return largest
    scaled = dtheta / largest
    return largest * math.sqrt(np.dot(scaled, scaled))
