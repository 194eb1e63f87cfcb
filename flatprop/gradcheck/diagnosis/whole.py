"""Mistakes seen in a gradient as a whole: shape, place, sign, a factor, the upstream gradient."""

import itertools

import numpy as np

from flatprop.gradcheck.case import with_upstream
from flatprop.gradcheck.containers import in_each
from flatprop.gradcheck.diagnosis.evidence import close_to, matches, meanings, mistake, multiple
from flatprop.gradcheck.diagnosis.fit import fit
from flatprop.gradcheck.diagnosis.terms import arrays_of, named_functions, terms_of
from flatprop.gradcheck.diagnosis.varying import divided_by_count
from flatprop.gradcheck.finding import find


def shape(evidence):
    """The wrong shape: not summed, transposed, flattened, summed over the wrong axis, or else."""
    _, _, analytic, numeric = evidence.samples[0]
    if analytic.shape == numeric.shape:
        return None
    words = {"has": analytic.shape, "wanted": numeric.shape}
    for axis, keep, hint in itertools.product(
            range(analytic.ndim), ("", ", keepdims=True"), ("", " and divided by N")):
        summed = (analytic.mean if hint else analytic.sum)(axis=axis, keepdims=bool(keep))
        if analytic.shape[axis] > 1 and matches(summed, numeric):
            return find("not summed", evidence.name, words | {
                "axis": axis, "hint": hint, "keep": keep})
    if analytic.ndim == 2 and matches(analytic.T, numeric):
        return find("transposed shape", evidence.name, words)
    if analytic.size == numeric.size and matches(analytic.reshape(numeric.shape), numeric):
        return find("reshaped", evidence.name, words)
    found = fit(evidence.analytic, terms_of(evidence, analytic.shape))
    return find("other sum" if found else "shape", evidence.name, words | {
        "formula": found and found.text()})


def order(evidence):
    """Right gradients in the wrong places: this one is that of another input."""
    samples, case = evidence.samples, evidence.samples[0].case
    if all(matches(-each.analytic, each.numeric) for each in samples):
        return None         # as dy of x - y, that is +dout: its sign is wrong, not its place
    for place, there in zip(case.positions, case.gradients(), strict=True):
        if place != samples[0].position and all(matches(
                each.analytic, each.case.numeric_gradient(place)) for each in samples) and (
                not matches(np.asarray(there), case.numeric_gradient(place))):
            # At a maximum gate one of the two gradients is zero, entry by entry.
            either = all(each.analytic.shape == each.numeric.shape
                         and not (each.numeric * each.analytic).any() for each in samples)
            return find("passed to the other" if either else "order", evidence.name, {
                "other": case.names[place]})
    return None


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
        return find("upstream twice", name)
    if np.shape(case.dout) == sample.x.shape and matches(a, with_upstream(
            case, sample.x, {sample.position: sample.dout}).numeric_gradient(sample.position)):
        return find("exchanged with upstream", name, {"x": name[1:]})
    if matches(twice, a) and matches(given(-1.0), a):
        of_ones = with_upstream(case, in_each(case.dout, lambda each: 0 * each + 1))
        as_ones = matches(a, of_ones.numeric_gradient(sample.position))
        return find("upstream", name, {
            "ones": ": it is right only for one of all ones" if as_ones else ""})
    if not matches(twice - none, 2 * (a - none)):
        return find("upstream not linear", name)
    found = fit([none], [named_functions({key: value for key, value in arrays_of(sample).items()
                                       if value.shape == none.shape})])
    return find("upstream in a part", name, {"formula": f" but {found.text()}" if found else ""})


def factor(evidence):
    """Off by a constant factor, a sign among them."""
    constants = [multiple(sample.analytic, sample.numeric) for sample in evidence.samples]
    constant = constants[0]
    if None in constants or abs(constant) < 1e-8 or abs(constant - 1) < 1e-3 or (
            np.ptp(constants) > 1e-3 * abs(constant)):
        return None
    if abs(constant + 1) < 1e-3:
        return find("sign", evidence.name)
    if evidence.samples[0].x.size * len(evidence.samples) < 3:
        return None
    names = meanings(constant, evidence.samples[0].case)
    counted = None if names else divided_by_count(evidence, None, "", [
        np.array([each]) for each in constants])
    if counted:
        return counted
    N = evidence.samples[0].x.shape[0]
    if not names and 4 * constant % 1 and abs(N / constant - round(N / constant)) < 1e-3:
        names = [f"N over {round(N / constant)}"]
    meant, by = [*(names[0] if names else "").removeprefix("-").split(" over "), ""][:2]
    of = meant.removeprefix("1/").removeprefix("(1 - ").rstrip(")")
    key = ("other divisor" if by else "factor 2" if meant in ("2", "1/2") else
           "argument" if of in evidence.samples[0].case.names else
           "divided" if meant.startswith("1/") else "not divided" if meant else "factor")
    return find(key, evidence.name, {
        "factor": f"{constant:.4g}", "called": f" ({', '.join(names)})" if names else "",
        "meant": meant.removeprefix("1/"), "by": by,
        "act": f"multiply by {of}, or take out the division by it" if meant.startswith("1/") else
        f"take {meant} out, or divide by it where that is left out"})


def mixes_lines(sample, axis):
    """Whether lines across an axis depend on each other that forward keeps apart.

    In softmax and in layer normalization a row of the batch depends on no other row, in batch
    normalization a column on no other column. So the last line is changed, with the upstream
    gradient on it, and then the first: the gradient on other lines should not change. A layer that
    multiplies matrices is left out: there a wrong transpose mixes lines as well.
    """
    case, position, a, g = sample
    if (not sample.is_complete or a.ndim <= max(axis, 1) or a.shape[axis] < 2
            or any(np.ndim(case.inputs[place]) > 1 for place in case.positions
                   if place != position)):
        return False
    for line in (-1, 0):
        here = (slice(None),) * axis + (line,)
        others = np.ones(a.shape, bool)
        others[here] = False
        value, dout = case.inputs[position].copy(), case.dout
        value[here] = np.flip(value[here]) * 0.9 + 0.05
        if np.shape(dout) == a.shape:
            dout = dout.copy()
            dout[here] *= -0.5
        other = with_upstream(case, dout, {position: value})
        if not close_to(other.numeric_gradient(position), g)[others].all():
            return False
    after = np.asarray(other.gradients()[case.positions.index(position)], np.float64)
    return not close_to(after, a)[others].all()


NOT_FINITE = mistake("not finite", lambda sample: not np.isfinite(sample.analytic).all())
ZERO = mistake("zero", lambda sample: not sample.analytic.any())
TRANSPOSED = mistake("transposed", lambda sample: sample.x.ndim == 2
                     and matches(sample.analytic, sample.numeric.T))
WRONG_AXES = tuple(mistake("mixes", lambda sample, axis=axis: mixes_lines(sample, axis),
                           {"axis": axis}) for axis in range(3))
