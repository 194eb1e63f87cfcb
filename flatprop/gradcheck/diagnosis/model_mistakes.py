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
from flatprop.gradcheck.diagnosis import formulas, masks, subsets, whole
from flatprop.gradcheck.diagnosis.evidence import (
    Evidence,
    Sample,
    explain,
    gather,
    matches,
    mistake,
)
from flatprop.gradcheck.diagnosis.fit import fit
from flatprop.gradcheck.diagnosis.penalty import l2
from flatprop.gradcheck.diagnosis.terms import sigmoid
from flatprop.gradcheck.finding import find
from flatprop.gradcheck.model_case import copy_model, loss_case


def diagnose(model, x, y, case, wrong, reg, rng):
    """The mistakes behind the wrong parameters, explained ones first. -> list of Finding

    wrong: a list of (position, Measured or None), each of a parameter
    """
    explanations = [
        whole.order, whole.shape, whole.NOT_FINITE, whole.ZERO, whole.factor, whole.TRANSPOSED,
        lambda evidence: l2(evidence, reg, model, x, y)]
    if len(x) * sum(map(np.size, case.inputs)) < 100 * MANY:
        other = copy_model(model, in_double=True)
        for value in other.params.values():
            value *= rng.uniform(0.7, 1.3, value.shape)
        rows, rows_beside = Rows(model, x, y), Rows(other, x, y)
        explanations += [lambda evidence: other_product(evidence, rows),
                         lambda evidence: between_layers(evidence, (rows, rows_beside)),
                         lambda evidence: lost_targets(evidence, rows)]
    explained, others = [], []
    # From the loss backward: a mistake in one layer makes all gradients below it wrong.
    for position, measured in sorted(wrong, key=lambda each: -layer_number(case.names[each[0]])):
        evidence = gather(case, position, measured, rng)
        found = explain(evidence, explanations)
        if found is None:
            others.append(subsets.no_explanation(evidence))
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
        return [find("wrong as well", others[0].where, {"names": names})]
    right = [f"d{name}" for i, name in enumerate(case.names) if i not in dict(wrong)]
    known = f"{', '.join(right)} are right, {names} wrong" if right else f"{names} are all wrong"
    return [find("between", others[0].where, {"known": known, "where": others[0].says})]


class Rows:
    """The gradients of every bias, one row of the batch at a time, in float64."""

    def __init__(self, model, x, y):
        self.model, self.x, self.y, self.names = model, x, y, list(model.params)
        self.of, self.output = map(functools.cache, (self.measure, self.output))

    def measure(self, number):
        """(analytic, numeric) for what bias `number` is added to, or None where it is not known.

        numeric (N, H); analytic the same, or None if backward's rows do not have that shape. Each
        is the gradient of the loss of its row alone, so N times its part in the mean.
        """
        name = f"b{number}"
        if name not in self.names or np.ndim(self.model.params[name]) != 1:
            return None
        position, analytic, numeric = self.names.index(name), [], []
        for i in range(len(self.x)):
            one = self.loss_of(slice(i, i + 1), self.y)
            analytic.append(np.asarray(one.gradients()[position], float) / one.dout)
            numeric.append(one.numeric_gradient(position) / one.dout)
        numeric = np.array(numeric)
        numeric[np.abs(numeric) < 1e-8 * np.abs(numeric).max(initial=0.0)] = 0.0
        if not numeric.any():
            return None
        fits = all(row.shape == numeric.shape[1:] for row in analytic)
        return np.array(analytic) if fits else None, numeric

    def loss_of(self, rows, y):
        """The loss on some rows, with targets y, as a Case of the parameters."""
        return loss_case(self.model, self.x[rows], y[rows], np.random.default_rng(0))

    def output(self, number):
        """The output (N, H) of hidden layer `number`, the batch itself for 0; or None.

        On one row the gradient of the next weights is h^T dz: so h is told by differences.
        """
        if number == 0:
            return np.asarray(self.x, np.float64)
        above, hidden = self.of(number + 1), []
        if f"W{number + 1}" not in self.names or above is None:
            return None
        for i, dz in enumerate(above[1]):
            one, largest = self.loss_of(slice(i, i + 1), self.y), np.abs(dz).argmax()
            dW = one.numeric_gradient(self.names.index(f"W{number + 1}")) / one.dout
            if dW.ndim != 2 or dW.shape[1] != dz.size or np.isnan(dW).any() or not dz.any():
                return None
            hidden.append(dW[:, largest] / dz[largest])
        return np.array(hidden)

    def before(self, number):
        """What bias `number` is added to, with it added: z (N, H); NaN where it is not known."""
        p, inputs, (_, numeric) = self.model.params, self.output(number - 1), self.of(number)
        if inputs is None or inputs.shape[1:] != np.shape(p[f"W{number}"])[:1]:
            return np.full(numeric.shape, np.nan)
        return inputs @ p[f"W{number}"] + p[f"b{number}"]


def other_product(evidence, rows):
    """A weight's gradient made of another layer's values, or one of its two uses lost."""
    number, name, sample = layer_number(evidence.name), evidence.name, evidence.samples[0]
    known = rows.of(number)
    if sample.x.ndim != 2 or number and not (known and matches(*known)):
        return None
    numbers = [layer for layer in range(1, len(rows.names) + 1) if rows.of(layer)]
    values = {"x": rows.output(0)}
    for layer in numbers if number else ():
        values |= {f"h{layer}": rows.output(layer), f"z{layer}": rows.before(layer)}
    right = sample.numeric / sample.case.dout
    products = {} if number else {"right": right}
    products |= {f"{one}^T @ dz{layer}": value.T @ rows.of(layer)[1] / len(value)
                 for one, value in values.items() if value is not None
                 for layer in ([number] if number else numbers)}
    found = fit([sample.analytic / sample.case.dout], [products])
    if found is None or len(found.terms) > 1 and found.terms[0] != "right":
        return None
    if not number:
        return find("use lost", name)
    meant = f"h{number - 1}" if number > 1 else "x"
    return find("weights of another", name, {
        "formula": found.text(), "meant": f"{meant}^T @ dz{number}", "z": f"z{number}"})


def between_layers(evidence, batches):
    """Mistakes between two affine layers, from the gradient of what each bias is added to.

    batches: the Rows of the model and of one with other parameters
    """
    number, name = layer_number(evidence.name), evidence.name
    known = [rows.of(number) for rows in batches]
    if None in known:
        return None
    numeric = known[0][1]
    summed = evidence.samples[0].analytic / evidence.samples[0].case.dout
    if summed.ndim == 1 and matches(summed, numeric.sum(axis=1) / len(numeric)):
        return find("summed over units", name)
    samples = [unit_of(rows, number) for rows in batches]
    if any(sample is None for sample in samples) or all(
            matches(sample.analytic, sample.numeric) for sample in samples):
        return None         # as it should be, by what comes from above
    z = f"z{number}"
    hidden = number < max(map(layer_number, batches[0].names))
    skips = lost_skips(number) if np.ndim(samples[0].case.dout) else ()
    found = explain(Evidence(f"d{z}", samples), (
        subsets.labels, lambda each: through_weights(each, number), masks.mask,
        subsets.array_factor, subsets.factor_of_some, *skips, formulas.explain_formula))
    if found is None:
        return None
    legend = (f" (dout: what comes down through W{number + 1}; out: the activation of {z})"
              if hidden and "out" in found.says else "")
    return found._replace(where=name, says=f"{found.says}{legend}. {z} is what b{number} is added "
                          f"to: this is on the way to {name}")


def unit_of(rows, number):
    """The activation above bias `number` as a Sample of a layer, given what comes from above.

    Its numeric gradient is what the analytic one should be if all above were right.
    """
    (analytic, numeric), above = rows.of(number), rows.of(number + 1)
    if analytic is None:
        return None
    p, out = rows.model.params, rows.output(number)
    W, dout, inputs, local = p.get(f"W{number + 1}"), 1.0, {}, None
    if above is not None and above[0] is not None and np.shape(W) == (
            numeric.shape[1], above[1].shape[1]):
        dout = above[0] @ W.T
        local = np.where(numeric == 0, 0.0, numeric / (above[1] @ W.T))
        numeric = local * dout
        inputs |= {f"dz{number + 1}": above[0], f"W{number + 1}": W}
        beyond, V = rows.of(number + 2), p.get(f"W{number + 2}")
        if beyond is not None and beyond[0] is not None and np.shape(V) == (
                W.shape[1], beyond[0].shape[1]):
            inputs[f"dh{number + 1}"] = beyond[0] @ V.T
        if out is not None:
            inputs[f"z{number + 1}"] = out @ W + p[f"b{number + 1}"]
    z, labels = rows.before(number), None
    if f"b{number + 1}" not in p:
        inputs |= {f"sigmoid(z{number})": sigmoid(z), f"tanh(z{number})": np.tanh(z)}
        if rows.y.ndim == 1 and rows.y.dtype.kind in "iu":
            labels = rows.y
        elif np.shape(rows.y) == z.shape:
            inputs["y"] = rows.y
    case = SimpleNamespace(
        inputs=[z, *inputs.values()], names=[f"z{number}", *inputs], labels=labels, cache=(),
        out=np.full(z.shape, np.nan) if out is None else out, dout=dout, rows=len(z),
        local=local)
    return Sample(case, 0, analytic, numeric)


def through_weights(evidence, number):
    """What comes down without the weights, through others, or through those already stepped."""
    W, terms = f"W{number + 1}", []
    for sample in evidence.samples:
        of = dict(zip(sample.case.names, sample.case.inputs, strict=True))
        local = sample.case.local
        if local is None:
            return None
        dz = of[f"dz{number + 1}"]
        each = {"right": sample.numeric, "without": local * dz.sum(axis=1, keepdims=True)}
        if dz.shape == local.shape:
            each |= {"alone": local * dz, "not transposed": local * (dz @ of[W])}
        if f"dh{number + 1}" in of:
            each["past"] = local * (of[f"dh{number + 1}"] @ of[W].T)
        # The gradient of W from one row is out^T dz.
        each["stepped"] = local * sample.out * (dz * dz).sum(axis=1, keepdims=True)
        terms.append(each)
    found = fit([sample.analytic for sample in evidence.samples], terms)
    if found is None or found.terms == ("right",):
        return None
    words = {"W": W, "above": f"dz{number + 1}", "rate": f"{-found.coefficients[-1]:.4g}"}
    if found.terms == ("right", "stepped") and abs(found.coefficients[0] - 1) < 1e-3:
        return find("weights stepped", evidence.name, words)
    key = {("past",): "past an activation", ("not transposed",): "through W",
           ("without",): "weights forgotten", ("alone",): "weights forgotten"}.get(found.terms)
    return key and find(key, evidence.name, words)


def lost_skips(number):
    """Of two ways down, through the next affine layer and past it, one is lost."""
    def through(sample):
        return np.where(sample.numeric == 0, 0.0, sample.dout)
    W = f"W{number + 1}"
    return (mistake("skip lost", lambda sample: matches(sample.analytic, through(sample)),
                    {"way": "past", "W": W}),
            mistake("skip lost", lambda sample: matches(
                sample.analytic, sample.numeric - through(sample)), {"way": "through", "W": W}))


def lost_targets(evidence, rows):
    """A gradient that does not depend on the targets: what comes from the loss is left out."""
    position, y = evidence.samples[0].position, rows.y
    other = y + 1.0
    if y.dtype.kind in "iu":        # of one example alone: all classes moved on may add up alike
        other = np.where(np.arange(len(y)) == 0, (y + 1) % (y.max() + 1), y)
    cases = [rows.loss_of(slice(None), targets) for targets in (y, other)]
    first, second = (case.gradients()[position] / case.dout for case in cases)
    if np.array_equal(other, y) or not np.allclose(first, second, rtol=1e-10, atol=0):
        return None
    if matches(*(case.numeric_gradient(position) / case.dout for case in cases)):
        return None         # and neither does the loss
    return find("targets", evidence.name)
