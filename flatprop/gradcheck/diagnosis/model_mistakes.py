"""From a model's wrong gradients to the mistake.

A layer's input and upstream gradient are hidden in a model. But the gradient of a bias, for a batch
of one row, is that of what the bias was added to. So the activation above each bias is examined as
a layer of its own, row by row.
"""

import functools
import re
from types import SimpleNamespace

import numpy as np

from flatprop.gradcheck.case import MANY
from flatprop.gradcheck.diagnosis import local_gradients, simple_mistakes
from flatprop.gradcheck.diagnosis.evidence import (
    Evidence,
    Sample,
    close_to,
    explain,
    gather,
    matches,
    multiple,
    no_explanation,
)
from flatprop.gradcheck.diagnosis.paths import LOST_LABELS, lost
from flatprop.gradcheck.finding import Finding
from flatprop.gradcheck.model_case import loss_case


def diagnose(model, x, y, case, wrong, reg, rng):
    """The mistakes behind the wrong parameters, explained ones first. -> list of Finding

    wrong: a list of (position, Measured or None), each of a parameter
    """
    explanations = [
        simple_mistakes.not_summed, simple_mistakes.order, simple_mistakes.shape, simple_mistakes.ZERO, simple_mistakes.factor,
        *simple_mistakes.TRANSPOSES, lambda evidence: l2(evidence, reg)]
    if len(x) * sum(map(np.size, case.inputs)) < 100 * MANY:
        rows = Rows(model, x, y, case)
        explanations += [lambda evidence: shared_weight(evidence, rows),
                         lambda evidence: between_layers(evidence, rows),
                         lambda evidence: lost_targets(evidence, rows)]
    explained, others = [], []
    # From the loss backward: a mistake in one layer makes all gradients below it wrong.
    for position, measured in sorted(wrong, key=lambda each: -layer_number(case.names[each[0]])):
        evidence = gather(case, position, measured, rng)
        found = explain(evidence, explanations)
        if found is None:
            others.append(no_explanation(evidence))
        else:
            explained.append(found)
    return [*explained, *summary(others, explained, case, wrong)]


def layer_number(name):
    """The number at the end of a parameter's name, 0 where there is none."""
    digits = re.search(r"\d+$", name)
    return int(digits.group()) if digits else 0


def summary(others, explained, case, wrong):
    """One finding for all others, that are not explained: where it begins."""
    if not others:
        return []
    names = ", ".join(each.where for each in others)
    if explained:
        return [Finding("remark", others[0].where, f"{names} are wrong as well, perhaps "
                        "by the same mistake", "put the first right, and check again")]
    right = [f"d{name}" for i, name in enumerate(case.names) if i not in dict(wrong)]
    known = f"{', '.join(right)} are right, {names} wrong" if right else f"{names} are all wrong"
    return [Finding("unexplained", others[0].where, f"{known}; {others[0].says}",
                    "look at the steps between, and check each layer by itself")]


def l2(evidence, reg):
    """The gradient of an L2 penalty missing, or with a wrong factor: what is missing is c W."""
    constants = []
    for sample in evidence.samples:
        missing = (sample.numeric - sample.analytic) / sample.case.dout
        constant = multiple(missing, np.where(np.isnan(missing), np.nan, sample.x))
        if not constant or sample.x.size < 3:
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
    return Finding("l2", name, says, f"the gradient of lambda sum({W}^2) is 2 lambda {W}")


class Rows:
    """The gradients of every bias, one row of the batch at a time, in the case's float64 model."""

    def __init__(self, model, x, y, case):
        self.model, self.x, self.y, self.case = model, x, y, case
        self.of = functools.cache(self.measure)

    def measure(self, number):
        """(analytic, numeric) for what bias `number` is added to, or None where it is not known.

        numeric (N, H); analytic the same, or None if backward's rows do not have that shape. Each
        is the gradient of the loss of its row alone, so N times its part in the mean.
        """
        name = f"b{number}"
        names = self.case.names
        if name not in names or np.ndim(self.model.params[name]) != 1:
            return None
        position, analytic, numeric = names.index(name), [], []
        for i in range(len(self.x)):
            one = self.loss_of(slice(i, i + 1), self.y)
            analytic.append(np.asarray(one.gradients()[position], float) / one.dout)
            numeric.append(one.numeric_gradient(position) / one.dout)
        numeric = np.array(numeric)
        numeric[np.abs(numeric) < 1e-8 * np.abs(numeric).max(initial=0.0)] = 0.0
        if not numeric.any():
            return None
        # Where rows are not on their own, as in batchnorm, they do not add up to the whole.
        whole = self.case.numeric_gradient(position) / self.case.dout
        if not np.allclose(numeric.mean(axis=0), whole, rtol=1e-4, atol=1e-7):
            return None
        fits = all(row.shape == numeric.shape[1:] for row in analytic)
        return np.array(analytic) if fits else None, numeric

    def loss_of(self, rows, y):
        """The loss on some rows, with targets y, as a Case of the parameters."""
        return loss_case(self.model, self.x[rows], y[rows], np.random.default_rng(0))

    def output(self, number):
        """The output (N, H) of hidden layer `number`, the batch itself for 0; or None."""
        if number == 0:
            return np.asarray(self.x, np.float64)
        name = f"hidden{number}"
        try:
            outputs = self.model.activations(self.x)
        except Exception:       # a model need not have activations
            return None
        return np.asarray(outputs[name], np.float64) if name in outputs else None


def between_layers(evidence, rows):
    """Mistakes between two affine layers, from the gradient of what each bias is added to."""
    number, name = layer_number(evidence.name), evidence.name
    if rows.of(number) is None:
        return None
    analytic, numeric = rows.of(number)
    whole = evidence.samples[0].analytic / evidence.samples[0].case.dout
    if whole.ndim == 1 and matches(whole, numeric.sum(axis=1) / len(numeric)):
        return Finding("wrong axis", name, f"{name} is summed over the wrong axis, the units "
                       "in place of the rows of the batch", "sum over the batch, axis 0")
    if analytic is None or close_to(analytic, numeric).all():
        return None
    from_above, above = np.ones(1), rows.of(number + 1)     # of ones where nothing comes down
    W = rows.model.params.get(f"W{number + 1}")
    if above is not None and np.shape(W) == (numeric.shape[1], above[1].shape[1]):
        from_above = above[1] @ W.T
        local = np.where(numeric == 0, 0.0, numeric / from_above)
        if W.shape[0] == W.shape[1] and not close_to(from_above, above[1] @ W).all() and matches(
                analytic, local * (above[1] @ W)):
            return Finding("transposed", name, f"what comes down to {name} comes through "
                           f"W{number + 1} where its transpose is meant",
                           f"dx = dout @ W{number + 1}.T")
    unit = unit_of(rows, number, numeric.shape, from_above)
    skips = lost_skips(number) if from_above.shape == numeric.shape else ()
    return explain(
        Evidence(name, [Sample(unit, 0, analytic, numeric)]),
        (*LOST_LABELS, *local_gradients.PASSED_ON, *skips, *local_gradients.MASKS,
         *local_gradients.FED_WITH_INPUT, *local_gradients.TWICE))


def unit_of(rows, number, shape, from_above):
    """What is known of the activation above bias `number`, as a Case has it; else NaN."""
    p, before, out = rows.model.params, rows.output(number - 1), rows.output(number)
    z = np.full(shape, np.nan)
    if before is not None and before.shape[1:] == np.shape(p[f"W{number}"])[:1]:
        z = before @ p[f"W{number}"] + p[f"b{number}"]
    last = f"b{number + 1}" not in p
    labels = rows.y if last and rows.y.ndim == 1 and rows.y.dtype.kind in "iu" else None
    return SimpleNamespace(
        inputs=[z], out=np.full(shape, np.nan) if out is None else out, dout=from_above,
        labels=labels, cache=(), names=("the pre-activation",))


def lost_skips(number):
    """Of two ways down, through the next affine layer and past it, one is lost."""
    def through(sample):
        return np.where(sample.numeric == 0, 0.0, sample.dout)
    W = f"W{number + 1}"
    return (lost(lambda sample: matches(sample.analytic, through(sample)), f"what comes past {W}"),
            lost(lambda sample: matches(sample.analytic, sample.numeric - through(sample)),
                 f"what comes through {W}"))


def shared_weight(evidence, rows):
    """Of a weight that is used twice, the gradient of one use lost: it is x^T d of the other."""
    sample = evidence.samples[0]
    if sample.x.ndim != 2:
        return None
    a, g = sample.analytic / sample.case.dout, sample.numeric / sample.case.dout
    biases = (rows.of(layer_number(name)) for name in rows.case.names
              if name == f"b{layer_number(name)}")
    for _, numeric in filter(None, biases):
        use = rows.output(0).T @ numeric / len(numeric)
        if use.shape == g.shape and (matches(a, g - use) or matches(a, use)):
            return lost(lambda sample: True, "the gradient of one of the weight's two uses")(
                evidence)
    return None


def lost_targets(evidence, rows):
    """A gradient that does not depend on the targets: what comes from the loss is left out."""
    position, y = evidence.samples[0].position, rows.y
    other = (y + 1) % (y.max() + 1) if y.dtype.kind in "iu" else y + 1.0
    cases = [rows.loss_of(slice(None), targets) for targets in (y, other)]
    first, second = (case.gradients()[position] / case.dout for case in cases)
    if np.array_equal(other, y) or not np.allclose(first, second, rtol=1e-10, atol=0):
        return None
    return Finding("upstream ignored", evidence.name, f"{evidence.name} does not depend on "
                   "the targets: the upstream gradient is left out on the way",
                   "the chain rule: multiply each local gradient by the gradient from above")
