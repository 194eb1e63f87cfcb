"""Wrong shallow models: two_layer_net, linear_classifier and two_layer_regressor, each written
once more with one mistake in the backward half of its loss.
"""

import numpy as np
from mutant import ModelMutant

from layers import affine, relu, sigmoid, softmax_loss, square_loss, svm_loss
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor


def classifier(make, batch, *sizes, **options):
    """A build function: make(*sizes, ...) with scattered parameters, and a batch of labels."""
    def build(rng):
        model = make(*sizes, rng=rng, dtype=np.float64, **options)
        model.theta[:] += rng.normal(0, 0.3, model.theta.size)
        shape = model.shapes["W1"]
        classes = model.shapes[model.weights[-1]][1]
        return model, rng.normal(size=(batch, shape[0])), rng.integers(0, classes, batch)
    return build


def regressor(make, batch, *sizes):
    def build(rng):
        model = make(*sizes, rng=rng, dtype=np.float64)
        model.theta[:] += rng.normal(0, 0.5, model.theta.size)
        return model, rng.normal(size=(batch, sizes[0])), rng.normal(size=(batch, sizes[-1]))
    return build


def probabilities(scores):
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


# ---- two_layer_net


class ReluMaskLeftOut(TwoLayerNet):
    def loss(self, x, y):
        p = self.params
        hidden, hidden_cache = affine.forward(x, p["W1"], p["b1"])
        active, _ = relu.forward(hidden)
        scores, scores_cache = affine.forward(active, p["W2"], p["b2"])
        loss, loss_cache = self.loss_layer.forward(scores, y)

        dscores = self.loss_layer.backward(1.0, loss_cache)
        dactive, dW2, db2 = affine.backward(dscores, scores_cache)
        _, dW1, db1 = affine.backward(dactive, hidden_cache)
        return loss, {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}


class HandWrittenNet(TwoLayerNet):
    """A course's assignment, down to dscores; the mutants below write the rest of the way back."""

    def forward(self, x, y):
        p = self.params
        hidden = x @ p["W1"] + p["b1"]
        active = np.maximum(hidden, 0)
        scores = active @ p["W2"] + p["b2"]
        loss, _ = softmax_loss.forward(scores, y)
        dscores = probabilities(scores)
        dscores[np.arange(len(y)), y] -= 1
        dscores /= len(y)
        return hidden, active, dscores, loss


class ReluMaskInverted(HandWrittenNet):
    def loss(self, x, y):
        hidden, active, dscores, loss = self.forward(x, y)
        dhidden = dscores @ self.params["W2"].T
        dhidden[hidden > 0] = 0
        return loss, {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=0),
                      "W2": active.T @ dscores, "b2": dscores.sum(axis=0)}


class ReluMaskFromTheGradient(HandWrittenNet):
    def loss(self, x, y):
        _, active, dscores, loss = self.forward(x, y)
        dhidden = dscores @ self.params["W2"].T
        dhidden[dhidden <= 0] = 0
        return loss, {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=0),
                      "W2": active.T @ dscores, "b2": dscores.sum(axis=0)}


class W2NotTransposed(HandWrittenNet):
    def loss(self, x, y):
        hidden, active, dscores, loss = self.forward(x, y)
        dhidden = (dscores @ self.params["W2"]) * (hidden > 0)
        return loss, {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=0),
                      "W2": active.T @ dscores, "b2": dscores.sum(axis=0)}


class HiddenBiasSummedOverTheUnits(HandWrittenNet):
    def loss(self, x, y):
        hidden, active, dscores, loss = self.forward(x, y)
        dhidden = (dscores @ self.params["W2"].T) * (hidden > 0)
        return loss, {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=1),
                      "W2": active.T @ dscores, "b2": dscores.sum(axis=0)}


class ReluLocalGradientAlone(HandWrittenNet):
    def loss(self, x, y):
        hidden, active, dscores, loss = self.forward(x, y)
        dhidden = np.where(hidden > 0, 1.0, 0.0)
        return loss, {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=0),
                      "W2": active.T @ dscores, "b2": dscores.sum(axis=0)}


class RightClassNotSubtracted(HandWrittenNet):
    def loss(self, x, y):
        hidden, active, _, loss = self.forward(x, y)
        dscores = probabilities(active @ self.params["W2"] + self.params["b2"]) / len(y)
        dhidden = (dscores @ self.params["W2"].T) * (hidden > 0)
        return loss, {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=0),
                      "W2": active.T @ dscores, "b2": dscores.sum(axis=0)}


class W1SummedInSinglePrecision(HandWrittenNet):
    def loss(self, x, y):
        hidden, active, dscores, loss = self.forward(x, y)
        dhidden = (dscores @ self.params["W2"].T) * (hidden > 0)
        dW1 = np.zeros(self.shapes["W1"], dtype=np.float32)
        for row, drow in zip(x, dhidden, strict=True):
            dW1 += np.outer(row, drow)
        return loss, {"W1": dW1, "b1": dhidden.sum(axis=0),
                      "W2": active.T @ dscores, "b2": dscores.sum(axis=0)}


# ---- linear_classifier


class NotDividedByTheBatch(LinearClassifier):
    def loss(self, x, y):
        scores = x @ self.params["W1"] + self.params["b1"]
        p = probabilities(scores)
        loss = -np.log(p[np.arange(len(y)), y]).mean()
        dscores = p.copy()
        dscores[np.arange(len(y)), y] -= 1
        return loss, {"W1": x.T @ dscores, "b1": dscores.sum(axis=0)}


class SvmRightScoreForgotten(LinearClassifier):
    def loss(self, x, y):
        scores, cache = affine.forward(x, self.params["W1"], self.params["b1"])
        loss, (excess, _) = svm_loss.forward(scores, y)
        dscores = np.where(excess > 0, 1 / len(y), 0.0)
        _, dW1, db1 = affine.backward(dscores, cache, need_dx=False)
        return loss, {"W1": dW1, "b1": db1}


class BatchSizeWrittenDown(LinearClassifier):
    batch_size = 8

    def loss(self, x, y):
        scores = x @ self.params["W1"] + self.params["b1"]
        p = probabilities(scores)
        loss = -np.log(p[np.arange(len(y)), y]).mean()
        dscores = p - np.eye(scores.shape[1])[y]
        dscores /= self.batch_size
        return loss, {"W1": x.T @ dscores, "b1": dscores.sum(axis=0)}


class BiasKeepsItsRow(LinearClassifier):
    def loss(self, x, y):
        scores, _ = affine.forward(x, self.params["W1"], self.params["b1"])
        loss, cache = self.loss_layer.forward(scores, y)
        dscores = self.loss_layer.backward(1.0, cache)
        return loss, {"W1": x.T @ dscores, "b1": dscores.sum(axis=0, keepdims=True)}


# ---- two_layer_regressor


class ErrorTheOtherWayRound(TwoLayerRegressor):
    def loss(self, x, y):
        p = self.params
        hidden, hidden_cache = affine.forward(x, p["W1"], p["b1"])
        z, z_cache = sigmoid.forward(hidden)
        scores, scores_cache = affine.forward(z, p["W2"], p["b2"])
        error = y - scores
        loss = 0.5 * np.square(error).sum() / len(x)

        dz, dW2, db2 = affine.backward(error / len(x), scores_cache)
        dhidden = sigmoid.backward(dz, z_cache)
        _, dW1, db1 = affine.backward(dhidden, hidden_cache)
        return loss, {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}


class SigmoidFormulaFedWithTheInput(TwoLayerRegressor):
    def loss(self, x, y):
        p = self.params
        hidden = x @ p["W1"] + p["b1"]
        z, _ = sigmoid.forward(hidden)
        loss, loss_cache = square_loss.forward(z @ p["W2"] + p["b2"], y)
        dscores = square_loss.backward(1.0, loss_cache)
        dhidden = hidden * (1 - hidden) * (dscores @ p["W2"].T)
        return loss, {"W1": x.T @ dhidden, "W2": z.T @ dscores,
                      "b1": dhidden.sum(axis=0), "b2": dscores.sum(axis=0)}


class TargetsTurnedIntoTheError(TwoLayerRegressor):
    def loss(self, x, y):
        p = self.params
        z, _ = sigmoid.forward(x @ p["W1"] + p["b1"])
        error = y
        error -= z @ p["W2"] + p["b2"]
        dscores = -error / len(x)
        dhidden = z * (1 - z) * (dscores @ p["W2"].T)
        return 0.5 * np.square(error).sum() / len(x), {
            "W1": x.T @ dhidden, "W2": z.T @ dscores,
            "b1": dhidden.sum(axis=0), "b2": dscores.sum(axis=0)}


MODEL_MUTANTS = [
    ModelMutant("two_layer_net: ReLU's mask left out", "mask missing",
                classifier(ReluMaskLeftOut, 6, 4, 7, 3)),
    ModelMutant("two_layer_net: ReLU's mask inverted", "mask inverted",
                classifier(ReluMaskInverted, 7, 5, 6, 4)),
    ModelMutant("two_layer_net: ReLU's mask from the gradient", "wrong mask",
                classifier(ReluMaskFromTheGradient, 5, 6, 8, 3)),
    ModelMutant("two_layer_net: W2 not transposed", "transposed",
                classifier(W2NotTransposed, 6, 3, 5, 5)),
    ModelMutant("two_layer_net: db1 summed over the units", "wrong axis",
                classifier(HiddenBiasSummedOverTheUnits, 6, 4, 6, 3)),
    ModelMutant("two_layer_net: ReLU's local gradient alone", "upstream ignored",
                classifier(ReluLocalGradientAlone, 8, 3, 5, 4)),
    ModelMutant("two_layer_net: -1 of the right class forgotten", "lost path",
                classifier(RightClassNotSubtracted, 5, 4, 6, 3)),
    ModelMutant("two_layer_net: dW1 summed in float32", "dtype",
                classifier(W1SummedInSinglePrecision, 4, 5, 4, 3)),
    ModelMutant("linear_classifier: softmax not divided by N", "factor",
                classifier(NotDividedByTheBatch, 9, 5, 3)),
    ModelMutant("linear_classifier: svm without the right class's term", "lost path",
                classifier(SvmRightScoreForgotten, 7, 4, 5, loss_layer=svm_loss)),
    ModelMutant("linear_classifier: batch size a constant", "last batch",
                classifier(BatchSizeWrittenDown, 8, 6, 4)),
    ModelMutant("linear_classifier: db1 with keepdims", "shape",
                classifier(BiasKeepsItsRow, 5, 3, 4, loss_layer=svm_loss)),
    ModelMutant("two_layer_regressor: error the other way round", "sign",
                regressor(ErrorTheOtherWayRound, 6, 4, 5, 2)),
    ModelMutant("two_layer_regressor: z (1 - z) of the input", "wrong point",
                regressor(SigmoidFormulaFedWithTheInput, 7, 3, 4, 2)),
    ModelMutant("two_layer_regressor: targets overwritten by the error", "input mutated",
                regressor(TargetsTurnedIntoTheError, 5, 2, 4, 3)),
]
