import numpy as np

from layers import affine, relu, softmax_loss
from layers.gates import add, copy
from models import parameters
from models.initialization import he


class SkipNet(parameters.Copyable):
    """h1 = relu(x W1 + b1), h2 = h1 + relu(h1 W2 + b2), scores = h2 W3 + b3."""

    loss_layer = softmax_loss

    def __init__(self, inputs, hidden, classes, rng, dtype=np.float32):
        self.shapes = {"W1": (inputs, hidden), "W2": (hidden, hidden), "W3": (hidden, classes),
                       "b1": (hidden,), "b2": (hidden,), "b3": (classes,)}
        self.weights = ["W1", "W2", "W3"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        for name in self.weights:
            self.params[name][:] = he(rng, *self.shapes[name])

    def forward(self, x):
        p = self.params
        a1, a1_cache = affine.forward(x, p["W1"], p["b1"])              # (N, H)
        h1, h1_cache = relu.forward(a1)
        (kept, used), copy_cache = copy.forward(h1)
        a2, a2_cache = affine.forward(used, p["W2"], p["b2"])
        r2, r2_cache = relu.forward(a2)
        h2, h2_cache = add.forward(kept, r2)
        scores, scores_cache = affine.forward(h2, p["W3"], p["b3"])     # (N, C)
        return scores, (a1_cache, h1_cache, copy_cache, a2_cache, r2_cache, h2_cache, scores_cache)

    def scores(self, x):
        return self.forward(x)[0]

    def loss(self, x, y):
        scores, caches = self.forward(x)
        a1_cache, h1_cache, copy_cache, a2_cache, r2_cache, h2_cache, scores_cache = caches
        loss, loss_cache = softmax_loss.forward(scores, y)

        dscores = softmax_loss.backward(1.0, loss_cache)
        dh2, dW3, db3 = affine.backward(dscores, scores_cache)
        dkept, dr2 = add.backward(dh2, h2_cache)
        da2 = relu.backward(dr2, r2_cache)
        dused, dW2, db2 = affine.backward(da2, a2_cache)
        dh1 = copy.backward((dkept, dused), copy_cache)
        da1 = relu.backward(dh1, h1_cache)
        _, dW1, db1 = affine.backward(da1, a1_cache, need_dx=False)
        return loss, {"W1": dW1, "W2": dW2, "W3": dW3, "b1": db1, "b2": db2, "b3": db3}
