"""Columns from left to right, and the order within each, with as few crossings as can be found.

A wire runs from one column to the next. Where it goes further it passes the columns between, in a
place of its own in each, so that it never runs through anything.
"""

import itertools
import math

import numpy as np

from flatprop.circuits.nodes import Node, Port

ALIGNED = 8     # single numbers all stand at the left if their wires then pass no more columns
SWEEPS = 12


def columns(graph, inputs, gates):
    """Nodes in columns: (table, edges, routes).

    table   a list of columns, each a list of Node from top to bottom
    edges   [(node, port that leaves it, node, port that goes in)], between neighbouring columns
    routes  the wires: [(wire index, use index, node, port that leaves it, [(node, port that goes
            in)])]; a wire without a use has None and an empty list
    """
    choose_columns(graph, inputs, gates)
    table = [[] for _ in range(1 + max(node.column for node in gates))]
    for number, gate in enumerate(gates):
        before = [node for wire, node in inputs.items() if graph.wires[wire].uses[0].gate == number]
        for node in [*before, gate]:
            table[node.column].append(node)
    edges, routes = connect(graph, inputs, gates, table)
    return best_order(table, edges), edges, routes


def choose_columns(graph, inputs, gates):
    """Give every node its column: a gate to the right of all that goes in; an input right before
    the gate that uses it first, or at the left with all others.
    """
    for node, gate in zip(gates, graph.gates, strict=True):
        before = [gates[wire.gate].column if wire.gate is not None else 0
                  for wire in gate.inputs.values()]
        node.column = 1 + max(before, default=0)
    wires = [graph.wires[number] for number in inputs]
    first = [min(gates[use.gate].column for use in wire.uses) for wire in wires]
    numbers = all(np.ndim(wire.value) == 0 for wire in wires)
    if not numbers or sum(first) - len(first) > ALIGNED:
        for node, column in zip(inputs.values(), first, strict=True):
            node.column = column - 1


def connect(graph, inputs, gates, table):
    """The edges and routes, and in the table the nodes that pass columns: one a wire and column."""
    edges, routes = [], []
    for number, wire in enumerate(graph.wires):
        source = inputs[number] if wire.gate is None else gates[wire.gate]
        start = source.outs[wire.place]
        passing = {}
        for place, use in enumerate(wire.uses):
            target = gates[use.gate]
            end = target.ins[list(graph.gates[use.gate].inputs).index(use.argument)]
            node, leaves, stops = source, start, []
            for column in range(source.column + 1, target.column):
                if column not in passing:
                    passing[column] = Node("pass", None, column, [Port()], [Port()])
                    table[column].append(passing[column])
                    edges.append((node, leaves, passing[column], passing[column].ins[0]))
                node = passing[column]
                leaves = node.outs[0]
                stops.append((node, node.ins[0]))
            edges.append((node, leaves, target, end))
            routes.append((number, place, source, start, [*stops, (target, end)]))
        if not wire.uses:
            routes.append((number, None, source, start, []))
    return edges, routes


def best_order(table, edges):
    """The table with each column in an order of few crossings, found by sweeps to and fro."""
    found = [[list(column) for column in table]]
    for sweep in range(SWEEPS):
        if crossings(table, edges) == 0:
            break
        rightward = sweep % 2 == 0
        for column in table if rightward else reversed(table):
            sort_by_neighbours(column, ranks(table), edges, rightward)
        swap_neighbours(table, edges)
        found.append([list(column) for column in table])
    return min(found, key=lambda each: crossings(each, edges))


def ranks(table):
    """{node: its place from the top in its column}."""
    return {node: place for column in table for place, node in enumerate(column)}


def sort_by_neighbours(column, rank, edges, rightward):
    """Sort a column by the mean rank of what its nodes are joined to in the one before."""
    found = {node: [] for node in column}
    for source, leaves, target, enters in edges:
        if rightward and target in found:
            found[target].append(rank[source] + source.outs.index(leaves) / len(source.outs))
        elif not rightward and source in found:
            found[source].append(rank[target] + target.ins.index(enters) / len(target.ins))
    # fsum rounds alike on every Python, and sum does not.
    keys = {node: math.fsum(each) / len(each) if each else rank[node]
            for node, each in found.items()}
    column.sort(key=keys.get)


def crossings(table, edges):
    """How many pairs of edges cross: in one order on the left, in the other on the right."""
    rank, by_column = ranks(table), {}
    for source, leaves, target, enters in edges:
        by_column.setdefault(target.column, []).append(
            ((rank[source], source.outs.index(leaves)), (rank[target], target.ins.index(enters))))
    return sum(upper > lower for ends in by_column.values()
               for (_, upper), (_, lower) in itertools.combinations(sorted(ends), 2))


def swap_neighbours(table, edges):
    """Swap two nodes next to each other wherever that leaves fewer crossings."""
    if sum(map(len, table)) > 120:
        return      # each try counts all crossings
    now, better = crossings(table, edges), True
    while better:
        better = False
        for column in table:
            for place in range(len(column) - 1):
                column[place:place + 2] = reversed(column[place:place + 2])
                count = crossings(table, edges)
                if count < now:
                    now, better = count, True
                else:
                    column[place:place + 2] = reversed(column[place:place + 2])
