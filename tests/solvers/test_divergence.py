"""The Solver: it stops on a number that is not finite, and says where."""

import numpy as np
import pytest
from solver_cases import small_problem, solver_for

from layers import square_loss
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.divergence import Diverged


@pytest.mark.parametrize("spoil, place", [
    (lambda model, x, y: x.__setitem__((5, 1), np.nan), "the input x"),
    (lambda model, x, y: model.params["W2"].__setitem__((0, 0), np.inf), "the parameter W2"),
    (lambda model, x, y: model.params["W2"].fill(1e200), "hidden2"),
    (lambda model, x, y: model.params["W3"].fill(1e308), "scores"),
])
def test_stops_on_a_number_that_is_not_finite_and_says_where(spoil, place):
    x, y = small_problem()
    x = np.abs(x)
    model = FullyConnectedNet([4, 5, 6, 2], dtype=np.float64)
    model.params["W1"][:] = 1e150 if place == "hidden2" else 1.0
    model.params["W2"][:] = 1.0
    spoil(model, x, y)
    before = model.theta.copy()
    with pytest.raises(Diverged, match=place) as caught:
        solver_for(model, (x, y), batch_size=60).train()
    assert caught.value.step == 0
    assert np.array_equal(model.theta, before, equal_nan=True)


def test_a_learning_rate_far_too_high_stops_soon():
    x, y = small_problem()
    model = FullyConnectedNet([4, 8, 1], loss_layer=square_loss, dtype=np.float64)
    solver = solver_for(model, (x, y[:, None].astype(float)), metric=None, epochs=500,
                        schedule=schedules.constant(1e4))
    with pytest.raises(Diverged, match="step") as caught:
        solver.train()
    assert caught.value.step < 100


def test_a_gradient_that_overflows_where_the_loss_does_not():
    x = np.full((2, 1), 1e30, np.float32)
    y = np.full((2, 1), 1e10, np.float32)
    model = FullyConnectedNet([1, 1], loss_layer=square_loss)
    model.theta[:] = 0
    with pytest.raises(Diverged, match="gradient of W1"):
        solver_for(model, (x, y), batch_size=2, metric=None).train()
