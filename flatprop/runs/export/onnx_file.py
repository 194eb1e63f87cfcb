"""A model as an ONNX file: a graph of standard operators from raw inputs to scores.

Written by hand with the onnx package (extra `export`), for operator set 17, which every runtime
since 2022 reads. Source: the ONNX operator documentation, https://onnx.ai/onnx/operators.
"""

import inspect
import json
import math

import numpy as np

from data.errors import DataError
from data.extras import MissingExtra, pip_install
from flatprop.runs.export import chain
from layers import batchnorm, elu, gelu, layernorm, leaky_relu, maxout, selu
from layers.by_name import LOSSES

OPSET, IR_VERSION = 17, 8       # of the same release
LIMIT = 2**31 - 2**24           # bytes of weights: the format ends at 2 GiB
# Activations that are one operator without an attribute; the others stand in add_activation.
SIMPLE = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}


def content(model, fitted):
    """The bytes of the ONNX file of a model that says its chain, and its Preprocessing.

    Its input "x" (N, D) is raw, of the model's dtype; its outputs are "scores" (N, C) and, of a
    softmax or logistic loss, "probabilities" (N, number of classes); of a regression the scores are
    predictions in the unit of the data, float64 where its targets were standardized.
    Raises DataError if the model is too large, has no chain, or a layer that has no form here;
    MissingExtra without onnx.
    """
    steps = chain.steps(model)
    graph = start_graph(model.theta.nbytes, model.theta.dtype)
    active = add_network(graph, steps, fitted, "scores" if fitted.target_mean is None else None)
    kind = graph.kind
    if fitted.target_mean is not None:
        active, kind = in_unit(graph, fitted, active, "scores"), graph.onnx.TensorProto.DOUBLE
    elif active != "scores":
        active = graph.add("Identity", [active], "scores")
    outputs = {"scores": model.shapes[model.weights[-1]][1]}
    if model.loss_layer is LOSSES["softmax"]:
        graph.add("Softmax", [active], "probabilities", axis=1)
        outputs["probabilities"] = outputs["scores"]
    elif model.loss_layer is LOSSES["logistic"]:     # one score, two classes
        second = graph.add("Sigmoid", [active])
        first = graph.add("Sub", [graph.number(1.0), second])
        graph.add("Concat", [first, second], "probabilities", axis=1)
        outputs["probabilities"] = 2
    return graph.finish(model.shapes[model.weights[0]][0] - fitted.added, outputs, kind, fitted)


def content_of_folds(members):
    """The same for the networks of all folds, a list of SavedModel: one graph, which averages.

    Probabilities are averaged, and the scores are their logarithms (of the logistic loss, the
    difference of the two); else the scores, or predictions in the unit of the data, are averaged.
    """
    first = members[0].model
    steps = [chain.steps(member.model) for member in members]
    graph = start_graph(sum(member.model.theta.nbytes for member in members), first.theta.dtype)
    softmax, logistic = (first.loss_layer is LOSSES[name] for name in ("softmax", "logistic"))
    fitted, each, kind = members[0].preprocessing, [], graph.kind
    for number, member in enumerate(members, 1):
        graph.prefix = f"fold-{number}."
        active = add_network(graph, steps[number - 1], member.preprocessing)
        if member.preprocessing.target_mean is not None:
            active = in_unit(graph, member.preprocessing, active)
            kind = graph.onnx.TensorProto.DOUBLE
        elif softmax or logistic:
            active = graph.add("Softmax", [active], axis=1) if softmax else (
                graph.add("Sigmoid", [active]))
        each.append(active)
    graph.prefix = ""
    outputs = {"scores": first.shapes[first.weights[-1]][1]}
    inputs = first.shapes[first.weights[0]][0] - fitted.added
    if not (softmax or logistic):
        add_mean(graph, each, np.float64 if kind != graph.kind else graph.dtype, "scores")
        return graph.finish(inputs, outputs, kind, fitted)
    mean = add_mean(graph, each, graph.dtype, "probabilities" if softmax else None)
    outputs["probabilities"] = outputs["scores"] if softmax else 2
    least = graph.number(np.finfo(graph.dtype).tiny)        # of 0 there is no logarithm
    if softmax:
        graph.add("Log", [graph.add("Max", [mean, least])], "scores")
    else:
        other = graph.add("Sub", [graph.number(1.0), mean])
        graph.add("Concat", [other, mean], "probabilities", axis=1)
        both = [graph.add("Log", [graph.add("Max", [p, least])]) for p in (mean, other)]
        graph.add("Sub", both, "scores")
    return graph.finish(inputs, outputs, kind, fitted)


def add_mean(graph, each, dtype, output):
    """The mean of numbers of a dtype; gives its name. Runtimes know ONNX's Mean in float32 alone.
    """
    total = graph.add("Sum", each)
    return graph.add("Div", [total, graph.constant(np.array([len(each)], dtype))], output)


def start_graph(size, dtype):
    """An empty Graph for weights of so many bytes. Raises DataError, or MissingExtra."""
    try:
        import onnx
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise MissingExtra(f"an ONNX file needs the package {package}: "
                           f"{pip_install('export')}") from error
    if size > LIMIT:
        raise DataError(f"the weights take {size:,} bytes, and an ONNX file ends at "
                        "2 GiB: safetensors takes them")
    return Graph(onnx, dtype)


def add_network(graph, steps, fitted, output=None):
    """A network from the raw inputs to its scores; gives their name, which may not be output."""
    width = next(array.shape[0] for _, arrays in steps for array in arrays.values())
    active = preprocess(graph, fitted, "x", width - fitted.added)
    for number, (layer, arrays) in enumerate(steps, 1):
        active = add_step(graph, layer, arrays, active, output if number == len(steps) else None)
    return active


class Graph:
    """An ONNX graph under construction, of numbers of a dtype. What is added is known by name."""

    def __init__(self, onnx, dtype):
        self.onnx, self.dtype = onnx, dtype
        self.kind = onnx.helper.np_dtype_to_tensor_dtype(dtype)
        self.nodes, self.constants = [], []
        self.prefix = ""        # of the names of constants

    def add(self, operator, inputs, output=None, **attributes):
        """A node with one output, whose name is made up if none is given."""
        output = output or f"{operator.lower()}_{len(self.nodes) + 1}"
        self.nodes.append(self.onnx.helper.make_node(
            operator, inputs, [output], name=f"{operator}_{len(self.nodes) + 1}", **attributes))
        return output

    def constant(self, array, name=None):
        """An array that is stored in the file."""
        name = self.prefix + (name or f"constant_{len(self.constants) + 1}")
        self.constants.append(self.onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def number(self, value):
        """A number of the model's dtype."""
        return self.constant(np.array([value], self.dtype))

    def finish(self, inputs, outputs, kind, fitted):
        """The bytes of the file, checked by the onnx package's own checker.

        inputs is how many; outputs {name: how many}, numbers of an ONNX kind
        """
        helper = self.onnx.helper
        x = helper.make_tensor_value_info("x", self.kind, ["N", inputs])
        graph = helper.make_graph(
            self.nodes, "flatprop", [x],
            [helper.make_tensor_value_info(name, kind, ["N", width])
             for name, width in outputs.items()], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)],
                                  ir_version=IR_VERSION, producer_name="flatprop")
        helper.set_model_props(model, {
            "columns": json.dumps(fitted.columns), "classes": json.dumps(fitted.classes),
            "target": json.dumps(fitted.target)})
        self.onnx.checker.check_model(model)
        return model.SerializeToString()


def preprocess(graph, fitted, x, inputs):
    """What Preprocessing.apply makes of x, so many raw inputs: in float64, rounded once."""
    mean, scale = fitted.mean, fitted.scale
    double = graph.onnx.TensorProto.DOUBLE
    raw = x if graph.kind == double else graph.add("Cast", [x], to=double)
    z = raw
    if (mean != 0).any() or (scale != 1).any():
        z = graph.add("Sub", [z, graph.constant(mean, "mean")])
        z = graph.add("Div", [z, graph.constant(scale, "scale")])
    if fitted.soft:
        z = soften(graph, z, np.isin(np.arange(inputs), fitted.numbers(inputs)))
    parts = [z]
    if fitted.indicators:
        chosen = graph.add("Gather", [raw, graph.constant(np.array(fitted.indicators))], axis=1)
        parts.append(graph.add("Cast", [graph.add("IsNaN", [chosen])], to=double))
    if fitted.bins:
        parts.append(fill_bins(graph, fitted, raw, inputs))
    x = graph.add("Concat", parts, axis=1) if len(parts) > 1 else z
    if x != "x" and graph.kind != double:
        x = graph.add("Cast", [x], to=graph.kind)
    if fitted.columns is not None:         # NaN, an empty cell, becomes the mean
        x = graph.add("Where", [graph.add("IsNaN", [x]), graph.number(0.0), x])
    return x


def soften(graph, z, chosen):
    """standardize.soften of the chosen inputs (D,), true or false, of z in float64."""
    # The square of a number beyond these would overflow; it is 3 either way.
    low, high = graph.constant(np.array(-1e150)), graph.constant(np.array(1e150))
    held = graph.add("Clip", [z, low, high])
    third = graph.add("Div", [held, graph.constant(np.array(3.0))])
    square = graph.add("Mul", [third, third])
    root = graph.add("Sqrt", [graph.add("Add", [square, graph.constant(np.array(1.0))])])
    soft = graph.add("Div", [held, root])
    return soft if chosen.all() else graph.add("Where", [graph.constant(chosen), soft, z])


def fill_bins(graph, fitted, raw, inputs):
    """The bins of all numbers, side by side, of raw inputs in float64."""
    places = fitted.sources(inputs)[inputs + len(fitted.indicators) :]
    lows = np.concatenate([each.edges[:-1] for each in fitted.bins])
    highs = np.concatenate([each.edges[1:] for each in fitted.bins])
    values = graph.add("Gather", [raw, graph.constant(places)], axis=1)
    above = graph.add("Sub", [values, graph.constant(lows)])
    share = graph.add("Div", [above, graph.constant(highs - lows)])
    ends = graph.constant(np.array(0.0)), graph.constant(np.array(1.0))
    filled = graph.add("Clip", [share, *ends])
    mean = graph.constant(np.concatenate([each.mean for each in fitted.bins]))
    return graph.add("Sub", [filled, mean])


def in_unit(graph, fitted, scores, output=None):
    """What a regression with standardized targets predicts, in their own unit, in float64."""
    double = graph.onnx.TensorProto.DOUBLE
    if graph.kind != double:
        scores = graph.add("Cast", [scores], to=double)
    spread = graph.add("Mul", [scores, graph.constant(fitted.target_scale, "target_scale")])
    mean = graph.constant(fitted.target_mean, "target_mean")
    if fitted.target_low is None:
        return graph.add("Add", [spread, mean], output)
    low, high = graph.constant(fitted.target_low), graph.constant(fitted.target_high)
    above = graph.add("Max", [graph.add("Add", [spread, mean]), low])
    return graph.add("Min", [above, high], output)


def add_step(graph, layer, arrays, x, output):
    """One step of the chain, of which x is the input. Gives the name of its output."""
    inputs = [x, *(graph.constant(array, name) for name, array in arrays.items())]
    if layer == "affine":
        return graph.add("Gemm", inputs, output)
    if layer == "batchnorm":
        return graph.add("BatchNormalization", inputs, output, epsilon=default(batchnorm, "eps"))
    if layer == "layernorm":
        return graph.add("LayerNormalization", inputs, output, axis=1,
                         epsilon=default(layernorm, "eps"))
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
    if layer == "maxout":
        pieces = default(maxout, "pieces")
        shape = graph.constant(np.array([0, -1, pieces], np.int64))
        return add("ReduceMax", [add("Reshape", [x, shape])], axes=[2], keepdims=0)
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
