"""One of the paths on which an input reaches the output is lost: overwritten, not accumulated.

No formula of a layer is known here: it is looked at what is missing, and what it could be made of.
"""

import itertools

import numpy as np

from flatprop.gradcheck.case import with_upstream
from flatprop.gradcheck.diagnosis.evidence import Mistake, close_to, matches, matrix_pairs

MOST_TERMS = 2000       # how many products are compared with what is missing


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


def lacks_labels(sample):
    """Right but for the entries of the right classes, where it is 0 or lacks one constant."""
    mark = sample.label_entries()
    right = close_to(sample.analytic, sample.numeric)
    if (not mark.any() or not right[~mark].all() or right.all()
            or right[mark & (sample.numeric != 0)].any()):
        return False
    missing = (sample.numeric - sample.analytic)[mark]
    one_constant = np.ptp(missing) <= 1e-4 * np.abs(missing).max()
    return one_constant or not sample.analytic[mark].any()


def has_labels_alone(sample):
    """Zero but for the entries of the right classes."""
    mark = sample.label_entries()
    return (mark.any() and sample.analytic[mark].all()
            and not sample.analytic[~mark].any() and sample.numeric[~mark].any())


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


def lacks_sums(sample, axis):
    """Whether what is missing is, along an axis, one constant or one multiple of an array, as a
    path through a mean or a spread gives.
    """
    a, g = sample.analytic, sample.numeric
    if not sample.is_complete or a.ndim != 2 or a.shape[axis] < 3:
        return False
    missing = g - a
    largest = np.abs(missing).max(initial=0.0)
    ones = np.ones_like(g)
    arrays = [value - value.mean(axis=axis, keepdims=True) for value in sample.pool().values()
              if value.shape == g.shape and value.dtype.kind == "f"
              and value is not sample.case.dout]
    fits = [(one,) for one in (ones, *arrays)] + [(ones, one) for one in arrays]
    return bool(largest) and any(
        np.abs(residual(missing, columns, axis)).max() <= 1e-5 * largest
        for columns in fits if a.shape[axis] >= len(columns) + 2)


def residual(missing, columns, axis):
    """What a least-squares fit by the columns leaves of it, line by line along axis."""
    lines = np.moveaxis(missing, axis, 0)
    rest = np.empty_like(lines)
    for j in range(lines.shape[1]):
        A = np.stack([np.moveaxis(each, axis, 0)[:, j] for each in columns], axis=1)
        solution, *_ = np.linalg.lstsq(A, lines[:, j], rcond=None)
        rest[:, j] = lines[:, j] - A @ solution
    return rest


def is_one_of_two_terms(sample):
    """Whether it and what is missing are both made of dout and other arrays.

    The two terms of x + f(x), of u v with both from x, of x W W^T.
    """
    a, g = sample.analytic, sample.numeric
    if not sample.is_complete or not a.any():
        return False
    missing = g - a
    # dout alone is the skip of a residual block: what is missing then may be anything.
    dout = np.asarray(sample.case.dout, float)
    if matches(missing, dout) or matches(a, dout) and not is_diagonal(sample, g):
        return True
    fitting = (term for term in products(sample) if term.shape == g.shape)
    terms = list(itertools.islice(fitting, MOST_TERMS))
    return any(matches(a, term) for term in terms) and any(
        matches(missing, term) for term in terms)


def products(sample):
    """Terms with dout in them once: dout * v entry by entry, dout v, v^T dout, v^T (dout w), ..."""
    pool = [value for value in sample.pool().values() if value.dtype.kind == "f"]
    dout = np.asarray(sample.case.dout, float)
    others = [value for value in pool if value is not sample.case.dout]
    others += [1 - value * value for value in others] + [np.ones(())]
    for value in others:
        if value.shape in (dout.shape, ()):
            yield dout * value
    if dout.ndim != 2:
        return
    matrices = [value for value in others if value.ndim == 2]
    for u in [dout, *multiply(dout, matrices)]:
        yield from (u, u.T)
        for once in multiply(u, matrices):
            yield from (once, once.T)
            yield from multiply(once, matrices)


def multiply(u, matrices):
    """The products of u with each of the matrices, either of the two transposed or not."""
    for v in matrices:
        for one, other in matrix_pairs(u, v):
            yield one @ other


LOST_LABELS = (
    lost(lacks_labels, "the path through the right class's own score"),
    lost(has_labels_alone, "every path but that through the right class's own score"),
)
LOST_PATHS = (
    lost(is_of_one_output, "the gradient of one of the outputs"),
    lost(lambda sample: is_diagonal(sample, sample.analytic),
         "every path from an entry to another entry's output"),
)
ONE_FACTOR = lost(lacks_factor, "one of the two factors' part, of a product of the input and a "
                  "function of it")
