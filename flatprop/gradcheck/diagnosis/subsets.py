"""Gradients that are right for a part of the entries, and by what rule the others differ."""

import itertools

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import close_to, matches, meanings
from flatprop.gradcheck.diagnosis.fit import FUNCTIONS, fit, functions_of
from flatprop.gradcheck.diagnosis.formulas import arrays_of, fits_into
from flatprop.gradcheck.diagnosis.remedies import find

MOST_PARTS = 10         # of the contributions to one entry, all subsets of them are tried


def labels(evidence):
    """Wrong in the entries of the right classes alone, as the SVM's and softmax's losses can be."""
    name, wrong = evidence.name, []
    for sample in evidence.samples:
        mark, a, g = sample.label_entries(), sample.analytic, sample.numeric
        if not mark.any() or not sample.is_complete or not close_to(a, g)[~mark].all() or (
                matches(a, g)) or np.ndim(sample.case.dout):
            return None
        unit = float(sample.case.dout) / len(mark)
        wrong.append((a[mark] / unit, g[mark] / unit, np.where(mark, 0, a).sum(axis=0) / unit))
    a, g = (np.concatenate([each[i] for each in wrong]) for i in (0, 1))
    others = evidence.samples[0].numeric.shape[1] - 1
    says = "in the entries of the right classes {d} is wrong, and right in the others: "
    if not a.any():
        return find("right class", name, "{d} lacks a part: the path through the right class's own "
                    "score is lost, its entry is 0")
    if matches(a, g + 1):
        return find("right class", name, "{d} lacks a part: the path through the right class's own "
                    "score is lost, its -1")
    if matches(a, g - 1):
        return find("own margin", name, says + "the right class is counted as violated too, "
                    "1/N too much is subtracted")
    if np.array_equal(np.round(g), np.round(g, 4)):        # counts of margins
        for count, counted in ((1, "example"), (others, "other class, whatever its margin")):
            if matches(a, np.full(a.shape, -float(count))):
                return find("margins counted", name, says + "the right class is subtracted once "
                            f"for each {counted}, and not once for each violated margin")
    if all(len(columns) == len(mine) and matches(mine, -columns) for mine, _, columns in wrong):
        return find("wrong sums", name, says + "they are minus the sums of the columns, where "
                    "those of the rows are meant")
    return None


def labels_alone(evidence):
    """Zero but for the entries of the right classes."""
    for sample in evidence.samples:
        mark = sample.label_entries()
        if not mark.any() or not sample.analytic[mark].all() or (
                sample.analytic[~mark].any() or not sample.numeric[~mark].any()):
            return None
    return find("right class alone", evidence.name, "{d} lacks a part: every path but that through "
                "the right class's own score is lost")


def array_factor(evidence):
    """The right gradient times a function of another array: a factor left out, or too much."""
    terms = []
    for sample in evidence.samples:
        arrays = {name: value for name, value in arrays_of(sample).items()
                  if fits_into(value, sample.numeric.shape) and value.size > 1}
        terms.append({text: np.broadcast_to(sample.numeric * value, sample.numeric.shape)
                      for text, value in functions_of(arrays, FUNCTIONS).items()})
    found = fit([sample.analytic for sample in evidence.samples], terms)
    if found is None or len(found.terms) > 1 or abs(abs(found.coefficients[0]) - 1) > 1e-3:
        return None
    (text,), name = found.terms, evidence.name
    sign = ", and its sign is flipped" if found.coefficients[0] < 0 else ""
    if text.startswith("1/") and "(1 - " in text:
        factor = text[2:].removeprefix("(").removesuffix(")")
        return find("local gradient left out", name, f"{{d}} is without the local gradient {factor}: "
                    f"it is the right gradient times {text}{sign}", factor)
    if text.startswith("1/"):
        return find("factor left out", name, f"{text[2:]} is left out of {{d}}: it is the right "
                    f"gradient times {text}{sign}", text[2:])
    return find("factor too much", name, f"{{d}} has the factor {text} once too often: it is the "
                f"right gradient times {text}{sign}", text)


def factor_of_some(evidence):
    """One factor, 0 among them, in some entries, and right in the others: which ones?"""
    constants, marks = [], []
    for sample in evidence.samples:
        a, g = sample.analytic, sample.numeric
        wrong = ~close_to(a, g) & ~np.isnan(g)
        if not sample.is_complete or wrong.all() or wrong.sum() < 2 or not g[wrong].all():
            return None
        ratios = a[wrong] / g[wrong]
        constants += [ratios.min(), ratios.max()]
        marks.append(wrong)
    constant = float(np.mean(constants))
    if np.ptp(constants) > 1e-3 * max(1e-2, abs(constant)):
        return None
    where = subset(evidence, marks)
    if where is None:
        return None
    name = evidence.name
    if abs(constant) < 1e-6:
        return find("case missing", name, f"{{d}} is 0 {where}, and right in the other entries: "
                    "that case is missing")
    called = ", ".join(meanings(constant, evidence.samples[0].case))
    return find("case factor", name, f"{{d}} is {constant:.4g} times what it should be"
                + (f" ({called})" if called else "") + f" {where}, and right in the other entries")


def subset(evidence, marks):
    """Which entries are marked, in words, by one rule for all samples; or None."""
    sources = [arrays_of(sample) for sample in evidence.samples]
    for each in sources:
        small = {name: value for name, value in each.items() if value.shape == marks[0].shape}
        each |= {f"{one} {other}": u * v for (one, u), (other, v) in
                 itertools.combinations(small.items(), 2)}
    for name in sources[0]:
        values = [each.get(name, np.full((), np.nan)) for each in sources]
        if not all(fits_into(value, mark.shape) and not np.isnan(value).any()
                   for value, mark in zip(values, marks, strict=True)):
            continue
        values = [np.broadcast_to(value, mark.shape) for value, mark in
                  zip(values, marks, strict=True)]
        if set(np.unique(values)) <= {0.0, 1.0}:
            for one in (0, 1):
                if all(np.array_equal(mark, value == one)
                       for value, mark in zip(values, marks, strict=True)):
                    return f"where {name} is {one}"
        for called, function in ((name, np.asarray), (f"|{name}|", np.abs)):
            inside = np.concatenate([function(value)[mark] for value, mark in
                                     zip(values, marks, strict=True)])
            outside = np.concatenate([function(value)[~mark] for value, mark in
                                      zip(values, marks, strict=True)])
            for low, high, sign in ((inside, outside, "<"), (outside, inside, ">")):
                if low.max() < high.min():
                    edge = 0 if low.max() <= 0 <= high.min() else (
                        f"about {(low.max() + high.min()) / 2:.2g}")
                    return f"where {called} {sign} {edge}"
    return None


def one_for_all(evidence):
    """Every entry the same, where they should differ."""
    for sample in evidence.samples:
        a = sample.analytic
        if a.size < 2 or not a.any() or np.ptp(a) > 1e-9 * np.abs(a).max() or (
                np.ptp(sample.numeric) < 1e-6 * np.abs(sample.numeric).max()):
            return None
    name, sample = evidence.name, evidence.samples[0]
    if all(abs(each.analytic.flat[0] - each.numeric.sum()) <= 1e-6 * np.abs(each.numeric).sum()
           for each in evidence.samples):
        return find("one sum", name, "every entry of {d} is the same, the sum over all axes: it is "
                    "what the right entries add up to")
    matrices = [called for called, value in arrays_of(sample).items()
                if value.ndim == 2 and sample.x.ndim == 1 and value.shape[1] == sample.x.size
                ] if sample.x.ndim == 1 else []
    of = f", such as the columns of {matrices[0]}" if matrices else ""
    return find("one for all", name, f"every entry of {{d}} is the same, where they should differ: "
                f"the factor that differs from entry to entry is left out{of}")


def upstream_of_one_row(evidence):
    """Each row has the upstream gradient of one row."""
    rows = set()
    for sample in evidence.samples:
        dout, a, g = np.asarray(sample.case.dout), sample.analytic, sample.numeric
        if dout.ndim != 1 or a.ndim != 2 or len(dout) != len(a) or not sample.is_complete:
            return None
        rows |= {k for k in range(len(dout)) if matches(a, g / dout[:, None] * dout[k])} or {None}
    if len(rows) != 1 or None in rows:
        return None
    return find("one row's upstream", evidence.name, "every row of {d} has the upstream gradient "
                f"of row {rows.pop()}, dout[{max(rows, default=0)}], in place of its own")


def overwritten(evidence):
    """Where several outputs depend on an entry, it has the gradient of some of them alone."""
    last = some = False
    for sample in evidence.samples:
        jacobian = sample.case.jacobian(sample.position)
        if jacobian is None or not sample.is_complete:
            return None
        parts = jacobian * np.ravel(sample.dout)[:, None]
        largest = np.abs(parts).max()
        for i in np.flatnonzero(~close_to(sample.analytic, sample.numeric)):
            column = parts[:, i][np.abs(parts[:, i]) > 1e-6 * largest]
            value = sample.analytic.flat[i]
            if not 2 <= column.size <= MOST_PARTS or not value:
                return None
            if abs(value - column[-1]) > 1e-4 * largest:
                some = True
                if not any(abs(value - sum(subset)) <= 1e-6 * largest
                           for size in range(1, column.size)
                           for subset in itertools.combinations(column, size)):
                    return None
            last = True
    if not last:
        return None
    whose = "some of them alone" if some else "the last of them alone"
    return find("overwritten", evidence.name, "an entry of {d} that several outputs depend on has "
                f"the gradient that comes from {whose}: the others are overwritten")
