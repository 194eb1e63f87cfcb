"""The affine layers within a model, seen from outside, on each row of a batch alone.

On one row the gradient of a bias is that of what the bias is added to, dz, and that of the weights
is h^T dz + c W: h is what they multiply, c W is of an L2 penalty. So differences tell h, dz and c.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.model_case import loss_case

MOST = 10       # so many rows tell as much as all


class Layer(NamedTuple):
    """z = h W + b in a model."""

    weight: str
    bias: str
    W: np.ndarray       # (D, H)
    turn: Callable      # np.transpose where they are (H, D) in the model, else np.asarray
    has: float          # the c of the penalty in the gradient that the model gives, or None
    decay: float        # and by differences of the loss


class Rows:
    """A model's gradients on each of the first rows, in float64: N times their part in the mean.

    Layers are numbered from 1, in the order of their weights in params, whatever they are called.
    """

    def __init__(self, model, x, y):
        self.model, self.params, self.total = model, model.params, len(x)
        self.x, self.y = np.asarray(x[:MOST], float), y[:MOST]
        self.pairs = pairs_of(model.params)
        self.numbers = {name: i for i, pair in enumerate(self.pairs, 1) for name in pair}
        self.of, self.layer, self.before = map(functools.cache, (self.of, self.layer, self.before))

    def of(self, name):
        """(analytic, numeric) gradients (N, ...) of a parameter, those of a bias as vectors.

        analytic is None if its rows have another shape.
        """
        value, analytic, numeric = self.params[name], [], []
        position = list(self.params).index(name)
        for i in range(len(self.x)):
            one = loss_case(self.model, self.x[i : i + 1], self.y[i : i + 1],
                            np.random.default_rng(0))
            analytic.append(np.asarray(one.gradients()[position], float) / one.dout)
            numeric.append(one.numeric_gradient(position) / one.dout)
        numeric = np.array(numeric)
        if name in dict(self.pairs).values():
            numeric = numeric.reshape(len(self.x), -1)
        numeric[np.abs(numeric) < 1e-8 * np.nanmax(np.abs(numeric), initial=0.0)] = 0.0
        fits = all(each.shape == value.shape for each in analytic)
        return np.reshape(analytic, numeric.shape) if fits else None, numeric

    def layer(self, number):
        """The Layer of that number, or None."""
        if not 1 <= number <= len(self.pairs):
            return None
        weight, bias = self.pairs[number - 1]
        row = np.abs(self.of(bias)[1]).sum(axis=1).argmax()     # others may be zero
        for turn in (np.asarray, np.transpose):
            W = turn(self.params[weight])
            has, wanted = (None if dW is None or dz is None else decay_of(turn(dW[row]), dz[row], W)
                           for dW, dz in zip(self.of(weight), self.of(bias), strict=True))
            if wanted is not None:
                return Layer(weight, bias, W, turn, has, wanted)
        return None

    def down(self, number):
        """(analytic, numeric) dz (N, H) of a layer, or None."""
        layer = self.layer(number)
        return layer and self.of(layer.bias)

    def before(self, number):
        """What the weights of a layer multiply, h (N, D), of the first the batch; or None."""
        layer = self.layer(number)
        if number == 1 or layer is None:
            return self.x if number == 1 else None
        dz = self.of(layer.bias)[1]
        h = [(layer.turn(dW) - layer.decay * layer.W) @ v / (v @ v)
             for dW, v in zip(self.of(layer.weight)[1], dz, strict=True)]
        return None if np.isnan(h).any() else np.array(h)

    def z(self, number):
        """What a layer gives, h W + b (N, H); NaN where it is not known."""
        h, (_, bias, W, *_) = self.before(number), self.layer(number)
        if h is None or h.shape[1:] != W.shape[:1]:
            return np.full((len(self.x), W.shape[1]), np.nan)
        return h @ W + self.params[bias].reshape(-1)


def pairs_of(params):
    """(weights, bias) of each layer by name: W1 with b1, or else by their order."""
    biases = [name for name, value in params.items() if np.ndim(value) == 1] or [
        name for name, value in params.items() if np.ndim(value) == 2 and 1 in value.shape]
    weights = [name for name, value in params.items() if np.ndim(value) == 2
               and name not in biases]
    named = [(name, f"b{name[1:]}") for name in weights if f"b{name[1:]}" in biases]
    return named or (list(zip(weights, biases, strict=True))
                     if len(weights) == len(biases) else [])


def decay_of(dW, dz, W):
    """The c with dW = h^T dz + c W for some h, of one row; or None.

    What is orthogonal to dz is the penalty's alone.
    """
    if np.shape(dW) != W.shape or W.shape[1:] != dz.shape or not dz.any():
        return None
    beside = np.eye(dz.size) - np.outer(dz, dz) / (dz @ dz)
    known = ~np.isnan(dW).any(axis=1)
    left, full = dW[known] @ beside, W[known] @ beside
    square = np.sum(full * full)
    c = float(np.sum(left * full) / square) if square > 1e-20 else 0.0
    allowed = 1e-4 * np.abs(c * full) + 1e-6 * np.abs(dW[known]).max(initial=0.0)
    return c if known.any() and (np.abs(left - c * full) <= allowed).all() else None
