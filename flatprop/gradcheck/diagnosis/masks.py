"""Masks, ReLU's and their kin, missing, inverted or taken from another array.

No formula of a layer is known here: only where the true gradient is zero, and where the one in
question is right.
"""

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import close_to, matches
from flatprop.gradcheck.finding import find


def mask(evidence):
    """A mask missing, inverted or another array's; it is looked for among the arrays at hand."""
    keys = {kind_of(sample) for sample in evidence.samples} - {"right"}
    if keys == {"mask", "mask too wide"}:
        keys = {"mask"}
    if keys == {"mask inverted"}:
        return find("mask inverted", evidence.name)
    names = set.intersection(*map(arrays_of_mask if keys == {"mask"} else arrays_of_wrong_mask,
                                  evidence.samples))
    if keys == {"mask"}:
        name = min(names, key=lambda name: " > 0" not in name, default="the mask, from the cache")
        return find("relu's mask" if " > 0" in name else "mask", evidence.name, {"mask": name})
    if keys == {"mask too wide"}:
        return find("mask too wide", evidence.name)
    other = f": it is that of {min(names)}" if names else ""
    return find("other mask", evidence.name, {"other": other}) if (
        names or keys == {"other mask"}) else None


def entries_of(sample):
    """Where the true gradient passes, and where it is blocked: zero, though dout is not."""
    # The right class has a formula of its own.
    known = ~np.isnan(sample.numeric) & ~sample.label_entries()
    zero = np.abs(sample.numeric) <= 1e-7 * np.nanmax(np.abs(sample.numeric), initial=0.0)
    if np.shape(sample.case.dout) == sample.numeric.shape:
        zero &= sample.dout != 0
    return known & ~zero, known & zero


def kind_of(sample):
    """The key of what is wrong with the mask, or ""."""
    a, g, (passes, blocked) = sample.analytic, sample.numeric, entries_of(sample)
    if matches(a, g):       # a mask too wide may not show on every input
        return "right"
    if not passes.any() or not a[blocked].any():
        return ""
    if not a[passes].any():
        return "mask inverted" if (a[blocked] != 0).mean() > 0.9 else ""
    ratios = a[passes] / g[passes]
    # One entry would always fit one factor.
    if np.ptp(ratios) <= 1e-3 * abs(ratios[0]) and (ratios.size > 1 or abs(ratios[0] - 1) < 1e-3):
        return "mask" if (a[blocked] != 0).mean() > 0.2 else "mask too wide"
    right = np.isclose(ratios, 1, rtol=1e-4) | (ratios == 0)
    return "other mask" if right.all() and sample.is_complete else ""


def arrays_of_mask(sample):
    """The arrays that are zero where the true gradient is blocked, and those that are above 0."""
    passes, name = entries_of(sample)[0], sample.case.names[sample.position]
    found = {called for called, value in sample.pool().items() if called not in ("dout", "out")
             and value.shape == passes.shape and np.array_equal(value != 0, passes)}
    return found | ({f"{name} > 0"} if np.array_equal(sample.x > 0, passes) else set())


def arrays_of_wrong_mask(sample):
    """The arrays by whose sign it is right and wrong: wrong where that is not what passes."""
    passes, blocked = entries_of(sample)
    other = passes | blocked
    passes = passes if blocked.any() else sample.x > 0
    wrong = ~close_to(sample.analytic, sample.numeric) & other
    if not (sample.is_complete and wrong.any() and passes.any() and (~passes & other).any()):
        return set()
    return {name for name, value in sample.pool().items() if value.shape == wrong.shape
            and not np.isnan(value).any() and 0 < (value > 0).sum() < value.size and any(
                np.array_equal(wrong, ((value > 0) != passes) & side & other)
                for side in (True, passes, ~passes))}
