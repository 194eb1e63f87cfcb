"""Layers at +-1e4, activations at +-1e38: finite, warning of nothing, and at the known limits."""

import numpy as np
import pytest
from layer_cases import every_activation, every_dtype

from layers import (
    batchnorm,
    elu,
    gelu,
    l2_penalty,
    layernorm,
    leaky_relu,
    logistic_loss,
    relu,
    selu,
    sigmoid,
    silu,
    softmax_loss,
    softplus,
    square_loss,
    squared_hinge_loss,
    svm_loss,
    tanh,
)
from layers.gates import exp

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


@pytest.fixture(autouse=True)
def floating_point_errors_raise():
    """Overflow, division by zero and NaN raise; that e^-10000 is 0 is no error."""
    with np.errstate(all="raise", under="ignore"):
        yield


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
def test_activations_are_finite_even_where_a_square_is_not(layer, dtype):
    half = np.logspace(-30, 38, 500)
    x = np.concatenate([-half, [0.0], half]).astype(dtype)
    out, cache = layer.forward(x)
    assert np.isfinite(out).all() and np.isfinite(layer.backward(np.ones_like(x), cache)).all()


@every_activation
def test_activations_do_not_hide_a_nan(layer):
    x = np.array([1.0, np.nan])
    assert np.isnan(layer.forward(x)[0]).tolist() == [False, True]


@every_dtype
@pytest.mark.parametrize("layer, scores, y, expected, dscores", [
    (softmax_loss, [[1e4, 0.0]], [1], 1e4, [[1, -1]]),
    (softmax_loss, [[1e4, 0.0]], [0], 0, [[0, 0]]),
    (softmax_loss, [[-1e4, 1e4]], [0], 2e4, [[-1, 1]]),
    (softmax_loss, [[1e4, 0.0], [-1e4, -1e4]], [1, 0], 5e3 + np.log(2) / 2,
     [[0.5, -0.5], [-0.25, 0.25]]),                         # each row by its own largest
    (softmax_loss, [[-1e4] * 4], [2], np.log(4), [[0.25, 0.25, -0.75, 0.25]]),
    (svm_loss, [[1e4, -1e4, 1e4]], [1], 40002, [[1, -2, 1]]),
    (svm_loss, [[1e4, -1e4, 1e4]], [0], 1, [[-1, 0, 1]]),
    (squared_hinge_loss, [[1e4, -1e4]], [0], 0, [[0, 0]]),
    (squared_hinge_loss, [[1e4, -1e4]], [1], 2 * 10001**2, [[20002, -20002]]),
    (logistic_loss, [1e4, 1e4, -1e4, -1e4], [1, 1, 0, 0], 0, [0, 0, 0, 0]),
    (logistic_loss, [1e4, 1e4, -1e4, -1e4], [0, 0, 1, 1], 1e4, [0.25, 0.25, -0.25, -0.25]),
    (logistic_loss, [1e4, 1e4, -1e4, -1e4], [0, 1, 0, 0], 2.5e3, [0.25, 0, 0, 0]),
])
def test_class_losses_at_their_limits(layer, scores, y, expected, dscores, dtype):
    loss, cache = layer.forward(np.array(scores, dtype), np.array(y))
    assert loss == pytest.approx(expected, rel=1e-6)
    assert layer.backward(1.0, cache).tolist() == dscores


@every_dtype
def test_square_loss_and_penalty_at_their_limits(dtype):
    scores = np.full((2, 3), 1e4, dtype)
    loss, cache = square_loss.forward(scores, -scores)
    assert loss == 6e8 and np.array_equal(square_loss.backward(1.0, cache), scores)
    penalty, cache = l2_penalty.forward(scores, 0.5)
    assert penalty == 3e8 and np.array_equal(l2_penalty.backward(1.0, cache), scores)


def test_losses_do_not_hide_a_nan():
    scores, y = np.zeros((2, 3)), np.array([0, 1])
    scores[1, 0] = np.nan
    for loss in (softmax_loss.forward(scores, y)[0], svm_loss.forward(scores, y)[0],
                 squared_hinge_loss.forward(scores, y)[0],
                 logistic_loss.forward(scores[:, 0], y)[0],
                 square_loss.forward(scores, np.zeros((2, 3)))[0]):
        assert np.isnan(loss)


def normalize(layer, x, dtype, **options):
    """Normalize x, which lies along axis 0, with gamma 3 and beta 5; and back from a ramp."""
    x = np.asarray(x, dtype) if layer is batchnorm else np.asarray(x, dtype).T.copy()
    gamma, beta = np.full(x.shape[1], 3, dtype), np.full(x.shape[1], 5, dtype)
    out, cache = layer.forward(x, gamma, beta, **options)
    dout = np.linspace(-1e2, 1e2, x.size, dtype=dtype).reshape(x.shape)
    dx, dgamma, dbeta = layer.backward(dout, cache)
    assert all(np.isfinite(array).all() for array in (out, dx, dgamma, dbeta))
    return (out, dx) if layer is batchnorm else (out.T, dx.T)


@every_dtype
@pytest.mark.parametrize("layer", [batchnorm, layernorm], ids=lambda layer: layer.__name__)
def test_normalizers_of_huge_values(layer, dtype):
    for value in (0.0, 1e4, 2.5):       # a constant goes to beta
        out, dx = normalize(layer, np.full((8, 2), value), dtype)
        assert np.array_equal(out, np.full((8, 2), 5.0))
        assert np.abs(dx.sum(axis=0)).max() < 1e-1  # of slopes near 3 / sqrt(1e-5) * 100 = 1e5
    out, _ = normalize(layer, [[1e4, 1.0], [-1e4, 1.0], [1e4, 1.0], [-1e4, 1.0]], dtype)
    assert out == pytest.approx(np.array([[8, 5], [2, 5], [8, 5], [2, 5]]), rel=1e-6)
    # A spread of 2 on top of 1e4 is 1000 units in the last place of float32.
    out, _ = normalize(layer, [[10001.0], [9999.0]], dtype, eps=1e-12)
    assert out == pytest.approx(np.array([[8.0], [2.0]]), rel=1e-6)
    out, dx = normalize(layer, [[1e4, -7.0]], dtype)        # one row
    assert out.tolist() == [[5, 5]] and dx.tolist() == [[0, 0]]


@every_dtype
def test_the_exp_gate_overflows_honestly(dtype):
    with np.errstate(all="warn"), pytest.warns(RuntimeWarning, match="overflow"):
        out, _ = exp.forward(np.array([1e4], dtype))
    assert np.isinf(out).all()
    assert exp.forward(np.array([-1e4], dtype))[0].tolist() == [0]
