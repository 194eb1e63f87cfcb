"""One gradient measured against differences: which entries are looked at, and their verdicts."""

import warnings
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck import differences
from flatprop.gradcheck.case import scales, typical_size
from flatprop.gradcheck.differences import AGREES, KINK, NOISE, WRONG

EVERY = 1000        # gradients of up to so many entries are checked entry by entry
LARGE = 10_000      # unless all gradients together have more than that; then
SAMPLE = 100        # so many entries of each are looked at
DIRECTIONS = 6      # and the whole of it along so many random directions


class Measured(NamedTuple):
    """A gradient and what differences say of it.

    analytic and numeric have the input's shape, numeric is NaN where nothing was measured;
    verdicts {index: verdict}, directions a list of verdicts, max_error the largest relative error
    of the entries that agree.
    """

    name: str
    position: int
    analytic: np.ndarray
    numeric: np.ndarray
    verdicts: dict
    directions: list
    max_error: float

    def count(self, verdict):
        """How many of the entries have this verdict."""
        return sum(each == verdict for each in self.verdicts.values())

    @property
    def wrong(self):
        """Whether any entry, or the derivative along any direction, is wrong."""
        return WRONG in self.verdicts.values() or WRONG in self.directions


def measure(case, position, analytic, rng, entries=None, tolerance=differences.TOLERANCE):
    """Judge a gradient, of the shape of the input at position, entry by entry. -> Measured

    entries: how many at most; None looks at all of up to EVERY, else, and wherever the inputs have
    more than LARGE entries together, at SAMPLE of them. Where not all are looked at, DIRECTIONS
    random directions, two forward calls each, cover the rest.
    """
    value = np.asarray(case.inputs[position])
    analytic = np.asarray(analytic, np.float64)
    size = scales(value)
    noise = noise_of(case, position, rng)
    with_complex = allows_complex(case, position, rng)
    numeric = np.full(value.shape, np.nan)
    verdicts, max_error = {}, 0.0
    if entries is None:
        total = sum(np.size(each) for each in case.inputs)
        entries = EVERY if value.size <= EVERY and total <= LARGE else SAMPLE

    def look_at(index):
        """Judge one entry."""
        nonlocal max_error
        direction = np.zeros(value.shape)
        direction[index] = 1.0
        judged = one(case, position, direction, analytic[index], float(size[index]), noise,
                     with_complex, tolerance)
        verdicts[index], numeric[index] = judged.verdict, judged.numeric
        if judged.verdict == AGREES:
            max_error = max(max_error, relative(analytic[index], judged.numeric))

    for index in chosen(value.shape, entries, rng):
        look_at(index)
    directions = []

    def along(direction):
        """The verdict on the derivative along a direction of many entries."""
        product = float(np.sum(analytic * direction))
        return one(case, position, direction, product, 1.0, noise, with_complex, tolerance,
                   along_many=True).verdict

    if len(verdicts) < value.size:
        for _ in range(DIRECTIONS):
            # As long as a step of one entry is, however many entries there are.
            direction = rng.standard_normal(value.shape) * size / np.sqrt(value.size)
            directions.append(along(direction))
            if directions[-1] == WRONG and WRONG not in verdicts.values():
                found = wrong_entry(along, direction)
                if found is not None:
                    look_at(found)
    return Measured(f"d{case.names[position]}", position, analytic, numeric, verdicts, directions,
                    max_error)


def wrong_entry(along, direction):
    """A wrong entry, from a direction that is wrong, by halving it until one entry is left.

    along(direction) -> verdict. None where the halves of a wrong direction drown in the noise.
    """
    entries = np.arange(direction.size)
    while entries.size > 1:
        for half in np.split(entries, [entries.size // 2]):
            part = np.zeros(direction.size)
            # Longer, the fewer entries there are, so that all steps are of one length.
            part[half] = direction.reshape(-1)[half] * np.sqrt(direction.size / half.size)
            if along(part.reshape(direction.shape)) == WRONG:
                entries = half
                break
        else:
            return None
    return tuple(int(i) for i in np.unravel_index(entries[0], direction.shape))


def one(case, position, direction, analytic, scale, noise, with_complex, tolerance,
        along_many=False):
    """The verdict on the derivative along one direction."""
    def exact():
        return case.complex_step(position, direction)
    return differences.judge(case.line(position, direction), noise, float(analytic), scale,
                             exact if with_complex else None, tolerance, along_many)


def noise_of(case, position, rng):
    """A function that estimates the objective's rounding, once, when first asked."""
    value, known = np.asarray(case.inputs[position]), []

    def noise():
        if not known:
            _, magnitude = case.objective()
            direction = rng.standard_normal(value.shape) * typical_size(value) / np.sqrt(value.size)
            line = case.line(position, direction)
            known.append(differences.rounding_of(line, magnitude, 1.0))
        return known[0]
    return noise


def allows_complex(case, position, rng):
    """Whether forward takes complex numbers, and their derivative agrees with a difference."""
    direction = rng.standard_normal(np.shape(case.inputs[position]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exact = case.complex_step(position, direction)
    except Exception:       # a forward may refuse in any way it likes
        return False
    h = differences.STEP5
    slopes = differences.Slopes(case.line(position, direction), 0.0)
    central = slopes.five_point(h)
    _, magnitude = case.objective()
    rounding = differences.SAFETY * differences.EPS * magnitude / h
    larger = max(abs(exact), abs(central))
    return bool(np.isfinite(exact)) and abs(exact - central) <= 1e-4 * larger + rounding


def chosen(shape, limit, rng):
    """The indices to look at: all of them if there are no more than limit, else a sample."""
    total = int(np.prod(shape))
    flat = np.arange(total) if total <= limit else rng.choice(total, limit, replace=False)
    return [tuple(int(i) for i in np.unravel_index(each, shape)) for each in flat]


def relative(a, b):
    """|a - b| over the larger of the two in absolute value; 0 where both are 0."""
    larger = max(abs(a), abs(b))
    return float(abs(a - b) / larger) if larger else 0.0


VERDICTS = (AGREES, KINK, NOISE, WRONG)
