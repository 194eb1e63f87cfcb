"""flatprop.estimators in the place of scikit-learn's two MLPs, in one pipeline.

    python benchmarks/estimators.py FOLDER --list benchmarks/tables/fifteen.toml

FOLDER holds the files of the list, which says where each is published; none comes with this
project. Besides there are scikit-learn's digits. For each seed a fifth of the rows is tested on,
of classes an equal share of each. Both nets have their defaults and are the last step of the same
pipeline: words are one input of 0 or 1 for each value that training has, missing numbers the mean
of their column, numbers standardized, and so is what a regression predicts. "flatprop" is the
average of ten networks, as its defaults have it, "flatprop, one" one network, folds=0; "flatprop,
raw" is the estimator without a pipeline, on the cells as they are.

Each line of --results is one net on one table and seed. What is there is not measured again, so the
command can be stopped and started; give new results a new file when flatprop has changed. The table
is printed at the end, and by --only-print at any time. Seconds are of the processor, with one BLAS
thread, for fit and predict with the pipeline. Needs pip install -e ".[bench]", and pandas.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import json
import os
import statistics
import sys
import time
import warnings
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"          # before NumPy is imported
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import pandas
from sklearn import neural_network
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.datasets import load_digits
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.tables import comparison, rows
from flatprop.estimators import MLPClassifier, MLPRegressor

SYSTEMS = THEIRS, OURS, ONE, RAW = "scikit-learn", "flatprop", "flatprop, one", "flatprop, raw"


def main():
    args = parse()
    tables = {table.name: table for table in rows.read_list(args.list, args.folder)}
    seeds = range(args.seeds[0], args.seeds[1] + 1)
    names = [*tables, "digits"]
    if not args.only_print:
        for name in names:
            measure(args.results, name, *(digits() if name == "digits" else cells(tables[name])),
                    seeds)
    print("\n".join(markdown(comparison.read(args.results, seeds), names)))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the files of the list are")
    parser.add_argument("--list", type=Path, required=True, help="a TOML file of tables")
    parser.add_argument("--seeds", type=int, nargs=2, default=[0, 9], metavar=("FIRST", "LAST"))
    parser.add_argument("--results", type=Path, default=Path("estimators.jsonl"))
    parser.add_argument("--only-print", action="store_true", help="print what is measured already")
    return parser.parse_args()


def digits():
    """scikit-learn's digits: a frame, labels, and that they are classes."""
    x, y = load_digits(return_X_y=True)
    return pandas.DataFrame(x, columns=[f"pixel {i}" for i in range(64)]), y, True


def cells(table):
    """The inputs of a Table as a frame, numbers where all cells are; its labels; and whether these
    are classes."""
    held, columns = rows.read_cells(table), {}
    for i, column in enumerate(held.columns):
        known = [None if cell in rows.MISSING else cell for cell in column]
        try:
            known = np.array([np.nan if cell is None else float(cell) for cell in known])
        except ValueError:
            known = np.array(known, object)
        columns[f"column {i + 1}"] = known
    is_classes = table.task == "classification"
    return pandas.DataFrame(columns), np.array(held.labels, None if is_classes else float), (
        is_classes)


def measure(path, name, x, y, is_classes, seeds):
    """Measure what the file at path does not hold of a table yet, and add it."""
    known = comparison.read(path)
    some = np.random.default_rng(0).permutation(len(y))[:200]
    make(OURS, is_classes, 0).fit(x.iloc[some], y[some])        # imports and compiles what it needs
    for seed in seeds:
        train, test = train_test_split(np.arange(len(y)), test_size=0.2, random_state=seed,
                                       stratify=y if is_classes else None)
        for system in SYSTEMS:
            if seed in known[name, system]:
                continue
            net, start = make(system, is_classes, seed), time.process_time()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")         # it has not converged, says theirs
                score = net.fit(x.iloc[train], y[train]).score(x.iloc[test], y[test])
            line = {"table": name, "seed": seed, "system": system, "score": score,
                    "seconds": round(time.process_time() - start, 3), "test": rows.mark_of(test)}
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        print(f"{name}, seed {seed}", file=sys.stderr)


def make(system, is_classes, seed):
    """A net, as the last step of the pipeline, or alone."""
    kinds = {(THEIRS, True): neural_network.MLPClassifier, (OURS, True): MLPClassifier,
             (THEIRS, False): neural_network.MLPRegressor, (OURS, False): MLPRegressor}
    net = kinds[THEIRS if system == THEIRS else OURS, is_classes](random_state=seed)
    if system == ONE:
        net.set_params(folds=0)
    if system == RAW:
        return net
    inputs = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()),
         make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False),
         make_column_selector(dtype_exclude="number")))
    if not is_classes:
        net = TransformedTargetRegressor(net, transformer=StandardScaler())
    return make_pipeline(inputs, net)


def markdown(results, names):
    """The lines of the comparison as Markdown; results as comparison.read gives them."""
    head = ["table", "seeds", *SYSTEMS, *(f"{system} minus {THEIRS}" for system in SYSTEMS[1:]),
            *(f"s, {system}" for system in SYSTEMS)]
    body, verdicts = [], {system: [] for system in SYSTEMS[1:]}
    for name in names:
        seeds = sorted(set.intersection(*({*results[name, system]} for system in SYSTEMS)))
        if not seeds:
            continue
        held = {system: [results[name, system][seed] for seed in seeds] for system in SYSTEMS}
        scores = {system: [100 * one["score"] for one in held[system]] for system in SYSTEMS}
        row = [name, str(len(seeds)), *(f"{statistics.fmean(scores[s]):.2f}" for s in SYSTEMS)]
        for system, told in verdicts.items():
            found = comparison.difference(scores[system], scores[THEIRS])
            told.append(found.verdict)
            row.append(f"{found.mean:+.2f} ± {found.error:.2f} {found.verdict}".strip())
        row += [f"{statistics.fmean(one['seconds'] for one in held[s]):.2f}" for s in SYSTEMS]
        body.append(row)
    lines = comparison.aligned([head, ["---"] * 2 + ["--:"] * (len(head) - 2), *body])
    lines += ["", "Accuracy or R^2, times 100; ± is a standard error of the differences, seed by "
              "seed; behind or ahead are more than two of them. s are seconds of the processor."]
    return lines + [f"{system} against {THEIRS}, of {len(told)} tables: ahead on "
                    f"{told.count('ahead')}, behind on {told.count('behind')}, neither on "
                    f"{told.count('')}." for system, told in verdicts.items()]


if __name__ == "__main__":
    main()
