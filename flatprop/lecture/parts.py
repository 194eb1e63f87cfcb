"""The parts of the lecture, in its order."""

from flatprop.lecture import (
    collapse,
    derivatives,
    flat_code,
    jacobians,
    losses,
    matmul,
    multiply_gate,
    nets,
    on_paper,
    patterns,
    practice,
    risk,
    running_example,
    sgd,
    sigmoid_neuron,
    simple_circuit,
)
from flatprop.usage.errors import UsageError, closest

PARTS = [risk, sgd, running_example, nets, collapse, losses, on_paper, simple_circuit,
         sigmoid_neuron, patterns, flat_code, multiply_gate, derivatives, jacobians, matmul,
         practice]


def name(part):
    """What a part is called on the command line: "simple_circuit"."""
    return part.__name__.rpartition(".")[2]


def find(word):
    """The part of that number, from 1, or name. Raises UsageError."""
    names = [name(part) for part in PARTS]
    if word in names:
        return PARTS[names.index(word)]
    if word.isdecimal() and 1 <= int(word) <= len(PARTS):
        return PARTS[int(word) - 1]
    if word.lstrip("+-").isdecimal():
        raise UsageError(f"there is no part {word}: they are numbered from 1 to {len(PARTS)}; "
                         "flatprop lecture lists them")
    raise UsageError(f"unknown part {word!r}.{closest(word, names)} "
                     "flatprop lecture lists them all")
