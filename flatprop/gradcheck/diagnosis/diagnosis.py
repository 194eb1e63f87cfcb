"""From a wrong gradient to the mistake that explains it, the most telling explanations first."""

import numpy as np

from flatprop.gradcheck import finding
from flatprop.gradcheck.diagnosis import masks, mixing, paths, points, simple_mistakes
from flatprop.gradcheck.diagnosis.evidence import close_to, gather
from flatprop.gradcheck.finding import Finding

# Tried in turn, and the first that explains the gradient on every sample is named. Those that can
# hardly hold by chance come first: a wrong shape, or one factor for every entry.
EXPLANATIONS = (
    simple_mistakes.order, simple_mistakes.shape, simple_mistakes.zero, simple_mistakes.upstream,
    simple_mistakes.factor, simple_mistakes.transpose, simple_mistakes.wrong_axis,
    mixing.mixed_lines, paths.lost_label, points.point, masks.mask, paths.lost_path,
)


def diagnose(case, order, measured, rng):
    """The mistake behind the gradient at place `order` of what backward returns. -> Finding

    measured is its Measured, or None where its shape is wrong. Where nothing explains the
    gradient, that is what the finding says: a wrong diagnosis is worse than none.
    """
    return explain(gather(case, case.positions[order], order, measured, rng), EXPLANATIONS)


def explain(evidence, explanations):
    """The first of the explanations that holds, or the finding that none does."""
    for explanation in explanations:
        try:
            found = explanation(evidence)
        except Exception:   # an explanation that trips over odd inputs explains nothing
            found = None
        if found is not None:
            return found
    return Finding(finding.UNEXPLAINED, evidence.name, where_wrong(evidence),
                   "no common mistake explains it: check the formula on one small example by hand")


def where_wrong(evidence):
    """Which part of a gradient is wrong, in words."""
    sample, name = evidence.samples[0], evidence.name
    known = ~np.isnan(sample.numeric)
    wrong = known & ~close_to(sample.analytic, sample.numeric)
    if wrong[known].all():
        return f"{name} is wrong in every entry, and by no constant factor"
    says = f"{name} is wrong in {wrong.sum()} of {known.sum()} entries"
    for axis, line in enumerate(("row", "column") if wrong.ndim == 2 else ()):
        lines = np.unique(np.nonzero(wrong)[axis])
        if lines.size == 1 and known.shape[axis] > 1 and wrong.sum() > 1:
            says += f", all of them in {line} {lines[0]}"
    return says if known.all() else says + " looked at"
