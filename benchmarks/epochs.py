"""Whole MNIST epochs: shuffle, gather, forward, backward, L2, update, as users would write it.

    python benchmarks/epochs.py --data-dir DIR

DIR holds the four IDX files of MNIST. Every contender trains 784-512-512-10 with batch 128 and
momentum 0.9 on the same standardized float32 array in memory; evaluation is left out. flatprop runs
its Solver's next_epoch. PyTorch uses its fused SGD, once with an index permutation and once with a
DataLoader; JAX a jitted step whose weights are donated. scikit-learn's partial_fit is one epoch.
Each one runs in a process of its own, in turn, --rounds times; a process trains one epoch unseen
(compilation, first touch) and is timed on the next ones.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import json
import statistics
import sys
import time
import warnings
from pathlib import Path

import fresh_process
import numpy as np

sys.path.insert(0, str(fresh_process.ROOT))

from data import mnist, standardize
from data.errors import DataError
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.momentum import Momentum

SIZES = [784, 512, 512, 10]
BATCH = 128
RATE = 0.01
MOMENTUM = 0.9
LAMBDA = 1e-4


def flatprop(x, y):
    """-> a function that trains one epoch and gives its mean loss, as the ones below."""
    rng = np.random.default_rng(0)
    model = FullyConnectedNet(SIZES, rng=rng)
    solver = Solver(model, (x, y), update_rule=Momentum(MOMENTUM),
                    compiled=fresh_process.compiled(),
                    schedule=schedules.constant(RATE), reg=LAMBDA, batch_size=BATCH, rng=rng)
    return solver.next_epoch


def pytorch(batches, x, y):
    """One epoch of PyTorch over batches(), which gives pairs of tensors."""
    import torch
    from torch import nn

    layers = []
    for fan_in, fan_out in zip(SIZES[:-1], SIZES[1:], strict=True):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    for layer in net[::2]:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    # the L2 convention: weight_decay is 2 lambda, on the weights alone
    groups = [{"params": [layer.weight for layer in net[::2]], "weight_decay": 2 * LAMBDA},
              {"params": [layer.bias for layer in net[::2]], "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=RATE, momentum=MOMENTUM, fused=True)

    def epoch():
        total = 0.0
        for inputs, labels in batches():
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(inputs), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        return total / len(x)

    return epoch


def pytorch_permutation(x, y):
    import torch
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def batches():
        order = torch.randperm(len(x))
        for start in range(0, len(x), BATCH):
            index = order[start : start + BATCH]
            yield x[index], y[index]

    return pytorch(batches, x, y)


def pytorch_dataloader(x, y):
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    dataset = TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    loader = DataLoader(dataset, batch_size=BATCH, shuffle=True)
    return pytorch(lambda: loader, x, y)


def scikit_learn(x, y):
    from sklearn.neural_network import MLPClassifier
    # the L2 convention: alpha is 2 lambda N, with N the size of the batch
    net = MLPClassifier(SIZES[1:-1], activation="relu", solver="sgd", batch_size=BATCH,
                        learning_rate_init=RATE, momentum=MOMENTUM, nesterovs_momentum=False,
                        alpha=2 * LAMBDA * BATCH, random_state=0)
    classes = np.unique(y)

    def epoch():
        net.partial_fit(x, y, classes=classes)
        return net.loss_

    return epoch


def jax(x, y):
    import functools

    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    params = [(jnp.asarray(rng.standard_normal((a, b), np.float32) * (2 / a) ** 0.5), jnp.zeros(b))
              for a, b in zip(SIZES[:-1], SIZES[1:], strict=True)]
    state = [params, jax.tree.map(jnp.zeros_like, params), jnp.zeros(())]

    def objective(params, inputs, labels):
        active = inputs
        for W, b in params[:-1]:
            active = jax.nn.relu(active @ W + b)
        scores = active @ params[-1][0] + params[-1][1]
        picked = jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], axis=1)
        loss = -picked.mean()
        return loss + LAMBDA * sum((W * W).sum() for W, _ in params), loss

    @functools.partial(jax.jit, donate_argnums=0)
    def step(state, x, y, index):
        params, velocity, total = state
        grads, loss = jax.grad(objective, has_aux=True)(params, x[index], y[index])
        velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, grads)
        params = jax.tree.map(lambda p, v: p - RATE * v, params, velocity)
        return [params, velocity, total + loss * len(index)]

    x, y = jnp.asarray(x), jnp.asarray(y, jnp.int32)

    def epoch():
        order = rng.permutation(len(x)).astype(np.int32)
        state[2] = jnp.zeros(())
        for start in range(0, len(x), BATCH):
            state[:] = step(state, x, y, order[start : start + BATCH])
        return float(state[2]) / len(x)      # waits for the last step

    return epoch


CONTENDERS = {
    "flatprop": flatprop, "flatprop, NumPy alone": flatprop,
    "PyTorch, permutation": pytorch_permutation, "PyTorch, DataLoader": pytorch_dataloader,
    "scikit-learn": scikit_learn, "JAX": jax,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", required=True, help="the folder with MNIST's IDX files")
    parser.add_argument("--rounds", type=int, default=3, help="processes of each contender")
    parser.add_argument("--epochs", type=int, default=2, help="epochs timed in each process")
    parser.add_argument("--examples", type=int, help="train on the first so many (default: all)")
    parser.add_argument("--json", type=Path, default=fresh_process.RECORDS / "epochs.json")
    parser.add_argument("--contender", choices=CONTENDERS, help="one alone, in this process")
    args = parser.parse_args()
    if args.contender:
        print(json.dumps(time_epochs(args)))
        return
    fresh_process.require("torch", "jax", "sklearn", "threadpoolctl")
    try:
        mnist.load(args.data_dir)
    except DataError as error:
        sys.exit(f"epochs.py: {error}")

    runs = {name: [] for name in CONTENDERS}
    for number in range(1, args.rounds + 1):
        for name, of_one in runs.items():
            arguments = ["--data-dir", args.data_dir, "--epochs", args.epochs, "--contender", name]
            arguments += ["--examples", args.examples] if args.examples else []
            extra = {"FLATPROP_NUMBA": "0"} if name == "flatprop, NumPy alone" else {}
            of_one.append(fresh_process.measure(__file__, arguments, extra))
            fresh_process.progress(f"round {number} of {args.rounds}: {name} "
                                   f"{statistics.median(of_one[-1]['seconds']):.3f} s an epoch")

    results = summary(runs)
    print(table(results))
    fresh_process.write_json(args.json, {
        "what": f"MNIST epochs, {SIZES}, batch {BATCH}, momentum {MOMENTUM}, lambda {LAMBDA}",
        "examples": runs["flatprop"][0]["examples"], "rounds": args.rounds,
        "machine": fresh_process.machine(), "results": results,
    })


def time_epochs(args):
    """Train one epoch unseen and the next ones timed -> what the parent wants to know."""
    x, y, _, _ = mnist.load(args.data_dir)
    x, y = x[: args.examples], y[: args.examples]
    x = standardize.apply(x, *standardize.fit(x, "dataset"), np.float32)
    warnings.filterwarnings("ignore", category=UserWarning)   # scikit-learn's, on few examples
    epoch = CONTENDERS[args.contender](x, y)
    losses, seconds = [epoch()], []
    for _ in range(args.epochs):
        started = time.perf_counter()
        losses.append(epoch())
        seconds.append(time.perf_counter() - started)
    return {"examples": len(x), "seconds": seconds, "losses": losses, "blas": fresh_process.blas()}


def summary(runs):
    """For each contender: seconds an epoch, and how many times flatprop's those are."""
    ours = statistics.median(s for run in runs["flatprop"] for s in run["seconds"])
    results = {}
    for name, of_one in runs.items():
        seconds = fresh_process.spread([s for run in of_one for s in run["seconds"]])
        results[name] = {"seconds": seconds, "ratio": seconds["median"] / ours,
                         "losses": of_one[0]["losses"], "blas": of_one[0]["blas"]}
    return results


def table(results):
    """The results as Markdown."""
    lines = ["| | seconds an epoch | least to most | times flatprop's | mean loss, last epoch |",
             "|---|---|---|---|---|"]
    for name, one in results.items():
        s = one["seconds"]
        lines.append(f"| {name} | {s['median']:.2f} | {s['min']:.2f} to {s['max']:.2f} | "
                     f"{one['ratio']:.2f} | {one['losses'][-1]:.4f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
