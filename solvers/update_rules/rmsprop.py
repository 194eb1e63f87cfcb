"""RMSprop: AdaGrad that forgets."""

import math

import numpy as np


class Rmsprop:
    """Divide each step by the root of a running mean of squared gradients.

    s     <- decay s + (1 - decay) g^2
    theta <- theta - rate g / (sqrt(s) + eps)

    s starts as zeros and nothing corrects for it, so the first step moves every parameter by
    rate / sqrt(1 - decay), ten times the rate with decay 0.99. Adam's bias correction is the cure.
    ValueError unless 0 <= decay < 1 and eps is positive and finite.
    Tieleman & Hinton 2012 (Coursera, Neural Networks for Machine Learning, lecture 6.5).
    """

    slots = ("mean_square",)

    def __init__(self, decay=0.99, eps=1e-8):
        if not 0 <= decay < 1:
            raise ValueError(f"decay must lie in [0, 1), got {decay}")
        if not 0 < eps < math.inf:
            raise ValueError(f"eps must be positive and finite, got {eps}")
        self.decay = decay
        self.eps = eps

    def step(self, theta, dtheta, rate, t, mean_square):
        """Take step t, from 1, in place: all arrays (n,), rate a number."""
        mean_square *= self.decay
        mean_square += (1 - self.decay) * (dtheta * dtheta)
        theta -= rate * (dtheta / (np.sqrt(mean_square) + self.eps))
