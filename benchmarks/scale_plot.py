"""From the record of scale.py to fitted slopes and docs/scale.svg.

    python benchmarks/scale_plot.py [RECORD [SVG]]

Theory has every curve as a + b n^p: a fixed part and one that grows. On log-log axes the second is
a straight line of slope p, which the points must run into where n is large, and the first is a
horizontal one, which they leave. For the batch size p is -1: an epoch has N / n steps, each with a
fixed cost. Width has p = 2, for a weight matrix is width by width.
"""

import json
import sys
from pathlib import Path

import fresh_process
import numpy as np

EXPECTED = {   # the power p of n, by experiment, then by quantity
    "examples": {"seconds": 1, "bytes": 1},
    "width": {"seconds": 2, "bytes": 2},
    "depth": {"seconds": 1, "bytes": 1},
    "batch": {"seconds": -1, "bytes": 1},
}
TITLES = {
    "examples": "examples (16-64-64-10, batch 128)",
    "width": "width H (64-H-H-10, batch 128)",
    "depth": "hidden layers of 256 (batch 128)",
    "batch": "batch size (64-256-256-10)",
}
LABELS = {"seconds": "seconds an epoch", "bytes": "peak memory, MiB"}
UNIT = {"seconds": 1, "bytes": 2**20}


def fits(experiments):
    """For every experiment and quantity: a, b, p, the measured slope and the furthest point."""
    return {
        name: {quantity: fit(points["n"], points[quantity], p)
               for quantity, p in EXPECTED[name].items()}
        for name, points in experiments.items()
    }


def fit(n, y, p):
    """Fit y = a + b n^p with a, b >= 0 by relative least squares, and the slope where b n^p rules.

    The slope is a straight line's through the logarithms of the points where the growing part is
    at least four times the fixed one, or else of the three where it weighs most.
    """
    n, y = np.array(n, float), np.maximum(np.array(y, float), 1e-12)
    columns = np.stack([1 / y, n**p / y], axis=1)
    ones = np.ones(len(y))
    a, b = np.linalg.lstsq(columns, ones, rcond=None)[0]
    if a < 0:
        a, b = 0.0, columns[:, 1].sum() / (columns[:, 1] ** 2).sum()
    if b < 0:
        a, b = columns[:, 0].sum() / (columns[:, 0] ** 2).sum(), 0.0
    ruled = b * n**p >= 4 * a
    if ruled.sum() < 3:
        ruled = np.argsort(np.argsort(-(n**p))) < 3
    slope = np.polyfit(np.log(n[ruled]), np.log(y[ruled]), 1)[0]
    off = y / (a + b * n**p) - 1
    furthest = int(np.abs(off).argmax())
    return {"a": float(a), "b": float(b), "p": p, "slope": float(slope),
            "slope_from": float(n[ruled][0]), "slope_to": float(n[ruled][-1]),
            "off": float(off[furthest]), "off_at": float(n[furthest])}


def text(found):
    """The fits in a few lines."""
    lines = ["a + b n^p, the slope on log-log axes where b n^p rules, and the furthest point"]
    for name, of_one in found.items():
        for quantity, f in of_one.items():
            unit = "s" if quantity == "seconds" else "MiB"
            a, b = f["a"] / UNIT[quantity], f["b"] / UNIT[quantity]
            lines.append(
                f"{name:9} {quantity:8} a = {a:8.3g} {unit:3}  b = {b:8.3g} {unit:3}  slope "
                f"{f['slope']:5.2f} (expected {f['p']:2}) over {f['slope_from']:g}.."
                f"{f['slope_to']:g}; {f['off']:+.0%} at {f['off_at']:g}")
    return "\n".join(lines)


def draw(record, path):
    """Write the plot: a column for each experiment, time above memory."""
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "flatprop"   # the same record gives the same file
    experiments = record["experiments"]
    figure, axes = plt.subplots(2, len(experiments), figsize=(15, 7), layout="constrained")
    for column, (name, points) in enumerate(experiments.items()):
        for row, quantity in enumerate(LABELS):
            draw_one(axes[row, column], name, quantity, points, record)
    labelled = {}
    for axis in axes.flat:
        handles, labels = axis.get_legend_handles_labels()
        labelled |= dict(zip(labels, handles, strict=True))
    figure.legend(labelled.values(), labelled.keys(), loc="outside lower center", ncols=5)
    figure.suptitle(f"An epoch of flatprop's Solver, momentum and L2, on {record['machine']['cpu']}"
                    f", {record['machine']['cores']} cores")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    fresh_process.progress(f"wrote {path}")


def draw_one(axis, name, quantity, points, record):
    """One panel: the measured points, the fitted curve, and its two straight lines."""
    from matplotlib import ticker

    f, unit = record["fits"][name][quantity], UNIT[quantity]
    n, y = np.array(points["n"], float), np.array(points[quantity]) / unit
    fine = np.geomspace(n[0], n[-1], 200)
    growing = f["b"] * fine ** f["p"] / unit
    axis.loglog(fine, f["a"] / unit + growing, color="0.6", linewidth=1.2, label="a + b n^p")
    axis.loglog(fine, growing, "--", color="tab:red", linewidth=1.2,
                label="expected straight line, b n^p")
    if f["a"] > 0:
        axis.axhline(f["a"] / unit, linestyle=":", color="tab:green", linewidth=1.2,
                     label="fixed part, a")
    held = np.ones(len(n), bool)
    if name == "examples":
        held = n < record["mapped_from_examples"]
        axis.loglog(n[~held], y[~held], "o", markerfacecolor="white", color="tab:blue",
                    label="measured, memory-mapped", zorder=3)
    axis.loglog(n[held], y[held], "o", color="tab:blue", label="measured", zorder=3)
    axis.set_ylim(y.min() / 2.5, y.max() * 2.5)
    between = (1,) if y.max() > 100 * y.min() else (1, 2, 5)
    axis.yaxis.set_major_locator(ticker.LogLocator(subs=between))
    axis.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    axis.yaxis.set_minor_formatter(ticker.NullFormatter())
    if name != "examples":                      # powers of ten would say little here
        every = 1 if len(n) <= 8 else 2
        axis.set_xticks(n[::every], [f"{value:g}" for value in n[::every]])
        axis.tick_params(axis="x", labelsize=8)
    axis.xaxis.set_minor_formatter(ticker.NullFormatter())
    axis.set_ylabel(LABELS[quantity])
    axis.set_xlabel(TITLES[name])
    axis.grid(True, which="major", color="0.9")
    axis.set_title(f"slope {f['slope']:.2f}, expected {f['p']}", fontsize=10)


def main():
    fresh_process.require("matplotlib")
    paths = sys.argv[1:] + [None, None]
    source = paths[0] or fresh_process.RECORDS / "scale.json"
    record = json.loads(Path(source).read_text())
    record["fits"] = fits(record["experiments"])
    print(text(record["fits"]))
    draw(record, paths[1] or fresh_process.ROOT / "docs" / "scale.svg")


if __name__ == "__main__":
    main()
