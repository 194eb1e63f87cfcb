"""Checks of steps: update rules that remember, and gradients that are clipped."""

import functools

import numpy as np

from flatprop.exercises.checks import feedback, slips
from flatprop.exercises.checks.answers import PROBE, ask_cases
from flatprop.exercises.checks.feedback import compare
from flatprop.exercises.sandbox.parent import Ref, StudentError
from solvers.clipping import clip_by_global_norm

RATES = (0.5, 0.1, 0.3)     # of the steps: a rate inside a velocity would show


def rule_check(file, rule, settings, wrong):
    """A check of a rule's step, with its default settings and with these.

    wrong: [(what to do, step(rule, theta, dtheta, rate, t, *slots))], the usual slips
    """
    def check(child, rng):
        for dtype, chosen in ((np.float64, ()), (np.float64, settings), (np.float32, ())):
            theta = np.round(rng.standard_normal(5), 2).astype(dtype)
            gradients = [np.round(each, 2).astype(dtype) for each in rng.standard_normal((3, 5))]
            reference = rule(*chosen)
            found = child.call(PROBE, "updates", Ref(file, rule.__name__), list(chosen), theta,
                               gradients, list(RATES), len(rule.slots))
            if not isinstance(found, list) or len(found) != len(RATES):
                raise TypeError("no steps")
            says = wrong_steps(found, theta, gradients, reference)
            if says:
                why = slips.cause([each and (each[0], functools.partial(run, reference, each[1]))
                                   for each in wrong],
                                  [tuple(each["theta"] for each in found)], [(theta, gradients)])
                if not why and chosen:
                    names = " and ".join(f"self.{each}" for each in vars(reference))
                    why = (f"\n  -> with its usual settings it is right, with {rule.__name__}("
                           f"{', '.join(map(str, chosen))}) it is not: take {names}")
                return says + why
        return None
    return check


def run(rule, step, theta, gradients):
    """theta after each of the steps."""
    theta, after = theta.copy(), []
    slots = [np.zeros_like(theta) for _ in rule.slots]
    for t, (dtheta, rate) in enumerate(zip(gradients, RATES, strict=True), start=1):
        step(rule, theta, dtheta.copy(), rate, t, *slots)
        after.append(theta.copy())
    return tuple(after)


def wrong_steps(found, theta, gradients, rule):
    """What is wrong with what the steps did, or None."""
    expected = run(rule, type(rule).step, theta, gradients)
    if feedback.same(theta, found[0]["theta"]):
        return "theta has not changed: step works in place, theta -= ..."
    for t, (each, right, dtheta) in enumerate(zip(found, expected, gradients, strict=True), 1):
        says = compare(f"theta after step {t}", each["theta"], right, given={
            "theta": theta, **{f"g{i}": g for i, g in enumerate(gradients[:t], 1)},
            "rates": RATES[:t]})
        if says:
            return says
        if not feedback.same(dtheta, each["dtheta"]):
            return "step changes the gradient in place; only theta and what the rule keeps may be"
    return None


def clipped(dtheta, limit):
    """What clip_by_global_norm gives and leaves: the length, and dtheta afterwards."""
    after = dtheta.copy()
    return clip_by_global_norm(after, limit), after


WRONG_CLIPS = [
    ("each entry is clipped by itself, which turns the gradient: shorten all of it by one factor",
     lambda g, limit: (clipped(g, limit)[0], np.clip(g, -limit, limit))),
    ("each entry is clipped by itself, which turns the gradient, and its length is taken then",
     lambda g, limit: (float(np.linalg.norm(np.clip(g, -limit, limit))),
                       np.clip(g, -limit, limit))),
    ("a gradient that is short enough stays as it is: only where its length is above the limit",
     lambda g, limit: (clipped(g, limit)[0], g * (limit / clipped(g, limit)[0]))),
    ("the new length is the limit, and yours is 1: dtheta times limit / length",
     lambda g, limit: (clipped(g, limit)[0], g / max(1.0, clipped(g, limit)[0]))),
    ("the length that it had is to be returned, not the one it has now",
     lambda g, limit: (min(limit, clipped(g, limit)[0]), clipped(g, limit)[1])),
    ("the length is a root: sqrt(sum g^2)", lambda g, limit: (
        float(np.dot(g, g)), g * min(1.0, limit / np.dot(g, g)))),
    ("the length is sqrt(sum g^2), not the sum of absolute values", lambda g, limit: (
        float(np.abs(g).sum()), g * min(1.0, limit / np.abs(g).sum()))),
    ("dtheta is to be shortened in place, for whoever called: dtheta *= ...",
     lambda g, limit: (clipped(g, limit)[0], g)),
]


def check_clip(child, rng):
    """A check of clip_by_global_norm: the direction stays, the length is at most the limit."""
    long, short = np.round(rng.uniform(1, 3, (2, 4)) * rng.choice([-1, 1], (2, 4)), 2)
    cases = [(long, 0.75), (0.1 * short, 1.5), (long.astype(np.float32), 0.5), (np.zeros(3), 1.0),
             (np.array([np.inf, 1.0]), 2.0)]
    found = ask_cases(child, "functions", [list(case) for case in cases],
                      Ref("solvers/clipping.py", "clip_by_global_norm"))
    found = [(each["value"], each["arguments"][0]) for each in found]
    for one, case in zip(found, cases, strict=True):
        if not np.isfinite(case[0]).all() and not feedback.same(case[0], one[1]):
            return ("a gradient that is not finite is to be left alone: limit / inf times inf is "
                    "NaN, and hides where the numbers went wrong")
        says = compare(("the length returned", "dtheta"), one, clipped(*case),
                       1e-5 if case[0].dtype == np.float32 else None,
                       {"dtheta": case[0], "limit": case[1]})
        if says:
            return says + slips.cause(WRONG_CLIPS, [one], [case])
    for limit in (0.0, -1.0):
        try:
            child.call("solvers/clipping.py", "clip_by_global_norm", np.ones(2), limit)
        except StudentError as error:
            if error.kind == "raised" and error.text.startswith("ValueError"):
                continue
            raise
        return (f"for the limit {limit} it should raise a ValueError, as its docstring says: no "
                "gradient can be as short as that and keep its direction")
    return None
