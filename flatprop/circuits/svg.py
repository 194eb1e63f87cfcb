"""A circuit as SVG: no file beside it, no script, colours for light and dark.

    svg(graph(trace(f, -2.0, 5.0, -4.0)), title="f = (x + y) z")

For a page that makes it live: each gate is a <g class="gate" data-gate="K">, each wire a <path
class="wire" data-wire="I" data-use="J">; texts are of class value, gradient, local or name, and
for arrays of class shape or product.
"""

from xml.sax.saxutils import escape, quoteattr

from flatprop.circuits.layout import layout
from flatprop.circuits.nodes import GAP, LINE, Text

SPACE = "\N{NO-BREAK SPACE}"    # SVG would merge the spaces that align a matrix

STYLE = """
.circuit { --c-page: #ffffff; --c-ink: #1f2328; --c-soft: #6b7580; --c-wire: #8a94a0;
  --c-gate: #f3f6f9; --c-edge: #57606a; --c-value: #157a3c; --c-gradient: #c8102e;
  --c-local: #0b66c3;
  font-family: "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (prefers-color-scheme: dark) {
  .circuit { --c-page: #0f1318; --c-ink: #e6edf3; --c-soft: #98a3af; --c-wire: #6f7a86;
    --c-gate: #1b222b; --c-edge: #aab4be; --c-value: #4cc98a; --c-gradient: #ff7b8a;
    --c-local: #6cb2ff; }
}
.circuit .page { fill: var(--c-page); }
.circuit .wire { fill: none; stroke: var(--c-wire); stroke-width: 1.5; }
.circuit .body { fill: var(--c-gate); stroke: var(--c-edge); stroke-width: 1.5; }
.circuit text { fill: var(--c-ink); text-anchor: middle; }
.circuit .value { fill: var(--c-value); }
.circuit .gradient { fill: var(--c-gradient); }
.circuit .local, .circuit .product, .circuit .jacobian { fill: var(--c-local); }
.circuit .name, .circuit .shape, .circuit .constant { fill: var(--c-soft); }
.circuit .input { fill: var(--c-ink); }
"""


def svg(graph, title="", background=True, jacobians=False):
    """The drawing of a Graph, as text. Raises ValueError for a circuit without any gate.

    title is what a screen reader says; jacobians: those of gates between small arrays, below them.
    """
    placed = layout(graph, jacobians)
    title = title or f"The circuit of {graph.record.name}"
    width, height = f"{placed.width:.0f}", f"{placed.height:.0f}"
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" class="circuit" role="img" '
           f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           f'aria-label={quoteattr(title)}>',
           f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>"]
    if background:
        out.append(f'<rect class="page" width="{width}" height="{height}"/>')
    for wire, use, path in placed.ways:
        ends = "" if use is None else f' data-use="{use}"'
        out.append(f'<path class="wire" data-wire="{wire}"{ends} d="{path}"/>')
    for column, nodes in zip(placed.columns, placed.table, strict=True):
        for node in nodes:
            out += elements(node, column)
    return "\n".join([*out, "</svg>", ""])


def elements(node, column):
    """The elements of a node, as texts."""
    out = []
    if node.kind == "gate":
        out += gate(node)
    elif node.kind == "input":
        out.append(text(node.label, node.x, node.y + 0.35 * node.label.size, " input"))
    for port in node.ins:
        out += beside(port, column.lead - port.width() / 2, node.y + port.dy)
    for port in node.outs:
        out += beside(port, column.stem + port.width() / 2, node.y + port.dy)
    return out


def gate(node):
    """The elements of a gate: its body, its symbol, what is below it."""
    width, height = node.body
    y = node.y + node.drop
    out = [f'<g class="gate" data-gate="{node.index}">']
    radius = width / 2 if node.round else 8
    out.append(f'<rect class="body" x="{node.x - width / 2:.1f}" y="{y - height / 2:.1f}" '
               f'width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}"/>')
    label = node.label
    if label.lines == ["*"]:        # a star hangs high in its line
        label = Text(label.kind, label.lines, 22)
        out.append(text(label, node.x, y + 0.55 * label.size))
    else:
        out.append(text(label, node.x, y + 0.35 * label.size))
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


def text(each, x, y, more=""):
    """A Text as an element, the baseline of its first line at y."""
    data = "".join(f" data-{name}={quoteattr(str(value))}" for name, value in each.data.items())
    lines = [escape(line.replace(" ", SPACE)) for line in each.lines]
    if len(lines) > 1:
        lines = [f'<tspan x="{x:.1f}" dy="{LINE * each.size if number else 0:.2f}">{line}</tspan>'
                 for number, line in enumerate(lines)]
    return (f'<text class="{each.kind}{more}"{data} x="{x:.1f}" y="{y:.1f}" '
            f'font-size="{each.size:g}">{"".join(lines)}</text>')
