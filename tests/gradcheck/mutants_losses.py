"""Mutants of the losses: softmax, SVM, logistic, square."""

import numpy as np
from layer_cases import labelled, normal
from mutant import Mutant

from layers import logistic_loss, sigmoid, softmax_loss, square_loss, svm_loss

BATCH = 7

first_batch = {}


def softmax_loss_forward(scores, y):
    """As the layer, with the probabilities themselves in the cache."""
    loss, (exponentials, totals, _, y) = softmax_loss.forward(scores, y)
    return loss, (exponentials / totals, y)


def softmax_loss_not_averaged(dloss, cache):
    probabilities, y = cache
    dscores = probabilities.copy()
    dscores[np.arange(y.size), y] -= 1
    return dscores * dloss


def softmax_loss_labels_minus_p(dloss, cache):
    probabilities, y = cache
    dscores = -probabilities
    dscores[np.arange(y.size), y] += 1
    return dscores * (dloss / y.size)


def softmax_loss_without_minus_1(dloss, cache):
    probabilities, y = cache
    return probabilities * (dloss / y.size)


def softmax_loss_without_dloss(dloss, cache):
    probabilities, y = cache
    dscores = probabilities.copy()
    dscores[np.arange(y.size), y] -= 1
    return dscores / y.size


def softmax_loss_in_place(dloss, cache):
    probabilities, y = cache
    probabilities[np.arange(y.size), y] -= 1
    return probabilities * (dloss / y.size)


def softmax_loss_constant_batch(dloss, cache):
    probabilities, y = cache
    dscores = probabilities.copy()
    dscores[np.arange(y.size), y] -= 1
    return dscores * (dloss / BATCH)


def softmax_loss_one_hot(dloss, cache):
    probabilities, y = cache
    one_hot = np.zeros(probabilities.shape)
    one_hot[np.arange(y.size), y] = 1
    return (probabilities - one_hot) * (dloss / y.size)


def softmax_loss_totals_over_batch(dloss, cache):
    exponentials, _, rows, y = cache
    dscores = exponentials / exponentials.sum(axis=0)
    dscores[rows, y] -= 1
    return dscores * (dloss / y.size)


def svm_loss_every_margin(dloss, cache):
    excess, y = cache
    dscores = np.ones_like(excess)
    dscores[np.arange(y.size), y] = 1 - excess.shape[1]
    return dscores * (dloss / y.size)


def svm_loss_right_class_forgotten(dloss, cache):
    excess, y = cache
    return (excess > 0).astype(excess.dtype) * (dloss / y.size)


def svm_loss_forward_keeping_scores(scores, y):
    loss, _ = svm_loss.forward(scores, y)
    return loss, (scores, y)


def svm_loss_mask_of_scores(dloss, cache):
    scores, y = cache
    rows = np.arange(y.size)
    dscores = (scores > 0).astype(scores.dtype)
    dscores[rows, y] = 0
    dscores[rows, y] = -dscores.sum(axis=1)
    return dscores * (dloss / y.size)


def svm_loss_counts_over_batch(dloss, cache):
    excess, y = cache
    dscores = (excess > 0).astype(excess.dtype)
    dscores[np.arange(y.size), y] = -dscores.sum(axis=0)
    return dscores * (dloss / y.size)


def logistic_loss_scores_minus_y(dloss, cache):
    scores, y = cache
    return (scores - y.astype(scores.dtype)) * (dloss / y.size)


def logistic_loss_y_minus_p(dloss, cache):
    scores, y = cache
    p, _ = sigmoid.forward(scores)
    return (y.astype(scores.dtype) - p) * (dloss / y.size)


def logistic_loss_column_flattened(dloss, cache):
    scores, y = cache
    p, _ = sigmoid.forward(scores.reshape(-1))
    return (p - y.astype(scores.dtype)) * (dloss / y.size)


def logistic_loss_integer_share(dloss, cache):
    scores, y = cache
    p, _ = sigmoid.forward(scores)
    return (p - y.astype(scores.dtype)) * dloss * (1 // y.size)


def square_loss_with_2(dloss, cache):
    (error,) = cache
    return 2 * error / error.shape[0] * dloss


def square_loss_forward_noting_batch(scores, y):
    first_batch.setdefault("size", scores.shape[0])
    return square_loss.forward(scores, y)


def square_loss_over_first_batch(dloss, cache):
    (error,) = cache
    return error / first_batch["size"] * dloss


def hinged(num_examples, num_classes):
    """Scores 0.15 apart, so that no two differ by the margin of 1, the kink of the hinge."""
    def make(rng):
        scores = 0.15 * rng.permutation(num_examples * num_classes)
        scores -= scores.mean()
        return scores.reshape(num_examples, num_classes), rng.integers(0, num_classes, num_examples)

    return make


MUTANTS = [
    Mutant(
        "softmax_loss: not divided by N", "factor",
        softmax_loss_forward, softmax_loss_not_averaged, labelled(6, 4, classes=4), (0, 1),
    ),
    Mutant(
        "softmax_loss: labels minus probabilities", "sign",
        softmax_loss_forward, softmax_loss_labels_minus_p, labelled(5, 4, classes=4), (0, 1),
    ),
    Mutant(
        "softmax_loss: -1 of the right class forgotten", "lost path",
        softmax_loss_forward, softmax_loss_without_minus_1, labelled(4, 3, classes=3), (0, 1),
    ),
    Mutant(
        "softmax_loss: dloss left out", "upstream ignored",
        softmax_loss_forward, softmax_loss_without_dloss, labelled(4, 5, classes=5), (0, 1),
    ),
    Mutant(
        "softmax_loss: -1 put into the cached probabilities", "input mutated",
        softmax_loss_forward, softmax_loss_in_place, labelled(6, 3, classes=3), (0, 1),
    ),
    Mutant(
        "softmax_loss: divided by a constant batch size", "last batch",
        softmax_loss_forward, softmax_loss_constant_batch, labelled(BATCH, 3, classes=3), (0, 1),
    ),
    Mutant(
        "softmax_loss: one-hot labels in float64", "dtype",
        softmax_loss_forward, softmax_loss_one_hot, labelled(5, 6, classes=6), (0, 1),
    ),
    Mutant(
        "softmax_loss: exponentials summed over the batch", "wrong axis",
        softmax_loss.forward, softmax_loss_totals_over_batch, labelled(6, 5, classes=5), (0, 1),
    ),
    Mutant(
        "svm_loss: every margin counted as violated", "mask missing",
        svm_loss.forward, svm_loss_every_margin, hinged(6, 4), (0, 1),
    ),
    Mutant(
        "svm_loss: nothing for the right class", "lost path",
        svm_loss.forward, svm_loss_right_class_forgotten, hinged(5, 4), (0, 1),
    ),
    Mutant(
        "svm_loss: positive scores for violated margins", "wrong mask",
        svm_loss_forward_keeping_scores, svm_loss_mask_of_scores, hinged(7, 3), (0, 1),
    ),
    Mutant(
        "svm_loss: violated margins counted over the batch", "wrong axis",
        svm_loss.forward, svm_loss_counts_over_batch, hinged(5, 5), (0, 1),
    ),
    Mutant(
        "logistic_loss: the score where its sigmoid belongs", "wrong point",
        logistic_loss.forward, logistic_loss_scores_minus_y, labelled(6, classes=2), (0, 1),
    ),
    Mutant(
        "logistic_loss: label minus probability", "sign",
        logistic_loss.forward, logistic_loss_y_minus_p, labelled(5, classes=2), (0, 1),
    ),
    Mutant(
        "logistic_loss: a column of scores flattened", "shape",
        logistic_loss.forward, logistic_loss_column_flattened, labelled(7, 1, classes=2), (0, 1),
    ),
    Mutant(
        "logistic_loss: 1 // N", "zero",
        logistic_loss.forward, logistic_loss_integer_share, labelled(4, classes=2), (0, 1),
    ),
    Mutant(
        "square_loss: the 2 of a loss without 1/2", "factor",
        square_loss.forward, square_loss_with_2, normal((5, 2), (5, 2)), (0, 1),
    ),
    Mutant(
        "square_loss: divided by the size of the first batch", "last batch",
        square_loss_forward_noting_batch, square_loss_over_first_batch, normal((6, 3), (6, 3)),
        (0, 1),
    ),
]
