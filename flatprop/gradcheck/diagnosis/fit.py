"""A gradient taken apart: the one or two terms, made of the layer's arrays, that add up to it.

A fit counts only if the same terms with the same coefficients give the gradient on every sample.
"""

import itertools
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import TOLERANCE

MOST_TERMS = 4000
SIMPLE, BLOCK = 100, 300         # so many terms are tried with all others at once
# The least sine, squared, between two terms of a fit: nearly the same they would fit anything.
APART = 1e-3


class Terms(NamedTuple):
    """Arrays by what they are, each as one vector of the entries of all samples."""

    texts: list
    values: np.ndarray      # (terms, entries)
    same: dict             # {text: that of the first of all that differ by a factor alone}


class Fit(NamedTuple):
    """Terms, as text, and the coefficient of each."""

    terms: tuple
    coefficients: tuple

    def text(self, name=lambda c: f"{c:.4g}"):
        """The sum as one would write it; name(c) -> what to write for a coefficient."""
        written = []
        for term, c in zip(self.terms, self.coefficients, strict=True):
            size = "" if abs(abs(c) - 1) < 1e-4 else f"{name(abs(c))} "
            sign = ("-" if c < 0 else "") if not written else (" - " if c < 0 else " + ")
            written.append(f"{sign}{size}{term}")
        return "".join(written)


def sigmoid(v):
    """1 / (1 + exp(-v)), of numbers of ordinary size."""
    return 1 / (1 + np.exp(-v))


def softmax(v):
    """exp(v) over its sum along the last axis."""
    e = np.exp(v - v.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# What a formula does with an array, from the simple to the rare.
FUNCTIONS = {
    "{v}": lambda v: v, "{v}^2": lambda v: v * v, "{v} (1 - {v})": lambda v: v * (1 - v),
    "(1 - {v}^2)": lambda v: 1 - v * v, "1/{v}": lambda v: 1 / v, "exp({v})": np.exp,
    "1/({v} (1 - {v}))": lambda v: 1 / (v * (1 - v)), "({v} > 0)": lambda v: (v > 0) * 1.0,
    "sigmoid({v})": sigmoid, "tanh({v})": np.tanh, "1/(1 - {v}^2)": lambda v: 1 / (1 - v * v),
    "sigmoid'({v})": lambda v: sigmoid(v) * (1 - sigmoid(v)),
    "tanh'({v})": lambda v: 1 - np.tanh(v) ** 2, "{v}^3": lambda v: v ** 3,
    "1/{v}^2": lambda v: 1 / (v * v), "exp(-{v})": lambda v: np.exp(-v), "log({v})": np.log,
    "sqrt({v})": np.sqrt, "{v}^1.5": lambda v: v**1.5, "sign({v})": np.sign,
    "{v}/norm({v})": lambda v: v / np.sqrt((v * v).sum()),
}
SIGNS = ("({v} > 0)", "sign({v})")
TWO = ("{v}", "({v} > 0)")
PLAIN = ("{v}", "{v}^2", "exp({v})")        # those used inside a sum over an axis
FEW = ("{v}", "(1 - {v}^2)", "{v} (1 - {v})", "({v} > 0)", "sigmoid({v})", "exp(-{v})")


def fit(targets, terms, most=2):
    """The simplest Fit of one term, or else of two (most), to the targets of all samples; or None.

    targets: an array for each sample, NaN where nothing is known; terms: the Terms, or a dict
    {text: array of the target's shape} for each sample, the simple ones first
    """
    targets = list(targets)
    texts, T, _ = terms if isinstance(terms, Terms) else stack(join([
        {text: value.ravel() for text, value in each.items() if value.shape == target.shape}
        for each, target in zip(terms, targets, strict=True)]))
    y = np.concatenate([target.ravel() for target in targets])
    known = ~np.isnan(y)
    T, y = T[:, known], y[known]
    largest = np.abs(y).max(initial=0.0)
    # One input alone confirms nothing, unless it has entries enough.
    if not texts or not largest or not np.isfinite(y).all() or y.size < (
            3 if len(targets) > 1 else 10):
        return None
    scale = np.sqrt((T * T).sum(axis=1))
    Q, goal = T / np.where(scale, scale, 1.0)[:, None], y / np.sqrt(y @ y)
    b = Q @ goal
    for count in (SIMPLE, len(b)):      # two simple terms are likelier than one that is not
        for first in np.flatnonzero(1 - b[:count] ** 2 < 1e-7):
            c = float(T[first] @ y / scale[first] ** 2)
            if np.abs(y - c * T[first]).max() <= TOLERANCE * largest:
                return Fit((texts[first],), (c,))
        found = fit_two(y, texts, T[:count], Q[:count], b[:count]) if (
            y.size > 5 and most > 1) else None
        if found:
            return found
    return None


def fit_two(y, texts, T, Q, b):
    """The simplest Fit of two terms, those with coefficients of 1 before others; or None."""
    fits = []
    for start in range(0, len(Q), BLOCK):
        part, rest = slice(start, start + BLOCK), slice(start, None)
        G, c = Q[part] @ Q[rest].T, b[part, None]
        apart = 1 - G * G
        with np.errstate(all="ignore"):
            explained = (c**2 + b[rest] ** 2 - 2 * c * b[rest] * G) / apart
        near = np.triu((1 - explained < 1e-7) & (apart > APART), 1)
        for i, j in start + np.argwhere(near):
            c, *_ = np.linalg.lstsq(T[[i, j]].T, y, rcond=None)
            if np.abs(y - c @ T[[i, j]]).max() <= TOLERANCE * np.abs(y).max() and np.abs(c).min():
                odd = sum(abs(abs(each) - 1) > 1e-4 for each in c)
                fits.append((odd, i + j, Fit((texts[i], texts[j]), tuple(map(float, c)))))
        if fits:
            break
    return min(fits, key=lambda each: each[:2])[-1] if fits else None


def join(samples):
    """{key: the arrays of all samples, one after the other} of the keys that all of them have."""
    return {key: np.concatenate([each[key] for each in samples]) for key in samples[0]
            if all(key in each for each in samples)}


def stack(terms):
    """The Terms of a dict {text: vector}: of those that differ by a factor alone the first."""
    texts, values = list(terms)[:MOST_TERMS], np.array(list(terms.values())[:MOST_TERMS])
    if not texts:
        return Terms([], np.empty((0, 0)), {})
    size = np.sqrt((values * values).sum(axis=1))
    kept = np.flatnonzero(np.isfinite(size) & (size > 0))
    # Equal but for a factor are those with equal marks: their products with two random vectors.
    marks = values[kept] / size[kept, None] @ np.random.default_rng(0).standard_normal(
        (values.shape[1], 2))
    _, first, which = np.unique(np.round(marks * np.sign(marks[:, :1]), 9), axis=0,
                                return_index=True, return_inverse=True)
    same = {texts[i]: texts[kept[j]] for i, j in zip(kept, first[which.ravel()], strict=True)}
    kept = kept[np.sort(first)]
    return Terms([texts[i] for i in kept], values[kept], same)


def functions_of(arrays, forms=FUNCTIONS):
    """{(form, name): array} of the functions of named arrays, the simple ones of all first.

    Of an array of two values, each function is a multiple of it and a constant: it has the plain.
    """
    two = {name for name, value in arrays.items() if np.unique(value).size == 2}
    return {(form, name): FUNCTIONS[form](value) for form in forms for name, value in arrays.items()
            if not (form in SIGNS and np.mean(value > 0) in (0, 1) or form not in TWO and name in two
                    or "norm" in form and value.size == 1)}


def named_functions(arrays, forms=FUNCTIONS):
    """The same as {text: array}."""
    return {form.format(v=name): value for (form, name), value in functions_of(
        arrays, forms).items()}
