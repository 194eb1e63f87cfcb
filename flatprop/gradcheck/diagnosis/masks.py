"""Mistakes in a mask, the local gradient of zeros and ones (or of two slopes) of ReLU and its kin.

Each function takes an Evidence. No formula of a layer is known here: only where the true gradient
is zero, and where the one in question is right.
"""

import numpy as np

from flatprop.gradcheck import finding
from flatprop.gradcheck.diagnosis.evidence import close_to
from flatprop.gradcheck.finding import Finding


def mask(evidence):
    """A mask of zeros (ReLU, maxout, hinge, dropout) missing, inverted or taken from elsewhere."""
    name = evidence.name
    if all(lacks_mask(sample) for sample in evidence.samples):
        return Finding(finding.MASK_MISSING, name, f"{name} is right where the gradient passes, "
                       "and lets it pass where it must be blocked: the mask is missing",
                       "multiply by the 0/1 local gradient, as dout * (x > 0)")
    if all(has_mask_inverted(sample) for sample in evidence.samples):
        return Finding(finding.MASK_INVERTED, name, f"{name} is zero where the gradient passes, "
                       "and not where it must be blocked: the mask is inverted",
                       "turn the comparison round: the gradient passes where x > 0")
    return slopes(evidence) or other_sign(evidence) or other_mask(evidence)


def blocked_entries(sample):
    """Where the true gradient is zero, though what comes from above is not."""
    zero = np.abs(sample.numeric) <= 1e-7 * np.nanmax(np.abs(sample.numeric), initial=0.0)
    dout = sample.case.dout
    if np.shape(dout) == sample.numeric.shape:
        zero &= np.asarray(dout) != 0
    return zero


def lacks_mask(sample):
    """Whether the analytic gradient is right, up to one factor, but for what must be blocked."""
    if not sample.has_right_shape:
        return False
    zero = blocked_entries(sample)
    passes = ~zero & ~np.isnan(sample.numeric)
    if not zero.any() or not passes.any() or not (sample.analytic[zero] != 0).mean() > 0.9:
        return False
    ratios = sample.analytic[passes] / sample.numeric[passes]
    if not ratios.all():
        return False
    ratios = ratios[~sample.label_entries()[passes]]    # the right class has a formula of its own
    # One entry would always fit one factor.
    return bool(ratios.size and np.ptp(ratios) <= 1e-3 * abs(ratios[0])
                and (ratios.size > 1 or abs(ratios[0] - 1) < 1e-3))


def has_mask_inverted(sample):
    """Whether the analytic gradient is zero exactly where the true one is not."""
    if not sample.has_right_shape:
        return False
    zero = blocked_entries(sample)
    passes = ~zero & ~np.isnan(sample.numeric) & ~sample.label_entries()
    return bool(zero.any() and passes.any() and not sample.analytic[passes].any()
                and (sample.analytic[zero] != 0).mean() > 0.9)


def slopes(evidence):
    """The same for a mask of two slopes, as leaky ReLU's and ELU's: right on one side of 0 only."""
    sides = [wrong_side(sample, evidence.position) for sample in evidence.samples]
    name = evidence.name
    if sides[0] is None or len(set(sides)) > 1:
        return None
    if sides[0] == "exchanged":
        return Finding(finding.MASK_INVERTED, name, f"{name} has the slopes of the two sides of 0 "
                       "exchanged: the mask is inverted", "turn the comparison round: x > 0")
    return Finding(finding.MASK_MISSING, name, f"{name} is right on one side of 0 and wrong "
                   f"wherever the input is {sides[0]}: that side's local gradient is missing",
                   "choose between the two slopes by the sign of the input, as with np.where")


def wrong_side(sample, position):
    """On which inputs a gradient is wrong: "positive", "negative", "exchanged", or else None."""
    x, dout = np.asarray(sample.case.inputs[position]), np.asarray(sample.case.dout)
    positive = x > 0
    if (x.shape != dout.shape or sample.analytic.shape != x.shape or not dout.all()
            or positive.all() or not positive.any()):
        return None
    local, true = sample.analytic / dout, sample.numeric / dout
    if np.ptp(true[positive]) > 1e-5 and np.ptp(true[~positive]) > 1e-5:
        return None         # not a slope on either side: no mask
    if not np.abs(true).min() > 1e-9:
        return None         # zeros: a mask of the other kind
    right = close_to(sample.analytic, sample.numeric)
    if right[positive].all() and not right[~positive].any():
        return "negative"
    if right[~positive].all() and not right[positive].any():
        return "positive"
    exchanged = not right.any() and all(
        np.ptp(true[side]) > 1e-5
        or np.ptp(local[~side]) < 1e-5 and abs(local[~side][0] - true[side][0]) < 1e-4
        for side in (positive, ~positive))
    return "exchanged" if exchanged else None


def other_sign(evidence):
    """Right exactly where another array has the sign of the input: the mask is that array's."""
    def sources(sample):
        x = np.asarray(sample.case.inputs[evidence.position])
        right = close_to(sample.analytic, sample.numeric)
        if right.all() or not right.any():
            return None
        return {name for name, value in sample.pool().items() if value.shape == x.shape
                and not np.isnan(value).any() and disagree_by_sign(~right, value > 0, x > 0)}

    names = common_names(evidence, sources)
    if not names:
        return None
    return Finding(finding.WRONG_MASK, evidence.name, f"{evidence.name} is right exactly where "
                   f"{min(names)} has the sign of the input: the mask is taken from it",
                   "take the mask from the input of forward, entry by entry")


def common_names(evidence, sources):
    """The names that sources(sample) -> set or None gives for every sample; None if one is None."""
    if not all(sample.is_complete for sample in evidence.samples):
        return None
    names = [sources(sample) for sample in evidence.samples]
    return None if None in names else set.intersection(*names)


def disagree_by_sign(wrong, sign, right_sign):
    """Whether what is wrong is where two signs differ, on both sides of 0 or on one of them."""
    if sign.all() or not sign.any():
        return False
    differ = sign != right_sign
    return any(np.array_equal(wrong, differ & side) and wrong.sum() > 1
               for side in (True, right_sign, ~right_sign))


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
                and np.array_equal(passed, (value > 0) & other) and name != "the output"}

    names = common_names(evidence, sources)
    if names is None:
        return None
    source = f": it is that of {min(names)}" if names else ""
    return Finding(finding.WRONG_MASK, evidence.name, f"{evidence.name} passes and blocks the "
                   f"gradient in the wrong entries: the mask is taken from the wrong array{source}",
                   "take the mask from the input of forward, entry by entry")
