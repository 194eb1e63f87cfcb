"""tanh(x W + b1) W^T + b2, trained to give back x: one matrix, used twice; with an L2 penalty."""

import numpy as np

from layers import square_loss, tanh
from models import parameters
from models.initialization import xavier


class TiedAutoencoder:
    reg = 0.1

    def __init__(self, D, H, *, rng, dtype):
        self.shapes = {"W": (D, H), "b1": (H,), "b2": (D,)}
        self.weights = ["W"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        self.params["W"][:] = xavier(rng, D, H)

    def loss(self, x, y):
        W, b1, b2 = self.params.values()
        code, code_cache = tanh.forward(x @ W + b1)
        loss, cache = square_loss.forward(code @ W.T + b2, y)
        loss += self.reg * np.sum(W ** 2)

        dout = square_loss.backward(1.0, cache)
        dhidden = tanh.backward(dout @ W, code_cache)
        dW = x.T @ dhidden
        dW += dout.T @ code
        dW += 2 * self.reg * W
        return loss, {"W": dW, "b1": dhidden.sum(axis=0), "b2": dout.sum(axis=0)}
