"""A drawing shows what the code keeps, marked where it is not the sum of what comes back."""

import numpy as np
import pytest
from circuit_cases import MODELS, traced

from flatprop.circuits import kept
from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg
from layers import relu
from layers.gates import add, multiply


def product(x, y):
    """f = x y + x, where x is used twice: x1 and x2 are its two gradients."""
    p, p_cache = multiply.forward(x, y)
    f, f_cache = add.forward(p, x)
    dp, dx2 = add.backward(-1.0, f_cache)
    dx1, dy = multiply.backward(dp, p_cache)
    return f, dx1, dx2, dy


def overwritten(x, y):
    """The mistake: = where += is meant."""
    p, p_cache = multiply.forward(x, y)
    f, f_cache = add.forward(p, x)
    dp, dx = add.backward(-1.0, f_cache)
    dx, dy = multiply.backward(dp, p_cache)
    return f, dx, dy


def added(x, y):
    """As it should be."""
    f, dx1, dx2, dy = product(x, y)
    dx = dx1 + dx2
    return f, dx, dy


def doubled(x):
    """What relu gives back is doubled on its way."""
    a, a_cache = relu.forward(x)
    b, b_cache = relu.forward(a)
    da = relu.backward(np.float64(1.0), b_cache)
    dx = relu.backward(2 * da, a_cache)
    return b, dx


def test_overwritten_gradient_is_drawn_as_kept():
    text = svg(graph(trace(overwritten, 2.0, -3.0))).replace("\N{NO-BREAK SPACE}", " ")
    assert "x: 3 and -1 add up to 2; the code keeps 3" in text
    [marked] = [line for line in text.splitlines() if 'class="gradient kept"' in line]
    assert ">3.00</text>" in marked


def test_gradient_changed_on_its_way():
    made = graph(trace(doubled, np.float64(5.0)))
    kept.mark(made)
    assert kept.sentences(made) == ["a: 1 comes back; the code keeps 2"]


@pytest.mark.parametrize("function", [added, product])
def test_a_sum_is_not_marked(function):
    assert "keeps" not in svg(graph(trace(function, 2.0, -3.0)))


def test_no_model_is_marked():
    for case in MODELS:
        made = graph(traced(case))
        kept.mark(made)
        assert kept.sentences(made) == [], case
