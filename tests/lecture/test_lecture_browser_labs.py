"""What there is to play with on the page, against the layers, the nets and the rule of Python."""

import numpy as np
import pytest
from browser_cases import fill

from flatprop.lecture import nets, on_paper, risk, running_example
from layers import matmul, relu, sigmoid, softmax_loss, svm_loss, tanh
from models.fully_connected_net import FullyConnectedNet
from solvers.update_rules.sgd import Sgd

pytestmark = pytest.mark.slow       # in a browser

ACTIVATIONS = {"relu": relu, "tanh": tanh, "sigmoid": sigmoid, "none": None}
STATE = """lab => ({net: lab.training.net, x: lab.training.data.x, y: lab.training.data.y})"""
HUNDRED = """lab => { const out = []; for (let step = 0; step < 100; step += 1) {
    const loss = lab.training.step();
    out.push([loss, lab.training.batch, structuredClone(lab.training.net)]); } return out; }"""


def lab_of(opened, name):
    return opened.locator(f'[data-lab="{name}"]')


def numbers(lab, name=None):
    """The numbers in full of a lab, or of one of its arrays."""
    place = lab if name is None else lab.locator(f'[data-name="{name}"]')
    return [float(each) for each in place.locator("[data-exact]").evaluate_all(
        "all => all.map((each) => each.dataset.exact)")]


def test_browser_net_takes_the_steps_of_python(desktop):
    lab = lab_of(desktop, "net")
    assert_same_steps(lab, "relu", 20, 0.3, 0.0)
    assert_same_steps(lab, "tanh", 7, 0.5, 0.001)
    assert_same_steps(lab, "sigmoid", 120, 1.0, 0.01)
    assert_same_steps(lab, "none", 1, 0.05, 0.0)


def assert_same_steps(lab, activation, batch, rate, l2):
    """A hundred steps of the page's net from its first weights are those of ours."""
    for name, value in (("rate", rate), ("batch", batch), ("L2", l2), ("hidden", 9)):
        lab.locator(f'[name="{name}"]').fill(str(value))
    lab.locator('[name="activation"]').select_option(activation)
    lab.get_by_role("button", name="Begin anew").click()
    first = lab.evaluate(STATE)
    x, y = np.array(first["x"]), np.array(first["y"])
    assert x.shape == (120, 2) and np.bincount(y).tolist() == [60, 60]
    model = FullyConnectedNet([2, 9, 2], activation=ACTIVATIONS[activation], dtype=np.float64)
    for name, rows in first["net"].items():
        model.params[name][:] = np.reshape(rows, model.params[name].shape)
    seen = []
    for t, (loss, rows, net) in enumerate(lab.evaluate(HUNDRED), 1):
        mean, grads = model.loss(x[rows], y[rows])
        assert loss == pytest.approx(mean, rel=1e-12)
        for name in model.weights:
            grads[name] = grads[name] + 2 * l2 * model.params[name]
        dtheta = np.concatenate([grads[name].ravel() for name in model.shapes])
        Sgd().step(model.theta, dtheta, rate, t)
        for name, value in net.items():
            assert np.ravel(value) == pytest.approx(model.params[name].ravel(), rel=1e-12,
                                                    abs=1e-12), (t, name)
        seen += rows
    if batch > 1:                       # an epoch visits every point once
        assert sorted(seen[:120]) == list(range(120))


def test_browser_net_learns_and_breaks(desktop):
    lab = lab_of(desktop, "net")
    after = "(lab, count) => { for (let i = 0; i < (count ?? 300); i += 1) lab.training.step(); " \
            "return lab.training.judge(); }"
    assert lab.evaluate(after, 1500)["accuracy"] > 0.97
    lab.locator('[name="activation"]').select_option("none")        # a line
    assert lab.evaluate(after)["accuracy"] < 0.8
    lab.locator('[name="activation"]').select_option("relu")
    lab.locator('[name="first weights"]').select_option("all 0")    # units that never differ
    assert lab.evaluate(after)["accuracy"] < 0.8
    lab.locator('[name="first weights"]').select_option("as He")
    lab.locator('[name="rate"]').fill("100")
    assert not lab.evaluate(after)["loss"] < np.log(2)              # worse than a guess
    lab.locator('[name="rate"]').fill("1")
    lab.get_by_role("button", name="One step").click()
    assert lab.locator("tbody tr").last.locator("td").first.text_content() == "301"
    lab.get_by_role("button", name="Train").click()
    desktop.wait_for_timeout(300)
    lab.get_by_role("button", name="Pause").click()
    assert int(lab.locator("tbody tr").last.locator("td").first.text_content()) > 301


def test_browser_risk_is_that_of_set(desktop):
    """The nets of part 1, trained in the page, against flatprop lecture risk --set."""
    lab = lab_of(desktop, "risk")
    for changed in ({}, {"rate": 0.05, "batch": 7, "epochs": 12}):
        for name, value in changed.items():
            lab.locator(f'[name="{name}"]').fill(str(value))
        inputs, wanted, shares = risk.INPUTS | changed, [], []
        x, y = risk.data(inputs)
        an_epoch = -(-inputs["examples"] // inputs["batch"])
        for seed in (0, 1):
            model, path = risk.train(inputs, seed)
            wanted += [risk.risk(model, path[step], x, y) for step in (0, an_epoch, -1)]
            shares.append(f"{np.mean(model.scores(x).argmax(axis=1) == y):.0%}")
        assert numbers(lab) == pytest.approx(wanted, rel=1e-9)
        assert lab.locator("td:last-child").all_text_contents() == shares
    points = lab.locator("polyline").evaluate_all(
        "all => all.map((each) => each.points.numberOfItems)")
    assert points == [13, 13]                           # J at first, and after each of 12 epochs
    lab.locator('[name="epochs"]').fill("41")           # out of range: what was told stays
    assert numbers(lab) == pytest.approx(wanted, rel=1e-9)


def test_browser_steps_of_the_running_example(desktop):
    """Two steps from edited inputs: by matrices and by hand, without the gates of the page."""
    lab = lab_of(desktop, "step")
    edited = {"x1": 0.5, "x2": 1.5, "yi": -1.0, "w11h": 1.25}
    fill(desktop.locator("#running-example-circuit-1"), edited)
    lab.locator('[name="rate"]').fill("0.3")
    given = running_example.INPUTS | edited
    x, b1, b2 = np.array([given["x1"], given["x2"]]), *(
        np.array([given[each] for each in names]) for names in (("w01h", "w02h"), ("w01o",)))
    W1 = np.array([[given["w11h"], given["w12h"]], [given["w21h"], given["w22h"]]])
    W2 = np.array([given["w11o"], given["w21o"]])
    for _ in range(2):
        z = 1 / (1 + np.exp(-(x @ W1 + b1)))
        error = z @ W2 + b2[0] - given["yi"]
        dh = error * W2 * z * (1 - z)
        before = [b1[0], W1[0, 0], W1[1, 0], b1[1], W1[0, 1], W1[1, 1], b2[0], *W2, error ** 2 / 2]
        W1, b1, W2, b2 = (W1 - 0.3 * np.outer(x, dh), b1 - 0.3 * dh, W2 - 0.3 * error * z,
                          b2 - 0.3 * error)
        z = 1 / (1 + np.exp(-(x @ W1 + b1)))
        loss = (z @ W2 + b2[0] - given["yi"]) ** 2 / 2
        after = [b1[0], W1[0, 0], W1[1, 0], b1[1], W1[0, 1], W1[1, 1], b2[0], *W2, loss]
        assert numbers(lab) == pytest.approx(np.stack([before, after], 1).ravel(), rel=1e-12)
        lab.get_by_role("button", name="Take the step").click()


def test_browser_losses_are_the_layers(desktop):
    lab = lab_of(desktop, "losses")
    for scores, y, margin in (([13.0, -7.0, 11.0], 0, 1.0), ([0.5, 2.0, -1.5], 2, 10.0)):
        for name, value in (*zip(("s0", "s1", "s2"), scores, strict=True), ("y", y),
                            ("margin", margin)):
            lab.locator(f'[name="{name}"]').fill(str(value))
        wanted = []
        for layer, more in ((svm_loss, (margin,)), (softmax_loss, ())):
            loss, cache = layer.forward(np.array([scores]), np.array([y]), *more)
            wanted += [loss, *layer.backward(1.0, cache)[0]]
        assert numbers(lab) == pytest.approx(wanted, rel=1e-12, abs=1e-14)


def test_browser_matrices_follow_their_cells(desktop):
    lab = lab_of(desktop, "matmul")
    lab.get_by_label("w, row 2, column 3").fill("-4.5")
    x = np.array([[2.0, 1, -3], [-3, 4, 2]])
    w = np.array([[3.0, 2, 1, -1], [2, 1, -4.5, 2], [3, 2, 1, -2]])
    dy = np.array([[2.0, 3, -3, 9], [-8, 1, 4, 6]])
    y, cache = matmul.forward(x, w)
    for name, each in zip(("y = x w", "dx = dy wᵀ", "dw = xᵀ dy"),
                          (y, *matmul.backward(dy, cache)), strict=True):
        assert numbers(lab, name) == pytest.approx(each.ravel(), rel=1e-12)


def test_browser_jacobian_and_its_zeros(desktop):
    lab = lab_of(desktop, "jacobian")
    lab.get_by_label("x, row 1, column 2").fill("2")
    assert numbers(lab, "dz/dx") == np.diag([1.0, 1, 1, 0]).ravel().tolist()
    assert numbers(lab, "dL/dx = [dz/dx] dz") == [4, -1, 5, 0]
    assert "13 of the 16 entries" in lab.locator("p[role=status]").text_content()


def test_browser_products_of_both_ways(desktop):
    lab = lab_of(desktop, "products")
    lab.locator('[name="n"]').fill("5")
    lab.locator('[name="H"]').fill("3")
    # Weights 5 x 3, 3 x 3, 3 x 1, and two activations of 3.
    assert numbers(lab) == [1, 15 + 9 + 3 + 6, 5, 5 * (3 + 9 + 3 + 6)]


def test_browser_expression(desktop):
    lab = lab_of(desktop, "expression")
    text = lab.get_by_label("your expression")
    text.fill("max(a, b)^2 / (1 + exp(-a)) - -b * 0.5 + tanh(relu(b))")
    lab.locator('[name="a"]').fill("1.5")
    lab.locator('[name="b"]').fill("0.25")

    def f(a, b):
        return max(a, b) ** 2 / (1 + np.exp(-a)) + b * 0.5 + np.tanh(max(0, b))

    row = lab.locator("tbody tr").last.locator("[data-exact]").first
    assert float(row.get_attribute("data-exact")) == pytest.approx(f(1.5, 0.25), rel=1e-12)
    p = 1 / (1 + np.exp(-1.5))
    wanted = {"a": 3 * p + 2.25 * p * (1 - p), "b": 0.5 + 1 - np.tanh(0.25) ** 2}
    for name, gradient in wanted.items():
        cells = lab.locator("tbody tr").filter(has=desktop.locator(f'td:text-is("{name}")'))
        exact = [float(each) for each in cells.locator("[data-exact]").evaluate_all(
            "all => all.map((each) => each.dataset.exact)")]
        assert exact[1] == pytest.approx(gradient, rel=1e-12)
        assert exact[2] == pytest.approx(gradient, abs=1e-8)


def test_browser_wrong_expression(desktop):
    lab = lab_of(desktop, "expression")
    before = lab.locator("tbody").text_content()
    for typed, complaint in (
            ("", "missing"), ("x +", "missing"), ("(x", ") expected"), ("x y", "y has no place"),
            ("log(x)", "log is not known"), ("x^0.5", "whole number"), ("max(x)", ", expected"),
            ("constructor(x)", "not known"), ("(" * 300, "no more than 200")):
        lab.get_by_label("your expression").fill(typed)
        assert complaint in lab.locator("p[role=status]").text_content()
        assert lab.locator("tbody").text_content() == before


def test_browser_labs_fit(opened):
    assert opened.locator("figure.lab").count() == 11
    cut = opened.locator("figure.lab").evaluate_all(
        "labs => labs.filter((lab) => lab.scrollWidth > lab.clientWidth + 1).length")
    assert cut == 0
    unnamed = opened.locator(".lab input, .lab select").evaluate_all(
        "all => all.filter((each) => !each.labels.length && !each.ariaLabel).length")
    assert unnamed == 0


def read(lab, name):
    """A matrix of fields as an array."""
    rows = lab.locator(f'[data-name="{name}"] tr').evaluate_all(
        "rows => rows.map((row) => [...row.querySelectorAll('input')].map((x) => Number(x.value)))")
    return np.array(rows, dtype=np.float64)


def test_browser_two_layer_net_of_cells(desktop):
    lab = lab_of(desktop, "nets")
    lab.get_by_label("W1, row 1, column 2").fill("2.5")
    lab.get_by_label("y, row 1, column 1").fill("0")
    x, W1, W2, y = (read(lab, name) for name in ("x", "W1", "W2", "y"))
    loss, f, grads = nets.two_layer(x, y[0].astype(int), W1, W2)
    for name, each in (("f", f), ("L", loss), ("dW1", grads[0]), ("dW2", grads[1])):
        assert numbers(lab, name) == pytest.approx(np.ravel(each), rel=1e-12, abs=1e-14)
    lab.get_by_label("y, row 1, column 1").fill("7")
    assert "classes" in lab.locator("p[role=status]").text_content()


def test_browser_collapse_of_cells(desktop):
    lab = lab_of(desktop, "collapse")
    lab.get_by_label("W2, row 3, column 1").fill("4")
    x, W1, W2 = (read(lab, name) for name in ("x", "W1", "W2"))
    for name, each in (("W3 = W1 W2", W1 @ W2), ("(x W1) W2", x @ W1 @ W2),
                       ("x W3", x @ (W1 @ W2)), ("max(0, x W1) W2", np.maximum(0, x @ W1) @ W2)):
        assert numbers(lab, name) == pytest.approx(each.ravel(), rel=1e-12)


def test_browser_both_losses_of_cells(desktop):
    lab = lab_of(desktop, "paper")
    lab.get_by_label("W, row 1, column 1").fill("-1.5")
    x, W = read(lab, "x"), read(lab, "W")
    for name, layer, formula in (("SVM", svm_loss, on_paper.svm_on_paper),
                                 ("softmax", softmax_loss, on_paper.softmax_on_paper)):
        loss, _ = layer.forward(x @ W, np.arange(3))
        assert numbers(lab, f"L, {name}") == pytest.approx([loss], rel=1e-12)
        assert numbers(lab, f"dW, {name}") == pytest.approx(
            formula(x, np.arange(3), W, 0.0).ravel(), rel=1e-12, abs=1e-15)
