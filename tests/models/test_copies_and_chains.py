"""Models are copied and pickled whole, and the chain that they say is what they compute."""

import copy
import pickle

import numpy as np
import pytest

from layers import batchnorm, layernorm, logistic_loss, maxout, svm_loss, tanh
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

MODELS = {
    "linear": lambda: LinearClassifier(4, 3, loss_layer=svm_loss),
    "two layers": lambda: TwoLayerNet(4, 5, 3),
    "regressor": lambda: TwoLayerRegressor(4, 5, 3),
    "batchnorm, dropout": lambda: FullyConnectedNet([4, 6, 5, 3], norm=batchnorm, drop=0.4),
    "layernorm": lambda: FullyConnectedNet([4, 6, 5, 3], norm=layernorm, activation=tanh),
    "maxout": lambda: FullyConnectedNet([4, 6, 5, 3], activation=maxout),
    "no activation": lambda: FullyConnectedNet([4, 6, 1], activation=None,
                                               loss_layer=logistic_loss),
}
COPIES = [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]


def trained(name):
    """A model that has seen a batch, with the batch: its rng and its statistics have moved."""
    model, rng = MODELS[name](), np.random.default_rng(1)
    model.theta += rng.normal(0, 0.3, model.theta.size).astype(np.float32)
    x = rng.normal(1, 2, (8, 4)).astype(np.float32)
    y = rng.integers(0, model.shapes[model.weights[-1]][1] if name != "no activation" else 2, 8)
    if name == "regressor":
        y = rng.normal(size=(8, 3)).astype(np.float32)
    model.loss(x, y)
    return model, x, y


@pytest.mark.parametrize("make_copy", COPIES, ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("name", MODELS)
def test_a_copy_is_whole_and_its_own(name, make_copy):
    model, x, y = trained(name)
    other = make_copy(model)
    assert vars(other).keys() == vars(model).keys()
    for _ in range(2):              # the dropout masks go on as they would have
        loss, grads = model.loss(x, y)
        loss_of_other, grads_of_other = other.loss(x, y)
        assert loss == loss_of_other
        assert all(np.array_equal(grads[each], grads_of_other[each]) for each in grads)
    assert np.array_equal(model.statistics, other.statistics)
    before = model.scores(x)
    other.theta[:] = 0
    other.statistics[:] = 1
    assert not any(view.any() for view in other.params.values())
    assert all((view == 1).all() for view in vars(other).get("running", {}).values())
    assert np.array_equal(model.scores(x), before)


@pytest.mark.parametrize("name", MODELS)
def test_the_chain_is_what_scores_computes(name):
    model, x, _ = trained(name)
    held = model.params | vars(model).get("running", {})
    for layer, names in model.chain():
        arrays = [held[each] for each in names]
        if layer is batchnorm:
            arrays = [*arrays[:2], tuple(arrays[2:])]       # running=(mean, var)
        x, _ = layer.forward(x, *arrays)
    assert np.array_equal(x, model.scores(trained(name)[1]))
    assert {each for _, names in model.chain() for each in names} == set(held)
