"""Maxout: each unit is the largest of several affine pieces, the lecture's max gate per unit."""

import numpy as np

from layers import checks


def forward(x, pieces=2):
    """The maximum of each run of `pieces` neighbouring columns.

    x (N, M * pieces) -> out (N, M); unit m looks at columns m * pieces to (m + 1) * pieces - 1
    The affine layer before it must be `pieces` times as wide as the one after it is deep.
    Source: Goodfellow et al. 2013. Raises ValueError if the columns do not divide.
    """
    checks.floats(x=x)
    checks.matrix("x", x)
    if pieces < 1 or x.shape[1] % pieces:
        raise ValueError(f"x {x.shape} cannot be cut into units of pieces={pieces} columns each")
    grouped = x.reshape(x.shape[0], -1, pieces)                    # (N, M, pieces)
    winner = grouped.argmax(axis=2)                                # (N, M)
    out = np.take_along_axis(grouped, winner[:, :, None], axis=2)[:, :, 0]
    return out, (winner, pieces, out)


def backward(dout, cache):
    """Route each unit's gradient to the piece that won; of equal pieces, to the first.

    dout (N, M) -> dx (N, M * pieces)
    """
    winner, pieces, out = cache
    checks.upstream(dout, out)
    dx = np.zeros_like(dout, shape=(*winner.shape, pieces))
    np.put_along_axis(dx, winner[:, :, None], dout[:, :, None], axis=2)
    return dx.reshape(winner.shape[0], -1)
