"""Update rules against closed forms, exact fractions and scalar loops written from the papers."""

import math
from fractions import Fraction

import numpy as np
import pytest

from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

RULES = [Sgd, Momentum, Nesterov, Adagrad, Rmsprop, Adam, Adamw]
RULES_WITH_STATE = RULES[1:]


def walk(rule, theta, gradients, rate):
    """Take one step per gradient, and return where theta was after each."""
    path = []
    for dtheta in gradients:
        rule.step(theta, dtheta, rate)
        path.append(theta.copy())
    return np.array(path)


# Closed forms under the constant gradient g = (3, -0.5), which every rule must treat entry by entry


G = np.array([3.0, -0.5])
START = np.array([1.0, 2.0])


def walk_constant(rule, steps, rate):
    return walk(rule, START.copy(), [G] * steps, rate) - START


def test_sgd_moves_by_rate_times_gradient():
    t = np.arange(1, 6)[:, None]
    np.testing.assert_allclose(walk_constant(Sgd(), 5, 0.1), -0.1 * t * G, rtol=1e-13)


def test_momentum_velocity_is_a_geometric_sum():
    rule = Momentum(momentum=0.8)
    moved = walk_constant(rule, 20, 0.1)
    np.testing.assert_allclose(rule.velocity, G * (1 - 0.8**20) / (1 - 0.8), rtol=1e-13)
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
    rule = Rmsprop(decay=0.9)
    moved = walk_constant(rule, 30, 0.1)
    np.testing.assert_allclose(rule.mean_square, G**2 * (1 - 0.9**30), rtol=1e-13)
    travelled = 0.1 * sum(1 / math.sqrt(1 - 0.9**t) for t in range(1, 31))
    np.testing.assert_allclose(moved[-1], -travelled * np.sign(G), rtol=1e-6)


def test_adam_moves_by_the_rate_each_step():
    # m_hat is g and v_hat is g^2 at every step: the correction undoes the zeros exactly
    rule = Adam(beta1=0.9, beta2=0.99, eps=0.25)
    moved = walk_constant(rule, 30, 0.1)
    t = np.arange(1, 31)[:, None]
    np.testing.assert_allclose(moved, -0.1 * t * G / (np.abs(G) + 0.25), rtol=1e-12)
    np.testing.assert_allclose(rule.first_moment, G * (1 - 0.9**30), rtol=1e-13)
    np.testing.assert_allclose(rule.second_moment, G**2 * (1 - 0.99**30), rtol=1e-12)
    assert rule.steps == 30


def test_adamw_with_no_gradient_only_decays():
    rule = Adamw(weight_decay=0.5, decayed=slice(0, 2))
    theta = np.array([1.0, -2.0, 3.0])
    walk(rule, theta, [np.zeros(3)] * 4, 0.1)
    np.testing.assert_allclose(theta, [0.95**4, -2 * 0.95**4, 3.0], rtol=1e-14)


def test_adamw_decays_before_the_step_and_hides_it_from_the_moments():
    theta = np.array([1.0, 1.0])
    rule = Adamw(eps=1.0, weight_decay=0.5, decayed=slice(0, 1))
    rule.step(theta, np.array([3.0, 3.0]), 0.1)
    # the decay takes 0.05 of 1; Adam's stride is 0.1 * 3 / (3 + 1) for both
    np.testing.assert_allclose(theta, [0.95 - 0.075, 1 - 0.075], rtol=1e-14)
    np.testing.assert_allclose(rule.adam.first_moment, [0.3, 0.3], rtol=1e-14)


def test_adamw_decays_everything_unless_told():
    theta = np.array([1.0, 4.0])
    Adamw(weight_decay=0.5).step(theta, np.zeros(2), 0.1)
    np.testing.assert_allclose(theta, [0.95, 3.8], rtol=1e-14)


def test_adamw_without_decay_is_adam():
    gradients = np.random.default_rng(0).standard_normal((5, 4))
    a = walk(Adamw(0.8, 0.9, 1e-3, weight_decay=0.0), np.ones(4), gradients, 0.1)
    b = walk(Adam(0.8, 0.9, 1e-3), np.ones(4), gradients, 0.1)
    np.testing.assert_array_equal(a, b)


# Where the default numbers show: the defaults are PyTorch's


def test_defaults():
    assert Momentum().momentum == 0.9
    assert Nesterov().momentum == 0.9
    assert Adagrad().eps == 1e-10
    assert (Rmsprop().decay, Rmsprop().eps) == (0.99, 1e-8)
    assert (Adam().beta1, Adam().beta2, Adam().eps) == (0.9, 0.999, 1e-8)
    inner = Adamw().adam
    assert (inner.beta1, inner.beta2, inner.eps) == (0.9, 0.999, 1e-8)
    assert (Adamw().weight_decay, Adamw().decayed) == (0.01, slice(None))


# The quadratic a theta^2 / 2, whose gradient a theta changes from step to step


def descend(rule, a, theta, rate, steps):
    theta = np.array(theta, dtype=np.float64)
    for _ in range(steps):
        rule.step(theta, a * theta, rate)
    return theta


def test_sgd_on_a_quadratic_in_fractions():
    # each step multiplies theta by 1 - 2/4 and 1 - 3/4
    theta = descend(Sgd(), np.array([2.0, 3.0]), [1.0, 5.0], 0.25, 3)
    np.testing.assert_array_equal(theta, [1 / 8, 5 / 64])


def test_momentum_on_a_quadratic_in_fractions():
    # a = 1, rate 1/4, momentum 1/2, from 1: v = 1, 5/4, 17/16; theta = 3/4, 7/16, 11/64
    rule = Momentum(momentum=0.5)
    np.testing.assert_array_equal(descend(rule, 1.0, [1.0], 0.25, 3), [11 / 64])
    np.testing.assert_array_equal(rule.velocity, [17 / 16])


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


# The contract: in place, dtheta untouched, dtype kept, the rate free to change


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule_class", RULES)
def test_step_is_in_place_and_keeps_the_dtype(rule_class, dtype):
    rule = rule_class()
    theta = np.array([1.0, -2.0, 0.5], dtype=dtype)
    before, same_theta = theta.copy(), theta
    dtheta = np.array([0.3, 0.0, -4.0], dtype=dtype)
    dtheta.setflags(write=False)  # a rule that wrote to it would fail
    for _ in range(3):
        assert rule.step(theta, dtheta, 0.1) is None
    assert theta is same_theta and theta.dtype == dtype
    assert theta[0] < before[0] and theta[2] > before[2]
    moments = [value for value in rule.state().values() if isinstance(value, np.ndarray)]
    assert all(m.dtype == dtype and m.shape == (3,) for m in moments)


@pytest.mark.parametrize("rule_class", RULES)
def test_step_reaches_the_views_a_model_holds(rule_class):
    theta = np.ones(6)
    W = theta[:4].reshape(2, 2)
    rule_class().step(theta, np.ones(6), 0.1)
    np.testing.assert_array_equal(W.ravel(), theta[:4])
    assert (W < 1).all()


@pytest.mark.parametrize("rule_class", RULES)
def test_zero_gradient_from_the_start_moves_nothing(rule_class):
    # eps keeps 0 / 0 away; AdamW's decay is switched off by a slice that names nothing
    rule = rule_class(decayed=slice(0, 0)) if rule_class is Adamw else rule_class()
    theta = np.array([1.0, -2.0], dtype=np.float32)
    walk(rule, theta, [np.zeros(2, dtype=np.float32)] * 3, 0.1)
    np.testing.assert_array_equal(theta, np.array([1.0, -2.0], dtype=np.float32))


@pytest.mark.parametrize("rule_class", RULES)
def test_the_rate_scales_the_stride_but_not_the_moments(rule_class):
    gradients = np.random.default_rng(1).standard_normal((3, 4))
    rules = [rule_class(), rule_class()]
    if rule_class is Adamw:
        rules = [Adamw(weight_decay=0), Adamw(weight_decay=0)]
    walk(rules[0], np.zeros(4), gradients[:2], 0.1)
    walk(rules[1], np.zeros(4), gradients[:2], 5.0)
    last = [walk(rules[0], np.zeros(4), gradients[2:], 0.1)[0]]
    last.append(walk(rules[1], np.zeros(4), gradients[2:], 0.2)[0])
    np.testing.assert_allclose(2 * last[0], last[1], rtol=1e-13)


@pytest.mark.parametrize("rule_class", RULES)
def test_float32_follows_float64(rule_class):
    gradients = np.random.default_rng(2).standard_normal((20, 30))
    theta = np.linspace(-1, 1, 30)
    exact = walk(rule_class(), theta.copy(), gradients, 0.01)
    single = walk(rule_class(), theta.astype(np.float32), gradients.astype(np.float32), 0.01)
    np.testing.assert_allclose(single, exact, atol=2e-5)


def test_sgd_serves_models_of_several_sizes_and_dtypes():
    rule = Sgd()
    for dtype, size in [(np.float32, 3), (np.float64, 3), (np.float64, 5)]:
        theta = np.zeros(size, dtype=dtype)
        rule.step(theta, np.full(size, 1 / 3, dtype=dtype), 0.1)
        np.testing.assert_allclose(theta, -1 / 30, rtol=4 * np.finfo(dtype).eps)


# Checkpoints


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("taken_after", [0, 1, 4])
@pytest.mark.parametrize("rule_class", RULES)
def test_a_restored_rule_goes_on_bit_for_bit(rule_class, taken_after, dtype):
    gradients = np.random.default_rng(3).standard_normal((9, 5)).astype(dtype)
    rule, theta = rule_class(), np.ones(5, dtype=dtype)
    walk(rule, theta, gradients[:taken_after], 0.1)
    state, theta_then = rule.state(), theta.copy()
    walk(rule, theta, gradients[taken_after:], 0.1)

    restored = rule_class()
    restored.step(np.ones(2), np.ones(2), 1.0)  # whatever it remembers must give way
    restored.load_state(state)
    walk(restored, theta_then, gradients[taken_after:], 0.1)
    np.testing.assert_array_equal(theta_then, theta)
    assert theta_then.dtype == dtype
    for name, value in rule.state().items():
        np.testing.assert_array_equal(restored.state()[name], value)


@pytest.mark.parametrize(
    ("rule_class", "names"),
    [
        (Sgd, set()),
        (Momentum, {"velocity"}),
        (Nesterov, {"velocity"}),
        (Adagrad, {"sum_of_squares"}),
        (Rmsprop, {"mean_square"}),
        (Adam, {"first_moment", "second_moment", "steps"}),
        (Adamw, {"first_moment", "second_moment", "steps"}),
    ],
)
def test_state_names_what_a_checkpoint_keeps(rule_class, names):
    rule = rule_class()
    assert rule.state() == {}
    rule.step(np.ones(2), np.ones(2), 0.1)
    assert set(rule.state()) == names


@pytest.mark.parametrize("rule_class", RULES_WITH_STATE)
def test_state_and_rule_share_no_memory(rule_class):
    rule = rule_class()
    rule.step(np.ones(2), np.ones(2), 0.1)
    state = rule.state()
    kept = {name: np.copy(value) for name, value in state.items()}
    other = rule_class()
    other.load_state(state)
    for each in (rule, other):
        each.step(np.ones(2), np.full(2, 7.0), 0.1)
    for name, value in kept.items():
        np.testing.assert_array_equal(state[name], value)


@pytest.mark.parametrize("rule_class", [Adam, Adamw])
def test_steps_may_come_back_from_a_file_as_an_array(rule_class):
    rule = rule_class()
    rule.step(np.ones(2), np.ones(2), 0.1)
    state = {name: np.asarray(value) for name, value in rule.state().items()}
    rule.load_state(state)
    assert rule.state()["steps"] == 1 and isinstance(rule.state()["steps"], int)


@pytest.mark.parametrize("rule_class", RULES)
def test_load_state_refuses_unknown_names(rule_class):
    rule = rule_class()
    rule.step(np.ones(2), np.ones(2), 0.1)
    with pytest.raises(ValueError, match="speed"):
        rule.load_state({**rule.state(), "speed": np.ones(2)})


@pytest.mark.parametrize("name", ["first_moment", "second_moment", "steps"])
@pytest.mark.parametrize("rule_class", [Adam, Adamw])
def test_load_state_refuses_missing_names(rule_class, name):
    rule = rule_class()
    rule.step(np.ones(2), np.ones(2), 0.1)
    state = rule.state()
    del state[name]
    with pytest.raises(ValueError, match=name):
        rule.load_state(state)


@pytest.mark.parametrize("rule_class", RULES_WITH_STATE)
def test_load_state_refuses_another_rules_state(rule_class):
    with pytest.raises(ValueError, match="must hold .*got \\['average'\\]"):
        rule_class().load_state({"average": np.ones(2)})


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
        (Adamw, "decayed", [5, None]),
    ],
)
def test_hyperparameters_out_of_range_are_named(rule_class, name, values):
    for value in values:
        with pytest.raises(ValueError, match=f"^{name} must .* got {value}"):
            rule_class(**{name: value})


@pytest.mark.parametrize("rule_class", [Momentum, Nesterov])
def test_no_momentum_is_sgd(rule_class):
    gradients = np.random.default_rng(4).standard_normal((4, 3))
    plain = walk(Sgd(), np.ones(3), gradients, 0.1)
    np.testing.assert_array_equal(walk(rule_class(0.0), np.ones(3), gradients, 0.1), plain)
