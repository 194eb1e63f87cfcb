"""Exercises of the lecture's circuits: the gates, and what is made of them, number by number."""

from flatprop.exercises.catalogue_layers import layer, layers_task
from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.answers import function_check
from flatprop.exercises.checks.inputs import number
from flatprop.exercises.exercise import Task
from flatprop.exercises.practice import circuit, fan_out, sigmoid_two_ways
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift
from models import sigmoid_neuron

NEURON = (2.0, -1.0, -3.0, -2.0, -3.0)      # the slide's w0, x0, w1, x1, w2


def gate(name, reference, make, wrt=(0,), special=()):
    """A part of a check: a gate's file and its check."""
    return layer(f"gates/{name}", reference, make, wrt, special, large=250)


GATES = {
    "gates-add-copy": layers_task(gate("add", add, inputs.two, (0, 1)),
                                  gate("copy", copy, inputs.one)),
    "gates-multiply-max": layers_task(
        gate("multiply", multiply, inputs.two, (0, 1)),
        gate("maximum", maximum, inputs.two, (0, 1), [inputs.equal_entries])),
    "circuit": Task(
        [("practice/circuit.py", ["circuit"])], [],
        [("practice/circuit.py", function_check(
            "practice/circuit.py", "circuit", circuit.circuit,
            lambda rng, size: tuple(number(rng) for _ in range(3)), ("f", "grads"),
            ("x", "y", "z"), special=[lambda rng, size: (-2.0, 5.0, -4.0)]))]),
    "gates-sigmoid-parts": layers_task(
        gate("exp", exp, inputs.one), gate("reciprocal", reciprocal, inputs.not_near_zero),
        gate("scale", scale, inputs.constant), gate("shift", shift, inputs.constant)),
    "sigmoid-neuron": Task(
        [("practice/sigmoid_two_ways.py", ["chain", "one_gate"])], [],
        [(f"{name} of practice/sigmoid_two_ways.py", function_check(
            "practice/sigmoid_two_ways.py", name, reference,
            lambda rng, size: (number(rng),), results, ("s",), 1e-12, [lambda rng, size: (1.0,)]))
         for name, reference, results in (
             ("chain", sigmoid_two_ways.chain, ("L", "grads")),
             ("one_gate", sigmoid_two_ways.one_gate, ("L", "ds")))]),
    "flat-code": Task(
        [("models/sigmoid_neuron.py", ["neuron"])],
        ["layers/checks.py", "layers/sigmoid.py", "layers/gates/add.py",
         "layers/gates/multiply.py"],
        [("models/sigmoid_neuron.py", function_check(
            "models/sigmoid_neuron.py", "neuron", sigmoid_neuron.neuron,
            lambda rng, size: tuple(number(rng) for _ in range(5)) if size < 7 else
            tuple(inputs.normal(rng, 5, size)), ("L", "grads"),
            ("w0", "x0", "w1", "x1", "w2"), special=[lambda rng, size: NEURON]))]),
    "fan-out": Task(
        [("practice/fan_out.py", ["quotient"])], [],
        [("practice/fan_out.py", function_check(
            "practice/fan_out.py", "quotient", fan_out.quotient,
            lambda rng, size: (number(rng), number(rng)), ("f", "dx", "dy"), ("x", "y"), 1e-11,
            [lambda rng, size: (3.0, -4.0)]))]),
}
