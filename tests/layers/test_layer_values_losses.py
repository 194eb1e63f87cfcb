"""Each loss against values worked by hand, and against its formula in plain Python."""

import math

import numpy as np
import pytest
from layer_approx import approx

from layers import l2_penalty, logistic_loss, softmax_loss, square_loss, svm_loss


def example_scores():
    rng = np.random.default_rng(6)
    return rng.normal(0, 3, (6, 4)), rng.integers(0, 4, 6)


def test_softmax_loss_in_plain_python():
    scores, y = example_scores()
    loss, cache = softmax_loss.forward(scores, y)
    p = [[math.exp(s) / math.fsum(map(math.exp, row)) for s in row] for row in scores.tolist()]
    assert loss == approx(-math.fsum(math.log(p[n][y[n]]) for n in range(6)) / 6)
    dscores = softmax_loss.backward(1.0, cache)
    for n in range(6):
        assert dscores[n] == approx([(p[n][c] - (c == y[n])) / 6 for c in range(4)])
    assert dscores.sum(axis=1) == approx(0.0)


def test_softmax_loss_by_hand():
    # Probabilities 1/6, 2/6, 3/6 and 3/4, 1/8, 1/8.
    scores = np.log(np.array([[1.0, 2.0, 3.0], [6.0, 1.0, 1.0]]))
    loss, cache = softmax_loss.forward(scores, np.array([2, 0]))
    assert loss == approx((math.log(2) + math.log(4 / 3)) / 2)
    expected = np.array([[1 / 6, 1 / 3, -1 / 2], [-1 / 4, 1 / 8, 1 / 8]])
    assert softmax_loss.backward(3.0, cache) == approx(expected * 1.5)


def test_softmax_loss_does_not_see_a_shift_of_a_row():
    scores, y = example_scores()
    shifted = scores + np.arange(6.0)[:, None] * 100
    assert softmax_loss.forward(shifted, y)[0] == approx(
        softmax_loss.forward(scores, y)[0], rel=1e-11
    )


@pytest.mark.parametrize("margin", [1.0, 0.25, 4.0])
def test_svm_loss_by_double_loop(margin):
    scores, y = example_scores()
    loss, cache = svm_loss.forward(scores, y, margin)
    total, dscores = 0.0, np.zeros((6, 4))
    for n in range(6):
        for c in range(4):
            violation = scores[n, c] - scores[n, y[n]] + margin
            if c != y[n] and violation > 0:
                total += violation
                dscores[n, c] += 1 / 6
                dscores[n, y[n]] -= 1 / 6
    assert loss == approx(total / 6)
    assert svm_loss.backward(1.0, cache) == approx(dscores)
    assert svm_loss.backward(-3.0, cache) == approx(-3 * dscores)


def test_svm_loss_by_hand():
    loss, cache = svm_loss.forward(np.array([[3.0, 2.5, 5.0], [0.0, 4.0, 1.0]]), np.array([0, 1]))
    assert loss == approx((0.5 + 3.0) / 2)  # and nothing from the second row
    assert svm_loss.backward(1.0, cache).tolist() == [[-1, 0.5, 0.5], [0, 0, 0]]


@pytest.mark.parametrize("shape", [(9,), (9, 1)])
def test_logistic_loss_is_the_softmax_loss_of_0_and_s(shape):
    rng = np.random.default_rng(7)
    s, y = rng.normal(0, 4, 9), rng.integers(0, 2, 9)
    loss, cache = logistic_loss.forward(s.reshape(shape), y)
    same, same_cache = softmax_loss.forward(np.stack([np.zeros(9), s], axis=1), y)
    assert loss == approx(same)
    dscores = logistic_loss.backward(2.0, cache)
    assert dscores.shape == shape
    assert dscores.ravel() == approx(softmax_loss.backward(2.0, same_cache)[:, 1])


def test_logistic_loss_by_hand():
    # sigma(log 3) = 3/4: right with probability 3/4, then wrong with it, then even odds.
    loss, cache = logistic_loss.forward(
        np.array([math.log(3), math.log(3), 0.0]), np.array([1, 0, 1])
    )
    assert loss == approx((math.log(4 / 3) + math.log(4) + math.log(2)) / 3)
    assert logistic_loss.backward(3.0, cache) == approx([-0.25, 0.75, -0.5])


def test_logistic_loss_keeps_its_digits_when_it_is_sure():
    loss, _ = logistic_loss.forward(np.array([40.0]), np.array([1]))
    assert loss == approx(math.exp(-40), abs=0)


def test_square_loss_by_hand():
    scores, y = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[0.0, 4.0], [3.0, 2.0]])
    loss, cache = square_loss.forward(scores, y)
    assert loss == (0.5 * (1 + 4) + 0.5 * 9) / 2
    assert square_loss.backward(2.0, cache).tolist() == [[1, -2], [0, 3]]
    loss, cache = square_loss.forward(np.array([1.0, 5.0]), np.array([0.0, 2.0]))
    assert loss == 2.5
    assert square_loss.backward(1.0, cache).tolist() == [0.5, 1.5]


def test_l2_penalty_by_hand():
    penalty, cache = l2_penalty.forward(np.array([[1.0, -2.0], [3.0, 0.0]]), 0.5)
    assert penalty == 7.0
    assert l2_penalty.backward(3.0, cache).tolist() == [[3, -6], [9, 0]]


@pytest.mark.parametrize("loss", [softmax_loss, svm_loss])
def test_the_loss_is_a_mean_over_the_batch(loss):
    scores, y = example_scores()
    rows = [loss.forward(scores[n : n + 1], y[n : n + 1])[0] for n in range(6)]
    whole, cache = loss.forward(scores, y)
    assert whole == approx(sum(rows) / 6)
    twice, twice_cache = loss.forward(np.concatenate([scores, scores]), np.concatenate([y, y]))
    assert twice == approx(whole)
    assert loss.backward(1.0, twice_cache)[:6] == approx(loss.backward(1.0, cache) / 2)
