"""The plots of a report, each a function that gives a matplotlib Figure.

They are drawn inside matplotlib's rc_context(figures.STYLE), which the page sets.
"""

import math

import numpy as np

from flatprop.runs.report.drawing import Figure, LogLocator, MaxNLocator, NullLocator, Rectangle
from flatprop.runs.report.figures import FONT, INCHES, INK, LINE, ON, ON_ORANGE, SERIES, SOFT
from flatprop.runs.report.keys import marker_of
from flatprop.runs.report.text import clean

MOST_POINTS = 1500      # of a line or a cloud; of a longer one every k-th point is drawn
FEWER_POINTS = 100      # of one of many lines in grey
NUMBERED = 25           # classes up to which the cells of a confusion matrix hold numbers
NAMED = 50              # classes up to which its rows and columns have names
LARGEST = 100           # classes up to which it is drawn
STEEP = 30              # from this ratio on an axis of losses is logarithmic
LONGEST_NAME = 20       # characters of a name beside its line
INSIDE = 4              # names that a plot has room for among its lines; more stand below it


def lines(series, label, *, percent=False, log=False, mark=None, faint=(), marked=False):
    """Lines over epochs. series: (name, colour's number, style, epochs, values with None) each.

    label names the vertical axis, mark is an epoch to be pointed out, or None; faint are such lines
    in grey behind the others, without names; with marked each colour has a marker of its own too.
    """
    named = sum(not name.startswith("_") for name, *_ in series)
    below = 0 if named <= INSIDE else 0.2 * -(-named // 2)      # inches, for their names
    figure = Figure(figsize=(INCHES, 2.5 + below), layout="constrained")
    axes = figure.subplots()
    if faint:
        dot = "o" if all(len(epochs) == 1 for *_, epochs, _ in faint) else None
        axes.plot(*join(faint), color=SOFT, linewidth=0.6, alpha=0.35, marker=dot, markersize=3)
    for name, colour, style, epochs, values in series:
        step = -(-len(epochs) // MOST_POINTS) or 1
        values = np.array([math.nan if value is None else value for value in values])
        dots = marker_of(colour, named) if marked else {"marker": "o"} if len(epochs) == 1 else {}
        axes.plot(epochs[::step], values[::step], style, color=SERIES[colour % len(SERIES)],
                  label=clean(name, LONGEST_NAME), **dots)
        if mark is not None and style == "-":
            axes.plot([mark], values[[epochs.index(mark)]], "o", markersize=5.5,
                      color=SERIES[colour % len(SERIES)], label="_best")
    if log:
        axes.set_yscale("log")
        values = [value for *_, values in (*series, *faint) for value in values
                  if value is not None]
        near = max(values) < 200 * min(values)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if near else (1,), numticks=8))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_locator(NullLocator())
    if percent:
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.5g}%")
    if mark is not None:
        point_out(axes, mark, max(epochs[-1] for *_, epochs, _ in series))
    axes.set_xlabel("epoch")
    axes.set_ylabel(label + (", log scale" if log else ""))
    if all(len(epochs) == 1 for *_, epochs, _ in (*series, *faint)):
        axes.set_xticks(sorted({epochs[0] for *_, epochs, _ in (*series, *faint)}))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.margins(x=0.02)
    if below:
        figure.legend(loc="outside lower center", ncols=2, handlelength=3)
    elif len(series) > 1:
        axes.legend(loc="best", handlelength=3)
    return figure


def point_out(axes, epoch, last):
    """The best epoch of so many: a line with its name at the top."""
    axes.axvline(epoch, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    side = "left" if epoch < 0.3 * last else "right" if epoch > 0.7 * last else "center"
    axes.annotate(f"best, epoch {epoch}", (epoch, 1), (0, 2), xycoords=("data", "axes fraction"),
                  textcoords="offset points", ha=side, va="bottom", color=INK)


def join(series):
    """Many lines as one, with gaps between them, which is drawn in a fraction of the time."""
    xs, ys = [], []
    for *_, epochs, values in series:
        step = -(-len(epochs) // FEWER_POINTS)
        xs += [*epochs[::step], epochs[-1], math.nan]
        ys += [math.nan if value is None else value
               for value in (*values[::step], values[-1], None)]
    return xs, ys


def is_steep(values):
    """Whether values, some None, span so much that their axis should be logarithmic."""
    known = [value for value in values if value is not None]
    return bool(known) and min(known) > 0 and max(known) > STEEP * min(known)


def confusion(counts, names):
    """A confusion matrix (C, C) as a heat map: blue where right, orange where wrong."""
    size = len(counts)
    side = min(max(0.34 * size, 2.2), 6.7)
    figure = Figure(figsize=(side + 1.3, side + 0.9), layout="constrained")
    axes = figure.subplots()
    add_cells(axes, counts)
    axes.set(xlim=(0, size), ylim=(size, 0), aspect="equal", xlabel="predicted", ylabel="true")
    axes.xaxis.set_label_position("top")
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)
    axes.grid(False)
    ends = np.arange(size + 1)
    axes.hlines(ends, 0, size, color=LINE, linewidth=0.5, zorder=0.5)
    axes.vlines(ends, 0, size, color=LINE, linewidth=0.5, zorder=0.5)
    places, labels = [], []
    if size <= NAMED:
        places, labels = np.arange(size) + 0.5, [clean(name, 18) for name in names]
    longest = max(map(len, labels), default=0)
    tilt = 90 if 0.01 * FONT * longest > side / size else 0
    axes.set_xticks(places, labels, rotation=tilt)
    axes.set_yticks(places, labels)
    return figure


def add_cells(axes, counts):
    """A square for each cell of a confusion matrix, the stronger the more it holds."""
    members = np.maximum(counts.sum(axis=1), 1)
    worst = max((counts - np.diag(np.diag(counts))).max(), 1)
    for i, j in np.argwhere(counts).tolist():
        right = i == j
        share = counts[i, j] / (members[i] if right else worst)
        axes.add_patch(Rectangle(
            (j + 0.04, i + 0.04), 0.92, 0.92, linewidth=0, facecolor=SERIES[0 if right else 1],
            alpha=0.12 + 0.88 * share if right else 0.15 + 0.7 * share))
        if len(counts) <= NUMBERED:
            strong = (ON if share > 0.78 else INK) if right else (
                ON_ORANGE if share > 0.7 else INK)
            axes.text(j + 0.5, i + 0.52, f"{counts[i, j]}", ha="center", va="center",
                      color=strong)


def scatter(targets, predictions):
    """Predictions over targets, both (N, M), with the diagonal on which they would be equal."""
    figure = Figure(figsize=(INCHES, 3.5), layout="constrained")
    axes = figure.subplots()
    step = -(-len(targets) // MOST_POINTS)
    shown = min(targets.shape[1], 4)
    for i in range(shown):
        axes.plot(targets[::step, i], predictions[::step, i], "o", color=SERIES[i], markersize=2.6,
                  alpha=0.6, markeredgewidth=0, label=f"output {i + 1}")
    both = np.concatenate([targets[:, :shown].ravel(), predictions[:, :shown].ravel()])
    ends = [both.min(), both.max()]
    axes.plot(ends, ends, color=SOFT, linewidth=0.8, linestyle=":")
    axes.set(xlabel="true", ylabel="predicted")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5))
    if shown > 1:
        axes.legend(loc="upper left")
    return figure


def bars(names, values, label, errors=None):
    """Horizontal bars, the first on top; errors are the lengths of whiskers on both sides."""
    figure = Figure(figsize=(INCHES, 0.6 + 0.22 * len(names)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(names))
    axes.barh(places, values, color=SERIES[0], height=0.7, xerr=errors,
              error_kw={"ecolor": INK, "elinewidth": 1, "capsize": 2})
    axes.set_yticks(places, [clean(name, 24) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel(label)
    axes.grid(axis="y", visible=False)
    return figure


def mosaic(image, rows, columns):
    """A picture made of rows by columns tiles, as it is."""
    height, width = image.shape[:2]
    wide = min(10.3, 1.03 * columns)
    figure = Figure(figsize=(wide, wide * height / width))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(image, interpolation="none", extent=(0, columns, rows, 0), aspect="auto")
    axes.set_axis_off()
    return figure
