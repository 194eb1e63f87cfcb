"""Rows or columns mixed that should be on their own: a sum inside a formula over the wrong axis.

In softmax and in layer normalization a row of the batch depends on no other row, in batch
normalization a column on no other column. So one line is changed, with the upstream gradient on
it, and the others are looked at: whether the gradient there changes, and whether it should.
"""

import numpy as np

from flatprop.gradcheck import finding
from flatprop.gradcheck.case import with_inputs
from flatprop.gradcheck.diagnosis.evidence import close_to, differences_of
from flatprop.gradcheck.finding import Finding

CALLED = (("row", "columns"), ("column", "rows"))


def wrong_axis(evidence):
    """Whether backward lets lines depend on each other that forward keeps apart.

    A layer that multiplies matrices is left out: there a wrong transpose mixes lines as well.
    """
    case = evidence.samples[0].case
    if any(np.ndim(case.inputs[place]) > 1 for place in case.positions
           if place != evidence.position):
        return None
    for axis, (line, summed) in enumerate(CALLED):
        if all(mixed(sample, evidence.position, axis) for sample in evidence.samples):
            return Finding(
                finding.WRONG_AXIS, evidence.name, f"in {evidence.name} one {line} depends on the "
                f"others, which forward keeps apart: something is summed over axis {axis}",
                f"each {line} has a sum of its own, over its {summed}: axis={1 - axis}")
    return None


def mixed(sample, position, axis):
    """Whether a change of line 0 along axis changes the gradient of other lines, wrongly."""
    case, a, g = sample.case, sample.analytic, sample.numeric
    if a.shape != g.shape or a.ndim != 2 or a.shape[axis] < 2 or np.isnan(g).any():
        return False
    line = (0, slice(None)) if axis == 0 else (slice(None), 0)
    others = (slice(1, None),) if axis == 0 else (slice(None), slice(1, None))
    inputs = list(case.inputs)
    inputs[position] = inputs[position].copy()
    inputs[position][line] = inputs[position][line][::-1] * 0.9 + 0.05
    other = with_inputs(case, inputs, np.random.default_rng(0))
    other.dout = case.dout
    if np.shape(case.dout) == a.shape:
        other.dout = case.dout.copy()
        other.dout[line] *= -0.5
    after = np.asarray(other.gradients()[case.positions.index(position)], np.float64)
    should = differences_of(other, position)
    return bool(close_to(should, g)[others].all() and not close_to(after, a)[others].all())
