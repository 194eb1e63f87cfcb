"""Each layer against values worked by hand, and against its formula in plain Python."""

import math
from decimal import Decimal, getcontext, localcontext

import numpy as np
import pytest

from layers import (
    affine,
    batchnorm,
    dropout,
    elu,
    gelu,
    l2_penalty,
    layernorm,
    leaky_relu,
    logistic_loss,
    matmul,
    maxout,
    relu,
    selu,
    sigmoid,
    silu,
    softmax_loss,
    softplus,
    square_loss,
    svm_loss,
    tanh,
)

getcontext().prec = 40
GRID = np.linspace(-6.0, 6.0, 49)  # 0 is among them


def approx(expected, rel=1e-13, abs=1e-14):
    return pytest.approx(expected, rel=rel, abs=abs)


def exact_sigmoid(x):
    return 1 / (1 + (-Decimal(x)).exp())


def exact_selu_constants():
    """Solve for the fixed point at mean 0 and variance 1, as Klambauer et al. 2017 do."""
    a, b = math.erfc(math.sqrt(0.5)) * math.sqrt(math.e), math.erfc(math.sqrt(2)) * math.e**2
    alpha = -math.sqrt(2 / math.pi) / (a - 1)
    return alpha, (1 - a) * math.sqrt(
        2 * math.pi / (2 * b + math.pi * a**2 - 2 * (2 + math.pi) * a + math.pi + 2)
    )


ALPHA, SCALE = exact_selu_constants()
INNER = math.sqrt(2 / math.pi)


def gelu_inner(x):
    return INNER * (x + 0.044715 * x**3)


# Value and derivative at one x, in plain Python.
FORMULAS = {
    relu: (lambda x: max(0.0, x), lambda x: float(x > 0)),
    leaky_relu: (lambda x: x if x > 0 else 0.01 * x, lambda x: 1.0 if x > 0 else 0.01),
    elu: (lambda x: x if x > 0 else math.exp(x) - 1, lambda x: 1.0 if x > 0 else math.exp(x)),
    selu: (lambda x: SCALE * (x if x > 0 else ALPHA * math.exp(x) - ALPHA),
           lambda x: SCALE if x > 0 else SCALE * ALPHA * math.exp(x)),
    sigmoid: (lambda x: float(exact_sigmoid(x)),
              lambda x: float(exact_sigmoid(x) * exact_sigmoid(-x))),
    tanh: (lambda x: float(2 * exact_sigmoid(2 * x) - 1),
           lambda x: float(4 * exact_sigmoid(2 * x) * exact_sigmoid(-2 * x))),
    softplus: (lambda x: float((1 + Decimal(x).exp()).ln()), lambda x: float(exact_sigmoid(x))),
    silu: (lambda x: float(Decimal(x) * exact_sigmoid(x)),
           lambda x: float(exact_sigmoid(x) * (1 + Decimal(x) * exact_sigmoid(-x)))),
    gelu: (lambda x: 0.5 * x * (1 + math.tanh(gelu_inner(x))),
           lambda x: 0.5 * (1 + math.tanh(gelu_inner(x)))
           + 0.5 * x * INNER * (1 + 0.134145 * x**2) / math.cosh(gelu_inner(x)) ** 2),
}  # fmt: skip


@pytest.mark.parametrize("layer", FORMULAS, ids=lambda layer: layer.__name__)
def test_activation_follows_its_formula(layer):
    value, slope = FORMULAS[layer]
    out, cache = layer.forward(GRID)
    assert out == approx([value(x) for x in GRID])
    dout = np.linspace(-1.0, 3.0, GRID.size)
    assert layer.backward(dout, cache) == approx(
        [d * slope(x) for x, d in zip(GRID, dout, strict=True)]
    )


@pytest.mark.parametrize(
    ("layer", "x", "out", "slope"),
    [
        (relu, [-2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 1.0]),
        (leaky_relu, [-2.0, 3.0], [-0.02, 3.0], [0.01, 1.0]),
        (elu, [-math.log(2), 3.0], [-0.5, 3.0], [0.5, 1.0]),
        (selu, [-math.log(2), 1.0], [-SCALE * ALPHA / 2, SCALE], [SCALE * ALPHA / 2, SCALE]),
        (sigmoid, [0.0, math.log(3), -math.log(3)], [0.5, 0.75, 0.25], [0.25, 0.1875, 0.1875]),
        (tanh, [0.0, math.log(2)], [0.0, 0.6], [1.0, 0.64]),
        (softplus, [0.0, math.log(3)], [math.log(2), math.log(4)], [0.5, 0.75]),
        (silu, [0.0, math.log(3)], [0.0, 0.75 * math.log(3)], [0.5, 0.75 + 0.1875 * math.log(3)]),
        (gelu, [0.0, 1.0, -1.0], [0.0, 0.8411919906082768, -0.15880800939172324],
         [0.5, 1.0829640838457826, -0.0829640838457826]),
    ],
)  # fmt: skip
def test_activation_by_hand(layer, x, out, slope):
    found, cache = layer.forward(np.array(x))
    assert found == approx(out)
    assert layer.backward(np.ones(len(x)), cache) == approx(slope)
    assert layer.backward(np.full(len(x), -2.0), cache) == approx([-2 * one for one in slope])


def test_selu_constants():
    constants = [selu.SCALE, selu.ALPHA]
    assert constants == approx([SCALE, ALPHA])


def test_selu_keeps_mean_0_and_variance_1_of_a_standard_normal():
    x = np.linspace(-12, 12, 200_001)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])
    out, _ = selu.forward(x)
    assert density @ out == approx(0.0, abs=1e-8)
    assert density @ out**2 == approx(1.0, rel=1e-8)


def test_leaky_relu_and_elu_take_another_slope():
    assert leaky_relu.forward(np.array([-2.0, 2.0]), 0.25)[0].tolist() == [-0.5, 2.0]
    assert elu.forward(np.array([-math.log(2), 2.0]), 3.0)[0] == approx([-1.5, 2.0])


def test_gelu_is_near_the_exact_gelu():
    exact = [0.5 * x * (1 + math.erf(x / math.sqrt(2))) for x in GRID]
    assert np.abs(gelu.forward(GRID)[0] - exact).max() < 5e-4


@pytest.mark.parametrize("x", [-700.0, -100.0, -36.7, 36.7, 100.0])
def test_sigmoid_and_softplus_keep_their_digits_in_the_tails(x):
    assert sigmoid.forward(np.array([x]))[0][0] == approx(float(exact_sigmoid(x)), abs=0)
    with localcontext(prec=340):  # 1 + e^-700 needs 304 digits
        softened = float((1 + Decimal(x).exp()).ln())
    assert softplus.forward(np.array([x]))[0][0] == approx(softened, abs=0)


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


def test_normalizers_pass_no_gradient_to_a_shift_of_their_inputs():
    rng = np.random.default_rng(4)
    x, dout, gamma, beta = (
        rng.standard_normal((6, 5)),
        rng.standard_normal((6, 5)),
        rng.standard_normal(5),
        np.zeros(5),
    )
    for layer, axis in ((batchnorm, 0), (layernorm, 1)):
        _, cache = layer.forward(x, gamma, beta)
        dx, _, dbeta = layer.backward(dout, cache)
        assert dx.sum(axis=axis) == approx(0.0, abs=1e-13)
        assert dbeta == approx(dout.sum(axis=0))


def test_layernorm_of_the_transpose_is_batchnorm():
    rng = np.random.default_rng(5)
    x, dout, ones, zeros = (
        rng.standard_normal((6, 6)),
        rng.standard_normal((6, 6)),
        np.ones(6),
        np.zeros(6),
    )
    by_column, column_cache = batchnorm.forward(x, ones, zeros)
    by_row, row_cache = layernorm.forward(x.T.copy(), ones, zeros)
    assert by_column == approx(by_row.T)
    assert batchnorm.backward(dout, column_cache)[0] == approx(
        layernorm.backward(dout.T, row_cache)[0].T
    )


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
