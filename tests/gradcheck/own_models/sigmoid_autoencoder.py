"""sigmoid(x W + b) W^T + c, trained to give back x: one matrix, used twice."""

from layers import sigmoid, square_loss
from models import parameters
from models.initialization import xavier


class SigmoidAutoencoder:
    def __init__(self, D, H, *, rng, dtype):
        self.shapes = {"W": (D, H), "b": (H,), "c": (D,)}
        self.weights = ["W"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        self.params["W"][:] = xavier(rng, D, H)

    def loss(self, x, y):
        W, b, c = self.params.values()
        code, code_cache = sigmoid.forward(x @ W + b)
        loss, cache = square_loss.forward(code @ W.T + c, y)

        dout = square_loss.backward(1.0, cache)
        dhidden = sigmoid.backward(dout @ W, code_cache)
        dW = x.T @ dhidden
        dW += dout.T @ code
        return loss, {"W": dW, "b": dhidden.sum(axis=0), "c": dout.sum(axis=0)}
