"""Common slips: what a function gives if it is written wrong in one of the ways that are common.

A slip is (what it is, what to do, the function with the slip), or without the first. It is told
where the student's numbers are those of the slip on every input, and on no weaker ground; where
the function gives None it says nothing of that input. Slips after a None are looked at only if
none before it fits.
"""

import itertools

import numpy as np

from flatprop.exercises.checks.feedback import pairs, without_noise

CLOSE = {np.dtype(np.float32): 1e-4}    # of each number, and of others:
USUAL = 1e-9


def cause(slips, founds, cases):
    """The slips that give these results in all of these cases, as the end of a message; or "".

    Where more than one does, the cases do not tell which of them it is, and all are named.
    """
    fitting, several = [], False        # several: past the first None, of two changes at once
    for slip in slips:
        if slip is None and fitting or several and len(fitting) > 1:
            break
        several = several or slip is None
        *words, function = slip or (None,)
        if function is None:
            continue
        try:
            with np.errstate(all="ignore"):
                # One case after the other: what is odd in a small one is not done in a large one.
                if all(agree(found, function(*case))
                       for found, case in zip(founds, cases, strict=True)):
                    fitting.append(words)
        except (TypeError, ValueError, IndexError, ArithmeticError):
            continue        # a slip that these inputs do not allow
    says = ", or ".join(dict.fromkeys(each[0] for each in fitting if len(each) == 2))
    remedy = "; or ".join(dict.fromkeys(each[-1] for each in fitting))
    return (f"\n  On every input: {says}" if says else "") + (f"\n  -> {remedy}" if remedy else "")


def one_or_two(make, changes):
    """The slips of a function that is made wrong, make(**settings) -> it: one change, or two.

    changes: [(*words, settings)], the settings a dict
    """
    pairs_of = [(*(f"{a}; and {b}" for a, b in zip(one, two, strict=True)), first | second)
                for (*one, first), (*two, second) in itertools.combinations(changes, 2)
                if not set(first) & set(second)]
    return [each and (*each[:-1], make(**each[-1])) for each in (*changes, None, *pairs_of)]


def agree(found, other):
    """Whether two results are the same but for rounding; None agrees with all."""
    if other is None:
        return True
    if isinstance(other, (tuple, dict)) and type(other) is not type(found):
        return False
    for _, one, two in pairs("", found, other):
        if isinstance(one, (str, list, tuple, dict)) or one is None or np.shape(one) != np.shape(
                two):
            return False
        one, two = without_noise(one), without_noise(two)
        limit = CLOSE.get(one.dtype, USUAL)
        largest = np.abs(two[np.isfinite(two)]).max(initial=0)
        if not np.allclose(one, two, limit, limit * largest, equal_nan=True):
            return False
    return True
