"""The check of gradient clipping: the length that is returned, and what becomes of the gradient."""

import math

import numpy as np

from flatprop.exercises.checks import feedback, inputs
from flatprop.exercises.checks.answers import ask_cases
from flatprop.exercises.checks.mistakes import name_of
from flatprop.exercises.sandbox.parent import Ref
from solvers.clipping import clip_by_global_norm

CLIPPING = Ref("solvers/clipping.py", "clip_by_global_norm")
LENGTH = "the length that is returned"
RETURNED = [
    ("that is the length afterwards: return the one that it had",
     lambda g, limit: min(limit, np.linalg.norm(g))),
    ("that is the square of the length: a root is missing", lambda g, limit: g @ g),
    ("that is the largest entry: a length is sqrt(sum g^2)", lambda g, limit: np.abs(g).max()),
    ("that is the sum of the sizes: a length is sqrt(sum g^2)", lambda g, limit: np.abs(g).sum()),
    ("that is the root of a mean: a length is sqrt(sum g^2)",
     lambda g, limit: np.sqrt(np.mean(g * g))),
]
GRADIENT = [
    ("nothing has changed: dtheta is shortened in place, dtheta *= ..., where it is too long",
     lambda g, limit: g),
    ("each entry is clipped by itself, which turns the gradient: one factor for all keeps its "
     "direction", lambda g, limit: g.clip(-limit, limit)),
    ("the length is always 1 then: times the limit", lambda g, limit: g / np.linalg.norm(g)),
    ("the length becomes the limit also where it was shorter: leave a short gradient alone",
     lambda g, limit: g * limit / np.linalg.norm(g)),
    ("the gradient becomes longer: the factor is limit / length, less than 1",
     lambda g, limit: g * np.linalg.norm(g) / limit),
    ("the length is divided by twice, or without its root",
     lambda g, limit: g * limit / (g @ g)),
    ("the factor is the limit alone: limit / length is meant", lambda g, limit: g * limit),
]


def check_clipping(child, rng):
    """A check of clip_by_global_norm: long and short gradients, zeros, and what is not finite."""
    long, short = (np.round(rng.standard_normal(5), 2) + 0.5 for _ in range(2))
    cases = [(long, 0.7), (short, 2 * float(np.linalg.norm(short))), (np.zeros(3), 1.0),
             (long.astype(np.float32), 0.7), (np.array([3.0, -4.0]), 5.0),
             *[(np.array([1.0, odd, -2.0]), 0.5) for odd in (np.inf, np.nan)]]
    found = ask_cases(child, "functions", [list(case) for case in cases], CLIPPING)
    for (dtheta, limit), each in zip(cases, found, strict=True):
        says = wrong_clipping(each["value"], each["arguments"][0], dtheta, limit)
        if says:
            return says
    return None


def wrong_clipping(length, after, dtheta, limit):
    """What is wrong with a clipped gradient and the length that it had, or None."""
    right = dtheta.copy()
    norm = clip_by_global_norm(right, limit)
    given, case = {"dtheta": dtheta, "limit": limit}, (dtheta, limit)
    if not math.isfinite(norm):
        if not feedback.same(dtheta, after):
            return (f"a length of {norm} is left alone, so that whoever asked can say where the "
                    f"numbers went wrong; dtheta {dtheta} becomes {after}")
        return None
    says = feedback.compare("dtheta", after, right, given=given)
    if says:
        return says + pointer(after, case, GRADIENT)
    says = feedback.compare(LENGTH, length, norm, 1e-6 if dtheta.dtype == np.float32 else None,
                            given)
    return says and says + pointer(length, case, RETURNED)


def pointer(found, case, mistakes):
    """The mistake that gives these numbers, as the end of a message, or ""."""
    words = name_of(found, case, mistakes)
    return f"\n  -> {words}" if words else ""


def gradients(rng, size):
    """dtheta (P,)."""
    return (inputs.normal(rng, size + 3),)


# Entries whose squares are more than float32 holds.
LONG = inputs.always(np.array([3e30, -4e30], np.float32))
