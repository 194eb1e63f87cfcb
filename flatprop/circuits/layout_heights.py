"""The height of every node: near to what it is joined to, and never on another one.

Sums are math.fsum: it rounds alike on every Python, and sum does not.
"""

from itertools import accumulate
from math import fsum

SWEEPS = 80
ALMOST = 10.0       # a gate is moved by no more than this to make a wire straight
DISTANCE = 10.0     # the least one between two nodes


def settle(table, edges, margin):
    """Set y of every node of a table of columns, top to bottom; the topmost text is at margin."""
    for column in table:
        packed = pack(column)
        middle = (packed[0] - column[0].up() + packed[-1] + column[-1].down()) / 2
        for node, y in zip(column, packed, strict=True):
            node.y = y - middle
    pulls = pulls_of_edges(table, edges)
    for sweep in range(SWEEPS):
        sides = (0, 1) if sweep >= SWEEPS / 2 else (sweep % 2,)
        for column in table if sweep % 2 == 0 else reversed(table):
            settle_column(column, pulls, sides)
    straighten(table, pulls)
    top = min(node.y - node.up() for column in table for node in column)
    for column in table:
        for node in column:
            node.y = node.y - top + margin


def pack(column):
    """The heights of a column's nodes as close as they may stand, the first at 0."""
    return list(accumulate(map(spacing, column, column[1:]), initial=0.0))


def spacing(upper, lower):
    """The least distance of the middles of two nodes of which one is above the other."""
    return upper.down() + DISTANCE + lower.up()


def pulls_of_edges(table, edges):
    """{node: ([pulls from the left], [pulls from the right])}, one for each of its edges.

    A pull is (other node, what to add to its height, weight). A long wire weighs most, as it should
    be straight; then the first wire of each box, the trunk of a net; inputs follow the others.
    """
    found = {node: ([], []) for column in table for node in column}
    for source, leaves, target, enters in edges:
        passing = (source.kind == "pass") + (target.kind == "pass")
        box = target.kind == "gate" and not target.round
        trunk = box and enters is target.ins[0]
        input_weight = 0.01 if box else 0.5
        weight = (4 if trunk else input_weight if source.kind == "input" else 2, 4, 16)[passing]
        rise = leaves.dy - enters.dy
        found[target][0].append((source, rise, weight))
        found[source][1].append((target, -rise, weight))
    return found


def settle_column(column, pulls, sides):
    """Move a column's nodes to the mean of where their edges pull, keeping order and distance."""
    packed, wishes, weights = pack(column), [], []
    for node, least in zip(column, packed, strict=True):
        own = [pull for side in sides for pull in pulls[node][side]]
        weight = fsum(weight for _, _, weight in own)
        mean = (fsum((other.y + rise) * weight for other, rise, weight in own) / weight
                if own else node.y)
        wishes.append(mean - least)
        weights.append(weight or 0.1)
    for node, y, least in zip(column, nearest_rising(wishes, weights), packed, strict=True):
        node.y = y + least


def nearest_rising(wishes, weights):
    """The numbers nearest to the wishes, by weighted squares, of which none is below the last."""
    blocks = []         # [mean, weight, count]
    for each, weight in zip(wishes, weights, strict=True):
        blocks.append([each, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, weight, count = blocks.pop()
            before = blocks[-1]
            before[0] = (before[0] * before[1] + mean * weight) / (before[1] + weight)
            before[1] += weight
            before[2] += count
    return [mean for mean, _, count in blocks for _ in range(count)]


def straighten(table, pulls):
    """Make straight what bends only a little, and wires between two gates where there is room."""
    for column in table:
        for place, node in enumerate(column):
            moves = sorted((other.y + rise - node.y for other, rise, _ in pulls[node][0]), key=abs)
            if not moves or (node.kind == "gate" and abs(moves[0]) > ALMOST):
                continue
            lowest = column[place - 1].y + spacing(column[place - 1], node) if place else -1e9
            highest = (column[place + 1].y - spacing(node, column[place + 1])
                       if place + 1 < len(column) else 1e9)
            wish = node.y + moves[0]
            if node.kind == "pass" or lowest <= wish <= highest:
                node.y = min(max(wish, lowest), highest)
