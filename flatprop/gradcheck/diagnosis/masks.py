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


def other_mask(evidence):
    """Right where another array has the sign that passes and wrong elsewhere: the mask is that's.

    Or, with no such array, some entries passed that must be blocked, and others blocked.
    """
    def sources(sample):
        a, g, zero = sample.analytic, sample.numeric, blocked_entries(sample)
        other = ~sample.label_entries()         # the right class has a formula of its own
        passes = ~zero if zero[other].any() else sample.x > 0
        wrong = ~close_to(a, g) & other
        if not (wrong.any() and passes[other].any() and (~passes & other).any()):
            return None
        names = {name for name, value in sample.pool().items() if value.shape == g.shape
                 and not np.isnan(value).any() and 0 < (value > 0).sum() < value.size and any(
                     np.array_equal(wrong, ((value > 0) != passes) & side & other)
                     for side in (True, passes, ~passes))}
        right = (a != 0) & passes & other
        exchanged = zero[other].any() and right.any() and not wrong[right].any() and (
            zero == (a != 0))[other].any()
        return names | ({""} if exchanged else set())
    names = sorted(common_names(evidence, sources) or (), key=lambda name: (not name, name))
    return find("other mask", evidence.name, {
        "other": f": it is that of {names[0]}" if names[0] else ""}) if names else None


def common_names(evidence, sources):
    """The names that sources(sample) -> set or None gives for every sample; None if one is None."""
    if not all(sample.is_complete for sample in evidence.samples):
        return None
    names = [sources(sample) for sample in evidence.samples]
    return None if None in names else set.intersection(*names)


MASKS = mask_missing, Mistake("mask inverted", has_mask_inverted), other_mask
