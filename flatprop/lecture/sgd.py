"""Slides "Previous Class: SGD" and "Stochastic gradient descent": minibatches, or one at a time."""

import inspect

import numpy as np

from data import batches, toys
from flatprop import plots
from flatprop.lecture.content import Code, Picture, Slip, Table, Text, gap
from models.two_layer_net import TwoLayerNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.sgd import Sgd

TITLE = "Stochastic gradient descent: minibatches, one example at a time, schedules"
SECTION = "Previous Class: SGD; Stochastic gradient descent"
INPUTS = {"examples": 200, "hidden": 16, "batch": 20, "rate": 0.3, "epochs": 20,
          "decay": 0.01, "noise": 0.3, "seed": 0}
# No more than takes two seconds.
RANGES = {"examples": (4, 250), "hidden": (1, 64), "batch": (1, 250), "rate": (1e-6, 100),
          "epochs": (1, 40), "decay": (1e-9, 10), "noise": (0, 2), "seed": (0, 2**32 - 1)}


def one_at_a_time(model, x, y, schedule, epochs, rng):
    """The slide's algorithm, line by line. w is model.theta, its parameters in one vector."""
    w = model.theta                                     # 1. Initialize parameters w
    t = 0
    for _ in range(epochs):                             # 2. For epoch = 1 ... T:
        for i in batches.shuffled(len(x), rng):         #    Shuffle; for each training example
            _, grads = model.loss(x[i:i + 1], y[i:i + 1])
            gradient = np.concatenate([grads[name].ravel() for name in model.shapes])
            w -= schedule(t) * gradient                 #    w <- w - gamma_t gradient
            t += 1
    return w                                            # Return w


def first_net(inputs):
    """The data, and the net at its first weights: the same in every run."""
    rng = np.random.default_rng(inputs["seed"])
    x, y = toys.moons(inputs["examples"], rng, noise=inputs["noise"])
    return x, y, TwoLayerNet(2, inputs["hidden"], 2, rng=rng, dtype=np.float64)


def train(inputs, batch_size, schedule):
    """Train from the first weights -> the Solver, and J over all the data by epoch."""
    x, y, model = first_net(inputs)
    losses = [model.loss(x, y)[0]]
    solver = Solver(model, (x, y), update_rule=Sgd(), schedule=schedule, batch_size=batch_size,
                    epochs=inputs["epochs"], rng=np.random.default_rng(inputs["seed"]),
                    on_epoch=lambda _: losses.append(model.loss(x, y)[0]))
    solver.train()
    return solver, losses


def show(inputs):
    """Three batch sizes, how good their gradients are, and a schedule for the smallest."""
    total, batch = inputs["examples"], min(inputs["batch"], inputs["examples"])
    constant = schedules.constant(inputs["rate"])
    falling = schedules.inverse_time(inputs["rate"], inputs["decay"])
    runs = {f"all {total}": train(inputs, total, constant),
            f"batches of {batch}": train(inputs, batch, constant),
            "one at a time": train(inputs, 1, constant)}
    singles = {"gamma constant": runs["one at a time"],
               "gamma falling": train(inputs, 1, falling)}
    steps = np.unique(np.linspace(0, total * inputs["epochs"] - 1, 100).astype(int))
    gammas = {"constant": (steps, [constant(t) for t in steps]),
              "falling": (steps, [falling(t) for t in steps])}
    x, y, model = first_net(inputs)
    loop = one_at_a_time(model, x, y, falling, inputs["epochs"],
                         np.random.default_rng(inputs["seed"]))
    return [
        Text("Initialize theta randomly. For N epochs, for each training batch of B examples: "
             "compute the loss gradient dJ/dtheta = 1/B sum of dJ_i/dtheta, and update theta = "
             "theta - eta dJ/dtheta. With B = 1 this is the algorithm that treats one example "
             "as the entire dataset; with B = N it is gradient descent."),
        Slip("theta = theta eta dJ/dtheta has lost its minus; it should read theta - eta "
             "dJ/dtheta. And 1/R before the sum over the batch should be 1/B. w <- w gamma_t "
             "gradient lost its minus as well."),
        losses_table(runs, inputs["epochs"]),
        Picture("batches", losses_plot(runs),
                "The loss over all the data by epoch: small batches take more steps in an epoch, "
                "and each step is noisier"),
        precision(inputs, batch),
        Code(inspect.getsource(one_at_a_time), "One example at a time, as on the slide:"),
        Table(["", "theta apart"],
              [["the loop above and Solver(batch_size=1)",
                gap(loop, singles["gamma falling"][0].model.theta)]],
              "The project's Solver with batches of one is that loop:"),
        Text(f"gamma_t: learning rate, many tweaks possible. Here gamma_t = gamma / (1 + "
             f"{inputs['decay']:g} t), which lets the steps become small but not too soon: their "
             "sum has no bound, the sum of their squares has one."),
        Picture("schedule", plots.lines(gammas, "step t", "γ_t"), "The schedule"),
        losses_table(singles, inputs["epochs"]),
        Picture("one-at-a-time", losses_plot(singles),
                "One example at a time, with both schedules"),
    ]


def losses_plot(runs):
    """J over all the data by epoch, a line for each run, as SVG."""
    return plots.lines({name.replace("gamma", "γ"): (range(len(losses)), losses)
                        for name, (_, losses) in runs.items()}, "epoch", "J(θ) over all the data")


def losses_table(runs, epochs):
    """A Table: J over all the data after some epochs of each run."""
    shown = sorted({0, 1, 2, 5, 10, 20, 50, epochs} & set(range(epochs + 1)))
    rows = [[epoch, *(losses[epoch] for _, losses in runs.values())] for epoch in shown]
    rows.append(["steps", *(solver.steps for solver, _ in runs.values())])
    return Table(["epoch", *runs], rows, "J(theta) over all the data after each epoch:")


def precision(inputs, batch):
    """A Table: how far the gradient of a batch lies from that of all the data, at the start."""
    x, y, model = first_net(inputs)
    rng = np.random.default_rng(inputs["seed"])

    def gradient(index):
        _, grads = model.loss(x[index], y[index])
        return np.concatenate([grads[name].ravel() for name in model.shapes])

    whole = gradient(np.arange(len(x)))
    rows = []
    for size in dict.fromkeys([1, batch, len(x)]):
        order = batches.shuffled(len(x), rng)
        away = [np.sum((gradient(index) - whole) ** 2) for index in batches.cut(order, size)]
        rows.append([size, np.sqrt(np.mean(away)) / np.linalg.norm(whole)])
    return Table(["B", "away from the gradient of all, relative"], rows,
                 "Advantages of minibatches: more accurate estimation of the gradient, about "
                 "sqrt(B) times as accurate as that of one example; smoother convergence; larger "
                 "learning rates; and a batch is one matrix product, computed in parallel:")
