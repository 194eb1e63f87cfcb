"""Mistakes in a local gradient: a mask (ReLU's and its kin) missing, inverted or that of another
array; a derivative evaluated at the output, or at the score in place of its sigmoid.

No formula of a layer is known here: only where the true gradient is zero, where the one in question
is right, and a few derivatives written in terms of the output.
"""

import numpy as np

from flatprop.gradcheck.case import with_upstream
from flatprop.gradcheck.diagnosis.evidence import Mistake, close_to, matches
from flatprop.gradcheck.diagnosis.remedies import find
from flatprop.gradcheck.finding import Finding


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
    masks = []
    for sample in evidence.samples:
        zero, pool = blocked_entries(sample), sample.pool()
        masks.append({name for name, value in pool.items() if name not in ("dout", "out")
                      and value.shape == zero.shape and np.array_equal(value != 0, ~zero)})
        masks[-1] |= {f"{name} > 0" for name, value in pool.items() if value is pool.get(
            sample.case.names[sample.position]) and np.array_equal(value > 0, ~zero)}
    names = sorted(set.intersection(*masks), key=lambda name: " > 0" not in name)
    says = ("{d} is right where the gradient passes, and lets it pass where it must be blocked: the "
            "mask is missing")
    if names and names[0].endswith(" > 0"):
        return find("relu's mask", evidence.name, says, names[0].removesuffix(" > 0"))
    return find("mask", evidence.name, says, names[0] if names else "the mask, from the cache")


def has_mask_inverted(sample):
    """Whether the analytic gradient is zero exactly where the true one is not."""
    zero = blocked_entries(sample)
    passes = ~zero & ~np.isnan(sample.numeric) & ~sample.label_entries()
    return bool(zero.any() and passes.any() and not sample.analytic[passes].any()
                and (sample.analytic[zero] != 0).mean() > 0.9)


def wrong_side(sample):
    """Of a mask of two slopes, as leaky ReLU's and ELU's, the inputs where it is wrong: "positive",
    "negative"; "exchanged" where it has each side's slope on the other; or else None.
    """
    x, dout = sample.x, sample.dout
    positive = x > 0
    if x.shape != dout.shape or not dout.all() or positive.all() or not positive.any():
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
        right = close_to(sample.analytic, sample.numeric)
        if right.all() or not right.any():
            return None
        return {name for name, value in sample.pool().items() if value.shape == sample.x.shape
                and not np.isnan(value).any()
                and disagree_by_sign(~right, value > 0, sample.x > 0)}

    names = common_names(evidence, sources)
    if not names:
        return None
    return Finding("wrong mask", evidence.name, f"{evidence.name} is right exactly where "
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
    differ = sign != right_sign
    return not sign.all() and sign.any() and wrong.sum() > 1 and any(
        np.array_equal(wrong, differ & side) for side in (True, right_sign, ~right_sign))


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
    return Finding("wrong mask", evidence.name, f"{evidence.name} passes and blocks the "
                   f"gradient in the wrong entries: the mask is taken from the wrong array{source}",
                   "take the mask from the input of forward, entry by entry")


MASKS = (
    mask_missing,
    Mistake("mask inverted", has_mask_inverted, "{d} is zero where the gradient passes, "
            "and not where it must be blocked: the mask is inverted",
            "turn the comparison round: the gradient passes where x > 0"),
    Mistake("mask inverted", lambda sample: wrong_side(sample) == "exchanged",
            "{d} has the slopes of the two sides of 0 exchanged: the mask is inverted",
            "turn the comparison round: x > 0"),
    *(Mistake("mask missing", lambda sample, side=side: wrong_side(sample) == side,
              f"{{d}} is right on one side of 0 and wrong wherever the input is {side}: that "
              "side's local gradient is missing",
              "choose between the two slopes by the sign of the input, as with np.where")
      for side in ("positive", "negative")),
    other_sign, other_mask,
)


def is_at_output(sample):
    """Whether it is what differences at the output give."""
    if sample.out.shape != sample.x.shape:
        return False
    case, position = sample.case, sample.position
    at_output = with_upstream(case, case.dout, {position: case.out})
    return matches(sample.analytic, at_output.numeric_gradient(position))


AT_OUTPUT = Mistake(
    "wrong point", is_at_output, "{d} has its local gradient evaluated at the output, where "
    "forward's input is meant", "keep the input in the cache and evaluate the derivative there")
