"""What stands in a drawing, and the room that it takes: inputs, gates, wires on their way.

Text is in a font of one width, so that the room it needs is known without drawing it.
"""

import itertools
import unicodedata
from dataclasses import dataclass, field

import numpy as np

from flatprop.circuits import gate_text, value_text
from flatprop.circuits.graph import attempt, jacobian, local_gradients

NUMBER, SMALL = 13, 11          # font sizes: of numbers; of names, matrices and what is beside
ADVANCE = 0.61                  # the width of a letter, in font sizes
LINE = 1.25                     # the distance of two lines, in font sizes
GAP = 5                         # between a wire and a text
# The letters that a number has room for, as a page may change it; GAP gives it one or two more.
RESERVED = {"value": len("-00.00"), "gradient": len("-00.00"), "local": len("∂=-00.00")}


@dataclass(eq=False)
class Text:
    """Lines of text: kind is their class in the SVG, data what they belong to, size the font's."""

    kind: str
    lines: list
    size: float
    data: dict = field(default_factory=dict)

    def width(self):
        """The width of the longest line; a number has room for others that one may put there."""
        # Letters of East Asian scripts are as wide as two.
        letters = max(sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)
                      for line in self.lines)
        if len(self.lines) == 1:
            letters = max(letters, RESERVED.get(self.kind, 0))
        return letters * self.size * ADVANCE

    def height(self):
        """The height of all lines."""
        return len(self.lines) * self.size * LINE


@dataclass(eq=False)
class Port:
    """The straight end of a wire, texts above and below it; dy: how much lower than its node."""

    above: list = field(default_factory=list)
    below: list = field(default_factory=list)
    dy: float = 0.0

    def width(self):
        """The width of its texts, and some room."""
        texts = [each.width() for each in self.above + self.below]
        return max(texts) + 2 * GAP if texts else 0.0

    def up(self):
        """The room above the wire."""
        return sum(each.height() for each in self.above) + GAP

    def down(self):
        """The room below the wire."""
        return sum(each.height() for each in self.below) + GAP


@dataclass(eq=False)
class Node:
    """An input (kind "input"), a gate ("gate"), or a wire that passes a column ("pass").

    index   of the gate; column: from left to right
    ins     the ports of wires that go in, from top to bottom; outs: of those that leave
    body    (width, height) of the box; round: whether it is a circle; under: texts below it
    x, y    the middle of the body's width; the height of its first port (of a circle: its middle)
    drop    by how much the middle of the body is lower than y
    left    where its column begins, right: where it ends; between, lead: where the wires before the
            bodies in it end, stem: where those behind them begin
    """

    kind: str
    index: int | None = None
    column: int = 0
    ins: list = field(default_factory=list)
    outs: list = field(default_factory=list)
    label: Text | None = None
    under: list = field(default_factory=list)
    body: tuple = (0.0, 0.0)
    round: bool = False
    drop: float = 0.0
    x: float = 0.0
    y: float = 0.0
    left: float = 0.0
    lead: float = 0.0
    stem: float = 0.0
    right: float = 0.0

    def up(self):
        """The room above the middle."""
        ports = [port.up() - port.dy for port in self.ins + self.outs]
        return max([self.body[1] / 2 - self.drop, *ports])

    def down(self):
        """The room below the middle."""
        ports = [port.down() + port.dy for port in self.ins + self.outs]
        under = sum(each.height() for each in self.under)
        return max([self.body[1] / 2 + self.drop + under + (GAP if under else 0), *ports])

    def middle_width(self):
        """The width of the body and what is under it."""
        return max([self.body[0], *(each.width() for each in self.under)])


def nodes(graph, jacobians=False):
    """The inputs and gates of a Graph as nodes: inputs {wire index: Node}, list of gates."""
    inputs = {wire.number: input_node(wire) for wire in graph.wires if wire.gate is None}
    gates = [gate_node(gate, number, jacobians) for number, gate in enumerate(graph.gates)]
    return inputs, gates


def input_node(wire):
    """An input: its name, and the wire that leaves it."""
    label = Text("name input", [gate_text.clip(wire.name)], NUMBER, {"wire": wire.number})
    return Node("input", outs=[out_port(wire, wire.name)], label=label,
                body=(label.width() + 2 * GAP, label.height()))


def gate_node(gate, number, jacobians):
    """A gate: its symbol, the wires that go in and out with their texts, constants below it."""
    symbol, constants = gate_text.symbol(gate)
    node = Node("gate", number)
    local, formulas = attempt(local_gradients, gate) or {}, gate_text.formulas(gate)
    for argument, wire in gate.inputs.items():
        use = wire.use_in(number, argument)
        port, data = in_port(wire, use), {"gate": number, "argument": argument}
        if argument in local:
            text = f"∂={value_text.two(local[argument])}"
            port.above.append(Text("local", [text], SMALL, data))
        elif argument in formulas and wire.uses[use].gradient is not None:
            port.above.append(Text("product", [formulas[argument]], SMALL, data))
        node.ins.append(port)
    node.outs = [out_port(wire, gate.call.layer) for wire in gate.outputs]
    node.under = [Text("constant", [line], SMALL) for line in constants]
    if jacobians:
        node.under += jacobian_texts(gate, number)
    node.round = len(symbol) <= 4 and not node.under
    size = NUMBER + 2 if len(symbol) < 4 or not node.round else NUMBER
    node.label = Text("symbol", [symbol], 22 if symbol == "*" else size)
    stack(node.ins, centred=node.round)
    stack(node.outs, centred=node.round)
    width = max(38.0, node.label.width() + 16)
    span = max(port.dy for port in node.ins + node.outs)
    node.body = (width, width) if node.round else (width + 8, span + 36.0)
    node.drop = 0.0 if node.round else span / 2
    return node


def out_port(wire, known_as):
    """Where a wire begins: its name, if it is known as another, and value above, gradient below."""
    port, data = Port(), {"wire": wire.number}
    if wire.name != known_as:
        port.above.append(Text("name", [gate_text.clip(wire.name)], SMALL, data))
    if isinstance(wire.value, np.ndarray) and value_text.is_small(wire.value):
        port.above.append(Text("shape", [str(wire.value.shape)], SMALL, data))
    port.above.append(number_text("value", wire.value, data))
    gradient = wire.gradient
    if len(wire.uses) == 1:
        gradient, data = wire.uses[0].gradient, data | {"use": 0}
    if wire.kept is not None:
        port.below.append(number_text("gradient kept", wire.kept, data))
    elif gradient is not None:
        port.below.append(number_text("gradient", gradient, data))
    return port


def in_port(wire, use):
    """Where a wire of several uses ends at a gate: this use's share of the gradient below it."""
    gradient, data = wire.uses[use].gradient, {"wire": wire.number, "use": use}
    if len(wire.uses) == 1 or gradient is None:
        return Port()
    return Port(below=[number_text("gradient", gradient, data)])


def number_text(kind, value, data):
    """A value or gradient as a Text."""
    size = NUMBER if value_text.is_number(value) else SMALL
    return Text(kind, value_text.drawing_lines(value), size, data)


def jacobian_texts(gate, number):
    """The Jacobians of a gate of small arrays with one output, as texts; none for others."""
    texts = []
    for argument, wire in gate.inputs.items():
        sizes = np.size(wire.value), np.size(gate.outputs[0].value)
        if len(gate.outputs) == 1 and max(sizes) > 1 and sizes[0] * sizes[1] <= 36:
            matrix = attempt(jacobian, gate, argument)
            if matrix is not None:
                lines = value_text.rows(matrix, value_text.entry_writer(matrix))
                texts.append(Text("jacobian", [f"∂out/∂{argument}", *lines], SMALL,
                                  {"gate": number, "argument": argument}))
    return texts


def stack(ports, centred):
    """Put ports below each other, texts apart; the first, or the middle of all, is at 0."""
    distances = (upper.down() + lower.up() + 6 for upper, lower in itertools.pairwise(ports))
    heights = list(itertools.accumulate(distances, initial=0.0))
    for port, height in zip(ports, heights, strict=False):      # a gate may have no port
        port.dy = height - (heights[-1] / 2 if centred else 0)
