"""Update rules against closed forms, exact fractions and scalar loops written from the papers."""

import math
from fractions import Fraction

import numpy as np
import pytest
from update_rule_cases import slots_for, walk

from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

# Closed forms under the constant gradient g = (3, -0.5), which every rule must treat entry by entry


G = np.array([3.0, -0.5])
START = np.array([1.0, 2.0])


def walk_constant(rule, steps, rate, slots=None):
    return walk(rule, START.copy(), [G] * steps, rate, slots) - START


def test_sgd_moves_by_rate_times_gradient():
    t = np.arange(1, 6)[:, None]
    np.testing.assert_allclose(walk_constant(Sgd(), 5, 0.1), -0.1 * t * G, rtol=1e-13)


def test_momentum_velocity_is_a_geometric_sum():
    velocity = np.zeros(2)
    moved = walk_constant(Momentum(momentum=0.8), 20, 0.1, [velocity])
    np.testing.assert_allclose(velocity, G * (1 - 0.8**20) / (1 - 0.8), rtol=1e-13)
    # the sum over t of (1 - 0.8^t) / 0.2 is (20 - 0.8 (1 - 0.8^20) / 0.2) / 0.2
    travelled = (20 - 0.8 * (1 - 0.8**20) / 0.2) / 0.2
    np.testing.assert_allclose(moved[-1], -0.1 * travelled * G, rtol=1e-13)


def test_momentum_begins_like_sgd():
    np.testing.assert_allclose(walk_constant(Momentum(0.9), 1, 0.1)[0], -0.1 * G, rtol=1e-14)


def test_nesterov_is_one_velocity_ahead():
    moved = walk_constant(Nesterov(momentum=0.8), 4, 0.1)
    strides = np.diff(moved, axis=0, prepend=np.zeros((1, 2)))
    # g + 0.8 v_t is v_{t+1} under a constant gradient: 1.8, 2.44, 2.952, 3.3616
    expected = np.outer([1.8, 2.44, 2.952, 3.3616], -0.1 * G)
    np.testing.assert_allclose(strides, expected, rtol=1e-13)


def test_adagrad_stride_is_one_over_root_t():
    moved = walk_constant(Adagrad(), 50, 0.1)
    travelled = 0.1 * sum(1 / math.sqrt(t) for t in range(1, 51))
    np.testing.assert_allclose(moved[-1], -travelled * np.sign(G), rtol=1e-8)


def test_rmsprop_stride_shrinks_to_the_rate():
    mean_square = np.zeros(2)
    moved = walk_constant(Rmsprop(decay=0.9), 30, 0.1, [mean_square])
    np.testing.assert_allclose(mean_square, G**2 * (1 - 0.9**30), rtol=1e-13)
    travelled = 0.1 * sum(1 / math.sqrt(1 - 0.9**t) for t in range(1, 31))
    np.testing.assert_allclose(moved[-1], -travelled * np.sign(G), rtol=1e-6)


def test_adam_moves_by_the_rate_each_step():
    # m_hat is g and v_hat is g^2 at every step: the correction undoes the zeros exactly
    first, second = np.zeros((2, 2))
    moved = walk_constant(Adam(beta1=0.9, beta2=0.99, eps=0.25), 30, 0.1, [first, second])
    t = np.arange(1, 31)[:, None]
    np.testing.assert_allclose(moved, -0.1 * t * G / (np.abs(G) + 0.25), rtol=1e-12)
    np.testing.assert_allclose(first, G * (1 - 0.9**30), rtol=1e-13)
    np.testing.assert_allclose(second, G**2 * (1 - 0.99**30), rtol=1e-12)


def test_adamw_shrinks_weights_by_the_rate_and_the_decay():
    weights = np.array([1.0, -2.0])
    for _ in range(4):
        Adamw(weight_decay=0.5).decay_weights(weights, 0.1)
    np.testing.assert_allclose(weights, [0.95**4, -2 * 0.95**4], rtol=1e-14)


def test_adamw_without_decay_is_adam():
    weights = np.array([1.0, 4.0])
    Adamw(weight_decay=0.0).decay_weights(weights, 0.1)
    np.testing.assert_array_equal(weights, [1.0, 4.0])
    gradients = np.random.default_rng(0).standard_normal((5, 4))
    a = walk(Adamw(0.8, 0.9, 1e-3, weight_decay=0.0), np.ones(4), gradients, 0.1)
    b = walk(Adam(0.8, 0.9, 1e-3), np.ones(4), gradients, 0.1)
    np.testing.assert_array_equal(a, b)


# The quadratic a theta^2 / 2, whose gradient a theta changes from step to step


def descend(rule, a, theta, rate, steps, slots=None):
    theta = np.array(theta, dtype=np.float64)
    slots = slots_for(rule, theta) if slots is None else slots
    for t in range(1, steps + 1):
        dtheta = a * theta
        if isinstance(rule, Adamw):
            rule.decay_weights(theta, rate)
        rule.step(theta, dtheta, rate, t, *slots)
    return theta


def test_sgd_on_a_quadratic_in_fractions():
    # each step multiplies theta by 1 - 2/4 and 1 - 3/4
    theta = descend(Sgd(), np.array([2.0, 3.0]), [1.0, 5.0], 0.25, 3)
    np.testing.assert_array_equal(theta, [1 / 8, 5 / 64])


def test_momentum_on_a_quadratic_in_fractions():
    # a = 1, rate 1/4, momentum 1/2, from 1: v = 1, 5/4, 17/16; theta = 3/4, 7/16, 11/64
    velocity = np.zeros(1)
    end = descend(Momentum(momentum=0.5), 1.0, [1.0], 0.25, 3, [velocity])
    np.testing.assert_array_equal(end, [11 / 64])
    np.testing.assert_array_equal(velocity, [17 / 16])


def test_nesterov_on_a_quadratic_in_fractions():
    # a = 1, rate 1/4, momentum 1/2, from 1: v = 1, strides (1 + 1/2)/4 = 3/8 -> theta 5/8;
    # v = 9/8, (5/8 + 9/16)/4 = 19/64 -> 21/64; v = 57/64, (21/64 + 57/128)/4 = 99/512 -> 69/512
    np.testing.assert_array_equal(descend(Nesterov(0.5), 1.0, [1.0], 0.25, 3), [69 / 512])


def test_momentum_and_nesterov_on_a_quadratic_by_their_recurrences():
    # theta_{t+1} = theta_t - rate g_t + mu (theta_t - theta_{t-1}) for heavy ball (Polyak 1964);
    # Nesterov: y_{t+1} = x_t - rate a x_t, x_{t+1} = y_{t+1} + mu (y_{t+1} - y_t), written in x
    a, mu, rate = Fraction(3, 2), Fraction(7, 8), Fraction(1, 16)
    before, now = Fraction(2), Fraction(2)
    for _ in range(12):
        before, now = now, now - rate * a * now + mu * (now - before)
    got = descend(Momentum(float(mu)), float(a), [2.0], float(rate), 12)
    np.testing.assert_allclose(got, [float(now)], rtol=1e-13)

    ahead, y = Fraction(2), Fraction(2)
    for _ in range(12):
        y_next = ahead - rate * a * ahead
        ahead, y = y_next + mu * (y_next - y), y_next
    got = descend(Nesterov(float(mu)), float(a), [2.0], float(rate), 12)
    np.testing.assert_allclose(got, [float(ahead)], rtol=1e-13)


def test_adagrad_on_a_quadratic_by_a_scalar_loop():
    x, gradients = 2.0, []
    for _ in range(10):
        gradients.append(1.5 * x)
        x -= 0.3 * gradients[-1] / (0.01 + math.sqrt(math.fsum(g**2 for g in gradients)))
    np.testing.assert_allclose(descend(Adagrad(eps=0.01), 1.5, [2.0], 0.3, 10), [x], rtol=1e-12)


def test_rmsprop_on_a_quadratic_by_a_scalar_loop():
    # the running mean written out as the weighted sum it is
    x, gradients = 2.0, []
    for _ in range(10):
        gradients.append(1.5 * x)
        mean = math.fsum(0.2 * 0.8**age * g**2 for age, g in enumerate(reversed(gradients)))
        x -= 0.05 * gradients[-1] / (math.sqrt(mean) + 0.01)
    got = descend(Rmsprop(decay=0.8, eps=0.01), 1.5, [2.0], 0.05, 10)
    np.testing.assert_allclose(got, [x], rtol=1e-12)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_adam_and_adamw_on_a_quadratic_by_a_scalar_loop(weight_decay):
    # weighted means, whose weights sum to one: what the bias correction makes of the moments
    x, gradients = 2.0, []
    for _ in range(10):
        gradients.append(1.5 * x)
        weights1 = [0.7**age for age in range(len(gradients))]
        weights2 = [0.9**age for age in range(len(gradients))]
        newest_first = gradients[::-1]
        m_hat = math.fsum(map(math.prod, zip(weights1, newest_first, strict=True)))
        m_hat /= math.fsum(weights1)
        v_hat = math.fsum(w * g**2 for w, g in zip(weights2, newest_first, strict=True))
        v_hat /= math.fsum(weights2)
        x = x - 0.05 * weight_decay * x - 0.05 * m_hat / (math.sqrt(v_hat) + 0.01)
    rule = Adamw(0.7, 0.9, 0.01, weight_decay) if weight_decay else Adam(0.7, 0.9, 0.01)
    np.testing.assert_allclose(descend(rule, 1.5, [2.0], 0.05, 10), [x], rtol=1e-12)
