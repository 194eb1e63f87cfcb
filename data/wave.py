"""A wave: one period of a noisy sine, the smallest regression problem that a line does not fit."""

import numpy as np


def make(examples, rng, noise=0.1):
    """Return inputs and the noisy sine of each one.

    x uniform in [-1, 1),  y = sin(pi x) + noise * normal
    x (N, 1) float64, y (N, 1) float64, N = examples
    The targets are real numbers, for the square loss; predicting 0 everywhere costs
    (1/2 + noise^2) / 2 on average, and no model can expect less than noise^2 / 2.

    Raises ValueError for fewer than one example or a negative noise.
    """
    if not isinstance(examples, int | np.integer) or examples < 1:
        raise ValueError(f"examples must be an integer of at least 1, got {examples!r}")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise must be a finite number, not negative, got {noise!r}")
    x = rng.uniform(-1, 1, (examples, 1))
    y = np.sin(np.pi * x) + noise * rng.standard_normal((examples, 1))
    return x, y
