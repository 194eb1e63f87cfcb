"""Weights of rows against rows that come several times, and labels that are smoothed."""

import math

import numpy as np
import pytest
from layer_cases import approx

from layers import (
    logistic_loss,
    smoothed_softmax_loss,
    softmax_loss,
    square_loss,
    squared_hinge_loss,
    svm_loss,
)

RNG = np.random.default_rng(3)
SCORES, Y = RNG.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0])
COUNTS = np.array([2, 0, 1, 3, 1])          # how often each row comes, its weight


def smoothed(scores, y, weights=None):
    return smoothed_softmax_loss.forward(scores, y, 0.2, weights)


LOSSES = [
    (softmax_loss, softmax_loss.forward, SCORES, Y),
    (smoothed_softmax_loss, smoothed, SCORES, Y),
    (svm_loss, lambda s, y, weights=None: svm_loss.forward(s, y, 0.7, weights), SCORES, Y),
    (squared_hinge_loss, squared_hinge_loss.forward, SCORES, Y),
    (logistic_loss, logistic_loss.forward, SCORES[:, 0], Y % 2),
    (logistic_loss, logistic_loss.forward, SCORES[:, :1], Y % 2),
    (square_loss, square_loss.forward, SCORES, RNG.normal(size=(5, 3))),
    (square_loss, square_loss.forward, SCORES[:, 0], RNG.normal(size=5)),
]
every_loss = pytest.mark.parametrize("layer, forward, scores, y", LOSSES)


@every_loss
def test_a_weight_is_the_number_of_times_a_row_comes(layer, forward, scores, y):
    """The sum over the rows is that of the repeated ones; both losses are divided by their N."""
    again = np.repeat(np.arange(5), COUNTS)
    loss, cache = forward(scores, y, weights=COUNTS.astype(np.float64))
    expected, expected_cache = forward(scores[again], y[again])
    assert loss * 5 == approx(expected * 7)
    dscores, repeated = layer.backward(2.0, cache), layer.backward(2.0, expected_cache)
    for row in range(5):
        assert dscores[row] * 5 == approx(repeated[again == row].sum(axis=0) * 7)


@every_loss
def test_weights_of_1_change_no_bit(layer, forward, scores, y):
    plain, plain_cache = forward(scores, y)
    loss, cache = forward(scores, y, weights=np.ones(5))
    assert loss == plain
    assert np.array_equal(layer.backward(1.0, cache), layer.backward(1.0, plain_cache))


@every_loss
def test_weights_that_cannot_be_are_refused(layer, forward, scores, y):
    for wrong in (np.ones(4), np.ones((5, 1)), np.float64(1.0)):
        with pytest.raises(ValueError, match=r"weights .* must be \(5,\)"):
            forward(scores, y, weights=wrong)
    for number in (-1e-9, math.nan, math.inf):
        with pytest.raises(ValueError, match="weights holds .* 0 or more, and finite"):
            forward(scores, y, weights=np.array([1.0, 2.0, number, 1.0, 1.0]))
    for wrong in (np.ones(5, np.float32), np.ones(5, int), [1.0] * 5):
        with pytest.raises(TypeError, match="weights"):
            forward(scores, y, weights=wrong)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.75])
def test_smoothed_labels_against_their_formula(smoothing):
    loss, cache = smoothed_softmax_loss.forward(SCORES, Y, smoothing)
    dscores, total = smoothed_softmax_loss.backward(1.0, cache), 0.0
    for row, label, got in zip(SCORES, Y, dscores, strict=True):
        p = [math.exp(s) / sum(math.exp(each) for each in row) for s in row]
        q = [smoothing / 3 + (1 - smoothing) * (c == label) for c in range(3)]
        total -= sum(a * math.log(b) for a, b in zip(q, p, strict=True))
        assert got == approx([(b - a) / 5 for a, b in zip(q, p, strict=True)])
    assert loss == approx(total / 5)


def test_the_smoothed_loss_is_least_at_the_smoothed_label():
    """At scores log q its gradient is 0, and it is the entropy of q; more certainty costs more."""
    q = np.array([[0.05, 0.05, 0.85, 0.05]])
    loss, cache = smoothed_softmax_loss.forward(np.log(q), np.array([2]), 0.2)
    assert smoothed_softmax_loss.backward(1.0, cache) == approx(np.zeros((1, 4)))
    assert loss == approx(-(q * np.log(q)).sum())
    sure = np.array([[0.0, 0.0, 40.0, 0.0]])
    assert smoothed_softmax_loss.forward(sure, np.array([2]), 0.2)[0] == approx(0.15 * 40)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, math.nan])
def test_smoothing_is_a_share(smoothing):
    with pytest.raises(ValueError, match=r"smoothing must lie in \[0, 1\)"):
        smoothed_softmax_loss.forward(SCORES, Y, smoothing)
