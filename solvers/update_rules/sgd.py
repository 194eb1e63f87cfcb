"""Stochastic gradient descent, the lecture's update rule (section "Previous Class: SGD")."""

import numpy as np

from solvers import fused


class Sgd:
    """Walk against the gradient.

    theta <- theta - rate g

    Robbins & Monro 1951. On the slide the minus sign was lost.
    """

    def __init__(self, fused=False):
        self.fused = fused
        self.scratch = None  # room for rate g, so that a step allocates nothing

    def step(self, theta, dtheta, rate):
        """Take one step in place.

        theta (P,), dtheta (P,), rate a number
        """
        if self.fused:
            fused.run(fused.sgd, theta, dtheta, float(rate))
            return
        scratch = self.scratch
        if scratch is None or scratch.shape != theta.shape or scratch.dtype != theta.dtype:
            self.scratch = np.empty_like(theta)
        np.multiply(dtheta, rate, out=self.scratch)
        theta -= self.scratch

    def state(self):
        """Return what a checkpoint must keep: nothing, for this rule remembers nothing."""
        return {}

    def load_state(self, state):
        """Accept the empty state and raise ValueError for any other."""
        if state:
            raise ValueError(f"state of sgd must be empty, got {sorted(state)}")
