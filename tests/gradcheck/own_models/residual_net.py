"""Two blocks x + relu(x W + b) of the inputs' width, then affine and softmax loss."""

import numpy as np

from layers import affine, relu, softmax_loss
from models import parameters
from models.initialization import he


class ResidualNet:
    def __init__(self, D, C, *, rng, dtype):
        self.shapes = {"W1": (D, D), "W2": (D, D), "W3": (D, C), "b1": (D,), "b2": (D,), "b3": (C,)}
        self.weights = ["W1", "W2", "W3"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        for name in self.weights:
            self.params[name][:] = he(rng, *self.shapes[name])

    def loss(self, x, y):
        p = self.params
        hidden1, cache1 = affine.forward(x, p["W1"], p["b1"])
        out1 = x + np.maximum(hidden1, 0)
        hidden2, cache2 = affine.forward(out1, p["W2"], p["b2"])
        out2 = out1 + np.maximum(hidden2, 0)
        scores, cache3 = affine.forward(out2, p["W3"], p["b3"])
        loss, cache = softmax_loss.forward(scores, y)

        dout2, dW3, db3 = affine.backward(softmax_loss.backward(1.0, cache), cache3)
        dblock, dW2, db2 = affine.backward(relu.backward(dout2, (hidden2,)), cache2)
        dout1 = dout2 + dblock
        _, dW1, db1 = affine.backward(relu.backward(dout1, (hidden1,)), cache1)
        return loss, {"W1": dW1, "W2": dW2, "W3": dW3, "b1": db1, "b2": db2, "b3": db3}
