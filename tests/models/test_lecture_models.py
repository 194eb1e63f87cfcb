"""The worked numbers of the lecture: the sigmoid neuron and the running example."""

import math

import numpy as np
from model_cases import check_gradients

from models.sigmoid_neuron import neuron
from models.two_layer_regressor import TwoLayerRegressor


def test_neuron_with_the_numbers_of_the_lecture():
    L, grads = neuron(2.0, -1.0, -3.0, -2.0, -3.0)
    s = 1 / (1 + math.exp(-1))
    expected = {
        "L": 1, "s3": s * (1 - s), "s2": s * (1 - s), "s1": s * (1 - s), "s0": s * (1 - s),
        "w0": -s * (1 - s), "x0": 2 * s * (1 - s), "w1": -2 * s * (1 - s),
        "x1": -3 * s * (1 - s), "w2": s * (1 - s),
    }
    assert abs(L - s) < 1e-12
    assert f"{L:.6f}" == "0.731059"
    assert set(grads) == set(expected)
    for name, value in expected.items():
        assert abs(grads[name] - value) < 1e-12, name
    printed = {name: f"{grads[name]:.6f}" for name in ("w0", "x0", "w1", "x1", "w2")}
    assert printed == {"w0": "-0.196612", "x0": "0.393224", "w1": "-0.393224",
                       "x1": "-0.589836", "w2": "0.196612"}


def test_neuron_takes_arrays_entry_by_entry():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(5, 3))
    L, grads = neuron(*inputs)
    for i in range(3):
        L_i, grads_i = neuron(*(float(v) for v in inputs[:, i]))
        assert abs(L[i] - L_i) < 1e-15
        assert all(abs(grads[name][i] - grads_i[name]) < 1e-15 for name in grads)


# The running example: numbers chosen once, the output worked out here by hand with math.exp.
RUNNING = {"W1": [[0.5, -1.0], [1.5, 0.25]], "b1": [-0.5, 0.75], "W2": [[2.0], [-1.0]],
           "b2": [0.1]}


def test_running_example_of_the_lecture():
    net = TwoLayerRegressor(2, 2, 1, dtype=np.float64)
    for name, value in RUNNING.items():
        net.params[name][:] = value
    x1, x2, target = 1.0, -2.0, 0.5
    z1 = 1 / (1 + math.exp(-(-0.5 + 0.5 * x1 + 1.5 * x2)))
    z2 = 1 / (1 + math.exp(-(0.75 - 1.0 * x1 + 0.25 * x2)))
    y = 0.1 + 2.0 * z1 - 1.0 * z2
    x, targets = np.array([[x1, x2]]), np.array([[target]])
    loss, grads = net.loss(x, targets)
    assert abs(net.scores(x)[0, 0] - y) < 1e-15
    assert abs(loss - 0.5 * (y - target) ** 2) < 1e-15
    dy = y - target
    assert np.allclose(grads["W2"], [[dy * z1], [dy * z2]], rtol=0, atol=1e-15)
    ds1, ds2 = dy * 2.0 * z1 * (1 - z1), dy * -1.0 * z2 * (1 - z2)
    assert np.allclose(grads["W1"], [[ds1 * x1, ds2 * x1], [ds1 * x2, ds2 * x2]], atol=1e-15)
    assert np.allclose(grads["b1"], [ds1, ds2], rtol=0, atol=1e-15)
    check_gradients(net, x, targets, 1e-9)
