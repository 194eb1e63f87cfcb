"""Mistakes seen in a gradient as a whole: its shape, sign, a factor, a transpose, a wrong axis."""

import itertools

import numpy as np

from flatprop.gradcheck.case import in_each, with_upstream
from flatprop.gradcheck.diagnosis.evidence import Mistake, close_to, matches, matrix_pairs, multiple
from flatprop.gradcheck.finding import Finding

# The tolerance where a normalization is imitated: its eps is not known here, and makes what it
# scales a little smaller.
ROUGHLY = 0.02


def shape(evidence):
    """The wrong shape: not summed over the batch, summed over the wrong axis, transposed."""
    analytic, numeric = evidence.samples[0].analytic, evidence.samples[0].numeric
    name = evidence.name
    if analytic.shape == numeric.shape:
        return None
    shapes = f"{name} has the shape {analytic.shape} where its input has {numeric.shape}"
    if analytic.ndim == 2 and matches(analytic.T, numeric):
        return Finding("transposed", name, f"{shapes}: it is transposed",
                       "swap the factors of the product and transpose them: (A^T B)^T = B^T A")
    if analytic.size == numeric.size and matches(analytic.reshape(numeric.shape), numeric):
        return Finding("shape", name, f"{shapes}; the numbers are right",
                       "sum without keepdims, and reshape to the input's shape")
    for axis in range(analytic.ndim):
        for summed, hint in ((analytic.sum(axis=axis), ""),
                             (analytic.mean(axis=axis), " and divided by N")):
            if matches(summed, numeric):
                return Finding(
                    "not summed", name, f"{shapes}: it is not summed over the batch{hint}",
                    f"every row uses the same {name[1:]}, so its gradients add up: "
                    f".sum(axis={axis})")
    if all(is_summed_along_another_axis(sample) for sample in evidence.samples):
        return Finding("wrong axis", name, f"{shapes}: it is summed over the wrong axis",
                       "sum over the batch, axis 0, and keep the columns")
    return Finding("shape", name, f"{shapes}, and its numbers fit no rearrangement",
                   "a gradient has the shape of what it is the gradient of")


def is_summed_along_another_axis(sample):
    """Whether it is a sum over one axis of what, over another, is the numeric gradient."""
    for terms in summands(sample):
        sums = [terms.sum(axis=axis) for axis in range(terms.ndim)]
        if any(matches(right, sample.numeric, ROUGHLY) and matches(sample.analytic, wrong, ROUGHLY)
               for right, wrong in itertools.permutations(sums, 2)):
            return True
    return False


def summands(sample):
    """Arrays whose sum a bias-like gradient may be: dout, and dout times what it was scaled by."""
    dout = sample.case.dout
    if isinstance(dout, tuple) or np.ndim(dout) < 2:
        return
    yield dout
    for value in sample.pool().values():
        if value.shape == dout.shape and value is not dout:
            yield dout * value
            for axis in (0, 1):     # what a normalization has scaled, from its input or output
                centered = value - value.mean(axis=axis, keepdims=True)
                spread = np.sqrt((centered ** 2).mean(axis=axis, keepdims=True))
                if spread.all():
                    yield dout * centered / spread


def upstream(evidence):
    """The upstream gradient left out, or used twice."""
    sample = evidence.samples[0]
    case, name = sample.case, evidence.name
    doubled = with_upstream(case, in_each(case.dout, lambda each: 2 * each))
    at_twice = np.asarray(doubled.gradients()[case.positions.index(sample.position)])
    if matches(at_twice, 4 * sample.analytic):
        return Finding("factor", name, f"{name} has the upstream gradient in it twice: with "
                       "twice the upstream gradient it is four times as large",
                       "multiply by the upstream gradient once")
    if not matches(at_twice, sample.analytic):
        return None
    of_ones = with_upstream(case, in_each(case.dout, lambda each: 0 * each + 1))
    as_ones = matches(sample.analytic, of_ones.numeric_gradient(sample.position))
    return Finding(
        "upstream ignored", name, f"{name} does not depend on the upstream gradient"
        + (": it is right only for one of all ones" if as_ones else ""),
        "the chain rule: multiply the local gradient by dout, the gradient from above")


def order(evidence):
    """Right gradients in the wrong places: this one is that of another input."""
    sample = evidence.samples[0]
    for place in sample.case.positions:
        if place == sample.position or not all(
                matches(each.analytic, each.case.numeric_gradient(place))
                for each in evidence.samples):
            continue
        other, name = sample.case.names[place], evidence.name
        if all(is_either_or(each, place) for each in evidence.samples):
            return Finding("mask inverted", name, f"{name} passes the gradient where it "
                           f"goes to {other}, and blocks it where it goes to {name[1:]}: the mask "
                           "is inverted", "turn the comparison round")
        return Finding("order", name, f"where {name} should be there is d{other}",
                       "return the gradients in the order of forward's arguments")
    return None


def is_either_or(sample, place):
    """Whether this gradient or that for place is zero, entry by entry, as at a maximum gate."""
    other = sample.case.numeric_gradient(place)
    return other.shape == sample.numeric.shape and not (sample.numeric * other).any()


def factor(evidence):
    """Off by a constant factor, a sign among them."""
    constant = None
    for sample in evidence.samples:
        fitted = ratio(sample)
        if fitted is None or constant is not None and abs(fitted - constant) > 1e-3 * abs(constant):
            return None
        constant = fitted
    name = evidence.name
    if abs(constant + 1) < 1e-3:
        return Finding("sign", name, f"{name} has its sign flipped",
                       "multiply by -1: check the sign of the local gradient")
    names = meanings(constant, evidence)
    if evidence.samples[0].x.size * len(evidence.samples) < 3:
        return None
    remedy = "look for a missing or doubled constant in the formula"
    if any(each.startswith("N") for each in names):
        remedy = "the mean over the batch: divide by N, once"
    elif any(each.startswith("1/N") for each in names):
        remedy = "divided by N once too often: a mean taken where the sum is meant"
    elif abs(constant) == 0.5 or abs(abs(constant) - 2) < 1e-3:
        remedy = "a derivative's 2, or a 1/2 of the definition, is missing or doubled"
    called = f" ({', '.join(names)})" if names else ""
    return Finding("factor", name, f"{name} is {constant:.4g} times what it should be, in "
                   f"every entry{called}", remedy)


def ratio(sample):
    """The number c with analytic = c numeric, or None where there is none but 0 or 1."""
    constant = multiple(sample.analytic, sample.numeric)
    wrong = constant is not None and abs(constant) >= 1e-8 and abs(constant - 1) >= 1e-3
    return constant if wrong else None


def meanings(constant, evidence):
    """What a constant may be, in the terms of the layer: N, 1/C, 1 - p, ... -> list of text"""
    case = evidence.samples[0].case
    named = {"2": 2.0}
    first = np.shape(case.inputs[0])
    if first:
        named["N, the rows"] = float(first[0])
        if len(first) > 1:
            named[f"the columns of {case.names[0]}"] = float(first[1])
            named["N times the columns"] = float(first[0] * first[1])
    for name, value in zip(case.names, case.inputs, strict=True):
        if np.ndim(value) == 0 and isinstance(value, (int, float)) and value not in (0, 1):
            named[name] = float(value)
            named[f"1 - {name}"] = 1.0 - value
    found = []
    for name, value in named.items():
        if value and abs(abs(constant) - abs(value)) < 1e-3 * abs(value):
            found.append(name)
        elif value and abs(abs(constant) * abs(value) - 1) < 1e-3:
            found.append("1/" + (f"({name})" if " - " in name else name))
    return found


def is_transposed(sample):
    """Whether it is a square matrix, transposed."""
    return sample.x.ndim == 2 and matches(sample.analytic, sample.numeric.T)


def has_transposed_factor(sample):
    """Whether it is a product u v, where u v^T, u^T v or u^T v^T is right."""
    if sample.x.ndim != 2:
        return False
    pool = [value for value in sample.pool().values() if value.dtype.kind == "f"]
    factors = [value for value in pool if value.ndim == 2]
    dout = np.asarray(sample.case.dout, float)
    if dout.ndim == 1:      # an output of one number a row: the rows of a factor, scaled by it
        factors += [dout[:, None] * value for value in factors if len(value) == len(dout)]
    for u, v in itertools.product(factors, repeat=2):
        for one, other in matrix_pairs(u, v):
            if matches(sample.analytic, one @ other) and any(
                    matches(left @ right, sample.numeric)
                    for left, right in ((one.T, other), (one, other.T), (one.T, other.T))
                    if left.shape[1] == right.shape[0]):
                return True
    return False


def mixes_lines(sample, axis):
    """Whether rows (axis 0) or columns (1) depend on each other that forward keeps apart.

    In softmax and in layer normalization a row of the batch depends on no other row, in batch
    normalization a column on no other column. So one line is changed, with the upstream gradient
    on it: the gradient on other lines should not change. A layer that multiplies matrices is left
    out: there a wrong transpose mixes lines as well.
    """
    case, position, a, g = sample
    if (not sample.is_complete or a.ndim != 2 or a.shape[axis] < 2
            or any(np.ndim(case.inputs[place]) > 1 for place in case.positions
                   if place != position)):
        return False
    line = (0, slice(None)) if axis == 0 else (slice(None), 0)
    others = (slice(1, None),) if axis == 0 else (slice(None), slice(1, None))
    value = case.inputs[position].copy()
    value[line] = value[line][::-1] * 0.9 + 0.05
    dout = case.dout
    if np.shape(dout) == a.shape:
        dout = dout.copy()
        dout[line] *= -0.5
    other = with_upstream(case, dout, {position: value})
    after = np.asarray(other.gradients()[case.positions.index(position)], np.float64)
    right = other.numeric_gradient(position)
    return bool(close_to(right, g)[others].all() and not close_to(after, a)[others].all())


ZERO = Mistake("zero", lambda sample: not sample.analytic.any(), "{d} is zero everywhere",
               "compute it; a stub or an array made by zeros_like came back")
TRANSPOSES = (
    Mistake("transposed", is_transposed, "{d} is transposed (it is square, so the shape "
            "fits)", "swap the factors of the product and transpose them"),
    Mistake("transposed", has_transposed_factor, "{d} is a product with one factor "
            "transposed that must not be, or the other way round (a square one, so the shapes fit)",
            "write the shapes beside the product: dx (N, D) = dout (N, M) W^T (M, D)"),
)
WRONG_AXES = (
    Mistake("wrong axis", is_summed_along_another_axis, "{d} is summed over the wrong axis "
            "(the batch has as many rows as columns, so the shape fits)",
            "sum over the batch, axis 0"),
    *(Mistake("wrong axis", lambda sample, axis=axis: mixes_lines(sample, axis),
              f"in {{d}} one {line} depends on the others, which forward keeps apart: something is "
              f"summed over axis {axis}",
              f"each {line} has a sum of its own, over its {summed}: axis={1 - axis}")
      for axis, (line, summed) in enumerate((("row", "columns"), ("column", "rows")))),
)
