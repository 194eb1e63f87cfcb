"""Training with weights of the examples, against the same examples several times."""

import numpy as np
import pytest
from numerical_gradient import numerical_gradient, relative_error
from solver_cases import small_problem, solver_for

from layers import logistic_loss, softmax_loss, square_loss, svm_loss
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

MAKE = {
    "linear, svm": lambda: LinearClassifier(4, 2, loss_layer=svm_loss, dtype=np.float64),
    "two layers": lambda: TwoLayerNet(4, 5, 2, dtype=np.float64),
    "regressor": lambda: TwoLayerRegressor(4, 5, 1, dtype=np.float64),
    "logistic": lambda: FullyConnectedNet([4, 5, 1], loss_layer=logistic_loss, dtype=np.float64),
    "smoothed": lambda: FullyConnectedNet([4, 5, 2], smoothing=0.2, dtype=np.float64),
}
every_model = pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)


def problem(model):
    x, y = small_problem()
    return x, y[:, None].astype(np.float64) if model.loss_layer is square_loss else y


@every_model
def test_weights_train_as_repeated_rows_do(make):
    """Full batches: the weights are counts over their mean, as the repeated rows' mean has it."""
    counts = np.random.default_rng(5).integers(0, 4, 60)
    x, y = problem(make())
    again = np.repeat(np.arange(60), counts)
    weighted = solver_for(make(), (x, y, counts / counts.mean()), batch_size=60, epochs=8, reg=1e-3)
    repeated = solver_for(make(), (x[again], y[again]), batch_size=again.size, epochs=8, reg=1e-3)
    losses = [[entry["train_loss"] for entry in each.train()] for each in (weighted, repeated)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-11)
    assert np.allclose(weighted.model.theta, repeated.model.theta, rtol=0, atol=1e-11)
    assert not np.allclose(weighted.model.theta, make().theta, rtol=0, atol=1e-3)


@every_model
def test_the_gradient_of_a_weighted_loss(make):
    model = make()
    model.theta[:] = np.random.default_rng(2).normal(0, 0.7, model.theta.size)
    x, y = problem(model)
    x, y, weights = x[:7], y[:7], np.array([0.0, 0.5, 3.0, 1.0, 0.1, 1.4, 1.0])
    _, grads = model.loss(x, y, weights)
    for name, values in model.params.items():
        def loss_at(moved, values=values):
            kept, values[...] = values.copy(), moved
            loss = model.loss(x, y, weights)[0]
            values[...] = kept
            return loss
        expected = numerical_gradient(loss_at, [values.copy()], 0, 1.0, h=1e-5)
        assert relative_error(grads[name], expected) < 1e-6


def test_minibatches_take_their_weights_along():
    """What the model is shown over an epoch: every example once, each with its own weight."""
    x, y = small_problem()
    weights, shown = np.linspace(0.1, 2, 60), []
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    right = model.loss
    model.loss = lambda x, y, weights: shown.append((x, y, weights)) or right(x, y, weights)
    solver_for(model, (x, y, weights), epochs=1).train()
    assert [len(each[2]) for each in shown] == [16, 16, 16, 12]
    seen_x, seen_y, seen = map(np.concatenate, zip(*shown, strict=True))
    order = np.argsort(seen)
    assert np.array_equal(seen[order], weights)
    assert np.array_equal(seen_x[order], x) and np.array_equal(seen_y[order], y)


def test_what_is_judged_is_not_weighted():
    x, y = small_problem()
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    weights = np.where(y == 1, 9.0, 0.1)
    history = solver_for(model, (x, y, weights), (x, y), epochs=1).train()
    assert history[0]["val_loss"] == pytest.approx(
        float(softmax_loss.forward(model.scores(x), y)[0]), rel=1e-12)


@pytest.mark.parametrize("weights, says", [
    (np.ones(59), r"weights \(59,\): they must be \(60,\)"), (np.ones((60, 1)), r"\(60,\)"),
    (np.zeros(60), "not all 0"), (np.full(60, -1.0), "not negative"), (np.full(60, np.nan), "nan"),
])
def test_weights_that_do_not_fit_are_refused(weights, says):
    with pytest.raises(ValueError, match=says):
        solver_for(TwoLayerNet(4, 5, 2, dtype=np.float64), (*small_problem(), weights))


def test_validation_takes_no_weights():
    x, y = small_problem()
    with pytest.raises(ValueError, match="weights are for training alone"):
        solver_for(TwoLayerNet(4, 5, 2), (x, y), (x, y, np.ones(60)))


def test_a_model_whose_loss_takes_no_weights_is_refused_only_if_there_are_some():
    class Plain(TwoLayerNet):
        def loss(self, x, y):
            return super().loss(x, y)

    x, y = small_problem()
    solver_for(Plain(4, 5, 2, dtype=np.float64), (x, y), epochs=1).train()
    with pytest.raises(TypeError, match=r"Plain.loss takes \(x, y\) alone, and train has weights"):
        solver_for(Plain(4, 5, 2, dtype=np.float64), (x, y, np.ones(60)))


def test_smoothing_is_of_training_alone_and_of_the_softmax_loss():
    x, y = small_problem()
    plain = FullyConnectedNet([4, 5, 2], dtype=np.float64)
    model = FullyConnectedNet([4, 5, 2], smoothing=0.1, dtype=np.float64)
    assert model.loss_layer is softmax_loss
    assert solver_for(model, (x, y)).evaluate(x, y) == solver_for(plain, (x, y)).evaluate(x, y)
    assert model.loss(x, y)[0] != plain.loss(x, y)[0]
    for wrong in ({"smoothing": 1.0}, {"smoothing": -0.1},
                  {"smoothing": 0.1, "loss_layer": svm_loss}):
        with pytest.raises(ValueError, match="smoothing"):
            FullyConnectedNet([4, 5, 2], **wrong)
