"""Cutting theta into pieces that stay in the processor's cache.

On a large net each pass over theta waits for memory. Taken piece by piece, the gradient of a piece
is gathered, given its L2 and used up before it leaves the cache: one pass, not four.
"""

import math

import numpy as np

SIZE = 65_536   # entries: 256 KiB in float32, half of a usual second-level cache


def cut(theta, shapes, twice, size):
    """Plan the gathering of gradients by name, a piece of theta at a time.

    theta (P,), shapes {name: shape} in its order, twice {name: 2 lambda} for weights, size entries
    -> a list with one (piece, dtheta, parts) for each piece: piece a slice of theta, dtheta the
    room for its gradient, the same memory for every piece, and parts a list of (name, taken,
    dtheta part, theta part, twice): entries `taken` of the flattened gradient belong there
    """
    room = np.empty_like(theta[:size])
    pieces, parts, start, stop = [], [], 0, 0
    for name, shape in shapes.items():
        left, total = 0, math.prod(shape)
        while left < total:
            right = min(total, left + size - (stop - start))
            end = stop + right - left
            parts.append((name, slice(left, right), room[stop - start : end - start],
                          theta[stop:end], twice.get(name, 0.0)))
            left, stop = right, end
            if stop - start == size or stop == theta.size:
                pieces.append((slice(start, stop), room[: stop - start], parts))
                parts, start = [], stop
    return pieces
