"""Mutants of whole models: the project's, and a few of a student's own.

Those of L2 put lambda * sum of W^2 into the model's own loss, and its gradient, 2 lambda W, not
everywhere.
"""

import numpy as np
from mutant import Mutant

from layers import batchnorm, layernorm, maxout, svm_loss, tanh

# Put before a return: a penalty in the loss, with this lambda.
PENALTY = "loss += {} * sum(np.sum(self.params[name] ** 2) for name in self.weights)\n        "
NORM_BACKWARD = 'dactive, grads[f"gamma{i}"], grads[f"beta{i}"] = self.norm.backward(' \
                "dactive, norm_cache)"


def model_and_batch(batch, sizes, options, targets):
    """A maker of a model with scattered parameters, x, and y = targets(model, x, rng)."""
    def build(make, rng):
        model = make(*sizes, rng=rng, dtype=np.float64, **options)
        model.theta[:] += rng.normal(0, 0.3, model.theta.size)
        x = rng.normal(size=(batch, next(iter(model.shapes.values()))[0]))
        return model, x, targets(model, x, rng)
    return build


def classifier(batch, *sizes, **options):
    return model_and_batch(batch, sizes, options, lambda model, x, rng: rng.integers(
        0, model.shapes[model.weights[-1]][1], len(x)))


def regressor(batch, *sizes):
    return model_and_batch(batch, sizes, {}, lambda model, x, rng: rng.normal(
        size=(len(x), sizes[-1])))


def autoencoder(batch, *sizes):
    return model_and_batch(batch, sizes, {}, lambda model, x, rng: x.copy())


MUTANTS = [
    Mutant("two_layer_net: ReLU's mask left out", "mask missing",
           "relu.backward(dactive, active_cache)", "dactive", classifier(6, 4, 7, 3)),
    Mutant("two_layer_net: ReLU's mask inverted", "mask inverted",
           "relu.backward(dactive, active_cache)", "dactive * (hidden <= 0)",
           classifier(7, 5, 6, 4)),
    Mutant("two_layer_net: ReLU's mask from the gradient", "wrong mask",
           "relu.backward(dactive, active_cache)", "np.maximum(dactive, 0)",
           classifier(5, 6, 8, 3)),
    Mutant("two_layer_net: W2 not transposed", "transposed", "relu.backward(dactive, active_cache)",
           'relu.backward(dscores @ p["W2"], active_cache)', classifier(6, 3, 5, 5)),
    Mutant("two_layer_net: db1 summed over the units", "wrong axis", '"b1": db1',
           '"b1": dhidden.sum(axis=1)', classifier(6, 4, 6, 3)),
    Mutant("two_layer_net: ReLU's local gradient alone", "upstream ignored",
           "relu.backward(dactive, active_cache)",
           "relu.backward(np.ones_like(dactive), active_cache)", classifier(8, 3, 5, 4)),
    Mutant("two_layer_net: -1 of the right class forgotten", "lost path",
           "self.loss_layer.backward(1.0, loss_cache)", "loss_cache[0] / loss_cache[1] / len(y)",
           classifier(5, 4, 6, 3)),
    Mutant("two_layer_net: dW1 summed in float32", "dtype", '"W1": dW1',
           '"W1": np.matmul(x.T, dhidden, dtype=np.float32)', classifier(4, 5, 4, 3)),
    Mutant("linear_classifier: softmax not divided by N", "factor", "backward(1.0, loss_cache)",
           "backward(1.0 * len(y), loss_cache)", classifier(9, 5, 3)),
    Mutant("linear_classifier: svm without the right class's term", "lost path",
           "self.loss_layer.backward(1.0, loss_cache)",
           "np.where(loss_cache[0] > 0, 1 / len(y), 0.0)",
           classifier(7, 4, 5, loss_layer=svm_loss)),
    Mutant("linear_classifier: batch size a constant", "last batch", "backward(1.0, loss_cache)",
           "backward(len(y) / 8, loss_cache)", classifier(8, 6, 4)),
    Mutant("linear_classifier: db1 with keepdims", "shape", '"b1": db1', '"b1": db1[None]',
           classifier(5, 3, 4, loss_layer=svm_loss)),
    Mutant("two_layer_regressor: error the other way round", "sign", "square_loss.backward(1.0, ",
           "square_loss.backward(-1.0, ", regressor(6, 4, 5, 2)),
    Mutant("two_layer_regressor: z (1 - z) of the input", "wrong point",
           "sigmoid.backward(dz, z_cache)", "hidden * (1 - hidden) * dz", regressor(7, 3, 4, 2)),
    Mutant("two_layer_regressor: targets overwritten by the error", "input mutated",
           "loss, loss_cache = square_loss.forward(scores, y, weights)",
           "y -= scores\n        loss, loss_cache = square_loss.forward(-y, np.zeros_like(y))",
           regressor(5, 2, 4, 3)),
    # Of an L2 penalty.
    Mutant("two_layer_net: L2 in the loss alone", "l2", "return loss, {",
           PENALTY.format(0.1) + "return loss, {", classifier(6, 5, 4, 3), 0.1),
    Mutant("two_layer_net: L2 without its 2", "l2", "return loss, {",
           PENALTY.format(0.05) + 'dW1 += 0.05 * p["W1"]\n        '
           'dW2 += 0.05 * p["W2"]\n        return loss, {', classifier(7, 4, 6, 3), 0.05),
    Mutant("two_layer_net: W1's L2 forgotten", "l2", "return loss, {",
           PENALTY.format(0.1) + 'dW2 += 0.2 * p["W2"]\n        return loss, {',
           classifier(5, 3, 7, 4), 0.1),
    Mutant("linear_classifier: svm's L2 without its 2", "l2", "return loss, {",
           PENALTY.format(0.2) + 'dW1 += 0.2 * p["W1"]\n        return loss, {',
           classifier(6, 4, 3, loss_layer=svm_loss), 0.2),
    Mutant("fully_connected_net: the last weight's L2 forgotten", "l2", "return loss, grads",
           PENALTY.format(0.1) + "for i in self.hidden:\n            "
           'grads[f"W{i}"] += 0.2 * p[f"W{i}"]\n        ' + 'return loss, grads',
           classifier(6, [4, 5, 6, 3], norm=batchnorm), 0.1),
    Mutant("two_layer_regressor: W2's L2 overwritten", "l2", 'return loss, {"W1": dW1, "W2": dW2, ',
           PENALTY.format(0.1) + "grads = {name: 0.2 * p[name] for name in self.weights}\n"
           '        grads["W1"] += dW1\n        grads["W2"] = dW2\n'
           "        return loss, {**grads, ", regressor(6, 3, 5, 2), 0.1),
    Mutant("three_layer_net: W2's L2 forgotten", "l2", '        dW2 += 2 * self.reg * p["W2"]\n',
           "", classifier(7, 4, 6, 5, 3), 0.05),
    Mutant("tied_autoencoder: L2 without its 2", "l2", "dW += 2 * self.reg * W",
           "dW += self.reg * W", autoencoder(6, 4, 3), 0.1),
    # Fully connected, residual and tied nets.
    Mutant("fully_connected_net: batchnorm's mean and variance taken as constants", "lost path",
           NORM_BACKWARD, NORM_BACKWARD.replace("norm_cache)", "(*norm_cache[:5], False))"),
           classifier(7, [5, 4, 3], norm=batchnorm)),
    Mutant("fully_connected_net: batchnorm's N is the first batch's", "last batch", NORM_BACKWARD,
           'x, gamma, mean, var, eps, _ = norm_cache\n'
           '            N = vars(self).setdefault("batch_size", len(x))\n'
           '            normalized = (x - mean) / np.sqrt(var + eps)\n'
           '            dgamma = grads[f"gamma{i}"] = (dactive * normalized).sum(axis=0)\n'
           '            dbeta = grads[f"beta{i}"] = dactive.sum(axis=0)\n'
           '            dactive = dactive - (dbeta + normalized * dgamma) / N\n'
           '            dactive = gamma / np.sqrt(var + eps) * dactive',
           classifier(9, [4, 6, 5, 3], norm=batchnorm)),
    Mutant("fully_connected_net: layernorm's dgamma and dbeta swapped", "order",
           'dactive, grads[f"gamma{i}"], grads[f"beta{i}"]',
           'dactive, grads[f"beta{i}"], grads[f"gamma{i}"]',
           classifier(6, [4, 7, 3], norm=layernorm)),
    Mutant("fully_connected_net: layernorm's dbeta not summed", "not summed", NORM_BACKWARD,
           f'dout = dactive\n            {NORM_BACKWARD}\n'
           '            grads[f"beta{i}"] = dout',
           classifier(5, [3, 6, 4], norm=layernorm, activation=tanh)),
    Mutant("fully_connected_net: dropout's 1 / (1 - p) forgotten", "factor",
           "self.drop_layer.backward(dactive, drop_cache)", "dactive * (drop_cache[0] > 0)",
           classifier(8, [5, 9, 4], drop=0.4)),
    Mutant("fully_connected_net: 1 - x^2 of tanh's input", "wrong point",
           "self.activation.backward(dactive, active_cache)",
           '(1 - (affine_cache[0] @ affine_cache[1] + self.params[f"b{i}"]) ** 2) * dactive',
           classifier(6, [4, 5, 5, 3], activation=tanh)),
    Mutant("fully_connected_net: maxout's gradient to every piece", "mask missing",
           "self.activation.backward(dactive, active_cache)",
           "np.repeat(dactive, self.pieces, axis=1)",
           classifier(7, [3, 4, 5], activation=maxout)),
    Mutant("fully_connected_net: the loop ends before layer 1", "zero",
           ("grads = {}", "in reversed(self.hidden)"),
           ("grads = {name: np.zeros_like(value) for name, value in p.items()}",
            "in reversed(self.hidden[1:])"), classifier(6, [5, 7, 4, 3])),
    Mutant("fully_connected_net: list of caches never cleared", "stale cache",
           ("active, caches = self._training_inputs(x), {}",
            "active, caches[i] = self._hidden_forward"),
           ('active, caches = self._training_inputs(x), vars(self).setdefault("caches", {})',
            "active, caches[len(caches) + 1] = self._hidden_forward"),
           classifier(5, [4, 6, 3], activation=tanh)),
    Mutant("residual_net: the second skip connection lost", "lost path", "dout1 = dout2 + dblock",
           "dout1 = dblock", classifier(6, 5, 3)),
    Mutant("residual_net: a block added onto its input in place", "input mutated",
           "out1 = x + np.maximum(hidden1, 0)", "x += np.maximum(hidden1, 0)\n        out1 = x",
           classifier(7, 4, 3)),
    Mutant("tied_autoencoder: the encoder's share of dW overwritten", "lost path",
           "dW += dout.T @ code", "dW = dout.T @ code", autoencoder(6, 5, 3), 0.1),
    Mutant("three_layer_net: ReLU's mask of the layer above", "wrong mask",
           "relu.backward(dh1, mask1)", "relu.backward(dh1, mask2)", classifier(7, 4, 6, 6, 3),
           0.05),
]
