"""Two moons: interleaved half circles, which take one bend of the boundary to separate.

The curves are those of scikit-learn's make_moons.
"""

import numpy as np


def make(examples, rng, noise=0.1):
    """Return points on two half circles of radius 1, each with one end inside the other.

    class 0: (cos t, sin t),  class 1: (1 - cos t, 1/2 - sin t),  with t evenly spaced in [0, pi];
    noise * normal is added to both coordinates
    x (N, 2) float64, y (N,) int64, N = examples
    The order is random; class sizes differ by at most one.

    Raises ValueError for fewer than two examples or a negative noise.
    """
    if not isinstance(examples, int | np.integer) or examples < 2:
        raise ValueError(f"examples must be an integer of at least 2, got {examples!r}")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise must be a finite number, not negative, got {noise!r}")
    upper = np.linspace(0, np.pi, (examples + 1) // 2)
    lower = np.linspace(0, np.pi, examples // 2)
    x = np.concatenate([
        np.stack([np.cos(upper), np.sin(upper)], axis=1),
        np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], axis=1),
    ])
    x += noise * rng.standard_normal((examples, 2))
    y = np.repeat(np.array([0, 1], dtype=np.int64), [len(upper), len(lower)])
    order = rng.permutation(examples)
    return x[order], y[order]
