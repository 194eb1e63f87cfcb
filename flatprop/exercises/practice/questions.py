"""Questions: each function returns the answer, a number, a letter or a line of code."""

import math


def units_after_training():
    """All weights and biases of a two-layer net start at 0; it has 50 hidden units.

    -> how many different hidden units it has after 1000 steps of SGD, a whole number
    """
    return 1


def why_zero_fails():
    """Why does a net with ReLU learn next to nothing from weights and biases that are all 0?

    a   The loss is 0, so there is nothing to learn.
    b   Hidden units that are equal receive equal gradients, so they stay equal.
    c   The scores are NaN, as something is divided by 0.
    d   The gradients are too large for any rate.

    -> the letter, as "a"
    """
    return "b"


def why_the_mean():
    """Why is a loss the mean over the batch, and not the sum?

    a   The sum has another direction of its gradient, in which the loss does not fall.
    b   The sum of many losses is not differentiable.
    c   Its gradient, and with it the right rate, does not grow with the size of the batch.
    d   The mean weighs hard examples more.

    -> the letter, as "a"
    """
    return "c"


def rate_for_the_sum(rate, N):
    """Somebody takes the sum over the N examples of a batch, where the mean was taken with `rate`.

    -> the rate with which the steps of SGD are the same as before
    """
    return rate / N


def first_softmax_loss(C):
    """A net with small random weights has scores of almost 0 for each of C classes.

    -> its softmax loss before the first step, all scores taken as 0
    """
    return math.log(C)


def first_svm_loss(C):
    """The same net with the SVM loss, of margin 1.

    -> its loss before the first step, all scores taken as 0
    """
    return C - 1


def sign_of_the_right_score():
    """The softmax loss of one example: the gradient of the score of its right class.

    -> 1 if it is positive, -1 if it is negative, whatever the scores
    """
    return -1


def most_through_sigmoids(depth):
    """A chain of `depth` sigmoid gates, each on the output of the one before, no weights between.

    -> the most that the product of their local gradients can be: each is as large as a
    sigmoid's local gradient can be
    """
    return 0.25**depth


def accuracy(scores, y):
    """A line of code: how many of a batch a net gets right.

    scores (N, C), y (N,) labels -> the share of the N rows whose largest score is at y, 0 to 1
    """
    return float((scores.argmax(axis=1) == y).mean())


def weight_after_step(w, dw, rate, strength):
    """A line of code: one step of SGD on one weight, with the lecture's L2, strength times sum w^2.

    dw is the gradient of the data loss alone -> the weight after the step, a number
    """
    return w - rate * (dw + 2 * strength * w)
