"""What every layer, loss and gate promises, checked through one table of cases."""

import copy as copying
import inspect

import numpy as np
import pytest
from layer_cases import (
    CASES,
    approx,
    as_tuple,
    differentiate,
    every_activation,
    every_case,
    every_dtype,
    prepare,
)
from numerical_gradient import numerical_gradient, relative_error

from layers import dropout, gaussian_noise


@every_case
def test_signatures(case):
    """Gradients are of forward's first arguments; backward takes the upstream one and the cache."""
    assert list(inspect.signature(case.module.forward).parameters)[: len(case.wrt.split())] == (
        case.wrt.split())
    upstream, cache, *rest = inspect.signature(case.module.backward).parameters.values()
    assert upstream.name[0] == "d" and cache.name == "cache"
    assert all(parameter.default is not parameter.empty for parameter in rest)


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
    np.testing.assert_equal((again, first), (out, second))
    np.testing.assert_equal(before, (inputs, out, cache, dout))


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.module not in (dropout, gaussian_noise)],   # other draws
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


@every_activation
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 3)])
def test_activations_take_any_shape(layer, shape):
    x = np.linspace(-1.9, 2.1, int(np.prod(shape))).reshape(shape)
    out, cache = layer.forward(x)
    dx = layer.backward(np.full(shape, 2.0), cache)
    assert np.shape(out) == np.shape(dx) == shape
    for index in np.ndindex(shape):
        alone, alone_cache = layer.forward(np.array([x[index]]))
        assert out[index] == approx(alone[0])
        assert dx[index] == approx(layer.backward(np.array([2.0]), alone_cache)[0])
