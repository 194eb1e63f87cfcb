"""The picture of a run in one line: draw("net.svg", model.loss, x, y)."""

from data import atomic
from flatprop.circuits.graph import graph
from flatprop.circuits.plain import by_gates
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg


def draw(path, function, *arguments, title="", jacobians=False):
    """Run function(*arguments), and draw what it did into an SVG file. Gives the Graph.

    A function that calls no layer and no gate is run once more, as a plain function of floats.
    Raises what the function raises, ValueError if there is nothing to draw, OSError if the file
    cannot be written; an old file stays as it is then.
    """
    made = circuit_of(function, trace(function, *arguments))
    atomic.write_text(path, svg(made, title, jacobians=jacobians))
    return made


def circuit_of(function, record):
    """The Graph of a Record of function; of one that calls no gate, each of its signs as one.

    Raises ValueError for a function that calls none and cannot be followed (see plain.py).
    """
    made = graph(record)
    if made.gates:
        return made
    nothing = f"{record.name} calls no layer and no gate"
    try:
        made = graph(trace(by_gates(function), *map(float, record.given.values())))
    except Exception as error:      # whatever a function of somebody else's makes of our numbers
        raise ValueError(f"{nothing}, and as a plain function of floats it cannot be followed: "
                         f"{error}") from error
    if not made.gates:
        raise ValueError(f"{nothing}: there is nothing to draw")
    return made


def examples(description, count, rng):
    """Random examples for a model of that description (see models/by_name.py): x (count, D), and
    labels y (count,), or numbers (count, C) for the square loss."""
    sizes, loss = description["sizes"], description["loss"]
    x = rng.standard_normal((count, sizes[0]))
    if loss == "square":
        return x, rng.standard_normal((count, sizes[-1]))
    return x, rng.integers(0, 2 if loss == "logistic" else sizes[-1], count)
