"""A plain function of floats, drawn: its gates, its values, its gradients."""

import math

import numpy as np
import pytest

from flatprop.circuits import kept
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


@pytest.mark.parametrize("function, words", [
    (lambda x: math.exp(x), "numpy's exp"), (lambda x: x ** 0.5, "whole number"),
    (lambda x: 3.0, "must return one number"), (lambda x: (x, x), "not tuple")])
def test_plain_function_that_cannot_be_followed(function, words):
    with pytest.raises(TypeError, match=words):
        by_gates(function)(1.0)
