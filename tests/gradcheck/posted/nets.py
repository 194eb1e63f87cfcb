"""Posted mistakes of whole networks."""

import numpy as np
from posted import Posted


def softmax_loss(scores, y):
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    rows, n = np.arange(len(y)), len(y)
    dscores = p.copy()
    dscores[rows, y] -= 1
    return -np.log(p[rows, y]).mean(), dscores / n


def logistic(x):
    return 1 / (1 + np.exp(-x))


class Net:
    """Sizes D, H, C; parameters from a normal distribution."""

    def __init__(self, rng, sizes=(5, 6, 4), reg=0.0):
        self.reg = reg
        self.params = {}
        for i, (rows, columns) in enumerate(zip(sizes[:-1], sizes[1:], strict=True), start=1):
            self.params[f"W{i}"] = rng.normal(0, 0.6, (rows, columns))
            self.params[f"b{i}"] = rng.normal(0, 0.3, columns)

    def layer(self, i, x):
        return x @ self.params[f"W{i}"] + self.params[f"b{i}"]


class Stepped(Net):
    """https://github.com/CodingTrain/Toy-Neural-Network-JS/issues/72"""

    def loss(self, x, y):
        hidden = logistic(self.layer(1, x))
        loss, dscores = softmax_loss(self.layer(2, hidden), y)
        dW2 = hidden.T @ dscores
        W2 = self.params["W2"] - 0.5 * dW2
        dz = dscores @ W2.T * hidden * (1 - hidden)
        return loss, {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": dW2, "b2": dscores.sum(axis=0)}


class NoDerivative(Net):
    """https://github.com/makeyourownneuralnetwork/makeyourownneuralnetwork/issues/88"""

    def loss(self, x, y):
        hidden = logistic(self.layer(1, x))
        loss, dscores = softmax_loss(self.layer(2, hidden), y)
        dz = dscores @ self.params["W2"].T
        return loss, {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": hidden.T @ dscores,
                      "b2": dscores.sum(axis=0)}


class OtherLayer(Net):
    """https://github.com/dennybritz/nn-from-scratch/pull/3"""

    def loss(self, x, y):
        hidden = np.tanh(self.layer(1, x))
        scores = self.layer(2, hidden)
        loss, dscores = softmax_loss(scores, y)
        dz = dscores @ self.params["W2"].T * (1 - np.tanh(scores) ** 2)
        return loss, {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": hidden.T @ dscores,
                      "b2": dscores.sum(axis=0)}


class MaskIgnored(Net):
    """https://github.com/rohitg00/ai-engineering-from-scratch/pull/17"""

    def loss(self, x, y):
        z = self.layer(1, x)
        active = np.maximum(z, 0)
        kept = np.random.default_rng(3).random(active.shape) < 0.7
        hidden = active * kept / 0.7
        loss, dscores = softmax_loss(self.layer(2, hidden), y)
        dz = dscores @ self.params["W2"].T * (z > 0)
        return loss, {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": hidden.T @ dscores,
                      "b2": dscores.sum(axis=0)}


class NoOutputDerivative(Net):
    """https://github.com/louisjc/mnist-neural-network/issues/1"""

    def loss(self, x, y):
        hidden = logistic(self.layer(1, x))
        out = logistic(self.layer(2, hidden))
        error = out - y
        dz = error @ self.params["W2"].T * hidden * (1 - hidden)
        return 0.5 * (error ** 2).sum(), {"W1": x.T @ dz, "b1": dz.sum(axis=0),
                                          "W2": hidden.T @ error, "b2": error.sum(axis=0)}


class BothDerivativeAndStep(Net):
    """https://github.com/Bot-Academy/NeuralNetworkFromScratch/pull/3"""

    def loss(self, x, y):
        hidden = logistic(self.layer(1, x))
        out = logistic(self.layer(2, hidden))
        error = out - y
        dW2 = hidden.T @ error
        dz = error @ (self.params["W2"] - 0.1 * dW2).T * hidden * (1 - hidden)
        return 0.5 * (error ** 2).sum(), {"W1": x.T @ dz, "b1": dz.sum(axis=0),
                                          "W2": dW2, "b2": error.sum(axis=0)}


class Regularized(Net):
    """A ReLU net whose penalty and its gradient each model below has its own way of."""

    def data_loss(self, x, y):
        z = self.layer(1, x)
        hidden = np.maximum(z, 0)
        loss, dscores = softmax_loss(self.layer(2, hidden), y)
        dz = dscores @ self.params["W2"].T * (z > 0)
        return loss, {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": hidden.T @ dscores,
                      "b2": dscores.sum(axis=0)}


class MinusDecay(Regularized):
    """https://github.com/andersbll/nnet/issues/4"""

    def loss(self, x, y):
        loss, grads = self.data_loss(x, y)
        for name in ("W1", "W2"):
            loss += 0.5 * self.reg * (self.params[name] ** 2).sum()
            grads[name] -= self.reg * self.params[name]
        return loss, grads


class BiasesInTheLoss(Regularized):
    """https://github.com/Burton2000/CS231n-2017/issues/9"""

    def loss(self, x, y):
        loss, grads = self.data_loss(x, y)
        for name, value in self.params.items():
            loss += self.reg * (value ** 2).sum()
            if name[0] == "W":
                grads[name] += 2 * self.reg * value
        return loss, grads


class PenaltyOfTheWrongLayer(Net):
    """https://github.com/lightaime/cs231n/pull/2"""

    def loss(self, x, y):
        p = self.params
        first = np.tanh(self.layer(1, x))
        second = np.tanh(self.layer(2, first))
        loss, dscores = softmax_loss(self.layer(3, second), y)
        loss += 0.5 * self.reg * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum()
                                  + (p["W1"] ** 2).sum())
        dsecond = dscores @ p["W3"].T * (1 - second ** 2)
        dfirst = dsecond @ p["W2"].T * (1 - first ** 2)
        return loss, {"W1": x.T @ dfirst + self.reg * p["W1"], "b1": dfirst.sum(axis=0),
                      "W2": first.T @ dsecond + self.reg * p["W2"], "b2": dsecond.sum(axis=0),
                      "W3": second.T @ dscores + self.reg * p["W3"], "b3": dscores.sum(axis=0)}


def classes(model, sizes=(5, 6, 4), reg=0.0):
    """A model, 7 examples and their labels."""
    return lambda rng: (model(rng, sizes, reg), rng.standard_normal((7, sizes[0])),
                        rng.integers(0, sizes[-1], 7))


def targets(model):
    """A model, 7 examples and two targets between 0 and 1 for each."""
    return lambda rng: (model(rng, (5, 6, 2)), rng.standard_normal((7, 5)),
                        rng.uniform(0, 1, (7, 2)))


POSTED = [
    Posted("net: weights already stepped", "The hidden delta is taken through W2 after its update "
           "step.", None, Stepped, classes(Stepped),
           first_look="silent", says="comes through W2 already stepped, W2 - 0.5 dW2"),
    Posted("net: hidden derivative left out", "The hidden delta lacks the sigmoid's derivative.",
           None, NoDerivative, classes(NoDerivative),
           first_look="right", says="without the local gradient out (1 - out)"),
    Posted("net: derivative at another layer", "The hidden tanh's derivative is taken at the "
           "scores, not at the hidden values.", None, OtherLayer, classes(OtherLayer, (5, 4, 4)),
           first_look="silent",
           says="dz1 is dout * tanh'(z2), where the differences give dout * (1 - out^2)"),
    Posted("net: dropout mask ignored", "The hidden units are dropped and scaled, the hidden delta "
           "is not.", None, MaskIgnored, classes(MaskIgnored),
           first_look="silent", says="a part of the mask is missing"),
    Posted("net: output derivative left out", "The error is not multiplied by the derivative of "
           "the output's sigmoid.", None, NoOutputDerivative, targets(NoOutputDerivative),
           first_look="silent", says="without the local gradient sigmoid(z2) (1 - sigmoid(z2))"),
    Posted("net: output derivative and step", "The output sigmoid's derivative is left out, and "
           "W2 is stepped before the hidden delta.", None, BothDerivativeAndStep,
           targets(BothDerivativeAndStep),
           first_look="silent", says="without the local gradient sigmoid(z2) (1 - sigmoid(z2))"),
    Posted("net: decay subtracted", "The gradient of the penalty is subtracted, not added.", None,
           MinusDecay, classes(MinusDecay, reg=0.1), reg=0.05,
           first_look="silent",
           says="the loss has 0.05 sum(W2^2), whose gradient is 0.1 W2; dW2 has -0.1 W2"),
    Posted("net: biases penalized in the loss alone", "The loss penalizes the biases, the gradient "
           "does not.", None, BiasesInTheLoss, classes(BiasesInTheLoss, reg=0.1), reg=0.1,
           first_look="right",
           says="the loss penalizes b2 with 0.1 sum(b2^2), and db2 has nothing of it"),
    Posted("net: penalty of the wrong layer", "The loss penalizes W1 twice and W3 never.", None,
           PenaltyOfTheWrongLayer, classes(PenaltyOfTheWrongLayer, (5, 6, 5, 4), 0.1), reg=0.05,
           first_look="misleading", says="the loss penalizes W3 not at all"),
]
