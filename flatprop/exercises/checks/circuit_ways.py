"""The ways of the gradients in the circuits of practice/ and of flat code.

Each function takes a circuit's inputs, arrays of a number for each case, and gives ({name: array}
of the values on the way, {label of a result: its Ways}), gradients from the last to the first.
"""

import numpy as np

from flatprop.exercises.checks.ways import Way


def sigmoid(v):
    """1 / (1 + e^-v)."""
    return 1 / (1 + np.exp(-v))


def circuit(x, y, z):
    """f = q z, q = x + y."""
    q, one = x + y, np.ones_like(x)
    return {"x": x, "y": y, "z": z, "q": q}, {
        'grads["q"]': [Way("f", one, z)], 'grads["z"]': [Way("f", one, q)],
        'grads["x"]': [Way("q", z, one)], 'grads["y"]': [Way("q", z, one)]}


def chain(s):
    """L = 1 / shifted, shifted = 1 + power, power = e^negated, negated = -s."""
    power, one = np.exp(-s), np.ones_like(s)
    shifted, L = 1 + power, sigmoid(s)
    return {"s": s, "power": power, "shifted": shifted, "L": L, "negated": -s}, {
        'grads["shifted"]': [Way("L", one, -1 / shifted**2)],
        'grads["power"]': [Way("shifted", -L * L, one)],
        'grads["negated"]': [Way("power", -L * L, power)],
        'grads["s"]': [Way("negated", -L * L * power, -one)]}


def one_gate(s):
    """L = sigmoid(s)."""
    L = sigmoid(s)
    return {"s": s, "-s": -s, "L": L}, {"ds": [Way("L", np.ones_like(s), (1 - L) * L)]}


def neuron(w0, x0, w1, x1, w2):
    """L = sigmoid(s3), s3 = s2 + w2, s2 = s0 + s1, s0 = w0 x0, s1 = w1 x1."""
    s0, s1, one = w0 * x0, w1 * x1, np.ones_like(w0)
    L = sigmoid(s0 + s1 + w2)
    ds3 = L * (1 - L)
    values = {"w0": w0, "x0": x0, "w1": w1, "x1": x1, "w2": w2, "s0": s0, "s1": s1, "s2": s0 + s1,
              "s3": s0 + s1 + w2, "L": L}
    ways = {"L": [], "s3": [Way("L", one, ds3)], "s2": [Way("s3", ds3, one)],
            "w2": [Way("s3", ds3, one)], "s1": [Way("s2", ds3, one)], "s0": [Way("s2", ds3, one)],
            "w1": [Way("s1", ds3, x1)], "x1": [Way("s1", ds3, w1)], "w0": [Way("s0", ds3, x0)],
            "x0": [Way("s0", ds3, w0)]}
    return values, {f'grads["{name}"]': each for name, each in ways.items()}


def quotient(x, y):
    """f = top / bottom, top = x + sigma_y, bottom = sigma_x + total^2, total = x + y."""
    sigma_x, sigma_y, total, one = sigmoid(x), sigmoid(y), x + y, np.ones_like(x)
    top, bottom = x + sigma_y, sigma_x + total**2
    dtop, dbottom = 1 / bottom, -top / bottom**2
    through_total = Way("total", 2 * total * dbottom, one)
    return {"x": x, "y": y, "sigma_x": sigma_x, "sigma_y": sigma_y, "total": total, "top": top,
            "bottom": bottom}, {
        "dx": [Way("top", dtop, one), Way("sigma_x", dbottom, (1 - sigma_x) * sigma_x),
               through_total],
        "dy": [Way("sigma_y", dtop, (1 - sigma_y) * sigma_y), through_total]}
