"""Derivatives of a function of one array by differences, and how far to trust them.

A difference errs in two ways: it cuts off the Taylor series, the less the smaller the step, and it
magnifies the rounding of f, the less the larger the step. A kink (ReLU's at 0) within the step is
a third way, and no step cures it. So one entry is looked at with several steps, and is judged
only once it is known which of the three a disagreement is.
"""

from typing import NamedTuple

import numpy as np

AGREES, KINK, NOISE, WRONG = "agrees", "kink", "below the noise floor", "wrong"

EPS = np.finfo(np.float64).eps
# Steps for values near 1: they balance truncation, h^2 or h^4, against rounding, eps / h.
STEP3, STEP5 = EPS ** (1 / 3), EPS ** (1 / 5)
TOLERANCE = 1e-6        # relative; truncation and rounding leave 1e-10 of an ordinary function
SHRINKING = 8.0         # by which a step is divided to get out of reach of a kink
SHRINKINGS = 4
SMALLEST = 1e-13
SAFETY = 8.0            # how many times the estimated rounding a disagreement may be


class Judged(NamedTuple):
    """One entry: the verdict and the derivative by differences."""

    verdict: str
    numeric: float


class Slopes:
    """f along a line through x: f(x + t v), as a function of the number t.

    f gives (value, magnitude): magnitude is the sum of the absolute values of what value sums up,
    which is what rounding is relative to. noise is the rounding of f, estimated.
    """

    def __init__(self, f, noise):
        self.f, self.noise = f, noise
        self.middle = f(0.0)

    def central(self, h):
        """(f(h) - f(-h)) / 2h."""
        return (self.f(h) - self.f(-h)) / (2 * h)

    def five_point(self, h):
        """The stencil with error O(h^4) (Abramowitz & Stegun 1964, 25.3.6)."""
        near, far = self.f(h) - self.f(-h), self.f(2 * h) - self.f(-2 * h)
        return (8 * near - far) / (12 * h)

    def sides(self, h):
        """The slopes to the left and to the right."""
        return (self.middle - self.f(-h)) / h, (self.f(h) - self.middle) / h


def judge(f, noise, analytic, scale, exact=None, tolerance=TOLERANCE, along_many=False):
    """Say what the analytic derivative of f(t) at t = 0 is worth.

    f(t) -> float; noise: a function without arguments that estimates f's rounding (asked for only
    in doubt); analytic: the derivative to be judged; scale: a typical size of what t is added to;
    exact: a function without arguments that gives the derivative by the complex step, or None
    -> Judged
    A kink is forgiven only if the analytic value lies between the slopes left and right of it; but
    along_many entries at once there may be several kinks, of which that need not hold.
    """
    def close(numeric, allowance=0.0):
        allowed = allowance + tolerance * max(abs(analytic), abs(numeric))
        return bool(np.isfinite(numeric)) and abs(analytic - numeric) <= allowed

    if not np.isfinite(analytic):
        return Judged(WRONG, Slopes(f, 0.0).central(STEP3 * scale))
    h = exact_step(STEP3 * scale)
    numeric = (f(h) - f(-h)) / (2 * h)
    while not np.isfinite(numeric) and h > SMALLEST * scale:    # out of the domain, of log say
        h /= SHRINKING
        numeric = (f(h) - f(-h)) / (2 * h)
    if not np.isfinite(numeric):
        return at_the_edge(f, STEP3 * scale, analytic, SAFETY * noise())
    if close(numeric):
        return Judged(AGREES, numeric)

    slopes = Slopes(f, SAFETY * noise())
    finer = slopes.five_point(exact_step(h * STEP5 / STEP3))
    if close(finer):
        return Judged(AGREES, finer)
    if exact is not None:
        derivative = exact()
        if abs(derivative - numeric) <= 1e-3 * abs(derivative) + slopes.noise / h:
            return Judged(AGREES if close(derivative) else WRONG, derivative)

    tried = [(h, numeric)]
    for _ in range(SHRINKINGS):
        step = exact_step(tried[-1][0] / SHRINKING)
        smaller, rounding = slopes.central(step), slopes.noise / step
        if not np.isfinite(smaller) or rounding > 0.01 * max(abs(analytic), abs(smaller)):
            break
        tried.append((step, smaller))
        if close(smaller, rounding):
            if not smooth(slopes, h):
                return Judged(KINK, smaller)
            return Judged(AGREES if close(smaller) else NOISE, smaller)
    step, best = steadiest(tried, slopes.noise)
    allowance = 1e-3 * abs(best) + slopes.noise / step
    if step < h and smooth(slopes, step) and not close(best, allowance):
        return Judged(WRONG, best)      # out of reach of whatever kink there is, and wrong there
    at_kink = between_sides(slopes, h, analytic)
    if at_kink is not None:
        return at_kink._replace(verdict=KINK) if along_many else at_kink
    is_smooth = smooth(slopes, h)
    if is_smooth and step == h and np.isfinite(finer):
        best = finer
    if min(abs(analytic - each) for each in (best, numeric)) <= slopes.noise / h:
        return Judged(NOISE, best)
    return Judged(KINK if along_many and not is_smooth else WRONG, best)


def steadiest(tried, noise):
    """The (step, derivative) that differs least from that of the step before."""
    best, change = tried[0], np.inf
    for (_, wider), (step, derivative) in zip(tried[:-1], tried[1:], strict=True):
        if abs(derivative - wider) + noise / step < change:
            best, change = (step, derivative), abs(derivative - wider) + noise / step
    return best


def at_the_edge(f, h, analytic, noise):
    """The verdict where f is defined on one side only, by a one-sided difference.

    (-3 f(0) + 4 f(h) - f(2h)) / 2h, with error O(h^2): a hundredth of a percent is asked of it.
    """
    sides = [(-3 * f(0.0) + 4 * f(step) - f(2 * step)) / (2 * step) for step in (h, -h)]
    numeric = next((side for side in sides if np.isfinite(side)), np.nan)
    allowed = 1e-4 * max(abs(analytic), abs(numeric)) + 4 * noise / h
    agrees = abs(analytic - numeric) <= allowed
    return Judged(AGREES if agrees else WRONG, numeric)


def exact_step(h):
    """h as a power of two, so that x + h loses nothing where x is of ordinary size."""
    return 2.0 ** np.round(np.log2(h))


def smooth(slopes, h):
    """Whether the slopes left and right draw together in proportion to h, as without a kink.

    At a kink at the point they do not; a kink beside it stops counting once h is small enough.
    """
    gaps = []
    for step in (h, h / 2, h / 4):
        left, right = slopes.sides(step)
        gaps.append(abs(right - left))
    rounding = 16 * slopes.noise / h
    return gaps[0] <= rounding or (
        abs(gaps[1] - gaps[0] / 2) <= 0.2 * gaps[0] + rounding
        and abs(gaps[2] - gaps[0] / 4) <= 0.1 * gaps[0] + rounding)


def between_sides(slopes, h, analytic):
    """The verdict on a value at a kink, or close beside one; None where there is no kink.

    Beside the kink one of the two slopes is a mixture, the less the wider the step; by how much
    the slopes change with the step is what the analytic value may lie outside of them.
    """
    step = h / 4
    (left, right), (wide_left, wide_right) = slopes.sides(step), slopes.sides(h)
    gap = max(abs(right - left), abs(wide_right - wide_left))
    rounding = slopes.noise / step
    unsteady = max(abs(left - wide_left), abs(right - wide_right))
    if gap <= 4 * rounding or smooth(slopes, h):
        return None
    low, high = min(left, right, wide_left, wide_right), max(left, right, wide_left, wide_right)
    slack = rounding + 1e-3 * gap + 2 * unsteady
    inside = low - slack <= analytic <= high + slack
    return Judged(KINK if inside else WRONG, (left + right) / 2)


def rounding_of(f, magnitude, scale):
    """Estimate the rounding of f(t) near t = 0, from how its second differences scatter.

    f(t) -> float, magnitude: what f sums up in absolute value, scale: a typical size of x
    A much simplified form of Moré & Wild 2011, "Estimating computational noise".
    """
    step = STEP3 * scale * 1e-4
    values = np.array([f(i * step) for i in range(9)])
    scatter = np.abs(np.diff(values, 2)).max() / 2
    # Over steps this small the curve itself bends by far less than it is rounded; a kink would
    # show as one large entry, so the median guards against it.
    median = np.median(np.abs(np.diff(values, 2)))
    found = min(scatter, 8 * median)
    return max(EPS * magnitude, found) if np.isfinite(found) else EPS * magnitude
