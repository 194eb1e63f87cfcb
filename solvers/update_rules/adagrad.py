"""AdaGrad: every parameter has a rate of its own, which only falls."""

import math

import numpy as np

from solvers import fused


class Adagrad:
    """Divide each step by the root of all the squared gradients so far.

    s     <- s + g^2
    theta <- theta - rate g / (sqrt(s) + eps)

    s starts as zeros, so the first step moves every parameter by rate, whatever the size of its
    gradient. Under a constant gradient the t-th step is rate / sqrt(t).
    ValueError unless eps is positive and finite.
    Duchi, Hazan & Singer 2011.
    """

    def __init__(self, eps=1e-10, fused=False):
        if not 0 < eps < math.inf:
            raise ValueError(f"eps must be positive and finite, got {eps}")
        self.eps = eps
        self.fused = fused
        self.sum_of_squares = None

    def step(self, theta, dtheta, rate, piece=slice(None)):
        """Take one step in place, of theta[piece].

        theta (P,), dtheta the gradient of theta[piece], rate a number
        """
        if self.sum_of_squares is None:
            self.sum_of_squares = np.zeros_like(theta)
        theta, sums = theta[piece], self.sum_of_squares[piece]
        if self.fused:
            fused.run(fused.adagrad, theta, dtheta, sums, float(rate), self.eps)
            return
        sums += dtheta * dtheta
        theta -= rate * (dtheta / (np.sqrt(sums) + self.eps))

    def state(self):
        """Return a copy of the sum of squares by name; before the first step there is none."""
        return {} if self.sum_of_squares is None else {"sum_of_squares": self.sum_of_squares.copy()}

    def load_state(self, state):
        """Go on exactly where state() was taken; raise ValueError for other names than its own."""
        if state and set(state) != {"sum_of_squares"}:
            raise ValueError(f"state of adagrad must hold sum_of_squares, got {sorted(state)}")
        self.sum_of_squares = np.array(state["sum_of_squares"]) if state else None
