"""What the errors mean that students often meet: Python's own words are for experts."""

import re

NUMBERS = "'(?:int|float|numpy.float64)' object "
MEANINGS = (
    (r"The truth value of an array",
     "max, min, if, and, or take single numbers, and this is an array: np.maximum, np.where, & and "
     "| take arrays"),
    (r"only \S+ arrays can be converted to Python scalars",
     "math takes single numbers, and this is an array: NumPy's exp, log, sqrt take both"),
    (NUMBERS + r"has no attribute|" + NUMBERS + r"is not subscriptable",
     "numbers are asked for as well as arrays: np.shape(x), np.zeros_like(x), np.where take both"),
    (r"tuple index out of range|not enough values to unpack|too many indices for array",
     "what works entry by entry takes arrays of any shape, one dimension too: np.ndindex(x.shape) "
     "goes through their entries"),
    (r"matmul: .*\(size (\d+) is different from (\d+)\)",
     r"A @ B needs as many columns in A as there are rows in B; here they are \2 and \1"),
    (r"could not be broadcast together with shapes \((\d+),\d+\) \(\1,\)",
     r"one number for each row is a column, of shape (\1, 1): keepdims=True, or [:, None]"),
    (r"cannot access local variable '(\w+)'|local variable '(\w+)' referenced",
     "a name that a function assigns is its own, and has no value before that: is it assigned on "
     "every way through?"),
)
MISSING = re.compile(r"AttributeError: module '([\w.]+)' has no attribute '(\w+)'")
PROBE = re.compile(r"\n +probe\.py line \d+:.*")
PLACE = re.compile(r"\n +(\S+ line \d+):.*")


def explain_not_written(text):
    """What is not written yet, and where, of a NotImplementedError's text."""
    what = text.partition("\n")[0].removeprefix("NotImplementedError: ").removeprefix("write ")
    place = PLACE.search(text)
    return f"{what or 'this'} is not written yet" + (f" ({place[1]})" if place else "")


def explain_error(text):
    """An error that student's code raises, the line it is about and what it means."""
    ours = PROBE.search(text)       # our own line: what it calls is not there, or takes no such
    text = PROBE.sub("", text)
    missing = MISSING.match(text)
    if missing and (ours or "\n" not in text):
        file = missing[1].replace(".", "/") + ".py"
        return (f"There is no {missing[2]} in {file}. Was it renamed, or taken out? What is to be "
                "written keeps its name")
    for pattern, meaning in MEANINGS:
        found = re.search(pattern, text)
        if found:
            return f"Your code raises {text}\n  -> {found.expand(meaning)}"
    return f"Your code raises {text}"
