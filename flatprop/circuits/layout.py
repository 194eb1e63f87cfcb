"""Where everything of a circuit stands: columns, heights, and the way of each wire."""

import math

from flatprop.circuits import layout_columns, layout_heights, layout_lines
from flatprop.circuits.nodes import nodes

MARGIN = 16.0
FUNNEL = 18.0       # where wires of several heights come together at a round gate
STUB = 14.0         # how far the last wire goes on


def layout(graph, jacobians=False, widest=math.inf):
    """Where a Graph is drawn, the same for the same graph: (nodes, ways, width, height).

    ways are those of the wires: [(wire index, use index or None, SVG path)].
    widest: where the columns take more, they go on below, as the lines of a text.
    Raises ValueError without any gate.
    """
    if not graph.gates:
        raise ValueError(f"{graph.record.name} calls no layer and no gate: nothing to draw")
    inputs, gates = nodes(graph, jacobians)
    table, edges, routes = layout_columns.columns(graph, inputs, gates)
    layout_heights.settle(table, edges, MARGIN)
    breaks = place_columns(table, edges, widest, [wire.name for wire in graph.wires])
    shifts, height = layout_lines.place_lines(table, breaks, MARGIN)
    lines = layout_lines.Lines(graph, breaks, shifts)
    ways = [(wire, use, way(source, port, stops, wire, lines))
            for wire, use, source, port, stops in routes]
    placed = [*(node for column in table for node in column), *lines.labels.values()]
    width = max(node.right for node in placed) + STUB + MARGIN
    return placed, ways, width, height


def place_columns(table, edges, widest, names):
    """Set the places of every node from left to right, from the widths of what is in its column;
    names are those of all wires.

    -> {column that begins a line: where what comes from the line above begins}, but the first
    """
    right, breaks = MARGIN, {}
    for number, column in enumerate(table):
        steepest = max((abs(source.y + leaves.dy - target.y - enters.dy)
                        for source, leaves, target, enters in edges if target.column == number),
                       default=0.0)
        before = min(90.0, 16 + steepest / 4) if number else 0
        taken = place_column(column, right + before)
        after = STUB + (layout_lines.LABEL if number + 1 < len(table) else 0) + MARGIN
        if number > 1 and taken + after > widest and number - 1 not in breaks:
            breaks[number] = layout_lines.begin(table[number - 1], MARGIN, names)
            taken = place_column(column, breaks[number] + before)
        right = taken
    return breaks


def place_column(column, left):
    """Set the places of the nodes of a column that begins at left -> where it ends."""
    lead = left + max((port.width() for node in column for port in node.ins), default=0.0)
    funnel = FUNNEL if any(fans(node, node.ins) for node in column) else 0
    fan = FUNNEL if any(fans(node, node.outs) for node in column) else 0
    half = max(node.middle_width() for node in column) / 2
    middle = lead + funnel + half
    stem = middle + half + fan
    right = stem + max((port.width() for node in column for port in node.outs), default=0.0)
    for node in column:
        node.left, node.lead, node.stem, node.right = left, lead, stem, right
        node.x = stem - node.body[0] / 2 if node.kind == "input" else middle
    return right


def fans(node, ports):
    """Whether wires of several heights meet at a round gate."""
    return node.round and any(port.dy for port in ports)


def way(source, port, stops, wire, lines):
    """The path from a port of a node through those it passes to the one it goes into."""
    x, y, column = source.right, source.y + port.dy, source.column
    if not stops:
        x = source.stem + port.width() + STUB
    parts = ["M{:.1f} {:.1f}".format(*edge(source, source.outs, port, 1))]
    if fans(source, source.outs):
        parts.append(f"L{source.stem:.1f} {y:.1f}")
    parts.append(f"H{x:.1f}")
    for node, enters in stops:
        y_there = node.y + enters.dy
        if lines.are_apart(column, node.column, x):
            parts[-1] = f"H{x + STUB:.1f}"
            x, y = lines.go_on(wire, node.column, x + STUB, y)
            parts.append(f"M{x - STUB:.1f} {y:.1f} H{x:.1f}")
        column = node.column
        bend = (x + node.left) / 2
        parts.append(f"C{bend:.1f} {y:.1f} {bend:.1f} {y_there:.1f} {node.left:.1f} {y_there:.1f}")
        x, y = node.right, y_there
        if node.kind != "pass":
            x, y = edge(node, node.ins, enters, -1)
        is_fan = fans(node, node.ins)
        parts.append(f"H{node.lead:.1f} L{x:.1f} {y:.1f}" if is_fan else f"H{x:.1f}")
    return " ".join(parts)


def edge(node, ports, port, side):
    """The point of a node where a wire meets it: on the right (side 1) or left (-1)."""
    radius = node.body[0] / 2
    if not fans(node, ports):
        return node.x + side * radius, node.y + port.dy
    angle = math.atan2(port.dy, radius + FUNNEL) * 1.1
    return node.x + side * radius * math.cos(angle), node.y + radius * math.sin(angle)
