"""What an update rule saves, and that it goes on from there bit for bit."""

import numpy as np
import pytest
from update_rule_cases import RULES, RULES_WITH_STATE, walk

from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd


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
