"""The gradient check on layers and models that break the contract, not the numbers of one call."""

import copy
import inspect

import numpy as np
import pytest

from gradient_check import check, check_model
from layers import affine, batchnorm, softmax_loss, tanh
from models.fully_connected_net import FullyConnectedNet

X = np.random.default_rng(0).standard_normal((6, 4))
W = np.random.default_rng(1).standard_normal((4, 3))


def forward(x):     # a right layer, the square of x, but that it takes integers
    return x * x, (x,)


def backward(dout, cache):
    return 2 * dout * cache[0]


def strict(x):
    if x.dtype.kind != "f":
        raise TypeError("x must be floats")
    return forward(x)


def mutates_x(x):
    x -= 1
    return (x + 1) ** 2, (x + 1,)


def mutates_dout(dout, cache):
    dout *= 2
    return dout * cache[0]


def mutates_cache(dout, cache):
    cache[0][...] *= dout
    return cache[0]


def mutates_x_through_the_cache(dout, cache):
    dx = 2 * dout * cache[0]
    cache[0][...] = 0
    return dx


def counts_its_calls(dout, cache):
    cache["calls"] += 1
    return 2 * dout * cache["x"] * cache["calls"]


newest = {}
buffer = np.empty_like(X)


def keeps_in_module(x):
    newest["x"] = x.copy()
    return x * x, ()


def keeps_in_buffer(x):
    buffer[: len(x)] = x
    return x * x, (buffer[: len(x)].astype(x.dtype, copy=False),)


def test_a_right_layer_has_no_findings_but_perhaps_the_remark_on_integers():
    assert check(strict, backward, X).found == []
    report = check(forward, backward, X)
    assert ["integers" in each.says for each in report.found] == [True]
    assert check(forward, backward, X, contract=True).wrong
    assert not report.wrong and check(strict, backward, X.astype(np.float32)).found == []


@pytest.mark.parametrize("f, b, kind, where, word", [
    (mutates_x, backward, "input mutated", "forward", "argument x"),
    (forward, mutates_dout, "input mutated", "backward", "dout"),
    (lambda x: (x * x, (2 * x,)), mutates_cache, "input mutated", "backward", "cache"),
    (forward, mutates_x_through_the_cache, "input mutated", "backward", "argument x"),
    (lambda x: (x * x, {"x": x, "calls": 0}), counts_its_calls, "stale cache", "backward",
     "second"),
    (lambda x: (x * x, iter([x])), lambda dout, cache: 2 * dout * next(cache),
     "stale cache", "backward", "StopIteration"),
    (keeps_in_module, lambda dout, cache: 2 * dout * newest["x"], "stale cache",
     "backward", "newest"),
    (keeps_in_buffer, backward, "stale cache", "backward", "newest"),
    (lambda x: (x * x, (x.astype(np.float64),)), backward, "dtype", "dx", "float64"),
    (lambda x: (x.astype(np.float64) ** 2, (x,)),
     lambda dout, cache: (2 * dout * cache[0]).astype(cache[0].dtype), "dtype",
     "forward's output", "float64"),
    (forward, lambda dout, cache: (2 * dout * cache[0]).astype(np.float32), "dtype", "dx",
     "float32"),
    (lambda x: (np.mean(x * x, axis=0), (x,)), lambda dout, cache: dout * cache[0] / 3,
     "last batch", "dx", "shorter"),
    (forward, lambda dout, cache: 1 / 0, "raised", "backward", "ZeroDivisionError"),
    (np.linalg.inv, backward, "raised", "forward", "LinAlgError"),
    (forward, lambda dout, cache: None, "shape", "dx", "None"),
    (forward, lambda dout, cache: backward(dout, cache)[:, 0], "shape", "dx", "(6,)"),
    (forward, lambda dout, cache: (backward(dout, cache), dout), "shape", "backward",
     "2 gradients"),
])
def test_a_breach_is_named(f, b, kind, where, word):
    report = check(f, b, X, contract=True)
    assert report.wrong
    found = [each for each in report.found if each.kind == kind and each.where == where]
    assert len(found) == 1, report.text()
    assert word in found[0].says
    assert found[0].remedy and found[0].fails and kind in report.text()


def test_too_few_and_too_many_gradients():
    def right(dout, cache):
        return dout @ cache[1].T, cache[0].T @ dout

    def product(x, W):
        return x @ W, (x, W)
    assert not check(product, right, X, W).wrong
    assert not check(product, lambda d, c: right(d, c)[0], X, W, wrt=(0,)).wrong
    for b in (lambda d, c: right(d, c)[0], lambda d, c: (*right(d, c), d)):
        report = check(product, b, X, W, wrt=(0, 1))
        assert [(each.kind, each.where) for each in report.found] == [("shape", "backward")]
        assert "dx, dW" in report.found[0].says


def test_overflow_at_large_inputs_is_a_remark_and_fails_nothing():
    report = check(lambda x: (np.exp(x), (np.exp(x),)), lambda dout, cache: dout * cache[0], X)
    assert not report.wrong
    assert any("not finite" in each.says for each in report.found)


def test_a_tolerance_holds_for_every_part_of_the_check():
    def slightly_wrong(dout, cache):
        return 2.0001 * dout * cache[0]
    assert check(strict, slightly_wrong, X).wrong
    assert check(strict, slightly_wrong, X, tolerance=1e-3).found == []     # the short batch too


@pytest.mark.parametrize("rows", [2, 3, 7])
def test_two_inputs_of_as_many_rows_are_no_false_alarm(rows):
    a, b = np.random.default_rng(0).standard_normal((2, rows, 5))
    report = check(lambda a, b: (a * b, (a, b)),
                   lambda dout, cache: (dout * cache[1], dout * cache[0]), a, b)
    assert not report.wrong, report.text()


def test_raise_if_wrong_raises_the_report_as_an_assertion_error():
    check(strict, backward, X).raise_if_wrong()
    wrong = check(strict, lambda dout, cache: 3 * dout * cache[0], X)
    with pytest.raises(AssertionError) as error:
        wrong.raise_if_wrong()
    assert wrong.text() in str(error.value)
    assert "1.5 times" in str(error.value)


def test_the_callers_arrays_are_left_alone_and_numbers_without_a_float_are_refused():
    x = X.copy()
    check(mutates_x, mutates_dout, x)
    assert np.array_equal(x, X)
    with pytest.raises(TypeError, match="float"):
        check(forward, backward, 3, np.arange(3))


# Models.

class Linear:
    """A linear classifier without theta; a subclass spoils what loss gives."""

    def __init__(self):
        self.params = {"W": W.copy(), "b": np.zeros(3)}

    def loss(self, x, y):
        scores, cache = affine.forward(x, self.params["W"], self.params["b"])
        loss, loss_cache = softmax_loss.forward(scores, y)
        _, dW, db = affine.backward(softmax_loss.backward(1.0, loss_cache), cache)
        return loss, self.spoilt({"W": dW, "b": db}, x, y)

    def spoilt(self, grads, x, y):
        return grads


class Nested(Linear):
    """Its arrays lie in an object of its own; params are the very same arrays."""

    def __init__(self):
        self.inner = Linear()
        self.params = self.inner.params.copy()

    def loss(self, x, y):
        return self.inner.loss(x, y)


def spoilt_by(change):
    """A Linear with change(model, grads, x, y) -> grads after each loss."""
    model = Linear()
    model.spoilt = change
    return model


Y = np.array([0, 1, 2, 2, 1, 0])
NETS = [{}, {"drop": 0.4}, {"norm": batchnorm, "drop": 0.4, "activation": tanh}]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("options", NETS, ids=["plain", "dropout", "both"])
def test_check_model_leaves_everything_bit_for_bit_as_it_was(options, dtype):
    model = FullyConnectedNet([4, 8, 3], rng=np.random.default_rng(1), dtype=dtype, **options)
    before = {name: copy.deepcopy(value) for name, value in vars(model).items()
              if not inspect.ismodule(value)}
    x, y = X.astype(dtype), Y.copy()
    report = check_model(model, x, y)
    assert report.found == [] and not report.wrong, report.text()
    assert {line.name[1:] for line in report.lines} == set(model.params)
    assert [report.line_of(name).count("agrees") for name in ("dW1", "dW2")] == [32, 24]
    for name in ("theta", "statistics"):
        now = vars(model)[name]
        assert now.dtype == dtype and now.tobytes() == before[name].tobytes(), name
    assert model.rng.bit_generator.state == before["rng"].bit_generator.state
    assert all(np.shares_memory(value, model.theta) for value in model.params.values())
    assert x.tobytes() == X.astype(dtype).tobytes() and y.tobytes() == Y.tobytes()


@pytest.mark.parametrize("model", [Linear(), Nested()], ids=["dict", "nested"])
def test_a_model_without_theta(model):
    report = check_model(model, X, Y)
    assert report.found == [], report.text()
    assert report.count("agrees") == 15 and not report.wrong
    assert [line.name for line in report.lines] == ["dW", "db"]


@pytest.mark.parametrize("change, kind, word", [
    (lambda grads, x, y: {"W": grads["W"]}, "shape", "db is missing"),
    (lambda grads, x, y: {**grads, "b": None}, None, "db"),
    (lambda grads, x, y: {**grads, "b": grads["b"][None]}, "shape", "(1, 3)"),
    (lambda grads, x, y: x.sort(axis=0) or grads, "input mutated", "x in place"),
    (lambda grads, x, y: y.sort() or grads, "input mutated", "y in place"),
    (lambda grads, x, y: {k: v.astype(np.float32) for k, v in grads.items()}, "dtype",
     "float32"),
    (lambda grads, x, y: {k: v * len(x) / 6 for k, v in grads.items()}, "last batch", "shorter"),
    (lambda grads, x, y: 1 / 0, "raised", "ZeroDivisionError"),
])
def test_a_models_breach_is_named(change, kind, word):
    report = check_model(spoilt_by(change), X, Y, contract=True)
    assert any(word in each.says and kind in (None, each.kind) for each in report.found)
    with pytest.raises(AssertionError, match="Linear"):
        report.raise_if_wrong()


def test_gradients_added_up_over_calls_are_told():
    total = []
    report = check_model(spoilt_by(lambda grads, x, y: total.append(grads["W"])
                                   or {**grads, "W": sum(total)}), X, Y)
    assert "stale cache" in [each.kind for each in report.found]


@pytest.mark.parametrize("forward, backward, x, says", [
    (lambda x: x * x, backward, X, "forward returns one value, ndarray, where (out, cache)"),
    (lambda x: (x, x, x), backward, X, "forward returns 3 values, where (out, cache)"),
    (lambda x: 1.0, backward, X, "forward returns one value, float"),
    (lambda x: X[:2], backward, X, "forward returns one value"),
    (lambda x: X[:2].tolist(), backward, X, "forward's output is a list, where floats"),
    (lambda x: (None, (x,)), backward, X, "forward's output is None, where floats"),
    (lambda x: (np.ones(3, int), (x,)), backward, X, "forward's output is an array of int64"),
    (lambda x: (x / 0, (x,)), backward, X, "forward's output is not finite"),
    (forward, backward, X[:0], "forward's output is an empty array"),
    (lambda x: (x * x * np.random.random(), (x,)), backward, X,
     "forward gives another output when it is called again"),
    (lambda x: (x * x, None), backward, X, "backward raises TypeError"),
    (forward, lambda dout, cache: (dout, dout), X,
     "backward returns 2 gradients where one is wanted: dx"),
    (forward, lambda dout, cache: {"dx": dout}, X, "dx is a dict, where floats are wanted"),
    (forward, lambda dout, cache: 1.0, X, "dx has the shape () where its input has (6, 4)"),
    (forward, lambda dout, cache: dout * np.nan, X, "dx holds numbers that are not finite"),
])
def test_what_has_to_be_returned(forward, backward, x, says):
    report = check(forward, backward, x, wrt=(0,))
    assert report.wrong and report.found[0].says.startswith(says)


def test_gradients_that_add_up_over_calls_are_told_once_and_nothing_is_read_into_them():
    total = [0.0]

    def adds_up(dout, cache):
        total[0] = total[0] + 2 * dout * cache[0]
        return total[0]
    failing = [each for each in check(forward, adds_up, X).found if each.fails]
    assert [each.kind for each in failing] == ["stale cache"]


def test_what_breaks_the_contract_alone_is_a_remark_below():
    calls = []

    def jitters(dout, cache):
        calls.append(1)
        return 2 * dout * cache[0] * (1 + len(calls) % 2 * 2.3e-16)
    report = check(strict, jitters, X)
    assert not report.wrong and "differ by rounding" in report.found[0].says
    assert check(strict, jitters, X, contract=True).wrong
    wide = check(strict, lambda dout, cache: 3 * dout * cache[0].astype(float), X)
    assert [each.kind for each in wide.found] == ["factor", "dtype"]


def test_a_forward_that_rounds_to_float32_is_told_and_its_gradient_judged_as_far_as_can_be():
    def coarse(x, W):
        return (x.astype(np.float32) @ W.astype(np.float32)).astype(x.dtype), (x, W)

    def right(dout, cache):
        return dout @ cache[1].T, cache[0].T @ dout
    report = check(coarse, right, X, W)
    assert not report.wrong and any("rounds to float32" in each.says for each in report.found)
    assert check(coarse, lambda d, cache: (right(d, cache)[0], 1.1 * right(d, cache)[1]), X,
                 W).wrong


def test_none_stands_for_an_input_that_needs_no_gradient():
    report = check(lambda x, W: (x @ W, (x, W)), lambda dout, cache: (dout @ cache[1].T, None),
                   X, W)
    assert not report.wrong and any("dW is None" in each.says for each in report.found)


def test_an_absolute_tolerance():
    def slightly_wrong(dout, cache):
        return 2 * dout * cache[0] + 1e-5
    assert check(strict, slightly_wrong, X).wrong
    assert not check(strict, slightly_wrong, X, absolute=2e-5).wrong
