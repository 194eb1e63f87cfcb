"""Two well-known tables as CSV files, as a newcomer would train on them: train.py and scikit-learn.

    python benchmarks/tables_scikit_learn.py

The tables ship with scikit-learn: wine (178 rows, 3 classes) and breast cancer (569 rows, 2).
train.py has its defaults and standardizes by itself; MLPClassifier has its own, on columns put
through StandardScaler. 10 seeds, each with its own split, both tested on the same fifth.
Needs pip install -e ".[bench]".
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import csv
import json
import statistics
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import fresh_process
from data import own, prepare

SEEDS = range(10)


def main():
    fresh_process.require("sklearn")
    from sklearn.datasets import load_breast_cancer, load_wine
    with tempfile.TemporaryDirectory() as folder:
        for name, load in (("wine", load_wine), ("breast cancer", load_breast_cancer)):
            path = Path(folder) / f"{name.replace(' ', '_')}.csv"
            write(path, load())
            ours = [flatprop(path, Path(folder) / f"{path.stem}-{seed}", seed) for seed in SEEDS]
            theirs = [scikit_learn(path, seed) for seed in SEEDS]
            for title, found in (("train.py", ours), ("MLPClassifier", theirs)):
                print(f"{name:14} {title:14} {statistics.mean(found):.4f} "
                      f"+- {statistics.stdev(found):.4f}")
    return 0


def write(path, table):
    """A data set of scikit-learn's as a CSV file with a heading."""
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*map(str, table.feature_names), "kind"])
        for values, label in zip(table.data.tolist(), table.target, strict=True):
            rows.writerow([*values, table.target_names[label]])


def flatprop(path, run, seed):
    """The test accuracy of train.py, in a process of its own."""
    subprocess.run([sys.executable, str(ROOT / "train.py"), "--data", str(path), "--label", "kind",
                    "--seed", str(seed), "--out", str(run), "--quiet"], check=True,
                   capture_output=True)
    return json.loads((run / "test.json").read_text())["accuracy"]


def scikit_learn(path, seed):
    """The test accuracy of MLPClassifier with its defaults, on the same split."""
    from sklearn.neural_network import MLPClassifier
    raw = own.read([path], label="kind", task=None)
    rng, _, _ = np.random.default_rng(seed).spawn(3)
    parts = prepare.parts(raw, val_fraction=0.1, test_fraction=0.2, per="feature",
                          dtype=np.float64, rng=rng)
    x, y = (np.concatenate([parts["train"][i], parts["val"][i]]) for i in (0, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # it has not converged, says MLPClassifier
        fitted = MLPClassifier(random_state=seed).fit(x, y)
    return fitted.score(*parts["test"])


if __name__ == "__main__":
    sys.exit(main())
