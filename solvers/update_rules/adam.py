"""Adam: momentum and RMSprop together, both corrected for starting at zero."""

import math

import numpy as np

from solvers import fused


class Adam:
    """Divide a running mean of the gradient by the root of a running mean of its square.

    m     <- beta1 m + (1 - beta1) g
    v     <- beta2 v + (1 - beta2) g^2
    m_hat  = m / (1 - beta1^t)
    v_hat  = v / (1 - beta2^t)
    theta <- theta - rate m_hat / (sqrt(v_hat) + eps)

    t counts the steps from 1. m and v start as zeros, which makes them too small at first; the
    divisions correct exactly that, so the first step moves every parameter by rate. eps stands
    outside the root.
    ValueError unless 0 <= beta1 < 1, 0 <= beta2 < 1, and eps is positive and finite.
    Kingma & Ba 2015.
    """

    def __init__(self, beta1=0.9, beta2=0.999, eps=1e-8, fused=False):
        if not 0 <= beta1 < 1:
            raise ValueError(f"beta1 must lie in [0, 1), got {beta1}")
        if not 0 <= beta2 < 1:
            raise ValueError(f"beta2 must lie in [0, 1), got {beta2}")
        if not 0 < eps < math.inf:
            raise ValueError(f"eps must be positive and finite, got {eps}")
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.fused = fused
        self.steps = 0
        self.first_moment = None
        self.second_moment = None

    def step(self, theta, dtheta, rate, piece=slice(None)):
        """Take one step in place, of theta[piece].

        theta (P,), dtheta the gradient of theta[piece], rate a number
        """
        if self.first_moment is None:
            self.first_moment = np.zeros_like(theta)
            self.second_moment = np.zeros_like(theta)
        if piece.start in (None, 0):  # a step counts once, however many pieces it has
            self.steps += 1
        corrected_rate = rate / (1 - self.beta1**self.steps)
        root = math.sqrt(1 - self.beta2**self.steps)
        theta, first, second = theta[piece], self.first_moment[piece], self.second_moment[piece]
        if self.fused:
            fused.run(fused.adam, theta, dtheta, first, second, corrected_rate, self.beta1,
                      1 - self.beta1, self.beta2, 1 - self.beta2, root, self.eps)
            return
        first *= self.beta1
        first += (1 - self.beta1) * dtheta
        second *= self.beta2
        second += (1 - self.beta2) * (dtheta * dtheta)
        theta -= corrected_rate * (first / (np.sqrt(second) / root + self.eps))

    def state(self):
        """Return a copy of both moments and the number of steps; nothing before the first step."""
        if self.first_moment is None:
            return {}
        return {
            "first_moment": self.first_moment.copy(),
            "second_moment": self.second_moment.copy(),
            "steps": self.steps,
        }

    def load_state(self, state):
        """Go on exactly where state() was taken; raise ValueError for other names than its own."""
        if state and set(state) != {"first_moment", "second_moment", "steps"}:
            names = "first_moment, second_moment and steps"
            raise ValueError(f"state of adam must hold {names}, got {sorted(state)}")
        self.first_moment = np.array(state["first_moment"]) if state else None
        self.second_moment = np.array(state["second_moment"]) if state else None
        self.steps = int(state["steps"]) if state else 0
