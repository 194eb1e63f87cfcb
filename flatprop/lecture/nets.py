"""Slides "Linear score function", "Two layer neural network", and one layer more.

The slides write f = W x with W (C, D) and a column x; here a batch is rows, f = x W, W (D, C).
"""

import numpy as np

from flatprop.lecture.content import Arrays, Listing, Table, Text, gap, picture_of
from layers import affine, matmul, relu, softmax_loss

TITLE = "Linear, two-layer and three-layer nets, and the bias"
SECTION = "Linear score function, two layer neural network"
INPUTS = {"N": 2, "D": 3, "H": 4, "C": 3, "seed": 0}
RANGES = {"N": (1, 256), "D": (1, 256), "H": (1, 256), "C": (2, 256), "seed": (0, 2**32 - 1)}


def linear(x, y, W):
    """f = W x."""
    f, f_cache = matmul.forward(x, W)
    L, L_cache = softmax_loss.forward(f, y)

    df = softmax_loss.backward(1.0, L_cache)
    dx, dW = matmul.backward(df, f_cache)
    return L, f, [dW]


def two_layer(x, y, W1, W2):
    """f = W2 max(0, W1 x)."""
    h, h_cache = matmul.forward(x, W1)
    a, a_cache = relu.forward(h)
    f, f_cache = matmul.forward(a, W2)
    L, L_cache = softmax_loss.forward(f, y)

    df = softmax_loss.backward(1.0, L_cache)
    da, dW2 = matmul.backward(df, f_cache)
    dh = relu.backward(da, a_cache)
    dx, dW1 = matmul.backward(dh, h_cache)
    return L, f, [dW1, dW2]


def three_layer(x, y, W1, W2, W3):
    """f = W3 max(0, W2 max(0, W1 x))."""
    h1, h1_cache = matmul.forward(x, W1)
    a1, a1_cache = relu.forward(h1)
    h2, h2_cache = matmul.forward(a1, W2)
    a2, a2_cache = relu.forward(h2)
    f, f_cache = matmul.forward(a2, W3)
    L, L_cache = softmax_loss.forward(f, y)

    df = softmax_loss.backward(1.0, L_cache)
    da2, dW3 = matmul.backward(df, f_cache)
    dh2 = relu.backward(da2, a2_cache)
    da1, dW2 = matmul.backward(dh2, h2_cache)
    dh1 = relu.backward(da1, a1_cache)
    dx, dW1 = matmul.backward(dh1, h1_cache)
    return L, f, [dW1, dW2, dW3]


def two_layer_with_bias(x, y, W1, b1, W2, b2):
    """f = W2 max(0, W1 x + b1) + b2: affine layers in place of the products, nothing else."""
    h, h_cache = affine.forward(x, W1, b1)
    a, a_cache = relu.forward(h)
    f, f_cache = affine.forward(a, W2, b2)
    L, L_cache = softmax_loss.forward(f, y)

    df = softmax_loss.backward(1.0, L_cache)
    da, dW2, db2 = affine.backward(df, f_cache)
    dh = relu.backward(da, a_cache)
    dx, dW1, db1 = affine.backward(dh, h_cache)
    return L, f, [dW1, db1, dW2, db2]


def example(inputs):
    """Labels y (N,) and {name: array}: x (N, D) and the weights of all nets.

    With one decimal, to be read.
    """
    rng = np.random.default_rng(inputs["seed"])
    N, D, H, C = (inputs[name] for name in "NDHC")
    shapes = {"x": (N, D), "W": (D, C), "W1": (D, H), "W2": (H, C), "middle": (H, H), "b1": (H,),
              "b2": (C,)}
    return rng.integers(C, size=N), {name: np.round(rng.normal(size=shape), 1)
                                     for name, shape in shapes.items()}


def show(inputs):
    """Each net with its scores and gradients, and what a bias is."""
    y, w = example(inputs)
    N, D, H, C = (inputs[name] for name in "NDHC")
    runs = {
        "f = W x": (linear, {"W": w["W"]}),
        "f = W2 max(0, W1 x)": (two_layer, {"W1": w["W1"], "W2": w["W2"]}),
        "f = W3 max(0, W2 max(0, W1 x))":
            (three_layer, {"W1": w["W1"], "W2": w["middle"], "W3": w["W2"]}),
        "f = W2 max(0, W1 x + b1) + b2":
            (two_layer_with_bias, {name: w[name] for name in ("W1", "b1", "W2", "b2")}),
    }
    rows, shown = [], []
    for formula, (function, weights) in runs.items():
        L, _, _ = function(w["x"], y, *weights.values())
        rows.append([formula, " ".join(f"{name} {each.shape}" for name, each in weights.items()),
                     sum(each.size for each in weights.values()), L])
        shown.append(Listing(function, {"x": w["x"], "y": y} | weights,
                             f"{formula}, its scores and gradients:"))
    return [
        Text(f"Linear score function: f = W x. Two layer neural network: f = W2 max(0, W1 x). "
             f"Here a batch of N={N} rows x ({N}, {D}) is multiplied from the left: f = x W, so "
             "the W below are those of the slides transposed, and W2 max(0, W1 x) is "
             "max(0, x W1) W2."),
        Arrays({"x": w["x"], "labels": y}, "What all of them get:"),
        *shown,
        picture_of(shown[-1], "The last one, drawn"),
        bias(w, y),
        Text('Neural network is a very broad term; these are more accurately called '
             '"fully-connected networks" or sometimes "multi-layer perceptrons" (MLP).'),
        Table(["net", "parameters", "numbers", "softmax loss"], rows, "Side by side:"),
    ]


def bias(w, y):
    """A Table: a bias is the weight of an input that is always 1."""
    ones = np.ones((len(y), 1))
    first, _ = affine.forward(w["x"], w["W"], w["b2"])
    second, _ = matmul.forward(np.hstack([w["x"], ones]), np.vstack([w["W"], w["b2"]]))
    return Table(["", "scores of the first row"], [
        ["x W + b", "  ".join(f"{each:.4g}" for each in first[0])],
        ["[x 1] [W; b]", "  ".join(f"{each:.4g}" for each in second[0])],
        ["apart", gap(first, second)],
    ], "In practice we will usually add a learnable bias at each layer as well. It is the weight "
       "of one more input, which is always 1:")
