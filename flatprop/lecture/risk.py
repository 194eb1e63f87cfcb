"""Slides "Previous Class: Recap" and "loss surface": empirical risk, a slice of it, SGD's path.

The slice goes through the trained net along the two directions in which SGD moved most, the
principal components of its path (Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets").
"""

import numpy as np

from data import batches, toys
from flatprop import plots
from flatprop.lecture import surface
from flatprop.lecture.content import Picture, Table, Text
from models.two_layer_net import TwoLayerNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.sgd import Sgd

TITLE = "Empirical risk and the loss surface"
SECTION = "Previous Class: Recap, loss surface; The objective is not convex"
INPUTS = {"examples": 100, "hidden": 8, "batch": 10, "rate": 0.3, "epochs": 30, "grid": 33,
          "seed": 0, "other_seed": 1}
# No more than takes two seconds.
RANGES = {"examples": (4, 250), "hidden": (1, 64), "batch": (1, 250), "rate": (1e-6, 100),
          "epochs": (1, 40), "grid": (5, 49), "seed": (0, 2**32 - 1),
          "other_seed": (0, 2**32 - 1)}
MARGIN = 0.25       # of the path's extent, around it in the slice


def risk(model, theta, x, y):
    """J(theta) = 1/N sum over i of l(f(x_i; theta), y_i)."""
    kept = model.theta.copy()
    model.theta[:] = theta
    loss, _ = model.loss_layer.forward(model.scores(x), y)
    model.theta[:] = kept
    return float(loss)


def train(inputs, seed):
    """The net trained from the first weights of a seed, and its theta after each step (K, P)."""
    x, y = data(inputs)
    rng = np.random.default_rng(seed)
    model = TwoLayerNet(2, inputs["hidden"], 2, rng=rng, dtype=np.float64)
    path = [model.theta.copy()]
    Solver(model, (x, y), update_rule=Sgd(), schedule=schedules.constant(inputs["rate"]),
           batch_size=inputs["batch"], epochs=inputs["epochs"], rng=rng,
           on_step=lambda _: path.append(model.theta.copy())).train()
    return model, np.array(path)


def data(inputs):
    """The two moons: x (N, 2), y (N,)."""
    return toys.moons(inputs["examples"], np.random.default_rng(inputs["seed"]), noise=0.2)


def orders(inputs, seed):
    """The order in which each epoch of that run visits the examples: (epochs, N)."""
    rng = np.random.default_rng(seed)
    TwoLayerNet(2, inputs["hidden"], 2, rng=rng)
    return np.array([batches.shuffled(inputs["examples"], rng) for _ in range(inputs["epochs"])])


def to_play_with(inputs):
    """What the page needs to train both nets anew: the data, first weights, and orders.

    As numbers in full, but the orders: two digits for each example, one text for all epochs.
    """
    x, y = data(inputs)
    longest = inputs | {"epochs": RANGES["epochs"][1]}
    runs = []
    for seed in (inputs["seed"], inputs["other_seed"]):
        model = TwoLayerNet(2, inputs["hidden"], 2, rng=np.random.default_rng(seed),
                            dtype=np.float64)
        first = {name: np.atleast_2d(value).tolist() for name, value in model.params.items()}
        order = "".join(f"{each:02d}" for each in orders(longest, seed).ravel())
        runs.append({"seed": seed, "net": first, "order": order})
    return {"x": x.tolist(), "y": y.tolist(), "runs": runs}


def plane(path):
    """Two directions of length 1 (2, P), and the share of the path that lies in their plane.

    From the end of the path; the principal components of all its points seen from there.
    """
    moved = path - path[-1]
    _, sizes, directions = np.linalg.svd(moved, full_matrices=False)
    return directions[:2], float((sizes[:2] ** 2).sum() / (sizes ** 2).sum())


def slice_through(model, centre, directions, points, grid, x, y):
    """J at centre + a directions[0] + b directions[1], on a grid around points (K, 2) of a, b.

    -> values (grid, grid), a (grid,), b (grid,)
    """
    low, high = points.min(axis=0), points.max(axis=0)
    wide, tall = high - low
    tall = max(tall, wide * surface.RATIO, 1e-6)      # as the plot is, so that it is filled
    half = (0.5 + MARGIN) * np.array([tall / surface.RATIO, tall])
    a, b = np.linspace((low + high) / 2 - half, (low + high) / 2 + half, grid).T
    values = [[risk(model, centre + s * directions[0] + t * directions[1], x, y) for s in a]
              for t in b]
    return np.array(values), a, b


def show(inputs):
    """J before and after training, the slice with the path on it, and two ends that differ."""
    x, y = data(inputs)
    model, path = train(inputs, inputs["seed"])
    other, other_path = train(inputs, inputs["other_seed"])
    directions, share = plane(path)
    points = (path - path[-1]) @ directions.T
    values, a, b = slice_through(model, path[-1], directions, points, inputs["grid"], x, y)
    rows = [[name, risk(model, each[0], x, y), risk(model, each[-1], x, y),
             f"{np.mean(net.scores(x).argmax(axis=1) == y):.0%}"]
            for name, net, each in ((f"seed {inputs['seed']}", model, path),
                                    (f"seed {inputs['other_seed']}", other, other_path))]
    between = np.linspace(0, 1, 41)
    line = [risk(model, (1 - t) * path[-1] + t * other_path[-1], x, y) for t in between]
    middle, mean = line[20], (line[0] + line[-1]) / 2
    chord = [(1 - t) * line[0] + t * line[-1] for t in between]
    verdict = ("J in the middle lies above the mean of the ends, which no convex function does: "
               "the objective is not convex." if middle > mean else
               "Between these two J does not rise above the straight line; try another other_seed.")
    return [
        Text(f"J(theta) = 1/N sum over i of l(f(x_i; theta), y_i), predicted against actual, over "
             f"N={inputs['examples']} examples: two moons, and f is a two-layer net whose theta "
             f"holds P={path.shape[1]} numbers. Training looks for theta* = argmin over "
             "theta of J(theta). The loss surface has as many dimensions as theta has numbers; "
             "what can be drawn is a slice."),
        Table(["first weights", "J at first", "J at the end", "accuracy"], rows,
              f"Trained by minibatch SGD for {inputs['epochs']} epochs:"),
        Picture("surface", surface.svg(
            values, a, b, points, "path of SGD",
            ["along the first direction", "along the second", "J(θ)"]),
                f"The loss surface in the plane in which SGD moved most, from the open circle to "
                f"the full one; {share:.0%} of its movement lies in this plane"),
        Text("The objective is not convex. Initialization can be important: other first weights "
             "lead to another end."),
        Picture("between", plots.lines({"J on the line": (between, line),
                                        "straight line": (between, chord)},
                                       "share of the way from one end to the other", "J(θ)"),
                "On the straight line from one trained net to the other"),
        Table(["", "J"], [["in the middle of the way", middle], ["mean of the two ends", mean]],
              verdict),
    ]
