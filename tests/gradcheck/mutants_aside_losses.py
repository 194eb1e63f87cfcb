"""Mutants kept aside for measuring: losses, normalization and dropout."""

import numpy as np
from layer_cases import labelled, normal
from mutant import Mutant

from layers import (
    batchnorm,
    dropout,
    layernorm,
    logistic_loss,
    sigmoid,
    softmax_loss,
    square_loss,
    svm_loss,
)

BATCH = 6


def softmax_loss_without_right_class(dloss, cache):
    exponentials, totals, _, y = cache
    return dloss * exponentials / totals / y.size


def softmax_loss_over_the_batch(dloss, cache):
    exponentials, _, rows, y = cache
    dscores = exponentials / exponentials.sum(axis=0, keepdims=True)
    dscores[rows, y] -= 1
    return dscores * (dloss / y.size)


def softmax_loss_forward_keeping_p(scores, y):
    loss, (exponentials, totals, _, _) = softmax_loss.forward(scores, y)
    return loss, (exponentials / totals, y)


def softmax_loss_in_the_cache(dloss, cache):
    p, y = cache
    p[np.arange(y.size), y] -= 1
    return p * (dloss / y.size)


def softmax_loss_one_hot(dloss, cache):
    exponentials, totals, rows, y = cache
    target = np.zeros(exponentials.shape)
    target[rows, y] = 1
    return dloss * (exponentials / totals - target) / y.size


def svm_loss_forward_keeping_scores(scores, y):
    loss, _ = svm_loss.forward(scores, y)
    return loss, (scores, y)


def svm_loss_of_positive_scores(dloss, cache):
    scores, y = cache
    rows = np.arange(y.size)
    violated = (scores > 0).astype(scores.dtype)
    violated[rows, y] = 0
    violated[rows, y] = -violated.sum(axis=1)
    return violated * (dloss / y.size)


def svm_loss_every_class(dloss, cache):
    excess, y = cache
    dscores = np.ones_like(excess)
    dscores[np.arange(y.size), y] = 1 - excess.shape[1]
    return dscores * (dloss / y.size)


def square_loss_mean_over_all(dloss, cache):
    (error,) = cache
    return dloss * error / error.size


def square_loss_fixed_batch(dloss, cache):
    (error,) = cache
    return dloss * error / BATCH


def logistic_loss_flat(dloss, cache):
    scores, y = cache
    p, _ = sigmoid.forward(scores.reshape(-1))
    return (p - y.astype(p.dtype)) * (dloss / y.size)


def logistic_loss_target_minus_p(dloss, cache):
    scores, y = cache
    p, _ = sigmoid.forward(scores)
    return (y.astype(p.dtype) - p) * (dloss / y.size)


def batchnorm_variance_constant(dout, cache):
    x, gamma, mean, var, eps, _ = cache
    std = np.sqrt(var + eps)
    dgamma = (dout * (x - mean) / std).sum(axis=0)
    dnormalized = gamma * dout
    dx = (dnormalized - dnormalized.mean(axis=0)) / std
    return dx, dgamma, dout.sum(axis=0)


def batchnorm_fixed_batch(dout, cache):
    x, gamma, mean, var, eps, _ = cache
    std = np.sqrt(var + eps)
    normalized = (x - mean) / std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * normalized).sum(axis=0)
    dx = gamma / (BATCH * std) * (BATCH * dout - dbeta - normalized * dgamma)
    return dx, dgamma, dbeta


_buffers = {}


def batchnorm_forward_in_buffer(x, gamma, beta):
    key = (x.shape, x.dtype)
    if key not in _buffers:
        _buffers[key] = np.empty_like(x)
    normalized = _buffers[key]
    np.subtract(x, x.mean(axis=0), out=normalized)
    std = np.sqrt(np.square(normalized).mean(axis=0) + x.dtype.type(1e-5))
    normalized /= std
    return gamma * normalized + beta, (normalized, gamma, std)


def batchnorm_from_buffer(dout, cache):
    normalized, gamma, std = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * normalized).sum(axis=0)
    dx = dout - (dbeta + normalized * dgamma) / dout.shape[0]
    return gamma / std * dx, dgamma, dbeta


def layernorm_dgamma_per_row(dout, cache):
    normalized, _, _ = cache
    dx, _, dbeta = layernorm.backward(dout, cache)
    return dx, dout * normalized, dbeta


def layernorm_like_batchnorm(dout, cache):
    normalized, gamma, std = cache
    dnormalized = dout * gamma
    along = (dnormalized * normalized).mean(axis=0)
    dx = (dnormalized - dnormalized.mean(axis=0) - normalized * along) / std
    return dx, (dout * normalized).sum(axis=0), dout.sum(axis=0)


def layernorm_dbeta_first(dout, cache):
    normalized, _, _ = cache
    dx, _, _ = layernorm.backward(dout, cache)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * normalized).sum(axis=0)
    return dx, dbeta, dgamma


def dropout_forward_keeping_dropped(x):
    out, (mask,) = dropout.forward(x, 0.4, np.random.default_rng(5))
    return out, (mask == 0, 0.4)


def dropout_of_dropped(dout, cache):
    dropped, p = cache
    return dout * dropped / (1 - p)


def dropout_forward_quarter(x):
    return dropout.forward(x, 0.25, np.random.default_rng(11))


def dropout_unscaled(dout, cache):
    (mask,) = cache
    return np.where(mask > 0, dout, 0)


MUTANTS = [
    Mutant("softmax_loss: p alone", "lost path", softmax_loss.forward,
           softmax_loss_without_right_class, labelled(5, 4, classes=4), (0, 1)),
    Mutant("softmax_loss: normalized over the batch", "wrong axis", softmax_loss.forward,
           softmax_loss_over_the_batch, labelled(6, 3, classes=3), (0, 1)),
    Mutant("softmax_loss: 1 taken off in the cache", "input mutated",
           softmax_loss_forward_keeping_p, softmax_loss_in_the_cache,
           labelled(4, 5, classes=5), (0, 1)),
    Mutant("softmax_loss: one-hot targets of float64", "dtype", softmax_loss.forward,
           softmax_loss_one_hot, labelled(7, 3, classes=3), (0, 1)),
    Mutant("svm_loss: positive scores for violated margins", "wrong mask",
           svm_loss_forward_keeping_scores, svm_loss_of_positive_scores,
           labelled(8, 5, classes=5), (0, 1)),
    Mutant("svm_loss: every margin violated", "mask missing", svm_loss.forward,
           svm_loss_every_class, labelled(6, 4, classes=4), (0, 1)),
    Mutant("square_loss: divided by every entry's count", "factor", square_loss.forward,
           square_loss_mean_over_all, normal((5, 3), (5, 3)), (0, 1)),
    Mutant("square_loss: batch of six", "last batch", square_loss.forward,
           square_loss_fixed_batch, normal((BATCH, 2), (BATCH, 2)), (0, 1)),
    Mutant("logistic_loss: a column made flat", "shape", logistic_loss.forward,
           logistic_loss_flat, labelled(6, 1, classes=2), (0, 1)),
    Mutant("logistic_loss: y - p", "sign", logistic_loss.forward,
           logistic_loss_target_minus_p, labelled(8, classes=2), (0, 1)),
    Mutant("batchnorm: variance a constant", "lost path",
           batchnorm.forward, batchnorm_variance_constant, normal((7, 3), 3, 3)),
    Mutant("batchnorm: batch of six", "last batch",
           batchnorm.forward, batchnorm_fixed_batch, normal((BATCH, 4), 4, 4)),
    Mutant("batchnorm: a buffer for the normalized x", "stale cache",
           batchnorm_forward_in_buffer, batchnorm_from_buffer, normal((8, 2), 2, 2)),
    Mutant("layernorm: dgamma a row for each example", "not summed",
           layernorm.forward, layernorm_dgamma_per_row, normal((4, 6), 6, 6)),
    Mutant("layernorm: means over the batch", "wrong axis",
           layernorm.forward, layernorm_like_batchnorm, normal((5, 4), 4, 4)),
    Mutant("layernorm: dx, dbeta, dgamma", "order",
           layernorm.forward, layernorm_dbeta_first, normal((3, 5), 5, 5)),
    Mutant("dropout: passed where dropped", "mask inverted",
           dropout_forward_keeping_dropped, dropout_of_dropped, normal((5, 6))),
    Mutant("dropout: not divided by 1 - p", "factor",
           dropout_forward_quarter, dropout_unscaled, normal((4, 7))),
]
