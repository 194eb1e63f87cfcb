"""One factor for all entries, or for each row or column, that depends on the values.

It may be a count, a norm or the like, where a constant or nothing is meant.
"""

import itertools
import math

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import TOLERANCE, close, matches, meanings
from flatprop.gradcheck.diagnosis.fit import fit, join, stack
from flatprop.gradcheck.diagnosis.terms import arrays_of, fits_into, named_functions
from flatprop.gradcheck.finding import find

REDUCTIONS = {
    f"{size}{form}": lambda v, of=of, power=power: of(v) ** power
    for size, power in (("", 1), ("1/", -1)) for form, of in {
        "norm({v})": lambda v: np.sqrt((v * v).sum(axis=1)), "sum({v})": lambda v: v.sum(axis=1),
        "sum({v}^2)": lambda v: (v * v).sum(axis=1), "sum(|{v}|)": lambda v: np.abs(v).sum(axis=1),
        "max({v})": lambda v: v.max(axis=1), "max(|{v}|)": lambda v: np.abs(v).max(axis=1),
        "sum(exp({v}))": lambda v: np.exp(v).sum(axis=1), "std({v})": lambda v: v.std(axis=1),
    }.items()}


def factor_of_lines(evidence):
    """Off by one factor in all entries, or in each row or column, and on other inputs by another.
    """
    for axis, line in ((None, ""), (0, "row"), (1, "column")):
        factors = [line_factors(sample, axis) for sample in evidence.samples]
        if len(factors) < 2 or any(each is None for each in factors) or (
                np.nanmax(factors) - np.nanmin(factors) < 1e-3 * np.nanmax(np.abs(factors))):
            continue
        arrays, reduced = terms_along(evidence, axis)
        if fit(factors, arrays, most=1):    # a factor that is there as an array is told elsewhere
            continue
        found = divided_by_count(evidence, axis, line, factors) or by_reduction(
            evidence, reduced, line, factors)
        if found or not line:
            here, *others = (float(each[0]) for each in factors)
            return found or find("varying factor", evidence.name, {
                "here": f"{here:.4g}", "there": " and ".join(f"{c:.4g}" for c in others)})
    return None


def lines_along(value, axis):
    """An array as lines (lines, entries): its rows, its columns or, without an axis, all as one."""
    return value.reshape(1, -1) if axis is None else np.moveaxis(value, axis, 0).reshape(
        value.shape[axis], -1)


def line_factors(sample, axis):
    """What each line of the right gradient is multiplied by (lines,), NaN for one of zeros; None
    where it is not.
    """
    if axis is not None and sample.numeric.ndim < 2:
        return None
    known = ~np.isnan(sample.numeric)
    a, g = (lines_along(np.where(known, each, 0.0), axis)
            for each in (sample.analytic, sample.numeric))
    square = (g * g).sum(axis=1)
    c = (a * g).sum(axis=1) / np.where(square, square, np.nan)
    right = np.abs(a - np.nan_to_num(c)[:, None] * g) <= TOLERANCE * np.abs(a).max(
        axis=1, keepdims=True)
    return c if a.shape[1] > 1 and right.all() and c.any() and not np.isnan(c).all() else None


def divided_by_count(evidence, axis, line, factors):
    """The finding that a whole number, of each line, and N or 1 stand in each other's place."""
    shape, factors = evidence.samples[0].x.shape, np.concatenate(factors)
    for (called, whole), is_divided in itertools.product(
            {"1": 1, "N": shape[0], "its size": math.prod(shape)}.items(), (True, False)):
        counts = whole / factors if is_divided else whole * factors
        low, high = (int(of(np.round(counts))) for of in (np.nanmin, np.nanmax))
        if np.nanmax(np.abs(counts - np.round(counts))) < 1e-3 and 1 <= low <= high < whole + max(
                shape) + 2:
            what = next((f"{more}the number of {text}" for more, extra in (("", 0), ("1 + ", 1))
                         for text, number in counted(evidence, axis).items()
                         if matches(counts, number + extra)), "")
            count = what or f"a whole number, {low} to {high}, that depends on the values"
            constant = called if whole == 1 else f"{called} = {whole}"
            plain = low == high and (not what or not whole / low % 1 or not low / whole % 1)
            return None if plain else find("divided by a count", evidence.name, {
                "line": f"each {line} of " if line else "",
                "has": count if is_divided else constant,
                "meant": constant if is_divided else count})
    return None


def counted(evidence, axis):
    """{what: (lines of all samples,)} that is counted along each line."""
    return join([{f"{name} {sign} 0": lines_along(mark, axis).sum(axis=1)
                  for name, value in whole_arrays(sample, axis).items()
                  for sign, mark in ((">", value > 0), ("!=", value != 0))}
                 for sample in evidence.samples])


def whole_arrays(sample, axis):
    """The arrays that fit into the gradient's shape, dout and itself among them."""
    given = arrays_of(sample) | {"dout": np.asarray(sample.case.dout),
                                 "the right gradient": sample.numeric}
    return {name: value if axis is None else np.broadcast_to(value, sample.numeric.shape)
            for name, value in given.items() if fits_into(value, sample.numeric.shape)}


def terms_along(evidence, axis):
    """The Terms with one number for each line: of arrays that have one, and of norms, sums, ... of
    the others.
    """
    arrays, reduced = [], []
    for sample in evidence.samples:
        along = {name: lines_along(value, axis)
                 for name, value in whole_arrays(sample, axis).items()}
        same = {name for name, value in along.items() if not np.ptp(value, axis=1).any()}
        arrays.append(named_functions({name: along[name][:, 0] for name in same}))
        reduced.append({form.format(v=name): function(value) for name, value in along.items()
                        if name not in same for form, function in REDUCTIONS.items()})
    return stack(join(arrays)), stack(join(reduced))


def by_reduction(evidence, terms, line, factors):
    """The finding that the factor is a norm, a sum or the like of an array, along each line."""
    found = fit(factors, terms, most=1)
    c = found.coefficients[0] if found else 0.0
    called = ["1"] if close(c, 1) else meanings(c, evidence.samples[0].case)
    return find("factor of a line", evidence.name, {
        "line": f"each {line} of " if line else "", "factor": found.text(
            lambda c: called[0].partition(",")[0]).replace(" 1/", "/")}) if called else None


def factor_of_each_line(evidence):
    """Each row or column off by a factor of its own, that has no name."""
    for axis, line in enumerate(("row", "column")):
        factors = [line_factors(sample, axis) for sample in evidence.samples]
        if not any(each is None or len(each) < 2 for each in factors):
            return find("nameless factors", evidence.name, {
                "line": line, "low": f"{np.nanmin(factors):.4g}",
                "high": f"{np.nanmax(factors):.4g}"})
    return None
