"""The lecture's worked numbers, each recomputed exactly, and as printed beside the slides."""

import math

import numpy as np
import pytest

from layers import matmul, relu, sigmoid, softmax_loss, svm_loss
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift

SIGMA = 1 / (1 + math.exp(-1))  # the neuron's output
SLOPE = math.exp(-1) / (1 + math.exp(-1)) ** 2  # and sigma'(1), the slides' 0.2


def exactly(expected):
    return pytest.approx(expected, rel=1e-12, abs=1e-12)


def printed(expected):
    """As printed, to six decimals."""
    return pytest.approx(expected, rel=0, abs=5.1e-7)


def test_example_1_a_simple_circuit():
    q, q_cache = add.forward(-2.0, 5.0)
    f, f_cache = multiply.forward(q, -4.0)
    assert (q, f) == (3, -12)
    dq, dz = multiply.backward(1.0, f_cache)
    dx, dy = add.backward(dq, q_cache)
    assert (dq, dz, dx, dy) == (-4, 3, -4, -4)


def test_example_2_sigmoid_neuron_gate_by_gate():
    w0, x0, w1, x1, w2 = 2.0, -1.0, -3.0, -2.0, -3.0
    first, first_cache = multiply.forward(w0, x0)
    second, second_cache = multiply.forward(w1, x1)
    dot, dot_cache = add.forward(first, second)
    total, total_cache = add.forward(dot, w2)
    negated, negated_cache = scale.forward(total, -1.0)
    power, power_cache = exp.forward(negated)
    denominator, denominator_cache = shift.forward(power, 1.0)
    out, out_cache = reciprocal.forward(denominator)
    assert (first, second, dot, total, negated) == (-2, 6, 4, 1, -1)
    assert (power, denominator, out) == exactly((math.exp(-1), 1 + math.exp(-1), SIGMA))
    assert (power, denominator, out) == printed((0.367879, 1.367879, 0.731059))

    ddenominator = reciprocal.backward(1.0, out_cache)
    dpower = shift.backward(ddenominator, denominator_cache)
    dnegated = exp.backward(dpower, power_cache)
    dtotal = scale.backward(dnegated, negated_cache)
    ddot, dw2 = add.backward(dtotal, total_cache)
    dfirst, dsecond = add.backward(ddot, dot_cache)
    dw1, dx1 = multiply.backward(dsecond, second_cache)
    dw0, dx0 = multiply.backward(dfirst, first_cache)
    assert (ddenominator, dpower, dnegated) == exactly((-(SIGMA**2), -(SIGMA**2), -SLOPE))
    assert (ddenominator, dpower, dnegated) == printed((-0.534447, -0.534447, -0.196612))
    assert (dtotal, ddot, dw2, dfirst, dsecond) == exactly((SLOPE,) * 5)
    assert dtotal == printed(0.196612)
    assert (dw0, dx0, dw1, dx1) == exactly((-SLOPE, 2 * SLOPE, -2 * SLOPE, -3 * SLOPE))
    assert (dw0, dx0, dw1, dx1) == printed((-0.196612, 0.393224, -0.393224, -0.589836))


def test_example_2_as_one_sigmoid_gate():
    out, cache = sigmoid.forward(np.array([1.0]))
    slope = sigmoid.backward(np.array([1.0]), cache)
    assert (out[0], slope[0]) == exactly((SIGMA, SLOPE))
    assert slope[0] == printed((1 - 0.731059) * 0.731059)
    assert f"{slope[0]:.1f}" == "0.2"  # as on the slide, whose 1 / (1 + e^1) means e^-1


def test_example_5_relu_on_a_vector():
    x = np.array([1.0, -2.0, 3.0, -1.0])
    out, cache = relu.forward(x)
    assert out.tolist() == [1, 0, 3, 0]
    assert relu.backward(np.array([4.0, -1.0, 5.0, 9.0]), cache).tolist() == [4, 0, 5, 0]
    jacobian = np.stack([relu.backward(row, cache) for row in np.eye(4)])
    assert np.array_equal(jacobian, np.diag([1, 0, 1, 0]))


X = np.array([[2.0, 1, -3], [-3, 4, 2]])
W = np.array([[3.0, 2, 1, -1], [2, 1, 3, 2], [3, 2, 1, -2]])
DY = np.array([[2.0, 3, -3, 9], [-8, 1, 4, 6]])


def test_example_6_matrix_multiply():
    y, cache = matmul.forward(X, W)
    dx, dw = matmul.backward(DY, cache)
    assert y.tolist() == [[-1, -1, 2, 6], [5, 2, 11, 7]]
    assert y.tolist() != [[13, 9, -2, -6], [5, 2, 17, 1]]  # of the copy that is not x w
    assert dx.tolist() == [[0, 16, -9], [-24, 9, -30]]
    assert dw.tolist() == [[28, 3, -18, 0], [-30, 7, 13, 33], [-22, -7, 17, -15]]


@pytest.mark.parametrize("num_classes", [2, 10, 100])
def test_example_10_chance_loss(num_classes):
    scores, y = np.zeros((6, num_classes)), np.arange(6) % num_classes
    assert softmax_loss.forward(scores, y)[0] == exactly(math.log(num_classes))
    assert svm_loss.forward(scores, y)[0] == num_classes - 1


def test_example_11_svm_margin():
    scores, y = np.array([[13.0, -7.0, 11.0]]), np.array([0])
    loss, cache = svm_loss.forward(scores, y, margin=10.0)
    assert loss == 8 and svm_loss.backward(1.0, cache).tolist() == [[-1, 0, 1]]
    loss, cache = svm_loss.forward(scores, y)
    assert loss == 0 and svm_loss.backward(1.0, cache).tolist() == [[0, 0, 0]]


def test_example_11_softmax():
    loss, cache = softmax_loss.forward(np.log(np.array([[0.2, 0.3, 0.5]])), np.array([1]))
    assert loss == exactly(-math.log(0.3))
    assert softmax_loss.backward(1.0, cache)[0] == exactly([0.2, -0.7, 0.5])


def test_example_12_product_and_maximum():
    product, product_cache = multiply.forward(3.0, -4.0)
    largest, largest_cache = maximum.forward(2.0, -1.0)
    total, total_cache = add.forward(product, largest)
    f, f_cache = scale.forward(total, 2.0)
    assert (product, largest, total, f) == (-12, 2, -10, -20)
    dproduct, dlargest = add.backward(scale.backward(1.0, f_cache), total_cache)
    assert multiply.backward(dproduct, product_cache) == (-8, 6)
    assert maximum.backward(dlargest, largest_cache) == (2, 0)


def test_example_12_quotient_with_fan_out():
    """(x + sigmoid(y)) / (sigmoid(x) + (x + y)^2) at (3, -4): what fans out is copied."""
    x, y = np.float64(3), np.float64(-4)
    (x_top, x_rest), x_cache = copy.forward(x)
    (x_gate, x_sum), x_rest_cache = copy.forward(x_rest)
    (y_gate, y_sum), y_cache = copy.forward(y)
    sigma_y, sigma_y_cache = sigmoid.forward(y_gate)
    sigma_x, sigma_x_cache = sigmoid.forward(x_gate)
    top, top_cache = add.forward(x_top, sigma_y)
    total, total_cache = add.forward(x_sum, y_sum)
    pair, pair_cache = copy.forward(total)
    square, square_cache = multiply.forward(*pair)
    bottom, bottom_cache = add.forward(sigma_x, square)
    inverse, inverse_cache = reciprocal.forward(bottom)
    f, f_cache = multiply.forward(top, inverse)

    dtop, dinverse = multiply.backward(np.float64(1), f_cache)
    dbottom = reciprocal.backward(dinverse, inverse_cache)
    dsigma_x, dsquare = add.backward(dbottom, bottom_cache)
    dtotal = copy.backward(multiply.backward(dsquare, square_cache), pair_cache)
    dx_sum, dy_sum = add.backward(dtotal, total_cache)
    dx_top, dsigma_y = add.backward(dtop, top_cache)
    dx_gate = sigmoid.backward(dsigma_x, sigma_x_cache)
    dy_gate = sigmoid.backward(dsigma_y, sigma_y_cache)
    dx = copy.backward((dx_top, copy.backward((dx_gate, dx_sum), x_rest_cache)), x_cache)
    dy = copy.backward((dy_gate, dy_sum), y_cache)

    # By the quotient rule, with S(3), S(-4) and (x + y)^2 = 1, 2 (x + y) = -2.
    s3, s4 = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(4))
    above, below = 3 + s4, s3 + 1
    assert f == exactly(above / below)
    assert dx == exactly((below - above * (s3 * (1 - s3) - 2)) / below**2)
    assert dy == exactly((s4 * (1 - s4) * below + 2 * above) / below**2)
    assert (f, dx, dy) == printed((1.545645, 2.059570, 1.592233))
