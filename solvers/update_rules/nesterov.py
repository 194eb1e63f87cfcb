"""Nesterov's momentum: momentum that looks one step ahead."""

import numpy as np

from solvers import fused


class Nesterov:
    """Let a velocity collect the gradients, and walk against where it will be after one more.

    v     <- momentum v + g
    theta <- theta - rate (g + momentum v)

    v starts as zeros, so the first step is (1 + momentum) times that of sgd, unlike Momentum's.
    Nesterov takes the gradient at the point ahead, theta - rate momentum v; here theta is that
    point, which leaves the gradient where the model is.
    ValueError unless 0 <= momentum < 1.
    Nesterov 1983; in this form Bengio, Boulanger-Lewandowski & Pascanu 2013, and PyTorch.
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
            fused.run(fused.nesterov, theta, dtheta, velocity, float(rate), self.momentum)
            return
        velocity *= self.momentum
        velocity += dtheta
        theta -= rate * (self.momentum * velocity + dtheta)

    def state(self):
        """Return a copy of the velocity by name; before the first step there is none."""
        return {} if self.velocity is None else {"velocity": self.velocity.copy()}

    def load_state(self, state):
        """Go on exactly where state() was taken; raise ValueError for other names than its own."""
        if state and set(state) != {"velocity"}:
            raise ValueError(f"state of nesterov must hold velocity, got {sorted(state)}")
        self.velocity = np.array(state["velocity"]) if state else None
