"""Where everything of a circuit stands: columns, heights, and the way of each wire."""

import math
from dataclasses import dataclass

from flatprop.circuits import columns, heights, nodes

MARGIN = 16.0
FUNNEL = 18.0       # where wires of several heights come together at a round gate
STUB = 14.0         # how far the last wire goes on


@dataclass(eq=False)
class Column:
    """From left to right: left, lead (wires before gates end), middle of the bodies, stem, right.
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
    table, edges = columns.columns(graph, inputs, gates)
    heights.settle(table, edges)
    for column in table:
        for node in column:
            node.y += MARGIN
    placed = across(table, edges)
    ways = all_ways(graph, inputs, gates, edges, placed)
    height = max(node.y + node.down() for column in table for node in column) + MARGIN
    return Layout(table, placed, ways, placed[-1].right + STUB + MARGIN, height)


def across(table, edges):
    """The Columns, from the widths of what stands in them."""
    placed, x = [], MARGIN
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
        placed.append(Column(left, lead, middle, stem, right))
        for node in column:
            node.x = middle
            if node.kind == "input":
                node.x = stem - node.body[0] / 2
        x = right
    return placed


def fans(node, ports):
    """Whether wires of several heights meet at a round gate."""
    return node.round and any(port.dy for port in ports)


def all_ways(graph, inputs, gates, edges, placed):
    """The path of every wire to each of its uses, and of the wires that end."""
    before = {id(enters): (source, leaves) for source, leaves, _, enters in edges}
    ways = []
    for number, wire in enumerate(graph.wires):
        source = inputs[number] if wire.gate is None else gates[wire.gate]
        for place, use in enumerate(wire.uses):
            target = gates[use.gate]
            end = next(port for port in target.ins if port.wire == number and port.use == place)
            passed = [(target, end)]
            node, leaves = before[id(end)]
            while node is not source:
                passed.append((node, leaves))
                node, leaves = before[id(node.ins[0])]
            ways.append((number, place, way(source, leaves, passed[::-1], placed)))
        if not wire.uses:
            ways.append((number, None, way(source, source.outs[wire.place], [], placed)))
    return ways


def way(source, leaves, passed, placed):
    """The path from a node through those it passes to the one it goes into."""
    x, y = placed[source.column].right, source.y + leaves.dy
    if not passed:
        x = placed[source.column].stem + leaves.width() + STUB
    parts = [begin(source, leaves, placed[source.column]), f"H{x:.1f}"]
    for node, port in passed:
        there = placed[node.column]
        y_there = node.y + (port.dy if node.kind == "gate" else 0)
        bend = (x + there.left) / 2
        parts.append(f"C{bend:.1f} {y:.1f} {bend:.1f} {y_there:.1f} {there.left:.1f} {y_there:.1f}")
        x, y = there.right, y_there
        parts.append(f"H{x:.1f}" if node.kind == "pass" else end(node, port, there))
    return " ".join(parts)


def begin(node, port, column):
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
