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
    if all(leaks(sample) for sample in evidence.samples):
        return Finding(finding.MASK_MISSING, name, f"{name} is right where the gradient passes, "
                       "and lets it pass where it must be blocked: the mask is missing",
                       "multiply by the 0/1 local gradient, as dout * (x > 0)")
    if all(inverted(sample) for sample in evidence.samples):
        return Finding(finding.MASK_INVERTED, name, f"{name} is zero where the gradient passes, "
                       "and not where it must be blocked: the mask is inverted",
                       "turn the comparison round: the gradient passes where x > 0")
    return slopes(evidence) or other_sign(evidence) or other_mask(evidence)


def blocked(sample):
    """Where the true gradient is zero, though what comes from above is not."""
    zero = np.abs(sample.numeric) <= 1e-7 * np.nanmax(np.abs(sample.numeric), initial=0.0)
    dout = sample.case.dout
    if np.shape(dout) == sample.numeric.shape:
        zero &= np.asarray(dout) != 0
    return zero


def leaks(sample):
    """Whether the analytic gradient is right, up to one factor, but for what must be blocked."""
    if sample.analytic.shape != sample.numeric.shape:
        return False
    zero = blocked(sample)
    passes = ~zero & ~np.isnan(sample.numeric)
    if not zero.any() or not passes.any() or not (sample.analytic[zero] != 0).mean() > 0.9:
        return False
    ratios = sample.analytic[passes] / sample.numeric[passes]
    if not ratios.all():
        return False
    if sample.case.labels is not None:      # the right class has a formula of its own in a loss
        ratios = ratios[~labelled(sample)[passes]]
    # One entry would always fit one factor.
    return bool(ratios.size and np.ptp(ratios) <= 1e-3 * abs(ratios[0])
                and (ratios.size > 1 or abs(ratios[0] - 1) < 1e-3))


def inverted(sample):
    """Whether the analytic gradient is zero exactly where the true one is not."""
    if sample.analytic.shape != sample.numeric.shape:
        return False
    zero = blocked(sample)
    passes = ~zero & ~np.isnan(sample.numeric)
    if sample.case.labels is not None:
        passes &= ~labelled(sample)
    return bool(zero.any() and passes.any() and not sample.analytic[passes].any()
                and (sample.analytic[zero] != 0).mean() > 0.9)


def labelled(sample):
    """Where a matrix of scores has the column of its row's label."""
    mark = np.zeros(sample.numeric.shape, bool)
    labels = sample.case.labels
    if mark.ndim == 2 and len(labels) == len(mark) and labels.max(initial=0) < mark.shape[1]:
        mark[np.arange(len(labels)), labels] = True
    return mark


def slopes(evidence):
    """The same for a mask of two slopes, as leaky ReLU's and ELU's: right on one side of 0 only."""
    sides = []
    for sample in evidence.samples:
        x, dout = np.asarray(sample.case.inputs[evidence.position]), np.asarray(sample.case.dout)
        if x.shape != dout.shape or sample.analytic.shape != x.shape or not dout.all():
            return None
        right = close_to(sample.analytic, sample.numeric)
        local, true = sample.analytic / dout, sample.numeric / dout
        positive = x > 0
        if positive.all() or not positive.any():
            return None
        if np.ptp(true[positive]) > 1e-5 and np.ptp(true[~positive]) > 1e-5:
            return None         # not a slope on either side: no mask
        if not np.abs(true).min() > 1e-9:
            return None         # zeros: a mask of the other kind
        if not right[positive].any() and not right[~positive].any():
            swapped = all(
                np.ptp(true[side]) > 1e-5
                or np.ptp(local[~side]) < 1e-5 and abs(local[~side][0] - true[side][0]) < 1e-4
                for side in (positive, ~positive))
            sides.append("swapped" if swapped else "")
        elif right[positive].all() and not right[~positive].any():
            sides.append("negative")
        elif right[~positive].all() and not right[positive].any():
            sides.append("positive")
        else:
            return None
    name = evidence.name
    if sides[0] == "" or len(set(sides)) > 1:
        return None
    if sides[0] == "swapped":
        return Finding(finding.MASK_INVERTED, name, f"{name} has the slopes of the two sides of 0 "
                       "exchanged: the mask is inverted", "turn the comparison round: x > 0")
    return Finding(finding.MASK_MISSING, name, f"{name} is right on one side of 0 and wrong "
                   f"wherever the input is {sides[0]}: that side's local gradient is missing",
                   "choose between the two slopes by the sign of the input, as with np.where")


def other_sign(evidence):
    """Right exactly where another array has the sign of the input: the wrong one was asked."""
    sources = None
    for sample in evidence.samples:
        x = np.asarray(sample.case.inputs[evidence.position])
        if sample.analytic.shape != x.shape or np.isnan(sample.numeric).any():
            return None
        right = close_to(sample.analytic, sample.numeric)
        names = {name for name, value in sample.pool().items() if value.shape == x.shape
                 and not np.isnan(value).any() and disagree_by_sign(~right, value > 0, x > 0)}
        sources = names if sources is None else sources & names
        if not sources or right.all() or not right.any():
            return None
    return Finding(finding.WRONG_MASK, evidence.name, f"{evidence.name} is right exactly where "
                   f"{min(sources)} has the sign of the input: the mask is taken from it",
                   "take the mask from the input of forward, entry by entry")


def disagree_by_sign(wrong, sign, right_sign):
    """Whether what is wrong is where two signs differ, on both sides of 0 or on one of them."""
    if sign.all() or not sign.any():
        return False
    differ = sign != right_sign
    return any(np.array_equal(wrong, differ & side) and wrong.sum() > 1
               for side in (True, right_sign, ~right_sign))


def other_mask(evidence):
    """Some entries passed that must be blocked and others blocked that must pass, else right."""
    sources = None
    for sample in evidence.samples:
        a, g = sample.analytic, sample.numeric
        if a.shape != g.shape or np.isnan(g).any():
            return None
        aside = np.zeros(g.shape, bool)
        if sample.case.labels is not None:      # the right class has a formula of its own
            aside = labelled(sample)
        zero, passed = blocked(sample) & ~aside, (a != 0) & ~aside
        if not zero.any() or not passed.any() or not close_to(a, g)[passed & ~zero].all():
            return None
        mistaken = zero == passed
        if not mistaken[~aside].any() or not (passed & ~zero).any():
            return None
        names = {name for name, value in sample.pool().items() if value.shape == g.shape
                 and np.array_equal(passed, (value > 0) & ~aside) and name != "the output"}
        sources = names if sources is None else sources & names
    source = f": it is that of {min(sources)}" if sources else ""
    return Finding(finding.WRONG_MASK, evidence.name, f"{evidence.name} passes and blocks the "
                   f"gradient in the wrong entries: the mask is taken from the wrong array{source}",
                   "take the mask from the input of forward, entry by entry")
