"""From a model's wrong gradients to the mistake.

What is known of a layer, its input and its upstream gradient, is hidden in a model. But the
gradient of a bias, for a batch of one row, is the gradient of what the bias was added to. So the
rows are taken one by one, and the activation above each bias is looked at as a layer of its own.
"""

import re
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck import finding, points
from flatprop.gradcheck.case import Case
from flatprop.gradcheck.diagnosis import masks, paths, simple_mistakes
from flatprop.gradcheck.diagnosis.diagnosis import explain
from flatprop.gradcheck.diagnosis.evidence import (
    Evidence,
    Sample,
    close_to,
    differences_of,
    gather,
    matches,
)
from flatprop.gradcheck.finding import Finding
from flatprop.gradcheck.measure import EVERY
from flatprop.gradcheck.model_copy import copied
from flatprop.gradcheck.model_layer import as_layer

WHOLE = (simple_mistakes.order, simple_mistakes.shape, simple_mistakes.zero,
         simple_mistakes.factor, simple_mistakes.transposed)


def diagnose(model, x, y, case, wrong, reg, rng):
    """The mistakes behind the wrong parameters, explained ones first. -> list of Finding

    wrong: a list of (position, Measured or None), each of a parameter
    """
    # From the loss backward: a mistake in one layer makes all gradients below it wrong.
    wrong = sorted(wrong, key=lambda each: -layer_number(case.names[each[0]]))
    small = len(x) * sum(map(np.size, case.inputs)) < 100 * EVERY
    rows = Rows(model, x, y, case) if small else None
    explained, unexplained = [], []
    for position, measured in wrong:
        evidence = gather(case, position, position, measured, rng)
        found = explain(evidence, WHOLE)
        if found.kind == finding.UNEXPLAINED:
            found = l2(evidence, reg) or found
            if rows is not None and found.kind == finding.UNEXPLAINED:
                found = (shared_weight(evidence, rows) or by_rows(evidence, rows)
                         or ignores_labels(evidence, rows) or found)
        (unexplained if found.kind == finding.UNEXPLAINED else explained).append(found)
    return [*explained, *summed_up(unexplained, explained, case, wrong)]


def layer_number(name):
    """The number at the end of a parameter's name, 0 where there is none."""
    digits = re.search(r"\d+$", name)
    return int(digits.group()) if digits else 0


def summed_up(unexplained, explained, case, wrong):
    """One finding for all that is not explained: where it begins."""
    if not unexplained:
        return []
    names = ", ".join(each.where for each in unexplained)
    if explained:
        return [Finding(finding.REMARK, unexplained[0].where, f"{names} are wrong as well, perhaps "
                        "by the same mistake", "put the first right, and check again")]
    right = [f"d{name}" for i, name in enumerate(case.names) if i not in dict(wrong)]
    known = f"{', '.join(right)} are right, {names} wrong" if right else f"{names} are all wrong"
    return [Finding(finding.UNEXPLAINED, unexplained[0].where, f"{known}; {unexplained[0].says}",
                    "look at the steps between, and check each layer by itself")]


def l2(evidence, reg):
    """The gradient of an L2 penalty missing, or with a wrong factor: what lacks is c W."""
    constants = []
    for sample in evidence.samples:
        value = np.asarray(sample.case.inputs[evidence.position])
        if sample.analytic.shape != value.shape or value.size < 3:
            return None
        known = ~np.isnan(sample.numeric)
        lost = (sample.numeric - sample.analytic)[known] / sample.case.dout
        constant = float(np.dot(lost, value[known]) / np.dot(value[known], value[known]))
        if not constant or not close_to(constant * value[known], lost).all():
            return None
        constants.append(constant)
    constant, name = constants[0], evidence.name
    if max(constants) - min(constants) > 1e-3 * abs(constant):
        return None
    W = name[1:]
    says = f"{name} lacks {constant:.4g} {W}: "
    if reg and abs(constant - 2 * reg) < 1e-3 * reg:
        says += "its L2 penalty's gradient, 2 lambda W, is missing"
    elif reg and abs(constant - reg) < 1e-3 * reg:
        says += "its L2 penalty's gradient is without its 2"
    else:
        says += "its L2 penalty's gradient is missing or has a wrong factor"
    return Finding(finding.L2, name, says, f"the gradient of lambda sum({W}^2) is 2 lambda {W}")


class Rows:
    """The gradients of every bias, row of the batch by row, in the case's float64 model."""

    def __init__(self, model, x, y, case):
        self.model, self.x, self.y, self.case = model, x, y, case
        self.known = {}

    def of(self, number):
        """(analytic, numeric) for what bias `number` is added to, or None where it cannot be told.

        numeric (N, H); analytic the same, or None if backward's rows do not have that shape. Each
        is the gradient of the loss of its row alone, so N times its part in the mean.
        """
        if number not in self.known:
            self.known[number] = self.measure(f"b{number}")
        return self.known[number]

    def measure(self, name):
        """The two gradients for the bias called name."""
        names = self.case.names
        if name not in names or np.ndim(self.model.params[name]) != 1:
            return None
        position, analytic, numeric = names.index(name), [], []
        for i in range(len(self.x)):
            one = layer_of(self.model, self.x[i : i + 1], self.y[i : i + 1], names)
            analytic.append(np.asarray(one.gradients()[position], float) / one.dout)
            numeric.append(differences_of(one, position) / one.dout)
        numeric = np.array(numeric)
        numeric[np.abs(numeric) < 1e-8 * np.abs(numeric).max(initial=0.0)] = 0.0
        if not numeric.any():
            return None
        # Where rows are not on their own, as in batchnorm, they do not add up to the whole.
        whole = differences_of(self.case, position) / self.case.dout
        if not np.allclose(numeric.mean(axis=0), whole, rtol=1e-4, atol=1e-7):
            return None
        fits = all(row.shape == numeric.shape[1:] for row in analytic)
        return np.array(analytic) if fits else None, numeric


class Unit(NamedTuple):
    """The activation above a bias, as far as a model lets it be seen; stands in for a Case."""

    inputs: list
    out: object
    dout: object
    labels: object
    cache: tuple = ()
    names: tuple = ("the pre-activation",)
    positions: tuple = (0,)


def by_rows(evidence, rows):
    """Mistakes between two affine layers, from the gradient of what each bias is added to."""
    number = layer_number(evidence.name)
    if rows.of(number) is None:
        return None
    analytic, numeric = rows.of(number)
    name, p = evidence.name, rows.model.params
    whole = evidence.samples[0].analytic / evidence.samples[0].case.dout
    if whole.ndim == 1 and matches(whole, numeric.sum(axis=1) / len(numeric)):
        return Finding(finding.WRONG_AXIS, name, f"{name} is summed over the wrong axis, the units "
                       "in place of the rows of the batch", "sum over the batch, axis 0")
    if analytic is None or close_to(analytic, numeric).all():
        return None
    last = f"b{number + 1}" not in p
    before = hidden(rows, number - 1)
    z = np.full(numeric.shape, np.nan)
    if before is not None and before.shape[1:] == np.shape(p[f"W{number}"])[:1]:
        z = before @ np.asarray(p[f"W{number}"], float) + p[f"b{number}"]
    out, from_above, other = hidden(rows, number), np.ones(1), None
    if rows.of(number + 1) is not None:
        W, above = np.asarray(p[f"W{number + 1}"], float), rows.of(number + 1)[1]
        if W.shape == (numeric.shape[1], above.shape[1]):
            from_above = above @ W.T
            other = above @ W if W.shape[0] == W.shape[1] else None
    labels = rows.y if last and rows.y.ndim == 1 and rows.y.dtype.kind in "iu" else None
    unit = Unit([z], np.nan * numeric if out is None else out, from_above, labels)
    about = Evidence(name, 0, [Sample(unit, analytic, numeric)])
    if other is not None and not close_to(from_above, other).all():
        with np.errstate(all="ignore"):
            local = np.where(numeric == 0, 0.0, numeric / from_above)
        if matches(analytic, local * other):
            return Finding(finding.TRANSPOSED, name, f"what comes down to {name} comes through "
                           f"W{number + 1} where its transpose is meant",
                           f"dx = dout @ W{number + 1}.T")
    return (paths.lost_label(about) or points.not_back_through(about)
            or skip_lost(about, number) or masks.mask(about)
            or points.fed_with_input(about) or points.squashed_twice(about))


def skip_lost(evidence, number):
    """Of two ways down, through the next affine layer and past it, one is lost."""
    sample = evidence.samples[0]
    a, g = sample.analytic, sample.numeric
    if np.shape(sample.case.dout) != g.shape:
        return None
    through = np.where(g == 0, 0.0, sample.case.dout)
    for text, predicted in ((f"what comes past W{number + 1}", through),
                            (f"what comes through W{number + 1}", g - through)):
        if matches(a, predicted):
            return paths.told(evidence.name, text)
    return None


def shared_weight(evidence, rows):
    """Of a weight that is used twice, the gradient of one use lost: it is x^T d of the other."""
    sample = evidence.samples[0]
    if sample.analytic.ndim != 2 or sample.analytic.shape != sample.numeric.shape:
        return None
    a, g = sample.analytic / sample.case.dout, sample.numeric / sample.case.dout
    for name in rows.case.names:
        known = rows.of(layer_number(name)) if name == f"b{layer_number(name)}" else None
        if known is None:
            continue
        use = np.asarray(rows.x, float).T @ known[1] / len(known[1])
        if use.shape == g.shape and (matches(a, g - use) or matches(a, use)):
            return paths.told(evidence.name, "the gradient of one of the weight's two uses")
    return None


def hidden(rows, number):
    """The output of hidden layer `number`, the batch itself for 0, or None where it is unknown."""
    if number == 0:
        return np.asarray(rows.x, np.float64)
    name = f"hidden{number}"
    try:
        outputs = rows.model.activations(rows.x)
    except Exception:       # a model need not have activations
        return None
    return np.asarray(outputs[name], np.float64) if name in outputs else None


def ignores_labels(evidence, rows):
    """A gradient that does not depend on the targets: what comes from the loss is left out."""
    y, names = rows.y, rows.case.names
    if y.dtype.kind in "iu":
        other = (y + 1) % (y.max() + 1)
        if y.max() == 0:
            return None
    else:
        other = y + 1.0
    cases = [layer_of(rows.model, rows.x, targets, names) for targets in (y, other)]
    first, second = (case.gradients()[evidence.position] / case.dout for case in cases)
    if not np.allclose(first, second, rtol=1e-10, atol=0):
        return None
    return Finding(finding.UPSTREAM_IGNORED, evidence.name, f"{evidence.name} does not depend on "
                   "the targets: the upstream gradient is left out on the way",
                   "the chain rule: multiply each local gradient by the gradient from above")


def layer_of(model, x, y, names):
    """The model's loss on this batch as a Case of its parameters."""
    forward, backward, start = as_layer(copied(model, in_double=True), x, y, names)
    case = Case(forward, backward, start, np.random.default_rng(0), names)
    case.positions = list(range(len(names)))
    return case
