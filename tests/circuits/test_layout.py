"""Where things stand in a drawing: no text on another, a gate or a wire; few crossings.

The boxes of texts are worked out from font size and length alone; test_svg_browser.py has a
browser measure them.
"""

import builtins
import itertools
import math

import numpy as np
import pytest
from circuit_cases import CASES, NUMBERS, circuit_of
from flat_functions import crossed
from svg_boxes import SVG, apart, bodies, box_of, lines_of, parsed, points_of

from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg
from flatprop.lecture.running_example import INPUTS, network
from layers.gates import add


@pytest.mark.parametrize("jacobians", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_nothing_overlaps_and_no_wire_runs_through_a_text(case, jacobians):
    root = parsed(svg(circuit_of(case), jacobians=jacobians))
    width, height = float(root.get("width")), float(root.get("height"))
    texts = [(each, box_of(each)) for each in root.iter(f"{SVG}text")]
    for (one, box), (other, other_box) in itertools.combinations(texts, 2):
        assert apart(box, other_box), (lines_of(one), lines_of(other))
    gates = bodies(root)
    for box, other in itertools.combinations(gates.values(), 2):
        assert apart(box, other)
    symbols = {id(each) for gate in root.iter(f"{SVG}g")
               for each in gate.findall(f"{SVG}text[@class='symbol']")}
    assert len(symbols) == len(gates)
    for text, box in texts:
        assert box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height
        if id(text) not in symbols:
            assert all(apart(box, body) for body in gates.values())
    points = np.array([point for path in root.iter(f"{SVG}path")
                       for point in points_of(path.get("d"))])
    for text, (left, top, right, bottom) in texts:
        hit = ((points[:, 0] > left) & (points[:, 0] < right) & (points[:, 1] > top)
               & (points[:, 1] < bottom))
        assert not hit.any(), lines_of(text)
    for left, top, right, bottom in gates.values():     # a corner of a round one is not inside it
        inset = 0.15 * (bottom - top)
        hit = ((points[:, 0] > left + inset) & (points[:, 0] < right - inset)
               & (points[:, 1] > top + inset) & (points[:, 1] < bottom - inset))
        assert not hit.any()


@pytest.mark.parametrize("case", CASES)
def test_each_wire_ends_at_its_gate_and_runs_to_the_right(case):
    circuit = circuit_of(case)
    root = parsed(svg(circuit))
    gates = bodies(root)
    for path in root.iter(f"{SVG}path"):
        wire = circuit.wires[int(path.get("data-wire"))]
        points = list(points_of(path.get("d")))
        assert all(after[0] >= before[0] - 0.2 for before, after in itertools.pairwise(points))
        if wire.gate is not None:
            assert at_edge(points[0], gates[wire.gate])
        if path.get("data-use") is not None:
            assert at_edge(points[-1], gates[wire.uses[int(path.get("data-use"))].gate])


def at_edge(point, box):
    """Whether a point lies on the edge of a gate, or of the circle in its box."""
    (x, y), (left, top, right, bottom) = point, box
    radius, middle = (right - left) / 2, ((left + right) / 2, (top + bottom) / 2)
    round_ = abs(np.hypot(x - middle[0], y - middle[1]) - radius) < 0.3
    return round_ or (min(abs(x - left), abs(x - right)) < 0.2 and top < y < bottom)


def test_a_drawing_grows_with_the_net_and_stays_flat():
    short, long = (parsed(svg(circuit_of(case))) for case in ("layernorm, tanh", "ten layers"))
    assert float(long.get("width")) > 2 * float(short.get("width"))
    assert float(long.get("height")) < 2 * float(short.get("height"))
    heights = {round(point[1], 1) for path in parsed(svg(circuit_of("chain"))).iter(f"{SVG}path")
               for point in points_of(path.get("d"))}
    assert len(heights) == 1        # a chain is one straight line


def test_a_drawing_is_no_wider_than_its_numbers_need():
    given = [value for name, value in INPUTS.items() if name != "rate"]
    assert float(parsed(svg(graph(trace(network, *given)))).get("width")) < 2450


def with_wide_letters(変数の名前, y):
    return add.forward(変数の名前, y)


def test_letters_as_wide_as_high_have_their_room():
    root = parsed(svg(graph(trace(with_wide_letters, 1.0, 2.0))))
    (name,) = [each for each in root.iter(f"{SVG}text") if lines_of(each) == ["変数の名前"]]
    half = len("変数の名前") * float(name.get("font-size")) / 2
    wire = next(each for each in root.iter(f"{SVG}path") if each.get("data-wire") == "0")
    assert half <= float(name.get("x"))
    assert float(name.get("x")) + half <= next(points_of(wire.get("d")))[0]


def test_a_long_wire_bends_once():
    circuit = circuit_of("gate by gate")
    number = circuit.wires.index(circuit.wire("w2"))
    (path,) = [each for each in parsed(svg(circuit)).iter(f"{SVG}path")
               if each.get("data-wire") == str(number)]
    heights = [round(point[1], 1) for point in points_of(path.get("d"))]
    level = max(set(heights), key=heights.count)
    assert heights.index(next(each for each in heights if each != level)) > 0.5 * len(heights)


@pytest.mark.slow
def test_the_layout_is_the_same_however_sum_rounds(monkeypatch):
    """From Python 3.12 on sum rounds only once, as fsum does."""
    def rounding_once(numbers, start=0):
        numbers = list(numbers)
        is_float = any(isinstance(each, float) for each in numbers)
        return math.fsum([start, *numbers]) if is_float else start + before(numbers)

    drawings = {case: svg(circuit_of(case)) for case in NUMBERS}
    before = builtins.sum
    monkeypatch.setattr(builtins, "sum", rounding_once)
    assert {case: svg(circuit_of(case)) for case in NUMBERS} == drawings


def test_few_wires_cross():
    """crossed cannot do with fewer, as arguments go into a gate in their order; the others can."""
    assert crossings(parsed(svg(graph(trace(crossed, 1.0, 2.0, 3.0, 4.0))))) <= 2
    for case in ("tangled", "product", "gate by gate", "two layers", "ten layers"):
        assert crossings(parsed(svg(circuit_of(case)))) == 0


def crossings(root):
    """How many pairs of wires change their order between two places where both are."""
    ways = {each.get("data-wire"): list(points_of(each.get("d"))) for each in
            root.iter(f"{SVG}path")}
    count = 0
    for one, other in itertools.combinations(ways.values(), 2):
        left, right = max(one[0][0], other[0][0]), min(one[-1][0], other[-1][0])
        if left < right:
            at = np.linspace(left + 0.5, right - 0.5, 200)
            gap = np.interp(at, *zip(*one, strict=True)) - np.interp(at, *zip(*other, strict=True))
            count += int((np.diff(np.sign(gap)) != 0).sum())
    return count
