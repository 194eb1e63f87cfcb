"""A model of one's own: what the Solver asks of it, and what it goes on without."""

import numpy as np
import pytest
from solver_cases import small_problem, solver_for

from flatprop.runs import checkpoint
from layers import affine, relu, softmax_loss
from models import parameters
from solvers import contract
from solvers.divergence import Diverged
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.sgd import Sgd


class SkipNet:
    """affine - ReLU, added to its own input; affine; softmax. Only what the Solver needs."""

    def __init__(self):
        self.shapes = {"b1": (4,), "W1": (4, 4), "W2": (4, 2), "b2": (2,)}
        self.weights = ["W1", "W2"]
        self.theta, self.params = parameters.lay_out(self.shapes, np.float64)
        self.theta[:] = np.random.default_rng(0).normal(size=self.theta.size)
        self.loss_layer = softmax_loss

    def scores(self, x):
        p = self.params
        active, _ = relu.forward(affine.forward(x, p["W1"], p["b1"])[0])
        return affine.forward(active + x, p["W2"], p["b2"])[0]

    def loss(self, x, y):
        p = self.params
        hidden, hidden_cache = affine.forward(x, p["W1"], p["b1"])
        active, active_cache = relu.forward(hidden)
        scores, scores_cache = affine.forward(active + x, p["W2"], p["b2"])
        loss, loss_cache = softmax_loss.forward(scores, y)
        dscores = softmax_loss.backward(1.0, loss_cache)
        dactive, dW2, db2 = affine.backward(dscores, scores_cache)
        dhidden = relu.backward(dactive, active_cache)
        _, dW1, db1 = affine.backward(dhidden, hidden_cache, need_dx=False)
        return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def test_a_model_with_what_is_required_alone_trains_and_comes_back(tmp_path):
    x, y = small_problem()
    whole, first, second = [
        solver_for(SkipNet(), (x, y), (x, y), update_rule=Momentum(), epochs=epochs, reg=1e-3)
        for epochs in (6, 3, 6)]
    history = whole.train()
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    first.train()
    checkpoint.save(tmp_path / "last.npz", first)
    checkpoint.restore(tmp_path / "last.npz", second)
    second.train()
    assert np.array_equal(second.model.theta, whole.model.theta)
    whole.use_best()
    assert np.array_equal(whole.model.theta, whole.best["theta"])


@pytest.mark.parametrize("rule", [Sgd(), Adamw(eps=1.0, weight_decay=0.5)])
@pytest.mark.parametrize("reg", [0.3, [0.3, 0.7]])
def test_l2_and_weight_decay_are_for_weights_wherever_they_lie(rule, reg):
    x, y = small_problem()
    model = SkipNet()
    before, grads = {name: p.copy() for name, p in model.params.items()}, model.loss(x, y)[1]
    solver_for(model, (x, y), update_rule=rule, reg=reg, batch_size=60, epochs=1).train()
    twice = {"W1": 0.6, "W2": 0.6 if reg == 0.3 else 1.4}
    for name, old in before.items():
        g = grads[name] + twice.get(name, 0.0) * old        # not divided by the batch
        expected = old - 0.1 * g
        if isinstance(rule, Adamw):         # at the first step the moments are g and g^2
            decay = 0.1 * 0.5 if name in model.weights else 0.0
            expected = old * (1 - decay) - 0.1 * g / (np.abs(g) + 1.0)
        np.testing.assert_allclose(model.params[name], expected, rtol=1e-12)


def test_it_diverges_in_words_too():
    x, y = small_problem()
    model = SkipNet()
    model.params["W2"][:] = 1e308
    model.params["W1"][:] = 1e10
    with pytest.raises(Diverged, match="is in the scores"):
        solver_for(model, (np.abs(x), y)).train()


@pytest.mark.parametrize("part", contract.REQUIRED)
def test_what_is_missing_is_named_with_what_it_must_be(part):
    class Partial:
        pass

    model = Partial()
    for name in contract.REQUIRED:
        if name != part:
            setattr(model, name, getattr(SkipNet(), name))
    with pytest.raises(TypeError) as caught:
        solver_for(model, small_problem())
    text = str(caught.value)
    assert text.startswith(f"Partial has no {part}") and contract.REQUIRED[part] in text
    assert "\n" not in text


def test_parameters_that_theta_does_not_move_are_refused():
    model = SkipNet()
    model.params["W2"] = model.params["W2"].copy()
    with pytest.raises(ValueError, match="W2 as a view of theta"):
        solver_for(model, small_problem())
    model = SkipNet()
    model.theta = model.theta[1:]
    with pytest.raises(ValueError, match=r"theta must be the vector \(30,\)"):
        solver_for(model, small_problem())


def swap(model):
    model.params["b1"], model.params["b2"] = model.params["b2"], model.params["b1"]


@pytest.mark.parametrize("spoil, says", [
    (lambda m: setattr(m, "shapes", dict(reversed(m.shapes.items()))), "at its place"),
    (swap, "at its place"),
    (lambda m: m.weights.append("W7"), "W7, which is not in its shapes"),
    (lambda m: setattr(m, "loss_layer", "softmax_loss"), "loss_layer must be the module"),
    (lambda m: setattr(m, "running", {"mean1": np.zeros(4)}), "view of the vector statistics"),
])
def test_parts_that_do_not_fit_each_other_are_refused(spoil, says):
    model = SkipNet()
    spoil(model)
    with pytest.raises((TypeError, ValueError), match=says):
        solver_for(model, small_problem())


@pytest.mark.parametrize("change, says", [
    (lambda loss, grads: loss, "the pair"), (lambda loss, grads: (grads, loss), "the pair"),
    (lambda loss, grads: (loss, [*grads.values()]), "the pair"),
    (lambda loss, grads: (loss, {f"d{name}": g for name, g in grads.items()}),
     "no gradient for b1; it names"),
    (lambda loss, grads: (loss, grads | {"W1": grads["W1"].T[:2]}), "of shape"),
])
def test_an_answer_of_another_form_is_refused_before_the_first_step(change, says):
    model = SkipNet()
    right, before = model.loss, model.theta.copy()
    model.loss = lambda x, y: change(*right(x, y))
    with pytest.raises((TypeError, ValueError), match=says):
        solver_for(model, small_problem()).train()
    assert np.array_equal(model.theta, before)


def test_running_statistics_that_leave_their_vector_are_noticed():
    model = SkipNet()
    model.statistics, model.running = parameters.lay_out({"mean1": (4,)}, np.float64)
    right = model.loss

    def loss(x, y):
        model.running["mean1"] = x.mean(axis=0)     # where running["mean1"][:] = is meant
        return right(x, y)

    model.loss = loss
    with pytest.raises(ValueError, match=r"write into it, running\['mean1'\]\[:\]"):
        solver_for(model, small_problem(), small_problem()).train()
