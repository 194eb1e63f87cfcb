"""AdamW: Adam with weight decay that the moments never see."""

import math

from solvers.update_rules.adam import Adam


class Adamw:
    """Shrink the weights a little, then take an Adam step.

    theta[decayed] <- (1 - rate weight_decay) theta[decayed]
    theta          <- Adam's step with beta1, beta2 and eps

    A model's weight matrices lie first in theta, so one slice names them and spares the biases.
    This is not L2: the gradient of an L2 term would be divided by Adam's root like any other
    gradient, and large gradients would undo it. Used with the Solver's reg it decays the weights
    twice over, each in its own way.
    The moments are those of `self.adam`.
    ValueError unless weight_decay is non-negative and finite, decayed is a slice, and the rest is
    as Adam has it.
    Loshchilov & Hutter 2019, with the decay before the step as in PyTorch.
    """

    def __init__(self, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01, decayed=slice(None),
                 fused=False):
        if not 0 <= weight_decay < math.inf:
            raise ValueError(f"weight_decay must be non-negative and finite, got {weight_decay}")
        if not isinstance(decayed, slice) or decayed.step is not None:
            raise ValueError(f"decayed must be a slice of theta without a step, got {decayed!r}")
        self.weight_decay = weight_decay
        self.decayed = decayed
        self.adam = Adam(beta1, beta2, eps, fused)

    def step(self, theta, dtheta, rate, piece=slice(None)):
        """Take one step in place, of theta[piece].

        theta (P,), dtheta the gradient of theta[piece], rate a number
        """
        first, last, _ = self.decayed.indices(theta.size)
        start, stop, _ = piece.indices(theta.size)
        theta[max(start, first) : max(min(stop, last), start)] *= 1 - rate * self.weight_decay
        self.adam.step(theta, dtheta, rate, piece)

    def state(self):
        """Return a copy of Adam's moments and number of steps; nothing before the first step."""
        return self.adam.state()

    def load_state(self, state):
        """Go on exactly where state() was taken; raise ValueError for other names than its own."""
        self.adam.load_state(state)
