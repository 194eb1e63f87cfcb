"""The lecture's two-layer net, s = W2 max(0, W1 x), with biases and rows for a batch."""

import numpy as np

from layers import affine, relu, softmax_loss
from models import parameters
from models.initialization import he
from models.weighting import given


class TwoLayerNet(parameters.Copyable):
    """affine - ReLU - affine - loss; params W1 (D, H), b1 (H,), W2 (H, C), b2 (C,).

    loss_layer is svm_loss or softmax_loss of layers/; lambda_1 R(W1) + lambda_2 R(W2) is added by
    the Solver.
    init is a function of models/initialization.py, rng a numpy Generator (default: seed 0).
    """

    def __init__(self, input_dim, hidden_dim, num_classes, *, loss_layer=softmax_loss, init=he,
                 rng=None, dtype=np.float32):
        self.shapes = {
            "W1": (input_dim, hidden_dim), "W2": (hidden_dim, num_classes),
            "b1": (hidden_dim,), "b2": (num_classes,),
        }
        self.weights = ["W1", "W2"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        self.statistics = np.zeros(0, dtype)
        self.loss_layer = loss_layer
        rng = np.random.default_rng(0) if rng is None else rng
        self.params["W1"][:] = init(rng, input_dim, hidden_dim)
        self.params["W2"][:] = init(rng, hidden_dim, num_classes)

    def scores(self, x):
        """x (N, D) -> scores (N, C)."""
        return self.activations(x)["scores"]

    def activations(self, x):
        """The output of each layer by name, in order: hidden1 (N, H), scores (N, C)."""
        p = self.params
        hidden, _ = affine.forward(x, p["W1"], p["b1"])
        active, _ = relu.forward(hidden)
        scores, _ = affine.forward(active, p["W2"], p["b2"])
        return {"hidden1": active, "scores": scores}

    def chain(self):
        """What scores runs through: each layer, and the names of its parameters in order."""
        return [(affine, ["W1", "b1"]), (relu, []), (affine, ["W2", "b2"])]

    def loss(self, x, y, weights=None):
        """Mean loss over the batch and its gradient for every parameter."""
        p = self.params
        hidden, hidden_cache = affine.forward(x, p["W1"], p["b1"])          # (N, H)
        active, active_cache = relu.forward(hidden)                         # (N, H)
        scores, scores_cache = affine.forward(active, p["W2"], p["b2"])     # (N, C)
        loss, loss_cache = self.loss_layer.forward(scores, y, **given(weights))

        dscores = self.loss_layer.backward(1.0, loss_cache)
        dactive, dW2, db2 = affine.backward(dscores, scores_cache)
        dhidden = relu.backward(dactive, active_cache)
        _, dW1, db1 = affine.backward(dhidden, hidden_cache, need_dx=False)
        return loss, {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}
