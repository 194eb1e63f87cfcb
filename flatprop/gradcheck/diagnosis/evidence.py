"""What a diagnosis argues from: one wrong gradient, analytic beside numeric, on several inputs.

A mistake explains a wrong gradient only if it predicts it, entry by entry, on the inputs that were
checked and on others near them. By chance a constant may fit one number; it does not fit
three.
"""

from typing import NamedTuple

import numpy as np

from flatprop.gradcheck import differences
from flatprop.gradcheck.case import Case, jitter, leaves, scales
from flatprop.gradcheck.measure import SAMPLE

TOLERANCE = 1e-4        # relative to the largest entry: how close a prediction must come
OTHERS = 2              # how many other inputs


class Sample(NamedTuple):
    """A gradient on one set of inputs; numeric is NaN where it was not measured."""

    case: Case
    analytic: np.ndarray
    numeric: np.ndarray

    @property
    def has_right_shape(self):
        """Whether the analytic gradient has the shape of the numeric one."""
        return self.analytic.shape == self.numeric.shape

    @property
    def is_complete(self):
        """Whether it has the right shape, and every entry was measured."""
        return self.has_right_shape and not np.isnan(self.numeric).any()

    def pool(self):
        """The arrays a wrong formula could have used, by name: inputs, cache, output, upstream."""
        named = {"dout": self.case.dout, "the output": self.case.out}
        named |= dict(zip(self.case.names, self.case.inputs, strict=True))
        named |= {f"entry {i} of the cache": leaf for i, leaf in enumerate(leaves(self.case.cache))}
        return {name: np.asarray(value) for name, value in named.items() if is_number(value)}

    def label_entries(self):
        """Where a matrix of scores has the column of its row's label; all False without labels."""
        mark = np.zeros(self.numeric.shape, bool)
        labels = self.case.labels
        if (labels is not None and mark.ndim == 2 and len(labels) == len(mark)
                and labels.max(initial=0) < mark.shape[1]):
            mark[np.arange(len(labels)), labels] = True
        return mark


class Evidence(NamedTuple):
    """One wrong gradient: its name and its samples, the first of them on the given inputs."""

    name: str
    position: int
    samples: list

    @property
    def shape(self):
        """The shape of the input, which the gradient should have."""
        return np.shape(self.samples[0].case.inputs[self.position])

    def fits(self, predict, tolerance=TOLERANCE):
        """Whether predict(sample) -> array or None gives the analytic gradient of every sample."""
        for sample in self.samples:
            predicted = predict(sample)
            if predicted is None or not matches(sample.analytic, predicted, tolerance):
                return False
        return True


def gather(case, position, order, measured, rng):
    """The evidence on the gradient that backward returns at `order`, for the input at position.

    measured is its Measured, or None where its shape is wrong. Other inputs are tried only where
    that is cheap. -> Evidence
    """
    value = np.asarray(case.inputs[position])
    analytic = np.asarray(case.gradients()[order], np.float64)
    numeric = numeric_gradient(case, position) if measured is None else measured.numeric
    samples = [Sample(case, analytic, numeric)]
    for _ in range(OTHERS if value.size <= SAMPLE * 10 else 0):
        try:
            other = jitter(case, rng)
            gradient = np.asarray(other.gradients()[order], np.float64)
            samples.append(Sample(other, gradient, numeric_gradient(other, position)))
        except Exception:       # a layer may refuse inputs nearby; then there are fewer samples
            break
    return Evidence(f"d{case.names[position]}", position, samples)


def numeric_gradient(case, position):
    """The gradient by plain central differences, NaN after the first SAMPLE * 10 entries."""
    value = np.asarray(case.inputs[position])
    numeric = np.full(value.shape, np.nan)
    size = scales(value)
    for index in list(np.ndindex(value.shape))[: SAMPLE * 10]:
        direction = np.zeros(value.shape)
        direction[index] = 1.0
        h = differences.exact_step(differences.STEP3 * float(size[index]))
        numeric[index] = differences.central(case.line(position, direction), h)
    return numeric


def matches(analytic, predicted, tolerance=TOLERANCE):
    """Whether two arrays of one shape agree wherever predicted is known (not NaN)."""
    predicted = np.asarray(predicted, np.float64)
    if np.shape(analytic) != predicted.shape:
        return False
    known = ~np.isnan(predicted)
    if not known.any() or not np.isfinite(analytic).all():
        return False
    return close_to(analytic, predicted, tolerance)[known].all()


def close_to(a, b, tolerance=TOLERANCE):
    """Where two arrays agree, to tolerance of each entry or a hundredth of it of the largest."""
    with np.errstate(invalid="ignore"):
        largest = np.nanmax(np.abs(b), initial=0.0)
        return np.abs(a - b) <= tolerance * np.abs(b) + 0.01 * tolerance * largest


def multiple(a, b):
    """The number c with a = c b, in every entry where b is known (not NaN), or None."""
    known = ~np.isnan(b)
    a, b = a[known], b[known]
    square = float(np.dot(b, b))
    constant = float(np.dot(a, b)) / square if square else 0.0
    return constant if square and matches(a, constant * b) else None


def matrix_pairs(u, v):
    """(u, v), (u, v^T), (u^T, v) and (u^T, v^T), those of them that can be multiplied."""
    return [(one, other) for one in (u, u.T) for other in (v, v.T)
            if one.shape[1] == other.shape[0]]


def is_number(value):
    """Whether value is a number or an array of numbers or truth values."""
    return isinstance(value, (np.ndarray, float, int, np.generic)) and (
        np.asarray(value).dtype.kind in "fiub")
