"""What every update rule promises of its step, and what its hyperparameters may be."""

import math

import numpy as np
import pytest
from update_rule_cases import RULES, slots_for, walk

from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

# The contract: in place, dtheta untouched, dtype kept, the rate free to change


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule_class", RULES)
def test_step_is_in_place_and_keeps_the_dtype(rule_class, dtype):
    rule = rule_class()
    theta = np.array([1.0, -2.0, 0.5], dtype=dtype)
    slots = slots_for(rule, theta)
    before, same_theta = theta.copy(), theta
    dtheta = np.array([0.3, 0.0, -4.0], dtype=dtype)
    dtheta.setflags(write=False)  # a rule that wrote to it would fail
    for t in (1, 2, 3):
        assert rule.step(theta, dtheta, 0.1, t, *slots) is None
    assert theta is same_theta and theta.dtype == dtype
    assert theta[0] < before[0] and theta[2] > before[2]
    assert all(slot.any() and slot.dtype == dtype for slot in slots)     # they too, in place


@pytest.mark.parametrize("rule_class", RULES)
def test_zero_gradient_from_the_start_moves_nothing(rule_class):
    # eps keeps 0 / 0 away
    theta = np.array([1.0, -2.0], dtype=np.float32)
    walk(rule_class(), theta, [np.zeros(2, dtype=np.float32)] * 3, 0.1)
    np.testing.assert_array_equal(theta, np.array([1.0, -2.0], dtype=np.float32))


@pytest.mark.parametrize("rule_class", RULES)
def test_the_rate_scales_the_stride_but_not_the_moments(rule_class):
    gradients = np.random.default_rng(1).standard_normal((3, 4))
    rule, last = rule_class(), []
    for rate, last_rate in ((0.1, 0.1), (5.0, 0.2)):
        slots, theta = slots_for(rule, np.zeros(4)), np.zeros(4)
        walk(rule, np.zeros(4), gradients[:2], rate, slots)
        rule.step(theta, gradients[2], last_rate, 3, *slots)
        last.append(theta)
    np.testing.assert_allclose(2 * last[0], last[1], rtol=1e-13)


@pytest.mark.parametrize("rule_class", RULES)
def test_float32_follows_float64(rule_class):
    gradients = np.random.default_rng(2).standard_normal((20, 30))
    theta = np.linspace(-1, 1, 30)
    exact = walk(rule_class(), theta.copy(), gradients, 0.01)
    single = walk(rule_class(), theta.astype(np.float32), gradients.astype(np.float32), 0.01)
    np.testing.assert_allclose(single, exact, atol=2e-5)


# Where the default numbers show: the defaults are PyTorch's


def test_defaults():
    assert Momentum().momentum == 0.9
    assert Nesterov().momentum == 0.9
    assert Adagrad().eps == 1e-10
    assert (Rmsprop().decay, Rmsprop().eps) == (0.99, 1e-8)
    assert (Adam().beta1, Adam().beta2, Adam().eps) == (0.9, 0.999, 1e-8)
    assert (Adamw().beta1, Adamw().beta2, Adamw().eps) == (0.9, 0.999, 1e-8)
    assert Adamw().weight_decay == 0.01


# Hyperparameters


@pytest.mark.parametrize(
    ("rule_class", "name", "values"),
    [
        (Momentum, "momentum", [-0.1, 1.0, math.nan]),
        (Nesterov, "momentum", [-0.1, 1.0, math.nan]),
        (Adagrad, "eps", [0.0, -1e-8, math.inf, math.nan]),
        (Rmsprop, "decay", [-0.1, 1.0, math.nan]),
        (Rmsprop, "eps", [0.0, -1e-8, math.inf, math.nan]),
        (Adam, "beta1", [-0.1, 1.0, math.nan]),
        (Adam, "beta2", [-0.1, 1.0, math.nan]),
        (Adam, "eps", [0.0, -1e-8, math.inf, math.nan]),
        (Adamw, "beta1", [1.0]),
        (Adamw, "beta2", [1.0]),
        (Adamw, "eps", [0.0]),
        (Adamw, "weight_decay", [-0.1, math.inf, math.nan]),
    ],
)
def test_hyperparameters_out_of_range_are_named(rule_class, name, values):
    for value in values:
        with pytest.raises(ValueError, match=f"^{name} must .* got {value}"):
            rule_class(**{name: value})


@pytest.mark.parametrize("rule, plain", [
    (Momentum(0.0), Sgd()), (Nesterov(0.0), Sgd()), (Adamw(weight_decay=0.0), Adam())])
def test_without_what_it_adds_a_rule_is_the_plainer_one(rule, plain):
    theta, gradients = np.ones(3), np.random.default_rng(4).standard_normal((4, 3))
    if isinstance(rule, Adamw):
        rule.decay_weights(theta, 0.1)
    expected = walk(plain, np.ones(3), gradients, 0.1)
    np.testing.assert_array_equal(walk(rule, theta, gradients, 0.1), expected)
