"""Exercises of the layers: affine, the activations, the losses, L2."""

from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.check_layer import layer_check
from flatprop.exercises.exercise import Task
from layers import affine, l2_penalty, relu, sigmoid, softmax_loss, svm_loss, tanh


def layer(name, reference, make, wrt=(0,), special=(), large=None):
    """A part of a check: a layer's file and its check."""
    file = f"layers/{name}.py"
    return file, layer_check(file, reference, make, wrt, special=special, large=large)


def layers_task(*parts):
    """The Task to write forward and backward of the layers of these parts."""
    targets = [(file, ["forward", "backward"]) for file, _ in parts]
    return Task(targets, ["layers/checks.py"], list(parts))


LAYERS = {
    "affine": layers_task(layer("affine", affine, inputs.affine, (0, 1, 2), large=150)),
    "relu": layers_task(layer("relu", relu, inputs.batch, special=[inputs.zeros_among],
                              large=350)),
    "sigmoid": layers_task(layer("sigmoid", sigmoid, inputs.batch, special=[
        inputs.extremes, inputs.flat_parts(28, 36)], large=300)),
    "tanh": layers_task(layer("tanh", tanh, inputs.batch, special=[
        inputs.extremes, inputs.flat_parts(15, 18)], large=300)),
    "svm-loss": layers_task(layer("svm_loss", svm_loss, inputs.scores, special=[
        inputs.scores_at_the_margin], large=250)),
    "softmax-loss": layers_task(layer("softmax_loss", softmax_loss, inputs.scores, special=[
        inputs.extreme_scores], large=250)),
    "l2": layers_task(layer("l2_penalty", l2_penalty, inputs.weight_and_strength, large=300)),
}
