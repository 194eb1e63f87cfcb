"""What there is to do once all exercises pass, with the commands to type."""

import sys
from pathlib import Path

from flatprop import system
from flatprop.cli.command import found_as, to_type
from flatprop.exercises import screen

# The exercise that `flatprop draw` draws as it stands, at the numbers of the lecture.
NEURON, NUMBERS = "models/sigmoid_neuron.py", "w0=2 x0=-1 w1=-3 x1=-2 w2=-3"


def steps(folder):
    """[(what it is, the command)]."""
    name = system.quote(folder)
    neuron = system.quote(f"{Path(folder) / NEURON}:neuron")
    return [
        ("Train a network on your own layers, in a second; --help has much more to try:",
         f"{to_type('train')} --layers {name}"),
        ("Draw a net that you wrote: each value and, below it, its gradient:",
         f"{to_type('draw')} {neuron} {NUMBERS} -o neuron.svg"),
        ("Hand in: the whole folder, or as one file:",
         f"{found_as(sys.executable)} -m zipfile -c solutions.zip {name}"),
    ]


def text(folder):
    """The page."""
    lines = [screen.ALL_DONE, "", "What comes next"]
    for what, command in steps(folder):
        lines += ["", screen.indent(what), f"    {command}"]
    return "\n".join(lines)
