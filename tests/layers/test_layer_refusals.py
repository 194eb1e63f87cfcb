"""What layers, losses and gates refuse. Every message names the argument; see also WRONG_SHAPES."""

import inspect
import re

import numpy as np
import pytest
from layer_cases import LABELS, as_tuple, evaluated, every_case, prepare

from layers import (
    affine,
    batchnorm,
    dropout,
    gaussian_noise,
    l2_penalty,
    layernorm,
    logistic_loss,
    matmul,
    maxout,
    softmax_loss,
    square_loss,
    squared_hinge_loss,
    svm_loss,
)
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift


def refused_names(case):
    """Float arguments that must be refused by name, with their positions."""
    names = case.wrt.split() + (["y"] if case.name.startswith("square_loss") else [])
    return list(enumerate(names))


@every_case
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, bool])
def test_integers_are_refused_by_name(case, dtype):
    inputs = prepare(case)[0]
    for position, name in refused_names(case):
        wrong = (*inputs[:position], inputs[position].astype(dtype), *inputs[position + 1 :])
        with pytest.raises(TypeError, match=rf"\b{name}\b"):
            case.forward(*wrong)


@every_case
def test_mixed_dtypes_are_refused(case):
    inputs = prepare(case)[0]
    for position, array in enumerate(inputs):
        if array.dtype.kind == "f" and sum(other.dtype.kind == "f" for other in inputs) > 1:
            wrong = (*inputs[:position], array.astype(np.float32), *inputs[position + 1 :])
            with pytest.raises(TypeError, match="(float32.*float64)|(float64.*float32)"):
                case.forward(*wrong)


@every_case
def test_wrong_upstream_shapes_are_refused(case):
    _, out, cache, dout = prepare(case)
    part = as_tuple(dout)[0]
    wrongs = [np.ones(5), np.ones((2, 1))]
    if part.ndim:
        wrongs += [part[..., :-1], part[:1], part.T.copy() if part.ndim > 1 else part[:, None]]
    for wrong in wrongs:
        if wrong.shape == part.shape:
            continue
        for upstream in [(part, wrong), (wrong, part)] if case.module is copy else [wrong]:
            with pytest.raises(ValueError, match=re.escape(str(wrong.shape))) as refusal:
                case.backward(upstream, cache)
            if part.ndim:
                assert str(part.shape) in str(refusal.value)


@every_case
@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_wrong_upstream_dtypes_are_refused(case, dtype):
    _, out, cache, dout = prepare(case)
    if np.ndim(out) == 0 and dtype is np.float32:
        return  # the upstream of a loss is one number, usually a plain 1.0
    part = as_tuple(dout)[0]
    for upstream in (
        [(part, part.astype(dtype)), (part.astype(dtype), part)]
        if case.module is copy
        else [part.astype(dtype)]
    ):
        with pytest.raises(TypeError, match=rf"\bd\w+\b.*{np.dtype(dtype)}"):
            case.backward(upstream, cache)


def zeros(*shapes):
    return tuple(np.zeros(shape) for shape in shapes)


RNG = np.random.default_rng(0)
WRONG_SHAPES = [
    # forward, arguments, the name that the message holds, the shapes that it holds
    (matmul.forward, zeros((4, 3), (5, 2)), "W", [(4, 3), (5, 2)]),
    (matmul.forward, zeros((3,), (3, 2)), "x", [(3,)]),
    (matmul.forward, zeros((4, 3), (3,)), "W", [(3,)]),
    (affine.forward, zeros((4, 3), (5, 2), (2,)), "W", [(4, 3), (5, 2)]),
    (affine.forward, zeros((4, 3), (3, 2), (3,)), "b", [(3,)]),
    (affine.forward, zeros((4, 3), (3, 2), (1,)), "b", [(1,)]),
    (affine.forward, zeros((4, 3), (3, 2), (1, 2)), "b", [(1, 2)]),
    (affine.forward, zeros((4, 3), (3, 2), (4, 2)), "b", [(4, 2)]),
    (affine.forward, zeros((3,), (3, 2), (2,)), "x", [(3,)]),
    (affine.forward, zeros((2, 4, 3), (3, 2), (2,)), "x", [(2, 4, 3)]),
    (maxout.forward, zeros((4, 5)), "x", [(4, 5)]),
    (maxout.forward, zeros((4,)), "x", [(4,)]),
    (batchnorm.forward, zeros((4, 3), (4,), (3,)), "gamma", [(4, 3), (4,)]),
    (batchnorm.forward, zeros((4, 3), (3,), (1,)), "beta", [(4, 3), (1,)]),
    (batchnorm.forward, zeros((4, 3), (1, 3), (3,)), "gamma", [(4, 3), (1, 3)]),
    (batchnorm.forward, zeros((4,), (4,), (4,)), "x", [(4,)]),
    (evaluated, zeros((4, 3), (3,), (3,), (4,), (3,)), "mean", [(4, 3), (4,)]),
    (evaluated, zeros((4, 3), (3,), (3,), (3,), (1,)), "var", [(4, 3), (1,)]),
    (layernorm.forward, zeros((4, 3), (4,), (3,)), "gamma", [(4, 3), (4,)]),
    (layernorm.forward, zeros((4, 3), (3,), (1,)), "beta", [(4, 3), (1,)]),
    (layernorm.forward, zeros((4,), (4,), (4,)), "x", [(4,)]),
    (softmax_loss.forward, (np.zeros((3, 2)), LABELS), "y", [(4,), (3,)]),
    (softmax_loss.forward, (np.zeros((4, 2)), LABELS[:, None]), "y", [(4, 1), (4,)]),
    (softmax_loss.forward, (np.zeros(4), LABELS), "scores", [(4,)]),
    (svm_loss.forward, (np.zeros((3, 2)), LABELS), "y", [(4,), (3,)]),
    (svm_loss.forward, (np.zeros((4, 2)), LABELS[:, None]), "y", [(4, 1), (4,)]),
    (svm_loss.forward, (np.zeros(4), LABELS), "scores", [(4,)]),
    (gaussian_noise.forward, (np.zeros((3, 2)), np.ones(3), RNG), "spread", [(3,), (3, 2)]),
    (squared_hinge_loss.forward, (np.zeros(4), LABELS), "scores", [(4,)]),
    (logistic_loss.forward, (np.zeros(3), LABELS), "y", [(3,), (4,)]),
    (logistic_loss.forward, (np.zeros((4, 2)), LABELS), "scores", [(4, 2)]),
    (logistic_loss.forward, (np.zeros((3, 1)), LABELS), "y", [(4,), (3,)]),
    (square_loss.forward, zeros((4, 2), (4, 1)), "y", [(4, 2), (4, 1)]),
    (square_loss.forward, zeros((4,), (4, 1)), "y", [(4,), (4, 1)]),
    (square_loss.forward, zeros((4, 1), (4,)), "y", [(4, 1), (4,)]),
    (square_loss.forward, zeros((4, 2), (1, 2)), "y", [(4, 2), (1, 2)]),
    (add.forward, zeros((3,), (2,)), "y", [(3,), (2,)]),
    (multiply.forward, zeros((3,), (1,)), "y", [(3,), (1,)]),
    (maximum.forward, zeros((3, 2), (2,)), "y", [(3, 2), (2,)]),
]


@pytest.mark.parametrize(("forward", "arguments", "name", "shapes"), WRONG_SHAPES)
def test_wrong_shapes_are_refused(forward, arguments, name, shapes):
    with pytest.raises(ValueError, match=rf"\b{name}\b") as refusal:
        forward(*arguments)
    assert all(str(shape) in str(refusal.value) for shape in shapes)


@pytest.mark.parametrize("loss, scores", [
    (softmax_loss, np.zeros((2, 3))), (svm_loss, np.zeros((2, 3))),
    (squared_hinge_loss, np.zeros((2, 3))), (logistic_loss, np.zeros(2))])
def test_labels_are_integers_from_0_to_the_classes(loss, scores):
    for label in (-1, 3 if scores.ndim == 2 else 2, 255):
        with pytest.raises(ValueError, match=r"\by\b"):
            loss.forward(scores, np.array([0, label]))
    for y in (np.array([0.5, 1.0]), [0, 1]):
        with pytest.raises(TypeError, match=r"\by\b"):
            loss.forward(scores, y)


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, float("nan")])
def test_dropout_probability_out_of_range_is_refused(p):
    with pytest.raises(ValueError, match=r"\bp\b"):
        dropout.forward(np.zeros((2, 3)), p, RNG)


@pytest.mark.parametrize("pieces", [0, -1])
def test_maxout_needs_a_piece(pieces):
    with pytest.raises(ValueError, match=r"\bpieces\b"):
        maxout.forward(np.zeros((2, 4)), pieces)


def test_l2_strength_is_not_negative():
    with pytest.raises(ValueError, match=r"\bstrength\b"):
        l2_penalty.forward(np.ones((2, 2)), -0.1)
    penalty, cache = l2_penalty.forward(np.ones((2, 2)), 0.0)
    assert penalty == 0 and not l2_penalty.backward(1.0, cache).any()


@pytest.mark.parametrize(
    "gate",
    [add, multiply, maximum, copy, exp, reciprocal, scale, shift],
    ids=lambda gate: gate.__name__,
)
@pytest.mark.parametrize("kind", [int, np.int64, bool])
def test_gates_refuse_integers(gate, kind):
    names = list(inspect.signature(gate.forward).parameters)
    with pytest.raises(TypeError, match=r"\bx\b"):
        gate.forward(kind(1), *[2.0] * (len(names) - 1))
    if names[1:] == ["y"]:
        with pytest.raises(TypeError, match=r"\by\b"):
            gate.forward(2.0, kind(1))
