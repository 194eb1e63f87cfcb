"""A step by several processes of one machine, and a model of it for many machines.

    python benchmarks/ranks.py              measures, writes records/ranks.json, docs/ranks.svg
    python benchmarks/ranks.py --draw       the drawing alone, from the record

A step of n ranks costs what one process needs for its rows of the batch, a fixed part that each
has (the update, Python) and the sum of the gradients over all:

    step(n) = fixed + a_row * rows / n + sum(n),
    sum(n) = 2 log2(n) latency + 2 (n - 1) / n * bytes / bandwidth

The last is the best that is known for long vectors (Thakur, Rabenseifner and Gropp 2005). fixed and
a_row are fitted to steps of one process with several batch sizes. On one machine the sum is
measured too, and fixed + a_row rows / n of ranks that share a processor are taken one after the
other: that is what the model is checked with.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import json
import math
import os
import shutil
import sys
import time
from pathlib import Path

import fresh_process
import numpy as np
from networks import NETWORKS, examples, num_parameters

sys.path.insert(0, str(fresh_process.ROOT))

from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.ranks import Ranks
from solvers.solver import Solver
from solvers.update_rules.momentum import Momentum

NETS = ("784-512-10", "3072-512-512-10", "1024-2048x3-10")
BATCH = 512
STEPS = {"784-512-10": 40, "3072-512-512-10": 16, "1024-2048x3-10": 5}
RANKS = (1, 2, 4)
PARTS = (1, 2, 4, 8)        # of the batch, by one process, for the fit
NETWORKS_BETWEEN = {        # latency in seconds, bytes a second
    "10 Gbit/s Ethernet, 30 µs": (30e-6, 1.25e9), "100 Gbit/s InfiniBand, 2 µs": (2e-6, 12.5e9)}
MOST = 1024
ROWS_EACH = 128             # where the batch grows with the ranks
WHOLE = 8000                # where it does not
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="of all points, one after the other")
    parser.add_argument("--draw", action="store_true", help="draw the record alone")
    parser.add_argument("--point", nargs=3, metavar=("NET", "ROWS", "STEPS"),
                        help="one point alone, in these processes")
    args = parser.parse_args()
    if args.point:
        one_point(args.point[0], *map(int, args.point[1:]))
        return
    path = fresh_process.RECORDS / "ranks.json"
    fresh_process.require("matplotlib")
    if not args.draw:
        fresh_process.write_json(path, measure(args.rounds))
    record = json.loads(path.read_text())
    print(text(record))
    draw(record, fresh_process.ROOT / "docs" / "ranks.svg")


def measure(rounds):
    """All points, as often: the least seconds of each."""
    points = [(net, ranks, BATCH) for net in NETS for ranks in RANKS]
    points += [(net, 1, BATCH // part) for net in NETS for part in PARTS[1:]]
    samples = {point: [] for point in points}
    for number in range(rounds):
        for point in points:
            net, ranks, rows = point
            samples[point].append(in_ranks(ranks, net, rows, STEPS[net]))
        fresh_process.progress(f"round {number + 1} of {rounds}; load {os.getloadavg()[0]:.1f}")
    return {
        "what": "seconds of a step, of the sum of its gradient; float32, momentum, L2; the least",
        "machine": fresh_process.machine(), "load": os.getloadavg(), "rounds": rounds,
        "points": [{"net": net, "ranks": ranks, "rows": rows,
                    "step": min(each["step"] for each in of_one),
                    "sum": min(each["sum"] for each in of_one),
                    "all": of_one} for (net, ranks, rows), of_one in samples.items()]}


def in_ranks(ranks, *point):
    """What one_point prints, of so many processes with one thread each."""
    mpiexec = shutil.which("mpiexec", path=os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if mpiexec is None:
        sys.exit('this benchmark needs MPI: pip install -e ".[bench,mpi]"')
    command = [mpiexec, "-n", ranks, sys.executable, __file__, "--point", *point]
    return json.loads(fresh_process.run(list(map(str, command)), ONE_THREAD)[1].splitlines()[-1])


def one_point(net, rows, steps):
    """Time steps of the Solver, and sums of as many numbers as the gradient has."""
    from mpi4py import MPI
    world = MPI.COMM_WORLD
    sizes, _ = NETWORKS[net]
    rng = np.random.default_rng(0)
    x, y = examples(sizes, rows)
    solver = Solver(FullyConnectedNet(sizes, rng=rng), (x, y), update_rule=Momentum(),
                    schedule=schedules.constant(1e-4), reg=1e-4, batch_size=rows, rng=rng)
    if world.size > 1:
        Ranks(world).join(solver)
    batch = solver.take(np.arange(rows))
    gradient = np.zeros(2 + solver.model.theta.size, np.float32)
    out = np.empty_like(gradient)

    def step():
        if world.size > 1:      # which reads the rows anew
            return solver.step(*solver.take(np.arange(rows)))
        return solver.step(*batch)

    found = {"step": least(step, steps, world),
             "sum": least(lambda: world.Allreduce(gradient, out), 2 * steps, world)}
    if world.rank == 0:
        print(json.dumps(found))


def least(work, times, world):
    """The least seconds of a piece of work, after one that is not counted."""
    taken = []
    for _ in range(times + 1):
        world.Barrier()
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken[1:])


def fits(record):
    """{net: (fixed, a_row)} in seconds, from the points of one process."""
    found = {}
    for net in NETS:
        points = [(point["rows"], point["step"]) for point in record["points"]
                  if point["net"] == net and point["ranks"] == 1]
        rows, seconds = np.array(points).T
        a_row, fixed = np.polyfit(rows, seconds, 1, w=1 / seconds)
        found[net] = max(fixed, 0.0), a_row
    return found


def sum_seconds(net, ranks, latency, bandwidth):
    """The time of the sum of a gradient over so many ranks."""
    size = 4 * num_parameters(NETWORKS[net][0])
    return 2 * math.log2(ranks) * latency + 2 * (ranks - 1) / ranks * size / bandwidth


def step_seconds(fit, net, ranks, rows, network):
    """The model: a step of so many rows in all by so many ranks."""
    fixed, a_row = fit
    return fixed + a_row * rows / ranks + sum_seconds(net, ranks, *network)


def text(record):
    """A line for each net and number of ranks: measured, and what the model has for it."""
    cores, found = record["machine"]["cores"], fits(record)
    lines = [f"batch {BATCH}, milliseconds a step; ranks that share a core take turns in the model"]
    for point in record["points"]:
        net, ranks, rows = point["net"], point["ranks"], point["rows"]
        if rows != BATCH:
            continue
        fixed, a_row = found[net]
        turns = max(1, ranks / cores)
        expected = turns * (fixed + a_row * rows / ranks) + (point["sum"] if ranks > 1 else 0)
        lines.append(f"{net:16} {ranks} ranks: {1e3 * point['step']:7.2f} ms, of which the sum "
                     f"{1e3 * point['sum']:6.2f}; model {1e3 * expected:7.2f} "
                     f"({expected / point['step'] - 1:+.0%})")
    for net, (fixed, a_row) in found.items():
        lines.append(f"{net:16} fixed {1e3 * fixed:.3f} ms, {1e6 * a_row:.2f} µs a row, "
                     f"{4 * num_parameters(NETWORKS[net][0]) / 1e6:.1f} MB")
        for name, network in NETWORKS_BETWEEN.items():
            gains = ", ".join(
                f"{n}: {gain(found[net], net, n, ROWS_EACH * n, network):.0f} / "
                f"{gain(found[net], net, n, WHOLE, network):.1f}" for n in (4, 16, 64, MOST))
            lines.append(f"  {name}, times as many rows a second as one rank, {ROWS_EACH} rows each"
                         f" / {WHOLE} in all: {gains}")
    return "\n".join(lines)


def gain(fit, net, ranks, rows, network):
    """How many times as many rows a second as one rank, with all of WHOLE, or else its share."""
    alone = rows if rows == WHOLE else ROWS_EACH
    one = step_seconds(fit, net, 1, alone, network) / alone
    return one / (step_seconds(fit, net, ranks, rows, network) / rows)


def draw(record, path):
    """A panel for each network between the machines: gain over ranks."""
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "flatprop"   # the same record gives the same file
    figure, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained", sharey=True)
    ranks, found = 2 ** np.arange(int(math.log2(MOST)) + 1), fits(record)
    for axis, (name, network) in zip(axes, NETWORKS_BETWEEN.items(), strict=True):
        axis.loglog(ranks, ranks, color="0.7", label="as many times as ranks")
        for number, net in enumerate(NETS):
            for style, rows, words in (("-", ROWS_EACH * ranks, f"{ROWS_EACH} rows each"),
                                       ("--", WHOLE + 0 * ranks, f"{WHOLE:,} in all")):
                axis.loglog(ranks, [gain(found[net], net, int(n), int(r), network)
                                    for n, r in zip(ranks, rows, strict=True)], style,
                            color=f"C{number}", label=f"{net}, {words}")
        axis.set_title(name)
        axis.set_xlabel("ranks, one thread each")
        axis.set_xticks(ranks[::2], [f"{n:,}" for n in ranks[::2]])
        axis.minorticks_off()
        axis.grid(True, color="0.9")
    axes[0].set_yticks([1, 4, 16, 64, 256, 1024], ["1", "4", "16", "64", "256", "1,024"])
    axes[0].set_ylabel("times as many rows a second as one rank")
    axes[0].legend(fontsize=8)
    figure.suptitle("A model of training by many machines, of steps measured on one")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    fresh_process.progress(f"wrote {path}")


if __name__ == "__main__":
    main()
