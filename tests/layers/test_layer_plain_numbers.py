"""Plain numbers: constants of any kind, the 1.0 upstream of a loss, the floats of a gate."""

import numpy as np
import pytest
from layer_cases import CASES, LABELS, as_tuple, every_dtype, prepare
from numerical_gradient import relative_error

from layers import (
    batchnorm,
    dropout,
    elu,
    gaussian_dropout,
    l2_penalty,
    layernorm,
    leaky_relu,
    relu,
    softmax_loss,
    svm_loss,
)
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift

CONSTANTS = [
    (lambda x, c: leaky_relu.forward(x, c), leaky_relu.backward),
    (lambda x, c: elu.forward(x, c), elu.backward),
    (lambda x, c: dropout.forward(x, c, np.random.default_rng(0)), dropout.backward),
    (lambda x, c: gaussian_dropout.forward(x, c, np.random.default_rng(0)),
     gaussian_dropout.backward),
    (lambda x, c: batchnorm.forward(x, x[0], x[1], eps=c), batchnorm.backward),
    (lambda x, c: layernorm.forward(x, x[0], x[1], eps=c), layernorm.backward),
    (lambda x, c: svm_loss.forward(x, LABELS, c), svm_loss.backward),
    (lambda x, c: l2_penalty.forward(x, c), l2_penalty.backward),
    (lambda x, c: scale.forward(x, c), scale.backward),
    (lambda x, c: shift.forward(x, c), shift.backward),
]


@pytest.mark.parametrize(("forward", "backward"), CONSTANTS)
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_constants_do_not_change_the_dtype(forward, backward, kind):
    x = np.random.default_rng(0).standard_normal((4, 3), dtype=np.float32)
    out, cache = forward(x, kind(0.5))
    dout = np.ones_like(out) if np.ndim(out) else 1.0
    assert out.dtype == np.float32
    assert all(grad.dtype == np.float32 for grad in as_tuple(backward(dout, cache)))


# Losses take a plain 1.0 upstream, and gates take plain floats.


@every_dtype
def test_losses_take_a_plain_upstream(dtype):
    for case in CASES:
        if "loss" in case.name or case.name == "l2_penalty":
            _, loss, cache, _ = prepare(case, dtype)
            assert np.ndim(loss) == 0
            grad = case.backward(1.0, cache)
            assert grad.dtype == dtype
            assert relative_error(case.backward(-2.5, cache), -2.5 * grad) < 1e-6


GATES = [
    (add, (3.0, 4.0), 7.0, 2.0, (2.0, 2.0)),
    (multiply, (2.0, 3.0), 6.0, 5.0, (15.0, 10.0)),
    (maximum, (4.0, 5.0), 5.0, 9.0, (0.0, 9.0)),
    (maximum, (5.0, 4.0), 5.0, 9.0, (9.0, 0.0)),
    (maximum, (5.0, 5.0), 5.0, 9.0, (9.0, 0.0)),
    (copy, (7.0,), (7.0, 7.0), (4.0, 2.0), 6.0),
    (exp, (0.0,), 1.0, 3.0, 3.0),
    (reciprocal, (4.0,), 0.25, 8.0, -0.5),
    (scale, (3.0, -2.0), -6.0, 5.0, -10.0),
    (shift, (3.0, -2.0), 1.0, 5.0, 5.0),
    (relu, (2.0,), 2.0, 3.0, 3.0),
    (relu, (-2.0,), 0.0, 3.0, 0.0),
]


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
@pytest.mark.parametrize(("gate", "inputs", "out", "dout", "grads"), GATES)
def test_gates_take_floats(gate, inputs, out, dout, grads, kind):
    def convert(values):
        return tuple(map(kind, values)) if isinstance(values, tuple) else kind(values)

    found, cache = gate.forward(*convert(inputs))
    assert type(cache) is tuple
    assert found == out and gate.backward(convert(dout), cache) == grads
    for value in as_tuple(found) + as_tuple(gate.backward(convert(dout), cache)):
        assert isinstance(value, kind) or value.dtype == kind
        assert np.ndim(value) == 0


@pytest.mark.parametrize("kind", [">i8", "<i2", "i1", "u1", ">u4"])
def test_labels_of_any_width_and_byte_order(kind):
    scores = np.array([[1.0, 2.0, 4.0], [0.0, 3.0, 1.0]])
    expected, _ = softmax_loss.forward(scores, np.array([2, 0]))
    assert softmax_loss.forward(scores, np.array([2, 0], kind))[0] == expected
    with pytest.raises(ValueError, match="labels"):
        softmax_loss.forward(scores, np.array([2, 3], kind))
