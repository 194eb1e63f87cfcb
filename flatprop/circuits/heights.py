"""The height of every node: near to what it is joined to, and never on another one."""

SWEEPS = 80
ALMOST = 10.0       # a bend of so little is taken out
APART = 10.0


def settle(table, edges):
    """Set y of every node of a table of columns, top to bottom; the topmost text is at 0."""
    for column in table:
        y = 0.0
        for before, node in zip([None, *column], column, strict=False):
            y += apart(before, node) if before is not None else 0
            node.y = y
        middle = (column[0].y - column[0].up() + column[-1].y + column[-1].down()) / 2
        for node in column:
            node.y -= middle
    wishes = neighbours(edges)
    for sweep in range(SWEEPS):
        both = sweep >= SWEEPS / 2
        for column in table if sweep % 2 == 0 else reversed(table):
            sides = (0, 1) if both else (sweep % 2,)
            settle_column(column, wishes, sides)
    straighten(table, wishes)
    top = min(node.y - node.up() for column in table for node in column)
    for column in table:
        for node in column:
            node.y -= top


def apart(upper, lower):
    """The least distance of the middles of two nodes of which one is above the other."""
    return upper.down() + APART + lower.up()


def neighbours(edges):
    """{id of a node: ([edges from the left], [edges to the right])}; an edge is where it pulls to.

    Each is (other node, what to add to its height, weight): long wires weigh most, as they should
    be straight; then the trunk of a net, the first wire of each box; inputs follow.
    """
    found = {}
    for source, leaves, target, enters in edges:
        passing = (source.kind == "pass") + (target.kind == "pass")
        box = target.kind == "gate" and not target.round
        trunk = box and enters is target.ins[0]
        input_weight = 0.01 if box else 0.5
        weight = (4 if trunk else input_weight if source.kind == "input" else 2, 4, 16)[passing]
        rise = leaves.dy - enters.dy
        found.setdefault(id(target), ([], []))[0].append((source, rise, weight))
        found.setdefault(id(source), ([], []))[1].append((target, -rise, weight))
    return found


def settle_column(column, wishes, sides):
    """Move a column's nodes to the mean of where their edges pull, in order and apart."""
    wanted, weights, offsets = [], [], []
    offset = 0.0
    for before, node in zip([None, *column], column, strict=False):
        pulls = [pull for side in sides for pull in wishes.get(id(node), ([], []))[side]]
        weight = sum(pull[2] for pull in pulls)
        mean = (sum((other.y + rise) * weight for other, rise, weight in pulls) / weight
                if pulls else node.y)
        offset += apart(before, node) if before is not None else 0
        wanted.append(mean - offset)
        weights.append(weight or 0.1)
        offsets.append(offset)
    for node, y, offset in zip(column, rising(wanted, weights), offsets, strict=True):
        node.y = y + offset


def rising(wanted, weights):
    """The numbers nearest to those wanted, by weighted squares, that never fall."""
    blocks = []         # [mean, weight, count]
    for each, weight in zip(wanted, weights, strict=True):
        blocks.append([each, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, weight, count = blocks.pop()
            before = blocks[-1]
            before[0] = (before[0] * before[1] + mean * weight) / (before[1] + weight)
            before[1] += weight
            before[2] += count
    return [mean for mean, _, count in blocks for _ in range(count)]


def straighten(table, wishes):
    """Take out small bends, and all that a wire makes between two gates, where there is room."""
    for column in table:
        for place, node in enumerate(column):
            pulls = wishes.get(id(node), ([], []))[0]
            moves = sorted((other.y + rise - node.y for other, rise, _ in pulls), key=abs)
            if not moves or (node.kind == "gate" and abs(moves[0]) > ALMOST):
                continue
            lowest = column[place - 1].y + apart(column[place - 1], node) if place else -1e9
            highest = (column[place + 1].y - apart(node, column[place + 1])
                       if place + 1 < len(column) else 1e9)
            wanted = node.y + moves[0]
            if node.kind == "pass" or lowest <= wanted <= highest:
                node.y = min(max(wanted, lowest), highest)
