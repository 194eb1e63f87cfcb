"""The formula that a wrong gradient follows, beside the one that the differences follow.

No formula of a layer is known here. Both are looked for among what can be made of the upstream
gradient and the arrays at hand: products, sums over an axis, matrix products, common functions.
"""

import math
import re

import numpy as np

from flatprop.gradcheck.case import Case
from flatprop.gradcheck.diagnosis.evidence import close, matches, meanings
from flatprop.gradcheck.diagnosis.fit import Fit, fit
from flatprop.gradcheck.diagnosis.terms import arrays_of, terms_of
from flatprop.gradcheck.finding import find

LOCAL = ("(1 - {v}^2)", "{v} (1 - {v})", "({v} > 0)")     # of an activation, by its output


def explain_formula(evidence):
    """A term lost, flipped or off by a factor; or both formulas, the wrong one and the right."""
    terms = terms_of(evidence)
    wrong, right, missing = (fit([target(sample) for sample in evidence.samples], terms) for target
                             in (lambda each: each.analytic, lambda each: each.numeric, missing_of))
    sample, case = evidence.samples[0], evidence.samples[0].case
    shaped = isinstance(case, Case) and sample.x.shape == np.shape(case.out) != ()
    parts = [each.dout * each.out / each.x for each in evidence.samples] if shaped else []
    if shaped and not right and any(
            all(map(matches, map(part, evidence.samples), parts))       # of out = x g(x)
            for part in (lambda each: each.analytic, missing_of)):
        return find("one of two factors", evidence.name)

    def called(c):
        return next(iter(meanings(c, case)), f"{c:.4g}").partition(",")[0]
    if missing and len(missing.terms) == 1:
        found = one_term(evidence.name, missing, wrong, right, called)
        if found is not None:
            return found
    if wrong is None:
        return None
    words = {"formula": wrong.text(called)}
    if right is None:       # dout alone: perhaps a path beside it is lost
        return find("formula alone", evidence.name, words) if wrong.terms != ("dout",) else None
    words = {"formula": f"{words['formula']}, where the differences give {right.text(called)}"}
    if wrong.terms == ("dout",):
        local = right.terms[0].removeprefix("dout * ") if len(right.terms) == 1 else right.text()
        return find("local gradient left out", evidence.name, words | {"local": local})
    lacking = [text for text in right.terms if text not in wrong.terms]
    if set(wrong.terms) < set(right.terms):
        return find("term lost", evidence.name, {
            "term": " and ".join(lacking), "formula": f": it is {words['formula']}"})
    return find(in_one_term(evidence, terms, wrong, right) or "formula", evidence.name, words)


def missing_of(sample):
    """What a gradient lacks."""
    return sample.numeric - sample.analytic


def explain_exchange(evidence):
    """One term where another one belongs, and the rest, whatever it is, right."""
    missing = fit(map(missing_of, evidence.samples), terms_of(evidence))
    if not missing or len(missing.terms) == 1 or not close(*missing.coefficients) or (
            np.prod(missing.coefficients) > 0):
        return None
    (meant, has), (c, _) = missing
    has, meant = (has, meant) if c > 0 else (meant, has)
    return find("term exchanged", evidence.name, {
        "has": Fit((has,), (abs(c),)).text(), "meant": meant})


def explain_differences(evidence):
    """What the differences follow, where nothing tells what the wrong gradient follows."""
    right = fit([sample.numeric for sample in evidence.samples], terms_of(evidence))
    return right and find("formula of the differences", evidence.name, {"formula": right.text()})


def one_term(name, missing, wrong, right, called):
    """What it means that one term makes the wrong gradient right."""
    (term,), (c,) = missing
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
    simple = abs(abs(c) - 1) < 1e-4 and not set(term) & set("(/")
    if wrong and wrong.terms != ("dout",) and (right is None or simple) or (
            not wrong and not right and simple and term != "1"):
        return find("term lost", name, words | {"term": missing.text(called)})
    beside = Fit(("the right gradient", term), (1.0, -c)).text(called)
    return None if wrong else find("formula", name, {"formula": beside})


def past_it(evidence):
    """What comes past the layer, as in a skip connection, lost, and the rest off by a factor."""
    found = fit([sample.analytic for sample in evidence.samples], [
        {"the right gradient": sample.numeric, "dout": sample.dout} for sample in evidence.samples])
    factor, other = found.coefficients if found and len(found.terms) == 2 else (1.0, 0.0)
    if close(factor, 1) or abs(factor + other) > 1e-3 * abs(factor):
        return None
    return find("way past it", evidence.name, {"formula": found.text(), "factor": f"{factor:.4g}"})


def in_one_term(evidence, terms, wrong, right):
    """What it is where two fits differ in one term: transposed, of another array, ...; or ""."""
    one, other = ([text for text in each.terms if text not in least.terms]
                  for each, least in ((wrong, right), (right, wrong)))
    if len(one) != 1 or len(other) != 1:
        return ""
    (one,), (other,) = one, other
    shape = evidence.samples[0].numeric.shape
    first, second = (terms.values[terms.texts.index(text), : math.prod(shape)].reshape(shape)
                     for text in (one, other))
    if first.ndim == 2 and matches(first.T, second) or (
            one.replace("^T", "") == other.replace("^T", "")):
        return "transposed factor"
    if re.sub(r"axis=\w+", "", one) == re.sub(r"axis=\w+", "", other):
        return "wrong axis"
    arrays = arrays_of(evidence.samples[0])
    if f"({one})" in other or f"({other})" in one or any(
            (text := re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, one)) != one
            and terms.same.get(text) == other and (np.ptp(second) or second.size == 1)
            for name in arrays for instead in arrays if instead != "local"):
        return "point"
    return ""
