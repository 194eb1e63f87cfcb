"""Every layer, loss, gate, model and update rule computes on a device's arrays, and to the bit.

The device is duck_array.py's, which needs none. A new layer is tested by itself: layer_cases.py
finds it.
"""

import copy
import itertools

import duck_array
import numpy as np
import pytest
from duck_array import Duck
from layer_cases import CASES, every_case, every_dtype, prepare
from model_cases import MODELS, batch_for
from update_rule_cases import RULES

from data import batches
from layers import batchnorm, logistic_loss
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models import parameters
from models.fully_connected_net import FullyConnectedNet
from solvers.clipping import clip_by_global_norm
from solvers.compiled import pieces


def on_device(value):
    """The same with device arrays for the arrays, not for numbers."""
    if isinstance(value, tuple):
        return tuple(map(on_device, value))
    return Duck(value.copy()) if isinstance(value, np.ndarray) else value


def agree(found, expected):
    """Whether device arrays have the bits, the dtypes and the shapes of NumPy's."""
    if isinstance(expected, tuple):
        return len(found) == len(expected) and all(map(agree, found, expected))
    expected, held = np.asarray(expected), found._held
    return (held.dtype, held.shape) == (expected.dtype, expected.shape) and (
        held.tobytes() == expected.tobytes())


@every_case
@every_dtype
def test_layers_compute_on_the_device_without_a_wait(case, dtype):
    inputs, out, cache, dout = prepare(case, dtype)
    if not all(isinstance(each, np.ndarray) for each in inputs):
        pytest.skip("numbers are not on a device")
    with duck_array.no_waiting():
        found, found_cache = case.forward(*on_device(inputs))
        grads = case.backward(on_device(dout), found_cache)
    assert agree(found, out)
    assert agree(grads, case.backward(dout, cache))


def moved(model):
    """A copy of a model with its arrays on the device."""
    twin = copy.deepcopy(model)
    twin.theta, twin.statistics = Duck(model.theta.copy()), Duck(model.statistics.copy())
    twin.params = parameters.views(twin.theta, twin.shapes)
    if hasattr(model, "running"):
        twin.running = parameters.views(twin.statistics,
                                        {name: each.shape for name, each in model.running.items()})
    return twin


NETS = {" ".join(map(str, names)): names for names in itertools.product(
    ACTIVATIONS, NORMS, (0.0, 0.3))}


def net_of(activation, norm, drop):
    return FullyConnectedNet([4, 6, 5, 3], activation=ACTIVATIONS[activation], norm=NORMS[norm],
                             drop=drop)


@pytest.mark.parametrize("make", [
    *MODELS.values(), *(lambda names=names: net_of(*names) for names in NETS.values()),
    *(lambda loss=loss: FullyConnectedNet([4, 6, 1 if loss is logistic_loss else 3],
                                          loss_layer=loss)
      for name, loss in LOSSES.items() if name != "square"),
    lambda: FullyConnectedNet([4, 6, 3], smoothing=0.1),
], ids=[*MODELS, *NETS, *(f"{name} loss" for name in LOSSES if name != "square"), "smoothing"])
def test_models_compute_on_the_device_without_a_wait(make):
    model = make()
    x, y = batch_for(model)
    weights = np.linspace(0.5, 1.5, len(x)).astype(x.dtype)
    twin = moved(model)
    for given in ((), (weights,)):
        with duck_array.no_waiting():
            loss, grads = twin.loss(*on_device((x, y, *given)))
            scores = twin.scores(Duck(x))
        expected_loss, expected = model.loss(x, y, *given)
        assert agree(loss, expected_loss)
        assert all(agree(grads[name], expected[name]) for name in expected)
        assert agree(scores, model.scores(x))
        assert agree(twin.statistics, model.statistics)


@pytest.mark.parametrize("make_rule", RULES, ids=lambda rule: rule.__name__)
@every_dtype
def test_rules_step_on_the_device_without_a_wait(make_rule, dtype):
    rule, rng = make_rule(), np.random.default_rng(0)
    theta, dtheta = rng.normal(size=(2, 9)).astype(dtype)
    slots = tuple(np.zeros_like(theta) for _ in rule.slots)
    there, slots_there = Duck(theta.copy()), on_device(slots)
    for t in range(1, 4):
        with duck_array.no_waiting():
            rule.step(there, Duck(dtheta), 0.1, t, *slots_there)
        rule.step(theta, dtheta, 0.1, t, *slots)
    assert agree((there, *slots_there), (theta, *slots))


def test_batches_l2_and_running_statistics_on_the_device():
    rng = np.random.default_rng(0)
    x, y, index = rng.normal(size=(6, 3)), rng.integers(0, 3, 6), np.array([4, 1, 5])
    with duck_array.no_waiting():
        assert agree(batches.take(*on_device((x, y, index))), batches.take(x, y, index))
    theta, W = rng.normal(size=9), rng.normal(size=(3, 3))
    piece, = pieces.cut(theta, {"W": (3, 3)}, {"W": 0.1}, [], 9)
    there, = pieces.cut(Duck(theta), {"W": (3, 3)}, {"W": 0.1}, [], 9)
    with duck_array.no_waiting():
        found = pieces.gradient_with_l2({"W": Duck(W)}, there, compiled=False)
    assert agree(found, pieces.gradient_with_l2({"W": W}, piece, compiled=False))
    clip_by_global_norm(found, 0.5)
    assert agree(batchnorm.update_running(*on_device((W[0], W[1])), batchnorm.forward(
        *on_device((W, W[0], W[1])))[1]), batchnorm.update_running(
        W[0], W[1], batchnorm.forward(W, W[0], W[1])[1]))


def test_the_duck_is_as_strict_as_a_device():
    """Or the tests above would say nothing."""
    there, here = Duck(np.ones(3)), np.ones(3)
    for wrong in (lambda: there + here, lambda: here * there, lambda: np.where(there > 0, here, 0),
                  lambda: there[np.array([0])], lambda: there.take(np.array([0])),
                  lambda: there.__setitem__(slice(None), here), lambda: here.__iadd__(there),
                  lambda: np.asarray(there), lambda: np.sort(there)):
        with pytest.raises(TypeError):
            wrong()
    with duck_array.no_waiting(), pytest.raises(TypeError, match="wait"):
        float(there.sum())
    assert len(CASES) > 40
