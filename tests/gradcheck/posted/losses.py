"""Posted mistakes of losses, and of log-softmax."""

import numpy as np
from posted import Posted, and_labels, normal


def log_softmax(x):
    shifted = x - x.max(axis=1, keepdims=True)
    out = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return out, (out,)


def log_softmax_dot(dout, cache):
    """https://github.com/uxlfoundation/oneDNN/issues/616"""
    out, = cache
    return dout - (dout * out).sum(axis=1, keepdims=True)


def log_softmax_plus(dout, cache):
    """https://github.com/mlpack/mlpack/issues/2360"""
    out, = cache
    return dout + np.exp(out)


def huber(scores, targets):
    error = scores - targets
    far = np.abs(error) > 1
    each = np.where(far, np.abs(error) - 0.5, 0.5 * error ** 2)
    return each.sum() / len(error), (error, far)


def huber_without_upstream(dloss, cache):
    """https://github.com/chainer/chainer/pull/1178"""
    error, far = cache
    return np.where(far, np.sign(error), error) / error.dtype.type(len(error))


def modified_huber(scores, signs):
    margin = signs * scores
    each = np.where(margin < -1, -4 * margin, np.maximum(0, 1 - margin) ** 2)
    return each.sum() / len(scores), (scores, signs)


def modified_huber_without_2(dloss, cache):
    """https://github.com/stdlib-js/stdlib/issues/13111"""
    scores, signs = cache
    margin = signs * scores
    each = np.where(margin < -1, -4 * signs, np.where(margin < 1, margin * signs - signs, 0))
    return each * (dloss / len(scores))


def cross_entropy(p, y):
    """Binary cross-entropy of probabilities. p (N, D), y (N, D) of 0 and 1."""
    each = -y * np.log(p) - (1 - y) * np.log(1 - p)
    return each.sum() / len(p), (p, y)


def cross_entropy_of_scores(dloss, cache):
    """https://github.com/tf-encrypted/tf-encrypted/pull/727"""
    p, y = cache
    return (p - y) * (dloss / len(p))


def cross_entropy_one_label(dloss, cache):
    """https://github.com/deeplearning4j/nd4j/issues/1328"""
    p, y = cache
    return -y / p * (dloss / len(p))


def svm(scores, y):
    rows = np.arange(len(y))
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    return margins.sum() / len(y), (margins, y)


def svm_whatever_the_margin(dloss, cache):
    """https://github.com/aroetter/cs231n-assignment1/issues/1"""
    margins, y = cache
    dscores = np.zeros_like(margins)
    for i in range(len(y)):
        for j in range(margins.shape[1]):
            if j == y[i]:
                continue
            dscores[i, y[i]] -= 1
            if margins[i, j] > 0:
                dscores[i, j] += 1
    return dscores * (dloss / len(y))


def probabilities(rng):
    return rng.uniform(0.1, 0.9, (6, 2)), rng.integers(0, 2, (6, 2))


def signed(rng):
    return rng.uniform(-2.5, 2.5, (8, 2)), rng.choice([-1, 1], (8, 2))


POSTED = [
    Posted("log softmax: times its output", "The term p sum(dout) is sum(dout * out), without p.",
           log_softmax, log_softmax_dot, normal((5, 4)),
           first_look="silent",
           says="dout - sum(dout * out, axis=1), where the differences give dout - softmax(x) *"),
    Posted("log softmax: p added", "p is added to dout, where p sum(dout) must be subtracted.",
           log_softmax, log_softmax_plus, normal((5, 4)),
           first_look="silent", says="with dout = 0 it is not 0 but softmax(x)"),
    Posted("huber: without upstream", "The upstream gradient is left out.", huber,
           huber_without_upstream, normal((5, 3), (5, 3)),
           first_look="right", says="does not depend on the upstream gradient"),
    Posted("modified huber: 2 left out", "The 2 of the square is left out in the quadratic piece; "
           "the linear piece is right.", modified_huber, modified_huber_without_2, signed,
           first_look="silent", says="where |scores| < about 0.9"),
    Posted("cross-entropy: of scores", "p - y, the gradient for scores before a sigmoid, is "
           "returned for probabilities, where it is (p - y) / (p (1 - p)).", cross_entropy,
           cross_entropy_of_scores, probabilities,
           first_look="silent", says="has the factor p (1 - p) once too often"),
    Posted("cross-entropy: one label", "Where the label is 0 the gradient is 0: the term of "
           "1 - y is missing.", cross_entropy, cross_entropy_one_label, probabilities,
           first_look="silent", says="dp is 0 where y is 0"),
    Posted("svm: whatever the margin", "The right class is subtracted once for every other class, "
           "not once for every violated margin.", svm, svm_whatever_the_margin,
           and_labels((7, 4), 4),
           first_look="silent", says="once for each other class, whatever its margin"),
]
