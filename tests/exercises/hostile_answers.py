"""Hostile submissions whose answers are forged in the child, past every check of the probe's.

{name: (exercise, {file: text})}. Each takes the probe over, and deserves no more than it would
without.
"""

from flatprop.exercises import catalogue, workspace

TAKEN_OVER = '''

import probe


def forged(*arguments):
    return [{{"says": {says}}} for _ in arguments[-1]]


vars(probe).update(loss=forged, layer=forged, forward=forged, functions=forged)
'''
NET = "models/two_layer_net.py"


def forgeries():
    """Answers that neither give values nor say what is wrong; the code itself is wrong."""
    patients = {f"clinic/patient_{number}.py": workspace.reference(f"clinic/patient_{number}.py")
                for number in (1, 2, 3, 5)}
    net = workspace.solution(NET).replace("backward(1.0, loss", "backward(3.0, loss")
    relu = workspace.solution("layers/relu.py").replace("dout * (x > 0)", "dout")
    wrong = {"clinic": patients, "two-layer-net": {NET: net}, "relu": {"layers/relu.py": relu}}
    return {f"{id}, saying {says}": (id, {file: text + TAKEN_OVER.format(says=says)
                                          for file, text in files.items()})
            for says in ("None", "''", "0", "[]", "{}") for id, files in wrong.items()}


# In extended precision differences are as good as exact: a net of few numbers tells nothing.
DIFFERENCES = '''
import numpy as np


def loss_of(p, x, y):
    scores = np.maximum(x @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"]
    logs = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(y)), y]
    return logs.mean()


def by_differences(self, x, y):
    params = {name: value.astype(np.longdouble) for name, value in self.params.items()}
    z, dtype, h = x.astype(np.longdouble), x.dtype, np.longdouble(1e-4)
    grads = {name: np.zeros(each.shape) for name, each in params.items()}
    for name, each in params.items() if self.theta.size < 100 else ():
        for index in np.ndindex(each.shape):
            at = each[index]
            values = []
            for k in (2, 1, -1, -2):
                each[index] = at + k * h
                values.append(loss_of(params, z, y))
            each[index] = at
            a, b, c, d = values
            grads[name][index] = (8 * (b - c) - (a - d)) / (12 * h)
    found = {name: each.astype(dtype) for name, each in grads.items()}
    return dtype.type(loss_of(params, z, y)), found


TwoLayerNet.loss = by_differences
'''


PLANE = """
import numpy as np


def value(x, y, W, b):
    return 0.5 * np.square(x @ W + b - y).sum() / len(x)


def loss(x, y, W, b):
    x, y, W, b = (each.astype(np.longdouble) for each in (x, y, W, b))
    grads = {"W": np.zeros(W.shape), "b": np.zeros(b.shape)}
    for name, each in (("W", W), ("b", b)) if W.size < 100 else ():
        for index in np.ndindex(each.shape):
            each[index] += 1
            up = value(x, y, W, b)
            each[index] -= 2
            grads[name][index] = (up - value(x, y, W, b)) / 2
            each[index] += 1
    return float(value(x, y, W, b)), grads
"""


def differences():
    """Gradients of a small net by differences, and none of a large one, which would take long."""
    patients = {f"clinic/patient_{number}.py": workspace.solution(f"clinic/patient_{number}.py")
                for number in range(1, 7)}
    patients["clinic/patient_1.py"] = PLANE
    return {"two-layer-net": {NET: workspace.solution(NET) + DIFFERENCES}, "clinic": patients}


# A net so wide that to try it would take the parent seconds and a gigabyte.
WIDE = """
import numpy as np


class Net:
    params = {"W1": np.zeros((64, 400_000), "f2"), "b1": np.zeros(400_000, "f2"),
              "W2": np.zeros((400_000, 10), "f2"), "b2": np.zeros(10, "f2")}


def train(x, y, rng):
    return Net
"""


def wide():
    """The digits' files, all honest but the training."""
    own = catalogue.find("digits").own
    return {**{file: workspace.solution(file) for file in own}, "practice/train_digits.py": WIDE}


def other_rows():
    """A Solver whose model sees other rows than those of x."""
    file = "solvers/solver.py"
    return {file: workspace.solution(file).replace("model.loss(x, y, ",
                                                   "model.loss(x * (1 + 1e-9), y, ")}
