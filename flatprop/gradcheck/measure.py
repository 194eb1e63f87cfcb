"""One gradient measured against differences: which entries are looked at, and their verdicts."""

import functools
import warnings
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck import differences
from flatprop.gradcheck.case import in_short, scales
from flatprop.gradcheck.containers import is_float
from flatprop.gradcheck.differences import AGREES, KINK, WRONG
from flatprop.gradcheck.finding import find

DIRECTIONS = 6      # random ones, along which the whole of a large gradient is looked at


class Settings(NamedTuple):
    """How thoroughly to check."""

    rng: np.random.Generator    # of the samples and directions
    entries: int | None = None  # how many of each gradient to look at; None for what is usual
    tolerance: float = differences.TOLERANCE    # the relative error that is allowed
    absolute: float = 0.0                       # and the absolute one
    nondeterminism: float = differences.TOLERANCE   # what two calls may differ by, relative


class Measured(NamedTuple):
    """A gradient and what differences say of it."""

    name: str
    analytic: np.ndarray
    numeric: np.ndarray     # NaN where nothing was measured
    verdicts: dict          # {index: verdict}
    directions: list        # verdicts
    max_error: float        # the largest relative error of the entries that agree

    def count(self, verdict):
        """How many of the entries have this verdict."""
        return sum(each == verdict for each in self.verdicts.values())

    @property
    def wrong(self):
        """Whether any entry, or the derivative along any direction, is wrong."""
        return WRONG in self.verdicts.values() or WRONG in self.directions


def measure_all(case, grads, settings):
    """Every gradient that backward returns, measured.

    -> lines: a Measured for each of the right shape; wrong: (place, Measured or None where its
    shape is wrong) of each that is not right; findings on those that are no gradient at all
    """
    lines, wrong, found = [], [], []
    for order, (position, gradient) in enumerate(zip(case.positions, grads, strict=True)):
        if gradient is None or not is_float(gradient):
            found.append(find("no gradient", f"d{case.names[position]}", {
                "what": in_short(gradient)}))
        elif np.shape(gradient) != np.shape(case.inputs[position]):
            wrong.append((order, None))
        else:
            lines.append(measure(case, position, gradient, settings))
            if lines[-1].wrong:
                wrong.append((order, lines[-1]))
    return lines, wrong, found


def measure(case, position, analytic, settings):
    """A gradient, of the shape of the input at position, judged entry by entry. -> Measured"""
    judge = Judge(case, position, np.asarray(analytic, np.float64), settings)
    shape, rng = judge.value.shape, settings.rng
    limit = case.limit(position) if settings.entries is None else settings.entries
    verdicts, numeric, directions = {}, np.full(shape, np.nan), []

    def look_at(index):
        verdicts[index], numeric[index] = judge.entry(index)
    for index in indices(shape, limit, rng):
        look_at(index)
    for _ in range(DIRECTIONS if len(verdicts) < judge.value.size else 0):
        # As long as a step of one entry is, however many entries there are.
        direction = rng.standard_normal(shape) * scales(judge.value) / np.sqrt(judge.value.size)
        directions.append(judge.along(direction))
        if directions[-1] == WRONG and WRONG not in verdicts.values():
            look_at(worst_entry(judge, direction))
    # Each of several that tie for a maximum may have the gradient, but not all of them. The step is
    # short, so that it reaches no kinks but those that are at the very point.
    kinks = [index for index, verdict in verdicts.items() if verdict == KINK]
    if len(kinks) > 1:
        together = np.zeros(shape)
        together[tuple(np.transpose(kinks))] = np.min(judge.sizes) / 1024
        directions.append(judge.along(together))
    errors = [relative_error(judge.analytic[index], numeric[index])
              for index, verdict in verdicts.items() if verdict == AGREES]
    return Measured(f"d{case.names[position]}", judge.analytic, numeric, verdicts, directions,
                    max(errors, default=0.0))


class Judge:
    """Judges the analytic gradient for one input of a case, along one entry or along many."""

    def __init__(self, case, position, analytic, settings):
        self.case, self.position, self.analytic = case, position, analytic
        self.value, self.settings = np.asarray(case.inputs[position]), settings
        self.sizes = scales(self.value) * case.widen
        _, self.magnitude = case.objective()
        self.noise = functools.cache(self.rounding)     # it is asked for again and again
        self.exact = functools.partial(case.complex_step, position) if (
            self.takes_complex()) else None

    def entry(self, index):
        """(verdict, derivative by differences) of one entry."""
        direction = np.zeros(self.value.shape)
        direction[index] = 1.0
        return self.derivative(direction, self.analytic[index], float(self.sizes[index]))

    def along(self, direction):
        """The verdict on the derivative along a direction of many entries."""
        product = np.sum(self.analytic * direction)
        return self.derivative(direction, product, self.case.widen, along_many=True)[0]

    def derivative(self, direction, analytic, scale, along_many=False):
        """(verdict, derivative by differences) along one direction."""
        exact = self.exact and functools.partial(self.exact, direction)
        verdict, derivative = differences.judge(
            self.case.line(self.position, direction), self.noise, float(analytic), scale, exact,
            self.settings.tolerance, along_many)
        within = abs(analytic - derivative) <= self.settings.absolute
        return AGREES if within and verdict == WRONG else verdict, derivative

    def error(self, direction):
        """By how much the gradient is off along a direction, by one central difference."""
        numeric = differences.central(self.case.line(self.position, direction),
                                      differences.exact_step(differences.STEP3 * self.case.widen))
        return abs(np.sum(self.analytic * direction) - numeric)

    def rounding(self):
        """The objective's rounding, estimated."""
        line = self.case.line(self.position, self.settings.rng.standard_normal(
            self.value.shape) * self.sizes / np.sqrt(self.value.size))
        return max(self.case.precision * self.magnitude,
                   differences.rounding_of(line, self.magnitude))

    def takes_complex(self):
        """Whether forward takes complex numbers, and their derivative agrees with a difference."""
        direction = self.settings.rng.standard_normal(self.value.shape)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                exact = self.case.complex_step(self.position, direction)
        except Exception:       # a forward may refuse in any way it likes
            return False
        h = differences.STEP5
        rough = differences.five_point(self.case.line(self.position, direction), h)
        rounding = differences.SAFETY * differences.EPS * self.magnitude / h
        return differences.agree(exact, rough, 1e-4, rounding)


def worst_entry(judge, direction):
    """The entry that makes a direction wrong: it is halved, and the half that is more so kept."""
    entries = np.arange(direction.size)

    def error(half):
        part = np.zeros(direction.size)
        # Longer, the fewer entries there are, so that all steps are of one length.
        part[half] = direction.reshape(-1)[half] * np.sqrt(direction.size / half.size)
        return judge.error(part.reshape(direction.shape))
    while entries.size > 1:
        entries = max(np.array_split(entries, 2), key=error)
    return tuple(int(i) for i in np.unravel_index(entries[0], direction.shape))


def indices(shape, limit, rng):
    """The indices to look at: all of them if there are no more than limit, else a sample."""
    total = int(np.prod(shape))
    flat = np.arange(total) if total <= limit else rng.choice(total, limit, replace=False)
    return [tuple(int(i) for i in np.unravel_index(each, shape)) for each in flat]


def relative_error(a, b):
    """|a - b| over the larger of the two in absolute value; 0 where both are 0."""
    larger = max(abs(a), abs(b))
    return float(abs(a - b) / larger) if larger else 0.0
