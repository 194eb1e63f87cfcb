"""What the code keeps as a gradient, where that is not the sum of what comes back from its uses.

A drawing that showed only the sum would hide the commonest mistake, = where += is meant.
"""

import functools

import numpy as np

from flatprop.circuits import value_text
from flatprop.circuits.graph import plus

ROUNDING = 1000     # times the precision of the numbers: sums in another order differ by less


def mark(graph):
    """Put what the code keeps on the wires of a Graph, where it differs, as wire.kept."""
    counts = {}
    for wire in graph.wires:
        counts[wire.name] = counts.get(wire.name, 0) + (wire.gate is None)
    returned = list(numbers_in(graph.record.result))
    for wire in graph.wires:
        total = functools.reduce(plus, shares(wire), None)
        if wire.gate is not None and len(graph.gates[wire.gate].outputs) > 1:
            continue                    # copies are one object: whose use is whose is not known
        # What is handed to the gate that made it is what the code keeps; an input's has a name.
        if wire.gate is not None:
            kept = wire.gradient
        else:
            kept = last_assigned(graph.record, wire.name) if counts[wire.name] == 1 else None
            if any(comparable(each, total) and not differ(each, total) for each in returned):
                continue                # return dx1 + dx2
        if comparable(kept, total) and differ(kept, total):
            wire.kept = kept


def shares(wire):
    """What comes back from each use of a wire."""
    return [use.gradient for use in wire.uses if use.gradient is not None]


def last_assigned(record, name):
    """The value that the code last gave to dx or grad_x, for x; None if it gave none."""
    values = [step.values[each] for step in record.steps for each in (f"d{name}", f"grad_{name}")
              if each in step.values]
    return values[-1] if values else None


def numbers_in(value):
    """The numbers and arrays in what a function returned."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        for each in value:
            yield from numbers_in(each)
    elif isinstance(value, (float, np.floating, np.ndarray)):
        yield value


def comparable(one, other):
    """Whether both are numbers or arrays with a point, of one shape."""
    kinds = {np.asarray(each).dtype.kind for each in (one, other)}
    return kinds == {"f"} and np.shape(one) == np.shape(other)


def differ(one, other):
    """Whether two gradients differ by more than rounding."""
    least = max(np.finfo(np.asarray(each).dtype).eps for each in (one, other))
    scale = max((float(np.max(np.abs(each))) for each in (one, other) if np.size(each)), default=0)
    gap = np.abs(np.subtract(one, other))
    return bool(np.any(gap > ROUNDING * least * scale))


def sentences(graph):
    """What is marked, in words: "x: 3 and -1 add up to 2; the code keeps 3"."""
    return [sentence(wire) for wire in graph.wires if wire.kept is not None]


def sentence(wire):
    """The words for one wire."""
    parts = shares(wire)
    total = functools.reduce(plus, parts)
    if not value_text.is_number(total):
        return f"{wire.name}: the code keeps another gradient than the sum of what comes back"
    if len(parts) == 1:
        return (f"{wire.name}: {value_text.six(total)} comes back; "
                f"the code keeps {value_text.six(wire.kept)}")
    return (f"{wire.name}: {' and '.join(map(value_text.six, parts))} add up to "
            f"{value_text.six(total)}; the code keeps {value_text.six(wire.kept)}")
