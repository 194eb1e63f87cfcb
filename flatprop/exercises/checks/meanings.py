"""What the errors mean that students often meet: Python's own words are for experts."""

import re

NUMBERS = "'(?:int|float|numpy.float64)' object "
MEANINGS = (
    (r"unsupported operand type\(s\) for \^|bitwise_xor",
     "a power is written **: ^ is another sign in Python"),
    (r"'module' object is not callable",
     "that name is a file of two functions: out, cache = NAME.forward(...)"),
    (NUMBERS + "is not callable",
     "a number stands where a function is called. A schedule is a function of the step: "
     "schedules.constant(0.1) makes one"),
    (r"'NoneType' object (?:has no attribute|is not callable)",
     "that is None here: where something may be None, as a net without activations has it, ask "
     "first; or is a return missing?"),
    (r"(?:tuple|list) indices must be integers or slices, not str",
     "a dict is asked for, with an entry for each name, and that is none: {\"scores\": ...}"),
    (r"inhomogeneous shape|can't multiply sequence|for \S+: '(?:tuple|list)' and|"
     r"for \S+: '[\w.]+' and '(?:tuple|list)'",
     "a tuple or a list stands where one array is meant: out, cache = NAME.forward(...) takes "
     "the two apart, and of a list each entry is taken by itself"),
    (r"matmul: Input operand \d does not have enough dimensions",
     "@ takes vectors and matrices, and on one side of it is a single number"),
    (r"ZeroDivisionError", "something is divided by 0 there: for which inputs, and what should "
     "come out for these?"),
    (r"The truth value of an array",
     "max, min, if, and, or take single numbers, and this is an array: np.maximum, np.where, & and "
     "| take arrays"),
    (r"only \S+ arrays can be converted to Python scalars",
     "math takes single numbers, and this is an array: NumPy's exp, log, sqrt take both"),
    (NUMBERS + r"has no attribute|" + NUMBERS + r"is not subscriptable",
     "numbers are asked for as well as arrays: np.shape(x), np.zeros_like(x), np.where take both"),
    (r"(?:values to unpack|tuple index out of range)[^\n]*\n[^\n]*= \w*cache\b[^\n]*\n +from ",
     "that is another layer's cache: each backward takes the cache of its own forward"),
    (r"not enough values to unpack \(expected (\d+), got (\d+)\)[^\n]*\n[^\n]*= \w*cache\b",
     r"the cache holds \2 and backward takes \1: forward returns out, (what backward reads), and "
     "each backward takes the cache of its own forward"),
    (r"(?:too many values to unpack|tuple index out of range|cannot unpack non-iterable|"
     r"is not subscriptable)[^\n]*\n[^\n]*(?:= \w*cache\b|cache\[)",
     "the cache is not what backward takes it for: forward returns out, (what backward reads), a "
     "tuple, and one of one thing is (x,), with its comma"),
    (r"tuple index out of range|not enough values to unpack|too many indices for array",
     "what works entry by entry takes arrays of any shape, one dimension too: np.ndindex(x.shape) "
     "goes through their entries"),
    (r"matmul: .*\(size (\d+) is different from (\d+)\)",
     r"A @ B needs as many columns in A as there are rows in B; here they are \2 and \1"),
    (r"(?:only integer scalar arrays|cannot be interpreted as an integer)"
     r"[^\n]*\n[^\n]*np\.(max|min)\(",
     r"np.\1 looks for one entry of one array, and takes an axis after it: np.\1imum(0, x) "
     "compares two, entry by entry"),
    (r"could not be broadcast together with shapes \(\d+,(\d+)\) \(\1,\d+\)[^\n]*\n[^\n]*"
     r"[\w)\]] ?\* ?[\w(\[]",
     "* multiplies entry by entry, two arrays of one shape: the product of matrices is @"),
    (r"could not be broadcast together with shapes \((\d+),\d+\) \(\1,\)",
     r"one number for each row is a column, of shape (\1, 1): keepdims=True, or [:, None]"),
    (r"cannot access local variable '(\w+)'|local variable '(\w+)' referenced",
     "a name that a function assigns is its own, and has no value before that: is it assigned on "
     "every way through?"),
    (r"name 'np' is not defined", "import numpy as np, at the top of the file"),
    (r"name '(math)' is not defined", r"import \1, at the top of the file"),
    (r"name 't' is not defined\n +solvers/schedules",
     "a schedule is a function of t, which is what you return: return lambda t: ..."),
    (r"name '(\w+)' is not defined",
     r"nothing gives '\1' a value before that line: is a line missing, or a name misspelt? What "
     "forward knows, backward has from the cache alone"),
    (r"could not be broadcast together with shapes",
     "two arrays meet whose shapes do not fit: write the shape of each name beside that line"),
    (r"must have the shape of the output",
     "a gradient has the shape of the value it belongs to: which upstream gradient, and whose "
     "cache, does that line take?"),
    (r"KeyError: ", "nothing was put under that key: which lines put what there?"),
)
# What Python says of a text that ends, or of a line that ends, before its time.
HALF = re.compile(r"was never closed|expected an indented block|unexpected EOF|expected ':'|"
                  r"unterminated|expected 'except' or 'finally' block|invalid syntax")
MISSING = re.compile(r"AttributeError: module '([\w.]+)' has no attribute '(\w+)'")
PROBE = re.compile(r"\n +probe\.py line \d+:.*")
PLACE = re.compile(r"\n +(\S+ line \d+):.*")


def explain_not_written(text):
    """What is not written yet, and where, of a NotImplementedError's text."""
    what = text.partition("\n")[0].removeprefix("NotImplementedError: ").removeprefix("write ")
    place = PLACE.search(text)
    return f"{what or 'this'} is not written yet" + (f" ({place[1]})" if place else "")


def explain_import(text):
    """That a file cannot be imported: it is half written, as one that is saved on the way is."""
    if "SyntaxError" in text.partition("\n")[0] and HALF.search(text):
        return f"The file is not finished, or a line of it is not: {text}"
    if text.startswith("IndentationError"):
        return f"The file is not finished, or a line of it is not: {text}"
    return f"The file cannot be imported: {text}"


def explain_error(text):
    """An error that student's code raises, the line it is about and what it means."""
    ours = PROBE.search(text)       # our own line: what it calls is not there, or takes no such
    text = PROBE.sub("", text)
    missing = MISSING.match(text)
    if missing and (ours or "\n" not in text):
        file = missing[1].replace(".", "/") + ".py"
        return (f"There is no {missing[2]} in {file} yet: write it, under this name. What is to be "
                "written keeps its name")
    for pattern, meaning in MEANINGS:
        found = re.search(pattern, text)
        if found:
            return f"Your code raises {text}\n  -> {found.expand(meaning)}"
    return f"Your code raises {text}"
