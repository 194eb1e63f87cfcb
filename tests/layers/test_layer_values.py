"""The layers with weights, maxout, dropout and the normalizers, by hand and by plain loops."""

import math

import numpy as np
import pytest
from layer_approx import approx

from layers import affine, batchnorm, dropout, layernorm, matmul, maxout


def test_matmul_by_loops():
    rng = np.random.default_rng(0)
    x, W, dout = (
        rng.standard_normal((4, 3)),
        rng.standard_normal((3, 2)),
        rng.standard_normal((4, 2)),
    )
    out, cache = matmul.forward(x, W)
    dx, dW = matmul.backward(dout, cache)
    N, D, M = range(4), range(3), range(2)
    for n in N:
        assert out[n] == approx([sum(x[n, d] * W[d, m] for d in D) for m in M])
        assert dx[n] == approx([sum(dout[n, m] * W[d, m] for m in M) for d in D])
    for d in D:
        assert dW[d] == approx([sum(x[n, d] * dout[n, m] for n in N) for m in M])


def test_affine_by_hand():
    x, W, b = (
        np.array([[1.0, 2.0], [3.0, -1.0]]),
        np.array([[1.0, 0.0, 2.0], [-1.0, 3.0, 0.0]]),
        np.array([10.0, 20, 30]),
    )
    out, cache = affine.forward(x, W, b)
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
    out, cache = maxout.forward(np.array([[2.0, 2.0, -1.0, 5.0]]))
    assert out.tolist() == [[2, 5]]
    assert maxout.backward(np.array([[3.0, 4.0]]), cache).tolist() == [[3, 0, 0, 4]]


def test_maxout_of_one_piece_changes_nothing():
    x = np.array([[1.0, -2.0]])
    assert maxout.forward(x, 1)[0].tolist() == x.tolist()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_drops_a_share_p_and_keeps_the_mean(p):
    out, cache = dropout.forward(np.ones((300, 300)), p, np.random.default_rng(0))
    kept = 1 / (1 - p)
    assert np.all((out == 0) | np.isclose(out, kept, rtol=1e-15))
    deviation = math.sqrt(p * (1 - p) / out.size)
    assert abs(np.mean(out == 0) - p) < 4 * deviation
    assert abs(out.mean() - 1) < 4 * deviation * kept
    # The gradient goes through the same mask, whatever went through it forward.
    assert np.array_equal(dropout.backward(np.full(out.shape, 3.0), cache), 3 * out)


def test_dropout_draws_from_the_generator_it_is_given():
    x, rng = np.ones((20, 20)), np.random.default_rng(5)
    first, second = dropout.forward(x, 0.5, rng)[0], dropout.forward(x, 0.5, rng)[0]
    again = dropout.forward(x, 0.5, np.random.default_rng(5))[0]
    assert np.array_equal(first, again) and not np.array_equal(first, second)


def test_dropout_of_nothing_is_the_identity():
    x = np.array([[1.5, -2.0]])
    out, cache = dropout.forward(x, 0.0, np.random.default_rng(0))
    assert out.tolist() == dropout.backward(x, cache).tolist() == x.tolist()


def normalized_by_loops(column, gamma, beta, eps):
    mean = math.fsum(column) / len(column)
    var = math.fsum((entry - mean) ** 2 for entry in column) / len(column)
    return [gamma * (entry - mean) / math.sqrt(var + eps) + beta for entry in column]


@pytest.mark.parametrize("eps", [1e-5, 0.3])
def test_batchnorm_by_columns(eps):
    rng = np.random.default_rng(2)
    x, gamma, beta = rng.normal(3, 5, (7, 4)), rng.standard_normal(4), rng.standard_normal(4)
    out, _ = batchnorm.forward(x, gamma, beta, eps=eps)
    for m in range(4):
        assert out[:, m] == approx(normalized_by_loops(x[:, m], gamma[m], beta[m], eps))


@pytest.mark.parametrize("eps", [1e-5, 0.3])
def test_layernorm_by_rows(eps):
    rng = np.random.default_rng(3)
    x, gamma, beta = rng.normal(3, 5, (4, 7)), rng.standard_normal(7), rng.standard_normal(7)
    out, _ = layernorm.forward(x, gamma, beta, eps=eps)
    for n in range(4):
        row = normalized_by_loops(x[n], 1.0, 0.0, eps)
        assert out[n] == approx(
            [g * entry + b for g, entry, b in zip(gamma, row, beta, strict=True)]
        )


def test_normalizers_by_hand():
    # Mean 4, variance 8, and eps = 1 makes the root 3.
    x = np.array([[4.0 - math.sqrt(8)], [4.0 + math.sqrt(8)]])
    one, two = np.array([3.0]), np.array([2.0])
    expected = [2 - math.sqrt(8), 2 + math.sqrt(8)]
    assert batchnorm.forward(x, one, two, eps=1.0)[0].ravel() == approx(expected)
    row, _ = layernorm.forward(x.T.copy(), one.repeat(2), two.repeat(2), eps=1.0)
    assert row.ravel() == approx(expected)
