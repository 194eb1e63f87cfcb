"""affine - ReLU - affine - ReLU - affine - softmax loss, and an L2 penalty in the loss itself."""

import numpy as np

from layers import affine, relu, softmax_loss
from models import parameters
from models.initialization import he


class ThreeLayerNet:
    reg = 0.05

    def __init__(self, D, H1, H2, C, *, rng, dtype):
        self.shapes = {"W1": (D, H1), "W2": (H1, H2), "W3": (H2, C),
                       "b1": (H1,), "b2": (H2,), "b3": (C,)}
        self.weights = ["W1", "W2", "W3"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        for name in self.weights:
            self.params[name][:] = he(rng, *self.shapes[name])

    def loss(self, x, y):
        p = self.params
        a1, cache1 = affine.forward(x, p["W1"], p["b1"])
        h1, mask1 = relu.forward(a1)
        a2, cache2 = affine.forward(h1, p["W2"], p["b2"])
        h2, mask2 = relu.forward(a2)
        scores, cache3 = affine.forward(h2, p["W3"], p["b3"])
        loss, loss_cache = softmax_loss.forward(scores, y)
        loss += self.reg * sum(np.sum(p[name] ** 2) for name in self.weights)

        dh2, dW3, db3 = affine.backward(softmax_loss.backward(1.0, loss_cache), cache3)
        dh1, dW2, db2 = affine.backward(relu.backward(dh2, mask2), cache2)
        _, dW1, db1 = affine.backward(relu.backward(dh1, mask1), cache1)
        dW1 += 2 * self.reg * p["W1"]
        dW2 += 2 * self.reg * p["W2"]
        dW3 += 2 * self.reg * p["W3"]
        return loss, {"W1": dW1, "W2": dW2, "W3": dW3, "b1": db1, "b2": db2, "b3": db3}
