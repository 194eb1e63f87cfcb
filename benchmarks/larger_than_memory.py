"""Training on data four times the memory that the process may have, from memory-mapped .npy.

    python benchmarks/larger_than_memory.py

2 GB of float32 in x.npy, one epoch of `train.py`'s own path under a limit of 512 MB of private
memory (RLIMIT_DATA, which does not count pages of a file), against the same with the data read
into memory, without the limit. Each in a process of its own, in alternation.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flatprop.cli import command_line, reading
from flatprop.training import build

ROWS, COLUMNS, LIMIT = 500_000, 1000, 512 * 2**20
SETTINGS = ["--hidden", "64", "--epochs", "1", "--norm", "none", "--dropout", "0",
            "--batch-size", "128", "--task", "classification"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return child(*args.child)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        seconds = {"mapped": [], "in memory": []}
        for _ in range(args.rounds):
            for how, found in seconds.items():
                done = subprocess.run(
                    [sys.executable, __file__, "--child", how, folder], check=True,
                    capture_output=True, text=True)
                spent, peak = done.stdout.split()
                found.append(float(spent))
                print(f"{how:10} {float(spent):6.1f} s an epoch, peak of private memory "
                      f"{float(peak):.0f} MB", flush=True)
    ratio = statistics.median(seconds["in memory"]) / statistics.median(seconds["mapped"])
    print(f"from the file, under {LIMIT >> 20} MB: {ratio:.2f} of the speed in memory")
    return 0


def write(folder):
    """x.npy (N, D) and y.npy (N,), a chunk at a time."""
    rng = np.random.default_rng(0)
    x = np.lib.format.open_memmap(folder / "x.npy", "w+", np.float32, (ROWS, COLUMNS))
    direction = rng.standard_normal(COLUMNS).astype(np.float32)
    y = np.empty(ROWS, np.int64)
    for start in range(0, ROWS, 10_000):
        rows = rng.standard_normal((10_000, COLUMNS), dtype=np.float32)
        x[start : start + 10_000] = rows
        y[start : start + 10_000] = rows @ direction > 0
    x.flush()
    np.save(folder / "y.npy", y)


def child(how, folder):
    """One epoch; prints its seconds and the peak of private memory in MB."""
    if how == "mapped":
        resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
        files = [f"{folder}/x.npy", f"{folder}/y.npy"]
    else:
        np.savez(f"{folder}/xy.npz", x=np.load(f"{folder}/x.npy"), y=np.load(f"{folder}/y.npy"))
        files = [f"{folder}/xy.npz"]
    args = command_line.parse(["--data", *files, *SETTINGS])
    for_split, for_weights, for_order = np.random.default_rng(0).spawn(3)
    examples = reading.load_data(args, for_split)
    description = build.describe_network(args, examples)
    model = build.make_network(args, description, for_weights)
    solver = build.make_solver(args, model, examples, for_order)
    started = time.perf_counter()
    solver.run_epoch()
    spent = time.perf_counter() - started
    print(spent, private_peak() / 1e6)
    return 0


def private_peak():
    """The bytes of memory that are the process's own now, where the system tells; else the peak."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main())
