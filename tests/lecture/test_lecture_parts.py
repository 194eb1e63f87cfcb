"""The lecture's worked numbers as lecture/ shows them: exact to 1e-12, and as printed and drawn.

What is expected is worked out here with math alone.
"""

import math

import pytest
from lecture_cases import drawn, exactly, listed, run, table, text, values

from flatprop.circuits.graph import graph
from flatprop.lecture import sigmoid_neuron

SIGMA = 1 / (1 + math.exp(-1))                          # the neuron's output, 0.731059
SLOPE = math.exp(-1) / (1 + math.exp(-1)) ** 2          # sigma'(1), 0.196612


def check(part, function, expected):
    """What the code of a part assigns is as expected."""
    found = values(part, function)
    assert [found[name] for name in expected] == exactly(list(expected.values()))


def check_printed(part, function, expected):
    """It is printed so: {name: text, or a whole number}."""
    printed = listed(part, function)
    assert {name: printed[name] for name in expected} == {
        name: str(value) for name, value in expected.items()}


def test_1_simple_circuit():
    expected = {"q": 3, "f": -12, "dq": -4, "dz": 3, "dx": -4, "dy": -4}
    check("simple_circuit", "circuit", expected)
    check_printed("simple_circuit", "circuit", expected)
    assert drawn("simple_circuit", "circuit") == {
        "x": ("-2.00", "-4.00"), "y": ("5.00", "-4.00"), "z": ("-4.00", "3.00"),
        "q": ("3.00", "-4.00"), "f": ("-12.00", "1.00")}


NEURON = {"s0": -2, "s1": 6, "s2": 4, "s3": 1}
NEURON_GRADIENTS = {"ds3": SLOPE, "ds2": SLOPE, "dw2": SLOPE, "ds0": SLOPE, "ds1": SLOPE,
                    "dw0": -SLOPE, "dx0": 2 * SLOPE, "dw1": -2 * SLOPE, "dx1": -3 * SLOPE}
NEURON_PRINTED = {"s0": "-2", "s1": "6", "s2": "4", "s3": "1", "ds3": "0.196612",
                  "ds2": "0.196612", "dw2": "0.196612", "dw0": "-0.196612", "dx0": "0.393224",
                  "dw1": "-0.393224", "dx1": "-0.589836", "f": "0.731059"}


def test_2_sigmoid_neuron_gate_by_gate():
    check("sigmoid_neuron", "gate_by_gate", NEURON | {
        "n": -1, "e": math.exp(-1), "d": 1 + math.exp(-1), "f": SIGMA,
        "df": 1, "dd": -SIGMA**2, "de": -SIGMA**2, "dn": -SLOPE} | NEURON_GRADIENTS)
    check_printed("sigmoid_neuron", "gate_by_gate", NEURON_PRINTED | {
        "n": "-1", "e": "0.367879", "d": "1.367879", "df": "1", "dd": "-0.534447",
        "de": "-0.534447", "dn": "-0.196612"})
    wires = drawn("sigmoid_neuron", "gate_by_gate")
    assert wires == {
        "w0": ("2.00", "-0.20"), "x0": ("-1.00", "0.39"), "w1": ("-3.00", "-0.39"),
        "x1": ("-2.00", "-0.59"), "w2": ("-3.00", "0.20"), "s0": ("-2.00", "0.20"),
        "s1": ("6.00", "0.20"), "s2": ("4.00", "0.20"), "s3": ("1.00", "0.20"),
        "n": ("-1.00", "-0.20"), "e": ("0.37", "-0.53"), "d": ("1.37", "-0.53"),
        "f": ("0.73", "1.00")}


def test_2_sigmoid_neuron_as_one_gate():
    check("sigmoid_neuron", "one_gate", NEURON | {"f": SIGMA} | NEURON_GRADIENTS)
    check_printed("sigmoid_neuron", "one_gate", NEURON_PRINTED)
    row = table("sigmoid_neuron", "[upstream gradient]")["the sigmoid gate"]
    assert (row["1 - sigma"], row["sigma"], row["gradient of s3"]) == exactly(
        (1 - SIGMA, SIGMA, SLOPE))
    assert "0.268941   0.731059         0.196612" in text("sigmoid_neuron")
    assert f"{row['gradient of s3']:.1f}" == "0.2"      # on the slide
    assert drawn("sigmoid_neuron", "one_gate")["f"] == ("0.73", "1.00")


@pytest.mark.parametrize("function, expected", [
    ("add_gate", {"z": 7, "dx": 2, "dy": 2}), ("mul_gate", {"z": 6, "dx": 15, "dy": 10}),
    ("copy_gate", {"y": 7, "z": 7, "dx": 6}), ("max_gate", {"z": 5, "dx": 0, "dy": 9}),
])
def test_3_patterns(function, expected):
    check("patterns", function, expected)
    check_printed("patterns", function, expected)


def test_3_patterns_drawn():
    assert drawn("patterns", "add_gate") == {
        "x": ("3.00", "2.00"), "y": ("4.00", "2.00"), "z": ("7.00", "2.00")}
    assert drawn("patterns", "mul_gate") == {
        "x": ("2.00", "15.00"), "y": ("3.00", "10.00"), "z": ("6.00", "5.00")}
    assert drawn("patterns", "copy_gate") == {
        "x": ("7.00", "6.00"), "y": ("7.00", "4.00"), "z": ("7.00", "2.00")}
    assert drawn("patterns", "max_gate") == {
        "x": ("4.00", "0.00"), "y": ("5.00", "9.00"), "z": ("5.00", "9.00")}
    said = text("patterns")
    for pattern in ("distributor", "swap multiplier", "adder", "router"):
        assert pattern in said


@pytest.mark.parametrize("function", ["f", "by_gates"])
def test_4_flat_code_with_its_ten_gradients(function):
    check("flat_code", function, NEURON | {"L": SIGMA})
    multiples = {"s3": 1, "w2": 1, "s2": 1, "s0": 1, "s1": 1, "w1": -2, "x1": -3, "w0": -1,
                 "x0": 2}
    expected = {"grad_L": 1} | {f"grad_{name}": each * SLOPE for name, each in multiples.items()}
    check("flat_code", function, expected)
    assert len(expected) == sum(name.startswith("grad_")
                                for name in values("flat_code", function)) == 10
    check_printed("flat_code", function, NEURON | {"L": "0.731059", "grad_L": "1"} | {
        name: f"{value:.6f}" for name, value in expected.items() if name != "grad_L"})
    rows = table("flat_code", "All ten")
    assert list(rows) == list(expected)
    assert [row["flat"] for row in rows.values()] == exactly(list(expected.values()))


def test_8_running_example():
    z1 = 1 / (1 + math.exp(-(-0.5 + 0.5 * 1 + 1.5 * -2)))
    z2 = 1 / (1 + math.exp(-(0.75 - 1.0 * 1 + 0.25 * -2)))
    y = 0.1 + 2 * z1 - z2
    e = y - 0.5
    d1, d2 = e * 2 * z1 * (1 - z1), e * -1 * z2 * (1 - z2)
    expected = {"z1": z1, "z2": z2, "y": y, "L": e**2 / 2, "dw01h": d1, "dw11h": d1,
                "dw21h": -2 * d1, "dw02h": d2, "dw12h": d2, "dw22h": -2 * d2, "dw01o": e,
                "dw11o": e * z1, "dw21o": e * z2, "dx1": 0.5 * d1 - d2, "dx2": 1.5 * d1 + d2 / 4}
    check("running_example", "network", expected)
    rows = table("running_example", "for each of the weights")
    for name, row in rows.items():
        assert row["gradient"] == exactly(expected[f"d{name}"])
        assert row["by differences"] == pytest.approx(row["gradient"], rel=0, abs=1e-9)
        if name[0] == "w":
            assert row["gradient by layers"] == exactly(row["gradient"])
    assert len(rows) == 11
    assert drawn("running_example", "network")["L"] == (f"{e**2 / 2:.2f}", "1.00")


def test_12_practice():
    expected = {"p": -12, "m": 2, "s": -10, "f": -20, "dx": -8, "dy": 6, "dz": 2, "dw": 0}
    check("practice", "product_and_maximum", expected)
    check_printed("practice", "product_and_maximum", expected)
    wires = drawn("practice", "product_and_maximum")
    assert [wires[name] for name in "xyzwf"] == [
        ("3.00", "-8.00"), ("-4.00", "6.00"), ("2.00", "2.00"), ("-1.00", "0.00"),
        ("-20.00", "1.00")]


def test_12_quotient():
    s3, s4 = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(4))
    above, below = 3 + s4, s3 + 1
    dx = (below - above * (s3 * (1 - s3) - 2)) / below**2
    dy = (s4 * (1 - s4) * below + 2 * above) / below**2
    check("practice", "quotient", {"f": above / below, "dx": dx, "dy": dy})
    said = text("practice")
    assert "f = 1.545645" in said
    assert "x     2.059570" in said and "y     1.592233" in said
    wires = drawn("practice", "quotient")
    assert (wires["f"], wires["x"], wires["y"]) == (
        ("1.55", "1.00"), ("3.00", "2.06"), ("-4.00", "1.59"))


def test_the_gates_in_the_drawing_have_no_loose_ends():
    """Each wire of the quotient but the last goes into a gate: no copy is taken for another."""
    wires = graph(run("practice", "quotient")).wires
    assert [wire.name for wire in wires if not wire.uses] == ["f"]


@pytest.mark.parametrize("part, words", [
    ("losses", "s_j - s_{y_i} + 1"), ("sgd", "theta - eta dJ/dtheta"), ("sgd", "should be 1/B"),
    ("on_paper", "should read W_{j,:} x - W_{y_i,:} x + 1"), ("sigmoid_neuron", "it is -1/x^2"),
    ("sigmoid_neuron", "should read e^-1"), ("matmul", "not x w"),
])
def test_each_slip_stands_where_it_belongs(part, words):
    slips = [each for each in text(part).split("\n\n") if each.startswith("Slip: ")]
    assert any(words in " ".join(each.split()) for each in slips)


def test_both_neurons_are_the_models():
    from models.sigmoid_neuron import neuron
    given = list(sigmoid_neuron.INPUTS.values())
    L, grads = neuron(*given)
    for function in (sigmoid_neuron.gate_by_gate, sigmoid_neuron.one_gate):
        assert function(*given) == exactly((L, *(grads[name] for name in sigmoid_neuron.INPUTS)))


@pytest.mark.parametrize("part, words", [
    ("sigmoid_neuron", "dsigma(x)/dx = e^-x / (1 + e^-x)^2 = ((1 + e^-x - 1) / (1 + e^-x)) "
     "(1 / (1 + e^-x)) = (1 - sigma(x)) sigma(x)"),
    ("risk", "theta* = argmin over theta of J(theta)"),
    ("running_example", "a neural network is a function parameterized by its weights"),
])
def test_what_the_slides_say_beside_the_numbers(part, words):
    assert words in " ".join(text(part).split())
