"""Wrong deep models: fully_connected_net in its variants, and nets of a student's own, a
residual net, tied weights and three layers written out flat.
"""

import numpy as np
from mutant import ModelMutant
from mutants_models import classifier
from mutants_models_l2 import ThreeLayerNet, TiedAutoencoder, autoencoder

from layers import affine, batchnorm, layernorm, maxout, relu, softmax_loss, tanh
from models import parameters
from models.fully_connected_net import PIECES, FullyConnectedNet
from models.initialization import he


class ResidualNet:
    """Two blocks x + relu(x W + b) of the inputs' width, then affine and softmax."""

    def __init__(self, D, C, *, rng, dtype):
        self.shapes = {"W1": (D, D), "W2": (D, D), "W3": (D, C), "b1": (D,), "b2": (D,), "b3": (C,)}
        self.weights = ["W1", "W2", "W3"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        self.statistics = np.zeros(0, dtype)
        for name in self.weights:
            self.params[name][:] = he(rng, *self.shapes[name])

    def scores(self, x):
        p = self.params
        x = x + np.maximum(x @ p["W1"] + p["b1"], 0)
        x = x + np.maximum(x @ p["W2"] + p["b2"], 0)
        return x @ p["W3"] + p["b3"]


# ---- fully_connected_net


class BatchnormStatisticsTakenAsConstants(FullyConnectedNet):
    def _hidden_backward(self, i, dactive, caches, grads):
        affine_cache, (x, gamma, mean, var, eps, _), active_cache, _ = caches
        dout = self.activation.backward(dactive, active_cache)
        std = np.sqrt(var + eps)
        grads[f"gamma{i}"] = (dout * (x - mean) / std).sum(axis=0)
        grads[f"beta{i}"] = dout.sum(axis=0)
        dx, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(gamma / std * dout, affine_cache)
        return dx


class BatchnormSizeOfTheFirstBatch(FullyConnectedNet):
    batch_size = None

    def loss(self, x, y):
        if self.batch_size is None:
            self.batch_size = len(x)
        return super().loss(x, y)

    def _hidden_backward(self, i, dactive, caches, grads):
        affine_cache, (x, gamma, mean, var, eps, _), active_cache, _ = caches
        dout = self.activation.backward(dactive, active_cache)
        std = np.sqrt(var + eps)
        normalized = (x - mean) / std
        dgamma = grads[f"gamma{i}"] = np.sum(dout * normalized, axis=0)
        dbeta = grads[f"beta{i}"] = np.sum(dout, axis=0)
        dx = gamma / std * (dout - (dbeta + normalized * dgamma) / self.batch_size)
        dx, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(dx, affine_cache)
        return dx


class GammaAndBetaSwapped(FullyConnectedNet):
    def _hidden_backward(self, i, dactive, caches, grads):
        affine_cache, norm_cache, active_cache, _ = caches
        dactive = self.activation.backward(dactive, active_cache)
        dactive, grads[f"beta{i}"], grads[f"gamma{i}"] = layernorm.backward(dactive, norm_cache)
        dx, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(dactive, affine_cache)
        return dx


class BetaNotSummed(FullyConnectedNet):
    def _hidden_backward(self, i, dactive, caches, grads):
        affine_cache, norm_cache, active_cache, _ = caches
        grads[f"beta{i}"] = dout = self.activation.backward(dactive, active_cache)
        dout, grads[f"gamma{i}"], _ = self.norm.backward(dout, norm_cache)
        dx, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(dout, affine_cache)
        return dx


class DropoutScaleForgotten(FullyConnectedNet):
    def _hidden_backward(self, i, dactive, caches, grads):
        affine_cache, _, active_cache, (mask,) = caches
        dactive = self.activation.backward(dactive * (mask > 0), active_cache)
        dx, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(dactive, affine_cache)
        return dx


class TanhFormulaFedWithTheInput(FullyConnectedNet):
    def _hidden_backward(self, i, dactive, caches, grads):
        (x, W), _, _, _ = caches
        hidden = x @ W + self.params[f"b{i}"]
        dhidden = (1 - hidden ** 2) * dactive
        grads[f"W{i}"] = x.T @ dhidden
        grads[f"b{i}"] = dhidden.sum(axis=0)
        return dhidden @ W.T


class MaxoutToEveryPiece(FullyConnectedNet):
    def _hidden_backward(self, i, dactive, caches, grads):
        affine_cache = caches[0]
        dpieces = np.repeat(dactive, PIECES, axis=1)
        dx, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(dpieces, affine_cache)
        return dx


class LoopEndsBeforeTheFirstLayer(FullyConnectedNet):
    def loss(self, x, y):
        p, last = self.params, self.depth
        inputs = [x]
        for i in range(1, last):
            inputs.append(np.maximum(inputs[-1] @ p[f"W{i}"] + p[f"b{i}"], 0))
        loss, cache = softmax_loss.forward(inputs[-1] @ p[f"W{last}"] + p[f"b{last}"], y)
        grads = {name: np.zeros_like(value) for name, value in p.items()}
        dout = softmax_loss.backward(1.0, cache)
        for i in range(last, 1, -1):
            grads[f"W{i}"] += inputs[i - 1].T @ dout
            grads[f"b{i}"] += dout.sum(axis=0)
            dout = (dout @ p[f"W{i}"].T) * (inputs[i - 1] > 0)
        return loss, grads


class CachesNeverCleared(FullyConnectedNet):
    """Each loss appends its caches; backward counts from the front of the list."""

    def loss(self, x, y):
        if not hasattr(self, "caches"):
            self.caches = []
        active = x
        for i in self.hidden:
            active, cache = self._hidden_forward(i, active, training=True)
            self.caches.append(cache)
        last = self.depth
        scores, cache = affine.forward(active, self.params[f"W{last}"], self.params[f"b{last}"])
        loss, loss_cache = self.loss_layer.forward(scores, y)
        grads = {}
        dscores = self.loss_layer.backward(1.0, loss_cache)
        dactive, grads[f"W{last}"], grads[f"b{last}"] = affine.backward(dscores, cache)
        for i in reversed(self.hidden):
            dactive = self._hidden_backward(i, dactive, self.caches[i - 1], grads)
        return loss, grads


# ---- nets of a student's own


class SkipConnectionLost(ResidualNet):
    def loss(self, x, y):
        p = self.params
        hidden1, cache1 = affine.forward(x, p["W1"], p["b1"])
        out1 = x + np.maximum(hidden1, 0)
        hidden2, cache2 = affine.forward(out1, p["W2"], p["b2"])
        out2 = out1 + np.maximum(hidden2, 0)
        scores, cache3 = affine.forward(out2, p["W3"], p["b3"])
        loss, cache = softmax_loss.forward(scores, y)

        dout2, dW3, db3 = affine.backward(softmax_loss.backward(1.0, cache), cache3)
        dout1, dW2, db2 = affine.backward(relu.backward(dout2, (hidden2,)), cache2)
        _, dW1, db1 = affine.backward(relu.backward(dout1, (hidden1,)), cache1)
        return loss, {"W1": dW1, "W2": dW2, "W3": dW3, "b1": db1, "b2": db2, "b3": db3}


class BlockAddedOntoItsInput(ResidualNet):
    def loss(self, x, y):
        p, caches = self.params, []
        for i in (1, 2):
            hidden, cache = affine.forward(x, p[f"W{i}"], p[f"b{i}"])
            caches.append((cache, hidden))
            x += np.maximum(hidden, 0)
        scores, cache = affine.forward(x, p["W3"], p["b3"])
        loss, loss_cache = softmax_loss.forward(scores, y)
        grads = {}
        dscores = softmax_loss.backward(1.0, loss_cache)
        dx, grads["W3"], grads["b3"] = affine.backward(dscores, cache)
        for i in (2, 1):
            cache, hidden = caches[i - 1]
            dblock, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(dx * (hidden > 0), cache)
            dx = dx + dblock
        return loss, grads


class DecoderOverwritesTheEncoder(TiedAutoencoder):
    def loss(self, x, y):
        W, grads = self.params["W"], {}
        code, cache = tanh.forward(x @ W + self.params["b1"])
        error = code @ W.T + self.params["b2"] - y
        loss = 0.5 * np.sum(error ** 2) / len(x) + self.reg * np.sum(W ** 2)
        dout = error / len(x)
        dhidden = tanh.backward(dout @ W, cache)
        grads["W"] = x.T @ dhidden
        grads["W"] = dout.T @ code
        grads["W"] += 2 * self.reg * W
        grads["b1"], grads["b2"] = dhidden.sum(axis=0), dout.sum(axis=0)
        return loss, grads


class MaskOfTheOtherLayer(ThreeLayerNet):
    def loss(self, x, y):
        p = self.params
        _, active1, hidden2, active2, scores = self.forward(x)
        loss, dscores = self.objective(scores, y)
        dhidden2 = (dscores @ p["W3"].T) * (hidden2 > 0)
        dhidden1 = (dhidden2 @ p["W2"].T) * (hidden2 > 0)
        grads = {"W1": x.T @ dhidden1, "W2": active1.T @ dhidden2, "W3": active2.T @ dscores,
                 "b1": dhidden1.sum(axis=0), "b2": dhidden2.sum(axis=0), "b3": dscores.sum(axis=0)}
        for name in self.weights:
            grads[name] += 2 * self.reg * p[name]
        return loss, grads


MODEL_MUTANTS = [
    ModelMutant("fully_connected_net: batchnorm's mean and variance taken as constants",
                "lost path",
                classifier(BatchnormStatisticsTakenAsConstants, 7, [5, 4, 3], norm=batchnorm)),
    ModelMutant("fully_connected_net: batchnorm's N is the first batch's", "last batch",
                classifier(BatchnormSizeOfTheFirstBatch, 9, [4, 6, 5, 3], norm=batchnorm)),
    ModelMutant("fully_connected_net: layernorm's dgamma and dbeta swapped", "order",
                classifier(GammaAndBetaSwapped, 6, [4, 7, 3], norm=layernorm)),
    ModelMutant("fully_connected_net: layernorm's dbeta not summed", "not summed",
                classifier(BetaNotSummed, 5, [3, 6, 4], norm=layernorm, activation=tanh)),
    ModelMutant("fully_connected_net: dropout's 1 / (1 - p) forgotten", "factor",
                classifier(DropoutScaleForgotten, 8, [5, 9, 4], drop=0.4)),
    ModelMutant("fully_connected_net: 1 - x^2 of tanh's input", "wrong point",
                classifier(TanhFormulaFedWithTheInput, 6, [4, 5, 5, 3], activation=tanh)),
    ModelMutant("fully_connected_net: maxout's gradient to every piece", "mask missing",
                classifier(MaxoutToEveryPiece, 7, [3, 4, 5], activation=maxout)),
    ModelMutant("fully_connected_net: the loop ends before layer 1", "zero",
                classifier(LoopEndsBeforeTheFirstLayer, 6, [5, 7, 4, 3])),
    ModelMutant("fully_connected_net: list of caches never cleared", "stale cache",
                classifier(CachesNeverCleared, 5, [4, 6, 3], activation=tanh)),
    ModelMutant("residual_net: the second skip connection lost", "lost path",
                classifier(SkipConnectionLost, 6, 5, 3)),
    ModelMutant("residual_net: a block added onto its input in place", "input mutated",
                classifier(BlockAddedOntoItsInput, 7, 4, 3)),
    ModelMutant("tied_autoencoder: the encoder's share of dW overwritten", "lost path",
                autoencoder(DecoderOverwritesTheEncoder, 6, 5, 3), 0.1),
    ModelMutant("three_layer_net: ReLU's mask of the layer above", "wrong mask",
                classifier(MaskOfTheOtherLayer, 7, 4, 6, 6, 3), 0.05),
]
