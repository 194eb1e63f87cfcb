"""One of the paths on which an input reaches the output is lost: overwritten, not accumulated.

No formula of a layer is known here: it is looked at what is missing, and what it could be made of.
"""

import numpy as np

from flatprop.gradcheck.case import with_upstream
from flatprop.gradcheck.diagnosis.evidence import Mistake, matches


def lost(holds, text):
    """The Mistake that a path is lost."""
    return Mistake("lost path", holds, f"{{d}} lacks a part: {text} is lost",
                   "where a value is used more than once, its gradients add up: +=, not =")


def is_of_one_output(sample):
    """Whether only one of several outputs had an upstream gradient."""
    case = sample.case
    if not isinstance(case.dout, tuple):
        return False
    for kept in range(len(case.dout)):
        alone = with_upstream(case, tuple(each if i == kept else 0 * np.asarray(each)
                                          for i, each in enumerate(case.dout)))
        if matches(sample.analytic, alone.numeric_gradient(sample.position)):
            return True
    return False


def lacks_factor(sample):
    """For out = x g(x), entry by entry: dout g alone, or dout x g' alone."""
    x = sample.x
    if x.shape != sample.out.shape or x.ndim == 0 or not x.all():
        return False
    through_x = sample.dout * sample.out / x
    return not matches(sample.numeric, through_x) and (     # else g is a constant: a mask, a scale
        matches(sample.analytic, through_x)
        or matches(sample.analytic, sample.numeric - through_x))


def is_diagonal(sample, gradient):
    """Whether a gradient is dout times the diagonal of the Jacobian, entry by entry."""
    x, dout = sample.x, sample.dout
    if x.shape != dout.shape or x.ndim == 0 or x.size > 200:
        return False
    local = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += 1e-5
        down[index] -= 1e-5
        outs = [np.asarray(sample.case.run({sample.position: each})[0])[index]
                for each in (up, down)]
        local[index] = (outs[0] - outs[1]) / 2e-5
    return matches(gradient, dout * local)


LOST_PATHS = (
    lost(is_of_one_output, "the gradient of one of the outputs"),
    lost(lambda sample: is_diagonal(sample, sample.analytic),
         "every path from an entry to another entry's output"),
)
ONE_FACTOR = lost(lacks_factor, "one of the two factors' part, of a product of the input and a "
                  "function of it")
