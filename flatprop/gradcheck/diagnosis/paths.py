"""One of the paths on which an input reaches the output is lost: overwritten, not accumulated.

Each function takes an Evidence and returns a Finding, or None where it does not explain it; those
further down take a Sample, and most return what the mistake would give there, or None. No formula
of a layer is known here: they look at what is missing, and at what it could be made of.
"""

import itertools

import numpy as np

from flatprop.gradcheck import finding
from flatprop.gradcheck.case import with_upstream
from flatprop.gradcheck.diagnosis.evidence import close_to, matches, matrix_pairs, numeric_gradient
from flatprop.gradcheck.finding import Finding

MOST_TERMS = 2000       # how many products are compared with what is missing


def lost_path(evidence):
    """One of the paths on which the input reaches the output is left out."""
    name = evidence.name
    for text, predict in (
        ("the gradient of one of the outputs", one_output),
        ("one of the two factors' part, of a product of the input and a function of it",
         one_factor),
        ("every path from an entry to another entry's output", diagonal),
    ):
        if evidence.fits(predict):
            return lost_path_finding(name, text)
    for axis, what in ((0, "column"), (1, "row")):
        if all(lacks_sums(sample, axis) for sample in evidence.samples):
            return lost_path_finding(name, f"a path through what a whole {what} has in common, its "
                                     "mean or its spread")
    if evidence.fits(one_product):
        return lost_path_finding(name, "one of two terms")
    return None


def lost_label(evidence):
    """In a loss: the right class's own term left out, or everything but it."""
    if evidence.fits(all_but_labels):
        return lost_path_finding(evidence.name, "the path through the right class's own score")
    if evidence.fits(labels_alone):
        return lost_path_finding(evidence.name,
                                 "every path but that through the right class's own score")
    return None


def lost_path_finding(name, text):
    """The finding of a lost path."""
    return Finding(finding.LOST_PATH, name, f"{name} lacks a part: {text} is lost",
                   "where a value is used more than once, its gradients add up: +=, not =")


def one_output(sample):
    """The gradient if only one of several outputs had an upstream gradient."""
    case = sample.case
    if not isinstance(case.dout, tuple):
        return None
    for kept in range(len(case.dout)):
        other = with_upstream(case, tuple(each if i == kept else 0 * np.asarray(each)
                                          for i, each in enumerate(case.dout)))
        predicted = numeric_gradient(other, case.positions[0])
        if matches(sample.analytic, predicted):
            return predicted
    return None


def all_but_labels(sample):
    """Right but for the entries of the right classes, where it is 0 or lacks one constant."""
    mark = sample.label_entries()
    if not sample.has_right_shape or not mark.any():
        return None
    right = close_to(sample.analytic, sample.numeric)
    if not right[~mark].all() or right[mark & (sample.numeric != 0)].any() or right.all():
        return None
    lost = (sample.numeric - sample.analytic)[mark]
    one_constant = np.ptp(lost) <= 1e-4 * np.abs(lost).max()
    return sample.analytic if one_constant or not sample.analytic[mark].any() else None


def labels_alone(sample):
    """Zero but for the entries of the right classes."""
    mark = sample.label_entries()
    if not sample.has_right_shape or not mark.any():
        return None
    lost = not sample.analytic[~mark].any() and sample.numeric[~mark].any()
    return sample.analytic if lost and sample.analytic[mark].all() else None


def one_factor(sample):
    """For out = x g(x), entry by entry: dout g alone, or dout x g' alone."""
    case = sample.case
    x, out, dout = (np.asarray(each) for each in (case.inputs[case.positions[0]], case.out,
                                                  case.dout))
    if not (x.shape == out.shape == sample.numeric.shape) or x.ndim == 0 or not x.all():
        return None
    through_x = dout * out / x
    if matches(sample.numeric, through_x):
        return None         # g is a constant: a mask, or a scale
    for predicted in (through_x, sample.numeric - through_x):
        if matches(sample.analytic, predicted):
            return predicted
    return None


def diagonal(sample):
    """dout times the diagonal of the Jacobian, of a layer whose entries depend on each other."""
    case, position = sample.case, sample.case.positions[0]
    x, dout = np.asarray(case.inputs[position]), np.asarray(case.dout)
    if x.shape != dout.shape or x.ndim == 0 or x.size > 200:
        return None
    local = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += 1e-5
        down[index] -= 1e-5
        outs = [np.asarray(case.run({position: each})[0])[index] for each in (up, down)]
        local[index] = (outs[0] - outs[1]) / 2e-5
    return dout * local


def lacks_sums(sample, axis):
    """Whether what is missing is, along an axis, one constant, or one multiple of an array.

    That is what a path through the mean, the spread or both of a line gives.
    """
    a, g = sample.analytic, sample.numeric
    if not sample.is_complete or a.ndim != 2 or a.shape[axis] < 3:
        return False
    lost = g - a
    largest = np.abs(lost).max(initial=0.0)
    if not largest:
        return False
    ones = np.ones_like(g)
    arrays = [value - value.mean(axis=axis, keepdims=True) for value in sample.pool().values()
              if value.shape == g.shape and value.dtype.kind == "f"
              and value is not sample.case.dout]
    for columns in [(one,) for one in (ones, *arrays)] + [(ones, one) for one in arrays]:
        if a.shape[axis] >= len(columns) + 2:
            rest = residual(lost, columns, axis)
            if np.abs(rest).max() <= 1e-5 * largest:
                return True
    return False


def residual(lost, columns, axis):
    """What a least-squares fit by the columns leaves of lost, line by line along axis."""
    lines = np.moveaxis(lost, axis, 0)
    rest = np.empty_like(lines)
    for j in range(lines.shape[1]):
        A = np.stack([np.moveaxis(each, axis, 0)[:, j] for each in columns], axis=1)
        solution, *_ = np.linalg.lstsq(A, lines[:, j], rcond=None)
        rest[:, j] = lines[:, j] - A @ solution
    return rest


def one_product(sample):
    """The analytic gradient, if it and what is missing are both made of dout and other arrays.

    The two terms of x + f(x), of u v with both from x, of x W W^T.
    """
    a, g = sample.analytic, sample.numeric
    if not sample.is_complete or not a.any():
        return None
    lost = g - a
    # dout alone is the skip of a residual block: what is missing then may be anything.
    dout = np.asarray(sample.case.dout, float)
    if matches(lost, dout) or matches(a, dout) and not is_elementwise(sample):
        return a
    fitting = (term for term in products(sample) if term.shape == g.shape)
    terms = list(itertools.islice(fitting, MOST_TERMS))
    return a if any(matches(a, term) for term in terms) and any(
        matches(lost, term) for term in terms) else None


def is_elementwise(sample):
    """Whether each entry of the output depends on the same entry of the input alone."""
    predicted = diagonal(sample)
    return predicted is not None and matches(predicted, sample.numeric)


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
