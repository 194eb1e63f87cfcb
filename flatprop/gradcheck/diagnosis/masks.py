"""Masks, ReLU's and their kin, missing, inverted or taken from another array.

No formula of a layer is known here: only where the true gradient is zero, and where the one in
question is right.
"""

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import close_to, explain
from flatprop.gradcheck.diagnosis.fit import join
from flatprop.gradcheck.diagnosis.terms import vectors_of
from flatprop.gradcheck.finding import find


def mask(evidence):
    """A mask missing, inverted or another array's; it is looked for among the arrays at hand."""
    name, arrays = evidence.name, join(list(map(entries_of, evidence.samples)))
    a, g, x = (arrays.pop(each) for each in ("analytic", "numeric", "x"))
    known, zero = (arrays.pop(each) for each in ("known", "zero"))
    passes, blocked = known & ~zero, known & zero
    if not passes.any():
        return None
    let_through = (a[blocked] != 0).mean() if blocked.any() else 0.0
    if not a[passes].any():
        return find("mask inverted", name) if let_through > 0.9 else None
    ratios = a[passes] / g[passes]
    # Dropout's mask is forgotten with its scale: then there is less than there should be.
    if let_through and np.ptp(ratios) <= 1e-3 * abs(ratios[0]) and (
            abs(ratios[0] - 1) < 1e-3 or ratios.size > 1 and 0 < ratios[0] < 1):
        coded = explain(evidence, [lambda each: coding(each, known & ~passes)])
        if coded:
            return coded
        if let_through < 0.2:
            return find("mask too wide", name)
        if np.array_equal((x > 0)[known], passes[known]):
            return find("relu's mask", name, {"mask": f"{name[1:]} > 0"})
        masks = [called for called, value in arrays.items() if called not in ("dout", "out")
                 and np.array_equal((value != 0)[known], passes[known])]
        return find("mask", name, {"mask": [*masks, "the mask, from the cache"][0]})
    other = other_mask(arrays, ~close_to(a, g) & known, passes if blocked.any() else x > 0, known)
    right = np.isclose(ratios, 1, rtol=1e-4) | (ratios == 0)
    return find("other mask", name, {"other": f": it is that of {other}" if other else ""}) if (
        other or let_through and right.all()) else None


def coding(evidence, blocked):
    """The finding that the true gradient is 0 just where a label, an integer, has one value."""
    if evidence.samples[0].x.shape == np.shape(evidence.samples[0].case.out):
        return None         # of a layer that is no loss it is a mask
    for name, labels in vectors_of(evidence).items():
        given = dict(zip(evidence.samples[0].case.names, evidence.samples[0].case.inputs,
                         strict=True)).get(name.partition("[")[0], 0.0)
        if np.ndim(given) and given.dtype.kind in "iu" and np.unique(given).size == 2:
            its = np.unique(labels[blocked])
            if len(its) == 1 and np.array_equal(blocked, labels == its[0]):
                return find("coding of labels", evidence.name, {
                    "labels": name, "value": f"{its[0]:g}"})
    return None


def entries_of(sample):
    """The arrays of the gradient's shape as vectors, and its entries that are known, and zero."""
    zero = np.abs(sample.numeric) <= 1e-7 * np.nanmax(np.abs(sample.numeric), initial=0.0)
    if np.shape(sample.case.dout) == sample.numeric.shape:
        zero &= sample.dout != 0
    # The right class has a formula of its own.
    known = ~np.isnan(sample.numeric) & ~sample.label_entries()
    arrays = sample.pool() | {"analytic": sample.analytic, "numeric": sample.numeric,
                              "x": sample.x, "known": known, "zero": zero}
    return {name: value.ravel() for name, value in arrays.items() if value.shape == known.shape}


def other_mask(arrays, wrong, passes, known):
    """The array by whose sign it is right and wrong: wrong where that is not what passes."""
    if not (wrong.any() and (known & ~wrong).any() and passes.any() and (~passes & known).any()):
        return None
    names = [name for name, value in arrays.items() if not np.isnan(value).any()
             and 0 < (value > 0).sum() < value.size and any(
                 np.array_equal(wrong, ((value > 0) != passes) & side & known)
                 for side in (True, passes, ~passes))]
    return min(names, default=None)
