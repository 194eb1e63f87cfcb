"""Flags: lines for the instructor to read, where numbers cannot tell a derivative's differences.

A flag costs no points. It names the line of a right answer that uses forward in backward, numbers
of other kinds, or points beside the input (sandbox/lookout.py).
"""

import numpy as np

from flatprop.exercises.sandbox.parent import StudentError
from flatprop.exercises.sandbox.wire import printable

CALLS = 4           # on as many inputs, what is the same number in all is no chance
SECONDS = 5.0


def positive(value):
    """A float, or an array of floats, away from zero and of many digits; the rest as it is."""
    kind = np.asarray(value).dtype.kind
    if kind != "f":
        return value
    moved = np.abs(value) + 0.1 * np.sqrt(2)
    return moved if np.ndim(value) else float(moved)


def flags(child, exercise, passed, rng):
    """Lines of an exercise that the instructor should read, as texts; the child ends.

    passed: whether all of it is right, so that all of it can be looked at; rng draws the inputs
    """
    cases = [(file, name, [[positive(each) for each in make(rng, 2)] for _ in range(CALLS)])
             for file, name, make in exercise.flagged]
    if not cases:
        return []
    child.end()             # what it has imported is imported again, line by line
    child.seconds = SECONDS
    try:
        found = [(str(file), int(line), str(words)) for file, line, words in
                 child.ask("look", {"cases": cases}) if line or passed]
    except (StudentError, TypeError, ValueError) as error:
        found = [(cases[0][0], 0, f"cannot be looked at: {error}")] if passed else []
    finally:
        child.end()
    return [printable(" ".join(f"{file}{f' line {line}' if line else ''} {words}".split()), 200)
            for file, line, words in found]
