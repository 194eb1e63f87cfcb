"""Cutting theta into pieces that stay in the processor's cache.

On a large net each pass over theta waits for memory. Taken piece by piece, the gradient of a piece
is gathered, given its L2, checked and used up before it leaves the cache: one pass, not four.
"""

import math

SIZE = 65_536   # entries: 256 KiB in float32, half of a usual second-level cache


def cut(shapes, twice, size=SIZE):
    """Plan the gathering of gradients by name into pieces of theta.

    shapes {name: shape} in the order of theta, twice {name: 2 lambda} for weights
    -> a list with one (piece, parts) for each piece: piece a slice of theta, parts the entries
    (name, taken, placed, twice): entries `taken` of the flattened gradient go to `placed` in the
    piece, with twice times the weights added
    """
    pieces, parts, filled, start = [], [], 0, 0
    for name, shape in shapes.items():
        left, total = 0, math.prod(shape)
        while left < total:
            right = min(total, left + size - filled)
            placed = slice(filled, filled + right - left)
            parts.append((name, slice(left, right), placed, twice.get(name, 0.0)))
            filled, left = placed.stop, right
            if filled == size:
                pieces.append((slice(start, start + filled), parts))
                parts, start, filled = [], start + filled, 0
    if parts:
        pieces.append((slice(start, start + filled), parts))
    return pieces
