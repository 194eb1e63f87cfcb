"""The project's layers and models as subjects of a check, with random inputs of random sizes."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from flatprop.cli.errors import UsageError, closest
from flatprop.gradcheck.case import is_float
from layers import (
    affine,
    batchnorm,
    dropout,
    elu,
    gelu,
    l2_penalty,
    layernorm,
    leaky_relu,
    logistic_loss,
    matmul,
    maxout,
    relu,
    selu,
    sigmoid,
    silu,
    softmax_loss,
    softplus,
    square_loss,
    svm_loss,
    tanh,
)
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift


class Subject(NamedTuple):
    """A layer and how to make inputs for it.

    inputs(rng) gives forward's arguments; wrt are the positions of those with gradients, rows of
    those whose first axis is the batch. A loss, or a gate of numbers, has no rows to shorten.
    """

    name: str
    forward: Callable
    backward: Callable
    inputs: Callable
    wrt: tuple = (0,)
    rows: tuple = (0,)


def batch(rng):
    """x (N, D) of random sizes."""
    return (rng.standard_normal((rng.integers(3, 9), rng.integers(3, 7))),)


def affine_inputs(rng):
    """x (N, D), W (D, M), b (M,)."""
    N, D, M = rng.integers(2, 8, 3)
    return rng.standard_normal((N, D)), rng.standard_normal((D, M)), rng.standard_normal(M)


def normalized(rng):
    """x (N, D), gamma (D,), beta (D,)."""
    N, D = rng.integers(4, 9), rng.integers(4, 7)
    return rng.standard_normal((N, D)), rng.uniform(0.5, 1.5, D), rng.standard_normal(D)


def labelled(rng):
    """scores (N, C), y (N,)."""
    N, C = rng.integers(3, 8), rng.integers(2, 6)
    return rng.standard_normal((N, C)), rng.integers(0, C, N)


def pair(rng):
    """Two numbers."""
    return tuple(float(value) for value in rng.standard_normal(2))


LAYERS = [
    Subject("affine", affine.forward, affine.backward, affine_inputs, (0, 1, 2)),
    Subject("matmul", matmul.forward, matmul.backward, lambda rng: affine_inputs(rng)[:2], (0, 1)),
    Subject("relu", relu.forward, relu.backward, batch),
    Subject("leaky_relu", leaky_relu.forward, leaky_relu.backward, batch),
    Subject("elu", elu.forward, elu.backward, batch),
    Subject("selu", selu.forward, selu.backward, batch),
    Subject("gelu", gelu.forward, gelu.backward, batch),
    Subject("silu", silu.forward, silu.backward, batch),
    Subject("softplus", softplus.forward, softplus.backward, batch),
    Subject("sigmoid", sigmoid.forward, sigmoid.backward, batch),
    Subject("tanh", tanh.forward, tanh.backward, batch),
    Subject("maxout", maxout.forward, maxout.backward,
            lambda rng: (rng.standard_normal((rng.integers(2, 7), 2 * rng.integers(2, 5))),)),
    Subject("dropout", dropout.forward, dropout.backward,
            lambda rng: (*batch(rng), 0.4, np.random.default_rng(rng.integers(1 << 32)))),
    Subject("batchnorm", batchnorm.forward, batchnorm.backward, normalized, (0, 1, 2)),
    Subject("layernorm", layernorm.forward, layernorm.backward, normalized, (0, 1, 2)),
    Subject("softmax_loss", softmax_loss.forward, softmax_loss.backward, labelled, (0,), (0, 1)),
    Subject("svm_loss", svm_loss.forward, svm_loss.backward, labelled, (0,), (0, 1)),
    Subject("logistic_loss", logistic_loss.forward, logistic_loss.backward,
            lambda rng: (rng.standard_normal(N := int(rng.integers(3, 9))), rng.integers(0, 2, N)),
            (0,), (0, 1)),
    Subject("square_loss", square_loss.forward, square_loss.backward,
            lambda rng: tuple(rng.standard_normal((2, *rng.integers(2, 7, 2)))), (0,), (0, 1)),
    Subject("l2_penalty", l2_penalty.forward, l2_penalty.backward,
            lambda rng: (*batch(rng), 0.1), (0,), ()),
    Subject("add", add.forward, add.backward, pair, (0, 1), ()),
    Subject("multiply", multiply.forward, multiply.backward, pair, (0, 1), ()),
    Subject("maximum", maximum.forward, maximum.backward, pair, (0, 1), ()),
    Subject("copy", copy.forward, copy.backward, lambda rng: pair(rng)[:1], (0,), ()),
    Subject("exp", exp.forward, exp.backward, lambda rng: pair(rng)[:1], (0,), ()),
    Subject("reciprocal", reciprocal.forward, reciprocal.backward,
            lambda rng: (float(rng.uniform(0.5, 2) * rng.choice([-1, 1])),), (0,), ()),
    Subject("scale", scale.forward, scale.backward, pair, (0,), ()),
    Subject("shift", shift.forward, shift.backward, pair, (0,), ()),
]


def named(name):
    """The project's own layer of that name. Raises UsageError with the closest name."""
    for subject in LAYERS:
        if subject.name == name:
            return subject
    names = [subject.name for subject in LAYERS]
    raise UsageError(f"unknown layer {name!r}.{closest(name, names)} "
                     f"Give a file ending in .py, or one of {', '.join(names)}")


def from_file(path):
    """The layer written in a file: its forward and backward, by default on inputs for its name.

    The file's own inputs(rng) -> forward's arguments goes before those of the layer of that name
    in layers/. The file is run, as Python files are. Raises UsageError if it cannot be.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    for name in ("forward", "backward"):
        if not callable(vars(module).get(name)):
            raise UsageError(f"{path} has no function {name}")
    known = next((subject for subject in LAYERS if subject.name == path.stem), None)
    inputs = vars(module).get("inputs")
    if inputs is None and known is None:
        raise UsageError(f"{path} is not named after a layer of flatprop: let it have a function "
                         "inputs(rng) that gives forward's arguments")
    if inputs is not None:
        return Subject(str(path), module.forward, module.backward, own_inputs(path, inputs), None,
                       None)
    return known._replace(name=str(path), forward=module.forward, backward=module.backward)


def own_inputs(path, inputs):
    """A file's inputs(rng), which raises UsageError where it gives no arguments for forward."""
    def checked(rng):
        try:
            given = inputs(rng)
        except Exception as error:
            raise UsageError(f"{path}: inputs(rng) raises {type(error).__name__}: {error}"
                             ) from error
        given = given if isinstance(given, tuple) else (given,)
        if not any(is_float(value) for value in given):
            raise UsageError(f"{path}: inputs(rng) must give forward's arguments, with at least "
                             "one float or array of floats among them")
        return given
    checked(np.random.default_rng(0))       # so that a mistake is told before anything is printed
    return checked
