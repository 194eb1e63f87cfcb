"""flatprop draw: nets of any sizes, functions of one's own, errors of one line."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_cases import refused

from flatprop.circuits.draw import draw as draw_in_python
from flatprop.cli import draw
from models.sigmoid_neuron import neuron

MINE = """
import math
from math import sqrt

import beside
from layers.gates import add, multiply

def f(x, y, a=2.0):
    p, p_cache = multiply.forward(x, y)
    s, s_cache = add.forward(p, a)
    dp, da = add.backward(1.0, s_cache)
    dx, dy = multiply.backward(dp, p_cache)
    return s, dx, dy, da

def nothing(x):
    return "2"

def plain(x, y):
    return 2 * x + x * y

def smooth(x):
    return half(x) + math.sin(x)

def half(x):
    return sqrt(abs(x))

def broken(x):
    raise KeyError("no such thing")

number = 3
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "beside.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def texts(path):
    return [each.text.replace("\xa0", " ") for each in ElementTree.parse(path).iter()
            if each.tag.endswith(("text", "tspan")) and each.text]


@pytest.mark.parametrize("argv, gates", [
    (["two_layer_net", "--inputs", "3", "--hidden", "4", "--outputs", "2", "--loss", "svm"],
     ["affine", "ReLU", "affine", "SVM loss"]),
    (["linear_classifier"], ["affine", "softmax loss"]),
    (["two_layer_regressor", "--hidden", "3", "--outputs", "2"],
     ["affine", "σ", "affine", "square loss"]),
    (["fully_connected_net", "--hidden", "6", "--activation", "tanh", "--norm", "batch",
      "--dropout", "0.5", "--seed", "3"],
     ["affine", "batch norm", "tanh", "dropout", "affine", "softmax loss"]),
    (["fully_connected_net", "--hidden", "--loss", "logistic"],
     ["affine", "logistic loss"]),
    (["sigmoid_neuron"], ["*", "*", "+", "+", "σ"]),
])
def test_a_model_of_the_project(tmp_path, capsys, argv, gates):
    path = tmp_path / "net.svg"
    assert draw.main([*argv, "-o", str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"wrote {path}: {len(gates)} gates, ") and shown.count("\n") == 1
    assert sorted(each for each in texts(path) if each in set(gates)) == sorted(gates)


def test_sizes_and_batch_are_the_readers_own(tmp_path):
    path = tmp_path / "net.svg"
    draw.main(["two_layer_net", "--inputs", "30", "--hidden", "20", "--outputs", "10", "--batch",
               "7", "--out", str(path)])
    shapes = {"(7, 30)", "(30, 20)", "(20,)", "(7, 20)", "(20, 10)", "(10,)", "(7, 10)", "y (7,)"}
    assert shapes <= set(texts(path))


def test_the_seed_decides_the_numbers(tmp_path):
    drawings = []
    for seed in ("1", "1", "2"):
        draw.main(["two_layer_net", "--seed", seed, "-o", str(tmp_path / "net.svg")])
        drawings.append((tmp_path / "net.svg").read_text())
    assert drawings[0] == drawings[1] != drawings[2]


def test_a_function_of_ones_own(mine, capsys):
    path_before = list(sys.path)
    assert draw.main(["mine.py:f", "--listing", "x=3", "y=-4", "-o", "a=b.svg"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split("  ")[-1] == "p = -12"
    assert "dx, dy = multiply.backward(dp, p_cache)  dx = -4   dy = 3\n" in out
    assert out.endswith("wrote a=b.svg: 2 gates, 5 wires\n")
    assert {"x", "y", "a", "3.00", "-4.00", "-12.00", "-10.00", "2.00"} <= set(texts("a=b.svg"))
    assert sys.path == path_before


def test_the_drawing_is_named_after_what_is_drawn(mine, capsys):
    assert draw.main(["mine.py:f", "x=1", "y=2", "a=3"]) == 0
    assert "5.00" in texts("f.svg")
    assert draw.main(["linear_classifier"]) == 0 and Path("linear_classifier.svg").exists()


def test_the_command_and_the_line_of_python_draw_the_same(mine):
    draw.main(["sigmoid_neuron", "w0=1", "-o", "one.svg"])
    draw_in_python("two.svg", neuron, 1.0, -1.0, -3.0, -2.0, -3.0,
                   title="The circuit of sigmoid_neuron")
    assert Path("one.svg").read_text() == Path("two.svg").read_text()


@pytest.mark.parametrize("argv, message", [
    (["two_layer"], "unknown name 'two_layer'. It is two_layer_net here. Choose from "),
    (["mine.py"], "mine.py: name a function in it: mine.py:f (f, nothing, plain, smooth, half, "
     "broken)"),
    (["none.py:f"], "none.py: does not exist; give a file ending in .py"),
    (["mine.txt:f"], "mine.txt: is no Python file; give one whose name ends in .py"),
    (["bad.py:f"], "bad.py cannot be imported: ZeroDivisionError: division by zero"),
    (["mine.py:g"], "mine.py has no function g."),
    (["mine.py:number"], "mine.py has no function number."),
    (["mine.py:nothin"], "mine.py has no function nothin. Did you mean nothing?"),
    (["mine.py:nothing", "x=1"], "mine.py:nothing calls no layer and no gate, and as a plain "
     "function of floats it cannot be followed: nothing must return one number"),
    (["mine.py:broken", "x=1"], "broken raises KeyError: 'no such thing'"),
    (["mine.py:f", "x=1"], "f needs a number for y, such as y=3"),
    (["mine.py:f", "x=1", "y=2", "z=3"], "f has no argument z. It has x, y, a"),
    (["mine.py:f", "x=1", "y"], "'y' must be NAME=NUMBER, such as y=3"),
    (["mine.py:f", "x=1", "y=two"], "'y=two' must be NAME=NUMBER, such as y=3"),
    (["mine.py:f", "x=1", "y=2", "--hidden", "3"], "--hidden is for a network: linear"),
    (["two_layer_net", "x=1"], "two_layer_net takes no x=1: its examples are random, --seed"),
    (["two_layer_net", "--hidden", "3", "4"], "two_layer_net has one hidden layer: give --hidden"),
    (["linear_classifier", "--hidden", "3"], "--hidden does not go with linear_classifier"),
    (["two_layer_net", "--norm", "batch"], "two_layer_net has no --norm: fully_connected_net has"),
    (["two_layer_regressor", "--loss", "svm"], "two_layer_regressor has no --loss"),
    (["two_layer_net", "--loss", "logistic", "--outputs", "2"],
     "two_layer_net 3 - 4 - 2 cannot be made: the logistic loss has one output, not 2"),
    ([], "missing: WHAT; type flatprop draw WHAT"),
    (["two_layer_net", "--lisitng"], "unknown argument --lisitng. Did you mean --listing?"),
    (["two_layer_net", "--batch", "0"], "--batch: '0' must be a whole number, 1 or more"),
    (["linear_classifier", "-o", "no/where.svg"], "-o no/where.svg: no is not there: make"),
])
def test_a_mistake_is_one_line(mine, capsys, argv, message):
    (mine / "bad.py").write_text("1 / 0\n")
    (mine / "mine.txt").write_text("")
    assert refused(capsys, "draw", *argv).startswith(f"flatprop draw: error: {message}")
    assert not list(mine.glob("*.svg"))


def test_numbers_that_are_not_finite_are_refused_and_overflow_is_drawn(mine, capsys):
    assert "'w0=1e400' must be a finite number, such as w0=3" in refused(
        capsys, "draw", "sigmoid_neuron", "w0=1e400")
    assert draw.main(["sigmoid_neuron", "w0=1e200", "x0=1e200", "-o", "out.svg"]) == 0
    assert "inf" in texts("out.svg") and capsys.readouterr().err == ""


def test_plain_function_is_drawn(mine, capsys):
    assert draw.main(["mine.py:plain", "x=3", "y=-4", "--listing"]) == 0
    shown = texts(mine / "plain.svg")
    assert {"*2", "+", "*", "-6.00", "-12.00"} <= set(shown)    # 2 x, the sum, x y
    assert {"2.00", "-4.00", "3.00"} <= set(shown)              # what comes back to x, and to y
    assert "return 2 * x + x * y" in capsys.readouterr().out


def test_plain_function_of_math_is_drawn_from_one_loading_of_its_file(mine, capsys):
    (mine / "mine.py").write_text("print('loaded')\n" + (mine / "mine.py").read_text())
    assert draw.main(["mine.py:smooth", "x=-4"]) == 0
    assert {"sqrt", "sin", "*-1", "2.00", "0.76", "2.76", "-0.90"} <= set(texts("smooth.svg"))
    assert capsys.readouterr().out.count("loaded") == 1
