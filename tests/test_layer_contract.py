"""What every layer, loss and gate promises, checked through one table of cases."""

import copy as copying
import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
from numerical_gradient import numerical_gradient, relative_error

from layers import (
    affine,
    batchnorm,
    dropout,
    elu,
    gelu,
    l2_penalty,
    layernorm,
    leaky_relu,
    logistic_loss,
    matmul,
    maxout,
    relu,
    selu,
    sigmoid,
    silu,
    softmax_loss,
    softplus,
    square_loss,
    svm_loss,
    tanh,
)
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift


class Case(NamedTuple):
    """A layer with a maker of inputs; the differentiable ones, named in wrt, come first."""

    name: str
    module: ModuleType
    make: Callable
    wrt: str = "x"
    smooth: bool = True
    call: Callable | None = None  # forward with its constants, where it needs any

    def forward(self, *inputs):
        return self.call(*inputs) if self.call else self.module.forward(*inputs)

    def backward(self, dout, cache):
        return self.module.backward(dout, cache)


def normal(*shapes):
    """Make standard normal arrays."""
    return lambda rng: tuple(rng.standard_normal(shape) for shape in shapes)


def off_zero(shape):
    """Make an array of both signs that keeps off a kink, or a pole, at zero."""
    return lambda rng: (rng.uniform(0.4, 2.0, shape) * rng.choice([-1.0, 1.0], shape),)


def spread(rng, shape):
    """Values 0.376 apart: no two tie, and no two differ by 1 or 2, the kinks of the hinge."""
    return rng.permutation(np.linspace(-2.03, 2.11, 12)).reshape(shape)


def labelled(*shape, classes):
    return lambda rng: (rng.standard_normal(shape), rng.integers(0, classes, shape[0]))


def hinged(rng):
    return spread(rng, (4, 3)), rng.integers(0, 3, 4)


def running(rng):
    inputs = normal((6, 3), 3, 3, 3)(rng)
    return (*inputs, rng.uniform(0.5, 2.0, 3))


def dropped(x):
    return dropout.forward(x, 0.4, np.random.default_rng(7))


def evaluated(x, gamma, beta, mean, var):
    return batchnorm.forward(x, gamma, beta, running=(mean, var))


def widened(layer):
    return lambda x, gamma, beta: layer.forward(x, gamma, beta, eps=0.5)


PIECEWISE = [
    Case("relu", relu, off_zero((3, 4))),
    Case("leaky_relu", leaky_relu, off_zero((3, 4))),
    Case("leaky_relu 0.2", leaky_relu, off_zero(6), call=lambda x: leaky_relu.forward(x, 0.2)),
    Case("elu", elu, off_zero((3, 4))),
    Case("elu 0.3", elu, off_zero(6), call=lambda x: elu.forward(x, alpha=0.3)),
    Case("selu", selu, off_zero((3, 4))),
    Case("maxout", maxout, lambda rng: (spread(rng, (3, 4)),)),
    Case(
        "maxout 3", maxout, lambda rng: (spread(rng, (2, 6)),), call=lambda x: maxout.forward(x, 3)
    ),
    Case("svm_loss", svm_loss, hinged, "scores"),
    Case("svm_loss 2", svm_loss, hinged, "scores", call=lambda s, y: svm_loss.forward(s, y, 2.0)),
    Case("maximum", maximum, lambda rng: tuple(spread(rng, (2, 6))), "x y"),
]

CASES = [case._replace(smooth=False) for case in PIECEWISE] + [
    Case("matmul", matmul, normal((4, 3), (3, 5)), "x W"),
    Case("affine", affine, normal((4, 3), (3, 5), 5), "x W b"),
    Case("gelu", gelu, normal((3, 4))),
    Case("silu", silu, normal((3, 4))),
    Case("softplus", softplus, normal((3, 4))),
    Case("sigmoid", sigmoid, normal((3, 4))),
    Case("tanh", tanh, normal((3, 4))),
    Case("dropout", dropout, normal((3, 4)), call=dropped),
    Case("batchnorm", batchnorm, normal((6, 3), 3, 3), "x gamma beta"),
    Case("batchnorm 0.5", batchnorm, normal((6, 3), 3, 3), "x gamma beta", call=widened(batchnorm)),
    Case("batchnorm evaluating", batchnorm, running, "x gamma beta", call=evaluated),
    Case("layernorm", layernorm, normal((3, 6), 6, 6), "x gamma beta"),
    Case("layernorm 0.5", layernorm, normal((3, 6), 6, 6), "x gamma beta", call=widened(layernorm)),
    Case("softmax_loss", softmax_loss, labelled(4, 3, classes=3), "scores"),
    Case("logistic_loss", logistic_loss, labelled(5, classes=2), "scores"),
    Case("logistic_loss of a column", logistic_loss, labelled(5, 1, classes=2), "scores"),
    Case("square_loss", square_loss, normal((3, 4), (3, 4)), "scores"),
    Case("square_loss of a vector", square_loss, normal(5, 5), "scores"),
    Case("l2_penalty", l2_penalty, normal((3, 4)), "W", call=lambda W: l2_penalty.forward(W, 0.3)),
    Case("add", add, normal((3, 4), (3, 4)), "x y"),
    Case("multiply", multiply, normal((3, 4), (3, 4)), "x y"),
    Case("copy", copy, normal((3, 4))),
    Case("exp", exp, normal((3, 4))),
    Case("reciprocal", reciprocal, off_zero((3, 4))),
    Case("scale", scale, normal((3, 4)), call=lambda x: scale.forward(x, -1.5)),
    Case("shift", shift, normal((3, 4)), call=lambda x: shift.forward(x, 0.7)),
]

SIGNATURES = {
    matmul: "x, W",
    affine: "x, W, b",
    **dict.fromkeys([relu, selu, gelu, silu, softplus, sigmoid, tanh], "x"),
    leaky_relu: "x, slope=0.01",
    elu: "x, alpha=1.0",
    maxout: "x, pieces=2",
    dropout: "x, p, rng",
    batchnorm: "x, gamma, beta, running=None, eps=1e-05",
    layernorm: "x, gamma, beta, eps=1e-05",
    **dict.fromkeys([softmax_loss, logistic_loss, square_loss], "scores, y"),
    svm_loss: "scores, y, margin=1.0",
    l2_penalty: "W, strength",
    **dict.fromkeys([add, multiply, maximum], "x, y"),
    **dict.fromkeys([copy, exp, reciprocal], "x"),
    scale: "x, a",
    shift: "x, c",
}

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


def prepare(case, dtype=np.float64, seed=0):
    """Return inputs, out, cache and a random upstream gradient like out."""
    rng = np.random.default_rng(seed)
    inputs = tuple(floats_as(dtype, array) for array in case.make(rng))
    out, cache = case.forward(*inputs)
    if isinstance(out, tuple):
        dout = tuple(rng.standard_normal(np.shape(part)).astype(dtype) for part in out)
    else:
        dout = dtype(rng.standard_normal(np.shape(out)))
    return inputs, out, cache, dout


def floats_as(dtype, array):
    return array.astype(dtype) if array.dtype.kind == "f" else array


def as_tuple(values):
    return values if isinstance(values, tuple) else (values,)


def differentiate(case, dout, cache):
    """Call backward and insist that one gradient comes bare and several come as a tuple."""
    grads = case.backward(dout, cache)
    assert isinstance(grads, tuple) == (len(case.wrt.split()) > 1)
    assert len(as_tuple(grads)) == len(case.wrt.split())
    return as_tuple(grads)


def identical(first, second):
    """Compare nested tuples of arrays and plain values bit for bit."""
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(identical, first, second))
    first, second = np.asarray(first), np.asarray(second)
    return (
        first.dtype == second.dtype
        and first.shape == second.shape
        and first.tobytes() == second.tobytes()
    )


@pytest.mark.parametrize("module", SIGNATURES, ids=lambda module: module.__name__)
def test_signatures(module):
    assert str(inspect.signature(module.forward)) == f"({SIGNATURES[module]})"
    assert list(inspect.signature(module.backward).parameters)[1:] == ["cache"]


@every_case
@pytest.mark.parametrize("seed", [0, 1])
def test_gradients_agree_with_central_differences(case, seed):
    inputs, _, cache, dout = prepare(case, seed=seed)
    grads = differentiate(case, dout, cache)
    for position, grad in enumerate(grads):
        expected = numerical_gradient(lambda *args: case.forward(*args)[0], inputs, position, dout)
        assert relative_error(grad, expected) < (1e-9 if case.smooth else 1e-7)


@every_case
@every_dtype
def test_dtypes_and_shapes_are_kept(case, dtype):
    inputs, out, cache, dout = prepare(case, dtype)
    assert all(part.dtype == dtype for part in as_tuple(out))
    for array, grad in zip(inputs, differentiate(case, dout, cache), strict=False):
        assert (grad.dtype, grad.shape) == (dtype, array.shape)


@every_case
@every_dtype
def test_nothing_is_mutated_and_backward_can_be_repeated(case, dtype):
    inputs, out, cache, dout = prepare(case, dtype)
    assert type(cache) is tuple
    before = copying.deepcopy((inputs, out, cache, dout))
    again, _ = case.forward(*inputs)
    first = copying.deepcopy(case.backward(dout, cache))
    second = case.backward(dout, cache)
    assert identical(again, out) and identical(first, second)
    assert identical(before, (inputs, out, cache, dout))


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.module is not dropout],  # whose mask differs in float32
    ids=lambda case: case.name,
)
def test_float32_follows_float64(case):
    _, out, cache, dout = prepare(case)
    _, out32, cache32, dout32 = prepare(case, np.float32)
    for part32, part in zip(as_tuple(out32), as_tuple(out), strict=True):
        assert relative_error(part32, part) < 1e-5
    for grad32, grad in zip(
        differentiate(case, dout32, cache32), differentiate(case, dout, cache), strict=True
    ):
        assert relative_error(grad32, grad) < 1e-5


@every_case
def test_gradients_are_arrays_of_their_own(case):
    """So that adding to one in place changes neither another, nor dout, nor the cache."""
    inputs, _, cache, dout = prepare(case)
    grads = differentiate(case, dout, cache)
    kept = [part for part in (*inputs, *cache, *as_tuple(dout)) if isinstance(part, np.ndarray)]
    for position, grad in enumerate(grads):
        others = (*grads[:position], *grads[position + 1 :], *kept)
        assert not any(np.shares_memory(grad, other) for other in others)


@every_case
def test_memory_order_does_not_matter(case):
    inputs, out, cache, dout = prepare(case)
    strided = tuple(np.repeat(array, 2, axis=-1)[..., ::2].T.copy().T for array in inputs)
    out_strided, cache_strided = case.forward(*strided)
    for part, expected in zip(as_tuple(out_strided), as_tuple(out), strict=True):
        assert relative_error(part, expected) < 1e-14
    grads, expected = differentiate(case, dout, cache_strided), differentiate(case, dout, cache)
    assert all(relative_error(*two) < 1e-14 for two in zip(grads, expected, strict=True))


@pytest.mark.parametrize(
    "module",
    [relu, leaky_relu, elu, selu, gelu, silu, softplus, sigmoid, tanh, exp],
    ids=lambda m: m.__name__,
)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 3)])
def test_elementwise_functions_take_any_shape(module, shape):
    x = np.linspace(-1.9, 2.1, int(np.prod(shape))).reshape(shape)
    out, cache = module.forward(x)
    dx = module.backward(np.full(shape, 2.0), cache)
    assert np.shape(out) == np.shape(dx) == shape
    for index in np.ndindex(shape):
        alone, alone_cache = module.forward(np.array([x[index]]))
        assert out[index] == pytest.approx(alone[0], rel=1e-14)
        assert dx[index] == pytest.approx(
            module.backward(np.array([2.0]), alone_cache)[0], rel=1e-14
        )


# What is refused. Every message names the argument; see also the tables of wrong shapes below.


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
LABELS = np.zeros(4, int)
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


@pytest.mark.parametrize("loss", [softmax_loss, svm_loss], ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("label", [-1, 3, 255])
def test_labels_out_of_range_are_refused(loss, label):
    with pytest.raises(ValueError, match=r"\by\b"):
        loss.forward(np.zeros((4, 3)), np.array([0, 1, label, 2]))


@pytest.mark.parametrize("loss", [softmax_loss, svm_loss], ids=lambda loss: loss.__name__)
def test_labels_are_integers(loss):
    with pytest.raises((TypeError, ValueError), match=r"\by\b"):
        loss.forward(np.zeros((2, 3)), np.array([0.5, 1.0]))
    for dtype in (np.uint8, np.int32, np.int64):
        assert np.isfinite(loss.forward(np.zeros((2, 3)), np.array([0, 2], dtype))[0])


@pytest.mark.parametrize("label", [-1, 2])
def test_logistic_labels_are_0_or_1(label):
    with pytest.raises(ValueError, match=r"\by\b"):
        logistic_loss.forward(np.zeros(2), np.array([0, label]))


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


CONSTANTS = [
    (lambda x, c: leaky_relu.forward(x, c), leaky_relu.backward),
    (lambda x, c: elu.forward(x, c), elu.backward),
    (lambda x, c: dropout.forward(x, c, np.random.default_rng(0)), dropout.backward),
    (lambda x, c: batchnorm.forward(x, x[0], x[1], eps=c), batchnorm.backward),
    (lambda x, c: layernorm.forward(x, x[0], x[1], eps=c), layernorm.backward),
    (lambda x, c: svm_loss.forward(x, LABELS, c), svm_loss.backward),
    (lambda x, c: l2_penalty.forward(x, c), l2_penalty.backward),
    (lambda x, c: scale.forward(x, c), scale.backward),
    (lambda x, c: shift.forward(x, c), shift.backward),
]


@pytest.mark.parametrize(("forward", "backward"), CONSTANTS)
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_constants_do_not_change_the_dtype(forward, backward, kind):
    x = np.random.default_rng(0).standard_normal((4, 3), dtype=np.float32)
    out, cache = forward(x, kind(0.5))
    dout = np.ones_like(out) if np.ndim(out) else 1.0
    assert out.dtype == np.float32
    assert all(grad.dtype == np.float32 for grad in as_tuple(backward(dout, cache)))


# Losses take a plain 1.0 upstream, and gates take plain floats.


@every_dtype
def test_losses_take_a_plain_upstream(dtype):
    for case in CASES:
        if "loss" in case.name or case.name == "l2_penalty":
            _, loss, cache, _ = prepare(case, dtype)
            assert np.ndim(loss) == 0
            grad = case.backward(1.0, cache)
            assert grad.dtype == dtype
            assert relative_error(case.backward(-2.5, cache), -2.5 * grad) < 1e-6


GATES = [
    (add, (3.0, 4.0), 7.0, 2.0, (2.0, 2.0)),
    (multiply, (2.0, 3.0), 6.0, 5.0, (15.0, 10.0)),
    (maximum, (4.0, 5.0), 5.0, 9.0, (0.0, 9.0)),
    (maximum, (5.0, 4.0), 5.0, 9.0, (9.0, 0.0)),
    (maximum, (5.0, 5.0), 5.0, 9.0, (9.0, 0.0)),
    (copy, (7.0,), (7.0, 7.0), (4.0, 2.0), 6.0),
    (exp, (0.0,), 1.0, 3.0, 3.0),
    (reciprocal, (4.0,), 0.25, 8.0, -0.5),
    (scale, (3.0, -2.0), -6.0, 5.0, -10.0),
    (shift, (3.0, -2.0), 1.0, 5.0, 5.0),
]


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
@pytest.mark.parametrize(("gate", "inputs", "out", "dout", "grads"), GATES)
def test_gates_take_floats(gate, inputs, out, dout, grads, kind):
    def convert(values):
        return tuple(map(kind, values)) if isinstance(values, tuple) else kind(values)

    found, cache = gate.forward(*convert(inputs))
    assert type(cache) is tuple
    assert found == out and gate.backward(convert(dout), cache) == grads
    for value in as_tuple(found) + as_tuple(gate.backward(convert(dout), cache)):
        assert isinstance(value, kind) or value.dtype == kind
        assert np.ndim(value) == 0


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
