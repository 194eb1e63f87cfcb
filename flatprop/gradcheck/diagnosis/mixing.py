"""Rows or columns mixed that should be on their own: a sum inside a formula over the wrong axis.

In softmax and in layer normalization a row of the batch depends on no other row, in batch
normalization a column on no other column. So one line (a row or a column) is changed, with the
upstream gradient on it. If the gradient on other lines changes, and should not, lines are mixed.
"""

import numpy as np

from flatprop.gradcheck import finding
from flatprop.gradcheck.case import with_upstream
from flatprop.gradcheck.diagnosis.evidence import close_to, numeric_gradient
from flatprop.gradcheck.finding import Finding

LINES = (("row", "columns"), ("column", "rows"))


def mixed_lines(evidence):
    """Whether backward lets lines depend on each other that forward keeps apart.

    A layer that multiplies matrices is left out: there a wrong transpose mixes lines as well.
    """
    case = evidence.samples[0].case
    if any(np.ndim(case.inputs[place]) > 1 for place in case.positions
           if place != evidence.position):
        return None
    for axis, (line, summed) in enumerate(LINES):
        if all(mixes_lines(sample, evidence.position, axis) for sample in evidence.samples):
            return Finding(
                finding.WRONG_AXIS, evidence.name, f"in {evidence.name} one {line} depends on the "
                f"others, which forward keeps apart: something is summed over axis {axis}",
                f"each {line} has a sum of its own, over its {summed}: axis={1 - axis}")
    return None


def mixes_lines(sample, position, axis):
    """Whether a change of line 0 along axis changes the gradient of other lines, wrongly."""
    case, a, g = sample.case, sample.analytic, sample.numeric
    if not sample.is_complete or a.ndim != 2 or a.shape[axis] < 2:
        return False
    line = (0, slice(None)) if axis == 0 else (slice(None), 0)
    others = (slice(1, None),) if axis == 0 else (slice(None), slice(1, None))
    value = case.inputs[position].copy()
    value[line] = value[line][::-1] * 0.9 + 0.05
    dout = case.dout
    if np.shape(dout) == a.shape:
        dout = dout.copy()
        dout[line] *= -0.5
    other = with_upstream(case, dout, position, value)
    after = np.asarray(other.gradients()[case.positions.index(position)], np.float64)
    right = numeric_gradient(other, position)
    return bool(close_to(right, g)[others].all() and not close_to(after, a)[others].all())
