"""Each layer with weights, normalizer and loss by hand, or by its formula in plain Python."""

import math

import numpy as np
import pytest
from layer_cases import approx

from layers import (
    affine,
    batchnorm,
    dropout,
    gaussian_noise,
    l2_penalty,
    layernorm,
    logistic_loss,
    maxout,
    softmax_loss,
    square_loss,
    squared_hinge_loss,
    svm_loss,
)


def test_affine_by_hand():
    x, W = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[1.0, 0.0, 2.0], [-1.0, 3.0, 0.0]])
    out, cache = affine.forward(x, W, np.array([10.0, 20, 30]))
    assert out.tolist() == [[9, 26, 32], [14, 17, 36]]
    dx, dW, db = affine.backward(np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]), cache)
    assert dx.tolist() == [[-1, -1], [2, 1]]
    assert dW.tolist() == [[7, 3, -1], [0, -1, -2]]
    assert db.tolist() == [3, 1, -1]


def test_maxout_by_loops():
    rng = np.random.default_rng(1)
    x, dout = rng.standard_normal((5, 12)), rng.standard_normal((5, 4))
    out, cache = maxout.forward(x, pieces=3)
    expected, dx = np.zeros((5, 4)), np.zeros((5, 12))
    for n in range(5):
        for m in range(4):
            best = max(range(3 * m, 3 * m + 3), key=lambda column: x[n, column])
            expected[n, m], dx[n, best] = x[n, best], dout[n, m]
    assert np.array_equal(out, expected) and np.array_equal(maxout.backward(dout, cache), dx)


def test_maxout_ties_go_to_the_first_maximum():
    x = np.array([[2.0, 2.0, -1.0, 5.0]])
    out, cache = maxout.forward(x)
    assert out.tolist() == [[2, 5]]
    assert maxout.backward(np.array([[3.0, 4.0]]), cache).tolist() == [[3, 0, 0, 4]]
    assert maxout.forward(x, 1)[0].tolist() == x.tolist()


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.8])
def test_dropout_drops_a_share_p_and_keeps_the_mean(p):
    out, cache = dropout.forward(np.ones((300, 300)), p, np.random.default_rng(0))
    kept = 1 / (1 - p)
    assert np.all((out == 0) | np.isclose(out, kept, rtol=1e-15))
    deviation = math.sqrt(p * (1 - p) / out.size)
    assert abs(np.mean(out == 0) - p) <= 4 * deviation
    assert abs(out.mean() - 1) <= 4 * deviation * kept
    # The gradient goes through the same mask, whatever went through it forward.
    assert np.array_equal(dropout.backward(np.full(out.shape, 3.0), cache), 3 * out)


def test_dropout_draws_from_the_generator_it_is_given():
    x, rng = np.ones((20, 20)), np.random.default_rng(5)
    first, second = dropout.forward(x, 0.5, rng)[0], dropout.forward(x, 0.5, rng)[0]
    again = dropout.forward(x, 0.5, np.random.default_rng(5))[0]
    assert np.array_equal(first, again) and not np.array_equal(first, second)


def normalize(values, eps):
    mean = math.fsum(values) / len(values)
    var = math.fsum((value - mean) ** 2 for value in values) / len(values)
    return [(value - mean) / math.sqrt(var + eps) for value in values]


@pytest.mark.parametrize("eps, given", [(1e-5, {}), (0.3, {"eps": 0.3})])
def test_batchnorm_by_columns_and_layernorm_by_rows(eps, given):
    rng = np.random.default_rng(2)
    x, gamma, beta = rng.normal(3, 5, (7, 4)), rng.standard_normal(4), rng.standard_normal(4)
    columns = np.array([normalize(column, eps) for column in x.T]).T
    assert batchnorm.forward(x, gamma, beta, **given)[0] == approx(gamma * columns + beta)
    rows = np.array([normalize(row, eps) for row in x])
    assert layernorm.forward(x, gamma, beta, **given)[0] == approx(gamma * rows + beta)


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
    assert svm_loss.backward(-3.0, cache) == approx(-3 * dscores)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gaussian_noise_has_its_mean_spread_and_shape(dtype):
    """Each within six standard errors; no column knows another's; and a normal's fourth moment."""
    x, spread = np.full((40_000, 3), 2.0, dtype), np.array([0.5, 0.0, 3.0], dtype)
    out, cache = gaussian_noise.forward(x, spread, np.random.default_rng(1))
    noise, n = (out - x).astype(np.float64), len(x)
    assert out.dtype == dtype and np.array_equal(out[:, 1], x[:, 1])
    assert (np.abs(noise.mean(axis=0)) <= 6 * spread / math.sqrt(n)).all()
    assert (np.abs(noise.std(axis=0) - spread) <= 6 * spread / math.sqrt(2 * n)).all()
    unit = noise[:, [0, 2]] / spread[[0, 2]]
    assert abs(unit.prod(axis=1).mean()) < 6 / math.sqrt(n)
    assert np.abs((unit**4).mean(axis=0) - 3).max() < 6 * math.sqrt(96 / n)
    dx, dspread = gaussian_noise.backward(np.full_like(x, 2), cache)
    assert np.array_equal(dx, np.full_like(x, 2))
    assert dspread[[0, 2]] == approx(2 * unit.sum(axis=0), rel=1e-2, abs=0.1)


def test_gaussian_noise_draws_from_the_generator_it_is_given():
    x, rng = np.zeros((5, 4)), np.random.default_rng(5)
    out = gaussian_noise.forward(x, np.ones(4), rng)[0]
    expected = np.random.default_rng(5)
    assert np.array_equal(out, expected.standard_normal((5, 4)))
    assert rng.bit_generator.state == expected.bit_generator.state


def test_squared_hinge_loss_by_double_loop():
    scores, y = example_scores()
    loss, cache = squared_hinge_loss.forward(scores, y)
    total, dscores = 0.0, np.zeros((6, 4))
    for n in range(6):
        for c in range(4):
            if c == y[n]:                       # should be above 1
                short = max(0, 1 - scores[n, c])
                dscores[n, c] = -2 * short / 6
            else:                               # should be below -1
                short = max(0, 1 + scores[n, c])
                dscores[n, c] = 2 * short / 6
            total += short * short
    assert loss == approx(total / 6)
    assert squared_hinge_loss.backward(-3.0, cache) == approx(-3 * dscores)


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


def test_logistic_loss_keeps_its_digits_when_it_is_sure():
    loss, _ = logistic_loss.forward(np.array([40.0]), np.array([1]))
    assert loss == approx(math.exp(-40), abs=0)


def test_square_loss_keeps_the_lectures_half():
    scores, y = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[0.0, 4.0], [3.0, 2.0]])
    loss, cache = square_loss.forward(scores, y)
    assert loss == (0.5 * (1 + 4) + 0.5 * 9) / 2
    assert square_loss.backward(2.0, cache).tolist() == [[1, -2], [0, 3]]
    loss, cache = square_loss.forward(np.array([1.0, 5.0]), np.array([0.0, 2.0]))
    assert loss == 2.5
    assert square_loss.backward(1.0, cache).tolist() == [0.5, 1.5]
    assert square_loss.forward(np.array([[3.0]]), np.array([[5.0]]))[0] == 2


def test_l2_penalty_is_the_plain_sum_of_squares():
    penalty, cache = l2_penalty.forward(np.array([[1.0, -2.0], [3.0, 0.0]]), 0.5)
    assert penalty == 7.0
    assert l2_penalty.backward(3.0, cache).tolist() == [[3, -6], [9, 0]]
