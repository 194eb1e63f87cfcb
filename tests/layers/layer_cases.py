"""A case of every layer, loss and gate, with what the tests over all of them share.

A new layer needs nothing here, if its forward takes the arguments of a row of USUAL.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest

import layers
from layers import (
    batchnorm,
    dropout,
    elu,
    gates,
    gaussian_noise,
    l2_penalty,
    layernorm,
    leaky_relu,
    logistic_loss,
    maxout,
    relu,
    selu,
    smoothed_softmax_loss,
    softmax_loss,
    square_loss,
    squared_hinge_loss,
    svm_loss,
)
from layers.by_name import ACTIVATIONS
from layers.gates import maximum, reciprocal, scale, shift


def approx(expected, rel=1e-13, abs=1e-14):
    """How near a layer must come to a value worked out otherwise."""
    return pytest.approx(expected, rel=rel, abs=abs)


class Case(NamedTuple):
    """A layer with a maker of inputs; the differentiable ones, named in wrt, come first."""

    name: str
    module: ModuleType
    make: Callable
    wrt: str = "x"
    smooth: bool = True
    call: Callable | None = None  # forward with its constants, where it needs any

    def forward(self, *inputs):
        return self.call(*inputs) if self.call else self.module.forward(*inputs)

    def backward(self, dout, cache):
        return self.module.backward(dout, cache)


def normal(*shapes):
    """Make standard normal arrays."""
    return lambda rng: tuple(rng.standard_normal(shape) for shape in shapes)


def off_zero(shape):
    """Make an array of both signs that keeps off a kink, or a pole, at zero."""
    return lambda rng: (rng.uniform(0.4, 2.0, shape) * rng.choice([-1.0, 1.0], shape),)


def spread(rng, shape):
    """Values 0.376 apart: no two tie, and no two differ by 1 or 2, the kinks of the hinge."""
    return rng.permutation(np.linspace(-2.03, 2.11, 12)).reshape(shape)


def labelled(*shape, classes):
    return lambda rng: (rng.standard_normal(shape), rng.integers(0, classes, shape[0]))


def hinged(rng):
    return spread(rng, (4, 3)), rng.integers(0, 3, 4)


def weighted(make):
    """The inputs of a loss, and weights of its rows, one of them 0."""
    def make_both(rng):
        inputs = make(rng)
        weights = rng.uniform(0.2, 3.0, len(inputs[0]))
        weights[1] = 0.0
        return (*inputs, weights)

    return make_both


def smoothed(scores, y, weights=None):
    return smoothed_softmax_loss.forward(scores, y, 0.3, weights)


def running(rng):
    inputs = normal((6, 3), 3, 3, 3)(rng)
    return (*inputs, rng.uniform(0.5, 2.0, 3))


def dropped(x):
    return dropout.forward(x, 0.4, np.random.default_rng(7))


def noisy(x, spread):
    return gaussian_noise.forward(x, spread, np.random.default_rng(7))


def evaluated(x, gamma, beta, mean, var):
    return batchnorm.forward(x, gamma, beta, running=(mean, var))


def widened(layer):
    return lambda x, gamma, beta: layer.forward(x, gamma, beta, eps=0.5)


PIECEWISE = [
    Case("relu", relu, off_zero((3, 4))),
    Case("leaky_relu", leaky_relu, off_zero((3, 4))),
    Case("leaky_relu 0.2", leaky_relu, off_zero(6), call=lambda x: leaky_relu.forward(x, 0.2)),
    Case("elu", elu, off_zero((3, 4))),
    Case("elu 0.3", elu, off_zero(6), call=lambda x: elu.forward(x, alpha=0.3)),
    Case("selu", selu, off_zero((3, 4))),
    Case("maxout", maxout, lambda rng: (spread(rng, (3, 4)),)),
    Case(
        "maxout 3", maxout, lambda rng: (spread(rng, (2, 6)),), call=lambda x: maxout.forward(x, 3)
    ),
    Case("svm_loss", svm_loss, hinged, "scores"),
    Case("svm_loss 2", svm_loss, hinged, "scores", call=lambda s, y: svm_loss.forward(s, y, 2.0)),
    Case("svm_loss with weights", svm_loss, weighted(hinged), "scores",
         call=lambda s, y, w: svm_loss.forward(s, y, weights=w)),
    Case("squared_hinge_loss", squared_hinge_loss, hinged, "scores"),
    Case("squared_hinge_loss with weights", squared_hinge_loss, weighted(hinged), "scores"),
    Case("maximum", maximum, lambda rng: tuple(spread(rng, (2, 6))), "x y"),
]

SMOOTH = [
    Case("dropout", dropout, normal((3, 4)), call=dropped),
    Case("gaussian_noise", gaussian_noise, normal((3, 4), 4), "x spread", call=noisy),
    Case("batchnorm 0.5", batchnorm, normal((6, 3), 3, 3), "x gamma beta", call=widened(batchnorm)),
    Case("batchnorm evaluating", batchnorm, running, "x gamma beta", call=evaluated),
    Case("layernorm 0.5", layernorm, normal((3, 6), 6, 6), "x gamma beta", call=widened(layernorm)),
    Case("logistic_loss", logistic_loss, labelled(5, classes=2), "scores"),
    Case("logistic_loss of a column", logistic_loss, labelled(5, 1, classes=2), "scores"),
    Case("square_loss", square_loss, normal((3, 4), (3, 4)), "scores"),
    Case("square_loss of a vector", square_loss, normal(5, 5), "scores"),
    Case("smoothed_softmax_loss", smoothed_softmax_loss, labelled(5, 3, classes=3), "scores",
         call=smoothed),
    Case("smoothed_softmax_loss with weights", smoothed_softmax_loss,
         weighted(labelled(5, 3, classes=3)), "scores", call=smoothed),
    Case("softmax_loss with weights", softmax_loss, weighted(labelled(4, 3, classes=3)), "scores"),
    Case("logistic_loss with weights", logistic_loss, weighted(labelled(5, classes=2)), "scores"),
    Case("logistic_loss of a column with weights", logistic_loss,
         weighted(labelled(5, 1, classes=2)), "scores"),
    Case("square_loss with weights", square_loss, weighted(normal((3, 4), (3, 4))), "scores"),
    Case("square_loss of a vector with weights", square_loss, weighted(normal(5, 5)), "scores"),
    Case("l2_penalty", l2_penalty, normal((3, 4)), "W", call=lambda W: l2_penalty.forward(W, 0.3)),
    Case("reciprocal", reciprocal, off_zero((3, 4))),
    Case("scale", scale, normal((3, 4)), call=lambda x: scale.forward(x, -1.5)),
    Case("shift", shift, normal((3, 4)), call=lambda x: shift.forward(x, 0.7)),
]

# Forward's arguments without defaults -> inputs, and those that are differentiable.
USUAL = {
    "x": (normal((3, 4)), "x"),
    "x W": (normal((4, 3), (3, 5)), "x W"),
    "x W b": (normal((4, 3), (3, 5), 5), "x W b"),
    "x gamma beta": (normal((6, 3), 3, 3), "x gamma beta"),
    "x y": (normal((3, 4), (3, 4)), "x y"),
    "scores y": (labelled(4, 3, classes=3), "scores"),
}


def usual_case(module):
    arguments = inspect.signature(module.forward).parameters.values()
    names = " ".join(each.name for each in arguments if each.default is each.empty)
    return Case(module.__name__.rpartition(".")[2], module, *USUAL[names])


MODULES = [module for package in (layers, gates) for each in pkgutil.iter_modules(package.__path__)
           if hasattr(module := importlib.import_module(f"{package.__name__}.{each.name}"),
                      "forward")]
SPECIAL = [case._replace(smooth=False) for case in PIECEWISE] + SMOOTH
CASES = SPECIAL + [usual_case(module) for module in MODULES
                   if module.__name__.rpartition(".")[2] not in {case.name for case in SPECIAL}]

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
every_activation = pytest.mark.parametrize(
    "layer", [layer for name, layer in ACTIVATIONS.items() if name not in ("none", "maxout")],
    ids=lambda layer: layer.__name__)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])

LABELS = np.zeros(4, int)


def prepare(case, dtype=np.float64, seed=0):
    """Return inputs, out, cache and a random upstream gradient like out."""
    rng = np.random.default_rng(seed)
    inputs = tuple(floats_as(dtype, array) for array in case.make(rng))
    out, cache = case.forward(*inputs)
    if isinstance(out, tuple):
        dout = tuple(rng.standard_normal(np.shape(part)).astype(dtype) for part in out)
    else:
        dout = dtype(rng.standard_normal(np.shape(out)))
    return inputs, out, cache, dout


def floats_as(dtype, array):
    return array.astype(dtype) if array.dtype.kind == "f" else array


def as_tuple(values):
    return values if isinstance(values, tuple) else (values,)


def differentiate(case, dout, cache):
    """Call backward and insist that one gradient comes bare and several come as a tuple."""
    grads = case.backward(dout, cache)
    assert isinstance(grads, tuple) == (len(case.wrt.split()) > 1)
    assert len(as_tuple(grads)) == len(case.wrt.split())
    return as_tuple(grads)
