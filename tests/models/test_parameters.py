"""theta and its views, first weights, dtypes, and what a model refuses."""

import functools

import numpy as np
import pytest
from model_cases import MODELS, batch_for

from layers import layernorm
from models import initialization
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet

every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


@every_model
def test_theta_is_the_parameters(make):
    model = make(dtype=np.float64)
    assert model.theta.ndim == 1
    assert model.theta.flags.c_contiguous
    assert model.theta.size == sum(param.size for param in model.params.values())
    model.theta[:] = np.arange(model.theta.size)
    seen = np.concatenate([param.ravel() for param in model.params.values()])
    assert np.array_equal(seen, np.arange(model.theta.size))
    model.params["b1"][:] = -1
    assert (model.theta == -1).sum() == model.params["b1"].size
    in_weights = sum(model.params[name].size for name in model.weights)
    model.theta[in_weights:] = 0
    assert all(not model.params[name].any() for name in model.params if name not in model.weights)


@every_model
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(make, dtype):
    model = make(dtype=dtype)
    x, y = batch_for(model)
    loss, grads = model.loss(x, y)
    assert model.theta.dtype == model.scores(x).dtype == loss.dtype == dtype
    assert model.statistics.dtype == dtype
    for name, gradient in grads.items():
        assert gradient.dtype == dtype
        assert gradient.shape == model.params[name].shape


def test_float32_is_the_default():
    assert all(make().theta.dtype == np.float32 for make in MODELS.values())


@every_model
def test_one_generator_one_set_of_weights(make):
    first, again, other = (make(rng=np.random.default_rng(s)).theta for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@every_model
def test_biases_start_at_zero_and_norms_as_identity(make):
    model = make()
    for name, param in model.params.items():
        if name[0] == "b":
            assert not param.any()
        if name.startswith("gamma"):
            assert (param == 1).all()


@pytest.mark.parametrize("init, spread", [
    (initialization.he, np.sqrt(2 / 300)), (initialization.xavier, np.sqrt(2 / 500)),
    (initialization.lecun, np.sqrt(1 / 300)), (initialization.normal, 0.01),
    (functools.partial(initialization.normal, scale=0.5), 0.5), (initialization.zeros, 0.0),
])
def test_spread_of_first_weights(init, spread):
    W = init(np.random.default_rng(0), 300, 200)
    assert W.shape == (300, 200)
    # 60,000 draws: the standard deviation is known to 0.3%, the mean to 0.4% of it
    assert abs(W.std() - spread) <= 0.015 * spread
    assert abs(W.mean()) <= 0.02 * spread


def test_he_keeps_the_signal_through_thirty_relu_layers():
    x = np.random.default_rng(1).normal(size=(50, 200))
    net = FullyConnectedNet([200] + [200] * 30 + [10], dtype=np.float64)
    spreads = [np.sqrt(np.square(out).mean()) for out in net.activations(x).values()]
    assert 0.2 < spreads[-2] / spreads[0] < 5


@pytest.mark.parametrize("call, word", [
    (lambda: TwoLayerNet(0, 5, 3), "W1"),
    (lambda: TwoLayerNet(4, 5, 3, dtype=np.int64), "dtype"),
    (lambda: TwoLayerNet(4, 5, 3, dtype=np.float16), "dtype"),
    (lambda: FullyConnectedNet([4]), "sizes"),
    (lambda: FullyConnectedNet([4, 3], drop=1.0), "drop"),
    (lambda: FullyConnectedNet([4, 3], norm="batch"), "norm"),
])
def test_what_cannot_be_made_is_refused_by_name(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_a_net_without_hidden_layers_is_the_linear_classifier():
    x, y = np.random.default_rng(0).normal(size=(8, 4)), np.arange(8) % 3
    deep = FullyConnectedNet([4, 3], norm=layernorm, dtype=np.float64)
    linear = LinearClassifier(4, 3, dtype=np.float64)
    linear.theta[:] = deep.theta
    assert deep.loss(x, y)[0] == linear.loss(x, y)[0]
