"""docs/results.md: published results, reproduced. Trains what is missing, writes the table.

    python benchmarks/results.py --data-dir DIR --tables DIR    (Ctrl+C, and again: it goes on)
    python benchmarks/results.py --only mnist-simard --data-dir DIR
    python benchmarks/results.py --only-print                   (the page and its plots alone)
    python benchmarks/results.py --cut DIR --data-dir DIR       (for choosing, see below)

A recipe is docs/recipes/NAME.toml; here stand the published value and how many seeds are trained.
A run that has ended is a line of benchmarks/records/results.jsonl and is not trained again; one
that was stopped goes on from its folder. Recipes of MNIST train on all 60,000 rows and look at the
test rows once, at the end. To choose anything, --cut writes a folder of MNIST's files in which the
last 10,000 training rows stand as test rows: a trial there cannot see the test rows.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import json
import random
import statistics
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from data import atomic, mnist
from data.errors import DataError
from flatprop import plots

RECORDS = ROOT / "benchmarks" / "records" / "results.jsonl"
PAGE = ROOT / "docs" / "results.md"
START, END = "<!-- table -->", "<!-- end of the table -->"


class Recipe(NamedTuple):
    """What a recipe is compared with.

    title      origin and network
    published  the published value: error in percent, or the mean absolute error of a regression
    spread     two standard errors, of the test rows or as published; farther above is a miss
    seeds      how many are trained
    table      the file of a table in --tables, or ""
    split      of a table: how many rows, the first ones, train; or the share drawn to test
    target     of a regression: the column of the target, from 0
    """

    title: str
    published: float
    spread: float
    seeds: int
    table: str = ""
    split: float = 0
    target: int = -1


RECIPES = {
    "mnist-lecun-300": Recipe("LeCun 1998, 784-300-10", 4.7, 0.42, 5),
    "mnist-lecun-300-100": Recipe("LeCun 1998, 784-300-100-10", 3.05, 0.34, 5),
    "mnist-simard": Recipe("Simard 2003, 784-800-10", 1.6, 0.25, 5),
    "mnist-hinton": Recipe("Hinton 2005, 784-500-300-10", 1.53, 0.25, 5),
    "mnist-simard-affine": Recipe("Simard 2003, affine distortions", 1.1, 0.21, 5),
    "mnist-simard-elastic": Recipe("Simard 2003, elastic distortions", 0.7, 0.17, 1),
    "mnist-dropout": Recipe("Srivastava 2014, 3 x 1024, dropout", 1.25, 0.22, 1),
    "mnist-dropout-batch-norm": Recipe("The same, with batch normalization", 1.25, 0.22, 1),
    "mnist-dropout-max-norm": Recipe("Srivastava 2014, with max-norm", 1.06, 0.20, 1),
    "mnist-gaussian-dropout": Recipe("Srivastava 2014, Gaussian dropout, 2 x 1024", 0.95, 0.19, 1),
    "mnist-maxout": Recipe("Goodfellow 2013, maxout", 0.94, 0.19, 1),
    "mnist-tang": Recipe("Tang 2013, PCA and squared hinge", 0.87, 0.19, 1),
    "mnist-rasmus": Recipe("Rasmus 2015, baseline with noise", 0.80, 0.18, 1),
    "mnist-record": Recipe("The record, permutation invariant (aim)", 0.85, 0, 2),
    "mnist-record-augmented": Recipe("The record, with augmentation (aim)", 0.60, 0, 1),
    "uci-ionosphere": Recipe("Ionosphere, Sigillito 1989", 4, 3.2, 5, "ionosphere.csv", 200),
    "uci-abalone": Recipe("Abalone in 3 classes, Clark 1996", 36, 3.0, 5, "abalone.csv", 3133),
    "uci-pima": Recipe("Pima diabetes, StatLog 1994", 24.8, 3.1, 12,
                       "pima-indians-diabetes.csv", 1 / 12),
    "uci-wine-white": Recipe("White wine, Cortez 2009 (mean absolute error)", 0.58, 0.03, 5,
                             "winequality-white.csv", 0.2),
    "uci-mpg": Recipe("Auto MPG, Quinlan 1993 (mean absolute error)", 2.02, 0.2, 10, "mpg.csv",
                      0.1, 0),
}
ABSENT = {"fashion-mnist": "11.7", "cifar10-two-layer": "48"}       # their data was not at hand


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"{__doc__.split(chr(10), 2)[2]}\n" + textwrap.fill(
            f"recipes: {', '.join(RECIPES)}", 100, break_on_hyphens=False))
    parser.add_argument("--data-dir", type=Path, metavar="DIR",
                        help="the folder with MNIST's four files; without it, its recipes are left "
                             "out")
    parser.add_argument("--tables", type=Path, metavar="DIR",
                        help="the folder with the tables, as CSV files (ionosphere.csv, ...); "
                             "without it, their recipes are left out")
    parser.add_argument("--runs", type=Path, metavar="DIR", default=ROOT / "runs" / "results",
                        help="where the runs are kept, from which a stopped one goes on (default: "
                             "runs/results beside the code)")
    parser.add_argument("--only", nargs="+", choices=RECIPES, metavar="NAME",
                        help="these recipes (default: all)")
    parser.add_argument("--seeds", type=int, metavar="N",
                        help="the seeds 0 to N - 1 (default: as many as stand in the table)")
    parser.add_argument("--only-print", action="store_true",
                        help="train nothing: write the page and its plots from the record")
    parser.add_argument("--cut", type=Path, metavar="DIR",
                        help="train nothing: write the folder for choosing, from --data-dir")
    args = parser.parse_args()
    if args.cut is not None:
        if args.data_dir is None:
            parser.error("--cut needs --data-dir DIR, where MNIST's four files are")
        try:
            cut(args.data_dir, args.cut)
        except DataError as error:
            parser.error(f"--data-dir {error}")
        return
    if args.seeds is not None and args.seeds < 1:
        parser.error(f"--seeds {args.seeds}: must be 1 or more")
    for name in [] if args.only_print else args.only or RECIPES:
        folder = args.tables if RECIPES[name].table else args.data_dir
        if folder is None:
            print(f"{name}: left out, needs --{'tables' if RECIPES[name].table else 'data-dir'}")
            continue
        for seed in range(RECIPES[name].seeds if args.seeds is None else args.seeds):
            if seed not in read().get(name, {}):
                measure(name, seed, folder, args.runs / f"{name}-{seed}")
    write_page(read())


def read():
    """The measured runs {name: {seed: its line}}, a later line counts."""
    found = {}
    if RECORDS.exists():
        for line in RECORDS.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            found.setdefault(one["name"], {})[one["seed"]] = one
    return found


def measure(name, seed, folder, run):
    """Train a recipe with a seed, in the folder run, or go on with it; add its line."""
    recipe = RECIPES[name]
    where, test = ["--data-dir", str(folder)], None
    if recipe.table:
        train, test = split(recipe, folder, run, seed)
        where = ["--data", str(train), "--test-data", str(test)]
    if not (run / "test.json").exists():
        words = (["--resume", str(run)] if (run / "config.json").exists() else [
            "--config", str(ROOT / "docs" / "recipes" / f"{name}.toml"), *where,
            "--seed", str(seed), "--out", str(run), "--progress", "lines"])
        subprocess.run([sys.executable, str(ROOT / "train.py"), *words], check=True)
    result, about = (json.loads((run / file).read_text()) for file in (
        "test.json", "environment.json"))
    trained = [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
               for path in [*run.glob("metrics.jsonl"), *sorted(run.glob("fold-*/metrics.jsonl"))]]
    epochs, seconds = trained[0], sum(each["seconds"] for one in trained for each in one)
    line = {"name": name, "seed": seed,
            "value": round(100 * (1 - result["accuracy"]), 3) if result["accuracy"] is not None
            else mean_error(run, test, recipe.target),
            "epochs": len(epochs), "minutes": round(seconds / 60, 2),
            "flatprop": about["flatprop"], "system": about["system"], "cores": about["cores"],
            "numpy": about["numpy"], "started": about["started"],
            "curve": [float(f"{e['train_loss']:.3g}") for e in epochs]}
    RECORDS.parent.mkdir(exist_ok=True)
    with RECORDS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(f"{name}, seed {seed}: {line['value']} in {line['minutes']} minutes", flush=True)


def split(recipe, folder, run, seed):
    """Write the training rows and the test rows of a table beside run -> both paths."""
    lines = (folder / recipe.table).read_text(encoding="utf-8").splitlines()
    if recipe.table == "abalone.csv":
        lines = [in_classes(line) for line in lines]
    head = [] if is_row(lines[0]) else [lines.pop(0)]
    if recipe.split < 1:
        random.Random(seed).shuffle(lines)
    at = int(recipe.split) or round((1 - recipe.split) * len(lines))
    paths = [run.parent / f"{run.name}-{part}.csv" for part in ("train", "test")]
    run.parent.mkdir(parents=True, exist_ok=True)
    for path, part in zip(paths, (lines[:at], lines[at:]), strict=True):
        atomic.write_text(path, "\n".join([*head, *part]) + "\n")
    return paths


def in_classes(line):
    """A row of abalone with the class of its rings in the place of their number."""
    *cells, rings = line.split(",")
    return ",".join([*cells, "few" if int(rings) <= 8 else "some" if int(rings) <= 10 else "many"])


def is_row(line):
    """Whether a line of a table has a number among its cells, as no heading here has."""
    return any(cell.replace(".", "", 1).isdigit() for cell in line.replace(";", ",").split(","))


def mean_error(run, test, column):
    """The mean absolute error of a regression on a file of test rows, by flatprop predict."""
    out = run.parent / f"{run.name}-predictions.npy"
    subprocess.run([sys.executable, "-m", "flatprop", "predict", str(run), str(test), "-o",
                    str(out)], check=True, cwd=ROOT)
    first, *lines = test.read_text(encoding="utf-8").splitlines()
    lines = [first, *lines] if is_row(first) else lines
    targets = [float(line.replace(";", ",").split(",")[column]) for line in lines]
    return round(float(np.abs(np.load(out)[:, 0] - targets).mean()), 4)


def cut(folder, to):
    """Write MNIST's files with the first 50,000 training rows, the last 10,000 as test rows."""
    x, y, _, _ = mnist.load(folder)
    images = x.reshape(-1, 28, 28)
    write_idx(to, images[:50_000], y[:50_000], images[50_000:], y[50_000:])


def write_idx(folder, *arrays):
    """Write four arrays as the files of MNIST: images and labels to train with, and to test on."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(mnist.NAMES, arrays, strict=True):
        sizes = np.array(array.shape, ">u4").tobytes()
        atomic.write_bytes(folder / name, bytes([0, 0, 8, array.ndim]) + sizes
                           + array.astype(np.uint8).tobytes())


def write_page(found):
    """The table between its marks in docs/results.md, and a plot for each recipe."""
    before, rest = PAGE.read_text(encoding="utf-8").split(START)
    _, after = rest.split(END)
    atomic.write_text(PAGE, "\n".join([before + START, "", *table(found), "", END + after]))
    for name, runs in found.items():
        series = {f"seed {seed}": (range(1, 1 + len(one["curve"])), one["curve"])
                  for seed, one in sorted(runs.items())[:5]}
        (PAGE.parent / "recipes").mkdir(exist_ok=True)
        atomic.write_text(PAGE.parent / "recipes" / f"{name}.svg",
                          plots.lines(series, "epoch", "training loss"))


def table(found):
    """The lines of the table, of measured runs {name: {seed: line}}."""
    lines = ["| recipe | published | measured | spread | seeds | epochs | minutes | |",
             "|---|--:|--:|--:|--:|--:|--:|---|"]
    for name, recipe in RECIPES.items():
        runs = list(found.get(name, {}).values())
        link = f"[{recipe.title}](recipes/{name}.toml)"
        if not runs:
            lines.append(f"| {link} | {recipe.published} | not measured | | | | | |")
            continue
        values = [one["value"] for one in runs]
        mean = statistics.fmean(values)
        spread = f"{statistics.stdev(values):.2f}" if len(values) > 1 else ""
        miss = mean - recipe.published - recipe.spread
        verdict = "better" if mean < recipe.published else "reached" if miss <= 0 else "missed"
        minutes = statistics.fmean(one["minutes"] for one in runs)
        lines.append(f"| {link} | {recipe.published} | {mean:.2f} | {spread} | {len(runs)} | "
                     f"{runs[-1]['epochs']} | {minutes:.1f} | {verdict} "
                     f"([curve](recipes/{name}.svg)) |")
    for name, published in ABSENT.items():
        lines.append(f"| [{name}](recipes/{name}.toml) | {published} | not measured | | | | | its "
                     "data was not at hand |")
    return lines


if __name__ == "__main__":
    main()
