"""A plain function of floats, drawn: its gates, its values, its gradients."""

import math
from math import sin

import numpy as np
import pytest

from flatprop.circuits import gate_text, kept
from flatprop.circuits.draw import draw
from flatprop.circuits.graph import graph
from flatprop.circuits.plain import by_gates
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg


def formula(x, y, z=2.0):
    """All that can be followed."""
    a = (x - 3) * y / z + (1 - x) ** 3
    return np.exp(-a / 4) + np.tanh(2 * x) - 1 / y + max(x, z)


def test_plain_function_has_its_gradients():
    given = [0.5, -1.5, 2.0]
    made = graph(trace(by_gates(formula), *given))
    out, *grads = made.record.result
    assert out == pytest.approx(float(formula(*given)), rel=1e-14)
    for place, gradient in enumerate(grads):
        above, below = list(given), list(given)
        above[place] += 1e-6
        below[place] -= 1e-6
        slope = float(formula(*above) - formula(*below)) / 2e-6
        assert gradient == pytest.approx(slope, rel=1e-7)
        wire = made.wire("xyz"[place])
        assert sum(use.gradient for use in wire.uses) == pytest.approx(gradient, rel=1e-14)
    kept.mark(made)
    assert kept.sentences(made) == []
    assert [gate.call.layer for gate in made.gates[:3]] == ["shift", "multiply", "reciprocal"]
    assert "NaN" not in svg(made)


def halved(x):
    """Called by smooth, in the same file."""
    return math.sqrt(x) / 2 if x else 0.0


def smooth(x, y):
    """Functions of math by their module and by their own name, and powers of all kinds."""
    out = math.exp(-x) * math.log(y) + sin(x) * math.cos(y) - math.tanh(x * y) + halved(y)
    return out + math.pow(y, 1.5) / x ** -2 + 2 ** x + abs(-y) * (x == 0.25) + np.log(y) ** 20


def test_plain_function_of_math_has_its_gradients():
    x, y = 0.25, 1.75
    made = graph(trace(by_gates(smooth), x, y))
    out, dx, dy = made.record.result
    assert out == pytest.approx(smooth(x, y), rel=1e-14)
    sech = 1 - math.tanh(x * y) ** 2
    assert dx == pytest.approx(-math.exp(-x) * math.log(y) + math.cos(x) * math.cos(y) - y * sech
                               + 2 * x * y ** 1.5 + 2 ** x * math.log(2), rel=1e-13)
    assert dy == pytest.approx(math.exp(-x) / y - math.sin(x) * math.sin(y) - x * sech
                               + 0.25 / math.sqrt(y) + 1.5 * math.sqrt(y) * x ** 2 + 1
                               + 20 * math.log(y) ** 19 / y, rel=1e-13)
    assert {"sqrt", "sin", "cos", "log"} <= {gate_text.symbol(each)[0] for each in made.gates}
    assert math.exp(1.0) == pytest.approx(math.e)       # math itself is as it was
    assert smooth(x, y) == out


def test_python_draws_a_plain_function(tmp_path):
    made = draw(tmp_path / "plain.svg", smooth, 0.25, 1.75)
    assert made.record.result[0] == pytest.approx(smooth(0.25, 1.75), rel=1e-14)
    assert ">sqrt<" in (tmp_path / "plain.svg").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="calls no layer and no gate, and as a plain function"):
        draw(tmp_path / "none.svg", np.sum, np.ones(3))


@pytest.mark.parametrize("function, words", [
    (lambda x: math.hypot(x, 1), "can be followed"), (
        lambda x: math.log(x - 1), "domain|positive input"),      # the words of Python to 3.13, and later
    (lambda x: 3.0, "must return one number"), (lambda x: (x, x), "not tuple")])
def test_plain_function_that_cannot_be_followed(function, words):
    with pytest.raises((TypeError, ValueError), match=words):
        by_gates(function)(1.0)
