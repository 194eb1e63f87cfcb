"""Spirals: arms wound around each other, the standard toy that no linear classifier can separate.

Source: CS231n, "Putting it together: Minimal Neural Network Case Study" (Karpathy 2015).
"""

import numpy as np


def make(examples, rng, classes=3, noise=0.2):
    """Return points on spiral arms around the origin, one arm per class.

    On arm j, with r evenly spaced in [0, 1]:
    angle = 2 pi j / classes + 4 r + noise * normal,  point = (r sin angle, r cos angle)
    x (N, 2) float64, y (N,) int64, N = examples
    The order is random; class sizes differ by at most one.
    The noise turns a point around the origin and leaves its distance r. CS231n starts arm j at 4 j
    radians instead, which spaces the arms unevenly and would lay arm 11 on arm 0.

    Raises ValueError for fewer than two classes, fewer examples than classes, or a negative noise.
    """
    if not isinstance(classes, int | np.integer) or classes < 2:
        raise ValueError(f"classes must be an integer of at least 2, got {classes!r}")
    if not isinstance(examples, int | np.integer) or examples < classes:
        raise ValueError(f"examples must be an integer of at least {classes}, got {examples!r}")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise must be a finite number, not negative, got {noise!r}")
    y = np.arange(examples, dtype=np.int64) % classes
    along = np.arange(examples) // classes                          # 0, 1, 2, ... on each arm
    r = along / np.maximum(np.bincount(y)[y] - 1, 1)                # (N,) from 0 to 1 on each arm
    angle = 2 * np.pi * y / classes + 4 * r + noise * rng.standard_normal(examples)
    x = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)
    order = rng.permutation(examples)
    return x[order], y[order]
