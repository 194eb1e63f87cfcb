"""Peak memory of training 1024-2048-2048-2048-10 with batch 512, next to PyTorch.

    python benchmarks/memory.py

Each contender and update rule has a process of its own: import, take a step with a tiny net
(PyTorch imports 75 MiB more when it makes its first optimizer), make the data, note what is
resident, then build the network and take 20 steps of shuffled minibatches. What counts is the peak
above that note, so the weights, the gradients, the moments and all buffers, but not the libraries
and not the data. What is compiled during the 20 steps counts. Linux only.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import json
import sys
from pathlib import Path

import fresh_process
import numpy as np

sys.path.insert(0, str(fresh_process.ROOT))

from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.adam import Adam
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.sgd import Sgd

SIZES = [1024, 2048, 2048, 2048, 10]
BATCH = 512
STEPS = 20
LAMBDA = 1e-4
RATE = 1e-3
RULES = {"sgd": Sgd, "momentum": Momentum, "adam": Adam}
CONTENDERS = ["flatprop", "flatprop, NumPy alone", "PyTorch"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="processes of each contender")
    parser.add_argument("--json", type=Path, default=fresh_process.RECORDS / "memory.json")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the layers")
    parser.add_argument("--contender", choices=CONTENDERS, help="one alone, in this process")
    parser.add_argument("--rule", choices=RULES, default="sgd", help="of the one alone")
    args = parser.parse_args()
    if args.contender:
        print(json.dumps(peak_of(args.contender, args.rule, args.sizes)))
        return
    fresh_process.require("torch", "threadpoolctl")

    runs = {(rule, name): [] for rule in RULES for name in CONTENDERS}
    for number in range(1, args.rounds + 1):
        for (rule, name), of_one in runs.items():
            extra = {"FLATPROP_NUMBA": "0"} if name == "flatprop, NumPy alone" else {}
            of_one.append(fresh_process.measure(
                __file__, ["--contender", name, "--rule", rule, "--sizes", *args.sizes], extra))
            fresh_process.progress(f"round {number} of {args.rounds}: {rule}, {name}: "
                                   f"{of_one[-1]['above'] / 2**20:.0f} MiB")

    results = summary(runs)
    print(table(results))
    fresh_process.write_json(args.json, {
        "what": f"peak bytes above the process after imports and data, {args.sizes}, batch "
                f"{BATCH}, {STEPS} steps",
        "rounds": args.rounds, "machine": fresh_process.machine(), "results": results,
    })


def peak_of(contender, rule, sizes):
    """Train one contender in this process -> its bytes, and those of theta."""
    train = pytorch if contender == "PyTorch" else flatprop
    rng = np.random.default_rng(0)
    train(rule, [4, 4, 2], *examples(4, [4, 4, 2], rng))
    x, y = examples(STEPS // 2 * BATCH, sizes, rng)

    fresh_process.forget_peak()
    before = fresh_process.memory()["now"]
    train(rule, sizes, x, y)
    peak = fresh_process.memory()["peak"]
    theta = 4 * sum(a * b + b for a, b in zip(sizes[:-1], sizes[1:], strict=True))
    return {"theta": theta, "before": before, "peak": peak, "above": peak - before,
            "blas": fresh_process.blas()}


def examples(number, sizes, rng):
    """Random inputs and labels for a net of these sizes."""
    x = rng.standard_normal((number, sizes[0]), np.float32)
    return x, rng.integers(sizes[-1], size=number)


def flatprop(rule, sizes, x, y):
    """Two epochs, 20 steps, of the Solver."""
    rng = np.random.default_rng(1)
    model = FullyConnectedNet(sizes, rng=rng)
    solver = Solver(model, (x, y), update_rule=RULES[rule](), compiled=fresh_process.compiled(),
                    schedule=schedules.constant(RATE), reg=LAMBDA, batch_size=BATCH, rng=rng)
    for _ in range(2):
        solver.next_epoch()


def pytorch(rule, sizes, x, y):
    """The same in PyTorch, with its fused optimizers."""
    import torch
    from torch import nn

    layers = []
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    groups = [{"params": [layer.weight for layer in net[::2]], "weight_decay": 2 * LAMBDA},
              {"params": [layer.bias for layer in net[::2]], "weight_decay": 0.0}]
    if rule == "adam":
        optimizer = torch.optim.Adam(groups, lr=RATE, fused=True)
    else:
        momentum = 0.9 if rule == "momentum" else 0.0
        optimizer = torch.optim.SGD(groups, lr=RATE, momentum=momentum, fused=True)

    x, y = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(2):
        order = torch.randperm(len(x))
        for start in range(0, len(x), BATCH):
            index = order[start : start + BATCH]
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x[index]), y[index])
            loss.backward()
            optimizer.step()


def summary(runs):
    """For each rule and contender: the peak above, in bytes and as a share of PyTorch's."""
    results = {rule: {} for rule in RULES}
    for (rule, name), of_one in runs.items():
        results[rule][name] = {
            **{key: fresh_process.spread([run[key] for run in of_one])
               for key in ("above", "peak")},
            "theta": of_one[0]["theta"], "blas": of_one[0]["blas"],
        }
    for of_rule in results.values():
        for one in of_rule.values():
            one["ratio"] = one["above"]["median"] / of_rule["PyTorch"]["above"]["median"]
    return results


def table(results):
    """The results as Markdown."""
    lines = ["| | | peak above start, MiB | in thetas | times PyTorch's | whole process, MiB |",
             "|---|---|---|---|---|---|"]
    for rule, of_rule in results.items():
        for name, one in of_rule.items():
            above, peak = one["above"]["median"], one["peak"]["median"]
            lines.append(f"| {rule} | {name} | {above / 2**20:.0f} | {above / one['theta']:.1f} | "
                         f"{one['ratio']:.2f} | {peak / 2**20:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
