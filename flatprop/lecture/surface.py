"""A surface as SVG: a function of two numbers as bands of colour, the higher the stronger."""

import numpy as np

from flatprop.plots import BOTTOM, LEFT, RIGHT, TOP, axes, axis, document, legend, text

SIDE = BOTTOM - TOP
RATIO = SIDE / (RIGHT - LEFT)
BANDS = 9
FINE = 142      # rows and columns in which the surface is painted


def svg(values, xs, ys, path, path_name, labels):
    """values (R, C) at ys (R,) and xs (C,), and a path (K, 2) of x and y on them -> SVG text.

    labels: of x, y and the values. Equal lengths are as long in both directions.
    """
    x_label, y_label, z_label = labels
    width, height = xs[-1] - xs[0], ys[-1] - ys[0]
    scale = min((RIGHT - LEFT) / width, SIDE / height)
    right, top = LEFT + scale * width, BOTTOM - scale * height
    x_ticks, x_place = axis(xs[0], xs[-1], LEFT, right, exactly=True)
    y_ticks, y_place = axis(ys[0], ys[-1], BOTTOM, top, exactly=True)
    edges = levels(values)
    points = [f"{x_place(a):.1f},{y_place(b):.1f}" for a, b in path]
    parts = [*bands(values, edges, right, top),
             *axes(x_ticks, x_place, y_ticks, y_place, (right, top), x_label, y_label, grid=False)]
    parts += [f'<polyline class="{kind}" points="{" ".join(points)}"/>'
              for kind in ("under", "line s1")]
    for kind, point in (("first", points[0]), ("last", points[-1])):
        x, y = point.split(",")
        parts.append(f'<circle class="{kind} s1" cx="{x}" cy="{y}" r="5"/>')
    parts += [*legend(0, path_name, 'class="line s1"'), *band_legend(edges, z_label)]
    return document([parts], f"{z_label} over {x_label} and {y_label}")


def levels(values):
    """The edges of the bands, (BANDS + 1,): evenly in the logarithm, for a loss falls by ratios."""
    low, high = float(values.min()), float(values.max())
    if low > 0 and high > 3 * low:
        return np.geomspace(low, high, BANDS + 1)
    return np.linspace(low, max(high, low + 1e-9), BANDS + 1)


def bands(values, edges, right, top):
    """Paint the bands, each one path of runs of equal cells, row by row."""
    fine = stretch(stretch(values).T).T
    band = np.clip(np.searchsorted(edges, fine, side="right") - 1, 0, BANDS - 1)
    runs = [""] * BANDS
    for row, numbers in enumerate(band):
        start = 0
        for end in [*np.flatnonzero(np.diff(numbers)) + 1, FINE]:
            runs[numbers[start]] += f"M{start} {row}h{end - start}v1H{start}z"
            start = end
    place = (f'transform="translate({LEFT:g} {BOTTOM:g}) '
             f'scale({(right - LEFT) / FINE:.5f} {(top - BOTTOM) / FINE:.5f})"')
    return [f"<g {place}>", *(f'<path class="band" fill-opacity="{shade(number):.2f}" d="{each}"/>'
                              for number, each in enumerate(runs) if each), "</g>"]


def stretch(values):
    """(R, C) -> (FINE, C), straight lines between the rows."""
    at = np.linspace(0, len(values) - 1, FINE)
    low = np.minimum(at.astype(int), len(values) - 2)
    share = (at - low)[:, None]
    return (1 - share) * values[low] + share * values[low + 1]


def shade(place):
    """How opaque a band is: the lowest is the lightest."""
    return 0.04 + 0.72 * place / (BANDS - 1)


def band_legend(edges, label):
    """The bands' values, the highest on top."""
    top = TOP + 48
    parts = [text(RIGHT + 14, top, label, "start")]
    for place in range(BANDS):
        y = top + 10 + (BANDS - 1 - place) * 17
        parts += [f'<rect class="band" x="{RIGHT + 14}" y="{y}" width="26" height="17" '
                  f'fill-opacity="{shade(place):.2f}"/>',
                  text(RIGHT + 46, y + 13, f"{edges[place]:.3g} to {edges[place + 1]:.3g}",
                       "start")]
    return parts
