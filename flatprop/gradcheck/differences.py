"""Derivatives of a function of one number by differences, and how far to trust them.

A small step magnifies the rounding of f, a large one cuts off the Taylor series, and a kink (ReLU's
at 0) within the step no step cures. So several are tried, and a disagreement counts as a wrong
gradient only once it is known to come from none of the three.
"""

import functools
import itertools

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


def judge(f, noise, analytic, scale, exact=None, tolerance=TOLERANCE, along_many=False):
    """Compare the analytic derivative of f(t) at t = 0 with differences.

    f(t) -> float; noise() -> an estimate of f's rounding, asked for only in doubt; scale: a
    typical size of what t is added to; exact() -> the derivative by the complex step, or None
    where f takes no complex numbers -> (verdict, derivative by differences)
    At a kink every value between the slopes left and right of it passes. Where t moves many
    entries at once (along_many) there may be several kinks, and any value at them passes.
    """
    f = functools.cache(f)      # the same few steps are asked for again and again
    if not np.isfinite(analytic):
        return WRONG, central(f, STEP3 * scale)
    h = exact_step(STEP3 * scale)
    numeric = central(f, h)
    while not np.isfinite(numeric) and h > SMALLEST * scale:    # out of the domain, of log say
        h /= SHRINKING
        numeric = central(f, h)
    if not np.isfinite(numeric):
        return judge_at_edge(f, STEP3 * scale, analytic, SAFETY * noise())
    if agree(analytic, numeric, tolerance):
        return AGREES, numeric

    noise = SAFETY * noise()
    finer = five_point(f, exact_step(h * STEP5 / STEP3))
    if agree(analytic, finer, tolerance):
        return AGREES, finer
    # Along many entries one that is wrong shows little: no more is allowed than both stencils need.
    needed = 10 * abs(numeric - finer) + noise / h
    if along_many and abs(analytic - finer) > needed and is_smooth(f, h, noise):
        return WRONG, finer
    if exact is not None:
        derivative = exact()
        if abs(derivative - numeric) <= 1e-3 * abs(derivative) + noise / h:
            right = agree(analytic, derivative, tolerance)
            return AGREES if right else WRONG, derivative
    return judge_disagreement(f, noise, h, numeric, finer, analytic, tolerance, along_many)


def judge_disagreement(f, noise, h, numeric, finer, analytic, tolerance, along_many):
    """What judge gives where numeric, with step h, and finer, by five points, disagree with it."""
    tried, smooth = [(h, numeric)], is_smooth(f, h, noise)
    for _ in range(SHRINKINGS):
        step = exact_step(tried[-1][0] / SHRINKING)
        smaller, rounding = central(f, step), noise / step
        if not np.isfinite(smaller) or rounding > 0.01 * max(abs(analytic), abs(smaller)):
            break
        tried.append((step, smaller))
        if agree(analytic, smaller, tolerance, rounding):
            return (KINK if not smooth else AGREES if agree(analytic, smaller, tolerance)
                    else NOISE), smaller
    # The derivative that differs least from that of the step before.
    _, (step, best) = min(itertools.pairwise(tried), default=(None, tried[0]), key=lambda pair: (
        abs(pair[1][1] - pair[0][1]) + noise / pair[1][0]))
    allowance = 1e-3 * abs(best) + noise / step
    if step < h and is_smooth(f, step, noise) and not agree(analytic, best, tolerance, allowance):
        return WRONG, best      # out of reach of whatever kink there is, and wrong there
    at_kink = None if smooth else judge_at_kink(f, noise, h, analytic, along_many)
    if at_kink is not None:
        return at_kink
    if smooth and step == h and np.isfinite(finer):
        best = finer
    if min(abs(analytic - each) for each in (best, numeric)) <= noise / h:
        return NOISE, best
    return KINK if along_many and not smooth else WRONG, best


def five_point(f, h):
    """The stencil with error O(h^4) (Abramowitz & Stegun 1964, 25.3.6)."""
    near, far = f(h) - f(-h), f(2 * h) - f(-2 * h)
    return (8 * near - far) / (12 * h)


def sides(f, h):
    """The slopes to the left and to the right."""
    return (f(0.0) - f(-h)) / h, (f(h) - f(0.0)) / h


def central(f, h):
    """(f(h) - f(-h)) / 2h."""
    return (f(h) - f(-h)) / (2 * h)


def agree(analytic, numeric, tolerance, allowance=0.0):
    """Whether two derivatives agree, to tolerance of the larger one and an absolute allowance."""
    allowed = allowance + tolerance * max(abs(analytic), abs(numeric))
    return bool(np.isfinite(numeric)) and abs(analytic - numeric) <= allowed


def judge_at_edge(f, h, analytic, noise):
    """What judge gives where f is defined on one side only: agreement to a hundredth of a percent
    with (-3 f(0) + 4 f(h) - f(2h)) / 2h, whose error is O(h^2).
    """
    sides = [(-3 * f(0.0) + 4 * f(step) - f(2 * step)) / (2 * step) for step in (h, -h)]
    numeric = next((side for side in sides if np.isfinite(side)), np.nan)
    return AGREES if agree(analytic, numeric, 1e-4, 4 * noise / h) else WRONG, numeric


def exact_step(h):
    """h as a power of two, so that x + h loses nothing where x is of ordinary size."""
    return 2.0 ** np.round(np.log2(h))


def is_smooth(f, h, noise):
    """Whether the slopes left and right draw together in proportion to h, as without a kink.

    At a kink at the point they do not; a kink beside it stops counting once h is small enough.
    """
    gaps = [abs(np.subtract(*sides(f, step))) for step in (h, h / 2, h / 4)]
    rounding = 16 * noise / h
    return gaps[0] <= rounding or (
        abs(gaps[1] - gaps[0] / 2) <= 0.2 * gaps[0] + rounding
        and abs(gaps[2] - gaps[0] / 4) <= 0.1 * gaps[0] + rounding)


def judge_at_kink(f, noise, h, analytic, along_many):
    """What judge gives at a kink: KINK if analytic lies between the two slopes. None without one.

    Close beside one, a step reaches past it, and the slope on that side mixes the two true slopes.
    How much the slopes change with the step shows how far they may be off, and the analytic value
    may lie that far outside of them.
    """
    step = h / 4
    (left, right), (wide_left, wide_right) = sides(f, step), sides(f, h)
    gap = max(abs(right - left), abs(wide_right - wide_left))
    rounding = noise / step
    unsteady = max(abs(left - wide_left), abs(right - wide_right))
    if gap <= 4 * rounding:
        return None
    low, high = min(left, right, wide_left, wide_right), max(left, right, wide_left, wide_right)
    slack = rounding + 1e-3 * gap + 2 * unsteady
    inside = along_many or low - slack <= analytic <= high + slack
    return KINK if inside else WRONG, (left + right) / 2


def rounding_of(f, magnitude):
    """The rounding of f(t) near t = 0, from how its second differences scatter.

    magnitude: what f sums up in absolute value
    A much simplified form of Moré & Wild 2011, "Estimating computational noise".
    """
    step = STEP3 * 1e-4
    values = np.array([f(i * step) for i in range(9)])
    # Over steps this small a smooth f is straight, and what is left is rounding. A kink would show
    # as one large entry: the median guards against it.
    second = np.abs(np.diff(values, 2))
    found = min(second.max() / 2, 8 * np.median(second))
    return max(EPS * magnitude, found) if np.isfinite(found) else EPS * magnitude
