"""Slides "Backprop with Matrices": y = x w, and its gradients by their shapes."""

import numpy as np

from flatprop.lecture.content import Arrays, Listing, Slip, Table, Text, gap, picture_of
from layers import matmul

TITLE = "Matrix multiply, and its shapes"
SECTION = "Backprop with Matrices"
X = [[2.0, 1.0, -3.0], [-3.0, 4.0, 2.0]]
W = [[3.0, 2.0, 1.0, -1.0], [2.0, 1.0, 3.0, 2.0], [3.0, 2.0, 1.0, -2.0]]
DY = [[2.0, 3.0, -3.0, 9.0], [-8.0, 1.0, 4.0, 6.0]]


def entries(name, rows):
    """{"x11": 2.0, "x12": 1.0, ...}: each entry by its row and column, counted from 1."""
    return {f"{name}{n}{m}": value for n, row in enumerate(rows, 1)
            for m, value in enumerate(row, 1)}


INPUTS = entries("x", X) | entries("w", W) | entries("dy", DY)
RANGES = {}


def multiply(x, w, dy):
    """y = x w, with dL/dy from upstream."""
    y, cache = matmul.forward(x, w)

    dx, dw = matmul.backward(dy, cache)
    return y, dx, dw


def show(inputs):
    """The numbers, the shapes, one entry by hand, and the Jacobians that are never formed."""
    numbers = np.array(list(inputs.values()))
    x, w, dy = numbers[:6].reshape(2, 3), numbers[6:18].reshape(3, 4), numbers[18:].reshape(2, 4)
    y, dx, dw = multiply(x, w, dy)
    code = Listing(multiply, {"x": x, "w": w, "dy": dy}, "The layer's two functions:")
    by_hand = np.sum(dy[0] * w[0])
    terms = " + ".join(f"({a:g})({b:g})" for a, b in zip(dy[0], w[0], strict=True))
    by_x, by_w = np.kron(np.eye(2), w), np.kron(x.T, np.eye(4))
    return [
        Text("y[n,m] = sum over d of x[n,d] w[d,m]. One entry x[n,d] affects the whole row n of "
             "y, and y[n,m] by w[d,m]; so dL/dx[n,d] = sum over m of dL/dy[n,m] w[d,m], which is "
             "an entry of (dL/dy) w^T. By similar logic dL/dw = x^T (dL/dy)."),
        Arrays({"x": x, "w": w, "y": y}, "Forward:"),
        code,
        picture_of(code, "Drawn: values above the wires, gradients below, and their shapes"),
        Arrays({"dL/dy": dy, "dL/dx": dx, "dL/dw": dw}, "Backward:"),
        Table(["gradient", "", "shapes", "", "result"], [
            ["dL/dx", "= (dL/dy) w^T", "[N x M] [M x D]", f"{shape(dy)} {shape(w.T)}", shape(dx)],
            ["dL/dw", "= x^T (dL/dy)", "[D x N] [N x M]", f"{shape(x.T)} {shape(dy)}", shape(dw)],
        ], "These formulas are easy to remember: they are the only way to make shapes match up!"),
        Table(["", "as a sum", "backward", "apart"],
              [["dL/dx[1,1]", f"{terms} = {by_hand:g}", dx[0, 0], gap(by_hand, dx[0, 0])]],
              "One entry by hand, row 1 of dL/dy times row 1 of w:"),
        Table(["Jacobian", "shape", "entries", "not 0", "times dL/dy is", "apart from backward"], [
            ["dy/dx", shape(by_x), by_x.size, np.count_nonzero(by_x), "dL/dx",
             gap(by_x @ dy.ravel(), dx.ravel())],
            ["dy/dw", shape(by_w), by_w.size, np.count_nonzero(by_w), "dL/dw",
             gap(by_w @ dy.ravel(), dw.ravel())],
        ], "The Jacobians, formed once, with x, w and y flattened row by row. Of dy/dx at most "
           f"1/N = 1/{len(x)} is not zero, of dy/dw 1/M = 1/{w.shape[1]}: large ones are emptier:"),
        Slip("a widely copied version of this example prints y = [[13, 9, -2, -6], [5, 2, 17, 1]], "
             "which is not x w."),
    ]


def shape(array):
    """[2 x 3]"""
    return f"[{' x '.join(map(str, array.shape))}]"
