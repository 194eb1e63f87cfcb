"""The parts of a normalization's gradient: straight down, through the mean, through the spread.

A line is a column in batch normalization and a row in layer normalization, or all of an example, or
of a channel of images. Along each, the gradient is a v dout + b + c z, with z the line, centered or
not, and v an argument such as a scale, or ones: so a, b and c of the gradient in question are
compared with those of the differences.
"""

import itertools
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import meanings
from flatprop.gradcheck.diagnosis.fit import fit
from flatprop.gradcheck.diagnosis.terms import named_functions
from flatprop.gradcheck.finding import find

CLOSE = 1e-4
LEAST = 1e-3            # of the largest part: what is smaller is not compared
VARIES = "alone is wrong, and by no constant factor: something else stands in it"
PARTS = ("the direct part", "the part through the mean", "the part through the spread")


class Lines(NamedTuple):
    """A sample's lines (R, n), and the coefficients (R, 3) of the right gradient's parts."""

    z: np.ndarray
    scale: np.ndarray       # v, (n,)
    called: str             # the name of the argument that v is, or ""
    dout: np.ndarray
    analytic: np.ndarray
    true: np.ndarray        # a, b, c, and
    known: np.ndarray       # (R, 3): where they are large enough to be compared with
    across: dict            # {name: (R,)} of the arguments that have one number for each line


def explain_parts(evidence):
    """Which part of a normalization's gradient is lost, or has which factor."""
    names = evidence.samples[0].case.names
    more = range(2, evidence.samples[0].x.ndim)
    along = {"example": (1, *more), "channel": (0, *more)} if more else {}
    along |= {"column": (0,), "row": (-1,)}
    for (line, axes), called, centered in itertools.product(
            along.items(), ("", *names), (False, True)):
        lines = [lines_of(sample, axes, called, centered) for sample in evidence.samples]
        found = None if None in lines else describe(evidence, lines, line)
        if found:
            return found
    return None


def lines_of(sample, axes, called, centered):
    """The Lines along axes; None where the right gradient is not such a sum along each."""
    if sample.x.ndim < 2 or sample.out.shape != sample.x.shape:
        return None
    size = np.prod([sample.x.shape[axis] for axis in axes])
    if size < 4:
        return None
    x, dout, analytic, numeric = (
        np.moveaxis(value, axes, range(-len(axes), 0)).reshape(-1, size)
        for value in (sample.x, sample.dout, sample.analytic, sample.numeric))
    vectors = {name: value for name, value in zip(sample.case.names, sample.case.inputs,
                                                  strict=True) if np.ndim(value) == 1}
    scale = vectors.get(called, np.ones(x.shape[1])) if called in ("", *vectors) else x
    if scale.shape != x.shape[1:] or not scale.all():
        return None
    z = x - centered * x.mean(axis=1, keepdims=True)
    true, known = solve(scale * dout, z, numeric)
    if true is None or np.abs(true[:, 1:]).max() < CLOSE * np.abs(true).max() or (
            not centered and np.abs(true[:, 1]).max() > CLOSE * np.abs(true).max()):
        return None
    return Lines(z, scale, called, dout, analytic, true, known, {
        name: value for name, value in vectors.items() if value.size == len(x)})


def solve(direct, z, gradient):
    """a, b, c (R, 3) of a gradient (R, n) that is a direct + b + c z along each line, and where
    they are known: where the part is not small beside the others, nor made of them; or None, None.
    """
    found, known = [], []
    for one, each, target in zip(direct, z, gradient, strict=True):
        A = np.stack([one, np.ones_like(each), each], axis=1)
        size = np.sqrt((A * A).sum(axis=0))
        c, *_ = np.linalg.lstsq(A / size, target, rcond=None)
        # The parts may cancel: what counts is their size, and not that of their sum.
        if not np.abs(A / size @ c - target).max() <= CLOSE * np.abs(c).max():
            return None, None
        apart = 1 / np.sqrt(np.diag(np.linalg.pinv((A / size).T @ (A / size))))
        found.append(c / size)
        known.append(np.abs(c) * apart > LEAST * np.abs(c).max())
    return np.array(found), np.array(known)


def describe(evidence, lines, line):
    """The Finding on the parts of the gradient, each compared with what it should be."""
    name, called = evidence.name, lines[0].called
    for outside, inside in itertools.product((False, True), repeat=2):
        found = [solve(each.dout * (1.0 if inside else each.scale), each.z,
                       each.analytic / (each.scale if outside else 1.0))[0] for each in lines]
        if all(each is not None for each in found):
            break
    else:
        return None
    if outside and called:
        return find("scale outside", name, {"line": line, "scale": called})
    if is_of_the_plain_form(lines, found):
        return find("other forward", name, {"line": line})
    ratios = [np.where(each.known, c / np.where(each.known, each.true, 1.0), np.nan)
              for each, c in zip(lines, found, strict=True)]
    states = [state(part, [each[:, part] for each in ratios], lines, evidence.samples[0].case)
              for part in range(len(PARTS))]
    if VARIES in states and (set(states) != {None, VARIES} or states.count(VARIES) > 1):
        return None
    if inside and called and states[0] is None:
        states[0] = f"is without {called}"
    told = [f"{part} {each}" for part, each in zip(PARTS, states, strict=True) if each]
    return find("part lost" if "is lost" in states else "part factor", name, {
        "line": line, "parts": "; ".join(told)}) if told else None


def state(part, ratios, lines, case):
    """What a part is where its ratios (R,) to the right one, for each sample, are not 1; or None.
    """
    if np.isnan(ratios).all():
        return None
    low, high = np.nanmin(ratios), np.nanmax(ratios)
    if max(abs(low), abs(high)) < 1e-3:
        return "is lost"
    if high - low < 1e-3 * max(abs(low), abs(high)):
        called = ", ".join(meanings(float(low), case)) or "its sign is flipped"
        return None if abs(low - 1) < 1e-3 else f"is {low:.4g} times what it should be" + (
            f" ({called})" if low < 0 or "its" not in called else "")
    found = fit(ratios, [named_functions(across(each, part)) for each in lines], most=1)
    if found and found.terms[0].startswith("1/"):
        return f"is without {found.text()[2:]}"
    return f"is {found.text()} times what it should be" if found else VARIES


def across(lines, part):
    """What has one number for each line and may be a factor, too much or left out."""
    std = np.sqrt((lines.z**2).mean(axis=1))
    named = lines.across | {"std": std}
    for v in (1.0, *lines.across.values()):     # with forward's epsilon in it
        divisor = np.abs(v / lines.true[:, 0])
        if (divisor > 0.999 * std).all() and (divisor < 1.01 * std).any():
            named["sqrt(var + epsilon)"] = divisor
    if lines.called and part:
        weights = lines.dout * (1.0 if part == 1 else lines.z)
        named[lines.called] = (lines.scale * weights).sum(axis=1) / weights.sum(axis=1)
    return named


def is_of_the_plain_form(lines, found):
    """Whether all parts together are those of (x - mean) / sqrt(var), and forward's are not."""
    def distance(each, parts):
        (a, b, c), right = parts.T, each.scale * each.dout
        return np.abs([b / right.mean(axis=1) / a + 1, c * (each.z**2).mean(axis=1) / (
            right * each.z).mean(axis=1) / a + 1])
    return (max(distance(each, parts).max() for each, parts in zip(lines, found, strict=True))
            < 0.01 < max(distance(each, each.true)[1].max() for each in lines))
