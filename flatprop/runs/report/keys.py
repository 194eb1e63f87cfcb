"""What tells the lines of several runs apart: a colour and a marker each, beside its name too."""

from flatprop.runs.report.drawing import MarkerStyle
from flatprop.runs.report.figures import SERIES

MARKERS = "os^DvPX*<>"      # of further lines hollow
SHOWN = 5                   # markers on each line


def marker_of(number, count):
    """How axes.plot draws the markers of the line of that number, of so many."""
    # Where lines meet, their markers stand side by side.
    start = (number % max(count, 1) + 0.5) / max(count, 1) / SHOWN
    return {"marker": MARKERS[number % len(MARKERS)], "markersize": 4.5,
            "markevery": (start, 1 / SHOWN)} | ({"markerfacecolor": "none"} if is_hollow(number)
                                                else {})


def is_hollow(number):
    """Whether the marker of that number is an outline."""
    return number // len(MARKERS) % 2 == 1


def key(number):
    """The marker of that number in its colour, as HTML; of None a grey square."""
    if number is None:
        return '<span class="key others"></span>'
    style = MarkerStyle(MARKERS[number % len(MARKERS)])
    outline = style.get_path().transformed(style.get_transform()).to_polygons()
    points = " ".join(f"{x:.2f},{-y:.2f}" for x, y in outline[0])
    fill = "none" if is_hollow(number) else "currentColor"
    return (f'<span class="key key{number % len(SERIES) + 1}"><svg viewBox="-0.75 -0.75 1.5 1.5">'
            f'<polygon points="{points}" fill="{fill}" stroke="currentColor" stroke-width="0.15"/>'
            "</svg></span>")
