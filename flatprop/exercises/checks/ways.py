"""Why a number of a small circuit is wrong: a way to it that is lost, or not what it should be.

A gradient is the sum over its ways of the upstream gradient times the local one. The function is
called on several inputs, and what is wrong is looked for in what it gives on all of them.
"""

from typing import NamedTuple

import numpy as np

from flatprop.exercises.checks.feedback import pairs
from flatprop.gradcheck.diagnosis.fit import fit
from flatprop.gradcheck.diagnosis.terms import named_functions

CASES = 14          # so many numbers, fitted by two terms, are no chance
CLOSE = 1e-7        # of each number


class Way(NamedTuple):
    """A way on which a gradient comes: through a value, with its upstream and local gradient."""

    through: str
    upstream: np.ndarray
    local: np.ndarray


def by_ways(reference, result, ways_of):
    """The why of answers.function_check, for a function of numbers; ways_of as in circuit_ways."""
    def why(ask, make, rng):
        cases = [[0.4 * each for each in make(rng, 2)] for _ in range(CASES)]    # none saturated
        found, expected = (by_label(result, values) for values in (
            ask(cases), [reference(*case) for case in cases]))
        values, ways = ways_of(*np.array(cases).T)
        # The first one that is wrong: of gradients that is where a mistake begins.
        label = next((each for each in expected if not alike(found[each], expected[each])), None)
        return label and why_wrong(label, found, expected, ways.get(label, []), values) or ""
    return why


def formula_of(label, founds, expected, given):
    """What simple formula of its inputs, entry by entry, a layer's output follows; or ""."""
    for found, right, inputs in zip(founds, expected, given, strict=True):
        found = np.asarray(found) if np.shape(found) == np.shape(right) else np.zeros(0)
        if found.size >= CASES and found.dtype == np.float64 and not alike(found, right) and all(
                np.shape(each) in ((), found.shape) for each in inputs.values()):
            values = {name: np.broadcast_to(each, found.shape).ravel()
                      for name, each in inputs.items()}
            return of_values(label, found.ravel(), values, [])
    return ""


def by_label(result, values):
    """{label: array of its value in all cases}, of what a function gives."""
    rows = [{label: one for label, one, _ in pairs(result, each, each)} for each in values]
    return {label: np.array([row[label] for row in rows], float) for label in rows[0]}


def why_wrong(label, found, expected, ways, values):
    """What is wrong with the number of a label, and what to do, as the end of a message; or "".

    found, expected: {label: array of its value in all cases}, ways: those of the number, none for a
    value of the forward pass; values {name: array}: what a wrong formula may be made of
    """
    one = found[label]
    swapped = next((other for other in expected if alike(one, expected[other])
                    and alike(found[other], expected[label]) and other != label), None)
    if swapped:
        return ending(f"{label} and {swapped} have each other's value", "swap them")
    return (of_all_ways(label, one, ways) or of_one_way(label, one, ways, values)
            or of_values(label, one, values, ways))


def of_all_ways(label, found, ways):
    """That ways are lost, turned round or multiplied, while nothing else is wrong; or ""."""
    if not ways:
        return ""
    parts = np.stack([each.upstream * each.local for each in ways], axis=1)
    factors, *_ = np.linalg.lstsq(parts, found, rcond=None)
    if not alike(parts @ factors, found):
        return ""
    odd = {round(float(c), 6) for c in factors} - {1.0}
    if len(odd) != 1:
        return ""
    (factor,) = odd
    names = [each.through for each, c in zip(ways, factors, strict=True) if abs(c - 1) > 1e-6]
    what = label if len(names) == len(ways) else f"what {label} gets through {' and '.join(names)}"
    if factor == 0:
        return ending(f"{what} is lost" if what != label else f"{label} is 0",
                      "the gradients of all ways add up: +=, not =, after the first")
    if factor == -1:
        return ending(f"{what} has its sign flipped", "look for the minus of a local gradient")
    return ending(f"{what} is {factor:.4g} times what it should be",
                  "look for a factor of a local gradient that is missing, or one too much")


def of_one_way(label, found, ways, values):
    """That on one way the chain rule is not what was written; or ""."""
    for way in ways:
        others = sum(each.upstream * each.local for each in ways if each is not way)
        part, upstream = found - others, f"d{way.through}"
        what = label if len(ways) == 1 else f"what {label} gets through {way.through}"
        if alike(part, way.local):
            return ending(f"{what} is the local gradient alone",
                          f"the chain rule: times {upstream}, the gradient from above")
        if alike(part, way.upstream):
            return ending(f"{what} is {upstream} as it comes, without the local gradient",
                          f"the chain rule: times the derivative of {way.through}")
        with np.errstate(all="ignore"):
            terms = {f"{upstream} {text}": way.upstream * value
                     for text, value in named_functions(values).items()}
        text = text_of(part, terms) if np.ptp(way.upstream) else ""
        if text:
            return ending(f"{what} is {text}",
                          f"{upstream} is right; derive the factor beside it once more")
    return ""


def of_values(label, found, values, ways):
    """What simple formula the number follows; or ""."""
    with np.errstate(all="ignore"):
        terms = {"1": np.ones(len(found))} | named_functions(values)
        terms |= {f"{one} {other}": values[one] * values[other]
                  for one in values for other in values if one < other}
    text = text_of(found, terms)
    return text and ending(
        f"{label} is {text}",
        f"the chain rule: d{ways[0].through} times the derivative of {ways[0].through}" if ways else
        "that is another formula than the one asked for")


def text_of(found, terms):
    """The one or two terms that add up to found in every case, as text, or ""."""
    terms = {text: value for text, value in terms.items() if np.isfinite(value).all()}
    with np.errstate(all="ignore"):
        best = fit([found], [terms])
    if best is None:
        return ""
    sums = sum(c * terms[text] for text, c in zip(*best, strict=True))
    return best.text() if alike(sums, found, 1e-6) else ""


def alike(one, other, tolerance=CLOSE):
    """Whether two arrays of numbers agree, each to its own last digits."""
    return np.shape(one) == np.shape(other) and np.isfinite(one).all() and bool(
        (np.abs(one - other) <= tolerance * np.abs(other) + 1e-12 * np.abs(other).max()).all())


def ending(says, remedy):
    """A cause and what to do about it, as the end of a message."""
    return f"\n  On every input: {says}\n  -> {remedy}"
