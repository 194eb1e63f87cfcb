"""Slide "(Bad) Idea: Derive the gradient on paper": the linear SVM by formula and by backward."""

import inspect

import numpy as np

from flatprop.lecture.content import Arrays, Code, Listing, Slip, Table, Text, gap
from layers import l2_penalty, matmul, softmax_loss, svm_loss

TITLE = "Why not to derive the gradient on paper"
SECTION = "(Bad) Idea: Derive the gradient on paper"
INPUTS = {"N": 5, "D": 3, "C": 3, "lambda": 0.1, "seed": 0}
RANGES = {"N": (1, 64), "D": (1, 64), "C": (2, 64), "lambda": (0, 1e6), "seed": (0, 2**32 - 1)}


def svm_on_paper(x, y, W, strength):
    """The gradient of 1/N sum_i sum_{j != y_i} max(0, W_j x_i - W_{y_i} x_i + 1) + lambda sum W^2.

    Derived on paper: a margin that is violated gives its own row of W +x_i/N and the right one
    -x_i/N. (The rows of the slides' W are columns here.)
    """
    dW = 2 * strength * W
    for x_i, y_i in zip(x, y, strict=True):
        s = x_i @ W
        for j in range(W.shape[1]):
            if j != y_i and s[j] - s[y_i] + 1 > 0:
                dW[:, j] += x_i / len(x)
                dW[:, y_i] -= x_i / len(x)
    return dW


def softmax_on_paper(x, y, W, strength):
    """The gradient of 1/N sum_i -log p_{y_i} + lambda sum W^2: derived again, from scratch."""
    dW = 2 * strength * W
    for x_i, y_i in zip(x, y, strict=True):
        s = x_i @ W
        p = np.exp(s - s.max()) / np.exp(s - s.max()).sum()
        for j in range(W.shape[1]):
            dW[:, j] += (p[j] - (j == y_i)) * x_i / len(x)
    return dW


def modular(x, y, W, strength, loss_layer):
    """The same from layers; the loss is an argument."""
    s, s_cache = matmul.forward(x, W)
    L, L_cache = loss_layer.forward(s, y)
    R, R_cache = l2_penalty.forward(W, strength)

    dW_R = l2_penalty.backward(1.0, R_cache)
    ds = loss_layer.backward(1.0, L_cache)
    dx, dW = matmul.backward(ds, s_cache)
    return L + R, dW + dW_R


def show(inputs):
    """The gradient on paper and by layers, for one loss and then for the other."""
    rng = np.random.default_rng(inputs["seed"])
    N, D, C = (inputs[name] for name in "NDC")
    x, W = (np.round(rng.normal(size=shape), 1) for shape in ((N, D), (D, C)))
    y = rng.integers(C, size=N)
    given = {"x": x, "y": y, "W": W, "strength": inputs["lambda"]}
    rows = []
    for name, layer, formula in (("SVM", svm_loss, svm_on_paper),
                                 ("softmax", softmax_loss, softmax_on_paper)):
        L, dW = modular(*given.values(), layer)
        rows.append([name, L, formula.__name__, f"modular(..., {name.lower()}_loss)",
                     gap(dW, formula(*given.values()))])
    return [
        Text("s = f(x; W) = W x, L_i = sum over j != y_i of max(0, s_j - s_{y_i} + 1) = sum over "
             "j != y_i of max(0, W_{j,:} x - W_{y_i,:} x + 1), and L = 1/N sum L_i + lambda sum "
             "over k of W_k^2. The gradient for W can be derived on paper."),
        Slip("W_{j,:} x + W_{y_i,:} x + 1 should read W_{j,:} x - W_{y_i,:} x + 1."),
        Code(inspect.getsource(svm_on_paper), "On paper:"),
        Text("Problem: very tedious, lots of matrix calculus, need lots of paper. Problem: what "
             "if we want to change the loss, to softmax say? Need to re-derive from scratch =("),
        Code(inspect.getsource(softmax_on_paper), "On paper, from scratch:"),
        Text("Problem: not feasible for very complex models! Better idea: computational graphs "
             "and backpropagation. Each layer knows its own derivative, and the loss is a word."),
        Listing(modular, given | {"loss_layer": svm_loss}, "By layers:"),
        Arrays({"dW on paper": svm_on_paper(*given.values()),
                "dW by layers": modular(*given.values(), svm_loss)[1]},
               "The SVM's gradient, both ways:"),
        Table(["loss", "L", "derived on paper", "one word changed", "dW apart"], rows,
              "The same gradients:"),
    ]
