"""`python train.py` from start to finish, next to the same in scikit-learn with imports counted.

    python benchmarks/startup.py

Whole processes in turn: flatprop; flatprop with numba hidden, as if it were not installed; and
digits_scikit_learn.py, which says in what it differs: scikit-learn has no batch norm, no dropout
and no cosine schedule, so it has less to compute. Where train.py uses numba, also flatprop whose
numba finds no compiled loops of earlier runs (an empty NUMBA_CACHE_DIR). One run of each goes
before, unseen, so that Python's compiled modules and the file cache are there for all.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import fresh_process

FLATPROP = [sys.executable, "train.py"]
CONTENDERS = {
    "flatprop": FLATPROP, "flatprop, numba hidden": FLATPROP, "flatprop, numba's first": FLATPROP,
    "scikit-learn": [sys.executable, "benchmarks/digits_scikit_learn.py"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="runs of each contender")
    parser.add_argument("--json", type=Path, default=fresh_process.RECORDS / "startup.json")
    args = parser.parse_args()
    fresh_process.require("sklearn", "threadpoolctl")
    numba = uses_numba()
    fresh_process.progress(f"train.py {'uses' if numba else 'does not use'} numba for the digits")
    seconds = {name: [] for name in CONTENDERS if numba or name != "flatprop, numba's first"}
    accuracy = {}
    for number in range(args.rounds + 1):
        for name, of_one in seconds.items():
            taken, output = one_run(name)
            if number > 0:
                of_one.append(taken)
            accuracy[name] = float(output.split()[-1])
            fresh_process.progress(f"round {number} of {args.rounds}{'' if number else ' (unseen)'}"
                                   f": {name} {taken:.2f} s")

    results = {name: {"seconds": fresh_process.spread(of_one), "test_accuracy": accuracy[name]}
               for name, of_one in seconds.items()}
    ours = results["flatprop"]["seconds"]["median"]
    for one in results.values():
        one["ratio"] = one["seconds"]["median"] / ours
    print(table(results))
    fresh_process.write_json(args.json, {
        "what": "whole processes, digits, 256-256-256, relu, Adam, batch 64, 25 epochs; "
                "scikit-learn without batch norm, dropout and a schedule",
        "rounds": args.rounds, "train_uses_numba": numba, "machine": fresh_process.machine(),
        "blas": blas_kernels(), "results": results,
    })


def uses_numba():
    """Whether `python train.py` imports numba."""
    code = "import sys, train; train.main([]); print('true' if 'numba' in sys.modules else 'false')"
    return fresh_process.measure("-c", [code])


def one_run(name):
    """Run a contender from start to finish -> (seconds, its output)."""
    with tempfile.TemporaryDirectory() as folder:
        extra = {}
        if name == "flatprop, numba hidden":
            # Python imports a module of this name at its start
            hide = "import sys\nsys.modules['numba'] = None\n"
            (Path(folder) / "sitecustomize.py").write_text(hide)
            extra = {"PYTHONPATH": folder}
        elif name == "flatprop, numba's first":
            extra = {"NUMBA_CACHE_DIR": folder}
        return fresh_process.run(CONTENDERS[name], extra)


def blas_kernels():
    """The kernels that a process in the same environment gets, after importing both."""
    code = "import sys; sys.path.insert(0, 'benchmarks'); import json, sklearn.neural_network; " \
           "import fresh_process; print(json.dumps(fresh_process.blas()))"
    return fresh_process.measure("-c", [code])


def table(results):
    """The results as Markdown."""
    lines = ["| | seconds | least to most | times flatprop's | test accuracy |",
             "|---|---|---|---|---|"]
    for name, one in results.items():
        s = one["seconds"]
        lines.append(f"| {name} | {s['median']:.2f} | {s['min']:.2f} to {s['max']:.2f} | "
                     f"{one['ratio']:.2f} | {one['test_accuracy']:.4f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
