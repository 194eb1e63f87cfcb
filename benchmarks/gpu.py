"""What --device cuda does on a GPU: whether it agrees with the processor, and how fast it is.

    python benchmarks/gpu.py --json FILE    with an NVIDIA GPU; made for under 8 minutes
    python benchmarks/gpu.py --check        anywhere: that this script works, in seconds

It needs CuPy; PyTorch and JAX take part where they can be imported and have the GPU. It has not run
on a GPU yet. In order:

1. agreement: every activation, norm, loss and update rule, 50 steps in float32, the weights beside
   the processor's; bound 1e-4. All but dropout with the captured step too
2. steps: microseconds a step, gather to update, of flatprop call by call and with the captured
   step (a whole epoch of the Solver), of PyTorch call by call and captured, of JAX's jit, and of
   the processor; float32 without TF32; in turns, the median of --rounds
3. an epoch of 60,000 rows of 784 numbers through 784-512-512-10, batch 128, momentum
4. in pieces: the same where the device is said to have too little room for the rows

What does not finish says so in one line, and the rest goes on. No part waits for the others' files.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import contextlib
import itertools
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.networks import LAMBDA, MOMENTUM, NETWORKS, RATES, examples, first_weights
from flatprop import captured, cublas, device
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.by_name import UPDATE_RULES
from solvers.solver import Solver
from solvers.update_rules.momentum import Momentum

STEPS, BOUND = 50, 1e-4     # of the agreement
MEASURED = ("64-32-10", "784-512-10", "3072-512-512-10", "784-1024-1024-10", "1024-2048x3-10")
LONGEST = 0.5               # seconds of one sample
LARGE = 2**24               # multiplications of a step from which the processor takes few of them


def solver_of(sizes, batch, rule, x, y, **options):
    """A Solver of the benchmarks' chain from their first weights, without validation."""
    model = FullyConnectedNet(sizes)
    for i, (W, b) in enumerate(first_weights(sizes), 1):
        model.params[f"W{i}"][:], model.params[f"b{i}"][:] = W, b
    return Solver(model, (x, y), update_rule=UPDATE_RULES[rule](), batch_size=batch, metric=None,
                  schedule=schedules.constant(RATES.get(rule, 0.001)), reg=LAMBDA,
                  rng=np.random.default_rng(2), **options)


def cases():
    """{name: (options of FullyConnectedNet, update rule)}: everything that can be chosen, once."""
    found = {f"activation {name}": ({"activation": layer}, "momentum")
             for name, layer in ACTIVATIONS.items()}
    found |= {f"norm {name}": ({"norm": layer}, "momentum") for name, layer in NORMS.items()}
    found |= {f"loss {name}": ({"loss_layer": layer}, "momentum") for name, layer in LOSSES.items()}
    found |= {f"rule {name}": ({}, name) for name in UPDATE_RULES}
    return found | {"dropout 0.3": ({"drop": 0.3}, "adam"),
                    "smoothing 0.1": ({"smoothing": 0.1}, "adam")}


def difference(there, options, rule, steps, capture=False):
    """The largest difference of a weight after so many steps on the device and on the processor."""
    loss = options.get("loss_layer")
    outputs = 1 if loss is LOSSES["logistic"] else 10
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64 * steps, 64), dtype=np.float32)
    y = rng.integers(2 if outputs == 1 else 10, size=len(x))
    if loss is LOSSES["square"]:
        y = rng.standard_normal((len(x), outputs), dtype=np.float32)
    thetas = []
    for on in (None, there):
        model = FullyConnectedNet([64, 32, 32, outputs], rng=np.random.default_rng(1), **options)
        solver = Solver(model, (x, y), update_rule=UPDATE_RULES[rule](), batch_size=64, epochs=1,
                        schedule=schedules.constant(0.001), reg=LAMBDA, metric=None,
                        rng=np.random.default_rng(2))
        if on is not None:
            take_over(solver, on, capture)
        solver.train()
        thetas.append(model.theta)
    return float(np.abs(thetas[0] - thetas[1]).max())


def take_over(solver, there, capture):
    """device.take_over; capture: with steps of a graph. Raises RuntimeError where it has none."""
    device.take_over(solver, there)
    if capture:
        captured.use(solver)
        if solver.device.plain:
            raise RuntimeError(f"not captured: {solver.device.plain}")


def agreement(there, steps):
    """{case: the difference, or the error}."""
    found = {}
    for capture, (name, case) in itertools.product((False, True), cases().items()):
        if capture and "dropout" in name:
            continue
        name = f"captured, {name}" if capture else name
        with told(found, name):
            found[name] = difference(there, *case, steps, capture)
            print(f"{name:32} {found[name]:.1e} {'' if found[name] <= BOUND else 'TOO MUCH'}",
                  flush=True)
    return found


@contextlib.contextmanager
def told(found, name):
    """Let an error be a result, so that the rest is measured."""
    try:
        yield
    except Exception as error:      # whatever a GPU or another framework comes up with
        found[name] = f"{type(error).__name__}: {str(error)[:200]}"
        print(f"{name:24} {found[name]}", flush=True)


def flatprop(there, sizes, batch, rule, x, y, capture=False):
    """-> a function that trains an epoch; on the processor where there is None."""
    solver = solver_of(sizes, batch, rule, x, y)
    if there is not None:
        take_over(solver, there, capture)
        solver.next_epoch()             # which finds how many steps make a block
    return solver.next_epoch


def pytorch(place, sizes, batch, rule, x, y, graph=False):
    """The same by PyTorch on its device `place`, with its fused optimizers; float32, no TF32."""
    import torch
    torch.backends.cuda.matmul.allow_tf32 = False
    affines = []
    for W, b in first_weights(sizes):
        affines.append(torch.nn.Linear(*W.shape, device=place))
        affines[-1].weight.data = torch.tensor(W.T.copy(), device=place)
        affines[-1].bias.data = torch.tensor(b, device=place)
    chain = [layer for each in affines for layer in (each, torch.nn.ReLU())][:-1]
    net = torch.nn.Sequential(*chain)
    groups = [{"params": [each.weight for each in affines], "weight_decay": 2 * LAMBDA},
              {"params": [each.bias for each in affines], "weight_decay": 0.0}]
    if rule == "adam":
        optimizer = torch.optim.Adam(groups, lr=RATES[rule], fused=True, capturable=graph)
    else:
        optimizer = torch.optim.SGD(groups, lr=RATES[rule], fused=True,
                                    momentum=MOMENTUM if rule == "momentum" else 0.0)
    x, y = torch.tensor(x, device=place), torch.tensor(y, device=place)
    total = torch.zeros((), device=place)
    order, within = torch.arange(len(x), device=place), torch.arange(batch, device=place)
    at = torch.zeros((), dtype=torch.int64, device=place)

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(net(x[index]), y[index])
        loss.backward()
        optimizer.step()
        total.add_(loss.detach())

    def step_of_graph():
        step(order[within + at])
        at.add_(batch)

    if graph:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(captured.WARM_UP):
                step_of_graph()
        torch.cuda.current_stream().wait_stream(stream)
        whole = torch.cuda.CUDAGraph()
        optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(whole):
            step_of_graph()

    def run():
        total.zero_()
        if graph:
            order.copy_(torch.randperm(len(x)))
            at.zero_()
            for _ in range(len(x) // batch):
                whole.replay()
        else:
            for index in torch.randperm(len(x)).to(place).split(batch):
                step(index)
        return float(total) / (len(x) // batch)
    return run


def jax(place, sizes, batch, rule, x, y):
    """The same by JAX's jit. Raises RuntimeError where it does not have the GPU that is asked for.
    """
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")     # the others need some too
    import jax
    if place == "cuda" and jax.default_backend() != "gpu":
        raise RuntimeError("this JAX has no GPU")
    jax.config.update("jax_default_matmul_precision", "highest")
    from benchmarks.contenders import jax_jit
    run, _ = jax_jit.make(sizes, batch, rule, x, y, first_weights(sizes))
    return lambda: run(1)


def contenders(there, place, sizes, batch, rule, rows, small):
    """{name: a function that makes one of a net}, what a step costs aside."""
    x, y = examples(sizes, rows)
    few = max(batch, batch * (small // batch))      # of the processor, which takes long
    return {
        "flatprop": lambda: flatprop(there, sizes, batch, rule, x, y),
        "captured": lambda: flatprop(there, sizes, batch, rule, x, y, capture=True),
        "PyTorch": lambda: pytorch(place, sizes, batch, rule, x, y),
        **({"PyTorch's graph": lambda: pytorch(place, sizes, batch, rule, x, y, graph=True)}
           if place == "cuda" else {}),
        "JAX jit": lambda: jax(place, sizes, batch, rule, x, y),
        "this processor": lambda: flatprop(None, sizes, batch, rule, x[:few], y[:few]),
    }, {"this processor": few}


def steps(there, place, networks, rules, rows, rounds):
    """{"NET RULE": {contender: microseconds a step, or the error}}; an epoch ends with a wait."""
    table = {}
    for net, rule in ((net, rule) for net in networks for rule in rules):
        sizes, batch = NETWORKS[net]
        cell = table[f"{net} {rule}"] = {}
        count = max(batch, rows // batch * batch)
        work = batch * sum(a * b for a, b in zip(sizes, sizes[1:], strict=False))
        made, shorter = contenders(there, place, sizes, batch, rule, count,
                                   count if work < LARGE else max(batch, count // 32))
        runs, samples = {}, {}
        for name, make in made.items():
            with told(cell, f"{net} {rule} {name}"):
                runs[name] = make()
                runs[name]()                # compiles, and touches all memory for the first time
        for _ in range(rounds):
            for name, run in runs.items():
                with told(cell, f"{net} {rule} {name}"):
                    taken = shorter.get(name, count) // batch
                    began, epochs = time.perf_counter(), 0
                    while not epochs or time.perf_counter() - began < LONGEST / 4:
                        loss, epochs = run(), epochs + 1
                    spent = time.perf_counter() - began
                    samples.setdefault(name, []).append(1e6 * spent / epochs / taken)
                    cell[f"{name}, loss"] = loss
        cell |= {name: round(statistics.median(values), 1) for name, values in samples.items()}
        print(f"{net:18} {rule:5}", *(f"{name} {cell[name]:.0f}" for name in samples), flush=True)
    return table


def epochs(there, rows, rounds, room=None):
    """Seconds of an epoch of 784-512-512-10, the median; room, bytes that the device is said to
    have, where given."""
    sizes, batch = [784, 512, 512, 10], 128
    x, y = examples(sizes, rows)
    solver = solver_of(sizes, batch, "momentum", x, y)
    solver.update_rule = Momentum(MOMENTUM)
    on = there if room is None else there._replace(free=lambda: room)
    if there is not None:
        device.take_over(solver, on)
        assert solver.device.is_there == (room is None)
    seconds = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        solver.next_epoch()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", metavar="FILE", help="write what was measured to a file")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--check", action="store_true",
                        help="few and small, on the tests' stand-in for a GPU")
    args = parser.parse_args()
    if args.check:
        import duck_graph
        from duck_array import Memory
        cublas.load = duck_graph.Cublas
        there, place, rows, many = Memory().device(), "cpu", 256, 512
        networks, rounds, count = MEASURED[:1], 1, 5
    else:
        there, place, rows, many = device.cuda(), "cuda", 65_536, 60_000
        networks, rounds, count = MEASURED, args.rounds, STEPS
    began = time.perf_counter()
    print(f"{there.text}; {platform.machine()}, {count} steps of agreement", flush=True)
    result = {"device": there.text, "agreement": agreement(there, count)}
    result["steps"] = steps(there, place, networks, ("sgd", "adam"), rows, rounds)
    for name, on, room in (("epoch on the device", there, None), ("epoch here", None, None),
                           ("epoch in pieces", there, many * 784 * 2)):
        with told(result, name):
            result[name] = epochs(on, many, 1 if on is None else rounds, room)
            print(f"{name:24} {result[name]:.3f} s", flush=True)
    result["seconds"] = round(time.perf_counter() - began)
    differences = result["agreement"].values()
    good = all(isinstance(each, float) and each <= BOUND for each in differences)
    print(f"{'all' if good else 'NOT all'} of {len(differences)} agree to {BOUND:g}; "
          f"{result['seconds']} s in all")
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
