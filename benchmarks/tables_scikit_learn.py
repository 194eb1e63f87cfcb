"""flatprop on tables, with no choice but --label and --task, next to scikit-learn's defaults.

    python benchmarks/tables_scikit_learn.py FOLDER --list benchmarks/tables/fifteen.toml

FOLDER holds the files of the list, which says where each is published; none comes with this
project. For each seed flatprop holds back its own test part, a fifth of the rows. scikit-learn's
MLPClassifier or MLPRegressor and HistGradientBoosting are tested on the same rows, and fitted to
all that flatprop trains and validates on: numbers standardized, y too, words one input of 0 or 1
for each value; a missing number is the mean for the MLP, and NaN for the boosting.

Each line of --results is one learner on one table and seed. What is there is not measured again,
so the command can be stopped and started; give new results a new file when flatprop has changed.
The table is printed at the end, and by --only-print at any time. Seconds are of the processor,
each process with one BLAS thread; what they cover is in benchmarks/tables/learners.py.
Needs pip install -e ".[bench]".
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import concurrent.futures
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import fresh_process
from benchmarks.tables import comparison, rows
from benchmarks.tables.comparison import SYSTEMS

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main():
    args = parse()
    tables = rows.read_list(args.list, args.folder)
    seeds = range(args.seeds[0], args.seeds[1] + 1)
    if not args.only_print:
        fresh_process.require("sklearn")
        measure(args, tables, seeds)
    results = comparison.read(args.results, seeds)
    print("\n".join(comparison.markdown(results, [table.name for table in tables])))
    return 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the files of the list are")
    parser.add_argument("--list", type=Path, required=True, help="a TOML file of tables")
    parser.add_argument("--seeds", type=int, nargs=2, default=[0, 9], metavar=("FIRST", "LAST"))
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--results", type=Path, default=Path("tables.jsonl"))
    parser.add_argument("--only-print", action="store_true", help="print what is measured already")
    return parser.parse_args()


def measure(args, tables, seeds):
    """Measure what --results does not hold yet."""
    results = comparison.read(args.results, seeds)
    marks = {table.name: {seed: rows.mark_of(rows.test_rows(table, seed)) for seed in seeds}
             for table in tables}
    work = []
    for table in tables:
        for system in args.systems:
            have = results[table.name, system]
            left = [seed for seed in seeds
                    if seed not in have or have[seed]["test"] != marks[table.name][seed]]
            if left:
                work.append((system, table.name, left))
    fresh_process.progress(f"{sum(len(left) for _, _, left in work)} to measure")
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for done in pool.map(lambda one: run(args, *one), work):
            fresh_process.progress(done)


def run(args, system, name, seeds):
    """Let one learner have its turn on one table. Gives a line on how it ended."""
    words = [system, args.list.resolve(), args.folder.resolve(), name, *seeds]
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.tables.learners", *map(str, words)], cwd=ROOT,
        env=fresh_process.environment(ONE_THREAD), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with child, open(args.results, "a", encoding="utf-8") as file:
        for line in child.stdout:
            file.write(line)
            file.flush()
        said = child.stderr.read().strip()
    return f"{name} {system}: {'done' if child.returncode == 0 else said}"


if __name__ == "__main__":
    sys.exit(main())
