"""Slips: each is wrong, and no two of one function say the same of it."""

import itertools

import numpy as np
import pytest

from flatprop.exercises.catalogue_training import first_batch, units
from flatprop.exercises.catalogue_vectors import (
    ONE_ZERO,
    ZEROS_AND_SIGNS,
    chain_of_matrices,
    pair,
    vectors,
)
from flatprop.exercises.checks import (
    inputs,
    layer_slips,
    probe,
    slips,
    training_slips,
    vector_slips,
)
from flatprop.exercises.checks.ways import formula_of
from flatprop.exercises.practice import linear_net, numerical, relu_jacobian, zero_weights
from layers import affine, l2_penalty, relu, sigmoid, softmax_loss, svm_loss
from solvers import schedules


def forward(layer):
    return lambda *case: layer.forward(*case)[0]


def slope(x, a, power, h):
    return probe.numerical(numerical, [(x, a, power, h)])[0]["value"]


def theta_after(theta, g, rate, steps):
    return theta - steps * rate * g


def several(make, *more):
    rng = np.random.default_rng(0)
    return [make(rng, size) for size in (3, 4, 5)] + [each(rng, 3) for each in more]


# W1, b1, W2 of three units with the same column of W1, and not the same bias, or row of W2.
SAME_BUT_BIAS = np.ones((2, 3)), np.array([1.0, 2.0, 3.0]), np.ones((3, 2))
SAME_BUT_ROW = np.ones((2, 3)), np.ones(3), np.array([[1.0, 2.0], [1.0, 2.0], [3.0, 2.0]])
ALL = [
    (layer_slips.SVM, forward(svm_loss), several(inputs.scores, inputs.scores_and_margin)),
    (layer_slips.SOFTMAX, forward(softmax_loss), several(inputs.scores, inputs.EXTREME_SCORES)),
    (layer_slips.L2, forward(l2_penalty), several(inputs.weight_and_strength)),
    (layer_slips.AFFINE, forward(affine), several(inputs.affine)[:1]),
    (layer_slips.RELU, forward(relu), several(inputs.batch)),
    (layer_slips.SIGMOID, forward(sigmoid), several(inputs.batch)),
    (vector_slips.NUMERICAL, slope,
     [(*np.array([[[1.5, 0.7], [0.9, 1.2]], [[2.0, 1.1], [1.3, 2.4]]]), 3, h)
      for h in (None, 0.1)]),
    (vector_slips.ERROR, numerical.relative_error, several(pair, ONE_ZERO, ZEROS_AND_SIGNS)),
    (vector_slips.JACOBIAN, relu_jacobian.jacobian, [(np.array([0.0, 2.0, -1.0, 3.0]),)]),
    (vector_slips.PRODUCT, relu_jacobian.implicit_product,
     [(np.array([0.0, 2.0, -1.0, 3.0]), np.array([1.5, -1.0, 2.0, 0.5]))]),
    (vector_slips.DEEP, linear_net.deep, several(chain_of_matrices)),
    (vector_slips.COLLAPSE, linear_net.collapse,
     [each[1:] for each in several(chain_of_matrices)]),
    (training_slips.ZERO, zero_weights.first_gradients, several(first_batch)),
    (training_slips.UNITS, zero_weights.different_units,
     [SAME_BUT_BIAS, SAME_BUT_ROW, units(np.random.default_rng(0), 2)]),
    (training_slips.SCHEDULE, lambda rate, every, factor, t: schedules.step(rate, every, factor)(t),
     [(0.8, 4, 0.5, t) for t in range(10)]),
    (training_slips.SGD, theta_after, [(*vectors(np.random.default_rng(0), 3), 0.5, steps)
                              for steps in (1, 2)]),
]


@pytest.mark.parametrize("known, right, cases", ALL)
def test_a_slip_is_told_by_its_own_words_and_the_right_function_by_none(known, right, cases):
    assert slips.cause(known, [right(*case) for case in cases], cases) == ""
    for says, remedy, function in itertools.takewhile(lambda slip: slip is not None, known):
        with np.errstate(all="ignore"):
            told = slips.cause(known, [function(*case) for case in cases], cases)
        assert told == f"\n  On every input: {says}\n  -> {remedy}"


def test_of_slips_that_the_cases_do_not_tell_apart_all_are_named():
    case = np.ones((2, 3)), np.ones(3), np.ones((3, 2))
    told = slips.cause(training_slips.UNITS, [1], [case])
    assert "the biases are not looked at, or W2 is not looked at, or W1 alone" in told


def test_nothing_is_like_infinity_and_none_says_nothing():
    wrong = [("e^x overflows", lambda x: np.exp(x)), ("not here", lambda x: None if x[0] else x)]
    case = np.array([0.0, 1.0, 1000.0]),
    assert slips.cause(wrong, [np.array([1.0, np.e, np.inf])], [case]) == "\n  -> e^x overflows"
    assert slips.cause(wrong, [np.array([1.0, 2.0, np.inf])], [case]) == ""
    both = [case, (np.array([2.0, 0.0]),)]
    assert slips.cause(wrong, [case[0], np.array([9.0, 9.0])], both) == "\n  -> not here"


def test_what_is_wrong_in_form_alone_has_no_formula():
    x = np.linspace(-1, 1, 20)
    given = [{"x": x}]
    assert formula_of("out", [np.tanh(x)], [np.tanh(x)], given) == ""
    assert "out is tanh(x)" in formula_of("out", [np.tanh(x)], [np.abs(x)], given)
