"""Flags: differences that numbers cannot tell are named with their line, and honest code is not."""

import sys

import exercise_honest
import grading_cases
import hostile_numerics
import numpy as np
import pytest

from flatprop.exercises import workspace
from flatprop.exercises.catalogue import find
from flatprop.exercises.checks.flags import flags
from flatprop.exercises.grading import gradescope
from flatprop.exercises.sandbox.parent import Child

if sys.platform != "linux":
    pytest.skip("grading needs Linux", allow_module_level=True)

pytestmark = pytest.mark.processes

PRECISE = hostile_numerics.precise()
DECIDED = hostile_numerics.not_entry_by_entry()
FORWARD = """import numpy as np


def value(x):
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, decay) / (1 + decay)


def forward(x):
    return value(x), (x,)


def backward(dout, cache):
    (x,) = cache
"""
# What is no difference, however it looks.
HONEST = {
    "out again": "    out, _ = forward(x)\n    return (1 - out) * out * dout\n",
    "the other side": "    return value(x) * value(-x) * dout\n",
    "entries": "    d = np.zeros_like(x)\n    for i in np.ndindex(x.shape):\n"
               "        d[i] = value(x[i]) * (1 - value(x[i])) * dout[i]\n    return d\n",
    "a check beside it": "    return value(x) * value(-x) * dout\n\n\n"
                         "def check(x, h=1e-5):\n    up, down = forward(x + h), forward(x - h)\n"
                         "    return (up[0] - down[0]) / (2 * h) - backward(1.0, (x,))\n\n\n"
                         "if __name__ == '__main__':\n    import unittest\n    check(1.0)\n",
}
# Of one line each, which the flag names.
FLAGGED = {
    "uses forward in backward":
        "    return (forward(x + 2.0**-9)[0] - forward(x - 2.0**-9)[0]) * 2.0**8 * dout\n",
    "uses complex numbers": "    z = np.exp(-np.abs(x) + 1e-200j)\n"
                            "    return np.imag(-1 / (1 + z)) / -1e-200 * -dout\n",
    "computes at points beside its input":
        "    at = np.add.outer(2.0**-9 * np.array([1, -1]), x)\n"
        "    return (value(at[0]) - value(at[1])) * 2.0**8 * dout\n",
    "uses numbers of more digits than float64 has":
        "    from fractions import Fraction\n    d = value(x) * value(-x) * dout\n"
        "    return d + float(Fraction(0))\n",
}


def graded(path, id, file, text):
    grading_cases.hand_in(path, {file: text})
    return grading_cases.graded(path, exercises=[find(id)])


@pytest.mark.parametrize("name", PRECISE)
def test_differences_of_single_entries_earn_nothing_or_are_flagged(tmp_path, name):
    row = graded(tmp_path, "sigmoid", "layers/sigmoid.py", PRECISE[name])
    flagged = row["reason"].startswith("to read: layers/sigmoid.py line")
    assert flagged or row["points"] == 0
    assert flagged == (row["points"] > 0)       # and a flag costs nothing


def test_gradescope_shows_a_flag_to_nobody_but_the_instructor(tmp_path):
    row = graded(tmp_path, "sigmoid", "layers/sigmoid.py", PRECISE["both sides of longdouble"])
    found = gradescope.results(row, 0)
    assert "to read" in row["reason"] and "to read" not in found["output"]
    assert "line 17" in found["extra_data"]["to_read"][0]


@pytest.mark.slow
@pytest.mark.parametrize("name", DECIDED)
def test_differences_of_products_and_losses_earn_nothing(tmp_path, name):
    row = graded(tmp_path, *DECIDED[name])
    assert row["points"] == 0 and row["exercises"][0]["message"]


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_carries_no_flag(tmp_path, name):
    row = graded(tmp_path, "sigmoid", "layers/sigmoid.py", FORWARD + HONEST[name])
    assert row["passed"] == 1 and row["reason"] == ""


@pytest.mark.parametrize("words", FLAGGED)
def test_the_flag_names_the_line(solved, tmp_path, words):
    found = flags_of(solved, tmp_path, {"layers/sigmoid.py": FORWARD + FLAGGED[words]})
    assert len(found) == 1
    line, says = found[0].removeprefix("layers/sigmoid.py line ").split(" ", 1)
    assert says == words and int(line) > FORWARD.count("\n")


def test_a_complex_step_within_a_net_is_flagged(tmp_path):
    text = workspace.solution("models/two_layer_net.py")
    assert "dhidden = relu.backward(dactive, active_cache)" in text
    step = text.replace("dhidden = relu.backward(dactive, active_cache)",
                        "dhidden = (np.where(hidden > 0, hidden + 1e-30j, 0).imag / 1e-30 * dactive"
                        ").astype(dactive.dtype)")
    line = step[: step.index("+ 1e-30j")].count("\n") + 1
    row = graded(tmp_path / "step", "two-layer-net", "models/two_layer_net.py", step)
    assert row["passed"] == 1
    assert row["reason"] == f"to read: models/two_layer_net.py line {line} uses complex numbers"
    right = graded(tmp_path / "right", "two-layer-net", "models/two_layer_net.py", text)
    assert right["passed"] == 1 and right["reason"] == ""


def flags_of(solved, tree, files, id="sigmoid"):
    """The flags of an exercise with these files, {file: text}, whatever their points."""
    tree.mkdir(exist_ok=True)
    workspace.compose(solved, find(id), tree)
    grading_cases.hand_in(tree, files)
    with Child(tree) as child:
        return flags(child, find(id), True, np.random.default_rng(0))


@pytest.mark.slow
def test_no_other_honest_answer_carries_a_flag(solved, tmp_path):
    # That they pass, too, is test_exercises_honest.py's.
    for id, answers in exercise_honest.HONEST.items():
        for number, answer in enumerate(answers):
            assert flags_of(solved, tmp_path / f"{id} {number}", answer, id) == [], (id, number)
