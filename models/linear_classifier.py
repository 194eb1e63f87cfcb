"""The lecture's linear score function, s = x W + b, with a loss on top."""

import numpy as np

from layers import affine, softmax_loss
from models import parameters
from models.initialization import normal
from models.weighting import given


class LinearClassifier(parameters.Copyable):
    """Scores that are linear in x; params W1 (D, C) and b1 (C,).

    loss_layer is a module of layers/ whose forward takes (scores, y): softmax_loss, svm_loss, ...
    init is a function of models/initialization.py, rng a numpy Generator (default: seed 0).
    """

    def __init__(self, input_dim, num_classes, *, loss_layer=softmax_loss, init=normal, rng=None,
                 dtype=np.float32):
        self.shapes = {"W1": (input_dim, num_classes), "b1": (num_classes,)}
        self.weights = ["W1"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        self.statistics = np.zeros(0, dtype)
        self.loss_layer = loss_layer
        rng = np.random.default_rng(0) if rng is None else rng
        self.params["W1"][:] = init(rng, input_dim, num_classes)

    def scores(self, x):
        """x (N, D) -> scores (N, C)."""
        return self.activations(x)["scores"]

    def activations(self, x):
        """The output of each layer by name, in order: here scores (N, C) alone."""
        p = self.params
        scores, _ = affine.forward(x, p["W1"], p["b1"])
        return {"scores": scores}

    def chain(self):
        """What scores runs through: each layer, and the names of its parameters in order."""
        return [(affine, ["W1", "b1"])]

    def loss(self, x, y, weights=None):
        """Mean loss over the batch and its gradient for every parameter."""
        p = self.params
        scores, scores_cache = affine.forward(x, p["W1"], p["b1"])          # (N, C)
        loss, loss_cache = self.loss_layer.forward(scores, y, **given(weights))

        dscores = self.loss_layer.backward(1.0, loss_cache)
        _, dW1, db1 = affine.backward(dscores, scores_cache, need_dx=False)
        return loss, {"W1": dW1, "b1": db1}
