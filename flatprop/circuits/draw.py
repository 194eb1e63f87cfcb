"""The picture of a run in one line: draw("net.svg", model.loss, x, y)."""

from data import atomic
from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg


def draw(path, function, *arguments, title="", jacobians=False):
    """Run function(*arguments), and draw what it did into an SVG file. Gives the Graph.

    Raises what the function raises, ValueError if it calls no layer and no gate, OSError if the
    file cannot be written; an old file stays as it is then.
    """
    made = graph(trace(function, *arguments))
    atomic.write_text(path, svg(made, title, jacobians=jacobians))
    return made
