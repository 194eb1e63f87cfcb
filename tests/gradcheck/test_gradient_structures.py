"""Inputs in dicts and lists, two calls that differ, programs that end, and the printed report."""

import sys

import numpy as np
import pytest

from flatprop.gradcheck.differences import AGREES
from gradient_check import check, check_model

RNG = np.random.default_rng(0)
X, W, B = RNG.standard_normal((6, 4)), RNG.standard_normal((4, 3)), RNG.standard_normal(3)


def affine(params, x):
    return params["scale"] * (x @ params["W"] + params["b"]), (params, x)


def gradients(dout, cache):
    params, x = cache
    dz = params["scale"] * dout
    return {"W": x.T @ dz, "b": dz.sum(axis=0)}, dz @ params["W"].T


PARAMS = {"W": W, "scale": 0.5, "b": B}     # a float is a setting, and needs no gradient


@pytest.mark.parametrize("backward, names", [
    (gradients, ["dparams['W']", "dparams['b']", "dx"]),
    (lambda dout, cache: (*gradients(dout, cache)[0].values(), gradients(dout, cache)[1]),
     ["dparams['W']", "dparams['b']", "dx"]),
    (lambda dout, cache: gradients(dout, cache)[0], ["dparams['W']", "dparams['b']"]),
    (lambda dout, cache: (None, gradients(dout, cache)[1]), ["dx"]),
])
def test_a_dict_of_parameters(backward, names):
    report = check(affine, backward, PARAMS, X)
    assert not report.wrong, report.text()
    assert [line.name for line in report.lines] == names
    assert sum(line.count(AGREES) for line in report.lines) == sum(
        {"dparams['W']": 12, "dparams['b']": 3, "dx": 24}[name] for name in names)


def test_the_wrong_one_in_a_dict_is_named():
    def backward(dout, cache):
        dparams, dx = gradients(dout, cache)
        return dparams | {"b": dparams["b"] / 6}, dx
    found = check(affine, backward, PARAMS, X).found[0]
    assert (found.kind, found.where) == ("factor", "dparams['b']")
    assert "0.1667 times" in found.says


def test_gradients_in_a_list_where_no_input_is_one():
    report = check(lambda x, W: (x @ W, (x, W)),
                   lambda dout, cache: [dout @ cache[1].T, cache[0].T @ dout], X, W)
    assert not report.wrong and [line.name for line in report.lines] == ["dx", "dW"]


def test_lists_in_dicts():
    def forward(p):
        return (p["xs"][0] * p["xs"][1]) @ p["W"], p

    def backward(dout, p):
        d = dout @ p["W"].T
        return {"xs": [d * p["xs"][1], d * p["xs"][0]], "W": (p["xs"][0] * p["xs"][1]).T @ dout}

    def turned(dout, p):
        right = backward(dout, p)
        return right | {"xs": right["xs"][::-1]}
    given = {"xs": [X, X + 2], "W": W}
    assert not check(forward, backward, given).wrong
    wrong = check(forward, turned, given)
    assert [line.name for line in wrong.lines if line.wrong] == ["dp['xs'][0]", "dp['xs'][1]"]
    assert "where dp['xs'][0] should be there is dp['xs'][1]" in wrong.found[0].says


@pytest.mark.parametrize("backward", [
    lambda dout, cache: ({"W": gradients(dout, cache)[0]["W"]}, gradients(dout, cache)[1]),
    lambda dout, cache: ({"weight": dout, "bias": dout}, dout),
    lambda dout, cache: ([dout, dout], dout),
])
def test_gradients_of_another_structure(backward):
    (found,) = check(affine, backward, PARAMS, X).found
    assert found.fails and "params['W'], params['b'], x" in found.says


def shaking(x):
    return x * x * (1 + 1e-4 * RNG.uniform(-1, 1, x.shape)), (x,)


def test_what_two_calls_may_differ_by_is_given():
    def backward(dout, cache):
        return 2 * dout * cache[0]
    assert "another output" in check(shaking, backward, X).found[0].says
    report = check(shaking, backward, X, nondeterminism=1e-3)
    assert not report.wrong and any("between two calls" in each.says for each in report.found)
    tripled = check(shaking, lambda dout, cache: 3 * dout * cache[0], X, nondeterminism=1e-3)
    assert tripled.lines[0].wrong

    def unsteady(dout, cache):
        return backward(dout, cache) * (1 + 1e-4 * RNG.uniform(-1, 1))
    for allowed, wrong in ((1e-6, True), (1e-3, False)):
        assert check(lambda x: (x * x, (x,)), unsteady, X, nondeterminism=allowed).wrong == wrong


class Ending:
    def __init__(self, lock=None):
        self.params, self.lock = {"W": W.copy()}, lock

    def loss(self, x, y):
        sys.exit("no licence")


def test_a_program_that_ends_is_told_and_an_interrupt_is_none():
    def interrupted(x):
        raise KeyboardInterrupt
    assert check(lambda x: sys.exit(3), None, X).found[0].says == "forward raises SystemExit: 3"
    assert check_model(Ending(), X, B).found[0].says == "loss raises SystemExit: no licence"
    assert "cannot be copied" in check_model(Ending(iter([1] for _ in X)), X, B).found[0].says
    with pytest.raises(KeyboardInterrupt):
        check(interrupted, None, X)


def test_an_error_of_several_lines_is_one_line():
    def forward(x):
        raise ValueError("one\n  two")
    assert check(forward, None, X).found[0].says == "forward raises ValueError: one two"


def test_a_position_that_is_none_is_refused():
    with pytest.raises(ValueError, match="0 to 1, and 2 is none"):
        check(affine, gradients, PARAMS, X, wrt=(2,))


def test_print_shows_the_report():
    report = check(affine, gradients, PARAMS, X)
    heading, *rest = str(report).splitlines()
    assert "subject" in heading and rest == report.text().splitlines()
