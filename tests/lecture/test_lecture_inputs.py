"""What the parts of lecture/ compute, row by row of its table, and that it follows the inputs."""

import math

import numpy as np
import pytest
from lecture_cases import array, cross_entropy, exactly, numeric, run, table, text, values

from flatprop.lecture import derivatives, jacobians, on_paper, parts
from flatprop.lecture.content import Picture
from layers import matmul, softmax_loss, svm_loss


@pytest.mark.parametrize("changed", [{}, {"N": 5, "D": 2, "H": 3, "C": 4, "seed": 7}])
def test_nets_scores_and_gradients(changed):
    for function in ("linear", "two_layer", "three_layer", "two_layer_with_bias"):
        record = run("nets", function, **changed)
        given, found = record.given, values("nets", function, **changed)
        x, y = given["x"], given["y"]
        weights = {name: each for name, each in given.items() if name not in "xy"}

        def scores(weights, x=x):
            active = x
            for place in ("", "1", "2", "3"):
                if f"W{place}" in weights:
                    active = np.maximum(0, active) if place in "23" and place else active
                    active = active @ weights[f"W{place}"] + weights.get(f"b{place}", 0)
            return active

        assert found["f"] == exactly(scores(weights))
        assert float(found["L"]) == exactly(cross_entropy(found["f"], y))
        for name in weights:
            def L(W, name=name, weights=weights, scores=scores, y=y):
                return cross_entropy(scores(weights | {name: W}), y)
            expected = numeric(L, weights[name])
            assert found[f"d{name}"] == pytest.approx(expected, rel=0, abs=1e-8)


def test_losses_follow_their_scores():
    rows = table("losses", "Scores", s0=1.0, s1=2.0, s2=0.5, y=2, margin=2.0)
    assert list(rows["SVM, margin 2"].values())[1:] == [2.5 + 3.5, 1, 1, -2]
    total = math.exp(1) + math.exp(2) + math.exp(0.5)
    assert list(rows["softmax"].values())[1:] == exactly(
        [math.log(total) - 0.5, math.exp(1) / total, math.exp(2) / total,
         math.exp(0.5) / total - 1])
    assert "softmax 4.605170 ln 100" in " ".join(text("losses", classes=100).split())


def test_lambdas_add_their_share():
    without = table("losses", "The swap", lambda1=0.0, lambda2=0.0)
    both = table("losses", "The swap", lambda1=0.5, lambda2=2.0)
    given = run("losses", "total_loss").given
    added = 0.5 * (given["W1"] ** 2).sum() + 2.0 * (given["W2"] ** 2).sum()
    for loss in ("SVM loss", "softmax loss"):
        assert both["total L"][loss] - without["total L"][loss] == exactly(added)
    difference = (array("losses", "dW2 with softmax", lambda2=2.0)
                  - array("losses", "dW2 with softmax", lambda2=0.0))
    assert difference == exactly(2 * 2.0 * given["W2"])


@pytest.mark.parametrize("layer, formula", [(svm_loss, on_paper.svm_on_paper),
                                            (softmax_loss, on_paper.softmax_on_paper)])
def test_on_paper_as_by_layers(layer, formula):
    given = run("on_paper", "modular", C=5, seed=2).given
    x, y, W, strength = (given[name] for name in ("x", "y", "W", "strength"))
    expected = numeric(lambda W: on_paper.modular(x, y, W, strength, layer)[0], W)
    assert formula(x, y, W, strength) == pytest.approx(expected, rel=0, abs=1e-8)
    assert formula(x, y, W, strength) == exactly(on_paper.modular(x, y, W, strength, layer)[1])


def test_derivatives_of_all_three_kinds():
    y, slope = derivatives.scalar_to_scalar(0.5)
    assert (y, slope) == exactly((1 / (1 + math.exp(-0.5)),
                                  math.exp(-0.5) / (1 + math.exp(-0.5)) ** 2))
    x, w = np.array([3.0, -1.0]), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y, gradient = derivatives.vector_to_scalar(x)
    assert y == exactly(0.5 * 10 / 2) and gradient == exactly(x / 2)
    y, jacobian = derivatives.vector_to_vector(x, w)
    assert y == exactly([-1.0, 1.0, 3.0]) and np.array_equal(jacobian, w)
    rows = table("derivatives", "at a time", x1=4.0, change=1e-6)
    assert rows["y for x[1]"]["what happens"] == pytest.approx(4e-6 / 3, rel=1e-5)
    assert rows["y for x[1]"]["derivative x change"] == exactly(4e-6 / 3)


def test_jacobians_explicit_and_implicit():
    rng = np.random.default_rng(0)
    x, w, dy = (rng.normal(size=shape) for shape in ((3, 4), (4, 2), (3, 2)))
    dx, dw = jacobians.explicit_matmul(x, w, dy)
    assert dx == exactly(dy @ w.T) and dw == exactly(x.T @ dy)
    rows = list(table("jacobians", "Measured", N=8, D=16, M=16).values())
    assert [row["N, D, M"] for row in rows] == ["8, 4, 4", "8, 8, 8", "8, 16, 16"]
    x = np.zeros((8, 16))
    _, peak = jacobians.cost(jacobians.explicit_matmul, x, np.zeros((16, 16)), x)
    _, small = jacobians.cost(matmul.backward, x, (x, np.zeros((16, 16))))
    assert peak >= (8 * 16) * (8 * 16) * 8 and small < peak / 10
    assert jacobians.size(3 * 2**20) == "3 MiB" and jacobians.duration(2e-3) == "2 ms"
    found = values("jacobians", "vector_relu", x2=5.0, dz2=7.0)
    assert found["z"].tolist() == [1, 5, 3, 0] and found["dx"].tolist() == [4, 7, 5, 0]


def test_scalar_circuits_follow_their_inputs():
    found = values("simple_circuit", "circuit", x=3.0, y=1.0)
    assert [found[name] for name in ("q", "f", "dx", "dy", "dz")] == [4, -16, -4, -4, 4]
    s = 1 / (1 + math.exp(-(0.5 * -1 + -3 * -2 - 3)))
    for part, function, d in (("sigmoid_neuron", "gate_by_gate", "d"),
                              ("sigmoid_neuron", "one_gate", "d"), ("flat_code", "f", "grad_"),
                              ("flat_code", "by_gates", "grad_")):
        found = values(part, function, w0=0.5)
        assert [found[d + name] for name in ("w0", "x0", "w1", "x1", "w2")] == exactly(
            [each * s * (1 - s) for each in (-1, 0.5, -2, -3, 1)])
    found = values("multiply_gate", "gate", x=-1.5, dz=2.0)
    assert (found["z"], found["dx"], found["dy"]) == (-4.5, 6, -3)
    assert values("patterns", "max_gate", max_x=6.0)["dx"] == 9
    found = values("practice", "product_and_maximum", w=5.0)
    assert (found["f"], found["dz"], found["dw"]) == (-14, 0, 2)
    assert values("matmul", "multiply", x11=5.0)["y"][0].tolist() == [8, 5, 5, 3]


def test_running_example_follows_its_inputs():
    changed = {"x1": 0.3, "w21h": -0.7, "w11o": 1.1, "yi": 2.0}
    rows = table("running_example", "for each of the weights", **changed)
    w = parts.find("running_example").INPUTS | changed

    def L(w):
        z1 = 1 / (1 + math.exp(-(w["w01h"] + w["w11h"] * w["x1"] + w["w21h"] * w["x2"])))
        z2 = 1 / (1 + math.exp(-(w["w02h"] + w["w12h"] * w["x1"] + w["w22h"] * w["x2"])))
        return 0.5 * (w["w01o"] + w["w11o"] * z1 + w["w21o"] * z2 - w["yi"]) ** 2

    assert values("running_example", "network", **changed)["L"] == exactly(L(w))
    for name, row in rows.items():
        slope = (L(w | {name: w[name] + 1e-6}) - L(w | {name: w[name] - 1e-6})) / 2e-6
        assert row["gradient"] == pytest.approx(slope, rel=0, abs=1e-8)
    after = table("running_example", "gradient step", **changed)["after"]["L"]
    assert after == exactly(L(w | {name: w[name] - 0.1 * row["gradient"]
                                   for name, row in rows.items() if name[0] == "w"}))


@pytest.mark.parametrize("part", parts.PARTS, ids=parts.name)
def test_every_part_is_complete(part):
    assert part.TITLE and part.SECTION and part.INPUTS and part.__doc__
    assert set(part.RANGES) <= set(part.INPUTS)
    for name, (low, high) in part.RANGES.items():
        assert low <= part.INPUTS[name] <= high
    shown = part.show(dict(part.INPUTS))
    names = [item.name for item in shown if isinstance(item, Picture)]
    assert len(names) == len(set(names)) and len(shown) >= 4
