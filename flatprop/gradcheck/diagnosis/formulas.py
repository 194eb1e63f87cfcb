"""The formula that a wrong gradient follows, beside the one that the differences follow.

No formula of a layer is known here. Both are looked for among what can be made of the upstream
gradient and the arrays at hand: products, sums over an axis, matrix products, common functions.
"""

import math
import re

import numpy as np

from flatprop.gradcheck.case import Case
from flatprop.gradcheck.diagnosis.evidence import close, explain, matches, meanings, multiple
from flatprop.gradcheck.diagnosis.fit import Fit, fit
from flatprop.gradcheck.diagnosis.subsets import PRODUCT_RULE, formula_of_some, formulas_of_two
from flatprop.gradcheck.diagnosis.terms import arrays_of, terms_of
from flatprop.gradcheck.diagnosis.ways import OTHER_WAYS, pairs_of
from flatprop.gradcheck.finding import find


def explain_formula(evidence):
    """A term lost, flipped or off by a factor; or both formulas, the wrong one and the right."""
    samples, terms, name = evidence.samples, terms_of(evidence), evidence.name
    wrong, right, missing = (fit(gradients, terms) for gradients in (
        evidence.analytic, evidence.numeric, [each.numeric - each.analytic for each in samples]))

    def called(c):
        return next(iter(meanings(c, samples[0].case)), f"{c:.4g}").partition(",")[0]
    if missing and len(missing.terms) == 1:
        found = one_term(evidence, missing, wrong, right, called)
        if found is not None:
            return found
    if not (wrong and right):
        return PRODUCT_RULE(evidence) or formula_of_some(evidence) or formulas_of_two(
            evidence, wrong, right, called) or explain(evidence, OTHER_WAYS) or one_formula(
                name, missing, wrong, isinstance(samples[0].case, Case) and right, called)
    formula = f"{wrong.text(called)}, where the differences give {right.text(called)}"
    if wrong.terms == ("dout",):
        local = right.terms[0].removeprefix("dout * ") if len(right.terms) == 1 else right.text()
        return find("local gradient left out", name, {"formula": formula, "local": local})
    if set(wrong.terms) < set(right.terms):
        (term,) = set(right.terms) - set(wrong.terms)
        return find("term lost", name, {"term": term, "formula": f": it is {formula}"})
    one, other = (set(each.terms) - set(least.terms)
                  for each, least in ((wrong, right), (right, wrong)))
    pair = exchanged(missing) or len(one) == len(other) == 1 and (*one, *other)
    if any("onehot.any(axis=0)" in term for term in one):
        return find("labels of all rows", name, {"formula": formula})
    key = pair and in_one_term(evidence, terms, *pair) or "formula"
    return find(key, name, {"formula": formula})


def exchanged(missing):
    """(has, meant): the term that stands where another one belongs, if that is what is missing."""
    if missing is None or len(missing.terms) == 1 or not close(*missing.coefficients) or (
            np.prod(missing.coefficients) > 0):
        return None
    return missing.terms[::-1] if missing.coefficients[0] > 0 else missing.terms


def one_formula(name, missing, wrong, right, called):
    """What can be said where only one of the two gradients, or what is between, has a formula."""
    if exchanged(missing):
        has, meant = exchanged(missing)
        has = Fit((has,), (abs(missing.coefficients[0]),)).text()
        return find("term exchanged", name, {"has": has, "meant": meant})
    if wrong and wrong.terms != ("dout",):      # of dout alone, perhaps a path beside it is lost
        return find("formula alone", name, {"formula": wrong.text(called)})
    return right and find("formula of the differences", name, {"formula": right.text()})


def one_term(evidence, missing, wrong, right, called):
    """What it means that one term makes the wrong gradient right."""
    name, (term,), (c,) = evidence.name, *missing
    there = 0.0 if wrong is None else dict(zip(*wrong, strict=True)).get(term, 0.0)
    says = f": it is {wrong.text(called)}" if wrong else ""
    if right:
        says += f"{', where' if wrong else ':'} the differences give {right.text(called)}"
    words = {"term": term, "formula": says, "factor": called(there), "meant": called(there + c)}
    if there:
        return find("term too much" if abs(there + c) < 1e-4 * abs(c) else
                    "term flipped" if abs(2 * there + c) < 1e-3 * abs(c) else "term factor",
                    name, words)
    # "Lost" only where the term is not there at all, as far as is known.
    beside = Fit(("the right gradient", term), (1.0, -c)).text(called)
    simple = abs(abs(c) - 1) < 1e-4 and not set(term) & set("(/")
    if wrong:
        return find("term lost", name, words | {"term": missing.text(called)}) if (
            wrong.terms != ("dout",) and (right is None or simple)) else None
    if right and term not in right.terms:
        return find("term too much", name, {
            "term": Fit((term,), (-c,)).text(called), "formula": f": it is {beside}{says}"})
    return find(lost_or_too_much(evidence), name, {
        "term": missing.text(called), "formula": beside})


def lost_or_too_much(evidence):
    """What a term is that is between two gradients without a formula, told by where they are 0."""
    try:
        pairs = list(pairs_of(evidence))
    except ValueError:
        pairs = zip(evidence.analytic, evidence.numeric, strict=True)
    only_right, only_wrong = (any(
        ((np.abs(pair[i]) < 1e-9) & (np.abs(pair[1 - i]) > 1e-3 * np.abs(pair[1 - i]).max())).any()
        for pair in pairs) for i in (0, 1))
    return "term lost" if only_right and not only_wrong else "term beside"


def past_it(evidence):
    """What comes past the layer, as in a skip connection, lost, and the rest off by a factor."""
    found = fit(evidence.analytic, [
        {"the right gradient": sample.numeric, "dout": sample.dout} for sample in evidence.samples])
    if not exchanged(found) or close(found.coefficients[0], 1):
        return None
    return find("way past it", evidence.name, {
        "formula": found.text(), "factor": f"{found.coefficients[0]:.4g}"})


def in_one_term(evidence, terms, one, other):
    """What one term in place of another is: transposed, of another array, ...; or ""."""
    shape, (_, values, rows) = evidence.samples[0].numeric.shape, terms
    first, second = (values[rows[text], : math.prod(shape)].reshape(shape)
                     for text in (one, other))
    if first.ndim == 2 and matches(first.T, second) or (
            one.replace("^T", "") == other.replace("^T", "")):
        return "transposed factor"
    if re.sub(r"axis=\w+", "", one) == re.sub(r"axis=\w+", "", other):
        return "wrong axis"
    arrays = arrays_of(evidence.samples[0])
    if f"({one})" in other or f"({other})" in one or any(
            (text := re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, one)) != one
            and text in rows and (np.ptp(second) or second.size == 1)
            and multiple(values[rows[text]], values[rows[other]]) is not None
            for name in arrays for instead in arrays if instead != "local"):
        return "point"
    return ""
