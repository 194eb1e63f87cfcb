"""Time and memory of an epoch as examples, width, depth and batch grow.

    python benchmarks/scale.py
    python benchmarks/scale.py --quick      small ranges in a minute, nothing written

Every point is the real Solver, with momentum and L2, in a process of its own. Memory is the peak
above what was resident before the network was built, without mapped files: so not the libraries and
not the data. From a million examples on, the data is a memory-mapped .npy in a temporary folder,
which is removed afterwards. Linux only, for the memory. scale_plot.py fits and draws the record.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import fresh_process
import numpy as np
import scale_plot

sys.path.insert(0, str(fresh_process.ROOT))

from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.momentum import Momentum

MAPPED = 1_000_000       # so many examples and more are memory-mapped
FEATURES = 16            # of one example, where examples grow
CLASSES = 10
CHUNK = 100_000          # examples made at a time
RATE = 1e-4              # small: the labels are random, and nothing is to be learned
VALUES = {
    "examples": [10**3, 3 * 10**3, 10**4, 3 * 10**4, 10**5, 3 * 10**5, 10**6, 3 * 10**6, 10**7],
    "width": [32, 64, 128, 256, 512, 1024, 2048, 4096],
    "depth": [1, 2, 3, 5, 10, 20, 35, 50],
    "batch": [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192],
}
QUICK = {
    "examples": [1000, 10_000, 100_000, MAPPED],
    "width": [32, 64, 128, 256, 512], "depth": [1, 2, 5, 10], "batch": [1, 4, 16, 64, 256],
}


def setting(experiment, n):
    """One point -> the number of examples, the sizes of the net, the batch size."""
    if experiment == "examples":
        return n, [FEATURES, 64, 64, CLASSES], 128
    if experiment == "width":
        return 20 * 128, [64, n, n, CLASSES], 128
    if experiment == "depth":
        return 20 * 128, [64, *[256] * n, CLASSES], 128
    return 2 * 8192, [64, 256, 256, CLASSES], n


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small ranges, nothing written")
    parser.add_argument("--rounds", type=int, default=3, help="processes of each point")
    parser.add_argument("--seconds", type=float, default=1.0, help="timed at least, each process")
    parser.add_argument("--json", type=Path, help="default: benchmarks/records/scale.json")
    parser.add_argument("--svg", type=Path, help="default: docs/scale.svg")
    parser.add_argument("--point", nargs=2, metavar=("EXPERIMENT", "N"),
                        help="one point alone, in this process")
    parser.add_argument("--folder", type=Path, help="where x.npy and y.npy are, for a point")
    args = parser.parse_args()
    if args.point:
        experiment, n = args.point
        print(json.dumps(one_point(experiment, int(n), args.folder, args.seconds)))
        return
    fresh_process.require("threadpoolctl", "matplotlib")
    values = QUICK if args.quick else VALUES
    if args.quick:
        args.rounds, args.seconds = 1, 0.1
    else:
        args.json = args.json or fresh_process.RECORDS / "scale.json"
        args.svg = args.svg or fresh_process.ROOT / "docs" / "scale.svg"

    with tempfile.TemporaryDirectory(prefix="flatprop-scale-") as folder:
        make_examples(Path(folder), max(values["examples"]))
        experiments = {name: measure(name, values[name], folder, args) for name in values}
    record = {
        "what": "seconds and peak bytes of an epoch", "rounds": args.rounds,
        "settings": {name: f"examples, sizes, batch {setting(name, ns[-1])} at {ns[-1]}"
                     for name, ns in values.items()},
        "mapped_from_examples": MAPPED, "machine": fresh_process.machine(),
        "experiments": experiments,
    }
    record["fits"] = scale_plot.fits(experiments)
    print(scale_plot.text(record["fits"]))
    if args.svg:
        scale_plot.draw(record, args.svg)
    if args.json:
        fresh_process.write_json(args.json, record)


def make_examples(folder, n):
    """Write x.npy (n, 16) float32 and y.npy (n,) int64, a chunk at a time."""
    needed = n * (4 * FEATURES + 8)
    free = shutil.disk_usage(folder).free
    if free < 1.5 * needed:
        sys.exit(f"{folder}: {needed / 1e9:.1f} GB of examples do not fit well into its "
                 f"{free / 1e9:.1f} GB; set TMPDIR to a folder with more room, or use --quick")
    fresh_process.progress(f"writing {needed / 1e6:.0f} MB of examples into {folder}")
    rng = np.random.default_rng(0)
    x = np.lib.format.open_memmap(folder / "x.npy", "w+", np.float32, (n, FEATURES))
    y = np.lib.format.open_memmap(folder / "y.npy", "w+", np.int64, (n,))
    for start in range(0, n, CHUNK):
        rows = slice(start, min(start + CHUNK, n))
        x[rows] = rng.standard_normal((rows.stop - start, FEATURES), np.float32)
        y[rows] = rng.integers(CLASSES, size=rows.stop - start)


def measure(experiment, values, folder, args):
    """Every point of an experiment, all rounds -> lists n, seconds, bytes and all samples."""
    samples = {n: [] for n in values}
    for number in range(1, args.rounds + 1):
        for n, of_one in samples.items():
            of_one.append(fresh_process.measure(__file__, [
                "--point", experiment, n, "--folder", folder, "--seconds", args.seconds]))
            fresh_process.progress(
                f"round {number} of {args.rounds}: {experiment} {n}: "
                f"{of_one[-1]['seconds']:.4g} s, {of_one[-1]['bytes'] / 2**20:.2f} MiB")
    return {
        "n": list(samples),
        **{key: [statistics.median(sample[key] for sample in of_one)
                 for of_one in samples.values()] for key in ("seconds", "bytes")},
        "samples": list(samples.values()),
    }


def one_point(experiment, n, folder, seconds):
    """Time epochs of one setting in this process, at least two, the first of them unseen."""
    num_examples, sizes, batch = setting(experiment, n)
    rng = np.random.default_rng(0)
    kept = warm_up(rng)
    if num_examples >= MAPPED:
        x, y = (np.load(folder / name, mmap_mode="r")[:num_examples] for name in ("x.npy", "y.npy"))
    else:
        x = rng.standard_normal((num_examples, sizes[0]), np.float32)
        y = rng.integers(CLASSES, size=num_examples)

    fresh_process.forget_peak()
    before = fresh_process.memory()
    solver = make_solver(sizes, x, y, batch, rng)
    taken = []
    while len(taken) < 2 or sum(taken) < seconds:
        started = time.perf_counter()
        solver.next_epoch()
        taken.append(time.perf_counter() - started)
    after = fresh_process.memory()
    del kept
    # Mapped pages of the data stay until the end, where the most of them are resident.
    own = (after["peak"] - after["mapped"]) - (before["now"] - before["mapped"])
    return {"seconds": statistics.median(taken[1:]), "bytes": max(own, 0), "epochs": len(taken),
            "mapped_bytes": after["mapped"] - before["mapped"], "blas": fresh_process.blas()}


def make_solver(sizes, x, y, batch, rng):
    model = FullyConnectedNet(sizes, rng=rng)
    return Solver(model, (x, y), update_rule=Momentum(), compiled=fresh_process.compiled(),
                  schedule=schedules.constant(RATE), reg=1e-4, batch_size=batch, rng=rng)


def warm_up(rng):
    """Start what starts once: BLAS's threads and buffers, compiled loops.

    -> what it made: freed arrays would tell malloc to serve the next ones in another way
    """
    square = np.ones((1024, 1024), np.float32)
    product = square @ square
    x = rng.standard_normal((64, 64), np.float32)
    y = rng.integers(CLASSES, size=64)
    solver = make_solver([64, 256, CLASSES], x, y, 64, rng)
    solver.next_epoch()
    return square, product, solver


if __name__ == "__main__":
    main()
