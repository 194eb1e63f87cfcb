"""A trace follows the source: statements, loops, exceptions, functions without source."""

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest
from circuit_cases import MODELS, product

from flatprop.circuits.graph import graph, local_gradients
from flatprop.circuits.record import trace
from layers import relu
from layers.gates import add, exp


def failing(x):
    y, _ = exp.forward(x)
    relu.forward("no array")
    return y


def test_what_the_function_raises_is_raised_and_nothing_stays():
    hook = sys.gettrace()
    with pytest.raises(TypeError, match="x must be a float32"):
        trace(failing, 0.5)
    assert sys.gettrace() is hook


def surviving(x):
    try:
        y, cache = relu.forward("no array")
    except TypeError:
        y, cache = exp.forward(x)
    return y, exp.backward(1.0, cache)


def test_an_exception_caught_inside_leaves_the_rest_recorded():
    record = trace(surviving, 0.5)
    assert [call.layer for call in record.calls] == ["exp"]
    assert [step.line.text for step in record.steps] == [
        "y, cache = exp.forward(x)", "return y, exp.backward(1.0, cache)"]
    assert graph(record).wire("x").gradient == np.exp(0.5)


def test_the_hook_of_before_is_there_again_and_nothing_is_watched_otherwise():
    def before(frame, event, arg):
        return None

    kept = sys.gettrace()
    sys.settrace(before)
    try:
        trace(product, 1.0, 2.0, 3.0)
        found = sys.gettrace()
    finally:
        sys.settrace(kept)
    assert found is before
    record = trace(product, 1.0, 2.0, 3.0)
    product(1.0, 2.0, 3.0)
    assert len(record.calls) == 2 and sys.gettrace() is kept


def test_functions_without_source():
    space = {"exp": exp}
    exec("def f(x):\n  y, cache = exp.forward(x)\n  return y, exp.backward(1.0, cache)\n", space)
    for function in (space["f"], lambda x: exp.backward(1.0, exp.forward(x)[1])):
        record = trace(function, 0.5)
        made = graph(record)
        assert record.steps == []
        assert [wire.name for wire in made.wires] == ["x", "exp"]
        assert made.wire("x").gradient == np.exp(0.5)


def naming(x, y):
    a, b = list(add.forward(x, y)), 3
    c, d = add.forward(a[0], 1.5)[0], b
    return c, d


def test_a_wire_has_the_name_that_the_call_is_assigned_to_and_no_other():
    names = [wire.name for wire in graph(trace(naming, 1.0, 2.0)).wires]
    assert names == ["x", "y", "add", "1.5", "add"]


@pytest.mark.parametrize("registered", [None, ModuleType("double")])
def test_a_module_that_nobody_registered(tmp_path, monkeypatch, registered):
    path = tmp_path / "double.py"
    path.write_text(DOUBLE)
    spec = importlib.util.spec_from_file_location("double", path)
    double = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(double)
    monkeypatch.delitem(sys.modules, "double", raising=False)
    if registered is not None:      # another one, of the same name
        monkeypatch.setitem(sys.modules, "double", registered)
    made = graph(trace(lambda x: double.forward(x), 0.5))
    assert made.wire("double").value == 1 and local_gradients(made.gates[0]) == {"x": 2}


STUDENT = """
import double
from layers.gates import add

def f(x, y):
    "A sum, doubled."
    s, s_cache = add.forward(x, y)      # the sum
    t, t_cache = double.forward(s)
    while True:
        t, u_cache = double.forward(t)
        if t > 10: break
    ds = double.backward(double.backward(1.0, u_cache), t_cache)
    grads = {}
    grads["x"], grads["y"] = add.backward(
        ds,     # one comment
        s_cache)
    return t, grads["x"], grads["y"]
"""
DOUBLE = "def forward(x):\n    return 2 * x, ()\n\ndef backward(d, cache):\n    return 2 * d\n"


def test_a_students_own_function_and_layer(tmp_path, monkeypatch):
    (tmp_path / "double.py").write_text(DOUBLE)
    (tmp_path / "work.py").write_text(STUDENT)
    monkeypatch.syspath_prepend(tmp_path)
    work = importlib.import_module("work")
    record = trace(work.f, 1.5, 2.0)
    made = graph(record)
    assert [call.layer for call in record.calls] == ["add", "double", "double"]
    assert [wire.name for wire in made.wires] == ["x", "y", "s", "t", "t"]
    assert [wire.gradient for wire in made.wires] == [4, 4, 4, 2, 1]
    steps = {step.line.text: step.values for step in record.steps}
    assert steps["s, s_cache = add.forward(x, y)"]["s"] == 3.5
    assert steps['grads["x"], grads["y"] = add.backward(ds, s_cache)'] == {"x": 4, "y": 4}


def emptying(values):
    total = 0.0
    try:
        while True:
            total, _ = add.forward(total, values.pop())
    except IndexError:
        return total


def test_a_loop_of_one_statement():
    steps = trace(emptying, [1.0, 2.0, 4.0]).steps
    assert [step.values["total"] for step in steps if "pop" in step.line.text] == [4.0, 6.0, 7.0]
    assert [step.line.text for step in steps][-1] == "return total"


def counting(x):
    while True:
        x, _ = exp.forward(x)
        if x > 3: break         # noqa: E701
    for _ in range(2):
        x, _ = exp.forward(x)
    return x


def test_a_statement_in_a_loop_is_a_step_each_time():
    steps = [step for step in trace(counting, 0.1).steps if "exp" in step.line.text]
    values = []
    x = 0.1
    for _ in range(4):
        x = np.exp(x)
        values.append(x)
    assert [step.values["x"] for step in steps] == values


def test_steps_of_functions_that_are_called_come_below_the_call():
    function, arguments = MODELS["layernorm, tanh"]()
    steps = trace(function, *arguments).steps
    inside = [step.line.text for step in steps if step.inside]
    texts = [step.line.text for step in steps]
    place = texts.index("active, caches[i] = self._hidden_forward(i, active, training=True)")
    assert not any(step.inside for step in steps[place + 1:place + 4])
    assert steps[place + 3].line.text == "active, active_cache = self.activation.forward(active)"
    assert np.array_equal(steps[place].values["active"], steps[place + 3].values["active"])
    assert inside[-1] == "return loss, grads"


def crowded(x):
    y, cache = exp.forward(x); z = 2 * y        # noqa: E702
    if z < 0: z = -z                            # noqa: E701
    def twice(v): return 2 * v                  # noqa: E704
    dx = first = exp.backward(1.0, cache); other = twice(dx)    # noqa: E702
    return z, dx + first + other


def test_statements_on_one_line_are_one_step():
    steps = {step.line.text: step.values for step in trace(crowded, 0.0).steps}
    assert list(steps) == [
        "y, cache = exp.forward(x); z = 2 * y", "if z < 0: z = -z",
        "dx = first = exp.backward(1.0, cache); other = twice(dx)",
        "return z, dx + first + other"]
    first, second, third, _ = steps.values()
    assert (first["y"], first["z"], second["z"]) == (1, 2, 2)
    assert (third["dx"], third["first"], third["other"]) == (1, 1, 2)
    assert [wire.name for wire in graph(trace(crowded_too, 0.0)).wires] == ["2.0 + x", "exp"]


def crowded_too(x):
    y, cache = exp.forward(2.0 + x); z = 2 * y      # noqa: E702
    return z, cache
