"""Slide "Vector derivatives": scalar to scalar, vector to scalar, vector to vector."""

import numpy as np

from flatprop.lecture.content import Arrays, Table, Text, gap
from layers import matmul, sigmoid, square_loss

TITLE = "Derivatives of scalars, vectors and matrices"
SECTION = "Vector derivatives"
INPUTS = {"x": 1.0, "x1": 1.0, "x2": -2.0, "x3": 0.5, "change": 0.001, "N": 3, "M": 2, "seed": 0}
RANGES = {"change": (1e-7, 1.0), "N": (1, 8), "M": (1, 8), "seed": (0, 2**32 - 1)}


def scalar_to_scalar(x):
    """y = sigmoid(x) and dy/dx, a number."""
    y, cache = sigmoid.forward(np.float64(x))
    return y, sigmoid.backward(1.0, cache)


def vector_to_scalar(x):
    """y = 1/2 mean x^2 and dy/dx (N,), the gradient."""
    y, cache = square_loss.forward(x, np.zeros_like(x))
    return y, square_loss.backward(1.0, cache)


def vector_to_vector(x, w):
    """y = x w for x (N,), w (N, M), and dy/dx (N, M), the Jacobian: dy[m] / dx[n] in row n.

    One backward for each entry of y gives one column.
    """
    y, cache = matmul.forward(x[None], w)
    columns = [matmul.backward(one[None], cache)[0][0] for one in np.eye(w.shape[1])]
    return y[0], np.stack(columns, axis=1)


def show(inputs):
    """Each kind with a small change of x, what the derivative predicts, and what happens."""
    change = inputs["change"]
    vector = np.array([inputs["x1"], inputs["x2"], inputs["x3"]])
    rng = np.random.default_rng(inputs["seed"])
    long = np.round(rng.normal(size=inputs["N"]), 1)
    w = np.round(rng.normal(size=(inputs["N"], inputs["M"])), 1)

    y, slope = scalar_to_scalar(inputs["x"])
    moved, _ = scalar_to_scalar(inputs["x"] + change)
    scalar = [["y for x", slope * change, float(moved - y)]]

    value, gradient = vector_to_scalar(vector)
    each = []
    for n, step in enumerate(np.eye(3) * change):
        moved, _ = vector_to_scalar(vector + step)
        each.append([f"y for x[{n + 1}]", gradient[n] * change, float(moved - value)])

    out, jacobian = vector_to_vector(long, w)
    measured = np.stack([(vector_to_vector(long + step, w)[0] - out) / change
                         for step in np.eye(len(long)) * change])
    head = ["change of", "derivative x change", "what happens"]
    return [
        Text("Scalar to scalar, x and y numbers: the regular derivative, dy/dx a number. If x "
             "changes by a small amount, how much will y change?"),
        Table(["x", "y = sigmoid(x)", "dy/dx"], [[inputs["x"], y, slope]], "y = sigmoid(x):"),
        Table(head, scalar, f"x changed by {change:g}:"),
        Text("Vector to scalar, x (N,) and y a number: the derivative is the gradient, (N,), with "
             "(dy/dx)[n] = dy/dx[n]. For each element of x, if it changes by a small amount then "
             "how much will y change?"),
        Arrays({"x": vector, "dy/dx": gradient}, f"y = 1/2 mean(x^2) = {value:.6f}:"),
        Table(head, each, f"One element changed by {change:g} at a time:"),
        Text("Vector to vector, x (N,) and y (M,): the derivative is the Jacobian, (N, M), with "
             "(dy/dx)[n,m] = dy[m]/dx[n]. For each element of x, if it changes by a small amount "
             "then how much will each element of y change?"),
        Arrays({"x": long, "w": w, "y": out, "dy/dx": jacobian,
                "dy/dx by differences": measured},
               "y = x w: the Jacobian is w itself (apart by " + gap(jacobian, w) + "):"),
        Text("Matrix to matrix, x (N, D) and y (N, M): the Jacobian has the size of both, N D N M "
             "entries. The loss is one number, so what backward hands on is always of its "
             "variable's own shape: dL/dx (N, D). Jacobians stand between, and are multiplied "
             "without being formed."),
    ]
