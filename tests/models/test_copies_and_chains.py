"""Models are copied and pickled whole, and the chain that they say is what they compute."""

import copy
import pickle

import numpy as np
import pytest
from model_cases import MODELS, batch_for

from data.errors import DataError
from flatprop.runs.export.chain import steps
from layers import affine, batchnorm, maxout
from models.two_layer_net import TwoLayerNet

COPIES = [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]


def trained(name):
    """A model that has seen a batch, with the batch: its rng and its statistics have moved."""
    model = MODELS[name]()
    model.theta += np.random.default_rng(2).normal(0, 0.3, model.theta.size).astype(np.float32)
    x, y = batch_for(model)
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
    expected = model.scores(x)
    held = model.params | vars(model).get("running", {})
    for layer, names in model.chain():
        arrays = [held[each] for each in names]
        if layer is batchnorm:
            arrays = [*arrays[:2], tuple(arrays[2:])]       # running=(mean, var)
        if layer is maxout:
            arrays = [model.pieces]
        x, _ = layer.forward(x, *arrays)
    assert np.array_equal(x, expected)
    assert {each for _, names in model.chain() for each in names} == set(held)


@pytest.mark.parametrize("chain, says", [
    (lambda right: right[:1] + right[2:], "other scores than"),
    (lambda right: [(affine, ["b1", "W1"]), *right[1:]], "cannot be run"),
    (lambda right: [], "cannot be run"),
    (lambda right: [(affine, ["W9", "b1"]), *right[1:]], "KeyError: 'W9'"),
])
def test_a_chain_that_is_not_what_scores_computes_is_not_exported(chain, says):
    model = TwoLayerNet(3, 4, 2)
    model.params["b1"][:] = 0.5
    right = model.chain()
    model.chain = lambda: chain(right)
    with pytest.raises(DataError, match=says):
        steps(model)
