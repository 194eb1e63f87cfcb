"""Wrong models with L2 in their own loss, loss + reg * sum of W^2 over the weights.

Where a class has a mistake it is in the penalty's gradient, 2 reg W, of one weight or of all.
"""

import numpy as np
from mutant import ModelMutant
from mutants_models import classifier, probabilities, regressor

from layers import batchnorm, sigmoid, softmax_loss, square_loss, svm_loss, tanh
from models import parameters
from models.fully_connected_net import FullyConnectedNet
from models.initialization import he, xavier
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor


class ThreeLayerNet:
    """affine - ReLU - affine - ReLU - affine - softmax, written out flat."""

    reg = 0.05

    def __init__(self, D, H1, H2, C, *, rng, dtype):
        self.shapes = {"W1": (D, H1), "W2": (H1, H2), "W3": (H2, C),
                       "b1": (H1,), "b2": (H2,), "b3": (C,)}
        self.weights = ["W1", "W2", "W3"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        self.statistics = np.zeros(0, dtype)
        for name in self.weights:
            self.params[name][:] = he(rng, *self.shapes[name])

    def scores(self, x):
        return self.forward(x)[-1]

    def forward(self, x):
        p = self.params
        hidden1 = x @ p["W1"] + p["b1"]
        active1 = np.maximum(hidden1, 0)
        hidden2 = active1 @ p["W2"] + p["b2"]
        active2 = np.maximum(hidden2, 0)
        return hidden1, active1, hidden2, active2, active2 @ p["W3"] + p["b3"]

    def objective(self, scores, y):
        """The loss with the penalty, and the gradient for the scores."""
        loss, cache = softmax_loss.forward(scores, y)
        loss += self.reg * sum(np.sum(self.params[name] ** 2) for name in self.weights)
        return loss, softmax_loss.backward(1.0, cache)


class TiedAutoencoder:
    """tanh(x W + b1) W^T + b2, trained to give back x: one matrix, used twice."""

    reg = 0.1

    def __init__(self, D, H, *, rng, dtype):
        self.shapes = {"W": (D, H), "b1": (H,), "b2": (D,)}
        self.weights = ["W"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        self.statistics = np.zeros(0, dtype)
        self.params["W"][:] = xavier(rng, D, H)

    def scores(self, x):
        code, _ = tanh.forward(x @ self.params["W"] + self.params["b1"])
        return code @ self.params["W"].T + self.params["b2"]


def autoencoder(make, batch, *sizes):
    def build(rng):
        model = make(*sizes, rng=rng, dtype=np.float64)
        model.theta[:] += rng.normal(0, 0.3, model.theta.size)
        x = rng.normal(size=(batch, sizes[0]))
        return model, x, x.copy()
    return build


# ---- two_layer_net


class TwoLayerPenaltyInTheLossAlone(TwoLayerNet):
    reg = 0.1

    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        for name in self.weights:
            loss += self.reg * np.sum(self.params[name] ** 2)
        return loss, grads


class TwoLayerPenaltyWithoutTheTwo(TwoLayerNet):
    reg = 0.05

    def loss(self, x, y):
        p = self.params
        hidden = x @ p["W1"] + p["b1"]
        active = np.maximum(hidden, 0)
        probs = probabilities(active @ p["W2"] + p["b2"])
        loss = -np.log(probs[np.arange(len(y)), y]).mean()
        loss += self.reg * (np.sum(p["W1"] * p["W1"]) + np.sum(p["W2"] * p["W2"]))

        dscores = probs
        dscores[np.arange(len(y)), y] -= 1
        dscores /= len(y)
        dhidden = (dscores @ p["W2"].T) * (hidden > 0)
        dW2 = active.T @ dscores + self.reg * p["W2"]
        dW1 = x.T @ dhidden + self.reg * p["W1"]
        return loss, {"W1": dW1, "W2": dW2, "b1": dhidden.sum(axis=0), "b2": dscores.sum(axis=0)}


class TwoLayerFirstWeightNotDecayed(TwoLayerNet):
    reg = 0.1

    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        W1, W2 = self.params["W1"], self.params["W2"]
        loss += self.reg * (np.vdot(W1, W1) + np.vdot(W2, W2))
        grads["W2"] += 2 * self.reg * W2
        return loss, grads


# ---- linear_classifier


class LinearPenaltyWithoutTheTwo(LinearClassifier):
    """The assignment's svm loop: loss += reg * sum(W * W), dW += reg * W."""

    reg = 0.2

    def loss(self, x, y):
        W, b = self.params["W1"], self.params["b1"]
        loss, dW, db = 0.0, np.zeros_like(W), np.zeros_like(b)
        for row, label in zip(x, y, strict=True):
            scores = row @ W + b
            for j in range(len(b)):
                excess = scores[j] - scores[label] + 1
                if j != label and excess > 0:
                    loss += excess
                    dW[:, j] += row
                    dW[:, label] -= row
                    db[j] += 1
                    db[label] -= 1
        loss = loss / len(x) + self.reg * np.sum(W * W)
        dW = dW / len(x) + self.reg * W
        return loss, {"W1": dW, "b1": db / len(x)}


# ---- fully_connected_net


class DeepNetLastWeightNotDecayed(FullyConnectedNet):
    reg = 0.1

    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        loss += self.reg * sum(np.sum(self.params[name] ** 2) for name in self.weights)
        for i in self.hidden:
            grads[f"W{i}"] += 2 * self.reg * self.params[f"W{i}"]
        return loss, grads


# ---- two_layer_regressor


class RegressorPenaltyOverwritten(TwoLayerRegressor):
    reg = 0.1

    def loss(self, x, y):
        p = self.params
        z, _ = sigmoid.forward(x @ p["W1"] + p["b1"])
        loss, cache = square_loss.forward(z @ p["W2"] + p["b2"], y)
        grads = {}
        for name in self.weights:
            loss += self.reg * np.sum(p[name] ** 2)
            grads[name] = 2 * self.reg * p[name]

        dscores = square_loss.backward(1.0, cache)
        grads["W2"] = z.T @ dscores
        grads["b2"] = dscores.sum(axis=0)
        dhidden = z * (1 - z) * (dscores @ p["W2"].T)
        grads["W1"] += x.T @ dhidden
        grads["b1"] = dhidden.sum(axis=0)
        return loss, grads


# ---- models of a student's own


class ThreeLayerMiddleWeightNotDecayed(ThreeLayerNet):
    def loss(self, x, y):
        p = self.params
        hidden1, active1, hidden2, active2, scores = self.forward(x)
        loss, dscores = self.objective(scores, y)
        dW3 = active2.T @ dscores + 2 * self.reg * p["W3"]
        dhidden2 = (dscores @ p["W3"].T) * (hidden2 > 0)
        dW2 = active1.T @ dhidden2
        dhidden1 = (dhidden2 @ p["W2"].T) * (hidden1 > 0)
        dW1 = x.T @ dhidden1 + 2 * self.reg * p["W1"]
        return loss, {"W1": dW1, "W2": dW2, "W3": dW3, "b1": dhidden1.sum(axis=0),
                      "b2": dhidden2.sum(axis=0), "b3": dscores.sum(axis=0)}


class TiedPenaltyWithoutTheTwo(TiedAutoencoder):
    def loss(self, x, y):
        W = self.params["W"]
        code, cache = tanh.forward(x @ W + self.params["b1"])
        error = code @ W.T + self.params["b2"] - y
        loss = 0.5 * np.sum(error ** 2) / len(x) + self.reg * np.sum(W ** 2)
        dout = error / len(x)
        dhidden = tanh.backward(dout @ W, cache)
        dW = x.T @ dhidden + dout.T @ code + self.reg * W
        return loss, {"W": dW, "b1": dhidden.sum(axis=0), "b2": dout.sum(axis=0)}


MODEL_MUTANTS = [
    ModelMutant("two_layer_net: L2 in the loss alone", "l2",
                classifier(TwoLayerPenaltyInTheLossAlone, 6, 5, 4, 3), 0.1),
    ModelMutant("two_layer_net: L2 without its 2", "l2",
                classifier(TwoLayerPenaltyWithoutTheTwo, 7, 4, 6, 3), 0.05),
    ModelMutant("two_layer_net: W1's L2 forgotten", "l2",
                classifier(TwoLayerFirstWeightNotDecayed, 5, 3, 7, 4), 0.1),
    ModelMutant("linear_classifier: svm's L2 without its 2", "l2",
                classifier(LinearPenaltyWithoutTheTwo, 6, 4, 3, loss_layer=svm_loss), 0.2),
    ModelMutant("fully_connected_net: the last weight's L2 forgotten", "l2",
                classifier(DeepNetLastWeightNotDecayed, 6, [4, 5, 6, 3], norm=batchnorm), 0.1),
    ModelMutant("two_layer_regressor: W2's L2 overwritten", "l2",
                regressor(RegressorPenaltyOverwritten, 6, 3, 5, 2), 0.1),
    ModelMutant("three_layer_net: W2's L2 forgotten", "l2",
                classifier(ThreeLayerMiddleWeightNotDecayed, 7, 4, 6, 5, 3), 0.05),
    ModelMutant("tied_autoencoder: L2 without its 2", "l2",
                autoencoder(TiedPenaltyWithoutTheTwo, 6, 4, 3), 0.1),
]
