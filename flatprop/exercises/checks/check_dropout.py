"""The check of dropout, whose mask is the student's own draw."""

import numpy as np

from flatprop.exercises.checks import feedback
from flatprop.exercises.checks.answers import PROBE
from flatprop.exercises.checks.feedback import compare
from flatprop.exercises.sandbox.parent import Ref, Seed

SHAPE = (100, 200)      # so many that the share dropped is p, within one or two hundredths


def check_dropout(child, rng):
    """A check of dropout's forward and backward: x / (1 - p) or 0, and dout by the same mask."""
    for p, dtype in ((0.2, np.float64), (0.5, np.float32), (0.0, np.float64)):
        x = rng.uniform(0.5, 2.0, SHAPE).astype(dtype)
        dout = rng.uniform(0.5, 2.0, SHAPE).astype(dtype)
        seeds = [int(each) for each in rng.integers(1 << 30, size=2)]
        found = child.call(PROBE, "dropout", Ref("layers/dropout.py"), x, p,
                           [Seed(seeds[0]), Seed(seeds[0]), Seed(seeds[1])], dout)
        says = wrong_dropout(found, x, p, dout)
        if says:
            return says
    return None


def wrong_dropout(found, x, p, dout):
    """What is wrong with dropout's results of three Generators, the first two alike; or None."""
    for each in found:
        for name, like in (("out", x), ("dx", dout)):
            says = feedback.wrong_form(name, each[name], like) or feedback.not_finite(
                name, each[name], like)
            if says:
                return says
        says = (feedback.same(x, each["x"]) and feedback.same(dout, each["dout"])
                and wrong_mask(each["out"], x, p))
        if says is False:
            return "forward and backward make new arrays: x or dout is changed in place"
        says = says or wrong_backward(each["dx"], each["out"] != 0, dout, p)
        if says:
            return f"with p = {p}, {says}"
    first, again, other = (each["out"] for each in found)
    if not np.array_equal(first, again) or p and np.array_equal(first, other):
        return ("the same Generator in the same state should drop the same entries, and another "
                "one others: draw from the rng that is handed in")
    return None


def wrong_mask(out, x, p):
    """What is wrong with dropout's forward, or None."""
    kept = out != 0
    share = 1 - kept.mean()
    if p and share == 0:
        return "no entry is dropped"
    if abs(share - p) > 0.03:
        swapped = abs(share - (1 - p)) < 0.03
        return (f"{share:.0%} of the entries are dropped" + (
            ": p is the probability of dropping, not of keeping" if swapped else ""))
    if p and (kept == kept[:1]).all() or p and (kept == kept[:, :1]).all():
        return "whole rows or columns are dropped together: draw for each entry"
    says = compare("out", out, np.where(kept, x / x.dtype.type(1 - p), 0))
    times = (out / x)[kept]
    if says and np.ptp(times) < 1e-5:
        return (f"the kept entries are x times {times[0]:.4g}. In training they are divided by 1 - "
                f"p, which is x times {1 / (1 - p):.4g}, so that at test nothing has to be done")
    return says


def wrong_backward(dx, kept, dout, p):
    """What is wrong with dropout's backward, or None."""
    right = np.where(kept, dout / dout.dtype.type(1 - p), 0)
    if p == 0 or not compare("dx", dx, right):
        return compare("dx", dx, right)
    mistakes = [
        ("passes dout on as it is: the mask is missing", dout),
        ("scales dout, and passes it where an entry was dropped", dout / (1 - p)),
        ("is not scaled: forward divides the kept entries by 1 - p, so backward does",
         np.where(kept, dout, 0)),
        ("multiplies by the mask twice", np.where(kept, dout / (1 - p)**2, 0)),
    ]
    for words, like in mistakes:
        if np.allclose(dx, like, 1e-5):
            return f"backward {words}"
    zero = dx == 0
    if (zero == kept).all():
        return "backward passes dout where entries were dropped, and not where they were kept"
    if abs(zero.mean() - p) < 0.03 and (zero == kept).any():
        return "backward draws a mask of its own: it needs forward's, so keep that in the cache"
    return compare("dx", dx, right)
