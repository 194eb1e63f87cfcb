"""Flags: lines for the instructor to read, where numbers cannot tell a derivative's differences.

A flag costs no points. It names the line of a right answer that uses forward in backward, numbers
of other kinds, or points beside the input (sandbox/lookout.py).
"""

import numpy as np

from flatprop.exercises.checks import inputs
from flatprop.exercises.sandbox.parent import StudentError
from flatprop.exercises.sandbox.wire import printable

CALLS = 4           # on as many inputs, what is the same number in all is no chance
SECONDS = 5.0


def numbers(count):
    """A function that makes so many numbers."""
    return lambda rng, size: tuple(inputs.number(rng) for _ in range(count))


def net(*sizes):
    """A function that makes what a net is made of, and a batch for it, of 3 numbers a row."""
    return lambda rng, size: (*sizes, inputs.normal(rng, 4, 3), np.array([0, 1, 2, 1]))


GATES = "layers/gates/"
TWO_WAYS, JACOBIAN = "practice/sigmoid_two_ways.py", "practice/relu_jacobian.py"
# {id of an exercise: [(file, function, or "" for a layer, make(rng, size))]}
WATCHED = {
    "gates-add-copy": [(GATES + "add.py", "", inputs.two), (GATES + "copy.py", "", inputs.one)],
    "gates-multiply-max": [(GATES + "multiply.py", "", inputs.two),
                           (GATES + "maximum.py", "", inputs.two)],
    "gates-sigmoid-parts": [(GATES + "exp.py", "", inputs.one),
                            (GATES + "reciprocal.py", "", inputs.one),
                            (GATES + "scale.py", "", inputs.constant),
                            (GATES + "shift.py", "", inputs.constant)],
    "circuit": [("practice/circuit.py", "circuit", numbers(3))],
    "sigmoid-neuron": [(TWO_WAYS, "chain", numbers(1)), (TWO_WAYS, "one_gate", numbers(1))],
    "flat-code": [("models/sigmoid_neuron.py", "neuron", numbers(5))],
    "fan-out": [("practice/fan_out.py", "quotient", numbers(2))],
    "relu-jacobian": [(JACOBIAN, name, lambda rng, size: tuple(inputs.normal(rng, 2, 3)))
                      for name in ("explicit_product", "implicit_product")],
    "affine": [("layers/affine.py", "", inputs.affine)],
    "matmul": [("layers/matmul.py", "", inputs.matmul)],
    "relu": [("layers/relu.py", "", inputs.batch)],
    "sigmoid": [("layers/sigmoid.py", "", inputs.batch)],
    "tanh": [("layers/tanh.py", "", inputs.batch)],
    "svm-loss": [("layers/svm_loss.py", "", inputs.scores)],
    "softmax-loss": [("layers/softmax_loss.py", "", inputs.scores)],
    "two-layer-net": [("models/two_layer_net.py", "TwoLayerNet", net(3, 4, 3))],
    "n-layer-net": [("models/fully_connected_net.py", "FullyConnectedNet", net([3, 4, 3]))],
    "l2": [("layers/l2_penalty.py", "", inputs.weight_and_strength)],
}


def positive(value):
    """A float, or an array of floats, away from zero and of many digits; the rest as it is."""
    kind = np.asarray(value).dtype.kind
    if kind != "f":
        return value
    moved = np.abs(value) + 0.1 * np.sqrt(2)
    return moved if np.ndim(value) else float(moved)


def flags(child, id, passed, rng):
    """Lines of an exercise that the instructor should read, as texts; the child ends.

    passed: whether all of it is right, so that all of it can be looked at; rng draws the inputs
    """
    if id not in WATCHED:
        return []
    cases = [(file, name, [[positive(each) for each in make(rng, 2)] for _ in range(CALLS)])
             for file, name, make in WATCHED[id]]
    child.end()             # what it has imported is imported again, line by line
    child.seconds = SECONDS
    try:
        found = [(str(file), int(line), str(words)) for file, line, words in
                 child.ask("look", {"cases": cases}) if line or passed]
    except (StudentError, TypeError, ValueError) as error:
        found = [(cases[0][0], 0, f"cannot be looked at: {error}")] if passed else []
    finally:
        child.end()
    return [printable(" ".join(f"{file}{f' line {line}' if line else ''} {words}".split()), 200)
            for file, line, words in found]
