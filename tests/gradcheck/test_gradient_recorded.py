"""A model that chains layer modules under names of its own: the wrong call is told, by its line."""

import inspect

import numpy as np
import pytest

from gradient_check import check_model
from layers import affine, batchnorm, softmax_loss, tanh

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((6, 4)), np.array([0, 1, 2, 2, 1, 0])


class Chain:
    """affine, batchnorm, tanh, affine, softmax loss."""

    def __init__(self):
        rng = np.random.default_rng(1)
        self.params = {"U": rng.standard_normal((4, 5)), "c": rng.standard_normal(5),
                       "scale": np.full(5, 1.2), "shift": np.full(5, 0.1),
                       "V": rng.standard_normal((5, 3)), "e": np.zeros(3)}

    def loss(self, x, y):
        p = self.params
        z, first = affine.forward(x, p["U"], p["c"])
        normal, norm = batchnorm.forward(z, p["scale"], p["shift"])
        hidden, squash = tanh.forward(normal)
        scores, second = affine.forward(hidden, p["V"], p["e"])
        loss, last = softmax_loss.forward(scores, y)
        dhidden, dV, de = affine.backward(softmax_loss.backward(1.0, last), second)
        return loss, {**self.below(dhidden, first, norm, squash), "V": dV, "e": de}

    def below(self, dhidden, first, norm, squash):
        dz, dscale, dshift = batchnorm.backward(tanh.backward(dhidden, squash), norm)
        _, dU, dc = affine.backward(dz, first)
        return {"U": dU, "c": dc, "scale": dscale, "shift": dshift}


class PastTanh(Chain):
    def below(self, dhidden, first, norm, squash):
        dz, dscale, dshift = batchnorm.backward(dhidden, norm)
        _, dU, dc = affine.backward(dz, first)
        return {"U": dU, "c": dc, "scale": dscale, "shift": dshift}


class PastTheNorm(Chain):
    def below(self, dhidden, first, norm, squash):
        dnormal = tanh.backward(dhidden, squash)
        _, dscale, dshift = batchnorm.backward(dnormal, norm)
        _, dU, dc = affine.backward(dnormal, first)
        return {"U": dU, "c": dc, "scale": dscale, "shift": dshift}


def line_of(method, text):
    """The number of the line of a method that holds a text."""
    lines, start = inspect.getsourcelines(method)
    return start + next(i for i, line in enumerate(lines) if text in line)


def test_a_right_chain_has_no_findings():
    assert check_model(Chain(), X, Y).found == []


@pytest.mark.parametrize("model, method, text, says", [
    (PastTanh, Chain.loss, "tanh.forward", "tanh.forward, called in line {}, has no backward call"),
    (PastTheNorm, PastTheNorm.below, "affine.backward",
     "affine.backward, called in line {}, is given a wrong upstream gradient"),
])
def test_the_wrong_call_is_told(model, method, text, says):
    found = check_model(model(), X, Y).found[0]
    assert found.says.startswith(says.format(line_of(method, text)))
    assert affine.forward.__module__ == "layers.affine"     # put back as it was
