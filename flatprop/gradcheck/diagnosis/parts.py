"""The parts of a normalization's gradient: straight down, through the mean, through the spread.

A line is a column in batch normalization and a row in layer normalization. Forward's Jacobian tells
the parts, whatever forward is called: along a line it is diag(v) (a I + b 1 1^T + c z z^T), with z
the line, centered or not, and v an argument such as a scale, or ones.
"""

import itertools
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import meanings
from flatprop.gradcheck.finding import find

CLOSE = 1e-4


class Lines(NamedTuple):
    """A sample's lines (R, n), and the coefficients (R, 3) of its three parts along each."""

    z: np.ndarray
    scale: np.ndarray       # v, (R, n)
    called: str             # the name of the argument that v is, or ""
    parts: np.ndarray       # alpha, beta, gamma
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
    x, dout, analytic, order = (
        np.moveaxis(value, axis, -1).reshape(-1, shape[axis]) for value in (
            sample.x, sample.dout, sample.analytic, np.arange(sample.x.size).reshape(shape)))
    blocks = np.array([jacobian[np.ix_(each, each)] for each in order])
    largest, n = np.abs(jacobian).max(), shape[axis]
    beside = np.abs(jacobian).sum() - np.abs(blocks).sum()      # one line depends on another
    if beside > CLOSE * largest or np.abs(blocks * (1 - np.eye(n))).max() < CLOSE * largest:
        return None
    vectors = {name: value for name, value in zip(sample.case.names, sample.case.inputs,
                                                  strict=True) if np.ndim(value) == 1}
    scales = {"": np.ones(n)} | {name: value for name, value in vectors.items()
                                 if value.size == n and value.all()}
    for (name, scale), z in itertools.product(
            scales.items(), (x - x.mean(axis=1, keepdims=True), x)):
        parts = [coefficients(block / scale[:, None], each) for block, each in
                 zip(blocks, z, strict=True)]
        if all(each is not None for each in parts):
            across = {name: value for name, value in vectors.items() if value.size == len(x)}
            return Lines(z, np.broadcast_to(scale, x.shape), name, np.array(parts), dout,
                         analytic, across)
    return None


def coefficients(block, z):
    """The coefficients of the three parts in a block (n, n), or None where it is of other form."""
    n = len(z)
    A = np.stack([np.eye(n), np.ones((n, n)), np.outer(z, z)]).reshape(3, -1).T
    found, *_ = np.linalg.lstsq(A, block.ravel(), rcond=None)
    return found if np.abs(A @ found - block.ravel()).max() <= CLOSE * np.abs(block).max() else None


def describe(evidence, lines, line):
    """The Finding on the parts of the gradient, each compared with what it should be."""
    name, sample = evidence.name, evidence.samples[0]
    for outside, inside in itertools.product((False, True), repeat=2):
        ratios = [ratios_of(each, outside, not inside) for each in lines]
        if all(each is not None for each in ratios):
            break
    else:
        return None
    ratios, scale = np.concatenate(ratios, axis=1), lines[0].called
    if outside and scale:
        return find("scale outside", name, {"line": line, "scale": scale})
    if is_of_the_plain_form(lines, ratios):
        return find("other forward", name, {"line": line})
    told = {}
    for part, ratio in enumerate(ratios):
        each = state(ratio, part, lines, sample)
        if part == 0 and inside and scale and each is None:
            each = f"is without {scale}"
        title = ("the direct part", f"the part through a {line}'s mean",
                 f"the part through a {line}'s spread")[part]
        told |= {each: [*told.get(each, ()), title]} if each else {}
    if not told:
        return None
    says = "; ".join(f"{' and '.join(titles)} "
                     + (each.replace("is ", "are ", 1) if len(titles) > 1 else each)
                     for each, titles in told.items())
    forgotten = [each.split()[-1] for each in told if each.startswith("is without")]
    key = "part lost" if "is lost" in told else "part without" if forgotten else "part factor"
    return find(key, name, {"parts": says, "scale": "".join(forgotten[:1])})


def ratios_of(lines, outside, scaled):
    """(3, R): each part of the analytic gradient over what it should be; or None if no such sum."""
    right = lines.scale * lines.dout
    found = []
    for r, z in enumerate(lines.z):
        columns = np.stack([right[r] if scaled else lines.dout[r], np.ones_like(z), z], axis=1)
        a = lines.analytic[r] / (lines.scale[r] if outside else 1.0)
        c, *_ = np.linalg.lstsq(columns, a, rcond=None)
        if np.abs(columns @ c - a).max() > CLOSE * np.abs(a).max(initial=0.0):
            return None
        should = lines.parts[r] * (1.0, right[r].sum(), right[r] @ z)
        size = np.abs(lines.parts[r]) * (1.0, np.abs(right[r]).sum(), np.abs(right[r] * z).sum())
        known = size * (1.0, 1.0, np.abs(z).max()) > 1e-7 * size[0] * np.abs(right[r]).max()
        found.append(np.where(known, c / np.where(known, should, 1.0), np.nan))
    return np.array(found).T


def state(ratio, part, lines, sample):
    """What a part is, where its ratio (R,) to the right one is not 1: "is lost", ...; or None."""
    ratio = np.where(np.isnan(ratio), 1.0, ratio)
    if np.abs(ratio - 1).max() < 1e-3:
        return None
    if np.abs(ratio).max() < 1e-3:
        return "is lost"
    if np.abs(ratio + 1).max() < 1e-3:
        return "has its sign flipped"
    if np.ptp(ratio) < 1e-3 * np.abs(ratio).max():
        called = ", ".join(meanings(float(ratio[0]), sample.case))
        return f"is {ratio[0]:.4g} times what it should be" + (f" ({called})" if called else "")
    for name, values in factors(part, lines):
        if np.abs(ratio * values - 1).max() < 1e-3:
            return f"is without {name}"
        for power in (1, 2, 3, -1, -2):
            if name == "std" and np.abs(ratio - values**power).max() < 2e-3 * np.abs(ratio).max():
                return (f"is {'std' if power == 1 else f'std^{power}'} times what it should be: a "
                        "wrong power of the standard deviation, as where the variance is meant")
        if np.abs(ratio - values).max() < 1e-3 * np.abs(ratio).max():
            return f"has {name} in it once too often"
    return (f"is there, and wrong by a factor that differs from line to line, {ratio.min():.2g} to "
            f"{ratio.max():.2g}: something else stands in it, or a term too much")


def factors(part, lines):
    """(name, one number for each line of all samples) that may be missing in a part."""
    for name in lines[0].across:
        yield name, np.concatenate([each.across[name] for each in lines])
    yield "std", np.concatenate([np.sqrt((each.z**2).mean(axis=1)) for each in lines])
    if lines[0].called and part:
        weights = [np.ones_like(each.z) if part == 1 else each.z for each in lines]
        yield lines[0].called, np.concatenate([
            (each.scale * each.dout * weight).sum(axis=1) / (each.dout * weight).sum(axis=1)
            for each, weight in zip(lines, weights, strict=True)])


def is_of_the_plain_form(lines, ratios):
    """Whether all parts together are those of (x - mean) / sqrt(var), and forward's are not."""
    true = np.concatenate([each.parts for each in lines]).T
    variance = np.concatenate([(each.z**2).mean(axis=1) for each in lines])
    n, (a, b, c) = lines[0].z.shape[1], true * ratios
    return (np.abs(np.array([b * n, c * n * variance]) / a + 1).max() < 0.01
            < np.abs(true[2] * n * variance / true[0] + 1).max())
