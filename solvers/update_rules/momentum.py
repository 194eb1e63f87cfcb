"""Momentum: gradient descent for a ball with mass."""


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

    slots = ("velocity",)

    def __init__(self, momentum=0.9):
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
        self.momentum = momentum

    def step(self, theta, dtheta, rate, t, velocity):
        """Take step t, from 1, in place: all arrays (n,), rate a number."""
        velocity *= self.momentum
        velocity += dtheta
        theta -= rate * velocity
