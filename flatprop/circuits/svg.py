"""A circuit as SVG: no file beside it, no script, colours for light and dark.

    svg(graph(trace(f, -2.0, 5.0, -4.0)), title="f = (x + y) z")

For a page that makes it live: each gate is a <g class="gate" data-gate="K">, each wire a <path
class="wire" data-wire="I" data-use="J">; texts are of class value, gradient, local or name, and
for arrays of class shape or product; what the code keeps in place of the sum is marked kept.
"""

import math
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from flatprop.circuits import kept
from flatprop.circuits.layout import layout
from flatprop.circuits.nodes import ADVANCE, GAP, LINE, NUMBER, Text

SPACE = "\N{NO-BREAK SPACE}"    # SVG would merge the spaces that align a matrix

STYLE = Path(__file__).with_name("circuit.css").read_text(encoding="utf-8")


def svg(graph, title="", background=True, jacobians=False, widest=math.inf):
    """The drawing of a Graph, as text. Raises ValueError for a circuit without any gate.

    title is what a screen reader says; jacobians: those of gates between small arrays, below them;
    widest: what takes more is drawn in several lines.
    """
    kept.mark(graph)
    nodes, ways, width, height = layout(graph, jacobians, widest)
    drawn, words = height, kept.sentences(graph)
    height += len(words) * NUMBER * LINE + GAP * bool(words)
    width = max([width, *(len(each) * NUMBER * ADVANCE + 4 * GAP for each in words)])
    width, height = f"{width:.0f}", f"{height:.0f}"
    title = title or f"The circuit of {graph.record.name}"
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" class="circuit" role="img" '
           f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           f'aria-label={quoteattr(title)}>',
           f"<title>{escape(title)}</title>", f"<style>\n{STYLE}</style>"]
    if background:
        out.append(f'<rect class="page" width="{width}" height="{height}"/>')
    for wire, use, path in ways:
        ends = "" if use is None else f' data-use="{use}"'
        out.append(f'<path class="wire" data-wire="{wire}"{ends} d="{path}"/>')
    for node in nodes:
        out += elements(node)
    for number, each in enumerate(words):
        note = Text("note", [each], NUMBER)
        out.append(text(note, float(width) / 2, drawn + NUMBER * LINE * (number + 0.6)))
    return "\n".join([*out, "</svg>", ""])


def elements(node):
    """The elements of a node, as texts."""
    out = gate(node) if node.kind == "gate" else []
    if node.kind in ("input", "goes-on"):
        out.append(text(node.label, node.x, node.y + 0.35 * node.label.size))
    for port in node.ins:
        out += beside(port, node.lead - port.width() / 2, node.y + port.dy)
    for port in node.outs:
        out += beside(port, node.stem + port.width() / 2, node.y + port.dy)
    return out


def gate(node):
    """The elements of a gate: its body, its symbol, what is below it."""
    width, height = node.body
    y = node.y + node.drop
    out = [f'<g class="gate" data-gate="{node.index}">']
    radius = width / 2 if node.round else 8
    out.append(f'<rect class="body" x="{node.x - width / 2:.1f}" y="{y - height / 2:.1f}" '
               f'width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}"/>')
    lower = 0.55 if node.label.lines == ["*"] else 0.35     # a star hangs high in its line
    out.append(text(node.label, node.x, y + lower * node.label.size))
    y += height / 2 + GAP
    for each in node.under:
        out.append(text(each, node.x, y + each.size))
        y += each.height()
    return [*out, "</g>"]


def beside(port, x, y):
    """The texts above and below a straight piece of wire."""
    out, bottom = [], y - GAP
    for each in reversed(port.above):
        bottom -= each.height()
        out.append(text(each, x, bottom + each.size))
    top = y + GAP
    for each in port.below:
        out.append(text(each, x, top + each.size))
        top += each.height()
    return out


def text(each, x, y):
    """A Text as an element, the baseline of its first line at y."""
    data = "".join(f" data-{name}={quoteattr(str(value))}" for name, value in each.data.items())
    lines = [escape(line.replace(" ", SPACE)) for line in each.lines]
    if len(lines) > 1:
        lines = [f'<tspan x="{x:.1f}" dy="{LINE * each.size if number else 0:.2f}">{line}</tspan>'
                 for number, line in enumerate(lines)]
    return (f'<text class="{each.kind}"{data} x="{x:.1f}" y="{y:.1f}" '
            f'font-size="{each.size:g}">{"".join(lines)}</text>')
