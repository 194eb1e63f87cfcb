"""Standardization: shift and scale the inputs to zero mean and unit standard deviation.

    mean, scale = standardize.fit(x_train)
    x_train = standardize.apply(x_train, mean, scale, np.float32)
    x_val = standardize.apply(x_val, mean, scale, np.float32)

Fit on the training part only: a mean that has seen validation or test examples leaks them into
training. Nothing here can notice, so that is the caller's job.
"""

import numpy as np

CHUNK = 2**18                   # elements in float64 at a time: 2 MiB


def fit(x, per="feature"):
    """Return the mean and the standard deviation of each column of x, or of all of x.

    mean = sum(x) / n,  scale = sqrt(sum((x - mean)^2) / n)
    x (N, D) numbers -> mean (D,), scale (D,), float64; per="dataset": mean (1,), scale (1,)

    What is constant gets scale 1, so that it becomes 0 and not 0 / 0. One number for the whole
    dataset suits images: their pixels share a unit, and those near the border hardly vary.
    The first sum is taken around the first row, the second around the mean, so a large offset costs
    no digits; both go chunk by chunk, so uint8 input needs no copy of itself in float64.

    Raises TypeError where x does not hold real numbers; ValueError where it is not (N, D), holds a
    number that is not finite (the column is named) or overflows, or where per is neither word.
    """
    x = _check_inputs(x)
    if per not in ("feature", "dataset"):
        raise ValueError(f"per must be 'feature' or 'dataset', got {per!r}")
    axis, n = (0, x.shape[0]) if per == "feature" else (None, x.size)
    origin = x[0] if per == "feature" else x[0, :1]
    origin = origin.astype(np.float64)

    with np.errstate(over="ignore", invalid="ignore"):              # an overflow is reported below
        mean = origin + sum((chunk - origin).sum(axis=axis) for _, chunk in _chunks(x)) / n
        rest = square = 0.0
        for _, chunk in _chunks(x):
            chunk = chunk - mean
            rest = rest + chunk.sum(axis=axis)                      # 0, but for rounding
            square = square + (chunk * chunk).sum(axis=axis)
        scale = np.sqrt(np.maximum(square - rest * rest / n, 0) / n) * np.ones_like(mean)
    overflow = np.flatnonzero(~np.isfinite(scale))
    if len(overflow):
        where = f"column {overflow[0]}" if per == "feature" else "the dataset"
        raise ValueError(f"x is too large: the variance of {where} overflows float64")
    scale[scale == 0] = 1
    return mean, scale


def largest(x):
    """The largest absolute value in x (N, D), and 1 where all are 0; raises as fit does.

    Divided by it images keep their background at 0, which dropout and noise of inputs count on.
    """
    return max(np.abs(chunk).max() for _, chunk in _chunks(_check_inputs(x))) or 1.0


def fit_robust(values):
    """The median of a column and the width of its middle half, which outliers do not move.

    values (n,) finite numbers -> median, scale: the distance of the quartiles, of columns where
    these are one half the range, of constant ones 1. Holzmueller, Grinsztajn & Steinwart 2024
    (arXiv 2407.04491), section 3. Raises ValueError where the numbers are too far apart.
    """
    with np.errstate(over="ignore", invalid="ignore"):              # an overflow is reported below
        low, median, high = np.quantile(values, (0.25, 0.5, 0.75))
        scale = high - low
        if scale == 0:
            scale = values.max() / 2 - values.min() / 2
    if not (np.isfinite(scale) and np.isfinite(median)):
        raise ValueError("x is too large: the distance of its quartiles overflows float64")
    return median, scale if scale > 0 else 1.0


def soften(z):
    """z / sqrt(1 + (z / 3)^2): near 0 as it is, and never beyond 3, whatever an outlier says.

    The smooth clip of Holzmueller, Grinsztajn & Steinwart 2024; of any shape and dtype.
    """
    return z / np.hypot(1, z / 3, dtype=z.dtype)


def apply(x, mean, scale, dtype):
    """Return (x - mean) / scale as a new array of dtype, which is float32 or float64.

    x (N, D) numbers, mean and scale (D,) or one number -> (N, D)
    Computed in float64 chunk by chunk and rounded once, so float32 keeps its digits after a large
    offset is taken off.

    Raises TypeError where x does not hold real numbers or dtype is another; ValueError where shapes
    do not fit, a scale is not positive, or a number in x or in the result is not finite.
    """
    x = _check_inputs(x)
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(f"dtype must be float32 or float64, got {dtype}")
    mean, scale = np.asarray(mean), np.asarray(scale)
    for name, value in (("mean", mean), ("scale", scale)):
        if value.shape not in ((), (1,), x.shape[1:]):
            raise ValueError(f"{name} must have shape {x.shape[1:]} or (1,), got {value.shape}")
    if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0).all()):
        raise ValueError("mean must be finite and scale finite and positive")
    out = np.empty(x.shape, dtype=dtype)
    for start, chunk in _chunks(x):
        with np.errstate(over="ignore"):                            # an overflow is reported below
            rows = out[start : start + len(chunk)]
            rows[:] = (chunk - mean) / scale
        _check_finite(rows, start, f"x, standardized to {np.dtype(dtype)},")
    return out


def _check_inputs(x):
    """Return x as an array (N, D) of real numbers, or raise."""
    x = np.asarray(x)
    if x.dtype.kind not in "iufb":
        raise TypeError(f"x must hold real numbers, got {x.dtype}")
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"x must have shape (N, D), N and D at least 1, got {x.shape}")
    return x


def _chunks(x):
    """Yield x a few rows at a time, as (first row's number, float64 rows), all finite."""
    step = max(1, CHUNK // x.shape[1])
    for start in range(0, len(x), step):
        chunk = x[start : start + step].astype(np.float64)
        _check_finite(chunk, start, "x")
        yield start, chunk


def _check_finite(rows, start, name):
    """Raise ValueError with the place of the first number that is not finite."""
    if not np.isfinite(rows).all():
        row, column = np.argwhere(~np.isfinite(rows))[0].tolist()
        raise ValueError(f"{name} holds {rows[row, column]} in row {start + row}, column {column}")
