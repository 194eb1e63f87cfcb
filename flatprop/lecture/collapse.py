"""Slide "What if we try to build a neural network without one?": the collapse without activations.
"""

import numpy as np

from data import toys
from flatprop.lecture.content import Arrays, Listing, Table, Text, gap
from layers import affine, matmul, relu
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.sgd import Sgd

TITLE = "Without an activation function: W3 = W2 W1"
SECTION = "The activation function"
INPUTS = {"N": 3, "D": 3, "H": 4, "C": 2, "seed": 0, "rate": 0.3, "epochs": 60}
RANGES = {"N": (1, 256), "D": (1, 64), "H": (1, 64), "C": (1, 64), "seed": (0, 2**32 - 1),
          "rate": (1e-6, 100), "epochs": (1, 500)}


def two_layers(x, W1, W2):
    """f = W2 W1 x, two layers and nothing between them."""
    h, _ = matmul.forward(x, W1)
    f, _ = matmul.forward(h, W2)
    return f


def one_layer(x, W1, W2):
    """f = W3 x with W3 = W2 W1, which is W1 W2 where a batch is rows."""
    W3, _ = matmul.forward(W1, W2)
    f, _ = matmul.forward(x, W3)
    return f


def with_activation(x, W1, W2):
    """f = W2 max(0, W1 x)."""
    h, _ = matmul.forward(x, W1)
    a, _ = relu.forward(h)
    f, _ = matmul.forward(a, W2)
    return f


def show(inputs):
    """The equality in numbers, with biases too; and a problem that no line solves."""
    rng = np.random.default_rng(inputs["seed"])
    N, D, H, C = (inputs[name] for name in "NDHC")
    x, W1, W2 = (np.round(rng.normal(size=shape), 1) for shape in ((N, D), (D, H), (H, C)))
    b1, b2 = rng.normal(size=H), rng.normal(size=C)
    deep = affine.forward(affine.forward(x, W1, b1)[0], W2, b2)[0]
    flat = affine.forward(x, W1 @ W2, b1 @ W2 + b2)[0]
    first, second = two_layers(x, W1, W2), one_layer(x, W1, W2)
    return [
        Text("The function max(0, .) is called the activation function. Q: What if we try to "
             "build a neural network without one? f = W2 W1 x, and with W3 = W2 W1, a C x D "
             "matrix, f = W3 x. A: We end up with a linear classifier again!"),
        Listing(two_layers, {"x": x, "W1": W1, "W2": W2}, "Two layers without an activation:"),
        Listing(one_layer, {"x": x, "W1": W1, "W2": W2},
                "One layer. The slide's W3 = W2 W1 is W1 W2 here, where a batch is rows:"),
        Arrays({"W3": W1 @ W2, "f, two layers": first, "f, one layer": second,
                "f with max(0, .)": with_activation(x, W1, W2)}, "Their scores:"),
        Table(["", "apart at most"], [
            ["W2 (W1 x) and (W2 W1) x", gap(first, second)],
            ["with biases: b3 = W2 b1 + b2", gap(deep, flat)],
        ], "Equal but for rounding, whatever the weights:"),
        xor_table(inputs),
    ]


def xor_table(inputs):
    """A Table: exclusive or, which no line separates, learned with and without an activation."""
    x, y = toys.xor(200, np.random.default_rng(inputs["seed"]))
    rows = []
    for name, sizes, activation in (("one layer", [2, 2], None), ("two layers, none", [2, 8, 2],
                                    None), ("two layers, max(0, .)", [2, 8, 2], relu)):
        model = FullyConnectedNet(sizes, activation=activation, dtype=np.float64,
                                  rng=np.random.default_rng(inputs["seed"]))
        solver = Solver(model, (x, y), update_rule=Sgd(), batch_size=20,
                        schedule=schedules.constant(inputs["rate"]), epochs=inputs["epochs"],
                        rng=np.random.default_rng(inputs["seed"]))
        solver.train()
        loss, accuracy = solver.evaluate(x, y)
        rows.append([name, model.theta.size, loss, f"{accuracy:.0%}"])
    return Table(["net, activation", "parameters", "loss", "accuracy"], rows,
                 f"Trained on exclusive or, 200 points around four corners, for "
                 f"{inputs['epochs']} epochs. A line gets at most three of the corners right; more "
                 "layers do not help, an activation does:")
