"""What is written before a layer of arrays is what comes back through it: dout Wᵀ, xᵀ dout.

The formulas are those of the layers' own docstrings, so this tests that these are true.
"""

import numpy as np
import pytest
from svg_boxes import lines_of, parsed, texts_of

from flatprop.circuits.gate_text import spelling
from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg
from layers import (
    affine,
    dropout,
    l2_penalty,
    logistic_loss,
    matmul,
    relu,
    sigmoid,
    silu,
    softmax_loss,
    softplus,
    square_loss,
    svm_loss,
    tanh,
)
from layers.gates import add, exp, maximum, multiply, reciprocal, scale
from models.two_layer_net import TwoLayerNet

RNG = np.random.default_rng(0)
x, W, b, y = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3), RNG.normal(
    size=(4, 3))
LABELS = np.array([0, 2, 1, 1])


def sigma(x):
    return 1 / (1 + np.exp(-x))


# Layer, what it is given, and by argument the text and its arithmetic, of dout and what was given.
MEANT = [
    (affine, (x, W, b), {"x": ("dout Wᵀ", lambda d, x, W, b: d @ W.T),
                         "W": ("xᵀ dout", lambda d, x, W, b: x.T @ d),
                         "b": ("Σ dout", lambda d, x, W, b: d.sum(axis=0))}),
    (matmul, (x, W), {"x": ("dout Wᵀ", lambda d, x, W: d @ W.T),
                      "W": ("xᵀ dout", lambda d, x, W: x.T @ d)}),
    (relu, (x,), {"x": ("dout where x > 0", lambda d, x: np.where(x > 0, d, 0))}),
    (sigmoid, (x,), {"x": ("(1 - σ(x)) σ(x) dout", lambda d, x: (1 - sigma(x)) * sigma(x) * d)}),
    (tanh, (x,), {"x": ("(1 - tanh(x)²) dout", lambda d, x: (1 - np.tanh(x) ** 2) * d)}),
    (softplus, (x,), {"x": ("sigmoid(x) dout", lambda d, x: sigma(x) * d)}),
    (silu, (x,), {"x": ("(σ + x (1 - σ) σ) dout",
                        lambda d, x: (sigma(x) + x * (1 - sigma(x)) * sigma(x)) * d)}),
    (dropout, (x, 0.4, np.random.default_rng(1)), {"x": (
        "dout * mask", lambda d, x, p, rng: d * (np.random.default_rng(1).random(x.shape) >= p)
        / (1 - p))}),
    (softmax_loss, (x, LABELS), {"scores": (
        "(p - 1[y]) / N * dloss", lambda d, s, y: (np.exp(s) / np.exp(s).sum(1, keepdims=True)
                                                   - np.eye(3)[y]) / 4 * d)}),
    (logistic_loss, (x[:, :1], LABELS % 2), {"scores": (
        "(sigmoid(s) - y) / N * dloss", lambda d, s, y: (sigma(s) - y[:, None]) / 4 * d)}),
    (square_loss, (x, y), {"scores": ("(scores - y) / N * dloss",
                                      lambda d, s, y: (s - y) / 4 * d)}),
    (l2_penalty, (W, 0.3), {"W": ("2 strength W dpenalty",
                                  lambda d, W, strength: 2 * strength * W * d)}),
    (add, (x, y), {"x": ("dout", lambda d, x, y: d), "y": ("dout", lambda d, x, y: d)}),
    (multiply, (x, y), {"x": ("y dout", lambda d, x, y: y * d),
                        "y": ("x dout", lambda d, x, y: x * d)}),
    (maximum, (x, y), {"x": ("dout where x >= y", lambda d, x, y: np.where(x >= y, d, 0)),
                       "y": ("dout where y > x", lambda d, x, y: np.where(y > x, d, 0))}),
    (exp, (x,), {"x": ("e^x dout", lambda d, x: np.exp(x) * d)}),
    (reciprocal, (x,), {"x": ("-dout / x²", lambda d, x: -d / x**2)}),
    (scale, (x, 3.0), {"x": ("a dout", lambda d, x, a: a * d)}),
    (svm_loss, (x, LABELS), {}),
]


def products(picture):
    """{(gate, argument): formula} in a drawing."""
    return {(int(each.get("data-gate")), each.get("data-argument")): lines_of(each)[0]
            for each in texts_of(parsed(picture), "product")}


@pytest.mark.parametrize("layer, arguments, meant", MEANT, ids=lambda each: getattr(
    each, "__name__", ""))
def test_the_formula_is_what_backward_gives(layer, arguments, meant):
    def run():
        out, cache = layer.forward(*arguments)
        dout = RNG.normal(size=out.shape) if np.ndim(out) else 1.5
        return dout, layer.backward(dout, cache)

    record = trace(run)
    circuit = graph(record)
    for name, wire in circuit.gates[0].inputs.items():      # as the layer itself calls them
        wire.name = name
    name = layer.backward.__code__.co_varnames[0]
    circuit.gates[0].outputs[0].name = name[1:]
    assert products(svg(circuit)) == {
        (0, argument): text for argument, (text, _) in meant.items()}
    dout, grads = record.result
    grads = dict(zip(circuit.gates[0].inputs, grads if type(grads) is tuple else (grads,),
                     strict=True))
    for argument, (_, arithmetic) in meant.items():
        np.testing.assert_allclose(grads[argument], arithmetic(dout, *arguments), rtol=1e-12,
                                   atol=1e-15)


def test_a_net_reads_like_the_slide():
    net = TwoLayerNet(3, 4, 2, rng=np.random.default_rng(0))
    circuit = graph(trace(net.loss, x.astype(np.float32), LABELS % 2))
    # x needs no gradient, so nothing is said of it.
    assert products(svg(circuit)) == {
        (0, "W"): "xᵀ dhidden", (0, "b"): "Σ dhidden", (1, "x"): "dactive where hidden > 0",
        (2, "x"): "dscores W2ᵀ", (2, "W"): "activeᵀ dscores", (2, "b"): "Σ dscores",
        (3, "scores"): "(p - 1[y]) / N * dloss"}


@pytest.mark.parametrize("doc, shown", [
    ("3 x^2 dout: the power rule.", "3 in² dy"), ("dx = x dout where x > 0.", "in dy where in > 0"),
    ("Pass dout on, cubed.", None), ("TODO: dout", None), ("", None), (None, None),
    ("dx = " + "dout + " * 9 + "dout", None)])
def test_a_layer_of_ones_own_shows_the_formula_of_its_docstring(doc, shown):
    def backward(dout, cache):
        return dout * cache[0]
    backward.__doc__ = doc
    circuit = graph(trace(lambda x: relu.backward(np.ones(3), relu.forward(x)[1]), np.ones(3)))
    call = circuit.gates[0].call
    call.layer, call.scope = "my_cube", {"__doc__": "A cube of mine.", "backward": backward}
    circuit.wires[0].name, circuit.wires[1].name = "in", "y"
    assert products(svg(circuit)) == ({(0, "x"): shown} if shown else {})
    assert ">my\N{NO-BREAK SPACE}cube<" in svg(circuit)


@pytest.mark.parametrize("layer, doc, written", [
    ("leaky_relu", "Leaky ReLU: ReLU that lets", "leaky ReLU"),
    ("svm_loss", "Multiclass SVM loss: every", "SVM loss"), ("l2_penalty", "L2 penalty, ",
                                                             "L2 penalty"),
    ("batchnorm", "Batch normalization: each", "batch norm"), ("softmax_loss", "", "softmax loss"),
    ("x(", "", "x(")])
def test_a_layer_is_spelled_as_its_docstring_spells_it(layer, doc, written):
    assert spelling(layer, doc) == written


def test_shapes_stand_above_what_is_written_out():
    def f(x):
        out, cache = relu.forward(x)
        return out, relu.backward(np.ones_like(out), cache)

    shapes = texts_of(parsed(svg(graph(trace(f, x)))), "shape")
    assert [lines_of(each) for each in shapes] == [["(4, 3)"], ["(4, 3)"]]
