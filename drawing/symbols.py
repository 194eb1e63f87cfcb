"""What is written in a gate, and below it."""

import numpy as np

from tracing import graph as circuits
from tracing import numbers

LONGEST = 24
SYMBOLS = {
    "add": "+", "multiply": "*", "maximum": "max", "copy": "copy", "exp": "exp",
    "reciprocal": "1/x", "sigmoid": "σ", "tanh": "tanh", "relu": "ReLU", "leaky_relu": "leaky ReLU",
    "elu": "ELU", "selu": "SELU", "gelu": "GELU", "silu": "SiLU", "softplus": "softplus",
    "matmul": "matmul", "softmax_loss": "softmax loss", "svm_loss": "SVM loss",
    "logistic_loss": "logistic loss", "square_loss": "square loss", "l2_penalty": "L2 penalty",
    "batchnorm": "batch norm", "layernorm": "layer norm",
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
