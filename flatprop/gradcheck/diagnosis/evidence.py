"""What a diagnosis argues from: one wrong gradient, analytic beside numeric, on several inputs.

A mistake explains a wrong gradient only if it predicts it, entry by entry, on the inputs that were
checked and on others near them. By chance a constant may fit one number; it does not fit three.
"""

import contextlib
import itertools
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.case import MANY, Case, jitter, shuffle
from flatprop.gradcheck.containers import leaves
from flatprop.gradcheck.finding import find

TOLERANCE = 1e-4        # relative to the largest entry: how close a prediction must come
OTHERS = 2              # how many other inputs


class Sample(NamedTuple):
    """A gradient on one set of inputs; numeric is NaN where it was not measured."""

    case: Case
    position: int       # of the input whose gradient it is
    analytic: np.ndarray
    numeric: np.ndarray

    @property
    def x(self):
        """The input whose gradient it is."""
        return np.asarray(self.case.inputs[self.position])

    @property
    def out(self):
        """The output, of a layer that has one."""
        return np.asarray(self.case.out)

    @property
    def dout(self):
        """The upstream gradient, of a layer that has one output."""
        return np.asarray(self.case.dout)

    @property
    def is_complete(self):
        """Whether every entry was measured."""
        return not np.isnan(self.numeric).any()

    def pool(self):
        """The arrays a wrong formula could have used, by name: upstream, inputs, output, cache.

        Of an array that is there under several names only the first counts.
        """
        case, found = self.case, {}
        named = {"dout": case.dout} | dict(zip(case.names, case.inputs, strict=True))
        named |= {"out": case.out}
        named |= {f"cache[{i}]": leaf for i, leaf in enumerate(leaves(case.cache))}
        for name, value in named.items():
            array = np.asarray(None if isinstance(value, tuple) else value)
            if array.dtype.kind in "fiub" and not any(
                    np.array_equal(array, each) for each in found.values()):
                found[name] = array
        return found

    def label_entries(self):
        """Where a matrix of scores has the column of its row's label; all False without labels."""
        mark = np.zeros(self.numeric.shape, bool)
        labels = self.case.labels
        if (labels is not None and mark.ndim == 2 and len(labels) == len(mark)
                and labels.max(initial=0) < mark.shape[1]):
            mark[np.arange(len(labels)), labels] = True
        return mark


class Evidence:
    """One wrong gradient: its name and its samples, the first of them on the given inputs."""

    def __init__(self, name, samples):
        self.name, self.samples = name, samples
        self.analytic = tuple(each.analytic for each in samples)
        self.numeric = tuple(each.numeric for each in samples)
        self.terms = None       # what it may be made of, once that is worked out,
        self.jacobians = {}     # and backward's and forward's Jacobian, by the sample's number


def mistake(key, holds, words=None):
    """An explanation: the Finding of this key if holds(sample) is true of every sample."""
    def explanation(evidence):
        right = all(map(holds, evidence.samples))
        return find(key, evidence.name, words) if right else None
    return explanation


def explain(evidence, explanations):
    """The first Finding that explanations, functions of the evidence, give; or None."""
    for explanation in explanations:
        with contextlib.suppress(Exception):    # what trips over odd inputs explains nothing
            found = explanation(evidence)
            if found is not None:
                return found
    return None


def gather(case, order, measured, rng):
    """The Evidence on the gradient that backward returns at place `order`.

    measured is its Measured, or None where its shape is wrong
    """
    position = case.positions[order]
    value = np.asarray(case.inputs[position])
    analytic = np.asarray(case.gradients()[order], np.float64)
    numeric = case.numeric_gradient(position) if measured is None else measured.numeric
    samples = [Sample(case, position, analytic, numeric)]
    for number in range(OTHERS if value.size <= MANY else 0):   # only where that is cheap
        try:
            other = jitter(shuffle(case, rng) if number else case, rng)
            gradient = np.asarray(other.gradients()[order], np.float64)
            samples.append(Sample(other, position, gradient, other.numeric_gradient(position)))
        except Exception:       # a layer may refuse inputs nearby; then there are fewer samples
            break
    return Evidence(f"d{case.names[position]}", samples)


def matches(analytic, predicted, tolerance=TOLERANCE):
    """Whether two arrays of one shape agree wherever predicted is known (not NaN)."""
    predicted = np.asarray(predicted, np.float64)
    if np.shape(analytic) != predicted.shape:
        return False
    known = ~np.isnan(predicted)
    return bool(known.any() and np.isfinite(analytic).all()
                and close_to(analytic, predicted, tolerance)[known].all())


def close_to(a, b, tolerance=TOLERANCE):
    """Where two arrays agree, to tolerance of each entry or a hundredth of it of the largest."""
    largest = np.nanmax(np.abs(b), initial=0.0)
    return np.abs(a - b) <= tolerance * np.abs(b) + 0.01 * tolerance * largest


def multiple(a, b):
    """The number c with a = c b, in every entry where b is known (not NaN), or None."""
    known = ~np.isnan(b)
    a, b = a[known], b[known]
    square = float(np.dot(b, b))
    constant = float(np.dot(a, b)) / square if square else 0.0
    return constant if square and matches(a, constant * b) else None


def meanings(constant, case):
    """What a constant may be, in the terms of the layer: N, 1/C, -c, ... -> list of text

    A name has a minus where the constant and its value differ in sign.
    """
    named = {}
    for name, value in zip(case.names, case.inputs, strict=True):
        if np.ndim(value) == 0 and isinstance(value, (int, float)) and value not in (0, 1):
            named |= {name: float(value), f"(1 - {name})": 1.0 - value}
    first, name = np.shape(case.inputs[0]) if case.rows is None else (case.rows,), case.names[0]
    if first:
        named["N, the rows"] = float(first[0])
    if len(first) > 1:
        named[f"{name}.shape[1]"] = float(first[1])
    ratios = {f"{one.partition(',')[0]} over {other.partition(',')[0]}": u / v for (one, u), (
        other, v) in itertools.permutations(named.items(), 2) if v}
    if first and first[0] > 1:
        ratios |= {"N over N - 1": first[0] / (first[0] - 1), "N - 1 over N": 1 - 1 / first[0]}
    named = {"2": 2.0} | named | ({f"{name}.size": float(np.prod(first))} if first[1:] else {})
    inverse = {f"1/{name}": 1 / value for name, value in named.items() if value}
    found = [(name, value) for name, value in (named | inverse).items() if close(constant, value)
             ] or [each for each in ratios.items() if close(constant, each[1])][:1]
    return [f"-{name}" if value * constant < 0 else name for name, value in found]


def close(one, other):
    """Whether two numbers agree in size to a thousandth."""
    return abs(abs(one) - abs(other)) < 1e-3 * abs(other)
