"""Each activation against its formula and its derivative in plain Python."""

import math
from decimal import Decimal, getcontext, localcontext

import numpy as np
import pytest
from layer_cases import approx

from layers import elu, gelu, leaky_relu, relu, selu, sigmoid, silu, softplus, tanh

getcontext().prec = 40
GRID = np.linspace(-6.0, 6.0, 49)  # 0 is among them


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
