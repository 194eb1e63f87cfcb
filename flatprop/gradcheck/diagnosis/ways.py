"""Backward's own Jacobian beside forward's: which ways from the output to the input are wrong.

backward is linear in the upstream gradient: one with a single 1 in it gives the ways from that
entry of the output to all entries of the input.
"""

import copy

import numpy as np

from flatprop.gradcheck.case import flat
from flatprop.gradcheck.containers import in_each
from flatprop.gradcheck.diagnosis.evidence import TOLERANCE, matches, multiple
from flatprop.gradcheck.diagnosis.fit import fit
from flatprop.gradcheck.diagnosis.terms import named_functions
from flatprop.gradcheck.finding import find

MOST = 400      # entries of the output
FEW = 16        # factors that are told one by one


def pairs_of(evidence):
    """backward's and forward's Jacobian on each sample, worked out as they are asked for."""
    for number, sample in enumerate(evidence.samples):
        if number not in evidence.jacobians:
            evidence.jacobians[number] = jacobians(sample)
        yield evidence.jacobians[number]


def jacobians(sample):
    """backward's and forward's Jacobian (entries of the output, of the input).

    Raises ValueError where they are too large, or backward is not linear: then nothing is explained
    """
    case = sample.case
    if not 1 < flat(case.out).size <= MOST or sample.analytic.shape != sample.x.shape:
        raise ValueError("no Jacobians of a size to be compared")
    right = case.jacobian(sample.position)
    other, order, wrong = copy.copy(case), case.positions.index(sample.position), []
    for one in np.eye(len(right)):
        left = iter(one)
        other.dout = in_each(case.dout, lambda each, left=left: np.reshape(
            [next(left) for _ in range(np.size(each))], np.shape(each))[()])
        wrong.append(flat(other.gradients(case.cache)[order]))
    wrong = np.array(wrong, float)
    if not matches(flat(sample.analytic), flat(case.dout) @ wrong):
        raise ValueError("backward is not linear in the upstream gradient")
    return wrong, right


def differ(wrong, right):
    """Where two Jacobians do, each entry of the output's ways by their own size."""
    largest = np.abs(right).max(axis=-1, keepdims=True)
    return np.abs(wrong - right) > TOLERANCE * largest + 1e-6 * TOLERANCE * largest.max()


def factor_of_outputs(evidence):
    """Each entry of the output with a factor: one for each row, column, ... or output."""
    factors = []
    for wrong, right in pairs_of(evidence):
        square = (right * right).sum(axis=1)
        known = square > 1e-12 * square.max()
        c = np.where(known, (wrong * right).sum(axis=1) / np.where(known, square, 1.0), np.nan)
        is_elementwise = all(np.count_nonzero(right, axis=axis).max() < 2 for axis in (0, 1))
        if is_elementwise or differ(wrong[known], c[known, None] * right[known]).any():
            return None
        factors.append(np.where(np.abs(c) < 1e-6, 0.0, c))
    line, lines = along_one_axis(evidence.samples[0].case.out, np.stack(factors))
    if lines is None or np.ptp(lines) < 1e-3:
        return None
    same = (np.ptp(lines, axis=0) < 1e-3 * np.abs(lines).max()).all()
    return (factors_in_words(evidence, line, lines.mean(axis=0)) if same else
            factors_by_name(evidence, line, lines))


def factor_of_rows(evidence):
    """The same of the rows of the batch, of a loss that is a sum or a mean over them."""
    parts = [parts_of_rows(sample) for sample in evidence.samples]
    A = np.concatenate(parts, axis=1).T
    y, size = flat(evidence.analytic), np.sqrt((A * A).sum(axis=0))
    values = np.linalg.svd(A / size, compute_uv=False)
    if len(y) < len(size) + 2 or values[-1] < 1e-3 * values[0]:
        return None
    c, *_ = np.linalg.lstsq(A / size, y, rcond=None)
    c = np.where(np.abs(c / size) < 1e-6, 0.0, c / size)
    return factors_in_words(evidence, "row", c, "the batch") if matches(y, A @ c) else None


def parts_of_rows(sample):
    """The right gradient's parts (rows, entries) from each row of the batch.

    Raises ValueError where it is not the sum of what the rows give alone, but for a factor
    """
    case, N, parts = sample.case, len(sample.case.inputs[0]), []
    batch = {place: value for place, value in enumerate(case.inputs)
             if np.ndim(value) and len(value) == N and place != sample.position}
    if np.ndim(case.out) or not batch or N < 2 or sample.position == 0:
        raise ValueError("no loss of a batch of rows")
    for row in range(N):
        alone = copy.copy(case)
        alone.inputs = [batch[place][row : row + 1] if place in batch else value
                        for place, value in enumerate(case.inputs)]
        parts.append(flat(alone.numeric_gradient(sample.position)))
    share = multiple(flat(sample.numeric), np.sum(parts, axis=0))
    if share is None:
        raise ValueError("no sum over the rows")
    return share * np.array(parts)


def along_one_axis(out, factors):
    """(name of a line, factors (samples, lines)) of those (samples, entries of the output)."""
    if isinstance(out, tuple):
        ends = np.cumsum([np.size(each) for each in out])[:-1]
        groups, names = [np.split(factors, ends, axis=1)], ["output"]
    else:
        shaped = factors.reshape(len(factors), *np.shape(out))
        groups = [np.moveaxis(shaped, axis + 1, 0) for axis in range(np.ndim(out))]
        names = axis_names(np.ndim(out))
    for line, group in zip(names, groups, strict=True):
        flattened = [each.reshape(len(factors), -1) for each in group]
        if len(group) > 1 and all(
                not np.isnan(each).all(axis=1).any() and (
                    np.nanmax(each, axis=1) - np.nanmin(each, axis=1)
                    <= 1e-3 * np.nanmax(np.abs(factors))).all() for each in flattened):
            return line, np.stack([np.nanmean(each, axis=1) for each in flattened], axis=1)
    return "", None


def axis_names(ndim):
    """What a part of an array with one index along an axis is called, for each axis."""
    return {1: ["entry"], 2: ["row", "column"]}.get(ndim) or [
        f"slice along axis {axis}" for axis in range(ndim)]


def numbered(line, which):
    """Some of the lines by number, in words: "rows 0 and 2", "slice 3 along axis 0"."""
    noun, _, rest = line.partition(" ")
    noun += "" if len(which) == 1 else "s" if noun != "entry" else ""
    noun = "entries" if noun == "entry" and len(which) > 1 else noun
    numbers = (f"{which[0]} to {which[-1]}" if len(which) > 2 and np.ptp(which) == len(which) - 1
               else " and ".join(filter(None, (", ".join(map(str, which[:-1])), str(which[-1])))))
    return f"{noun} {numbers} {rest}".rstrip()


def factors_in_words(evidence, line, c, of="the upstream gradient"):
    """The finding that the lines of dout have constant factors, 0 among them."""
    (lost,), (kept,), (odd,) = map(np.nonzero, (c == 0, c, np.abs(c - 1) > 1e-3))
    words, steps = {"line": line, "of": of}, c[1:] / np.where(c[:-1], c[:-1], np.nan)
    if odd.size == lost.size and kept.size == 1:
        last = {0: ", the first,", len(c) - 1: ", the last,"}.get(kept[0], "")
        return find("one line counts", evidence.name, words | {
            "which": numbered(line, kept) + last})
    if odd.size == lost.size:
        return find("lines lost", evidence.name, words | {"which": numbered(line, lost)})
    if len(c) > 2 and c[-2] and np.nanmax(np.abs(steps / steps[-1] - 1)) < 0.01:
        return find("lines rescaled", evidence.name, words | {"factor": f"{steps[-1]:.4g}"})
    return find("lines factors", evidence.name, words | {
        "factors": ", ".join(f"{each:.4g}" for each in c)}) if len(c) <= FEW else None


def factors_by_name(evidence, line, c):
    """The finding that the lines' factors are functions of an array: another entry of it used."""
    vectors = [{name: value.astype(float) for name, value in sample.pool().items()
                if value.shape == c.shape[1:]} for sample in evidence.samples]
    for name in vectors[0]:
        v = np.stack([each[name] for each in vectors])
        for used in (c * v, v / np.where(c, c, np.nan)):     # v[j] / v[i], or v[i] / v[j]
            there = [{j for j in range(v.shape[1]) if matches(used[:, i], v[:, j])}
                     for i in range(v.shape[1])]
            if all(there):
                one = min(set.intersection(*there), default=None)
                return find("other entries" if one is None else "one entry for all",
                            evidence.name, {"line": line, "v": name, "one": one,
                                            "there": list(map(min, there))})
    found = fit(c, [named_functions(each) for each in vectors], most=1)
    if found is None or abs(abs(found.coefficients[0]) - 1) > 1e-3:
        return None
    text = f"{found.text()} times what it should be in what comes from each {line} of dout"
    key = "factor left out" if found.terms[0].startswith("1/") else "factor too much"
    return find(key, evidence.name, {"factor": found.terms[0].removeprefix("1/"), "formula": text})


def one_upstream(evidence):
    """All entries have the upstream gradient of one entry."""
    rows = set()
    for wrong, right in pairs_of(evidence):
        used = np.flatnonzero(wrong.any(axis=1))
        if len(used) != 1 or differ(wrong[used[0]], right.sum(axis=0)).any():
            return None
        rows.add(int(used[0]))
    return find("one row's upstream", evidence.name, {"row": rows.pop()}) if (
        len(rows) == 1 and evidence.samples[0].dout.ndim == 1) else None


def upstream_of_another(evidence):
    """Right for an upstream gradient that is the same in all entries: they are mixed up."""
    if any(differ(wrong.sum(axis=0), right.sum(axis=0)).any() or np.abs(right.sum(axis=0)).max()
           < 1e-3 * np.abs(right).max() for wrong, right in pairs_of(evidence)):
        return None
    wrong, right = next(pairs_of(evidence))
    mark, out = differ(wrong, right), np.shape(evidence.samples[0].case.out)
    for i in np.flatnonzero(mark.any(axis=0)):
        has, meant = (np.flatnonzero(mark[:, i] & (np.abs(one[:, i]) > np.abs(other[:, i])))
                      for one, other in ((wrong, right), (right, wrong)))
        if len(has) == len(meant) == 1:
            index, has, meant = (
                list(map(int, np.unravel_index(place, shape))) for place, shape in (
                    (i, evidence.samples[0].x.shape), (has[0], out), (meant[0], out)))
            return find("upstream of another", evidence.name, {
                "index": index, "has": has, "meant": meant})
    return None


def transposed(evidence):
    """The ways from entry i of the output to j of the input where those from j to i are meant."""
    if any(right.shape[0] != right.shape[1] or differ(wrong, right.T).any()
           for wrong, right in pairs_of(evidence)):
        return None
    return find("jacobian transposed", evidence.name)


def cross_or_own(evidence):
    """Wrong, by one factor or lost, only in the ways to the same line, or only in those to others.
    """
    out, x = np.shape(evidence.samples[0].case.out), evidence.samples[0].x.shape
    marks = []
    if len(out) == len(x) > 1:      # 1 from a line to the same, 2 from one to an earlier one
        marks += [(line, (i[:, None] == j) + 2 * (i[:, None] > j)) for line, i, j, n, m in zip(
            axis_names(len(x)), *(np.indices(shape).reshape(len(shape), -1) for shape in (out, x)),
            out, x, strict=True) if n == m]
    marks += [("entry", np.eye(np.prod(x, dtype=int)))] if out == x else []
    for line, mark in marks:
        for key, part in (("cross terms", mark != 1), ("own terms", mark == 1)):
            a, g, rest, its = (
                np.concatenate([pair[i][where] for pair in pairs_of(evidence)])
                for where in (part, ~part) for i in (0, 1))
            c = float(a @ g / (g @ g)) if g.any() else 0.0
            if rest.any() and g.any() and matches(rest, its) and np.abs(
                    a - c * g).max() <= TOLERANCE * np.abs(g).max():
                earlier = all((mark[part & (right != 0)] == 2).all()
                              for _, right in pairs_of(evidence))
                return find(f"{key} lost" if abs(c) < 1e-6 else f"{key} factor", evidence.name, {
                    "line": line, "factor": f"{c:.4g}",
                    "others": "those after it" if earlier else "the others"})
    return None


def lost(evidence):
    """What is wrong is 0: some of several ways are lost, the earlier ones among them."""
    are_last = []
    for wrong, right in pairs_of(evidence):
        marks = differ(wrong, right)
        if np.abs(wrong[marks]).max(initial=0) > TOLERANCE * np.abs(right).max() or not wrong.any():
            return None
        for mark, column in zip(marks.T, right.T, strict=True):
            there = np.abs(column) > TOLERANCE * np.abs(right).max()
            if mark.any():
                are_last.append(there.sum() > 1 and np.array_equal(
                    np.flatnonzero(there & ~mark), np.flatnonzero(there)[-1:]))
    return find("overwritten", evidence.name, {
        "whose": "the last of them" if all(are_last) else "some of them"}) if are_last else None


OUTPUTS = one_upstream, factor_of_outputs, factor_of_rows
LOST_WAYS = cross_or_own, lost
OTHER_WAYS = upstream_of_another, transposed
