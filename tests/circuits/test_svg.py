"""What is in a drawing: every number that was computed, and what a page needs to find it."""

import numpy as np
import pytest
from circuit_cases import CASES, MODELS, circuit_of, product, random
from flat_functions import chain
from svg_boxes import SVG, bodies, lines_of, parsed, texts_of

from flatprop.circuits.draw import draw
from flatprop.circuits.graph import graph, jacobian, local_gradients
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg
from layers import affine, relu
from layers.gates import add, multiply


@pytest.mark.parametrize("case", CASES)
def test_every_number_is_one_that_was_computed(case):
    circuit = circuit_of(case)
    root = parsed(svg(circuit))
    values = {int(each.get("data-wire")): each for each in texts_of(root, "value")}
    assert sorted(values) == list(range(len(circuit.wires)))
    gradients = {(int(each.get("data-wire")), each.get("data-use")): each
                 for each in texts_of(root, "gradient")}
    expected = {}
    for number, wire in enumerate(circuit.wires):
        check(lines_of(values[number]), wire.value)
        for place, use in enumerate(wire.uses):
            expected[number, str(place)] = use.gradient
        if len(wire.uses) != 1:
            expected[number, None] = wire.gradient
    expected = {key: value for key, value in expected.items() if value is not None}
    assert set(gradients) == set(expected)
    for key, value in expected.items():
        check(lines_of(gradients[key]), value)


def check(lines, value):
    """Whether the lines tell of a value: its numbers, or its shape and mean."""
    value = np.asarray(value)
    if value.ndim and (value.ndim > 2 or max(value.shape) > 4):
        assert lines[0] == str(value.shape)
        if lines[1] != "all zeros":
            assert float(lines[1].removeprefix("mean ")) == pytest.approx(
                value.mean(dtype=float), rel=0.55, abs=0.0051)
            assert float(lines[2].removeprefix("spread ")) == pytest.approx(
                value.std(dtype=float), rel=0.55, abs=0.0051)
            zeros = np.mean(value == 0)
            assert (len(lines) == 4) == (zeros > 0)
            assert not zeros or abs(float(lines[3].removesuffix("% zeros")) / 100 - zeros) < 0.011
        return
    assert len(set(map(len, lines))) == 1
    numbers = np.array([[float(each) for each in line.strip("[]").split()] for line in lines])
    assert numbers.shape == np.atleast_2d(value).shape
    close = np.isclose(numbers, np.atleast_2d(value), rtol=0.006, atol=0.00501, equal_nan=True)
    assert close.all()
    assert np.array_equal(numbers == 0, np.atleast_2d(value) == 0) or value.ndim


@pytest.mark.parametrize("case", CASES)
def test_local_gradients_stand_at_the_gates_of_numbers(case):
    circuit = circuit_of(case)
    found = {(int(each.get("data-gate")), each.get("data-argument")): lines_of(each)[0]
             for each in texts_of(parsed(svg(circuit)), "local")}
    for number, gate in enumerate(circuit.gates):
        wires = [*gate.inputs.values(), *gate.outputs]
        shown = len(gate.outputs) == 1 and all(np.ndim(wire.value) == 0 for wire in wires)
        local = local_gradients(gate) if shown else {}
        assert [key for key in found if key[0] == number] == [(number, name) for name in local]
        for name, value in local.items():
            assert float(found[number, name].removeprefix("∂=")) == pytest.approx(
                value, rel=0.006, abs=0.00501, nan_ok=True)


@pytest.mark.parametrize("case", CASES)
def test_a_page_finds_gates_and_wires_by_their_numbers(case):
    circuit = circuit_of(case)
    root = parsed(svg(circuit))
    assert set(bodies(root)) == set(range(len(circuit.gates)))
    found = sorted((int(each.get("data-wire")), int(each.get("data-use", -1)))
                   for each in root.iter(f"{SVG}path") if each.get("class") == "wire")
    assert found == sorted(
        (number, use) for number, wire in enumerate(circuit.wires)
        for use in (range(len(wire.uses)) if wire.uses else [-1]))
    assert "id" not in {name for each in root.iter() for name in each.attrib}
    assert root.get("role") == "img" and root.get("class") == "circuit"


def test_jacobians_are_below_the_gates_if_asked_for():
    circuit = circuit_of("rectified")
    root = parsed(svg(circuit, jacobians=True))
    (text,) = texts_of(root, "jacobian")
    head, *rows = lines_of(text)
    assert head == "∂out/∂x"
    assert np.array_equal([[float(each) for each in row.strip("[]").split()] for row in rows],
                          jacobian(circuit.gates[0], "x"))
    assert "jacobian\"" not in svg(circuit).partition("</style>")[2]


def test_constants_are_in_the_gate_or_below_it():
    texts = {case: [line for each in parsed(svg(circuit_of(case))).iter(f"{SVG}text")
                    for line in lines_of(each)]
             for case in ("gate by gate", "two layers", "penalized", "mixed", "regressor")}
    assert {"*-1", "+1", "1/x", "exp", "*", "+"} <= set(texts["gate by gate"])
    assert {"affine", "ReLU", "softmax loss"} <= set(texts["two layers"])
    y = CASES["two layers"]()[1][1]
    assert f"y=[{y[0]} {y[1]}]" in texts["two layers"]
    assert {"y=[0 1 1]", "margin=0.5", "strength=0.1"} <= set(texts["penalized"])
    assert {"slope=0.1", "p=0.25"} <= set(texts["mixed"])
    assert not [line for lines in texts.values() for line in lines if "rng" in line]


def test_hostile_names_and_titles_are_escaped_and_cut():
    circuit = graph(trace(lambda x: relu.forward(x), np.ones(3)))
    circuit.wires[0].name = '"><script>&\'' + "a\n" * 5000
    circuit.wires[1].name = "]]></style>"
    circuit.gates[0].call.layer = "<b>" * 100
    text = svg(circuit, title='</title><script>"&\'')
    root = parsed(text)
    assert "<script" not in text and text.count("</style>") == 1
    assert root.find(f"{SVG}title").text == '</title><script>"&\''
    assert root.get("aria-label") == '</title><script>"&\''
    names = [lines_of(each)[0] for each in root.iter(f"{SVG}text") if "name" in each.get("class")]
    assert names[1] == "]]></style>" and names[0].startswith('"><script>&')
    assert max(map(len, names)) <= 24 and float(root.get("width")) < 1500


def test_background_and_title():
    circuit = circuit_of("product")
    assert parsed(svg(circuit)).find(f"{SVG}title").text == "The circuit of circuit"
    assert 'class="page"' in svg(circuit)
    assert 'class="page"' not in svg(circuit, background=False)
    assert "prefers-color-scheme: dark" in svg(circuit)
    assert "http" not in svg(circuit).replace("http://www.w3.org/2000/svg", "")


def test_draw_is_one_line(tmp_path):
    path = tmp_path / "net.svg"
    function, (x, y) = MODELS["two layers"]()
    circuit = draw(path, function, x, y, title="A net")
    assert path.read_text(encoding="utf-8") == svg(circuit, title="A net")
    assert np.array_equal(circuit.wire("W1").gradient, function(x, y)[1]["W1"])
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="nothing calls no layer and no gate"):
        draw(path, nothing, 1.0)
    with pytest.raises(TypeError):
        draw(path, product, 1.0, 2.0, "3")
    with pytest.raises(FileNotFoundError):
        draw(tmp_path / "none" / "net.svg", function, x, y)
    assert path.read_text(encoding="utf-8") == svg(circuit, title="A net")


def nothing(x):
    return [x]


def test_numbers_of_the_students_own_between_layers():
    """What NumPy makes between two layers is an input of its own, by the name in the source."""
    def run(x, W, b):
        h, _ = affine.forward(x, W, b)
        twice = 2 * h
        out, _ = relu.forward(twice)
        total, _ = add.forward(1.5, float(out.sum()))
        return multiply.forward(total, 2.0)

    circuit = graph(trace(run, random(2, 3), random(3, 2), random(2)))
    names = [wire.name for wire in circuit.wires if wire.gate is None]
    assert names == ["x", "W", "b", "twice", "1.5", "float(out.sum())", "2.0"]
    assert len(bodies(parsed(svg(circuit)))) == 4


def test_a_student_s_broken_backward_is_still_drawn():
    class Broken(Exception):
        pass

    circuit = graph(trace(chain, 0.5))
    for gate in circuit.gates:
        def backward(dout, cache):
            raise Broken
        gate.call.scope = {"backward": backward}
    texts = [each.get("class") for each in parsed(svg(circuit)).iter(f"{SVG}text")]
    assert "local" not in texts and texts.count("gradient") == 65
    circuit = circuit_of("rectified")
    circuit.gates[0].call.scope = {"backward": backward}
    assert 'class="jacobian"' not in svg(circuit, jacobians=True)
