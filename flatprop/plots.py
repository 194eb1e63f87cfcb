"""Plots as SVG, by hand: lines over axes, in the reader's light or dark mode.

What a colour means stands beside it in words.
"""

import math
from html import escape
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 74, 470, 20, 304      # of the axes; names stand to the right
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2")
CSS = Path(__file__).with_name("plots.css")


def lines(series, x_label, y_label):
    """One line for each of series {name: (xs, ys)} -> SVG text.

    The y axis is logarithmic where the numbers differ by more than a factor of 30.
    """
    return document([line_plot(series, x_label, y_label)],
                    f"{y_label} by {x_label}: {', '.join(series)}")


def line_plot(series, x_label, y_label):
    """The elements of such a plot, a list of texts: for document, which can hold several plots."""
    xs, ys = (np.concatenate([np.asarray(pair[way], float) for pair in series.values()])
              for way in (0, 1))
    x_ticks, x_place = axis(xs.min(), xs.max(), LEFT, RIGHT)
    if (xs == np.floor(xs)).all():      # no epoch 2.5
        x_ticks = [tick for tick in x_ticks if tick == math.floor(tick)]
    log = ys.min() > 0 and ys.max() > 30 * ys.min()
    y_ticks, y_place = (log_axis if log else axis)(ys.min(), ys.max(), BOTTOM, TOP)
    parts = axes(x_ticks, x_place, y_ticks, y_place, (RIGHT, TOP), x_label, y_label)
    for place, (name, (x, y)) in enumerate(series.items()):
        points = " ".join(f"{x_place(a):.1f},{y_place(b):.1f}" for a, b in zip(x, y, strict=True))
        stroke = f'class="line s{place % 5}" stroke-dasharray="{DASHES[place % 5]}"'
        parts += [f'<polyline {stroke} points="{points}"/>', *legend(place, name, stroke)]
    return parts


def legend(place, name, stroke):
    """The name of the line of that number, beside a piece of it."""
    y = TOP + 12 + 22 * place
    return [f'<path {stroke} d="M{RIGHT + 14} {y - 4}h26"/>', text(RIGHT + 46, y, name, "start")]


def axis(low, high, start, end, exactly=False):
    """Round ticks between two numbers, and where a number lies -> ticks, place(number).

    exactly: the axis ends at low and high, not at ticks.
    """
    if high - low < 1e-12 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step *= next(each for each in (1, 2, 2.5, 5, 10) if (high - low) / (step * each) <= 6)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if not exactly:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        low, high = first * step, last * step
    ticks = [round(each * step, 12) for each in range(first, last + 1)]
    return ticks, lambda value: start + (value - low) / (high - low) * (end - start)


def log_axis(low, high, start, end):
    """The same for powers of ten; low must be positive."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    last = max(last, first + 1)
    every = -(-(last - first) // 7)
    ticks = [10.0 ** power for power in range(first, last + 1, every)]
    return ticks, lambda value: (start + (math.log10(value) - first) / (last - first)
                                 * (end - start))


def axes(x_ticks, x_place, y_ticks, y_place, corner, x_label, y_label, grid=True):
    """Both axes with ticks and labels; corner (x, y) is their far end, at the top right."""
    right, top = corner
    parts = []
    for tick in x_ticks:
        x = x_place(tick)
        parts.append(f'<path class="axis" d="M{x:.1f} {BOTTOM}v5"/>')
        parts.append(text(x, BOTTOM + 19, f"{tick:g}", "middle"))
    for tick in y_ticks:
        y = y_place(tick)
        parts.append(f'<path class="{"grid" if grid else "axis"}" '
                     f'd="M{LEFT} {y:.1f}H{right if grid else LEFT - 5:.1f}"/>')
        parts.append(text(LEFT - 9, y + 4, f"{tick:g}", "end"))
    middle = (top + BOTTOM) / 2
    return [*parts, f'<path class="axis" d="M{LEFT} {top:.1f}V{BOTTOM}H{right:.1f}"/>',
            text((LEFT + right) / 2, BOTTOM + 42, x_label, "middle"),
            f'<g transform="rotate(-90 16 {middle:.1f})">{text(16, middle, y_label, "middle")}</g>']


def text(x, y, words, anchor):
    """A text element."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def document(plots, title):
    """Plots, each a list of elements, one below the other -> the whole SVG."""
    height = HEIGHT * len(plots)
    parts = []
    for place, elements in enumerate(plots):
        parts += [f'<g transform="translate(0 {place * HEIGHT})">', *elements, "</g>"]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img">', f"<title>{escape(title)}</title>",
        f"<style>\n{CSS.read_text(encoding='utf-8')}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>', *parts, "</svg>", ""])
