"""The Solver: what it refuses before it begins."""

import math

import numpy as np
import pytest
from solver_cases import small_problem, solver_for

from models.two_layer_net import TwoLayerNet


@pytest.mark.parametrize("options, word", [
    ({"batch_size": 0}, "batch_size"), ({"epochs": -1}, "epochs"), ({"reg": -1.0}, "reg"),
    ({"reg": [0.1]}, "reg has 1 values for 2"), ({"reg": math.nan}, "reg"),
    ({"momentum_schedule": lambda t: 0.9}, "momentum_schedule needs .* not Sgd"),
    ({"patience": 3}, "validation"), ({"min_delta": -1.0}, "min_delta"), ({"clip": 0.0}, "clip"),
])
def test_what_cannot_work_is_refused_by_name(options, word):
    with pytest.raises(ValueError, match=word):
        solver_for(TwoLayerNet(4, 5, 2), small_problem(np.float32), **options)


def test_examples_that_do_not_pair_up_are_refused():
    x, y = small_problem(np.float32)
    for train, val in (((x, y[:-1]), None), ((x[:0], y[:0]), None), ((x, y), (x, y[1:]))):
        with pytest.raises(ValueError, match="targets"):
            solver_for(TwoLayerNet(4, 5, 2), train, val)
