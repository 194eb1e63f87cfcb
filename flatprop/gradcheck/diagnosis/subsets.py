"""Gradients right for a part of the entries or of the ways to them: for which, by what rule."""

import itertools

import numpy as np

from flatprop.gradcheck.case import Case, flat, with_upstream
from flatprop.gradcheck.diagnosis.evidence import close_to, explain, matches, meanings, mistake
from flatprop.gradcheck.diagnosis.fit import Terms, fit, stack
from flatprop.gradcheck.diagnosis.terms import arrays_of, named_functions, terms_of, vectors_of
from flatprop.gradcheck.finding import find


def labels(evidence):
    """Wrong in the entries of the right classes alone, as the SVM's and softmax's losses can be."""
    name, wrong = evidence.name, []
    for sample in evidence.samples:
        mark, a, g = sample.label_entries(), sample.analytic, sample.numeric
        if not mark.any() or not sample.is_complete or matches(a, g) or np.ndim(sample.case.dout) \
                or not close_to(a, g)[~mark].all():
            return None
        unit = float(sample.case.dout) / len(mark)
        wrong.append((a[mark] / unit, g[mark] / unit, np.where(mark, 0, a).sum(axis=0) / unit))
    a, g = (np.concatenate([each[i] for each in wrong]) for i in (0, 1))
    if matches(a, g - 1):
        return find("own margin", name)
    counted = {-1.0: "example", 1.0 - mark.shape[1]: "other class, whatever its margin"}
    if matches(g, np.round(g)) and not np.ptp(np.round(a, 4)) and round(a[0], 4) in counted:
        return find("margins counted", name, {"counted": counted[round(a[0], 4)]})
    by_columns = all(matches(mine, -columns) for mine, _, columns in wrong)
    return find("columns of labels", name) if by_columns else None


def array_factor(evidence):
    """The right gradient times a function of another array: a factor left out, or too much."""
    numeric = flat(evidence.numeric)
    arrays = {name: value for name, value in vectors_of(evidence).items()
              if np.ptp(value) and not np.isin(value, (0, 1)).all()}
    found = fit(evidence.analytic, stack({
        text: numeric * value for text, value in named_functions(arrays).items()}), most=1)
    if found is None or abs(abs(found.coefficients[0]) - 1) > 1e-3:
        return None
    (text,), name = found.terms, evidence.name
    one, other = (fit(gradients, terms_of(evidence), most=1)
                  for gradients in (evidence.analytic, evidence.numeric))
    if one and other and not (set(factors_in(one)) <= set(factors_in(other))
                              or set(factors_in(other)) <= set(factors_in(one))):
        return None         # one function in place of another: both are told
    sign = ", and its sign is flipped" if found.coefficients[0] < 0 else ""
    if not text.startswith("1/"):
        return find("factor too much", name, {
            "factor": text, "formula": f"the right gradient times it{sign}"})
    if "(1 - " not in text:
        return find("factor left out", name, {
            "factor": text[2:], "formula": f"the right gradient times {text}{sign}"})
    local = text[2:].removeprefix("(").removesuffix(")")
    return find("local gradient left out", name, {
        "local": local, "formula": f"the right gradient times {text}{sign}"})


def factors_in(found):
    """The factors of a fit of one term, as text."""
    return found.terms[0].replace("/", " * 1/").split(" * ")


def factor_of_some(evidence):
    """Right in some entries, and in the others off by one factor, 0 among them: in which ones?"""
    samples, (where, wrong, right) = evidence.samples, wrong_entries(evidence)
    if where is None:
        return None
    x = samples[0].case.names[samples[0].position]
    if where in (f"where {x} < 0", f"where {x} > 0") and all(
            each.numeric[np.isnan(part)].any() for each, part in zip(samples, wrong, strict=True)
            ) and fit(evidence.analytic, terms_of(evidence)):  # of both sides
        return find("one side", evidence.name, {"where": where})
    if np.nanmax(np.abs(wrong)) < 1e-6 * np.nanmax(np.abs(right)):
        return find("right class alone" if where == "where onehot is 0" else "case missing",
                    evidence.name, {"where": where})
    factor = fit(wrong, stack({"": flat(evidence.numeric)}))
    called = ", ".join(meanings(factor.coefficients[0], samples[0].case)) if factor else ""
    return factor and find("case factor", evidence.name, {
        "where": where, "factor": f"{factor.coefficients[0]:.4g}",
        "called": called and f" ({called})"})


def formula_of_some(evidence):
    """Right in some entries, and another formula in the others: in which ones, and which?"""
    where, wrong, right = wrong_entries(evidence)
    if where is None:
        return None
    terms = terms_of(evidence)
    beside = Terms(["the right gradient", *terms.texts], np.vstack([
        flat(evidence.numeric), terms.values]), {})
    formula, meant = fit(wrong, terms), fit(right, terms)
    formula = formula if meant else fit(wrong, beside)
    return formula and find("formula of some", evidence.name, {
        "where": where, "formula": formula.text(),
        "meant": f", where the differences give {meant.text()}" if meant else ""})


def formulas_of_two(evidence, wrong, right, called):
    """Both gradients have formulas if the entries are parted by a condition on an array."""
    arrays, names = vectors_of(evidence), evidence.samples[0].case.names
    for name in (each for each in arrays if each.partition("[")[0] in names):
        values = arrays[name]
        two = np.unique(values).size == 2
        mark = (values == values.max() if two else values > 0).reshape(np.shape(evidence.analytic))
        texts = []
        for known, gradients in ((wrong, evidence.analytic), (right, evidence.numeric)):
            parts = [known] if known else [fit(np.where(side, gradients, np.nan), terms_of(
                evidence)) for side in (mark, ~mark)]
            if mark.all() or not mark.any() or not all(parts):
                break
            where = f" where {name} is {values.max():g}" if two else f" where {name} > 0"
            texts.append(f"{where} and ".join(each.text(called) for each in parts) + (
                "" if known else " elsewhere"))
        if len(texts) == 2:
            return find("two formulas", evidence.name, {"has": texts[0], "meant": texts[1]})
    return None


def wrong_entries(evidence):
    """The rule of the wrong entries, or None; and both gradients of them, NaN in the others."""
    samples = evidence.samples
    marks = [~close_to(each.analytic, each.numeric) for each in samples]
    told = all(each.is_complete and not mark.all() and mark.sum() > 1
               for mark, each in zip(marks, samples, strict=True))
    return rule(evidence, marks) if told else None, *(
        [np.where(mark, each, np.nan) for mark, each in zip(marks, gradients, strict=True)]
        for gradients in (evidence.analytic, evidence.numeric))


def rule(evidence, marks):
    """Which entries are marked, in words, by one rule for all samples; or None."""
    mark, arrays = np.stack(marks), vectors_of(evidence)
    arrays |= {f"{one} {other}": arrays[one] * arrays[other]
               for one, other in itertools.combinations(arrays, 2)}
    for axis, line in enumerate({1: ["place"], 2: ["row", "column"]}.get(mark.ndim - 1, ())):
        lines = np.unique(np.nonzero(mark)[axis + 1])
        if lines.size == np.ptp(lines) + 1 and mark.take(lines, axis + 1).all():
            return (f"in {line} {lines[0]}" if lines.size == 1 else
                    f"in the {line}s {lines[0]} to {lines[-1]}")
    mark = mark.ravel()
    for name in sorted(arrays, key=lambda name: name != "onehot"):
        values = arrays[name]
        if not np.ptp(values[mark]) and np.array_equal(mark, values == values[mark][0]):
            return f"where {name} is {values[mark][0]:g}"
        for called, of in ((name, values), (f"|{name}|", np.abs(values))):
            for low, high, sign in ((of[mark], of[~mark], "<"), (of[~mark], of[mark], ">")):
                if low.max() < high.min() and (of is values or low.max() > 0):
                    edge = 0 if low.max() <= 0 <= high.min() else (
                        f"about {(low.max() + high.min()) / 2:.2g}")
                    return f"where {called} {sign} {edge}"
    return None


def no_explanation(evidence):
    """The finding that nothing explains a gradient: where it is wrong, in words."""
    sample, name = evidence.samples[0], evidence.name
    known = ~np.isnan(sample.numeric)
    wrong = known & ~close_to(sample.analytic, sample.numeric)
    over = (sample.analytic - sample.numeric)[wrong]
    says = f"{name} is wrong in {wrong.sum()} of {known.sum()} entries"
    says += "" if known.all() else " looked at"
    where = explain(evidence, [lambda each: wrong_entries(each)[0]])
    if wrong[known].all():
        says = f"{name} is wrong in every entry, and by no constant factor"
    elif wrong.sum() == 1:
        (index,) = np.argwhere(wrong)
        ratio = sample.analytic[tuple(index)] / sample.numeric[tuple(index)]
        says += f": {name}{index.tolist()} is {ratio:.4g} times what it should be"
    elif where:
        says += f", {where}, and right in the others"
    if over.size > 1 and np.ptp(over) < 1e-4 * np.abs(over).max():
        says += (f": there is {abs(over[0]):.4g} too {'much' if over[0] > 0 else 'little'}, the "
                 "same in each")
    return find("unexplained", name, {"where": says})


def misplaced(evidence):
    """The wrong entries hold what belongs to other entries, the same in all samples."""
    samples = evidence.samples
    wrong = np.any([~close_to(each.analytic, each.numeric) for each in samples], axis=0)
    if len(samples) < 2 or not all(each.is_complete for each in samples):
        return None
    a, g = (np.stack(each).reshape(len(samples), -1) for each in (
        evidence.analytic, evidence.numeric))
    allowed, moved = 1e-5 * np.abs(g).max(), []
    for i in np.flatnonzero(wrong):
        there = np.flatnonzero((np.abs(g - a[:, i : i + 1]) < allowed).all(axis=0))
        if there.size != 1 or np.abs(a[:, i]).max() < allowed:     # of several it is none
            return None
        moved.append([np.unravel_index(each, wrong.shape) for each in (i, there[0])])
    index, there = ([int(i) for i in each] for each in moved[0])
    return find("misplaced", evidence.name, {"count": len(moved), "index": index, "there": there})


def one_for_all(evidence):
    """Every entry the same, where they should differ."""
    for _, _, a, g in evidence.samples:
        if a.size < 2 or not a.any() or np.ptp(a) > 1e-9 * np.abs(a).max() or (
                np.ptp(g[g != 0]) < 1e-6 * np.abs(g).max()):    # a mask perhaps, if all but some
            return None
    if all(abs(a.flat[0] - g.sum()) <= 1e-6 * np.abs(g).sum() for _, _, a, g in evidence.samples):
        return find("one sum", evidence.name)
    sample = evidence.samples[0]
    matrices = [called for called, value in arrays_of(sample).items()
                if value.ndim == 2 and sample.x.shape == value.shape[1:]]
    return find("one for all", evidence.name, {
        "such": f", such as the columns of {matrices[0]}" if matrices else ""})


def is_one_of_two(sample):
    """Whether of f(x) + x f'(x), the derivative of an output x f(x), it has one part alone."""
    if sample.x.shape != np.shape(sample.case.out) or not isinstance(sample.case, Case):
        return False
    part = sample.dout * sample.out / sample.x
    return bool(np.isfinite(part).all()) and any(
        matches(each, part) for each in (sample.analytic, sample.numeric - sample.analytic))


def is_at(sample, point):
    """Whether it is what differences at another point than the input give."""
    case, position = sample.case, sample.position
    return point.shape == sample.x.shape and matches(sample.analytic, with_upstream(
        case, case.dout, {position: point}).numeric_gradient(position))


OTHER_POINTS = (mistake("at the output", lambda sample: is_at(sample, sample.out)),
                mistake("slopes exchanged", lambda sample: is_at(sample, -sample.x)))
PRODUCT_RULE = mistake("one of two factors", is_one_of_two)
