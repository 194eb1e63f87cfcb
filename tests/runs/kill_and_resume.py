"""Kill training at random moments, go on, and compare with a run that was never stopped.

    python tests/runs/kill_and_resume.py --count 100
    python tests/runs/kill_and_resume.py --count 100 --refit

Each of the runs is killed (SIGKILL) several times, at moments drawn at random over its life, the
writing of checkpoints included, which it does after every few steps. Then all its files must be
whole, and its weights, moments, best weights, history and random streams those of the run that
was left alone, bit for bit.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["--data", "spiral", "--examples", "300", "--hidden", "32", "32", "--norm", "batch",
           "--dropout", "0.2", "--epochs", "80", "--batch-size", "16", "--quiet",
           "--checkpoint-every", "3"]


def command(*words):
    return [sys.executable, str(ROOT / "train.py"), *map(str, words)]


def environment():
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def train_alone(folder, options):
    """Train to the end in folder. Gives how many seconds it took."""
    started = time.monotonic()
    subprocess.run(command(*options, "--out", folder), env=environment(), check=True,
                   capture_output=True)
    return time.monotonic() - started


def train_with_kills(folder, options, kills, seconds, rng):
    """Train in folder, killed so many times at random moments. Gives how many kills hit."""
    hits = 0
    for attempt in range(kills + 1):
        resuming = any(folder.rglob("last.npz"))
        words = ["--resume", folder] if resuming else [*options, "--out", folder, "--overwrite"]
        if not resuming and not (folder / "config.json").exists():
            words.remove("--overwrite")         # killed before anything was written
        with subprocess.Popen(command(*words), env=environment(), stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as process:
            try:
                # Most of the time the run still needs, so that nearly every kill hits.
                latest = max(0.3, 0.8 * seconds / (attempt + 1))
                wait = rng.uniform(0.2, latest) if attempt < kills else 120
                process.wait(timeout=wait)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                hits += 1
                for each in (folder, folder / "search"):
                    check_files(each)
            error = process.stderr.read().decode()
        if process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"{words} ended with {process.returncode}: {error}")
    return hits


def check_files(folder):
    """Every file that is there is whole.

    The last line of the metrics alone may be half there: the kernel writes page by page, and looks
    between two of them whether the process has been killed.
    """
    for name in ("last.npz", "best.npz"):
        if (folder / name).exists():
            with np.load(folder / name, allow_pickle=False) as arrays:
                for key in arrays.files:
                    arrays[key]
    for name in ("config.json", "environment.json", "model.json"):
        if (folder / name).exists():
            json.loads((folder / name).read_text())
    if (folder / "metrics.jsonl").exists():
        for line in (folder / "metrics.jsonl").read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                json.loads(line)


def state(folder):
    """Everything a run has come to, but for what the clock says."""
    with np.load(folder / "last.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name != "about"}
        about = without_id(json.loads(file["about"].tobytes()))
    about = about | {"spent": None, "history": about["history"]["epochs"]}     # of its seconds too
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    for entry in lines:
        del entry["seconds"]
    with np.load(folder / "best.npz", allow_pickle=False) as file:
        best = {f"best.npz {name}": file[name] for name in file.files if name != "about"}
        about["best.npz"] = without_id(json.loads(file["about"].tobytes()))
    test = None
    if (folder / "test.json").exists():         # the search of --refit has none
        test = without_id(json.loads((folder / "test.json").read_text()))
    return {**arrays, **best}, about, lines, test


def without_id(plain):
    """A dict without what tells of which run it is, and the hashes that change with that."""
    return {name: value for name, value in plain.items()
            if name not in ("run_id", "checksum", "sha256")}


def same(first, second):
    """Whether two states are equal to the bit."""
    (a, *rest), (b, *others) = first, second
    return rest == others and a.keys() == b.keys() and all(
        a[name].dtype == b[name].dtype and np.array_equal(a[name], b[name]) for name in a)


def trial(count, kills, seed, say=lambda text: None, refit=False):
    """count runs, each killed `kills` times. Gives (how many ended the same, how many kills)."""
    rng = np.random.default_rng(seed)
    options = [*OPTIONS, "--refit"] if refit else OPTIONS
    with tempfile.TemporaryDirectory() as parent:
        parent = Path(parent)
        seconds = train_alone(parent / "whole", options)
        wanted = state(parent / "whole")
        good = hits = 0
        for i in range(count):
            folder = parent / f"run{i}"
            hits += train_with_kills(folder, options, kills, seconds, rng)
            good += same(state(folder), wanted)
            say(f"{i + 1}: {good} the same, {hits} kills")
    return good, hits


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--kills", type=int, default=3, help="for each run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--refit", action="store_true", help="with the second training of --refit")
    args = parser.parse_args()
    good, hits = trial(args.count, args.kills, args.seed,
                       lambda text: print(text, file=sys.stderr, flush=True), args.refit)
    print(f"{good} of {args.count} runs, killed {hits} times in all, ended as the run that was "
          "never stopped, bit for bit; no file was corrupt")
    return 0 if good == args.count else 1


if __name__ == "__main__":
    sys.exit(main())
