"""From a model's wrong gradients to the mistake.

A layer's input and upstream gradient are hidden in a model. But differences tell them, row by row
(rows.py). So what is above each bias is examined as a layer of its own.
"""

from types import SimpleNamespace

import numpy as np

from flatprop.gradcheck.case import MANY
from flatprop.gradcheck.diagnosis import formulas, masks, recorded, subsets, whole
from flatprop.gradcheck.diagnosis.evidence import (
    Evidence,
    Sample,
    explain,
    gather,
    matches,
    multiple,
)
from flatprop.gradcheck.diagnosis.fit import fit
from flatprop.gradcheck.diagnosis.penalty import l2
from flatprop.gradcheck.diagnosis.rows import Rows
from flatprop.gradcheck.diagnosis.terms import sigmoid
from flatprop.gradcheck.finding import find
from flatprop.gradcheck.model_case import copy_model

NOTHING = 1e-5          # relative: what is below is rounding


def diagnose(model, x, y, case, wrong, reg, rng):
    """The mistakes behind the wrong parameters, explained ones first. -> list of Finding

    wrong: a list of (position, Measured or None), each of a parameter
    """
    other = copy_model(model, in_double=True)
    for value in other.params.values():
        value *= rng.uniform(0.7, 1.3, value.shape)
    rows, beside = Rows(model, x, y), Rows(other, x, y)
    explanations = [whole.order, whole.shape, whole.NOT_FINITE, whole.ZERO, whole.factor,
                    whole.TRANSPOSED, lambda evidence: l2(evidence, reg, rows),
                    lambda evidence: l2(evidence, reg, None)]
    if len(rows.x) * sum(map(np.size, case.inputs)) < 100 * MANY:
        explanations += [lambda evidence: lost_use(evidence, rows),
                         lambda evidence: lost_way(evidence, (rows, beside)),
                         lambda evidence: other_product(evidence, (rows, beside)),
                         lambda evidence: between_layers(evidence, (rows, beside)),
                         constant_of_a_line]
    explained, others = [], []
    # From the loss backward: a mistake in one layer makes all gradients below it wrong.
    for position, measured in sorted(wrong, reverse=True, key=lambda each: rows.numbers.get(
            case.names[each[0]], each[0] / len(case.names))):
        evidence = gather(case, position, measured, rng)
        found = explain(evidence, explanations)
        if found is None:
            others.append(subsets.no_explanation(evidence))
        else:
            explained.append(found)
    if not explained:
        called = explain(evidence, [lambda _: recorded.explain_calls(model, x, y)])
        explained = [called] if called else []
    return [*explained, *summary(others, explained, case, wrong)]


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


def lost_use(evidence, rows):
    """Of weights used more than once, one use lost: on one row each makes a gradient of rank 1."""
    def ranks(stack):
        return np.linalg.matrix_rank(stack, NOTHING * np.linalg.norm(stack, axis=(1, 2)))
    analytic, numeric = rows.of(evidence.name[1:])
    # The difference of two rows is without the penalty, which may have any rank.
    has, wanted = (ranks(np.diff(each, axis=0)) for each in (analytic, numeric))
    is_lost = (ranks(numeric - analytic) == 1).all() and (np.maximum(has, 2) < wanted).all()
    return find("use lost", evidence.name) if is_lost else None


def lost_way(evidence, batches):
    """Of two ways down, through the next weights and past them, one is lost.

    Weights without a bias tell directions alone, so each row is compared but for a factor.
    """
    ways = set()
    for rows in batches:
        names = [name for name, value in rows.params.items() if np.ndim(value) == 2]
        below, W, V = names[names.index(evidence.name[1:]) :][:3]
        for a, g, dW, dV in zip(*rows.of(below), rows.of(W)[1], rows.of(V)[1], strict=True):
            into = np.linalg.svd(g)[0][:, 0]
            has, lost = into @ a, into @ (g - a)
            through, past = (rows.params[name] @ np.linalg.svd(each)[2][0]
                             for name, each in ((W, dW), (V, dV)))
            if np.abs(lost).max() < NOTHING * np.abs(has).max():
                continue        # where all units are off, nothing is lost
            ways.add("past" if multiple(lost * through, has * past) is not None else
                     "through" if multiple(lost * past, has * through) is not None else "")
    return find("skip lost", evidence.name, {"way": ways.pop(), "W": W}) if (
        len(ways) == 1 and "" not in ways) else None


def other_product(evidence, batches):
    """A weight's gradient made of another layer's values."""
    number, given, terms = batches[0].numbers[evidence.name[1:]], [], []
    for rows in batches:
        layer, (analytic, dz) = rows.layer(number), rows.down(number)
        if evidence.name[1:] != layer.weight or not matches(analytic, dz):
            return None
        values = {"x": rows.x}
        for below in filter(rows.layer, range(1, len(rows.pairs) + 1)):
            values |= {f"h{below}": rows.before(below + 1), f"z{below}": rows.z(below)}
        given.append(np.array([layer.turn(each) for each in rows.of(layer.weight)[0]])
                     - (layer.has or 0.0) * layer.W)
        terms.append({f"{one}^T @ dz{number}": value[:, :, None] * dz[:, None]
                      for one, value in values.items() if value is not None})
    found = fit(given, terms, most=1)
    meant = f"{f'h{number - 1}' if number > 1 else 'x'}^T @ dz{number}"
    return find("weights of another", evidence.name, {
        "formula": found.text(), "meant": meant, "z": f"z{number}"}) if (
        found and found.terms != (meant,)) else None


def between_layers(evidence, batches):
    """Mistakes between two affine layers, from the gradient of what each bias is added to.

    batches: the Rows of the model and of one with other parameters
    """
    rows, name = batches[0], evidence.name
    number = rows.numbers[name[1:]]
    layer, (_, numeric) = rows.layer(number), rows.down(number)
    summed = evidence.samples[0].analytic / evidence.samples[0].case.dout
    if summed.ndim == 1 and matches(summed[:len(numeric)], numeric.sum(axis=1) / rows.total):
        return find("summed over units", name)
    samples = [unit_of(each, number) for each in batches]
    if all(matches(sample.analytic, sample.numeric) for sample in samples):
        return None         # as it should be, by what comes from above
    z = f"z{number}"
    found = explain(Evidence(f"d{z}", samples), (
        whole.factor, subsets.labels, lambda each: through_weights(each, batches, number),
        masks.mask, subsets.array_factor, subsets.factor_of_some, formulas.explain_formula))
    if found is None:
        return None
    legend = "" if number == len(rows.pairs) or "out" not in found.says else (
        f" (dout: what comes down through {rows.pairs[number][0]}; out: the activation of {z})")
    return found._replace(where=name, says=f"{found.says}{legend}. {z} is what {layer.bias} is "
                          f"added to: this is on the way to {name}")


def unit_of(rows, number):
    """The activation above layer `number` as a Sample of a layer, given what comes from above.

    Its numeric gradient is what the analytic one should be if all above were right.
    """
    (analytic, numeric), z, out = rows.down(number), rows.z(number), rows.before(number + 1)
    dout, inputs, local, labels = 1.0, {f"z{number}": z}, None, None
    above, next_dz = rows.layer(number + 1), rows.down(number + 1)
    if above and next_dz[0] is not None and len(above.W) == numeric.shape[1]:
        dout = next_dz[0] @ above.W.T
        local = np.where(numeric == 0, 0.0, numeric / (next_dz[1] @ above.W.T))
        numeric = local * dout
        inputs |= {f"dz{number + 1}": next_dz[0], above.weight: above.W,
                   f"z{number + 1}": rows.z(number + 1)}
    if number == len(rows.pairs):
        inputs |= {f"sigmoid(z{number})": sigmoid(z), f"tanh(z{number})": np.tanh(z)}
        if rows.y.ndim == 1 and rows.y.dtype.kind in "iu":
            labels = rows.y
        elif np.shape(rows.y) == z.shape:
            inputs["y"] = rows.y
    case = SimpleNamespace(
        inputs=[*inputs.values()], names=[*inputs], labels=labels, cache=(), dout=dout,
        out=np.full(z.shape, np.nan) if out is None else out, rows=len(z), local=local)
    return Sample(case, 0, analytic, numeric)


def through_weights(evidence, batches, number):
    """What comes down without the weights, through others, or through those already stepped."""
    terms = []
    for sample, rows in zip(evidence.samples, batches, strict=True):
        local, W, dz = sample.case.local, rows.layer(number + 1).W, rows.down(number + 1)[0]
        each = {"right": sample.numeric, "local": local,
                "without": local * dz.sum(axis=1, keepdims=True)}
        if dz.shape == local.shape:
            each |= {"alone": local * dz, "not transposed": local * (dz @ W)}
        beyond = rows.layer(number + 2)
        if beyond and len(beyond.W) == W.shape[1]:
            each["past"] = local * (rows.down(number + 2)[0] @ beyond.W.T @ W.T)
        # The gradient of W from one row is out^T dz.
        each["stepped"] = local * sample.out * (dz * dz).sum(axis=1, keepdims=True)
        terms.append(each)
    found = fit([sample.analytic for sample in evidence.samples], terms)
    if found is None:
        return None
    first, last = found.coefficients[0], found.coefficients[-1]
    words = {"W": rows.layer(number + 1).weight, "above": f"dz{number + 1}",
             "rate": f"{-last / first:.4g}",
             "times": "" if abs(first - 1) < 1e-3 else f", {first:.4g} times"}
    key = {("right", "stepped"): "weights stepped", ("past",): "past an activation",
           ("not transposed",): "through W", ("without",): "weights forgotten",
           ("alone",): "weights forgotten", ("local",): "targets"}.get(found.terms)
    return key and find(key, evidence.name, words)


def constant_of_a_line(evidence):
    """Right but for a constant in one row or column, as that of a bias among the weights."""
    terms = [{"the right gradient": each.numeric} | {
        f"in {line} {k}": np.where(index == k, each.case.dout, 0.0)
        for line, index in zip(("row", "column"), np.indices(each.x.shape), strict=True)
        for k in np.unique(index)} for each in evidence.samples]
    found = fit([each.analytic for each in evidence.samples], terms)
    return find("formula", evidence.name, {"formula": found.text()}) if (
        found and found.terms[0] == "the right gradient") else None
