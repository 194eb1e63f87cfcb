"""What every layer refuses, worded once.

A wrong dtype or shape that NumPy would quietly broadcast or promote is the slowest bug to find in
backpropagation, so forward and backward refuse it before they compute.
"""

import functools

import numpy as np

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


def floats(**arrays):
    """Refuse anything but float32 or float64, and two of them mixed.

    A Python float counts as float64, so that the lecture's scalar examples read as they do there.
    Raises TypeError naming the argument.
    """
    common, first = None, None
    for name, array in arrays.items():
        dtype = array.dtype if isinstance(array, np.ndarray) else _scalar_dtype(name, array)
        if dtype is common:
            continue
        if dtype != FLOAT32 and dtype != FLOAT64:
            raise TypeError(f"{name} must be float32 or float64, not {dtype}: convert with .astype")
        if common is None:
            common, first = dtype, name
        elif dtype != common:
            raise TypeError(f"{first} is {common} but {name} is {dtype}: convert one with .astype")


def _scalar_dtype(name, value):
    if isinstance(value, np.generic) or is_elsewhere(value):
        return value.dtype
    if type(value) is float:
        return FLOAT64
    raise TypeError(f"{name} must be a float32 or float64 array, not {type(value).__name__}")


def is_elsewhere(value):
    """Whether it is an array of another library that answers NumPy's calls, such as one on a GPU.

    A look at what such an array holds would make the processor wait for it.
    """
    return not isinstance(value, np.ndarray) and hasattr(type(value), "__array_function__")


def matrix(name, array):
    """Refuse anything but two dimensions, rows of a batch, at least one. Raises ValueError."""
    if np.ndim(array) != 2 or array.size == 0:
        raise ValueError(f"{name} {np.shape(array)} must have two dimensions, rows of a batch")


def vector(name, array, other_name, other):
    """Refuse anything but a vector with one entry for each column of the matrix other."""
    if np.shape(array) != other.shape[1:]:
        raise ValueError(
            f"{name} {np.shape(array)} must be {other.shape[1:]} to fit {other_name} {other.shape}"
        )


def same_shape(name, array, other_name, other):
    """Refuse two shapes where one is meant. Raises ValueError naming both."""
    if np.shape(array) != np.shape(other):
        raise ValueError(
            f"{name} {np.shape(array)} must have the shape of {other_name} {np.shape(other)}"
        )


def product(x, W):
    """Refuse x (N, D) and W (D, M) that do not multiply. Raises ValueError naming both."""
    if np.ndim(x) != 2 or np.ndim(W) != 2 or x.shape[1] != W.shape[0]:
        shapes = f"x {np.shape(x)} and W {np.shape(W)}"
        raise ValueError(f"{shapes} do not fit: x (N, D) needs W (D, M)")


def upstream(dout, like):
    """Refuse an upstream gradient that is not of the shape and dtype of `like`, the output or an
    input of the same shape."""
    same_shape("dout", dout, "the output", like)
    floats(input=like, dout=dout)


def upstream_matrix(dout, shape, x):
    """Refuse an upstream gradient that is not of the output's shape and of x's dtype."""
    if np.shape(dout) != shape:
        raise ValueError(f"dout {np.shape(dout)} must have the shape of the output {shape}")
    floats(x=x, dout=dout)


def upstream_scalar(dloss, name="dloss"):
    """Refuse an upstream gradient of a loss that is not one number."""
    if type(dloss) is float:
        return
    floats(**{name: dloss})
    if np.shape(dloss) != ():
        raise ValueError(f"{name} {np.shape(dloss)} must be one number, shape ()")


def weights(weights, scores):
    """Refuse weights of the rows of scores unless they are (N,) numbers from 0, of scores' dtype.
    """
    floats(scores=scores, weights=weights)
    if np.shape(weights) != np.shape(scores)[:1]:
        raise ValueError(f"weights {np.shape(weights)} must be {np.shape(scores)[:1]}, one for "
                         "each row of scores")
    if is_elsewhere(weights):       # at those the Solver has looked before
        return
    if not (weights.min() >= 0 and weights.max() < np.inf):     # nor NaN, which is min and max
        raise ValueError(f"weights holds numbers from {weights.min()} to {weights.max()}: they "
                         "must be 0 or more, and finite")


@functools.cache
def _unsigned(dtype):
    return np.dtype(dtype.str.replace("i", "u"))


def labels(y, num_examples, num_classes):
    """Refuse y unless it is (N,) integers in [0, C)."""
    is_here = isinstance(y, np.ndarray)
    if not (is_here or is_elsewhere(y)) or y.dtype.kind not in "iu":
        kind = y.dtype if is_here else type(y).__name__
        raise TypeError(f"y must be an array of integer class labels, not {kind}")
    if y.shape != (num_examples,):
        raise ValueError(f"y {y.shape} must be {(num_examples,)}, one label for each row of scores")
    # As an unsigned number a negative label is a huge one, so that one look finds both mistakes. At
    # those elsewhere the Solver has looked before.
    if is_here and y.view(_unsigned(y.dtype)).max() >= num_classes:
        raise ValueError(
            f"y holds labels from {y.min()} to {y.max()}: with {num_classes} classes they must lie "
            f"in [0, {num_classes})"
        )
