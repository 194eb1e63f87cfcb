"""Blobs: one round Gaussian cloud per class, the toy that a linear classifier already handles."""

import numpy as np


def make(examples, rng, classes=3, spread=0.3):
    """Return points around centres that lie evenly on a circle about the origin.

    point = centre + spread * normal, in both coordinates
    x (N, 2) float64, y (N,) int64, N = examples
    The order is random; class sizes differ by at most one.
    The circle grows with the number of classes, so that neighbouring centres are always 2 apart and
    a given spread is about as hard for any number. Class 0 lies to the right, the others follow
    counterclockwise.

    Raises ValueError for fewer than two classes, fewer examples than classes, or a negative spread.
    """
    if not isinstance(classes, int | np.integer) or classes < 2:
        raise ValueError(f"classes must be an integer of at least 2, got {classes!r}")
    if not isinstance(examples, int | np.integer) or examples < classes:
        raise ValueError(f"examples must be an integer of at least {classes}, got {examples!r}")
    if not 0 <= spread < np.inf:
        raise ValueError(f"spread must be a finite number, not negative, got {spread!r}")
    angle = 2 * np.pi * np.arange(classes) / classes
    radius = 1 / np.sin(np.pi / classes)                            # of a circle whose chords are 2
    centres = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    y = rng.permutation(np.arange(examples, dtype=np.int64) % classes)
    x = centres[y] + spread * rng.standard_normal((examples, 2))
    return x, y
