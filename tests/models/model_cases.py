"""What the tests of models share: an example, scattered weights, losses, a gradient check."""

import math

import numpy as np
from numerical_gradient import numerical_gradient

N, D, H, C = 7, 5, 6, 4


def example(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, D)), rng.integers(0, C, N)


def scattered(model, seed=1):
    """Weights large enough that some scores and some hidden units are negative."""
    model.theta[:] = np.random.default_rng(seed).normal(0, 0.7, model.theta.size)
    return model


def softmax_of(scores, y):
    return np.mean([math.log(sum(math.exp(s - row[i]) for s in row))
                    for row, i in zip(scores, y, strict=True)])


def svm_of(scores, y):
    total = 0.0
    for row, i in zip(scores, y, strict=True):
        total += sum(max(0.0, row[j] - row[i] + 1) for j in range(len(row)) if j != i)
    return total / len(y)


def check_gradients(model, x, y, tolerance=1e-7):
    """Every entry of theta against central differences of the loss."""
    start = model.theta.copy()

    def loss_at(theta):
        model.theta[:] = theta
        return model.loss(x, y)[0]

    numerical = numerical_gradient(loss_at, [start], 0, 1.0, h=1e-5)
    model.theta[:] = start
    _, grads = model.loss(x, y)
    assert list(grads) and set(grads) == set(model.params)
    analytic = np.concatenate([grads[name].ravel() for name in model.params])
    assert np.abs(analytic - numerical).max() <= tolerance * np.abs(numerical).max()
