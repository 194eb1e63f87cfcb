"""One learner on one table, for some seeds, in a process of its own: a line of JSON for each seed.

    python -m benchmarks.tables.learners SYSTEM LIST FOLDER TABLE SEED...

flatprop is its command, with the table's label and task and no other choice; its time is that of
the whole command, from the start of Python to the files of the run. The two of scikit-learn have
their defaults; their time is that from the cells to the predictions, without the start of Python
and the reading. "seconds" is processor time of all threads and processes, "wall" what a clock says.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from benchmarks import fresh_process
from benchmarks.tables import rows
from benchmarks.tables.comparison import BOOSTING, FLATPROP, MLP


def main():
    system, listed, folder, name, *seeds = sys.argv[1:]
    table = next(one for one in rows.read_list(listed, folder) if one.name == name)
    if system != FLATPROP:
        make(system, table.task, 0)     # so that its import is not in the first one's time
    learn = train_flatprop if system == FLATPROP else fit_scikit_learn
    failed = False
    for seed in map(int, seeds):
        test = rows.test_rows(table, seed)
        cpu, wall = processor_seconds(), time.perf_counter()
        try:
            score = learn(table, seed, test, system)
        except (RuntimeError, ValueError) as error:
            print(f"seed {seed}: {error}", file=sys.stderr)
            failed = True
            continue
        print(json.dumps({
            "table": name, "seed": seed, "system": system, "score": score,
            "seconds": round(processor_seconds() - cpu, 3),
            "wall": round(time.perf_counter() - wall, 3), "test": rows.mark_of(test)}), flush=True)
    return int(failed)


def processor_seconds():
    """Seconds of the processor that this process has used, and the processes that it has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def train_flatprop(table, seed, _test, _system):
    """The accuracy or R^2 that `flatprop train` finds on its test part."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command("train", *rows.options(table, seed), "--out", str(run), "--quiet")
        result = json.loads((run / "test.json").read_text(encoding="utf-8"))
    return result["accuracy" if table.task == "classification" else "r2"]


def command(*words):
    """Run a command of flatprop. Raises RuntimeError with its last line if it ends badly."""
    done = subprocess.run([sys.executable, "-m", "flatprop", *words], cwd=fresh_process.ROOT,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise RuntimeError(said[-1])


def fit_scikit_learn(table, seed, test, system):
    """The accuracy or R^2 on the test rows of a learner of scikit-learn, fitted to all others."""
    cells = rows.read_cells(table)
    train = np.setdiff1d(np.arange(len(cells.labels)), test)
    x = encode(cells.columns, train, fill=system == MLP)
    learner = make(system, table.task, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # it has not converged, says the MLP
        if table.task == "classification":
            y = np.array(cells.labels)
            return float(np.mean(learner.fit(x[train], y[train]).predict(x[test]) == y[test]))
        y = np.array(cells.labels, dtype=float)
        mean, scale = y[train].mean(), y[train].std()
        found = learner.fit(x[train], (y[train] - mean) / scale).predict(x[test]) * scale + mean
    return r2(found, y[test])


def make(system, task, seed):
    """A learner of scikit-learn with its defaults."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    kinds = {(MLP, "classification"): MLPClassifier, (MLP, "regression"): MLPRegressor,
             (BOOSTING, "classification"): HistGradientBoostingClassifier,
             (BOOSTING, "regression"): HistGradientBoostingRegressor}
    return kinds[system, task](random_state=seed)


def r2(found, y):
    """1 - sum (found - y)^2 / sum (y - mean of y)^2, of two arrays (N,)."""
    return float(1 - np.sum((found - y) ** 2) / np.sum((y - y.mean()) ** 2))


def encode(columns, train, *, fill):
    """Columns of text (D lists of N) -> numbers (N, E), by the rows of the index array train.

    A column whose cells are all numbers, but for the missing ones, is standardized, and a missing
    cell is its mean with fill, else NaN. Any other column is one of 0 and 1 for each of its values
    that a row of train has; a missing cell has zeros in all of them.
    """
    parts = []
    for column in columns:
        try:
            cells = np.array([np.nan if cell in rows.MISSING else float(cell) for cell in column])
        except ValueError:
            levels = sorted({column[i] for i in train} - rows.MISSING)
            parts.append(np.array(column)[:, None] == np.array(levels, dtype=str))
            continue
        present = cells[train][~np.isnan(cells[train])]
        mean, scale = (present.mean(), present.std()) if present.size else (0.0, 1.0)
        cells = (cells - mean) / (scale or 1.0)
        parts.append((np.nan_to_num(cells) if fill else cells)[:, None])
    return np.hstack(parts).astype(float)


if __name__ == "__main__":
    sys.exit(main())
