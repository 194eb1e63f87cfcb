"""The lecture's worked numbers as lecture/ shows them: computed, printed and drawn.

What is expected is worked out here with math and a few lines of NumPy, and exact to 1e-12.
"""

import math

import numpy as np
import pytest
from lecture_cases import array, drawn, exactly, listed, numeric, run, table, text, values

from flatprop.circuits.graph import graph

SIGMA = 1 / (1 + math.exp(-1))                          # the neuron's output, 0.731059
SLOPE = math.exp(-1) / (1 + math.exp(-1)) ** 2          # sigma'(1), 0.196612


def check(part, function, expected, d="d"):
    """What the code of a part assigns is as expected, and so are its listing and its drawing."""
    found, printed = values(part, function), listed(part, function)
    for name, value in expected.items():
        assert found[name] == exactly(value), name
        assert float(printed[name]) == pytest.approx(value, rel=0, abs=5.1e-7), name
    circuit = {} if (part, function) == ("flat_code", "f") else drawn(part, function)
    for wire, (value, gradient) in circuit.items():
        for name, shown in ((wire, value), (d + wire, gradient)):
            if name in expected:
                assert float(shown) == pytest.approx(expected[name], rel=0, abs=0.0051), name


def test_1_simple_circuit():
    check("simple_circuit", "circuit", {"q": 3, "f": -12, "dq": -4, "dz": 3, "dx": -4, "dy": -4})
    assert drawn("simple_circuit", "circuit") == {
        "x": ("-2.00", "-4.00"), "y": ("5.00", "-4.00"), "z": ("-4.00", "3.00"),
        "q": ("3.00", "-4.00"), "f": ("-12.00", "1.00")}


NEURON = {"s0": -2, "s1": 6, "s2": 4, "s3": 1}
NEURON_GRADIENTS = {"ds3": SLOPE, "ds2": SLOPE, "dw2": SLOPE, "ds0": SLOPE, "ds1": SLOPE,
                    "dw0": -SLOPE, "dx0": 2 * SLOPE, "dw1": -2 * SLOPE, "dx1": -3 * SLOPE}


def test_2_sigmoid_neuron_gate_by_gate():
    check("sigmoid_neuron", "gate_by_gate", NEURON | {
        "n": -1, "e": math.exp(-1), "d": 1 + math.exp(-1), "f": SIGMA,
        "df": 1, "dd": -SIGMA**2, "de": -SIGMA**2, "dn": -SLOPE} | NEURON_GRADIENTS)
    printed = listed("sigmoid_neuron", "gate_by_gate")
    assert [printed[name] for name in ("n", "e", "dd", "dw0", "dx1")] == [
        "-1", "0.367879", "-0.534447", "-0.196612", "-0.589836"]


def test_2_sigmoid_neuron_as_one_gate():
    check("sigmoid_neuron", "one_gate", NEURON | {"f": SIGMA} | NEURON_GRADIENTS)
    row = table("sigmoid_neuron", "[upstream gradient]")["the sigmoid gate"]
    assert (row["1 - sigma"], row["sigma"], row["gradient of s3"]) == exactly(
        (1 - SIGMA, SIGMA, SLOPE))
    assert "0.268941   0.731059         0.196612" in text("sigmoid_neuron")


@pytest.mark.parametrize("function, expected", [
    ("add_gate", {"z": 7, "dx": 2, "dy": 2}), ("mul_gate", {"z": 6, "dx": 15, "dy": 10}),
    ("copy_gate", {"y": 7, "z": 7, "dx": 6}), ("max_gate", {"z": 5, "dx": 0, "dy": 9}),
])
def test_3_patterns(function, expected):
    check("patterns", function, expected)


@pytest.mark.parametrize("function", ["f", "by_gates"])
def test_4_flat_code_with_its_ten_gradients(function):
    multiples = {"s3": 1, "w2": 1, "s2": 1, "s0": 1, "s1": 1, "w1": -2, "x1": -3, "w0": -1,
                 "x0": 2}
    expected = {"grad_L": 1} | {f"grad_{name}": each * SLOPE for name, each in multiples.items()}
    check("flat_code", function, NEURON | {"L": SIGMA} | expected, d="grad_")
    assert len(expected) == sum(name.startswith("grad_")
                                for name in values("flat_code", function)) == 10
    rows = table("flat_code", "All ten")
    assert list(rows) == list(expected)
    assert [row["flat"] for row in rows.values()] == exactly(list(expected.values()))


def test_5_relu_on_a_vector():
    found = values("jacobians", "vector_relu")
    assert found["z"].tolist() == [1, 0, 3, 0] and found["dx"].tolist() == [4, 0, 5, 0]
    assert array("jacobians", "dz/dx").tolist() == np.diag([1, 0, 1, 0]).tolist()
    assert array("jacobians", "[dz/dx] [dL/dz]").tolist() == [4, 0, 5, 0]
    said = text("jacobians")
    assert "z = [1 0 3 0]" in said and "dx = [4 0 5 0]" in said
    assert "1  0  0  0\n    0  0  0  0\n    0  0  1  0\n    0  0  0  0\n" in said


Y = [[-1, -1, 2, 6], [5, 2, 11, 7]]
DX = [[0, 16, -9], [-24, 9, -30]]
DW = [[28, 3, -18, 0], [-30, 7, 13, 33], [-22, -7, 17, -15]]


def test_6_matrix_multiply():
    found = values("matmul", "multiply")
    assert (found["y"].tolist(), found["dx"].tolist(), found["dw"].tolist()) == (Y, DX, DW)
    said = " ".join(text("matmul").split())
    for rows in (Y, DX, DW, [[2, 1, -3], [-3, 4, 2]], [[2, 3, -3, 9], [-8, 1, 4, 6]],
                 [[3, 2, 1, -1], [2, 1, 3, 2], [3, 2, 1, -2]]):
        assert " ".join(str(each) for row in rows for each in row) in said
    assert "y = [[13, 9, -2, -6], [5, 2, 17, 1]], which is not x w" in said


def test_7_jacobian_memory():
    rows = table("jacobians", "nobody forms them")
    assert rows["dy/dx, explicit"]["float32"] == "256 GiB"      # (64 * 4096)**2 * 4 bytes
    assert rows["dy/dw, explicit"]["float32"] == "16 TiB"       # 64 * 4096 * 4096**2 * 4


def test_9_two_layer_net_with_svm_loss_and_two_lambdas():
    given = run("losses", "total_loss", lambda1=0.3, lambda2=0.7).given
    x, y, W1, W2 = (given[name] for name in ("x", "y", "W1", "W2"))

    def L(W1, W2):
        total = 0.0
        for row, right in zip(x, y, strict=True):
            s = np.maximum(0, row @ W1) @ W2
            total += sum(max(0, s[j] - s[right] + 1) for j in range(len(s)) if j != right)
        return total / len(x) + 0.3 * (W1**2).sum() + 0.7 * (W2**2).sum()

    rows = table("losses", "The swap", lambda1=0.3, lambda2=0.7)
    assert rows["total L"]["SVM loss"] == exactly(L(W1, W2))
    assert rows["lambda1 R(W1)"]["SVM loss"] == exactly(0.3 * (W1**2).sum())
    assert rows["lambda2 R(W2)"]["SVM loss"] == exactly(0.7 * (W2**2).sum())
    for key, expected in (("dW1 with SVM", numeric(lambda W: L(W, W2), W1)),
                          ("dW2 with SVM", numeric(lambda W: L(W1, W), W2))):
        found = array("losses", key, lambda1=0.3, lambda2=0.7)
        assert found == pytest.approx(expected, rel=0, abs=1e-8)


def test_10_chance_loss():
    rows = table("losses", "tiny weights")
    assert rows["softmax"]["loss"] == exactly(math.log(10))
    assert rows["SVM"]["loss"] == exactly(9)


def test_11_svm_margins_and_softmax():
    rows = table("losses", "Scores [13, -7, 11]")
    assert list(rows["SVM, margin 10"].values())[1:] == [8, -1, 0, 1]
    assert list(rows["SVM, margin 1"].values())[1:] == [0, 0, 0, 0]
    rows = table("losses", "dscores is p")
    assert list(rows["softmax"].values())[1:] == exactly([-math.log(0.3), 0.2, -0.7, 0.5])


def test_jacobians_are_as_empty_as_is_said():
    rows = table("matmul", "The Jacobians")
    said = " ".join(text("matmul").split())
    for name, letter, share in (("dy/dx", "N", 2), ("dy/dw", "M", 4)):
        assert rows[name]["not 0"] * share == rows[name]["entries"]
        assert f"1/{letter} = 1/{share}" in said


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


def test_12_practice():
    check("practice", "product_and_maximum", {"p": -12, "m": 2, "s": -10, "f": -20, "dx": -8,
                                              "dy": 6, "dz": 2, "dw": 0})


def test_12_quotient():
    s3, s4 = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(4))
    above, below = 3 + s4, s3 + 1
    dx = (below - above * (s3 * (1 - s3) - 2)) / below**2
    dy = (s4 * (1 - s4) * below + 2 * above) / below**2
    check("practice", "quotient", {"f": above / below, "dx": dx, "dy": dy})


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
