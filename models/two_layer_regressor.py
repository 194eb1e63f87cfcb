"""The lecture's running example: sigmoid hidden units, a linear output, L = 1/2 (y - y_i)^2.

The slides draw two inputs, two hidden units and one output; here the sizes are free. Their
w_01^h and w_02^h are b1, w_11^h to w_22^h are W1, w_01^o is b2, and w_11^o, w_21^o are W2.
"""

import numpy as np

from layers import affine, sigmoid, square_loss
from models import parameters
from models.initialization import xavier


class TwoLayerRegressor(parameters.Copyable):
    """affine - sigmoid - affine - square loss; params W1 (D, H), b1 (H,), W2 (H, M), b2 (M,).

    init is a function of models/initialization.py, rng a numpy Generator (default: seed 0).
    """

    loss_layer = square_loss

    def __init__(self, input_dim, hidden_dim, output_dim, *, init=xavier, rng=None,
                 dtype=np.float32):
        self.shapes = {
            "W1": (input_dim, hidden_dim), "W2": (hidden_dim, output_dim),
            "b1": (hidden_dim,), "b2": (output_dim,),
        }
        self.weights = ["W1", "W2"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        self.statistics = np.zeros(0, dtype)
        rng = np.random.default_rng(0) if rng is None else rng
        self.params["W1"][:] = init(rng, input_dim, hidden_dim)
        self.params["W2"][:] = init(rng, hidden_dim, output_dim)

    def scores(self, x):
        """The predictions: x (N, D) -> scores (N, M)."""
        return self.activations(x)["scores"]

    def activations(self, x):
        """The output of each layer by name, in order: hidden1 (N, H), scores (N, M)."""
        p = self.params
        hidden, _ = affine.forward(x, p["W1"], p["b1"])
        z, _ = sigmoid.forward(hidden)
        scores, _ = affine.forward(z, p["W2"], p["b2"])
        return {"hidden1": z, "scores": scores}

    def chain(self):
        """What scores runs through: each layer, and the names of its parameters in order."""
        return [(affine, ["W1", "b1"]), (sigmoid, []), (affine, ["W2", "b2"])]

    def loss(self, x, y, weights=None):
        """Mean loss over the batch, y (N, M), and its gradient for every parameter."""
        p = self.params
        hidden, hidden_cache = affine.forward(x, p["W1"], p["b1"])          # (N, H)
        z, z_cache = sigmoid.forward(hidden)                                # (N, H)
        scores, scores_cache = affine.forward(z, p["W2"], p["b2"])          # (N, M)
        loss, loss_cache = square_loss.forward(scores, y, weights)

        dscores = square_loss.backward(1.0, loss_cache)
        dz, dW2, db2 = affine.backward(dscores, scores_cache)
        dhidden = sigmoid.backward(dz, z_cache)
        _, dW1, db1 = affine.backward(dhidden, hidden_cache, need_dx=False)
        return loss, {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}
