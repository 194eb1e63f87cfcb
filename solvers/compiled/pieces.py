"""Cutting theta into pieces that stay in the processor's cache.

On a large net each pass over theta waits for memory. Taken piece by piece, the gradient of a piece
is gathered, given its L2 and used up before it leaves the cache: one pass, not four.
"""

import math
from typing import NamedTuple

import numpy as np

from solvers.compiled import loops

SIZE = 65_536   # entries: 256 KiB in float32, half of a usual second-level cache


class Part(NamedTuple):
    """The entries of one parameter that lie in a piece of theta."""

    name: str               # of the parameter
    taken: slice            # of its flattened gradient
    theta: np.ndarray       # view of these entries, (n,)
    dtheta: np.ndarray      # room for their gradient, (n,)
    twice: float            # 2 lambda, 0 where there is no L2


class Piece(NamedTuple):
    """A piece of theta, and what a training step needs for it."""

    theta: np.ndarray       # view of model.theta, (n,)
    dtheta: np.ndarray      # room for its gradient, (n,): the same memory for every piece
    slots: list             # views of the update rule's slots, each (n,)
    weights: list           # views of those entries of theta that belong to weight matrices
    parts: list             # the Part of every parameter in it, in order


def cut(theta, shapes, strengths, slots, size):
    """Cut theta (P,) into a list of pieces of at most `size` entries, which together are theta.

    shapes {name: shape} in theta's order, strengths {name: lambda} of the weight matrices,
    slots several arrays (P,)
    """
    room = np.empty_like(theta[:size])
    pieces = []
    for start in range(0, theta.size, size):
        stop = min(start + size, theta.size)
        parts, end = [], 0
        for name, shape in shapes.items():
            begin, end = end, end + math.prod(shape)        # of this parameter in theta
            left, right = max(start, begin), min(stop, end)
            if left < right:
                parts.append(Part(name, slice(left - begin, right - begin), theta[left:right],
                                  room[left - start : right - start],
                                  2.0 * strengths.get(name, 0.0)))
        weights = [part.theta for part in parts if part.name in strengths]
        pieces.append(Piece(theta[start:stop], room[: stop - start],
                            [slot[start:stop] for slot in slots], weights, parts))
    return pieces


def gradient_with_l2(grads, piece, compiled):
    """Fill a piece's dtheta with its gradients by name, and add 2 lambda W to them; gives dtheta.

    compiled says whether numba may do it in one loop.
    """
    for name, taken, theta, dtheta, twice in piece.parts:
        gradient = grads[name].reshape(-1)[taken]
        if not twice:
            dtheta[:] = gradient
        elif compiled and gradient.size >= loops.LARGE:
            loops.compiled(loops.add_l2)(dtheta, gradient, theta, theta.dtype.type(twice))
        else:
            np.multiply(theta, twice, out=dtheta)
            dtheta += gradient
    return piece.dtheta
