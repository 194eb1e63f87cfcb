"""A small circuit as text for a terminal: from what comes out, branch by branch, to what goes in.

    f = -12, df = 1   multiply
    ├─ q = 3, dq = -4   add
    │  ├─ x = -2, dx = -4
    │  └─ y = 5, dy = -4
    └─ z = -4, dz = 3
"""

from flatprop.circuits import kept, value_text
from flatprop.system import GREEN, RED, paint

MOST = 24       # lines; a larger circuit is for a drawing


def text(graph, colours=False):
    """The tree of a Graph of numbers; "" for one of arrays, or one that would be too long."""
    if not all(value_text.is_number(wire.value) for wire in graph.wires):
        return ""
    kept.mark(graph)
    lines = kept.sentences(graph)
    for wire in graph.wires:
        if not wire.uses:
            lines += branch(graph, wire, colours, MOST + 1 - len(lines))
    return "\n".join(lines) if len(lines) <= MOST else ""


def branch(graph, wire, colours, room):
    """The lines of a wire and of all that it was made of, room + 1 of them at most."""
    if room <= 0:
        return []
    head = paint(f"{wire.name} = {value_text.six(wire.value)}", GREEN, colours)
    gradient = wire.gradient if wire.kept is None else wire.kept
    if gradient is not None:
        head += ", " + paint(f"d{wire.name} = {value_text.six(gradient)}", RED, colours)
    if wire.gate is None:
        return [head]
    gate = graph.gates[wire.gate]
    constants = [value_text.three(value) for value in gate.constants.values()]
    lines = [f"{head}   {' '.join([gate.call.layer, *constants])}"]
    sources = list(gate.inputs.values())
    for each in sources:
        first, *rest = branch(graph, each, colours, room - len(lines)) or ["..."]
        is_last = each is sources[-1]
        lines.append(("└─ " if is_last else "├─ ") + first)
        lines += [("   " if is_last else "│  ") + line for line in rest]
    return lines
