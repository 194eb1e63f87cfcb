"""What is written before a layer of arrays is what comes back through it: dout Wᵀ, xᵀ dout."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from flatprop.circuits import symbols
from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.circuits.svg import SPACE, svg
from layers import (
    affine,
    dropout,
    l2_penalty,
    matmul,
    relu,
    sigmoid,
    softmax_loss,
    square_loss,
    tanh,
)
from layers.gates import add, exp, multiply
from models.two_layer_net import TwoLayerNet

RNG = np.random.default_rng(0)
x, W, b, y = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3), RNG.normal(
    size=(4, 3))
LABELS = np.array([0, 2, 1, 1])
# The texts as arithmetic, one by one; each is called with what the layer was given and gave.
MEANT = {
    "{dout} {W}ᵀ": lambda v: v["dout"] @ v["W"].T,
    "{x}ᵀ {dout}": lambda v: v["x"].T @ v["dout"],
    "Σ {dout}": lambda v: v["dout"].sum(axis=0),
    "{dout} [{x} > 0]": lambda v: v["dout"] * (v["x"] > 0),
    "{dout} (1-{out}) {out}": lambda v: v["dout"] * (1 - v["out"]) * v["out"],
    "{dout} (1-{out}²)": lambda v: v["dout"] * (1 - v["out"] ** 2),
    "{dout} mask": lambda v: v["dout"] * (v["out"] / v["x"]),
    "(p - 1[y]) / N": lambda v: (np.exp(v["scores"]) / np.exp(v["scores"]).sum(1, keepdims=True)
                                 - np.eye(3)[LABELS]) / 4,
    "({scores} - y) / N": lambda v: (v["scores"] - y) / 4,
    "2λ {W} {dout}": lambda v: 2 * 0.3 * v["W"] * v["dout"],
    "{dout}": lambda v: v["dout"],
    "{y} {dout}": lambda v: v["y"] * v["dout"],
    "{x} {dout}": lambda v: v["x"] * v["dout"],
    "{out} {dout}": lambda v: v["out"] * v["dout"],
}
LAYERS = [(affine, (x, W, b)), (matmul, (x, W)), (relu, (x,)), (sigmoid, (x,)), (tanh, (x,)),
          (dropout, (x, 0.4, np.random.default_rng(1))), (softmax_loss, (x, LABELS)),
          (square_loss, (x, y)), (l2_penalty, (W, 0.3)), (add, (x, y)), (multiply, (x, y)),
          (exp, (x,))]


def test_every_text_has_its_meaning_tested():
    assert {text for texts in symbols.PRODUCTS.values() for text in texts.values()} == set(MEANT)
    assert {layer.__name__.rpartition(".")[2] for layer, _ in LAYERS} == set(symbols.PRODUCTS)


@pytest.mark.parametrize("layer, arguments", LAYERS, ids=lambda each: getattr(each, "__name__", ""))
def test_the_text_is_what_backward_gives(layer, arguments):
    out, cache = layer.forward(*arguments)
    dout = RNG.normal(size=out.shape) if np.ndim(out) else 1.0
    grads = layer.backward(dout, cache)
    grads = grads if isinstance(grads, tuple) else (grads,)
    name = layer.__name__.rpartition(".")[2]
    names = list(layer.forward.__code__.co_varnames)
    given = dict(zip(names, arguments, strict=False)) | {"dout": dout, "out": out}
    for argument, text in symbols.PRODUCTS[name].items():
        expected = MEANT[text](given)
        np.testing.assert_allclose(grads[names.index(argument)], expected, rtol=1e-12, atol=1e-15)


def texts_of(picture, kind):
    """{(gate, argument): text} of a class of texts in a drawing."""
    found = {}
    for each in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"):
        if each.get("class") == kind:
            key = int(each.get("data-gate")), each.get("data-argument")
            found[key] = each.text.replace(SPACE, " ")
    return found


def test_a_net_reads_like_the_slide():
    net = TwoLayerNet(3, 4, 2, rng=np.random.default_rng(0))
    circuit = graph(trace(net.loss, x.astype(np.float32), LABELS % 2))
    # x needs no gradient, so nothing is said of it.
    assert texts_of(svg(circuit), "product") == {
        (0, "W"): "xᵀ dhidden", (0, "b"): "Σ dhidden", (1, "x"): "dactive [hidden > 0]",
        (2, "x"): "dscores W2ᵀ", (2, "W"): "activeᵀ dscores", (2, "b"): "Σ dscores",
        (3, "scores"): "(p - 1[y]) / N"}


def test_single_numbers_have_local_gradients_and_no_products():
    def f(x, y):
        out, cache = multiply.forward(x, y)
        return out, multiply.backward(1.0, cache)

    picture = svg(graph(trace(f, 2.0, 3.0)))
    assert texts_of(picture, "product") == {}
    assert texts_of(picture, "local") == {(0, "x"): "∂=3.00", (0, "y"): "∂=2.00"}


def test_shapes_stand_above_what_is_written_out():
    def f(x):
        out, cache = relu.forward(x)
        return out, relu.backward(np.ones_like(out), cache)

    tree = ET.fromstring(svg(graph(trace(f, x))))
    shapes = [each.text.replace(SPACE, " ") for each in tree.iter(
        "{http://www.w3.org/2000/svg}text") if each.get("class") == "shape"]
    assert shapes == ["(4, 3)", "(4, 3)"]
