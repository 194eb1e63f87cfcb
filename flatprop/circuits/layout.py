"""Where everything of a circuit stands: columns, heights, and the way of each wire."""

import math
from dataclasses import dataclass

from flatprop.circuits import layout_columns, layout_heights, nodes

MARGIN = 16.0
FUNNEL = 18.0       # where wires of several heights come together at a round gate
STUB = 14.0         # how far the last wire goes on


@dataclass(eq=False)
class Column:
    """Where the pieces of a column begin or end, from left to right.

    left, right     of the column; lead: where the wires before its gates end
    middle          of the bodies of its nodes; stem: where the wires behind them begin
    """

    left: float
    lead: float
    middle: float
    stem: float
    right: float


@dataclass(eq=False)
class Layout:
    """The table of nodes, their columns, the wires' ways, the size of it all.

    ways    [(wire index, use index or None, SVG path)]
    """

    table: list
    columns: list
    ways: list
    width: float
    height: float


def layout(graph, jacobians=False):
    """The Layout of a Graph, the same for the same graph. Raises ValueError without any gate."""
    if not graph.gates:
        raise ValueError(f"{graph.record.name} calls no layer and no gate: nothing to draw")
    inputs, gates = nodes.nodes(graph, jacobians)
    table, edges, routes = layout_columns.columns(graph, inputs, gates)
    layout_heights.settle(table, edges)
    for column in table:
        for node in column:
            node.y += MARGIN
    columns = place_columns(table, edges)
    ways = [(wire, use, way(source, port, stops, columns))
            for wire, use, source, port, stops in routes]
    height = max(node.y + node.down() for column in table for node in column) + MARGIN
    return Layout(table, columns, ways, columns[-1].right + STUB + MARGIN, height)


def place_columns(table, edges):
    """The Columns, from the widths of what stands in them; sets x of every node."""
    columns, x = [], MARGIN
    for number, column in enumerate(table):
        steepest = max((abs(source.y + leaves.dy - target.y - enters.dy)
                        for source, leaves, target, enters in edges if target.column == number),
                       default=0.0)
        left = x + (min(90.0, 16 + steepest / 4) if number else 0)
        lead = left + max(port.width() for node in column for port in node.ins or [nodes.Port(0)])
        funnel = FUNNEL if any(fans(node, node.ins) for node in column) else 0
        fan = FUNNEL if any(fans(node, node.outs) for node in column) else 0
        half = max(node.middle_width() for node in column) / 2
        middle = lead + funnel + half
        stem = middle + half + fan
        right = stem + max((port.width() for node in column for port in node.outs), default=0.0)
        columns.append(Column(left, lead, middle, stem, right))
        for node in column:
            node.x = stem - node.body[0] / 2 if node.kind == "input" else middle
        x = right
    return columns


def fans(node, ports):
    """Whether wires of several heights meet at a round gate."""
    return node.round and any(port.dy for port in ports)


def way(source, port, stops, columns):
    """The path from a port of a node through those it passes to the one it goes into."""
    x, y = columns[source.column].right, source.y + port.dy
    if not stops:
        x = columns[source.column].stem + port.width() + STUB
    parts = [start(source, port, columns[source.column]), f"H{x:.1f}"]
    for node, enters in stops:
        there = columns[node.column]
        y_there = node.y + enters.dy
        bend = (x + there.left) / 2
        parts.append(f"C{bend:.1f} {y:.1f} {bend:.1f} {y_there:.1f} {there.left:.1f} {y_there:.1f}")
        x, y = there.right, y_there
        parts.append(f"H{x:.1f}" if node.kind == "pass" else end(node, enters, there))
    return " ".join(parts)


def start(node, port, column):
    """From the edge of a node to where its wire is straight."""
    y = node.y + port.dy
    if node.kind == "gate" and fans(node, node.outs):
        x, edge = on_circle(node, port, 1)
        return f"M{x:.1f} {edge:.1f} L{column.stem:.1f} {y:.1f}"
    x = column.stem if node.kind == "input" else node.x + node.body[0] / 2
    return f"M{x:.1f} {y:.1f}"


def end(node, port, column):
    """From where a wire is straight to the edge of the gate."""
    if fans(node, node.ins):
        x, y = on_circle(node, port, -1)
        return f"H{column.lead:.1f} L{x:.1f} {y:.1f}"
    return f"H{node.x - node.body[0] / 2:.1f}"


def on_circle(node, port, side):
    """The point of a round gate where a wire meets it: on the right (side 1) or left (-1)."""
    radius = node.body[0] / 2
    angle = math.atan2(port.dy, radius + FUNNEL) * 1.1
    return node.x + side * radius * math.cos(angle), node.y + radius * math.sin(angle)
