"""AdaGrad: every parameter has a rate of its own, which only falls."""

import math

import numpy as np


class Adagrad:
    """Divide each step by the root of all the squared gradients so far.

    s     <- s + g^2
    theta <- theta - rate g / (sqrt(s) + eps)

    s starts as zeros, so the first step moves every parameter by rate, whatever the size of its
    gradient. Under a constant gradient the t-th step is rate / sqrt(t).
    ValueError unless eps is positive and finite.
    Duchi, Hazan & Singer 2011.
    """

    slots = ("sum_of_squares",)

    def __init__(self, eps=1e-10):
        if not 0 < eps < math.inf:
            raise ValueError(f"eps must be positive and finite, got {eps}")
        self.eps = eps

    def step(self, theta, dtheta, rate, t, sum_of_squares):
        """Take step t, from 1, in place: all arrays (n,), rate a number."""
        sum_of_squares += dtheta * dtheta
        theta -= rate * (dtheta / (np.sqrt(sum_of_squares) + self.eps))
