"""Mutants kept aside for measuring: whole models."""

import numpy as np
from mutant import ModelMutant

from layers import affine, relu, sigmoid, softmax_loss, square_loss
from models import parameters
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

REG, BATCH = 0.1, 8


def penalty(params, names):
    return REG * sum(np.square(params[name]).sum() for name in names)


class NetPenaltyOfW2Forgotten(TwoLayerNet):
    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        grads["W1"] = grads["W1"] + 2 * REG * self.params["W1"]
        return loss + penalty(self.params, self.weights), grads


class LinearPenaltyWithoutTwo(LinearClassifier):
    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        grads["W1"] += REG * self.params["W1"]
        return loss + penalty(self.params, self.weights), grads


class RegressorPenaltyInLossAlone(TwoLayerRegressor):
    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        return loss + penalty(self.params, self.weights), grads


class NetWithoutMask(TwoLayerNet):
    def loss(self, x, y):
        p = self.params
        hidden, hidden_cache = affine.forward(x, p["W1"], p["b1"])
        active, _ = relu.forward(hidden)
        scores, scores_cache = affine.forward(active, p["W2"], p["b2"])
        loss, loss_cache = self.loss_layer.forward(scores, y)

        dscores = self.loss_layer.backward(1.0, loss_cache)
        dhidden, dW2, db2 = affine.backward(dscores, scores_cache)
        _, dW1, db1 = affine.backward(dhidden, hidden_cache)
        return loss, {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}


class NetW2Transposed(TwoLayerNet):
    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        p = self.params
        active = np.maximum(x @ p["W1"] + p["b1"], 0)
        dscores = softmax_loss.backward(1.0, softmax_loss.forward(self.scores(x), y)[1])
        grads["W2"] = dscores.T @ active
        return loss, grads


class NetGradientsByPosition(TwoLayerNet):
    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        in_layers = grads["W1"], grads["b1"], grads["W2"], grads["b2"]
        return loss, dict(zip(self.params, in_layers, strict=True))


class RegressorSigmoidOfInput(TwoLayerRegressor):
    def loss(self, x, y):
        p = self.params
        hidden, hidden_cache = affine.forward(x, p["W1"], p["b1"])
        z, _ = sigmoid.forward(hidden)
        scores, scores_cache = affine.forward(z, p["W2"], p["b2"])
        loss, loss_cache = square_loss.forward(scores, y)

        dz, dW2, db2 = affine.backward(square_loss.backward(1.0, loss_cache), scores_cache)
        dhidden = hidden * (1 - hidden) * dz
        _, dW1, db1 = affine.backward(dhidden, hidden_cache)
        return loss, {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}


class RegressorMeanTwice(TwoLayerRegressor):
    def loss(self, x, y):
        loss, grads = super().loss(x, y)
        return loss, {name: grad / x.shape[0] for name, grad in grads.items()}


class RegressorHiddenLocalAlone(TwoLayerRegressor):
    def loss(self, x, y):
        p = self.params
        z, _ = sigmoid.forward(x @ p["W1"] + p["b1"])
        error = z @ p["W2"] + p["b2"] - y
        dscores = error / x.shape[0]
        dhidden = z * (1 - z)
        grads = {"W1": x.T @ dhidden, "W2": z.T @ dscores,
                 "b1": dhidden.sum(axis=0), "b2": dscores.sum(axis=0)}
        return 0.5 * np.square(error).sum() / x.shape[0], grads


class LinearFixedBatch(LinearClassifier):
    def loss(self, x, y):
        p = self.params
        scores = x @ p["W1"] + p["b1"]
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        rows = np.arange(len(y))
        loss = -np.log(probabilities[rows, y]).mean()
        dscores = probabilities
        dscores[rows, y] -= 1
        dscores /= BATCH
        return loss, {"W1": x.T @ dscores, "b1": dscores.sum(axis=0)}


class LinearCenteringInPlace(LinearClassifier):
    def loss(self, x, y):
        x -= x.mean(axis=0)
        return super().loss(x, y)


class ThreeLayerNet:
    """affine - ReLU - affine - ReLU - affine - softmax loss, with its masks mixed up."""

    def __init__(self, D, H, C):
        shapes = {"W1": (D, H), "W2": (H, H), "W3": (H, C), "b1": (H,), "b2": (H,), "b3": (C,)}
        self.weights = ["W1", "W2", "W3"]
        self.theta, self.params = parameters.lay_out(shapes, np.float64)

    def loss(self, x, y):
        p = self.params
        a1, cache1 = affine.forward(x, p["W1"], p["b1"])
        h1, mask1 = relu.forward(a1)
        a2, cache2 = affine.forward(h1, p["W2"], p["b2"])
        h2, _ = relu.forward(a2)
        scores, cache3 = affine.forward(h2, p["W3"], p["b3"])
        loss, loss_cache = softmax_loss.forward(scores, y)

        dh2, dW3, db3 = affine.backward(softmax_loss.backward(1.0, loss_cache), cache3)
        dh1, dW2, db2 = affine.backward(relu.backward(dh2, mask1), cache2)
        _, dW1, db1 = affine.backward(relu.backward(dh1, mask1), cache1)
        return loss, {"W1": dW1, "W2": dW2, "W3": dW3, "b1": db1, "b2": db2, "b3": db3}


class ResidualNet:
    """x W1 = h, h + relu(h W2), W3, square loss; the skip connection lost on the way back."""

    def __init__(self, D, H, M):
        self.weights = ["W1", "W2", "W3"]
        shapes = {"W1": (D, H), "W2": (H, H), "W3": (H, M)}
        self.theta, self.params = parameters.lay_out(shapes, np.float64)

    def loss(self, x, y):
        W1, W2, W3 = (self.params[name] for name in self.weights)
        h = x @ W1
        inner = h @ W2
        out = h + np.maximum(inner, 0)
        loss, cache = square_loss.forward(out @ W3, y)

        dscores = square_loss.backward(1.0, cache)
        dout = dscores @ W3.T
        dinner = dout * (inner > 0)
        dh = dinner @ W2.T
        return loss, {"W1": x.T @ dh, "W2": h.T @ dinner, "W3": out.T @ dscores}


class TiedAutoencoder:
    """sigmoid(x W + b) W^T + c, square loss; W's gradient as the encoder's weight is lost."""

    def __init__(self, D, H):
        self.weights = ["W"]
        shapes = {"W": (D, H), "b": (H,), "c": (D,)}
        self.theta, self.params = parameters.lay_out(shapes, np.float64)

    def loss(self, x, y):
        W, b, c = self.params.values()
        code, code_cache = sigmoid.forward(x @ W + b)
        loss, cache = square_loss.forward(code @ W.T + c, y)

        dout = square_loss.backward(1.0, cache)
        dinner = sigmoid.backward(dout @ W, code_cache)
        grads = {"W": x.T @ dinner, "b": dinner.sum(axis=0), "c": dout.sum(axis=0)}
        grads["W"] = dout.T @ code
        return loss, grads


def drawn(model, rng):
    model.theta[:] = 0.7 * rng.standard_normal(model.theta.size)
    return model


def classifier(cls, N, *sizes):
    def build(rng):
        model = drawn(cls(*sizes, rng=rng, dtype=np.float64), rng)
        return model, rng.standard_normal((N, sizes[0])), rng.integers(0, sizes[-1], N)
    return build


def regressor(cls, N, *sizes):
    def build(rng):
        model = drawn(cls(*sizes, rng=rng, dtype=np.float64), rng)
        return model, rng.standard_normal((N, sizes[0])), rng.standard_normal((N, sizes[-1]))
    return build


def three_layer(rng):
    model = drawn(ThreeLayerNet(4, 5, 3), rng)
    return model, rng.standard_normal((7, 4)), rng.integers(0, 3, 7)


def residual(rng):
    model = drawn(ResidualNet(3, 4, 2), rng)
    return model, rng.standard_normal((6, 3)), rng.standard_normal((6, 2))


def autoencoder(rng):
    model = drawn(TiedAutoencoder(5, 3), rng)
    x = rng.standard_normal((6, 5))
    return model, x, x.copy()


MODEL_MUTANTS = [
    ModelMutant("two_layer_net: W2's penalty forgotten", "l2",
                classifier(NetPenaltyOfW2Forgotten, 6, 4, 5, 3), REG),
    ModelMutant("linear_classifier: penalty's gradient without its 2", "l2",
                classifier(LinearPenaltyWithoutTwo, 7, 5, 3), REG),
    ModelMutant("two_layer_regressor: penalty in the loss alone", "l2",
                regressor(RegressorPenaltyInLossAlone, 5, 3, 4, 2), REG),
    ModelMutant("two_layer_net: relu left out", "mask missing",
                classifier(NetWithoutMask, 6, 5, 4, 3)),
    ModelMutant("two_layer_net: dW2 as dscores^T active", "transposed",
                classifier(NetW2Transposed, 7, 3, 4, 4)),
    ModelMutant("two_layer_net: gradients named by position", "order",
                classifier(NetGradientsByPosition, 5, 4, 6, 3)),
    ModelMutant("two_layer_regressor: x (1 - x)", "wrong point",
                regressor(RegressorSigmoidOfInput, 6, 2, 5, 3)),
    ModelMutant("two_layer_regressor: divided by N twice", "factor",
                regressor(RegressorMeanTwice, 4, 3, 3, 2)),
    ModelMutant("two_layer_regressor: dz left out", "upstream ignored",
                regressor(RegressorHiddenLocalAlone, 6, 4, 3, 2)),
    ModelMutant("linear_classifier: batch of eight", "last batch",
                classifier(LinearFixedBatch, BATCH, 4, 3)),
    ModelMutant("linear_classifier: x centered in place", "input mutated",
                classifier(LinearCenteringInPlace, 6, 3, 4)),
    ModelMutant("three layers: the first ReLU's mask for both", "wrong mask", three_layer),
    ModelMutant("residual net: skip lost", "lost path", residual),
    ModelMutant("tied autoencoder: overwritten", "lost path", autoencoder),
]
