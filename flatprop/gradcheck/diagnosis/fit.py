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
PLAIN = ("{v}", "{v}^2", "exp({v})")        # those used inside a sum over an axis
FEW = ("{v}", "(1 - {v}^2)", "{v} (1 - {v})", "({v} > 0)", "sigmoid({v})", "exp(-{v})")


def fit(targets, terms, most=2):
    """The simplest Fit of one term, or else of two (most), to the targets of all samples; or None.

    targets: an array for each sample, NaN where nothing is known; terms: a dict {text: array of
    the target's shape} for each sample, the simple ones first
    """
    known = [~np.isnan(target) for target in targets]
    y = np.concatenate([target[k] for target, k in zip(targets, known, strict=True)])
    texts, T = stack(terms, targets, known)
    largest = np.abs(y).max(initial=0.0)
    # One input alone confirms nothing, unless it has entries enough.
    if not texts or not largest or not np.isfinite(y).all() or y.size < (
            3 if len(targets) > 1 else 10):
        return None
    scale = np.sqrt((T * T).sum(axis=1))
    Q, goal = T / scale[:, None], y / np.sqrt(y @ y)
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


def stack(terms, targets, known):
    """The terms that all samples have, each as one vector of all samples; of equal ones the first.

    -> texts, array (terms, entries)
    """
    texts, rows, seen = [], [], set()
    for text in itertools.islice(terms[0], MOST_TERMS):
        parts = [each.get(text) for each in terms]
        if any(part is None or part.shape != target.shape
               for part, target in zip(parts, targets, strict=True)):
            continue
        row = np.concatenate([part[k] for part, k in zip(parts, known, strict=True)])
        size = np.sqrt(row @ row)
        if not np.isfinite(size) or not size:
            continue
        mark = tuple(np.round(row * np.sign(row[np.flatnonzero(row)[0]]) / size, 9))
        if mark not in seen:
            seen.add(mark)
            texts.append(text)
            rows.append(row)
    return texts, np.array(rows)


def functions_of(arrays, functions=FUNCTIONS):
    """{text: array} of the functions of named arrays, the simple ones of all arrays first."""
    return {form.format(v=name): FUNCTIONS[form](value) for form in functions
            for name, value in arrays.items() if not (form in SIGNS and np.mean(value > 0) in (0, 1)
                                            or "norm" in form and value.size == 1)}
