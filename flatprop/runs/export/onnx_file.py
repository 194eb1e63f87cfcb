"""A model as an ONNX file: a graph of standard operators from raw rows to labels and numbers.

Written by hand with the onnx package (extra `export`), for the lowest operator set that has the
operators. Source: the ONNX operator documentation, https://onnx.ai/onnx/operators.
"""

import inspect
import json
import math

import numpy as np

from data.errors import DataError
from data.labels import WHOLE
from flatprop.runs.export import chain, onnx_graph, onnx_inputs
from layers import batchnorm, elu, gelu, layernorm, leaky_relu, selu
from layers.by_name import LOSSES

# Activations that are one operator without an attribute; the others stand in add_activation.
SIMPLE = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}


def content(model, fitted, by_column=False):
    """The bytes of the ONNX file of a model that says its chain, and its Preprocessing.

    Its input "x" (N, D) is raw, of the model's dtype; by_column, it has an input (N, 1) for each
    column of a table, a text or a number in float64. Its outputs are "scores" (N, C), of a softmax
    or logistic loss "probabilities" (N, number of classes), and of named classes "label" (N,); of a
    regression the scores, by_column "prediction", are in the unit of the data, float64 where its
    targets were standardized.
    Raises DataError if the model is too large, has no chain, or a layer or column that has no form
    here; MissingExtra without onnx.
    """
    steps = chain.steps(model)
    graph = onnx_graph.start(model.theta.nbytes, model.theta.dtype)
    inputs = model.shapes[model.weights[0]][0] - fitted.added
    raw = onnx_inputs.take(graph, fitted, inputs, by_column)
    scores, probabilities = add_network(graph, steps, fitted, raw, inputs), None
    if fitted.target_mean is not None:
        scores = in_unit(graph, fitted, scores)
    elif model.loss_layer is LOSSES["softmax"]:
        probabilities = graph.add("Softmax", [scores], axis=1)
    elif model.loss_layer is LOSSES["logistic"]:     # one score, two classes
        second = graph.add("Sigmoid", [scores])
        probabilities = beside_the_rest(graph, second)
    return finish(graph, model, fitted, scores, probabilities, by_column)


def content_of_folds(members, by_column=False):
    """The same for the networks of all folds, a list of SavedModel: one graph, which averages.

    Probabilities are averaged, and the scores are their logarithms (of the logistic loss, the
    difference of the two); else the scores, or predictions in the unit of the data, are averaged.
    """
    first, fitted = members[0].model, members[0].preprocessing
    steps = [chain.steps(member.model) for member in members]
    graph = onnx_graph.start(sum(member.model.theta.nbytes for member in members),
                             first.theta.dtype)
    softmax, logistic = (first.loss_layer is LOSSES[name] for name in ("softmax", "logistic"))
    inputs, each = first.shapes[first.weights[0]][0] - fitted.added, []
    raw = onnx_inputs.take(graph, fitted, inputs, by_column)
    for number, member in enumerate(members, 1):
        graph.prefix = f"fold-{number}."
        active = add_network(graph, steps[number - 1], member.preprocessing, raw, inputs)
        if member.preprocessing.target_mean is not None:
            active = in_unit(graph, member.preprocessing, active)
        elif softmax or logistic:
            active = graph.add("Softmax", [active], axis=1) if softmax else (
                graph.add("Sigmoid", [active]))
        each.append(active)
    graph.prefix = ""
    mean = add_mean(graph, each, graph.dtype if fitted.target_mean is None else np.float64)
    if not (softmax or logistic):
        return finish(graph, first, fitted, mean, None, by_column)
    least = graph.number(np.finfo(graph.dtype).tiny)        # of 0 there is no logarithm
    if softmax:
        scores = graph.add("Log", [graph.add("Max", [mean, least])])
        return finish(graph, first, fitted, scores, mean, by_column)
    other = graph.add("Sub", [graph.number(1.0), mean])
    both = [graph.add("Log", [graph.add("Max", [p, least])]) for p in (mean, other)]
    return finish(graph, first, fitted, graph.add("Sub", both), beside_the_rest(graph, mean),
                  by_column)


def finish(graph, model, fitted, scores, probabilities, by_column):
    """The bytes of the file of a graph; scores and probabilities, or None, are names in it."""
    width = model.shapes[model.weights[-1]][1]
    kind = graph.kind if fitted.target_mean is None else graph.double
    answers = {"scores": (scores, kind, ["N", width])}
    if probabilities is not None:
        answers["probabilities"] = (probabilities, graph.kind, ["N", max(width, 2)])
    if fitted.classes is not None:
        numbers = are_whole(fitted.classes)
        answers["label"] = (add_label(graph, fitted.classes, numbers, scores, width),
                            graph.onnx.TensorProto.INT64 if numbers else graph.text, ["N"])
    elif by_column:
        answers = {"prediction": answers["scores"]}
    for name in reversed(answers) if by_column else answers:
        graph.give(name, *answers[name])
    properties = {"columns": fitted.columns, "classes": fitted.classes, "target": fitted.target}
    if by_column:
        properties["inputs"] = onnx_inputs.describe(fitted.columns)
    return graph.finish({name: json.dumps(value) for name, value in properties.items()})


def are_whole(classes):
    """Whether the names of all classes are whole numbers as they are usually written."""
    return all(WHOLE.fullmatch(name) and name == str(int(name)) for name in classes)


def add_label(graph, classes, numbers, scores, width):
    """The names of the classes that scores (N, width) mean, or their numbers, (N,)."""
    names = graph.constant(np.array(classes, np.int64 if numbers else object), "classes")
    if width == 1:
        is_second = graph.add("Greater", [scores, graph.number(0.0)])
        place = graph.add("Cast", [is_second], to=graph.onnx.TensorProto.INT64)
        place = graph.add("Reshape", [place, graph.constant(np.array([-1]))])
    else:
        place = graph.add("ArgMax", [scores], axis=1, keepdims=0)
    return graph.add("Gather", [names, place], axis=0)


def beside_the_rest(graph, second):
    """The probabilities (N, 2) of two classes of that of the second (N, 1)."""
    first = graph.add("Sub", [graph.number(1.0), second])
    return graph.add("Concat", [first, second], axis=1)


def add_mean(graph, each, dtype):
    """The mean of numbers of a dtype; gives its name. Runtimes know ONNX's Mean in float32 alone.
    """
    total = graph.add("Sum", each)
    return graph.add("Div", [total, graph.constant(np.array([len(each)], dtype))])


def add_network(graph, steps, fitted, raw, inputs):
    """A network from so many raw inputs, in float64, to its scores; gives their name."""
    active = onnx_inputs.preprocess(graph, fitted, raw, inputs)
    for layer, arrays in steps:
        active = add_step(graph, layer, arrays, active)
    return active


def in_unit(graph, fitted, scores):
    """What a regression with standardized targets predicts, in their own unit, in float64."""
    scale = graph.constant(fitted.target_scale, "target_scale")
    mean = graph.constant(fitted.target_mean, "target_mean")
    values = graph.add("Add", [graph.add("Mul", [graph.as_double(scores), scale]), mean])
    if fitted.target_low is None:
        return values
    low, high = graph.constant(fitted.target_low), graph.constant(fitted.target_high)
    return graph.add("Min", [graph.add("Max", [values, low]), high])


def add_step(graph, layer, arrays, x):
    """One step of the chain, of which x is the input. Gives the name of its output."""
    if layer == "maxout":
        shape = graph.constant(np.array([0, -1, arrays["pieces"]], np.int64))
        return graph.add("ReduceMax", [graph.add("Reshape", [x, shape])], axes=[2], keepdims=0)
    inputs = [x, *(graph.constant(array, name) for name, array in arrays.items())]
    if layer == "affine":
        return graph.add("Gemm", inputs)
    if layer == "batchnorm":
        return graph.add("BatchNormalization", inputs, epsilon=default(batchnorm, "eps"))
    if layer == "layernorm":
        return graph.add("LayerNormalization", inputs, axis=1, epsilon=default(layernorm, "eps"))
    return add_activation(graph, layer, x)


def add_activation(graph, layer, x):
    """An activation of layers/by_name.py. Gives the name of its output."""
    add, number = graph.add, graph.number
    if layer in SIMPLE:
        return add(SIMPLE[layer], [x])
    if layer == "leaky_relu":
        slope = default(leaky_relu, "slope")
        if graph.dtype == np.float32:
            return add("LeakyRelu", [x], alpha=slope)
        return add("Max", [x, add("Mul", [number(slope), x])])  # an attribute is float32 always
    if layer == "elu":
        return add_elu(graph, x, default(elu, "alpha"))
    if layer == "selu":
        return add("Mul", [number(selu.SCALE), add_elu(graph, x, selu.ALPHA)])
    if layer == "silu":
        return add("Mul", [x, add("Sigmoid", [x])])
    if layer == "softplus":          # max(x, 0) + log(1 + e^-|x|)
        small = add("Exp", [add("Neg", [add("Abs", [x])])])
        return add("Add", [add("Relu", [x]), add("Log", [add("Add", [number(1.0), small])])])
    if layer == "gelu":              # x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
        cube = add("Mul", [add("Mul", [x, x]), x])
        inner = add("Add", [x, add("Mul", [number(gelu.CUBIC), cube])])
        t = add("Tanh", [add("Mul", [number(math.sqrt(2 / math.pi)), inner])])
        return add("Mul", [add("Mul", [number(0.5), x]), add("Add", [number(1.0), t])])
    raise DataError(f"{layer} has no form in ONNX here: add it to SIMPLE or "
                    "add_activation in flatprop/runs/export/onnx_file.py")


def add_elu(graph, x, alpha):
    """max(x, 0) + alpha (e^min(x, 0) - 1). Runtimes know ONNX's Elu in float32 alone."""
    if graph.dtype == np.float32:
        return graph.add("Elu", [x], alpha=alpha)
    negative = graph.add("Exp", [graph.add("Min", [x, graph.number(0.0)])])
    below = graph.add("Sub", [negative, graph.number(1.0)])
    scaled = graph.add("Mul", [graph.number(alpha), below])
    return graph.add("Add", [graph.add("Relu", [x]), scaled])


def default(layer, name):
    """What a layer's forward takes for an argument that models do not give."""
    return inspect.signature(layer.forward).parameters[name].default
