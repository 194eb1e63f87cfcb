"""The Solver and PyTorch side by side: same weights, same batches, the same numbers in float64.

    python benchmarks/pytorch_parity.py

Trains a TwoLayerNet and a FullyConnectedNet with the Solver, and their twins with torch.nn and
torch.optim, for 200 steps of each update rule. L2's lambda is PyTorch's weight_decay = 2 lambda, on
the weight matrices alone; AdamW's decay is no L2 and is the same number in both. Exits with 1 if
the losses or the weights differ by more than 1e-10, and with 2 if PyTorch is missing.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import sys
from pathlib import Path

import numpy as np

try:
    import torch
except ImportError:
    print("this comparison needs PyTorch: pip install -e '.[bench]'", file=sys.stderr)
    sys.exit(2)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from models.fully_connected_net import FullyConnectedNet
from models.two_layer_net import TwoLayerNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

STEPS = 200
TOLERANCE = 1e-10
N, D, C = 32, 20, 5
LAMBDA = 0.01        # of the first weight matrix, and twice, three times as much of the next ones
WEIGHT_DECAY = 0.1   # of AdamW, which is trained without L2


def main():
    print(f"numpy {np.__version__}, torch {torch.__version__}, float64, {STEPS} steps")
    print("largest difference           losses               weights")
    print("net         rule            abs        rel        abs        rel")
    table = []
    for net, make_model in [("two-layer", two_layer), ("four-layer", four_layer)]:
        for rule in ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]:
            differences = compare(make_model(), rule)
            print(f"{net:11} {rule:10}", *(f"{difference:10.1e}" for difference in differences))
            table.append(differences)
    worst = np.max(table)  # NaN if anything is
    if not worst <= TOLERANCE:
        print(f"differ by up to {worst:.1e}, more than {TOLERANCE}")
        return 1
    print(f"all within {TOLERANCE}")
    return 0


def two_layer():
    return TwoLayerNet(D, 30, C, rng=np.random.default_rng(1), dtype=np.float64)


def four_layer():
    sizes = [D, 30, 20, 10, C]
    return FullyConnectedNet(sizes, rng=np.random.default_rng(1), dtype=np.float64)


def compare(model, rule):
    """Train a model and its twin on the same batches.

    -> largest absolute and relative difference of the losses, then of the weights
    """
    twin = twin_of(model)
    rng = np.random.default_rng(2)
    x = rng.standard_normal((N * 10, D))
    y = rng.integers(C, size=N * 10)
    update_rule, optimizer, rate, reg = both_rules(rule, model, twin)
    solver = Solver(model, (x, y), update_rule=update_rule, schedule=schedules.constant(rate),
                    reg=reg, batch_size=N, rng=rng)

    losses, twin_losses = [], []
    for _ in range(STEPS):
        batch = rng.choice(len(x), size=N, replace=False)
        losses.append(float(solver.step(x[batch], y[batch])))

        optimizer.zero_grad()
        scores = twin(torch.from_numpy(x[batch]))
        loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(y[batch]))
        loss.backward()
        optimizer.step()
        twin_losses.append(loss.item())

    # in the order of theta: all weight matrices, then all biases; torch keeps W transposed
    affines = [layer for layer in twin if isinstance(layer, torch.nn.Linear)]
    pieces = [layer.weight.detach().numpy().T.ravel() for layer in affines]
    pieces += [layer.bias.detach().numpy() for layer in affines]
    twin_theta = np.concatenate(pieces)
    return *furthest(np.array(losses), np.array(twin_losses)), *furthest(model.theta, twin_theta)


def furthest(ours, theirs):
    """The largest difference of two vectors, and the same as a share of the largest number."""
    difference = np.abs(ours - theirs).max()
    return difference, difference / np.abs(theirs).max()


def twin_of(model):
    """The same affine - ReLU chain in torch.nn, with a copy of the model's parameters."""
    layers = []
    for i, name in enumerate(model.weights, 1):
        fan_in, fan_out = model.shapes[name]
        layer = torch.nn.Linear(fan_in, fan_out, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(model.params[name].T))
            layer.bias.copy_(torch.from_numpy(model.params[f"b{i}"]))
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def both_rules(rule, model, twin):
    """An update rule by name -> ours, PyTorch's for the twin, the rate, and reg for the Solver."""
    reg = [LAMBDA * i for i in range(1, len(model.weights) + 1)]
    decays = [2 * strength for strength in reg]
    if rule == "adamw":
        reg = 0.0
        decays = [WEIGHT_DECAY] * len(model.weights)
    affines = [layer for layer in twin if isinstance(layer, torch.nn.Linear)]
    groups = [
        {"params": [layer.weight], "weight_decay": decay}
        for layer, decay in zip(affines, decays, strict=True)
    ]
    groups.append({"params": [layer.bias for layer in affines], "weight_decay": 0.0})

    if rule == "sgd":
        return Sgd(), torch.optim.SGD(groups, lr=0.1), 0.1, reg
    if rule == "momentum":
        return Momentum(), torch.optim.SGD(groups, lr=0.02, momentum=0.9), 0.02, reg
    if rule == "nesterov":
        theirs = torch.optim.SGD(groups, lr=0.02, momentum=0.9, nesterov=True)
        return Nesterov(), theirs, 0.02, reg
    if rule == "adagrad":
        return Adagrad(), torch.optim.Adagrad(groups, lr=0.02), 0.02, reg
    if rule == "rmsprop":
        return Rmsprop(), torch.optim.RMSprop(groups, lr=0.002), 0.002, reg
    if rule == "adam":
        return Adam(), torch.optim.Adam(groups, lr=0.005), 0.005, reg
    ours = Adamw(weight_decay=WEIGHT_DECAY)
    return ours, torch.optim.AdamW(groups, lr=0.005), 0.005, reg


if __name__ == "__main__":
    sys.exit(main())
