"""Max-norm: columns keep their direction, and no step leaves one longer than the limit."""

import numpy as np
import pytest
from solver_cases import small_problem

from layers import batchnorm
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.by_name import UPDATE_RULES
from solvers.max_norm import limit_columns
from solvers.solver import Solver


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_long_columns_are_scaled_down_and_the_others_left_alone(dtype):
    W = np.array([[3, 0.3, 0, 1e15], [4, 0.4, 0, 0]], dtype)
    limit_columns(W, 2.0)
    assert W.dtype == dtype
    np.testing.assert_allclose(W[:, [0, 3]], [[1.2, 2], [1.6, 0]], rtol=1e-6)
    assert np.array_equal(W[:, 1:3], np.array([[0.3, 0], [0.4, 0]], dtype))     # to the bit


@pytest.mark.parametrize("rule", UPDATE_RULES)
@pytest.mark.parametrize("clip", [None, 0.5])
def test_after_each_step_no_column_is_longer_and_the_step_is_else_the_same(rule, clip):
    """The step of a Solver without the limit, limited by a plain loop, is the Solver's own."""
    x, y = small_problem()
    model = FullyConnectedNet([4, 8, 6, 2], norm=batchnorm, dtype=np.float64)
    solver = Solver(model, (x, y), update_rule=UPDATE_RULES[rule](),
                    schedule=schedules.constant(0.05), reg=1e-3, clip=clip, max_norm=0.8,
                    rng=np.random.default_rng(0))
    for index in (slice(0, 20), slice(20, 50), slice(10, 40)):
        before = model.theta.copy(), model.statistics.copy(), {
            name: slot.copy() for name, slot in solver.slots.items()}
        solver.step(solver.x[index], y[index])
        with_limit = model.theta.copy()
        model.theta[:], model.statistics[:] = before[:2]
        for name, slot in solver.slots.items():
            slot[:] = before[2][name]
        solver.steps -= 1
        solver.max_norm = None
        solver.step(solver.x[index], y[index])
        solver.max_norm = 0.8
        for name in model.weights:
            for column in model.params[name].T:
                column *= min(1, 0.8 / np.linalg.norm(column))
        np.testing.assert_allclose(with_limit, model.theta, rtol=1e-12)
        lengths = [np.linalg.norm(model.params[name], axis=0) for name in model.weights]
        assert max(each.max() for each in lengths) < 0.8 * (1 + 1e-12)


@pytest.mark.parametrize("max_norm", [0, -1.0, float("nan"), float("inf")])
def test_a_limit_must_be_a_length(max_norm):
    with pytest.raises(ValueError, match="^max_norm must be above 0, not"):
        Solver(FullyConnectedNet([2, 2]), (np.zeros((3, 2), np.float32), np.zeros(3, int)),
               update_rule=UPDATE_RULES["sgd"](), schedule=schedules.constant(0.1),
               rng=np.random.default_rng(0), max_norm=max_norm)
