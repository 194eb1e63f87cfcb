"""Momentum: gradient descent for a ball with mass."""

import numpy as np

from solvers import fused


class Momentum:
    """Let a velocity collect the gradients and walk against it.

    v     <- momentum v + g
    theta <- theta - rate v

    v starts as zeros, so the first step is plain sgd. Under a constant gradient v grows to
    g / (1 - momentum): with momentum 0.9 the steps become ten times as long, so the rate should be
    smaller than for sgd.
    ValueError unless 0 <= momentum < 1.
    Polyak 1964; Sutskever et al. 2013, with the rate outside v as in PyTorch.
    """

    def __init__(self, momentum=0.9, fused=False):
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
        self.momentum = momentum
        self.fused = fused
        self.velocity = None

    def step(self, theta, dtheta, rate, piece=slice(None)):
        """Take one step in place, of theta[piece].

        theta (P,), dtheta the gradient of theta[piece], rate a number
        """
        if self.velocity is None:
            self.velocity = np.zeros_like(theta)
        theta, velocity = theta[piece], self.velocity[piece]
        if self.fused:
            fused.run(fused.momentum, theta, dtheta, velocity, float(rate), self.momentum)
            return
        velocity *= self.momentum
        velocity += dtheta
        theta -= rate * velocity

    def state(self):
        """Return a copy of the velocity by name; before the first step there is none."""
        return {} if self.velocity is None else {"velocity": self.velocity.copy()}

    def load_state(self, state):
        """Go on exactly where state() was taken; raise ValueError for other names than its own."""
        if state and set(state) != {"velocity"}:
            raise ValueError(f"state of momentum must hold velocity, got {sorted(state)}")
        self.velocity = np.array(state["velocity"]) if state else None
