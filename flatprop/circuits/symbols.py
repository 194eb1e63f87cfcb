"""What is written in a gate, and below it."""

import numpy as np

from flatprop.circuits import graph as circuits
from flatprop.circuits import numbers

LONGEST = 24
SYMBOLS = {
    "add": "+", "multiply": "*", "maximum": "max", "copy": "copy", "exp": "exp",
    "reciprocal": "1/x", "sigmoid": "σ", "tanh": "tanh", "relu": "ReLU", "leaky_relu": "leaky ReLU",
    "elu": "ELU", "selu": "SELU", "gelu": "GELU", "silu": "SiLU", "softplus": "softplus",
    "matmul": "matmul", "softmax_loss": "softmax loss", "svm_loss": "SVM loss",
    "logistic_loss": "logistic loss", "square_loss": "square loss", "l2_penalty": "L2 penalty",
    "batchnorm": "batch norm", "layernorm": "layer norm",
}

# What comes back to each argument of a layer of arrays: the product that is never formed as one
# with a Jacobian. {x} stands for the name of what was handed over as x, {dout} for the upstream
# gradient, {out} for what the layer gave.
PRODUCTS = {
    "affine": {"x": "{dout} {W}ᵀ", "W": "{x}ᵀ {dout}", "b": "Σ {dout}"},
    "matmul": {"x": "{dout} {W}ᵀ", "W": "{x}ᵀ {dout}"},
    "relu": {"x": "{dout} [{x} > 0]"},
    "sigmoid": {"x": "{dout} (1-{out}) {out}"},
    "tanh": {"x": "{dout} (1-{out}²)"},
    "dropout": {"x": "{dout} mask"},
    "softmax_loss": {"scores": "(p - 1[y]) / N"},
    "square_loss": {"scores": "({scores} - y) / N"},
    "l2_penalty": {"W": "2λ {W} {dout}"},
    "add": {"x": "{dout}", "y": "{dout}"},
    "multiply": {"x": "{y} {dout}", "y": "{x} {dout}"},
    "exp": {"x": "{out} {dout}"},
}


def symbol(gate):
    """The symbol of a Gate, and the lines below it: its constants, but for those in the symbol.

    eps, which only keeps batchnorm from a division by zero, is left out.
    """
    layer, constants = gate.call.layer, gate.constants
    if layer == "scale" and numbers.is_number(constants.get("a")):
        return f"*{numbers.three(constants['a'])}", []
    if layer == "shift" and numbers.is_number(constants.get("c")):
        return numbers.three(constants["c"], "+"), []
    told = [constant(name, value) for name, value in constants.items()
            if name != "eps" and (numbers.is_number(value) or isinstance(value, np.ndarray))]
    return SYMBOLS.get(layer, clipped(layer)), told


def constant(name, value):
    """A constant: y=[0 1], or its shape where it is large."""
    if numbers.is_number(value) or (value.ndim == 1 and numbers.is_small(value)):
        return clipped(f"{name}={numbers.short(value)}", 2 * LONGEST)
    return clipped(f"{name} {value.shape}", 2 * LONGEST)


def clipped(text, longest=LONGEST):
    """A text of at most so many letters, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[:longest - 1] + "…"


def local_gradients(gate):
    """{argument: local gradient} of a gate between numbers with one output; empty for others."""
    if len(gate.outputs) != 1:
        return {}
    try:
        return circuits.local_gradients(gate)
    except Exception:       # an array's; or a student's backward, which may raise anything
        return {}


def products(gate):
    """{argument: how its gradient comes from the upstream one}, of a layer of arrays; else empty.

    A loss has its own where the upstream gradient is 1, as it is where a model begins backward.
    """
    if not gate.call.backwards or all(map(numbers.is_number, [
            wire.value for wire in [*gate.inputs.values(), *gate.outputs]])):
        return {}
    names = {argument: wire.name for argument, wire in gate.inputs.items()}
    names |= {"out": gate.outputs[0].name, "dout": f"d{gate.outputs[0].name}"}
    found = {}
    for argument, text in PRODUCTS.get(gate.call.layer, {}).items():
        for name, called in names.items():
            text = text.replace("{" + name + "}", called)
        found[argument] = clipped(text)
    return found
