"""The page's own gates and number texts, in a browser, against the layers and the drawings."""

import numpy as np
import pytest
from browser_cases import gates_of_the_page

from flatprop.circuits import value_text
from layers import relu, sigmoid, tanh
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift

pytestmark = pytest.mark.slow       # in a browser

GATES = {"add": add, "multiply": multiply, "maximum": maximum, "copy": copy, "exp": exp,
         "reciprocal": reciprocal, "scale": scale, "shift": shift, "sigmoid": sigmoid,
         "tanh": tanh, "relu": relu}


def test_browser_gates_are_the_layers(desktop):
    assert set(GATES) == gates_of_the_page()
    rng = np.random.default_rng(11)
    special = [0.0, -1.0, 1.0, 0.5, -40.0, 40.0, 710.0, -1e4, 1e-9]
    for name, module in GATES.items():
        count = {"add": 2, "multiply": 2, "maximum": 2, "scale": 2, "shift": 2}.get(name, 1)
        cases = [list(map(float, rng.normal(0, 3, count + 2))) for _ in range(40)]
        cases += [[*rng.permutation(special)[:count].tolist(), 1.0, -2.0] for _ in range(15)]
        cases += [[2.0] * count + [3.0, 1.0]]       # equal inputs, which max must decide
        computed = desktop.evaluate("gateResults", [name, count, cases])
        for case, result in zip(cases, computed, strict=True):
            into, douts = [np.float64(each) for each in case[:count]], case[count:]
            with np.errstate(all="ignore"):
                out, cache = module.forward(*into)
                dout = tuple(map(np.float64, douts)) if name == "copy" else np.float64(douts[0])
                grads = module.backward(dout, cache)
            wanted = [*np.atleast_1d(out), *np.atleast_1d(grads)]
            got = [float(each.replace("Infinity", "inf")) for each in result]
            assert got == pytest.approx(wanted, rel=1e-12, abs=1e-15, nan_ok=True), (name, case)


def test_browser_numbers_as_in_python(desktop):
    rng = np.random.default_rng(5)
    values = list(rng.normal(0, 10, 400)) + list(rng.normal(size=400) * 10.0 ** rng.integers(
        -12, 13, 400)) + [0.0, -0.0, 0.125, -0.125, 0.375, 2.5, 0.005, 0.004999, 1e5, 99999.994,
                          9999.99, 9999.996,
                          1e-4, 9.9999999e-5, 1e9, 123456789.0, 1 / 128, -3 / 128, 1e300, 5e-324]
    values = [float(each) for each in values]
    written = desktop.evaluate("values => values.map((each) => [two(each), six(each)])", values)
    for value, (two, six) in zip(values, written, strict=True):
        assert (two, six) == (value_text.two(value), value_text.six(value)), value
    untied = [*values[:800], 1e6, -1e6, 999.6, -999.4, 1000.0, 9.9999e-5]     # halves differ
    assert desktop.evaluate("values => values.map(three)", untied) == list(
        map(value_text.three, untied))
    assert desktop.evaluate("[NaN, Infinity, -Infinity].map(two)") == ["NaN", "∞", "-∞"]
