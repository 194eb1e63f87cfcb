"""Exercises of the lecture's circuits, gate by gate, and of the layers and losses."""

from flatprop.exercises.checks import circuit_ways, inputs, layer_slips
from flatprop.exercises.checks.answers import function_check
from flatprop.exercises.checks.check_layer import layer_check
from flatprop.exercises.checks.ways import by_ways
from flatprop.exercises.exercise import Part, Task, file_of
from flatprop.exercises.practice import circuit, fan_out, sigmoid_two_ways
from layers import affine, l2_penalty, relu, sigmoid, softmax_loss, svm_loss, tanh
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift
from models import sigmoid_neuron

VECTOR = inputs.arrays((5,))      # a layer that works entry by entry takes any shape
LARGE_SCORES = [inputs.scores_of(3, 2000), inputs.scores_of(2000, 10)]
NEURON = (2.0, -1.0, -3.0, -2.0, -3.0)      # the slide's w0, x0, w1, x1, w2


def layer(reference, make, wrt=(0,), special=(), large=None, scaled=None, slips=(),
          backward_slips=()):
    """A part of a check: a layer's file and its check."""
    file = file_of(reference.__name__)
    large = [lambda rng, size: make(rng, 160)] if large is None else large
    check = layer_check(file, reference, make, wrt, special=special, large=large, scaled=scaled,
                        slips=slips, backward_slips=backward_slips)
    return Part(file, check, file, "", make)


def layers_task(*parts):
    """The Task to write forward and backward of the layers of these parts."""
    return Task([(part.file, ["forward", "backward"]) for part in parts], list(parts))


def function(file, reference, make, result, rtol=None, special=(), name=None, why=None,
             slips=()):
    """A part of a check: one function of a file."""
    check = function_check(file, reference, make, result, rtol, special, why=why, slips=slips)
    return Part(name or file, check, file, reference.__name__, make)


def circuit_part(file, reference, make, result, ways_of, rtol=None, special=(), name=None):
    """A part of a check: a circuit whose gradients' ways are known."""
    return function(file, reference, make, result, rtol, special, name,
                    by_ways(reference, result, ways_of))


LAYERS = {
    "gates-add-copy": layers_task(
        layer(add, inputs.two, (0, 1), scaled=(inputs.scaled_two, None)), layer(copy, inputs.one)),
    "gates-multiply-max": layers_task(
        layer(multiply, inputs.two, (0, 1), scaled=(inputs.scaled_two, None)),
        layer(maximum, inputs.two, (0, 1), [inputs.equal_entries, inputs.ALMOST_EQUAL])),
    "circuit": Task(
        [("practice/circuit.py", ["circuit"])],
        [circuit_part("practice/circuit.py", circuit.circuit, inputs.numbers(3),
                      ("f", "grads"), circuit_ways.circuit,
                      special=[inputs.always(-2.0, 5.0, -4.0)])]),
    "gates-sigmoid-parts": layers_task(
        layer(exp, inputs.one), layer(reciprocal, inputs.not_near_zero),
        layer(scale, inputs.constant), layer(shift, inputs.constant)),
    "sigmoid-neuron": Task(
        [("practice/sigmoid_two_ways.py", ["chain", "one_gate"])],
        [circuit_part("practice/sigmoid_two_ways.py", reference, inputs.numbers(1), results,
                      ways_of, 1e-12, [inputs.always(1.0)],
                      reference.__name__)
         for reference, results, ways_of in (
             (sigmoid_two_ways.chain, ("L", "grads"), circuit_ways.chain),
             (sigmoid_two_ways.one_gate, ("L", "ds"), circuit_ways.one_gate))]),
    "flat-code": Task(
        [("models/sigmoid_neuron.py", ["neuron"])],
        [circuit_part("models/sigmoid_neuron.py", sigmoid_neuron.neuron,
                      lambda rng, size: inputs.numbers(5)(rng, size) if size < 7 else
                      tuple(inputs.normal(rng, 5, size)), ("L", "grads"), circuit_ways.neuron,
                      special=[inputs.always(*NEURON)])]),
    "fan-out": Task(
        [("practice/fan_out.py", ["quotient"])],
        [circuit_part("practice/fan_out.py", fan_out.quotient, inputs.numbers(2),
                      ("f", "dx", "dy"), circuit_ways.quotient, 1e-11,
                      [inputs.always(3.0, -4.0)])]),
    "affine": layers_task(layer(
        affine, inputs.affine, (0, 1, 2), slips=layer_slips.AFFINE,
        scaled=(inputs.scaled_affine, None),
        large=[inputs.arrays(*inputs.WIDE), inputs.arrays(*inputs.TALL)])),
    "relu": layers_task(layer(relu, inputs.batch, special=[inputs.ZEROS_AMONG, VECTOR],
                              slips=layer_slips.RELU)),
    "sigmoid": layers_task(layer(
        sigmoid, inputs.batch, slips=layer_slips.SIGMOID,
        special=[inputs.EXTREMES, inputs.flat_parts(28, 36), VECTOR])),
    "tanh": layers_task(layer(
        tanh, inputs.batch, backward_slips=layer_slips.TANH_BACKWARD,
        special=[inputs.EXTREMES, inputs.flat_parts(15, 18), VECTOR])),
    "svm-loss": layers_task(layer(
        svm_loss, inputs.scores, slips=layer_slips.SVM, large=LARGE_SCORES,
        special=[inputs.SCORES_AT_THE_MARGIN, inputs.CLOSE_TO_THE_MARGIN,
                 inputs.scores_and_margin])),
    "softmax-loss": layers_task(layer(
        softmax_loss, inputs.scores, slips=layer_slips.SOFTMAX, special=[inputs.EXTREME_SCORES],
        large=LARGE_SCORES, scaled=(inputs.scores_far_apart, inputs.softmax_bounds))),
    "l2": layers_task(layer(
        l2_penalty, inputs.weight_and_strength, slips=layer_slips.L2,
        special=[lambda rng, size: (inputs.normal(rng, 5), 0.3)],
        scaled=(inputs.scaled_weights, None))),
}
