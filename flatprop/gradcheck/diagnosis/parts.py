"""The parts of a normalization's gradient: straight down, through the mean, through the spread.

A line is a column in batch normalization and a row in layer normalization. Forward's Jacobian tells
the parts, whatever forward is called: along a line it is diag(v) (a I + b 1 1^T + c z z^T), with z
the line, centered or not, and v an argument such as a scale, or ones.
"""

import itertools
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import meanings
from flatprop.gradcheck.diagnosis.fit import fit
from flatprop.gradcheck.diagnosis.terms import named_functions
from flatprop.gradcheck.finding import find

CLOSE = 1e-4
PARTS = ("the direct part", "the part through the mean", "the part through the spread")


class Lines(NamedTuple):
    """A sample's lines (R, n), and the coefficients (R, 3) of its three parts along each."""

    z: np.ndarray
    scale: np.ndarray       # v, (R, n)
    called: str             # the name of the argument that v is, or ""
    parts: np.ndarray       # a, b, c
    dout: np.ndarray
    analytic: np.ndarray
    across: dict            # {name: (R,)} of the arguments that have one number for each line


def explain_parts(evidence):
    """Which part of a normalization's gradient is lost, or has which factor."""
    for line, axis in (("column", 0), ("row", -1)):
        lines = [lines_of(sample, axis) for sample in evidence.samples]
        if None not in lines:
            return describe(evidence, lines, line)
    return None


def lines_of(sample, axis):
    """The Lines along an axis; None where forward does not treat each line for itself, alike."""
    jacobian, shape = sample.case.jacobian(sample.position), sample.x.shape
    if jacobian is None or len(shape) < 2 or sample.out.shape != shape or shape[axis] < 4:
        return None
    n = shape[axis]
    x, dout, analytic, order = (
        np.moveaxis(value, axis, -1).reshape(-1, n) for value in (
            sample.x, sample.dout, sample.analytic, np.arange(sample.x.size).reshape(shape)))
    blocks = np.array([jacobian[np.ix_(each, each)] for each in order])
    allowed = CLOSE * np.abs(jacobian).max()
    beside = np.abs(jacobian).sum() - np.abs(blocks).sum()      # one line depends on another
    if beside > allowed or np.abs(blocks * (1 - np.eye(n))).max() < allowed:
        return None
    vectors = {name: value for name, value in zip(sample.case.names, sample.case.inputs,
                                                  strict=True) if np.ndim(value) == 1}
    across = {name: value for name, value in vectors.items() if value.size == len(x)}
    scales = {"": np.ones(n)} | {name: value for name, value in vectors.items()
                                 if value.size == n and value.all()}
    for (name, scale), z in itertools.product(
            scales.items(), (x - x.mean(axis=1, keepdims=True), x)):
        parts = [solve([np.eye(n), np.ones((n, n)), np.outer(each, each)], block / scale[:, None])
                 for block, each in zip(blocks, z, strict=True)]
        if all(each is not None for each in parts):
            return Lines(z, np.broadcast_to(scale, x.shape), name, np.array(parts), dout,
                         analytic, across)
    return None


def solve(terms, target):
    """The coefficients with which the terms add up to the target, or None."""
    A = np.stack([np.ravel(term) for term in terms], axis=1)
    found, *_ = np.linalg.lstsq(A, target.ravel(), rcond=None)
    error = np.abs(A @ found - target.ravel()).max()
    return found if error <= CLOSE * np.abs(target).max() else None


def describe(evidence, lines, line):
    """The Finding on the parts of the gradient, each compared with what it should be."""
    name, scale = evidence.name, lines[0].called
    for outside, inside in itertools.product((False, True), repeat=2):
        ratios = [ratios_of(each, outside, not inside) for each in lines]
        if all(each is not None for each in ratios):
            break
    else:
        return None
    if outside and scale:
        return find("scale outside", name, {"line": line, "scale": scale})
    if is_of_the_plain_form(lines, np.concatenate(ratios, axis=1)):
        return find("other forward", name, {"line": line})
    states = [state(part, [each[part] for each in ratios], lines, evidence.samples[0].case)
              for part in range(len(PARTS))]
    if inside and scale and states[0] is None:
        states[0] = f"is without {scale}"
    told = [f"{part} {each}" for part, each in zip(PARTS, states, strict=True) if each]
    return find("part lost" if "is lost" in states else "part factor", name, {
        "line": line, "parts": "; ".join(told)}) if told else None


def ratios_of(lines, outside, scaled):
    """(3, R): each part of the analytic gradient over what it should be; or None if no such sum."""
    right = lines.scale * lines.dout
    found = []
    for r, z in enumerate(lines.z):
        c = solve([right[r] if scaled else lines.dout[r], np.ones_like(z), z],
                  lines.analytic[r] / (lines.scale[r] if outside else 1.0))
        if c is None:
            return None
        should = lines.parts[r] * (1.0, right[r].sum(), right[r] @ z)
        size = np.abs(lines.parts[r]) * (1.0, np.abs(right[r]).sum(), np.abs(right[r] * z).sum())
        known = size * (1.0, 1.0, np.abs(z).max()) > 1e-7 * size[0] * np.abs(right[r]).max()
        found.append(np.where(known, c / np.where(known, should, 1.0), 1.0))
    return np.array(found).T


def state(part, ratios, lines, case):
    """What a part is where its ratios (R,) to the right one, for each sample, are not 1; or None.
    """
    low, high = np.min(ratios), np.max(ratios)
    if max(abs(low), abs(high)) < 1e-3:
        return "is lost"
    if high - low < 1e-3 * max(abs(low), abs(high)):
        called = ", ".join(meanings(float(low), case)) or "its sign is flipped"
        return None if abs(low - 1) < 1e-3 else f"is {low:.4g} times what it should be" + (
            f" ({called})" if low < 0 or "its" not in called else "")
    found = fit(ratios, [named_functions(across(each, part)) for each in lines], most=1)
    if found and found.terms[0].startswith("1/"):
        return f"is without {found.text()[2:]}"
    return f"is {found.text()} times what it should be" if found else (
        f"is there, and wrong by a factor that differs from line to line, {low:.2g} to "
        f"{high:.2g}: something else stands in it, or a term too much")


def across(lines, part):
    """What has one number for each line and may be a factor, too much or left out."""
    named = lines.across | {"std": np.sqrt((lines.z**2).mean(axis=1))}
    if lines.called and part:
        weights = lines.dout * (1.0 if part == 1 else lines.z)
        named[lines.called] = (lines.scale * weights).sum(axis=1) / weights.sum(axis=1)
    return named


def is_of_the_plain_form(lines, ratios):
    """Whether all parts together are those of (x - mean) / sqrt(var), and forward's are not."""
    true, variance = (np.concatenate(each) for each in zip(*(
        (each.parts, (each.z**2).mean(axis=1)) for each in lines), strict=True))
    n, (a, b, c) = lines[0].z.shape[1], true.T * ratios
    return (np.abs(np.array([b * n, c * n * variance]) / a + 1).max() < 0.01
            < np.abs(true[:, 2] * n * variance / true[:, 0] + 1).max())
