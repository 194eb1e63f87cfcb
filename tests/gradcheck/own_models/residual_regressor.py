"""x W1 = h, then (h + relu(h W2)) W3 and the square loss; no biases."""

import numpy as np

from layers import square_loss
from models import parameters
from models.initialization import he


class ResidualRegressor:
    def __init__(self, D, H, M, *, rng, dtype):
        self.weights = ["W1", "W2", "W3"]
        self.shapes = {"W1": (D, H), "W2": (H, H), "W3": (H, M)}
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        for name in self.weights:
            self.params[name][:] = he(rng, *self.shapes[name])

    def loss(self, x, y):
        W1, W2, W3 = (self.params[name] for name in self.weights)
        h = x @ W1
        inner = h @ W2
        out = h + np.maximum(inner, 0)
        loss, cache = square_loss.forward(out @ W3, y)

        dscores = square_loss.backward(1.0, cache)
        dout = dscores @ W3.T
        dinner = dout * (inner > 0)
        dh = dout + dinner @ W2.T
        return loss, {"W1": x.T @ dh, "W2": h.T @ dinner, "W3": out.T @ dscores}
