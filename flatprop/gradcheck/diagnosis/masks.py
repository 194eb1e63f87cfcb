"""Masks, ReLU's and their kin, missing, inverted or taken from another array.

No formula of a layer is known here: only where the true gradient is zero, and where the one in
question is right.
"""

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import Mistake, close_to
from flatprop.gradcheck.finding import find


def blocked_entries(sample):
    """Where the true gradient is zero, though what comes from above is not."""
    zero = np.abs(sample.numeric) <= 1e-7 * np.nanmax(np.abs(sample.numeric), initial=0.0)
    if np.shape(sample.case.dout) == sample.numeric.shape:
        zero &= sample.dout != 0
    return zero


def lacks_mask(sample):
    """Whether the analytic gradient is right, up to one factor, but for what must be blocked."""
    zero = blocked_entries(sample)
    passes = ~zero & ~np.isnan(sample.numeric)
    if not zero.any() or not passes.any() or not sample.analytic[zero].any():
        return False
    ratios = sample.analytic[passes] / sample.numeric[passes]
    if not ratios.all():
        return False
    ratios = ratios[~sample.label_entries()[passes]]    # the right class has a formula of its own
    # One entry would always fit one factor.
    return bool(ratios.size and np.ptp(ratios) <= 1e-3 * abs(ratios[0])
                and (ratios.size > 1 or abs(ratios[0] - 1) < 1e-3))


def mask_missing(evidence):
    """A ReLU's mask missing, or another one, which is looked for among the arrays at hand."""
    if not all(lacks_mask(sample) for sample in evidence.samples):
        return None

    def sources(sample):
        passes, x = ~blocked_entries(sample), sample.case.names[sample.position]
        found = {name for name, value in sample.pool().items() if name not in ("dout", "out")
                 and value.shape == passes.shape and np.array_equal(value != 0, passes)}
        return found | ({f"{x} > 0"} if np.array_equal(sample.x > 0, passes) else set())
    names = sorted(common_names(evidence, sources) or (), key=lambda name: " > 0" not in name)
    return find("relu's mask" if names and " > 0" in names[0] else "mask", evidence.name,
                {"mask": names[0] if names else "the mask, from the cache"})


def has_mask_inverted(sample):
    """Whether the analytic gradient is zero exactly where the true one is not."""
    zero = blocked_entries(sample)
    passes = ~zero & ~np.isnan(sample.numeric) & ~sample.label_entries()
    return bool(zero.any() and passes.any() and not sample.analytic[passes].any()
                and (sample.analytic[zero] != 0).mean() > 0.9)


def has_slopes_exchanged(sample):
    """Of a mask of two slopes, as leaky ReLU's, whether each side of 0 has the other's slope."""
    x, dout, positive = sample.x, sample.dout, sample.x > 0
    if x.shape != dout.shape or not dout.all() or positive.all() or not positive.any():
        return False
    local, true = sample.analytic / dout, sample.numeric / dout
    sides = (positive, ~positive)
    return not close_to(local, true).any() and np.abs(true).min() > 1e-9 and any(
        np.ptp(true[side]) < 1e-5 for side in sides) and all(
        np.ptp(true[side]) > 1e-5
        or np.ptp(local[~side]) < 1e-5 and abs(local[~side][0] - true[side][0]) < 1e-4
        for side in sides)


def other_sign(evidence):
    """Right exactly where another array has the sign of the input: the mask is that array's."""
    def sources(sample):
        wrong, positive = ~close_to(sample.analytic, sample.numeric), sample.x > 0
        if wrong.all() or wrong.sum() < 2 or positive.all() or not positive.any():
            return set()
        return {name for name, value in sample.pool().items() if value.shape == wrong.shape
                and not np.isnan(value).any() and 0 < (value > 0).sum() < value.size and any(
                    np.array_equal(wrong, ((value > 0) != positive) & side)
                    for side in (True, positive, ~positive))}
    names = common_names(evidence, sources)
    return find("sign of another", evidence.name, {"other": min(names)}) if names else None


def other_mask(evidence):
    """Some entries passed that must be blocked and others blocked that must pass, else right."""
    def sources(sample):
        a, g = sample.analytic, sample.numeric
        other = ~sample.label_entries()         # the right class has a formula of its own
        zero, passed = blocked_entries(sample) & other, (a != 0) & other
        right = passed & ~zero
        if (not zero.any() or not right.any() or not close_to(a, g)[right].all()
                or not (zero == passed)[other].any()):
            return None
        return {name for name, value in sample.pool().items() if value.shape == g.shape
                and np.array_equal(passed, (value > 0) & other) and name != "out"}
    names = common_names(evidence, sources)
    return None if names is None else find("other mask", evidence.name, {
        "other": f": it is that of {min(names)}" if names else ""})


def common_names(evidence, sources):
    """The names that sources(sample) -> set or None gives for every sample; None if one is None."""
    if not all(sample.is_complete for sample in evidence.samples):
        return None
    names = [sources(sample) for sample in evidence.samples]
    return None if None in names else set.intersection(*names)


MASKS = (
    mask_missing, Mistake("relu inverted", lambda sample: has_mask_inverted(sample)
                          and np.array_equal(sample.x > 0, ~blocked_entries(sample))),
    Mistake("mask inverted", has_mask_inverted),
    Mistake("slopes exchanged", has_slopes_exchanged),
    other_sign, other_mask,
)
