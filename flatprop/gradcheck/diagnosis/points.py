"""Mistakes in where a local gradient is evaluated: at the output, or at the score in place of its
sigmoid.

Each function takes an Evidence and returns a Finding, or None where it does not explain it.
"""

import numpy as np

from flatprop.gradcheck import finding
from flatprop.gradcheck.case import with_upstream
from flatprop.gradcheck.diagnosis.evidence import matches, multiple, numeric_gradient
from flatprop.gradcheck.finding import Finding


def sigmoid(v):
    """1 / (1 + exp(-v)), of numbers of ordinary size."""
    return 1 / (1 + np.exp(-v))


def softmax(v):
    """exp(v) over its sum along the last axis."""
    e = np.exp(v - v.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# Derivatives written in terms of the output: tanh' = 1 - t^2, sigmoid' = s (1 - s), exp' = e, ...
IN_THE_OUTPUT = {
    "1 - v^2": lambda v: 1 - v * v, "v (1 - v)": lambda v: v * (1 - v), "v": lambda v: v,
    "-v^2": lambda v: -v * v, "1 - exp(-v)": lambda v: 1 - np.exp(-v),
}
# Activations with such a derivative.
SQUASHING = ((np.tanh, "1 - v^2"), (sigmoid, "v (1 - v)"))


def point(evidence):
    """The local gradient evaluated at the output, or a formula in the output fed with the input."""
    position, first = evidence.position, evidence.samples[0].case
    if np.shape(first.out) != evidence.shape or isinstance(first.out, tuple):
        return raw_score(evidence)

    def at_output(sample):
        case = sample.case
        return numeric_gradient(with_upstream(case, case.dout, position, case.out), position)

    try:
        evaluated_at_output = evidence.fits(at_output)
    except Exception:       # the output may be no possible input
        evaluated_at_output = False
    if evaluated_at_output:
        return at_the_output(evidence.name)
    return formula_of_the_input(evidence) or raw_score(evidence)


def at_the_output(name):
    """The finding of a derivative taken at the output."""
    return Finding(finding.WRONG_POINT, name, f"{name} has its local gradient evaluated at the "
                   "output, where forward's input is meant",
                   "keep the input in the cache and evaluate the derivative there")


def formula_of_the_input(evidence):
    """A formula for the derivative in terms of the output, fed with the input."""
    name, position = evidence.name, evidence.position
    for text, formula in IN_THE_OUTPUT.items():
        def fed_with_input(sample, formula=formula):
            x = np.asarray(sample.case.inputs[position])
            true = sample.case.dout * formula(np.asarray(sample.case.out))
            return sample.case.dout * formula(x) if matches(sample.numeric, true) else None
        with np.errstate(all="ignore"):
            if evidence.fits(fed_with_input):
                return Finding(
                    finding.WRONG_POINT, name, f"{name} uses {text} with the input for v, where "
                    "the formula is in the output", "keep the output in the cache and use it")
    return None


def raw_score(evidence):
    """The score itself where its sigmoid, tanh or softmax belongs."""
    for called, squash in (("sigmoid", sigmoid), ("tanh", np.tanh), ("softmax", softmax)):
        if all(has_raw_score(sample, evidence.position, squash) for sample in evidence.samples):
            return Finding(finding.WRONG_POINT, evidence.name, f"{evidence.name} uses the score "
                           f"itself where its {called} is meant",
                           f"keep the {called} in the cache, and use it")
    return None


def has_raw_score(sample, position, squash):
    """Whether what is wrong is a multiple of score - squash(score)."""
    x = np.asarray(sample.case.inputs[position])
    if x.size < 3 or not sample.is_complete:
        return False
    return multiple(sample.analytic - sample.numeric, x - squash(x)) is not None


def double_squash(evidence):
    """tanh' or sigmoid' at the output: the squashing is done once more."""
    for squash, formula in SQUASHING:
        def squash_twice(sample, squash=squash, slope=IN_THE_OUTPUT[formula]):
            out = np.asarray(sample.case.out)
            if not matches(sample.numeric, sample.case.dout * slope(out)):
                return None
            return sample.case.dout * slope(squash(out))
        if evidence.fits(squash_twice):
            return at_the_output(evidence.name)
    return None


def missing_activation(evidence):
    """A gradient handed down as it came, past a sigmoid or tanh that has a local gradient."""
    for squash, formula in SQUASHING:
        def pass_on(sample, squash=squash, slope=IN_THE_OUTPUT[formula]):
            true = sample.case.dout * slope(squash(np.asarray(sample.case.inputs[0])))
            return sample.case.dout if matches(sample.numeric, true) else None
        if evidence.fits(pass_on):
            return Finding(
                finding.MASK_MISSING, evidence.name, f"{evidence.name} is without the activation's "
                f"local gradient, {formula} of its output v", "every layer of forward has its "
                "backward: go back through the activation too")
    return None
