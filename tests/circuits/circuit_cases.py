"""What to trace and to draw, CASES: name -> a function that gives (function, its arguments)."""

import flat_functions as flat
import numpy as np

from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.lecture import jacobians, matmul
from flatprop.lecture.sigmoid_neuron import gate_by_gate
from flatprop.lecture.simple_circuit import circuit as product
from layers import (
    batchnorm,
    layernorm,
    leaky_relu,
    logistic_loss,
    maxout,
    square_loss,
    svm_loss,
    tanh,
)
from layers.by_name import ACTIVATIONS
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.sigmoid_neuron import neuron
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor


def traced(case):
    """The Record of a case."""
    function, arguments = CASES[case]()
    return trace(function, *arguments)


def circuit_of(case):
    """The Graph of a case."""
    return graph(traced(case))


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def batch(count, width, classes, dtype=np.float64):
    rng = np.random.default_rng(5)
    return rng.normal(size=(count, width)).astype(dtype), rng.integers(0, classes, count)


def loss_of(model, x, y):
    """A model, with numbers where it starts with zeros, on a batch: case for the tables."""
    zeros = model.theta == 0
    model.theta[zeros] = np.random.default_rng(2).normal(0, 0.3, zeros.sum())
    return model.loss, (x, y)


def fully_connected(sizes, count=3, dtype=np.float64, **options):
    model = FullyConnectedNet(sizes, dtype=dtype, **options)
    return loss_of(model, *batch(count, sizes[0], sizes[-1], dtype))


NEURON = (2.0, -1.0, -3.0, -2.0, -3.0)
NUMBERS = {
    "product": lambda: (product, (-2.0, 5.0, -4.0)),
    "gate by gate": lambda: (gate_by_gate, NEURON),
    "neuron": lambda: (neuron, NEURON),
    "neuron of arrays": lambda: (neuron, tuple(random(5, 2, 3))),
    "fan-out": lambda: (flat.fan_out, (3.0, -4.0)),
    "copies": lambda: (flat.copies, (3.0, -4.0)),
    "crossed": lambda: (flat.crossed, (1.5, -2.5, 3.5, -12345.678)),
    "tangled": lambda: (flat.tangled, (0.1, 0.2, 0.3, 0.4)),
    "equal inputs": lambda: (product, (2.0, 2.0, 2.0)),
    "large numbers": lambda: (product, (1e300, -1e-300, 123456.0)),
    "not finite": lambda: (product, (float("inf"), 1.0, float("nan"))),
    "chain": lambda: (flat.chain, (0.5,)),
    "shared weight": lambda: (flat.shared_weight, (0.5, 1.5)),
    "rectified": lambda: (jacobians.vector_relu, (np.array([1.0, -2.0, 3.0, -1.0]),
                                                  np.array([4.0, -1.0, 5.0, 9.0]))),
    "matrices": lambda: (matmul.multiply, tuple(map(np.array, (matmul.X, matmul.W, matmul.DY)))),
    "forward only": lambda: (flat.forward_only, (0.5, 2.0)),
    "penalized": lambda: (flat.penalized, (random(3, 4), random(4, 2, seed=1),
                                            np.array([0, 1, 1]))),
    "mixed": lambda: (flat.mixed, (random(2, 4), random(4, seed=1), random(4, seed=2))),
}
NUMBERS |= {f"random {seed}": lambda seed=seed: (flat.at_random(seed), (0.5, -1.5, 2.5, -0.1))
            for seed in range(12)}
MODELS = {
    "linear": lambda: loss_of(LinearClassifier(3, 2, dtype=np.float64), *batch(2, 3, 2)),
    "linear, logistic": lambda: loss_of(
        LinearClassifier(3, 1, loss_layer=logistic_loss, dtype=np.float64), *batch(4, 3, 2)),
    "two layers": lambda: loss_of(TwoLayerNet(3, 4, 2, dtype=np.float64), *batch(2, 3, 2)),
    "two layers, svm": lambda: loss_of(
        TwoLayerNet(3, 4, 2, loss_layer=svm_loss, dtype=np.float64), *batch(2, 3, 2)),
    "two layers, float32": lambda: loss_of(TwoLayerNet(3, 4, 2), *batch(2, 3, 2, np.float32)),
    "two layers, large": lambda: loss_of(TwoLayerNet(784, 512, 10),
                                         *batch(64, 784, 10, np.float32)),
    "regressor": lambda: loss_of(TwoLayerRegressor(2, 2, 1, dtype=np.float64), random(2, 2),
                                 random(2, 1, seed=1)),
    "square loss": lambda: loss_of(FullyConnectedNet([2, 3], loss_layer=square_loss,
                                                     dtype=np.float64), random(2, 2), random(2, 3)),
    "batchnorm, dropout": lambda: fully_connected([3, 4, 4, 2], norm=batchnorm, drop=0.3),
    "layernorm, tanh": lambda: fully_connected([3, 4, 2], norm=layernorm, activation=tanh),
    "maxout": lambda: fully_connected([3, 2, 2], activation=maxout, norm=batchnorm),
    "all of it": lambda: fully_connected([5, 6, 6, 6, 3], norm=batchnorm, drop=0.5,
                                         activation=leaky_relu, dtype=np.float32),
    "ten layers": lambda: fully_connected([5] + [6] * 10 + [3], 8),
} | {f"activation {name}": lambda name=name: fully_connected([3, 4, 2],
                                                             activation=ACTIVATIONS[name])
     for name in ACTIVATIONS}
CASES = NUMBERS | MODELS
