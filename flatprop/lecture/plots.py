"""Small plots as SVG, by hand: lines over an axis, and a surface with paths on it.

They follow the reader's light or dark mode. What a colour means stands beside it in words.
"""

import math
from html import escape

import numpy as np

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 74, 470, 20, 304      # of the axes; names stand to the right
SIDE = BOTTOM - TOP
RATIO = SIDE / (RIGHT - LEFT)
BANDS = 9
FINE = 142                                      # rows and columns in which a surface is painted
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2")

STYLE = """<style>
.plot { --ink: #222; --soft: #767676; --ground: #fff; --deep: #0b4f8a;
  --s0: #0b5fa5; --s1: #b8450a; --s2: #00725a; --s3: #9a3c77; --s4: #6b5b00;
  background: var(--ground); font: 13px system-ui, sans-serif }
@media (prefers-color-scheme: dark) { .plot { --ink: #e8e8e8; --soft: #9a9a9a; --ground: #16181c;
  --deep: #58a6e8; --s0: #6cb6f5; --s1: #ff9d5c; --s2: #45c9a5; --s3: #ec95c9; --s4: #d6c34a } }
.plot text { fill: var(--ink) }
.plot .axis { fill: none; stroke: var(--soft) }
.plot .grid { fill: none; stroke: var(--soft); opacity: .25 }
.plot .line { fill: none; stroke-width: 2; stroke-linejoin: round }
.plot .band { fill: var(--deep); shape-rendering: crispEdges }
.plot .under { fill: none; stroke: var(--ground); stroke-width: 4.5; stroke-linejoin: round }
</style>"""


def lines(series, x_label, y_label):
    """One line for each of series {name: (xs, ys)} -> SVG text.

    The y axis is logarithmic where the numbers differ by more than a factor of 30.
    """
    xs = np.concatenate([np.asarray(x, float) for x, _ in series.values()])
    ys = np.concatenate([np.asarray(y, float) for _, y in series.values()])
    x_ticks, x_place = axis(xs.min(), xs.max(), LEFT, RIGHT)
    log = ys.min() > 0 and ys.max() > 30 * ys.min()
    y_ticks, y_place = (log_axis if log else axis)(ys.min(), ys.max(), BOTTOM, TOP)
    parts = axes(x_ticks, x_place, y_ticks, y_place, (RIGHT, TOP), x_label, y_label)
    for place, (name, (x, y)) in enumerate(series.items()):
        points = " ".join(f"{x_place(a):.1f},{y_place(b):.1f}" for a, b in zip(x, y, strict=True))
        stroke = f'style="stroke: var(--s{place % 5})" stroke-dasharray="{DASHES[place % 5]}"'
        parts.append(f'<polyline class="line" points="{points}" {stroke}/>')
        parts += legend(place, name, stroke)
    return document(parts, f"{y_label} by {x_label}: {', '.join(series)}")


def surface(values, xs, ys, paths, x_label, y_label, z_label):
    """A function of two numbers as bands of colour, the higher the stronger, with paths on it.

    values (R, C) at ys (R,) and xs (C,); paths {name: (K, 2) of x and y} -> SVG text
    Equal lengths are as long in both directions.
    """
    width, height = xs[-1] - xs[0], ys[-1] - ys[0]
    scale = min((RIGHT - LEFT) / width, SIDE / height)
    right, top = LEFT + scale * width, BOTTOM - scale * height
    x_ticks, x_place = axis(xs[0], xs[-1], LEFT, right, exactly=True)
    y_ticks, y_place = axis(ys[0], ys[-1], BOTTOM, top, exactly=True)
    edges = levels(values)
    parts = bands(values, edges, LEFT, right, top)
    parts += axes(x_ticks, x_place, y_ticks, y_place, (right, top), x_label, y_label, grid=False)
    for place, (name, path) in enumerate(paths.items()):
        points = " ".join(f"{x_place(a):.1f},{y_place(b):.1f}" for a, b in path)
        colour = f"var(--s{place + 1})"
        first, last = (point.split(",") for point in (points.split()[0], points.split()[-1]))
        parts += [f'<polyline class="under" points="{points}"/>',
                  f'<polyline class="line" points="{points}" style="stroke: {colour}"/>',
                  f'<circle cx="{first[0]}" cy="{first[1]}" r="5" style="fill: var(--ground); '
                  f'stroke: {colour}" stroke-width="2"/>',
                  f'<circle cx="{last[0]}" cy="{last[1]}" r="5" style="fill: {colour}; '
                  'stroke: var(--ground)"/>']
        parts += legend(place, name, f'style="stroke: {colour}"')
    parts += band_legend(edges, TOP + 12 + 22 * len(paths), z_label)
    return document(parts, f"{z_label} over {x_label} and {y_label}")


def legend(place, name, stroke):
    """The name of the line of that number, beside a piece of it."""
    height = TOP + 12 + 22 * place
    return [f'<path class="line" d="M{RIGHT + 14} {height - 4}h26" {stroke}/>',
            text(RIGHT + 46, height, name, "start")]


def levels(values):
    """The edges of the bands, (BANDS + 1,): evenly in the logarithm, for a loss falls by ratios."""
    low, high = float(values.min()), float(values.max())
    if low > 0 and high > 3 * low:
        return np.geomspace(low, high, BANDS + 1)
    return np.linspace(low, max(high, low + 1e-9), BANDS + 1)


def bands(values, edges, left, right, top):
    """Paint the bands, each one path of runs of equal cells, row by row."""
    rows, columns = values.shape
    fine = stretch(stretch(values, FINE).T, FINE).T
    band = np.clip(np.searchsorted(edges, fine, side="right") - 1, 0, BANDS - 1)
    runs = [[] for _ in range(BANDS)]
    for row in range(FINE):
        ends = [*np.flatnonzero(np.diff(band[row])) + 1, FINE]
        start = 0
        for end in ends:
            runs[band[row, start]].append(f"M{start} {row}h{end - start}v1H{start}z")
            start = end
    place = (f'transform="translate({left:g} {BOTTOM:g}) '
             f'scale({(right - left) / FINE:.5f} {(top - BOTTOM) / FINE:.5f})"')
    return [f"<g {place}>", *(f'<path class="band" fill-opacity="{shade(number):.2f}" '
                              f'd="{"".join(each)}"/>'
                              for number, each in enumerate(runs) if each), "</g>"]


def stretch(values, count):
    """(R, C) -> (count, C), straight lines between the rows."""
    at = np.linspace(0, len(values) - 1, count)
    low = np.minimum(at.astype(int), len(values) - 2)
    share = (at - low)[:, None]
    return (1 - share) * values[low] + share * values[low + 1]


def shade(place):
    """How opaque a band is: the lowest is the lightest."""
    return 0.04 + 0.72 * place / (BANDS - 1)


def band_legend(edges, top, label):
    """The bands' values, the highest on top."""
    top += 14
    parts = [text(RIGHT + 14, top, label, "start")]
    for place in range(BANDS):
        y = top + 10 + (BANDS - 1 - place) * 17
        parts.append(f'<rect class="band" x="{RIGHT + 14}" y="{y}" width="26" height="17" '
                     f'fill-opacity="{shade(place):.2f}"/>')
        parts.append(text(RIGHT + 46, y + 13, f"{edges[place]:.3g} to {edges[place + 1]:.3g}",
                          "start"))
    return parts


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
    parts.append(f'<path class="axis" d="M{LEFT} {top:.1f}V{BOTTOM}H{right:.1f}"/>')
    parts.append(text((LEFT + right) / 2, BOTTOM + 42, x_label, "middle"))
    middle = (top + BOTTOM) / 2
    parts.append(f'<g transform="rotate(-90 16 {middle:.1f})">'
                 f'{text(16, middle, y_label, "middle")}</g>')
    return parts


def text(x, y, words, anchor):
    """A text element."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def document(parts, title):
    """The whole SVG."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img">', f"<title>{escape(title)}</title>",
        STYLE, f'<rect width="{WIDTH}" height="{HEIGHT}" style="fill: var(--ground)"/>',
        *parts, "</svg>", ""])
