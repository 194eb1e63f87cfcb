"""Update rules on a theta^2 / 2, against fractions and scalar loops written from the papers.

Its gradient, a theta, changes from step to step.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from update_rule_cases import slots_for

from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd


def descend(rule, a, theta, rate, steps):
    theta = np.array(theta, dtype=np.float64)
    slots = slots_for(rule, theta)
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
