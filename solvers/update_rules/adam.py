"""Adam: momentum and RMSprop together, both corrected for starting at zero."""

import math

import numpy as np


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

    slots = ("first_moment", "second_moment")

    def __init__(self, beta1=0.9, beta2=0.999, eps=1e-8):
        if not 0 <= beta1 < 1:
            raise ValueError(f"beta1 must lie in [0, 1), got {beta1}")
        if not 0 <= beta2 < 1:
            raise ValueError(f"beta2 must lie in [0, 1), got {beta2}")
        if not 0 < eps < math.inf:
            raise ValueError(f"eps must be positive and finite, got {eps}")
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps

    def step(self, theta, dtheta, rate, t, first_moment, second_moment):
        """Take step t, from 1, in place: all arrays (n,), rate a number."""
        corrected_rate = rate / (1 - self.beta1**t)
        root = math.sqrt(1 - self.beta2**t)
        first_moment *= self.beta1
        first_moment += (1 - self.beta1) * dtheta
        second_moment *= self.beta2
        second_moment += (1 - self.beta2) * (dtheta * dtheta)
        theta -= corrected_rate * (first_moment / (np.sqrt(second_moment) / root + self.eps))
