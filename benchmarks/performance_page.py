"""docs/performance.md and its plot, from the records of the other benchmarks.

    python benchmarks/performance_page.py

Reads benchmarks/records/: speed.json (speed.py --json), under_load.json (under_load.py --json),
epochs.json, memory.json, startup.json, scale.json; tables-LIST.jsonl (tables_scikit_learn.py
--results), LIST one of benchmarks/tables/. A record that is missing is a section that is missing.
Measures nothing itself.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import json
import sys
from pathlib import Path

import epochs
import fresh_process
import memory
import networks
import scale_plot
import startup
import step_plot
import summary
import under_load

sys.path.insert(0, str(fresh_process.ROOT))

from benchmarks.tables import comparison, rows

TITLES = {
    "flatprop": "flatprop", "flatprop-numpy": "flatprop, NumPy alone", "jax": "JAX jit",
    "jax-loop": "JAX, epoch in one loop", "pytorch": "PyTorch", "pytorch-compile": "torch.compile",
    "sklearn": "scikit-learn", "products": "products alone",
}
RULES = {"sgd": "SGD", "momentum": "Momentum 0.9", "adam": "Adam"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=Path, default=fresh_process.RECORDS, help="a folder")
    parser.add_argument("--docs", type=Path, default=fresh_process.ROOT / "docs", help="a folder")
    args = parser.parse_args()
    fresh_process.require("matplotlib")
    records = {path.stem: json.loads(path.read_text()) for path in args.records.glob("*.json")}
    if not records:
        print(f"no records in {args.records}: first python benchmarks/speed.py --json "
              f"{args.records / 'speed.json'}", file=sys.stderr)
        return 2

    lines = [
        "# Performance", "",
        "Made by `python benchmarks/performance_page.py` from the records in "
        "[benchmarks/records/](../benchmarks/records), which hold every sample. Do not edit it.",
    ]
    lines += advice(records)
    if "speed" in records:
        lines += step_section(records["speed"])
        step_plot.save(records["speed"], TITLES, RULES, args.docs / "performance.svg")
    if "under_load" in records:
        lines += load_section(records["under_load"])
    if "epochs" in records:
        lines += ["", "## MNIST, whole epochs", "", *preamble(records["epochs"]),
                  epochs.table(records["epochs"]["results"])]
    if "startup" in records:
        lines += ["", "## `python train.py`, from start to finish", "",
                  *preamble(records["startup"]), startup.table(records["startup"]["results"])]
    if "memory" in records:
        lines += ["", "## Memory", "", *preamble(records["memory"]),
                  memory.table(records["memory"]["results"])]
    if "scale" in records:
        lines += scale_section(records["scale"])
        scale_plot.draw(records["scale"], args.docs / "scale.svg")
    lines += tables_section(args.records)
    args.docs.mkdir(parents=True, exist_ok=True)
    (args.docs / "performance.md").write_text("\n".join(lines) + "\n")
    print(f"wrote {args.docs / 'performance.md'}", file=sys.stderr)
    return 0


def advice(records):
    """What a user may expect, with the figures of the records, and what to set, as lines."""
    lines = ["", "## What to expect, and what to set", ""]
    if "speed" in records:
        cells = records["speed"]["cells"]
        than = {name: summary.geometric_mean(cells, names, summary.OURS)
                for name, names in (("alone", "flatprop-numpy"), ("jax", "jax"),
                                    ("pytorch", summary.PYTORCH))}
        if all(than.values()):
            lines.append(
                f"- A step is {than['jax'][0]:.2f} times as fast as JAX's and "
                f"{than['pytorch'][0]:.2f} times as fast as PyTorch's, in the mean over "
                f"{len(cells)} cells (nets and rules), and in the worst of them "
                f"{than['jax'][1]:.2f} and {than['pytorch'][1]:.2f} times. The smaller the net, "
                "the more is gained.")
            lines.append(
                "- That is with numba and SciPy: `pip install -e \".[fast]\"`. With NumPy alone "
                f"a step takes {than['alone'][0]:.2f} times as long, in the mean. The first "
                "training after the installation compiles for some seconds, once; short trainings "
                "do not wait for it and run as with NumPy alone (`--compiled`, in "
                "[training.md](training.md#speed)).")
    if "epochs" in records:
        seconds = records["epochs"]["results"]
        lines.append(
            f"- An epoch of MNIST, 60,000 rows through 784-512-512-10, takes "
            f"{seconds['flatprop']['seconds']['median']:.2g} s, "
            f"{seconds['flatprop, NumPy alone']['seconds']['median']:.2g} s with NumPy alone.")
    lines.append(
        "- Beside other work, on a shared machine or a laptop in use: `--threads free`, or "
        "`--threads 1`. The default, auto, takes the processors that there are, whatever "
        "else runs on them: so one seed gives one result ([training.md](training.md#threads)).")
    lines.append(
        "- On a large net nearly all time is that of the matrix products: what share, the tables "
        "below say. No option changes those.")
    return lines


def load_section(record):
    """The section on steps beside busy processes, as lines of Markdown."""
    machine = record["machine"]
    names = [*record["contenders"], *under_load.CHOICES]
    fixed = under_load.fixed(names)
    titles = [f"{name.split()[1]} thread" + "s" * (name != "flatprop 1") for name in fixed]
    lines = [
        "", "## Beside other work", "",
        "`python benchmarks/under_load.py`: microseconds a step, momentum, beside so many "
        f"processes that only count, on {machine['cpu']} with {machine['processors']} "
        f"processors; medians of {record['rounds']} rounds. Behind auto and free: how long they "
        "take over the best fixed number, and how many times as fast they are as PyTorch "
        "beside the same load, the median of the rounds' ratios.", "",
        "| network | busy | " + " | ".join(titles) + " | PyTorch "
        "| auto: of the best, times PyTorch | free: of the best, times PyTorch |",
        "|---|--:|" + "--:|" * (len(fixed) + 3)]
    for cell in record["cells"]:
        us = summary.microseconds(cell)
        best = min(fixed, key=us.__getitem__)
        row = [cell["network"], str(cell["load"]),
               *(three_digits(us[name]) for name in [*fixed, "pytorch"])]
        row += [f"{summary.ratios(cell, asked, best)[0]:.2f}, "
                f"{summary.ratios(cell, 'pytorch', asked)[0]:.2f}" for asked in under_load.CHOICES]
        lines.append("| " + " | ".join(row) + " |")
    return lines


def preamble(record):
    """What a record of whole processes is about, and where it was measured."""
    machine = record["machine"]
    return [f"{record['what'][0].upper()}{record['what'][1:]}. Each contender in a process of its "
            f"own, in turn, {record['rounds']} rounds, on {machine['cpu']} with "
            f"{machine['cores']} cores.", ""]


def scale_section(record):
    """The section on growing examples, width, depth and batches, as lines of Markdown."""
    machine = record["machine"]
    return [
        "", "## Scale", "",
        "An epoch of the real Solver (`python benchmarks/scale.py`) as one thing grows and the "
        f"others stay, on {machine['cpu']} with {machine['cores']} cores. Dashed is the straight "
        "line expected on these axes, dotted the fixed part of an epoch.", "",
        "![Seconds and memory of an epoch as examples, width, depth and batch grow](scale.svg)",
        "", "```", scale_plot.text(record["fits"]), "```", "", "Where a line bends, and why:", "",
        "- Examples: past the size of the caches every row of a shuffled minibatch is fetched from "
        "memory (from 1,000,000 examples on, from a memory-mapped file). The bytes are an epoch's "
        "order, 8 for each example.",
        f"- Width: {products_by_width(record)}, so the time grows by less than the square; the "
        "terms linear in the width (activations, the first layer) do the same to the bytes.",
        "- Depth: from a few layers on, theta and its gradient no longer fit the second-level "
        "cache together.",
        "- Batch: below about 16 rows a step is its fixed costs, so half as many rows to a step "
        "make twice the time; above, it is its arithmetic, which no batch size changes.",
    ]


def tables_section(folder):
    """The section on tables, as lines of Markdown; none without a record of them."""
    lines = []
    for title, name in (("Tables that the defaults were chosen on", "fifteen"),
                        ("Tables that were not looked at before", "ten")):
        results = comparison.read(folder / f"tables-{name}.jsonl")
        if results:
            listed = fresh_process.ROOT / "benchmarks" / "tables" / f"{name}.toml"
            seeds = sorted(set().union(*results.values()))
            lines += ["", f"### {title}", "", f"Seeds {seeds[0]} to {seeds[-1]}.", "",
                      *comparison.markdown(results, [one.name for one in
                                                     rows.read_list(listed, folder)])]
    if not lines:
        return []
    return ["", "## Tables", "",
            "`python benchmarks/tables_scikit_learn.py`: flatprop with a table's `--label` and "
            "`--task` and no other choice, and scikit-learn's `MLPClassifier` or `MLPRegressor` "
            "and `HistGradientBoosting` with their defaults (numbers and the targets of a "
            "regression standardized, words one input of 0 or 1 for each value). For every seed "
            "all are tested on the fifth of the rows that flatprop holds back, and learn from all "
            "others. Seconds are of the processor, every process with one BLAS thread; flatprop's "
            "are those of the whole command, the others' those from the cells to the predictions. "
            "Wall seconds are by a clock, beside other work.",
            *lines]


def products_by_width(record):
    """How fast the arithmetic runs on a narrow and on the widest net, in words."""
    widths, seconds = (record["experiments"]["width"][key] for key in ("n", "seconds"))
    rows, inputs, classes = 2560, 64, 10        # of scale.py's nets [64, width, width, 10]
    rates = {}
    for width, time in zip(widths, seconds, strict=True):
        # two products a weight forward and backward for dW, two more for dx but in the first layer
        work = rows * (4 * inputs * width + 6 * width * width + 6 * width * classes)
        rates[width] = work / time / 1e9
    narrow, wide = 512, max(widths)
    return ("the products run nearer to the processor's peak as they grow, "
            f"{rates[narrow]:.0f} GFLOP/s in all at width {narrow} and {rates[wide]:.0f} at {wide}")


def step_section(record):
    """The section on single training steps, as lines of Markdown."""
    cells = record["cells"]
    machine = record["machine"]
    lines = [
        "", "## One training step", "",
        f"Measured on {record['date']}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['system']}, Python {machine['python']}. Command: "
        "`python benchmarks/speed.py --json benchmarks/records/speed.json`.", "",
        "A step is all that a user pays for a minibatch: take its rows, in a shuffled order, from "
        "one array in memory; forward, ReLU and softmax cross-entropy; backward; L2 on the "
        f"weights (lambda {networks.LAMBDA:g}); the update; float32. flatprop is its Solver's "
        "`next_epoch`, in compiled epochs, PyTorch has its fused optimizers, JAX one jitted step "
        "with donated buffers, scikit-learn `MLPClassifier.fit`. Products alone are "
        "the matrix products of forward and backward, without the first layer's dx, and nothing "
        "else: the limit for NumPy's BLAS. "
        "`speed.py --check` shows that all who train come to the same weights.", "",
        "Each contender is one process that stands still when it is not its turn. They take turns "
        f"in {record['rounds']} rounds; a time is the median of the rounds, with half the distance "
        "of the quartiles of all blocks of steps; a ratio is the median of the rounds' ratios, "
        "with the least and the greatest.", "",
        "![Time of a step over the time of its products, for each network, rule and contender]"
        "(performance.svg)", "",
    ]
    lines += means(cells)
    for rule, title in RULES.items():
        chosen = [cell for cell in cells if cell["rule"] == rule]
        if chosen:
            lines += ["", f"### {title}", "", "Microseconds a step:", ""]
            lines += times(chosen, list(record["contenders"]))
            lines += ["", "How many times as fast flatprop is, and its speed as a share of the "
                      "products':", ""]
            lines += comparisons(chosen)
    lines += remarks(cells)
    lines += ["", "### How near to the limit", "", *limits(cells)]
    lines += ["", "### Versions, kernels and threads", "", *libraries(record["contenders"])]
    return lines


def means(cells):
    """Geometric means of the ratios over all cells."""
    lines = [f"| over {len(cells)} cells, flatprop is | times as fast, geometric mean | at least "
             "| there |", "|---|---|---|---|"]
    rivals = {TITLES[name]: name for name in TITLES if name not in ("flatprop", "products")}
    for title, names in (rivals | {"the better PyTorch of each round": summary.PYTORCH}).items():
        found = summary.geometric_mean(cells, names, summary.OURS)
        if found:
            mean, least, cell = found
            lines.append(f"| than {title} | {mean:.2f} | {least:.2f} | "
                         f"{cell['network']}, {RULES[cell['rule']]} |")
    return lines


def limits(cells):
    """What each contender takes as a multiple of the products alone, and what the rest is."""
    multiples = []
    for name, title in TITLES.items():
        found = summary.geometric_mean(cells, name, "products")
        if name != "products" and found:
            multiples.append(f"{title} {found[0]:.2f}")
    return [
        "A step as a multiple of its products alone, geometric mean over the cells: "
        + ", ".join(multiples) + ".", "",
        "What the rest is: on the smallest network the calls of Python and NumPy, about 70 a step; "
        "on the larger ones memory: ReLU, softmax, the gather and the update read what the other "
        "core has just written.",
    ]


def times(cells, names):
    """Microseconds a step of every contender, one network in each row."""
    names = [name for name in TITLES if name in names]
    lines = ["| network, batch | parameters | " + " | ".join(TITLES[name] for name in names) + " |",
             "|---|--:|" + "--:|" * len(names)]
    for cell in cells:
        us = summary.microseconds(cell)
        row = [f"{cell['network']}, {cell['batch']}", f"{networks.num_parameters(cell['sizes']):,}"]
        for name in names:
            if name not in us:
                row.append("failed")
                continue
            first, third = summary.quartiles(cell, name)
            row.append(f"{three_digits(us[name])} ±{(third - first) / 2 / us[name]:.0%}")
        lines.append("| " + " | ".join(row) + " |")
    return lines


def comparisons(cells):
    """Ratios with their spread, one network in each row."""
    columns = {"JAX jit": "jax", "the better PyTorch": summary.PYTORCH, "scikit-learn": "sklearn"}
    shares = {"share of products": "flatprop", "the same, NumPy alone": "flatprop-numpy"}
    lines = ["| network, batch | " + " | ".join([*columns, *shares]) + " |",
             "|---|" + "--:|" * (len(columns) + len(shares))]
    for cell in cells:
        row = [f"{cell['network']}, {cell['batch']}"]
        for names in columns.values():
            found = summary.ratios(cell, names, summary.OURS)
            row.append("–" if found is None else
                       f"**{found[0]:.2f}** ({found[1]:.2f} to {found[2]:.2f})")
        for name in shares.values():
            found = summary.ratios(cell, "products", name)
            row.append("–" if found is None else
                       f"**{found[0]:.0%}** ({found[1]:.0%} to {found[2]:.0%})")
        lines.append("| " + " | ".join(row) + " |")
    return lines


def remarks(cells):
    """What went wrong while measuring, if anything did."""
    lines = [f"- {TITLES[name]} failed on {cell['network']}, {cell['rule']}: {why}"
             for cell in cells for name, why in cell["failed"].items()]
    disturbed = [f"{cell['network']} ({cell['rule']})" for cell in cells if summary.disturbed(cell)]
    if disturbed:
        lines.append(f"- Other processes or guests took more than {summary.DISTURBING:.0%} of the "
                     f"machine during {', '.join(disturbed)}.")
    return ["", *lines] if lines else []


def libraries(contenders):
    """Versions and thread pools, one contender in each row."""
    lines = ["| | versions | thread pools |", "|---|---|---|"]
    for name in TITLES:
        if name in contenders:
            about = contenders[name]
            versions = ", ".join(f"{package} {version}" for package, version
                                 in about["versions"].items() if version)
            pools = "; ".join(
                " ".join(part for part in (pool["internal_api"], pool["version"],
                                           pool["architecture"]) if part)
                + f", {pool['num_threads']} threads" for pool in about["pools"]
                if pool["internal_api"] != "openblas" or "numpy" in about["versions"])
            lines.append(f"| {TITLES[name]} | {versions} | {pools or 'its own'} |")
    return lines


def three_digits(number):
    """Three significant digits, with commas at the thousands."""
    if number >= 100:
        return f"{int(float(f'{number:.3g}')):,}"
    return f"{number:.3g}"


if __name__ == "__main__":
    sys.exit(main())
