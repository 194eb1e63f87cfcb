"""AdamW: Adam with weight decay that the moments never see."""

import math

from solvers.update_rules.adam import Adam


class Adamw(Adam):
    """Shrink the weights a little, then take an Adam step.

    W     <- (1 - rate weight_decay) W, of the weight matrices alone
    theta <- Adam's step with beta1, beta2 and eps

    This is not L2: the gradient of an L2 term would be divided by Adam's root like any other
    gradient, and large gradients would undo it. Used with the Solver's reg it decays the weights
    twice over, each in its own way.
    Like L2 it is for weight matrices only. Only the Solver knows which entries of theta are
    these, so it calls `decay_weights` with them, then `step`.
    ValueError unless weight_decay is non-negative and finite, and the rest is as Adam has it.
    Loshchilov & Hutter 2019, with the decay before the step as in PyTorch.
    """

    def __init__(self, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        if not 0 <= weight_decay < math.inf:
            raise ValueError(f"weight_decay must be non-negative and finite, got {weight_decay}")
        super().__init__(beta1, beta2, eps)
        self.weight_decay = weight_decay

    def decay_weights(self, weights, rate):
        """Shrink weights (n,), entries of weight matrices, in place; rate is that of the step."""
        weights *= 1 - rate * self.weight_decay
