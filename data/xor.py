"""Exclusive or: four clusters at the corners of a square, labelled like the truth table.

The classic function that one layer cannot compute and two layers can (Minsky and Papert 1969).
"""

import numpy as np

# In this order the labels alternate, so that any number of examples is balanced.
CORNERS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])


def make(examples, rng, noise=0.1):
    """Return points around the corners (+-1, +-1); the label is 1 where the corner's signs differ.

    point = corner + noise * normal, in both coordinates
    x (N, 2) float64, y (N,) int64, N = examples
    The order is random; class sizes differ by at most one, and so do those of the four clusters.
    A label belongs to the corner: much noise carries points across an axis, their labels stay.

    Raises ValueError for fewer than four examples (one per corner) or a negative noise.
    """
    if not isinstance(examples, int | np.integer) or examples < 4:
        raise ValueError(f"examples must be an integer of at least 4, got {examples!r}")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise must be a finite number, not negative, got {noise!r}")
    corner = rng.permutation(np.arange(examples, dtype=np.int64) % 4)
    x = CORNERS[corner] + noise * rng.standard_normal((examples, 2))
    return x, corner % 2
