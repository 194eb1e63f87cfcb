"""Every layer at +-1e4, in both precisions: finite, warning of nothing, and at the known limits."""

import warnings

import numpy as np
import pytest

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
from layers.by_name import ACTIVATIONS
from layers.gates import exp, reciprocal

SELU_FLOOR, SELU_SLOPE = -1.7580993408473766, 1.0507009873554805

# Value at -1e4 and at 1e4, slope at -1e4 and at 1e4.
LIMITS = {
    relu: (0, 1e4, 0, 1),
    leaky_relu: (-100, 1e4, 0.01, 1),
    elu: (-1, 1e4, 0, 1),
    selu: (SELU_FLOOR, SELU_SLOPE * 1e4, 0, SELU_SLOPE),
    gelu: (0, 1e4, 0, 1),
    silu: (0, 1e4, 0, 1),
    softplus: (0, 1e4, 0, 1),
    sigmoid: (0, 1, 0, 0),
    tanh: (-1, 1, 0, 0),
}

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
every_activation = pytest.mark.parametrize(
    "layer", [layer for name, layer in ACTIVATIONS.items() if name not in ("none", "maxout")],
    ids=lambda layer: layer.__name__)


@pytest.fixture(autouse=True)
def floating_point_errors_raise():
    """Overflow, division by zero and NaN raise; that e^-10000 is 0 is no error."""
    with np.errstate(all="raise", under="ignore"):
        yield


def assert_finite(*arrays):
    assert all(np.isfinite(array).all() for array in arrays)


@every_dtype
@pytest.mark.parametrize("layer", LIMITS, ids=lambda layer: layer.__name__)
def test_activations_reach_their_limits(layer, dtype):
    out, cache = layer.forward(np.array([-1e4, 1e4], dtype))
    slopes = layer.backward(np.ones(2, dtype), cache)
    low, high, low_slope, high_slope = LIMITS[layer]
    assert out == pytest.approx([low, high], rel=3e-7, abs=1e-12)
    assert slopes == pytest.approx([low_slope, high_slope], rel=3e-7, abs=1e-12)


@every_dtype
@every_activation
def test_activations_are_finite_all_the_way(layer, dtype):
    half = np.logspace(-30, 4, 500)
    x = np.concatenate([-half, [0.0], half]).astype(dtype)
    out, cache = layer.forward(x)
    dx = layer.backward(np.full_like(x, -1e4), cache)
    assert_finite(out, dx)
    assert np.abs(out).max() <= 1.0508e4 and np.abs(dx).max() <= 1.8e4


@every_activation
def test_activations_are_finite_even_where_a_square_is_not(layer):
    out, cache = layer.forward(np.array([-1e38, 1e38], np.float32))
    assert_finite(out, layer.backward(np.ones(2, np.float32), cache))


@every_activation
def test_activations_do_not_hide_a_nan(layer):
    x = np.array([1.0, np.nan])
    assert np.isnan(layer.forward(x)[0]).tolist() == [False, True]


@every_dtype
@pytest.mark.parametrize("module", [softmax_loss, svm_loss], ids=lambda module: module.__name__)
def test_class_losses_are_finite_at_extreme_scores(module, dtype):
    corners = np.stack(np.meshgrid(*[[-1e4, 0.0, 1e4]] * 3), axis=-1).reshape(-1, 3).astype(dtype)
    for label in range(3):
        loss, cache = module.forward(corners, np.full(27, label))
        dscores = module.backward(1.0, cache)
        assert_finite(loss, dscores)
        assert np.abs(dscores.sum(axis=1)).max() < 1e-6


@every_dtype
def test_softmax_loss_at_its_limits(dtype):
    scores = np.array([[1e4, 0.0]], dtype)
    loss, cache = softmax_loss.forward(scores, np.array([1]))
    assert loss == 1e4 and softmax_loss.backward(1.0, cache).tolist() == [[1, -1]]
    loss, cache = softmax_loss.forward(scores, np.array([0]))
    assert loss == 0 and softmax_loss.backward(1.0, cache).tolist() == [[0, 0]]
    loss, _ = softmax_loss.forward(np.array([[-1e4, 1e4]], dtype), np.array([0]))
    assert loss == 2e4
    loss, cache = softmax_loss.forward(np.full((1, 4), -1e4, dtype), np.array([2]))
    assert loss == pytest.approx(np.log(4), rel=1e-6)
    assert softmax_loss.backward(1.0, cache).tolist() == [[0.25, 0.25, -0.75, 0.25]]


@every_dtype
def test_svm_loss_at_its_limits(dtype):
    scores = np.array([[1e4, -1e4, 1e4]], dtype)
    loss, cache = svm_loss.forward(scores, np.array([1]))
    assert loss == 40002 and svm_loss.backward(1.0, cache).tolist() == [[1, -2, 1]]
    loss, cache = svm_loss.forward(scores, np.array([0]))
    assert loss == 1 and svm_loss.backward(1.0, cache).tolist() == [[-1, 0, 1]]


@every_dtype
def test_logistic_loss_at_its_limits(dtype):
    scores = np.array([1e4, 1e4, -1e4, -1e4], dtype)
    for labels, expected, slopes in (
        ([1, 1, 0, 0], 0, [0, 0, 0, 0]),
        ([0, 0, 1, 1], 1e4, [0.25, 0.25, -0.25, -0.25]),
        ([0, 1, 0, 0], 2.5e3, [0.25, 0, 0, 0]),
    ):
        loss, cache = logistic_loss.forward(scores, np.array(labels))
        assert loss == expected and logistic_loss.backward(1.0, cache).tolist() == slopes


@every_dtype
def test_square_loss_and_penalty_at_their_limits(dtype):
    scores = np.full((2, 3), 1e4, dtype)
    loss, cache = square_loss.forward(scores, -scores)
    assert loss == 6e8 and np.array_equal(square_loss.backward(1.0, cache), scores)
    penalty, cache = l2_penalty.forward(scores, 0.5)
    assert penalty == 3e8 and np.array_equal(l2_penalty.backward(1.0, cache), scores)


@pytest.mark.parametrize(
    "call",
    [
        lambda scores: softmax_loss.forward(scores, np.array([0, 1])),
        lambda scores: svm_loss.forward(scores, np.array([0, 1])),
        lambda scores: logistic_loss.forward(scores[:, 0], np.array([0, 1])),
        lambda scores: square_loss.forward(scores, np.zeros((2, 3))),
    ],
)
def test_losses_do_not_hide_a_nan(call):
    scores = np.zeros((2, 3))
    scores[1, 0] = np.nan
    assert np.isnan(call(scores)[0])


def normalize(layer, x, dtype, **options):
    """Normalize x, which lies along axis 0, with gamma 3 and beta 5; and back from a ramp."""
    x = np.asarray(x, dtype) if layer is batchnorm else np.asarray(x, dtype).T.copy()
    gamma, beta = np.full(x.shape[1], 3, dtype), np.full(x.shape[1], 5, dtype)
    out, cache = layer.forward(x, gamma, beta, **options)
    dout = np.linspace(-1e2, 1e2, x.size, dtype=dtype).reshape(x.shape)
    dx, dgamma, dbeta = layer.backward(dout, cache)
    assert_finite(out, dx, dgamma, dbeta)
    return (out, dx) if layer is batchnorm else (out.T, dx.T)


every_normalizer = pytest.mark.parametrize(
    "layer", [batchnorm, layernorm], ids=lambda layer: layer.__name__
)


@every_dtype
@every_normalizer
@pytest.mark.parametrize("value", [0.0, 1e4, -1e4, 2.5])
def test_normalizers_send_a_constant_to_beta(layer, value, dtype):
    out, dx = normalize(layer, np.full((8, 2), value), dtype)
    assert np.array_equal(out, np.full((8, 2), 5.0))
    assert np.abs(dx.sum(axis=0)).max() < 1e-1  # of slopes near 3 / sqrt(1e-5) * 100 = 1e5


@every_dtype
@every_normalizer
def test_normalizers_of_huge_values(layer, dtype):
    out, _ = normalize(layer, [[1e4, 1.0], [-1e4, 1.0], [1e4, 1.0], [-1e4, 1.0]], dtype)
    assert out == pytest.approx(np.array([[8, 5], [2, 5], [8, 5], [2, 5]]), rel=1e-6)
    # A spread of 2 on top of 1e4 is 1000 units in the last place of float32.
    out, _ = normalize(layer, [[10001.0], [9999.0]], dtype, eps=1e-12)
    assert out == pytest.approx(np.array([[8.0], [2.0]]), rel=1e-6)


@every_dtype
@every_normalizer
def test_normalizers_of_a_single_value(layer, dtype):
    out, dx = normalize(layer, [[1e4, -7.0]], dtype)
    assert out.tolist() == [[5, 5]] and dx.tolist() == [[0, 0]]


@every_dtype
def test_batchnorm_evaluating_with_no_variance(dtype):
    x, ones, zeros = np.array([[1e4], [-1e4]], dtype), np.ones(1, dtype), np.zeros(1, dtype)
    out, cache = batchnorm.forward(x, ones, zeros, running=(zeros, zeros))
    assert out == pytest.approx(np.array([[1e4], [-1e4]]) / np.sqrt(1e-5), rel=1e-6)
    assert_finite(*batchnorm.backward(x, cache))


@every_dtype
def test_products_maxout_and_dropout_of_huge_values(dtype):
    x = np.full((4, 6), 1e4, dtype)
    for module, inputs in ((matmul, (x, x.T.copy())), (affine, (x, x.T.copy(), x[:, 0].copy()))):
        out, cache = module.forward(*inputs)
        assert_finite(out, *module.backward(np.full_like(out, 1e4), cache))
    out, cache = maxout.forward(-x, 3)
    assert np.array_equal(out, -x[:, :2])
    assert_finite(maxout.backward(x[:, :2], cache))
    out, cache = dropout.forward(x, 0.999, np.random.default_rng(0))
    assert_finite(out, dropout.backward(x, cache))


@every_dtype
def test_the_exp_gate_overflows_honestly(dtype):
    with np.errstate(all="warn"), pytest.warns(RuntimeWarning, match="overflow"):
        out, _ = exp.forward(np.array([1e4], dtype))
    assert np.isinf(out).all()
    assert exp.forward(np.array([-1e4], dtype))[0].tolist() == [0]


@every_dtype
def test_the_reciprocal_gate_at_huge_values(dtype):
    out, cache = reciprocal.forward(np.array([1e4, -1e4], dtype))
    assert out == pytest.approx([1e-4, -1e-4], rel=1e-6)
    assert reciprocal.backward(np.ones(2, dtype), cache) == pytest.approx([-1e-8, -1e-8], rel=1e-6)


def test_ordinary_error_settings_give_no_warning_either():
    x = np.array([-1e4, 0.0, 1e4], np.float32)
    with np.errstate(all="warn", under="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for layer in LIMITS:
            assert_finite(layer.backward(x, layer.forward(x)[1]))
