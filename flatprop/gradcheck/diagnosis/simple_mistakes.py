"""Mistakes seen in a gradient as a whole: its shape, sign, a factor, a transpose, a wrong axis."""

import itertools

import numpy as np

from flatprop.gradcheck.case import in_each, with_upstream
from flatprop.gradcheck.diagnosis.evidence import Mistake, close_to, matches, meanings, multiple
from flatprop.gradcheck.diagnosis.fit import fit, functions_of
from flatprop.gradcheck.diagnosis.formulas import arrays_of, terms_of
from flatprop.gradcheck.diagnosis.remedies import find
from flatprop.gradcheck.finding import Finding


def not_summed(evidence):
    """Of another shape, and right if it is summed over one axis."""
    analytic, numeric = evidence.samples[0].analytic, evidence.samples[0].numeric
    for axis, length in enumerate(analytic.shape if analytic.shape != numeric.shape else ()):
        if length == 1:
            continue
        for keep, hint in itertools.product(("", ", keepdims=True"), ("", " and divided by N")):
            summed = (analytic.mean if hint else analytic.sum)(axis=axis, keepdims=bool(keep))
            if matches(summed, numeric):
                return find("not summed", evidence.name, f"{shapes(evidence)}: it is not summed "
                            f"over axis {axis}{hint}", f".sum(axis={axis}{keep})")
    return None


def shapes(evidence):
    """The two shapes of a gradient of a wrong one, in words."""
    sample = evidence.samples[0]
    return (f"{evidence.name} has the shape {sample.analytic.shape} where its input has "
            f"{sample.numeric.shape}")


def shape(evidence):
    """The wrong shape: transposed, flattened, summed over the wrong axis, or anything else."""
    analytic, numeric = evidence.samples[0].analytic, evidence.samples[0].numeric
    name = evidence.name
    if analytic.shape == numeric.shape:
        return None
    if analytic.ndim == 2 and matches(analytic.T, numeric):
        return find("transposed", name, f"{shapes(evidence)}: it is transposed")
    if analytic.size == numeric.size and matches(analytic.reshape(numeric.shape), numeric):
        return find("reshaped", name, f"{shapes(evidence)}; the numbers are right")
    terms = [terms_of(sample, analytic.shape) for sample in evidence.samples]
    found = fit([sample.analytic for sample in evidence.samples], terms)
    if found is not None:
        return find("wrong axis", name, f"{shapes(evidence)}: it is {found.text()}, summed over the "
                    "wrong axis")
    return find("shape", name, f"{shapes(evidence)}, and its numbers fit no rearrangement")


def upstream(evidence):
    """The upstream gradient left out, in a part or altogether, used twice, or not as a factor."""
    sample, name = evidence.samples[0], evidence.name
    case, a = sample.case, sample.analytic

    def given(factor):
        other = with_upstream(case, in_each(case.dout, lambda each: factor * each))
        return np.asarray(other.gradients()[case.positions.index(sample.position)], float)
    twice, none = given(2.0), given(0.0)
    if matches(twice, 2 * a):
        return None
    if matches(twice, 4 * a):
        return find("upstream twice", name, "{d} has the upstream gradient in it twice: with twice "
                    "the upstream gradient it is four times as large")
    if matches(twice, a):
        of_ones = with_upstream(case, in_each(case.dout, lambda each: 0 * each + 1))
        as_ones = matches(a, of_ones.numeric_gradient(sample.position))
        return find("upstream", name, "{d} does not depend on the upstream gradient" + (
            ": it is right only for one of all ones" if as_ones else ""))
    if matches(twice - none, 2 * (a - none)):
        arrays = functions_of({key: value for key, value in arrays_of(sample).items()
                               if value.shape == none.shape})
        found = fit([none], [arrays])
        return find("upstream in a part", name, "{d} has a part without the upstream gradient: "
                    "with dout = 0 it is not 0" + (f" but {found.text()}" if found else ""))
    return find("upstream not linear", name, "{d} is not proportional to the upstream gradient: "
                "dout goes through a function, where it must be a factor")


def order(evidence):
    """Right gradients in the wrong places: this one is that of another input."""
    sample = evidence.samples[0]
    if all(matches(-each.analytic, each.numeric) for each in evidence.samples):
        return None         # as dy of x - y, that is +dout: its sign is wrong, not its place
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
        return find("sign", name, "{d} has its sign flipped")
    names = meanings(constant, evidence.samples[0].case)
    if evidence.samples[0].x.size * len(evidence.samples) < 3:
        return None
    called = f" ({', '.join(names)})" if names else ""
    says = f"{{d}} is {constant:.4g} times what it should be, in every entry{called}"
    meant, by = [*(names[0] if names else "").split(" over "), ""][:2]
    if by:
        return find("other divisor", name, says, f"by {meant}, where it is divided by {by}")
    if "1/2" in names or "2" in names:
        return find("factor 2", name, says)
    if meant.startswith("1/"):
        return find("divided", name, says, meant[2:])
    return find("not divided" if meant else "factor", name, says, meant)


def ratio(sample):
    """The number c with analytic = c numeric, or None where there is none but 0 or 1."""
    constant = multiple(sample.analytic, sample.numeric)
    wrong = constant is not None and abs(constant) >= 1e-8 and abs(constant - 1) >= 1e-3
    return constant if wrong else None


def is_transposed(sample):
    """Whether it is a square matrix, transposed."""
    return sample.x.ndim == 2 and matches(sample.analytic, sample.numeric.T)


def mixes_lines(sample, axis):
    """Whether lines across an axis depend on each other that forward keeps apart.

    In softmax and in layer normalization a row of the batch depends on no other row, in batch
    normalization a column on no other column. So one line is changed, with the upstream gradient
    on it: the gradient on other lines should not change. A layer that multiplies matrices is left
    out: there a wrong transpose mixes lines as well.
    """
    case, position, a, g = sample
    if (not sample.is_complete or a.ndim <= max(axis, 1) or a.shape[axis] < 2
            or any(np.ndim(case.inputs[place]) > 1 for place in case.positions
                   if place != position)):
        return False
    line = (slice(None),) * axis + (0,)
    others = (slice(None),) * axis + (slice(1, None),)
    value = case.inputs[position].copy()
    value[line] = np.flip(value[line]) * 0.9 + 0.05
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
TRANSPOSED = Mistake("transposed", is_transposed, "{d} is transposed (it is square, so the shape "
                     "fits)", "swap the factors of the product and transpose them")
WRONG_AXES = (
    *(Mistake("wrong axis", lambda sample, axis=axis: mixes_lines(sample, axis),
              f"in {{d}} what has one index of axis {axis}{also} depends on the rest, which forward "
              f"keeps apart: something is summed over axis {axis}", "each of them has a sum of its "
              f"own: leave axis {axis} out of it")
      for axis, also in enumerate((" (a row)", "", ""))),
)
