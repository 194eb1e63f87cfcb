"""Nesterov's momentum: momentum that looks one step ahead."""


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

    slots = ("velocity",)

    def __init__(self, momentum=0.9):
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
        self.momentum = momentum

    def step(self, theta, dtheta, rate, t, velocity):
        """Take step t, from 1, in place: all arrays (n,), rate a number."""
        velocity *= self.momentum
        velocity += dtheta
        theta -= rate * (self.momentum * velocity + dtheta)
