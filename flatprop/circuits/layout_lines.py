"""A drawing too wide for its place in several lines, one below the other, as a text has them.

A wire that goes on in the next line ends with its name, and begins there with it.
"""

from flatprop.circuits.nodes import GAP, SMALL, Node, Text

LABEL = 40.0        # the room for a name at the end of a line, at least
LEAD = 14.0         # of a wire, behind its name
BETWEEN = 26.0      # two lines


def begin(before, margin, names):
    """Where the wires of a new line begin: behind their names, and inputs that it alone uses; names
    are those of all wires."""
    longest = max(Text("name", [f"↳ {name}"], SMALL).width() for name in names)
    right = margin + max(LABEL, longest + GAP + LEAD)
    for node in before:
        if node.kind == "input":
            port = node.outs[0].width()
            right = max(right, margin + node.body[0] + port)
    for node in before:
        if node.kind == "input":
            node.right, node.stem = right, right - node.outs[0].width()
            node.x = node.stem - node.body[0] / 2
    return right


def place_lines(table, breaks, margin):
    """Move each line below the one above: ({column that begins one: by how much}, height).

    The inputs before a line are in it; its other wires come in at the heights of the column before.
    """
    starts, shifts, bottom = [0, *breaks], {}, None
    members = []
    for start, end in zip(starts, [*breaks, len(table)], strict=True):
        own = [node for column in table[start:end] for node in column
               if not (end in breaks and column is table[end - 1] and node.kind == "input")]
        above = table[start - 1] if start else []
        members.append((own + [node for node in above if node.kind == "input"], own + above))
    for start, (_, seen) in zip(starts, members, strict=True):
        top = min(node.y - node.up() for node in seen)
        shifts[start] = 0.0 if bottom is None else bottom + BETWEEN - top
        bottom = max(node.y + node.down() for node in seen) + shifts[start]
    for start, (moved, _) in zip(starts, members, strict=True):
        for node in moved:
            node.y += shifts[start]
    return shifts, bottom + margin


class Lines:
    """Where wires leave a line and come into the next; labels are the nodes of their names."""

    def __init__(self, graph, breaks, shifts):
        self.graph, self.breaks, self.shifts, self.labels = graph, breaks, shifts, {}

    def are_apart(self, column, next_column, x):
        """Whether a wire that left a column at x must go on in another line."""
        return column != next_column and next_column in self.breaks and (
            x != self.breaks[next_column])

    def go_on(self, wire, column, x, y):
        """Name the wire at both ends, at x, y and where it goes on -> that place."""
        starts = list(self.shifts)
        above = starts[starts.index(column) - 1]
        y_there = y - self.shifts[above] + self.shifts[column]
        name = self.graph.wires[wire].name
        for left, height, words in ((x, y, f"{name} ↓"),
                                    (None, y_there, f"↳ {name}")):
            text = Text("name goes-on", [words], SMALL, {"wire": wire})
            half = text.width() / 2
            middle = x + GAP + half if left else self.breaks[column] - LEAD - GAP - half
            self.labels[wire, column, words, round(height, 1)] = Node(
                "goes-on", label=text, x=middle, y=height, right=middle + half)
        return self.breaks[column], y_there
