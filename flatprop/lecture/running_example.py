"""Slides "Back to our running example": two inputs, two sigmoid hidden units, one linear output.

The slides give it no numbers; these were chosen once.
"""

import numpy as np

from flatprop.lecture.content import Circuit, SameListing, Table, Text, gap
from flatprop.lecture.gradient_tables import central_difference, values_of
from layers import sigmoid
from layers.gates import add, copy, multiply, scale, shift
from models.two_layer_regressor import TwoLayerRegressor

TITLE = "The running example: a 2-2-1 network"
SECTION = "Back to our running example"
INPUTS = {"x1": 1.0, "x2": -2.0, "yi": 0.5,
          "w01h": -0.5, "w11h": 0.5, "w21h": 1.5, "w02h": 0.75, "w12h": -1.0, "w22h": 0.25,
          "w01o": 0.1, "w11o": 2.0, "w21o": -1.0, "rate": 0.1}
RANGES = {"rate": (0, 100)}
# Where the layers have each of the weights.
WEIGHTS = {"w01h": ("b1", 0), "w11h": ("W1", (0, 0)), "w21h": ("W1", (1, 0)),
           "w02h": ("b1", 1), "w12h": ("W1", (0, 1)), "w22h": ("W1", (1, 1)),
           "w01o": ("b2", 0), "w11o": ("W2", (0, 0)), "w21o": ("W2", (1, 0))}
# What the layers have, arrays row by row, in the names of the gates.
LAYERS = {"hidden": ["h1 h2"], "z": ["z1 z2"], "scores": ["y"], "dscores": ["dy"],
          "dz": ["dz1 dz2"], "dW2": ["dw11o", "dw21o"], "db2": ["dw01o"], "dhidden": ["dh1 dh2"],
          "dW1": ["dw11h dw12h", "dw21h dw22h"], "db1": ["dw01h dw02h"],
          "loss": "L"}


def network(x1, x2, yi, w01h, w11h, w21h, w02h, w12h, w22h, w01o, w11o, w21o):
    """L = 1/2 (y - yi)^2 and its gradient for each weight, from scalar gates."""
    (x1a, x1b), x1_cache = copy.forward(x1)
    (x2a, x2b), x2_cache = copy.forward(x2)
    a1, a1_cache = multiply.forward(w11h, x1a)
    a2, a2_cache = multiply.forward(w21h, x2a)
    a, a_cache = add.forward(a1, a2)
    h1, h1_cache = add.forward(a, w01h)
    z1, z1_cache = sigmoid.forward(h1)
    b1, b1_cache = multiply.forward(w12h, x1b)
    b2, b2_cache = multiply.forward(w22h, x2b)
    b, b_cache = add.forward(b1, b2)
    h2, h2_cache = add.forward(b, w02h)
    z2, z2_cache = sigmoid.forward(h2)
    c1, c1_cache = multiply.forward(w11o, z1)
    c2, c2_cache = multiply.forward(w21o, z2)
    c, c_cache = add.forward(c1, c2)
    y, y_cache = add.forward(c, w01o)
    e, e_cache = shift.forward(y, -yi)
    (e1, e2), e12_cache = copy.forward(e)
    s, s_cache = multiply.forward(e1, e2)
    L, L_cache = scale.forward(s, 0.5)

    dL = 1.0
    ds = scale.backward(dL, L_cache)
    de1, de2 = multiply.backward(ds, s_cache)
    de = copy.backward((de1, de2), e12_cache)
    dy = shift.backward(de, e_cache)
    dc, dw01o = add.backward(dy, y_cache)
    dc1, dc2 = add.backward(dc, c_cache)
    dw21o, dz2 = multiply.backward(dc2, c2_cache)
    dw11o, dz1 = multiply.backward(dc1, c1_cache)
    dh2 = sigmoid.backward(dz2, z2_cache)
    db, dw02h = add.backward(dh2, h2_cache)
    db1, db2 = add.backward(db, b_cache)
    dw22h, dx2b = multiply.backward(db2, b2_cache)
    dw12h, dx1b = multiply.backward(db1, b1_cache)
    dh1 = sigmoid.backward(dz1, z1_cache)
    da, dw01h = add.backward(dh1, h1_cache)
    da1, da2 = add.backward(da, a_cache)
    dw21h, dx2a = multiply.backward(da2, a2_cache)
    dw11h, dx1a = multiply.backward(da1, a1_cache)
    dx2 = copy.backward((dx2a, dx2b), x2_cache)
    dx1 = copy.backward((dx1a, dx1b), x1_cache)
    return L, dx1, dx2


def as_model(inputs):
    """The same net as a TwoLayerRegressor, with its x (1, 2) and y (1, 1)."""
    model = TwoLayerRegressor(2, 2, 1, dtype=np.float64)
    for name, (param, place) in WEIGHTS.items():
        model.params[param][place] = inputs[name]
    return model, np.array([[inputs["x1"], inputs["x2"]]]), np.array([[inputs["yi"]]])


def show(inputs):
    """The net as scalar gates and as layers, every gradient three ways, and a step."""
    rate = inputs["rate"]
    inputs = {name: value for name, value in inputs.items() if name != "rate"}
    model, x, y = as_model(inputs)
    loss, grads = model.loss(x, y)
    circuit = Circuit(network, inputs, "The network in scalar gates: x1 and x2 go to both units")
    found = values_of(circuit.record())
    L = found["L"]
    layers = {name: grads[param][place] for name, (param, place) in WEIGHTS.items()}
    rows, live = [], []
    for name in [*WEIGHTS, "x1", "x2"]:
        gradient, slope = found[f"d{name}"], central_difference(network, inputs, name)
        rows.append([name, inputs[name], gradient, layers.get(name, ""), slope,
                     gap(gradient, slope)])
        code = f"code d{name}" if f"d{name}" in found else ""
        live.append(["", f"{{network/input {name}}}", f"{{network/{code}}}",
                     f"{{network/{code}}}" if name in layers else "", f"{{network/slope {name}}}",
                     f"{{network/gap {code}, slope {name}}}"])
    z1, z2 = model.activations(x)["hidden1"][0]
    predicted = model.scores(x)[0, 0]
    stepped = inputs | {name: inputs[name] - rate * found[f"d{name}"] for name in WEIGHTS}
    return [
        Text("For a fixed architecture, a neural network is a function parameterized by its "
             "weights; the goal is to learn them from labeled examples. Given an input x, how is "
             "the output predicted? z1 = sigma(w01h + w11h x1 + w21h x2), z2 = sigma(w02h + w12h "
             "x1 + w22h x2), y = w01o + w11o z1 + w21o z2. The true label is a number yi, and the "
             "square loss L = 1/2 (y - yi)^2."),
        Table(["", "value"], [["z1", z1], ["z2", z2], ["y", predicted], ["yi", inputs["yi"]],
                              ["L", L], ["L by layers", float(loss)],
                              ["apart", gap(float(L), float(loss))]],
              "If we have the network, we can make a prediction; with the true label, we can "
              "define the loss:",
              [["", f"{{network/{each}}}"] for each in (
                  "code z1", "code z2", "code y", "input yi", "code L", "layers L",
                  "gap code L, layers L")]),
        circuit,
        SameListing(model.loss, {"x": x, "y": y},
                    "The same in layers, models/two_layer_regressor.py: w01h and w02h are b1, w11h "
                    "to w22h are W1, w01o is b2, w11o and w21o are W2:", "network", LAYERS),
        Table(["", "value", "gradient", "gradient by layers", "by differences", "apart"], rows,
              "The derivative of the loss for each of the weights:", live),
        Table(["", "L"], [["before", L], ["after", network(*stepped.values())[0]]],
              f"So we can take a gradient step in SGD: each weight minus {rate:g} times its "
              "gradient:",
              [["", "{network/code L}"], ["", f"{{network/after {rate:g} w}}"]]),
    ]
