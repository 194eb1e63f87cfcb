"""The look for differences in place of a backward pass: what it sees, and honest code it lets pass.

With the numbers alone these differences would pass: see hostile_numerics.py.
"""

import sys
import time

import grading_cases
import hostile_numerics
import pytest

from flatprop.exercises import workspace
from flatprop.exercises.sandbox.static_check import look_at

PRECISE = hostile_numerics.precise()
LAYER = """import numpy as np


def value(x):
    return 1 / (1 + np.exp(-x))


def forward(x):
    return value(x), (x,)


def backward(dout, cache):
    (x,) = cache
"""
HONEST = {
    "a helper, twice": "    return value(x) * (1 - value(x)) * dout",
    "tanh as a product": "    out = np.tanh(x)\n    return (1 + out) * (1 - out) * dout",
    "two exponentials": "    up, down = np.exp(x), np.exp(-x)\n    return up - down + dout",
    "a loop over rows": "    dx = np.zeros_like(x)\n    for i in range(len(x)):\n"
                        "        e = np.exp(x[i] - x[i].max())\n"
                        "        p = e / e.sum()\n"
                        "        dx[i] = p * (dout[i] - np.dot(dout[i], p))\n"
                        "    return dx",
    "rows by themselves": "    return np.array([np.exp(row - row.max()) for row in x])",
    "a square less one": "    out = np.tanh(x)\n    return -(out - 1) * (out + 1) * dout",
    "sums and differences": "    total = x.sum() + dout.sum()\n    return x - total",
    "an order of memory": "    return np.reshape(dout, x.shape, order='F')",
    "words that are names": "    real, angle = x, dout\n    return real * angle",
}


@pytest.mark.parametrize("name", PRECISE)
def test_differences_are_seen(name):
    assert look_at(PRECISE[name].encode(), "layers/sigmoid.py").startswith("layers/sigmoid.py line")


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_passes(name):
    assert look_at((LAYER + HONEST[name] + "\n").encode(), "layers/sigmoid.py") == ""


ROWS = """import numpy as np


def log_softmax(row):
    z = row - np.max(row)
    return z - np.log(np.sum(np.exp(z)))


def forward(scores, y):
    return np.mean([-log_softmax(row)[label] for row, label in zip(scores, y)]), (scores, y)


def backward(dloss, cache):
    scores, y = cache
    d = np.zeros_like(scores)
"""
BY_ROW = """    for i in range(len(y)):
        d[i] = np.exp(log_softmax(scores[i]))
        d[i, y[i]] -= 1
    return d / len(y) * dloss
"""


@pytest.mark.parametrize("body", [
    BY_ROW,
    "    d = np.array([np.exp(log_softmax(row)) for row in scores])\n"
    "    d[np.arange(len(y)), y] -= 1\n    return d * dloss / len(y)\n",
])
def test_rows_gone_through_with_forwards_own_function_are_no_points(body):
    assert look_at((ROWS + body).encode(), "layers/softmax_loss.py") == ""


@pytest.mark.parametrize("old, new", [
    ("        d[i] = ", "        scores[i] += 1e-3\n        d[i] = "),
    ("        d[i] = ", "        np.copyto(scores[i], 1e-3 * i)\n        d[i] = "),
    ("        d[i] = ", "        np.exp(scores[i], scores[i])\n        d[i] = "),
    ("        d[i] = ", "        row = scores[i]\n        row += 1e-3\n        d[i] = "),
    ("        d[i] = ", "        scores = scores + 1e-3\n        d[i] = "),
    ("log_softmax(scores[i])", "log_softmax(scores[i] + 1e-3)"),
    ("log_softmax(scores[i])", "log_softmax(d[i])"),
    ("    z = row -", "    row += 1e-3\n    z = row -"),
    (", (scores, y)\n", ", (np.stack([scores, scores]), y)\n"),
    ("    scores, y = cache\n", "    scores, y = cache\n    scores = [scores, scores]\n"),
    ("    scores, y = cache\n", "    scores, y = cache\n    scores[...] = 1e-3\n"),
    ("    scores, y = cache\n", "    scores, y = cache\n    cache[0][...] = 1e-3\n"),
])
def test_rows_that_are_not_as_they_were_are_points(old, new):
    source = (ROWS + BY_ROW).replace(old, new)
    assert source != ROWS + BY_ROW
    assert "one point after another" in look_at(source.encode(), "layers/softmax_loss.py")


def test_a_schedule_asked_for_two_steps_is_no_difference():
    source = workspace.solution("solvers/solver.py").replace(
        "rate = self.schedule(self.steps)", "rate = self.schedule(self.steps + 1)")
    assert "self.schedule(self.steps - 1)" in source and "self.schedule(self.steps + 1)" in source
    assert look_at(source.encode(), "solvers/solver.py") == ""
    assert look_at(source.encode(), "models/two_layer_net.py") != ""


@pytest.mark.parametrize("body", [
    "    return np.gradient(value(x), x) * dout",
    "    return np.polyder(np.polyfit(x, value(x), 9)) * dout",
    "    p = np.polynomial.Chebyshev.fit(x, value(x), 9)\n    return p.deriv()(x) * dout",
])
def test_numpys_own_derivatives_are_seen(body):
    assert "backward pass" in look_at((LAYER + body).encode(), "layers/sigmoid.py")


@pytest.mark.parametrize("file, body", [
    ("practice/fan_out.py", "    return f(x + h, y) - f(x - h, y)"),
    ("practice/fan_out.py", "    up, down = x + h, x - h\n    return f(up, y) - f(down, y)"),
    ("models/sigmoid_neuron.py", "    return [f(x + k * h) for k in (1, -1)]"),
])
def test_differences_of_a_circuit_are_seen(file, body):
    source = f"def quotient(x, y, h=1e-3):\n{body}\n"
    assert "backward pass" in look_at(source.encode(), file)
    assert look_at(source.encode(), "practice/numerical.py") == ""


TANGLED = {
    "calls in calls": "    return " + "f(" * 80 + "[" + "0+1," * 50_000 + "]" + ")" * 80,
    "long sums": "".join(f"    for k in (1,):\n        y = {'+'.join(['k'] * 150)}\n        f(y)\n"
                         for _ in range(300)),
    "long differences": "    return " + "-".join(["value(x)"] * 900),
}


@pytest.mark.parametrize("name", TANGLED)
def test_a_tangled_source_takes_no_longer_than_it_is_worth(name):
    started = time.process_time()
    look_at((LAYER + TANGLED[name]).encode(), "layers/sigmoid.py")
    assert time.process_time() - started < 5


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="grading hostile code needs Linux")
@pytest.mark.parametrize("name", PRECISE)
def test_differences_earn_nothing(tmp_path, name):
    grading_cases.hand_in(tmp_path, {"layers/sigmoid.py": PRECISE[name]})
    row = grading_cases.graded(tmp_path)
    assert row["points"] == 0 and "forbidden" in row["reason"]
