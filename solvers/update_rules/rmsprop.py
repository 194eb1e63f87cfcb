"""RMSprop: AdaGrad that forgets."""

import math

import numpy as np

from solvers import fused


class Rmsprop:
    """Divide each step by the root of a running mean of squared gradients.

    s     <- decay s + (1 - decay) g^2
    theta <- theta - rate g / (sqrt(s) + eps)

    s starts as zeros and nothing corrects for it, so the first step moves every parameter by
    rate / sqrt(1 - decay), ten times the rate with decay 0.99. Adam's bias correction is the cure.
    ValueError unless 0 <= decay < 1 and eps is positive and finite.
    Tieleman & Hinton 2012 (Coursera, Neural Networks for Machine Learning, lecture 6.5).
    """

    def __init__(self, decay=0.99, eps=1e-8, fused=False):
        if not 0 <= decay < 1:
            raise ValueError(f"decay must lie in [0, 1), got {decay}")
        if not 0 < eps < math.inf:
            raise ValueError(f"eps must be positive and finite, got {eps}")
        self.decay = decay
        self.eps = eps
        self.fused = fused
        self.mean_square = None

    def step(self, theta, dtheta, rate, piece=slice(None)):
        """Take one step in place, of theta[piece].

        theta (P,), dtheta the gradient of theta[piece], rate a number
        """
        if self.mean_square is None:
            self.mean_square = np.zeros_like(theta)
        theta, means = theta[piece], self.mean_square[piece]
        if self.fused:
            fused.run(fused.rmsprop, theta, dtheta, means, float(rate), self.decay, 1 - self.decay,
                      self.eps)
            return
        means *= self.decay
        means += (1 - self.decay) * (dtheta * dtheta)
        theta -= rate * (dtheta / (np.sqrt(means) + self.eps))

    def state(self):
        """Return a copy of the mean square by name; before the first step there is none."""
        return {} if self.mean_square is None else {"mean_square": self.mean_square.copy()}

    def load_state(self, state):
        """Go on exactly where state() was taken; raise ValueError for other names than its own."""
        if state and set(state) != {"mean_square"}:
            raise ValueError(f"state of rmsprop must hold mean_square, got {sorted(state)}")
        self.mean_square = np.array(state["mean_square"]) if state else None
