"""Mistakes of general kinds are told as what they are: one small layer for each."""

import numpy as np
import pytest

from gradient_check import check


def normal(*shapes):
    return lambda rng: tuple(rng.standard_normal(shape) for shape in shapes)


def first(forward, backward, make):
    report = check(forward, backward, *make(np.random.default_rng(1)), name="layer")
    return next(each for each in report.found if each.fails)


# Which ways from the output, and from the rows of the batch, are lost or scaled.

def matmul(x, W):
    return x @ W, (x, W)


def weight_loop(step):
    def backward(dout, cache):
        x, W = cache
        dW = np.zeros_like(W)
        for row in range(len(x)):
            dW = step(row, dW, np.outer(x[row], dout[row]))
        return dout @ W.T, dW
    return backward


def scaled(x, W, width):
    return x @ W / width[:, None], (x, W, width)


def one_width(dout, cache):
    x, W, width = cache
    return (dout / width[:, None] @ W.T, x.T @ (dout / width[0]),
            -(dout * (x @ W)).sum(axis=1) / width**2)


def recurrent(x, W):
    states = [np.zeros((x.shape[1], len(W)))]
    for step in x:
        states.append(np.tanh(step + states[-1] @ W))
    return np.array(states[1:]), (np.array(states), W)


def no_step_back(dout, cache):
    states, W = cache
    dz = dout * (1 - states[1:]**2)
    return dz, np.einsum("tni,tnj->ij", states[:-1], dz)


def softmax(x):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p, p


def squared_error(X, y, theta):
    residual = X @ theta - y
    return float((residual**2).sum() / 2 / len(y)), (X, residual, theta)


def last_example(dout, cache):
    X, residual, theta = cache
    N = len(X)
    for row, error in zip(X, residual, strict=True):
        dtheta = dout * error * row / N
    return dout * np.outer(residual, theta) / N, -dout * residual / N, dtheta


# Factors that depend on the values, and formulas by a condition.

def mean_square(x):
    return float((x**2).sum() / len(x)), x


def row_squares(x):
    return (x**2).sum(axis=1), x


def skip(x):
    return np.sinh(np.cos(x)), x


def log_loss(s, y):
    return float(np.logaddexp(0, np.where(y == 1, -s, s)).mean()), (s, y)


def cases_exchanged(dout, cache):
    s, y = cache
    p = 1 / (1 + np.exp(-s))
    return dout * np.where(y == 1, p, 1 - p) / len(s)


def perceptron(s, y):
    return float(-(y * s).mean()), (s, y)


def with_labels(rng):
    return rng.standard_normal(9), rng.integers(0, 2, 9)


CASES = {
    "the last row overwrites": (matmul, weight_loop(lambda _, dW, part: part),
                                normal((5, 4), (4, 3)),
                                "of the upstream gradient row 4, the last, alone counts"),
    "the loop begins too late": (matmul, weight_loop(
        lambda row, dW, part: dW + part if row > 1 else dW), normal((5, 4), (4, 3)),
        "what comes from rows 0 and 1 of the upstream gradient is lost"),
    "halved in each step": (matmul, weight_loop(lambda _, dW, part: (dW + part) / 2),
                            normal((5, 4), (4, 3)), "2 times as much as from the one before"),
    "one entry for all rows": (
        scaled, one_width,
        lambda rng: (*normal((5, 4), (4, 3))(rng), rng.uniform(1, 3, 5)),
        "dW has width[0] for every row"),
    "no step back in time": (recurrent, no_step_back, normal((4, 2, 3), (3, 3)),
                             "what comes from those after it is lost"),
    "softmax's diagonal": (softmax, lambda dout, p: dout * p * (1 - p), normal((4, 5)),
                           "each column has what comes from the same column"),
    "rolled the wrong way": (lambda x: (np.sin(np.roll(x, 1, axis=1)), x),
                             lambda dout, x: np.cos(x) * np.roll(dout, 1, axis=1), normal((4, 5)),
                             "dx[0, 0] has dout[0, 4] where dout[0, 1] is meant"),
    "the last example overwrites": (squared_error, last_example, normal((6, 4), 6, 4),
                                    "of the batch row 5, the last, alone counts"),
    "a count for N": (mean_square, lambda dout, x: dout * 2 * x / (x > 0).sum(), normal(11),
                      "divided by the number of x > 0, where it is to be divided by N = 11"),
    "a norm in each row": (row_squares, lambda dout, x: 2 * x * dout[:, None] / np.linalg.norm(
        x, axis=1, keepdims=True), normal((6, 5)), "each row of dx is 1/norm(x) times"),
    "lost or too much": (skip, lambda dout, x: dout - dout * np.cosh(np.cos(x)) * np.sin(x),
                         normal((3, 4)), "dx is the right gradient + dout"),
    "cases exchanged": (log_loss, cases_exchanged, with_labels,
                        "1/N sigmoid(s) where y is 1 and 1/N - 1/N sigmoid(s) elsewhere"),
    "coding of the labels": (perceptron, lambda dout, cache: -dout * np.where(
        cache[1] == 0, -1, 1) / len(cache[0]), with_labels, "does not depend on s where y is 0"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_kind_is_told(name):
    forward, backward, make, says = CASES[name]
    assert says in first(forward, backward, make).says


# A normalization of columns of very different spread.

def normalization(x):
    centered = x - x.mean(axis=0)
    inverse = 1 / np.sqrt((centered**2).mean(axis=0) + 1e-5)
    return centered * inverse, (centered * inverse, inverse)


def parts(mean, spread):
    def backward(dout, cache):
        out, inverse = cache
        return inverse * (dout - mean * dout.mean(axis=0) - spread(out) * out * (
            dout * out).mean(axis=0))
    return backward


@pytest.mark.parametrize(("backward", "says"), [
    (parts(0, lambda out: 1), "the part through the mean is lost"),
    (parts(1, lambda out: 2), "the part through the spread is 2 times what it should be (2)"),
    (parts(1, lambda out: np.abs(out).max(axis=0)), "the part through the spread alone is wrong"),
])
def test_parts_of_columns_of_any_spread(backward, says):
    def make(rng):
        return (rng.standard_normal((7, 4)) * np.array([1e-5, 1.0, 2.0, 1e5]),)
    found = first(normalization, backward, make)
    assert says in found.says and "direct" not in found.says
