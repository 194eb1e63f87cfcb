"""How a value is written: with two decimals in a drawing, in full in a listing.

A small array is written out, a large one is summed up.
"""

import numpy as np

ROWS = COLUMNS = 4      # the largest array that is written out in a drawing
ENTRIES = 16            # the largest one that is written out in a listing


def two(number):
    """A number with two decimals; with a power of ten where these would show nothing of it."""
    number = float(number)
    if 0 < abs(number) < 0.005 or 9999.995 <= abs(number) < np.inf:
        mantissa, _, power = f"{number:.{0 if abs(number) < 1 else 2}e}".partition("e")
        return f"{mantissa}e{int(power)}"
    return f"{number:z.2f}"


def three(number, sign=""):
    """A number with three digits, and a sign if it is "+": 0.5, -12.3, 1e6."""
    mantissa, e, power = f"{number:{sign}.3g}".partition("e")
    return f"{mantissa}e{int(power)}" if e else mantissa


def six(number):
    """A number with up to six decimals: -0.534447, 7, 1.2e-07."""
    number = float(number)
    if 1e-4 <= abs(number) < 1e9:
        return f"{number:.6f}".rstrip("0").rstrip(".")
    return f"{number:z.6g}"


def is_number(value):
    """Whether a value is one number."""
    return isinstance(value, (int, float, np.number, np.ndarray)) and np.ndim(value) == 0


def is_small(value):
    """Whether an array is written out in a drawing."""
    return (value.ndim in (1, 2) and value.size > 0 and value.shape[-1] <= COLUMNS
            and value.shape[0] <= ROWS)


def drawing_lines(value):
    """A value in a drawing: the lines of text it takes, those of a matrix of the same length."""
    if is_number(value):
        return [two(value)]
    value = np.asarray(value)
    return rows(value, entry_writer(value)) if is_small(value) else summary(value, two)


def entry_writer(value):
    """A function that writes the entries of an array alike, whole ones as such, exactly 0 as 0."""
    largest = np.abs(value[np.isfinite(value)]).max(initial=0)
    decimals = 2 if largest >= 0.05 else 3 if largest >= 0.005 else 4
    if largest < 1e4 and (value == np.trunc(value)).all():
        decimals = 0
    elif not 0.0005 <= largest < 1e5:
        return lambda number: two(number) if number else "0"
    return lambda number: f"{number:z.{decimals}f}" if number else "0"


def six_writer(value):
    """six for the entries of an array; short for one that is only the others' rounding: -1e-17."""
    least = 0.0
    if value.dtype.kind == "f":
        least = 100 * np.finfo(value.dtype).eps * np.abs(value[np.isfinite(value)]).max(initial=0)
    return lambda number: f"{number:.0e}" if 0 < abs(number) < least else six(number)


def rows(value, write):
    """An array (M,) or (N, M) as one line for each row, the points of a column aligned."""
    whole = value.dtype.kind in "iub"
    cells = [[str(int(each)) if whole else write(each) for each in row]
             for row in np.atleast_2d(value)]
    if value.ndim == 1:
        return ["[" + " ".join(cells[0]) + "]"]
    columns = [aligned(column) for column in zip(*cells, strict=True)]
    return ["[" + " ".join(row) + "]" for row in zip(*columns, strict=True)]


def aligned(texts):
    """Numbers as texts of one length, their points under each other."""
    after = [len(text) - len(text.partition(".")[0]) for text in texts]
    padded = [text + " " * (max(after) - each) for text, each in zip(texts, after, strict=True)]
    width = max(map(len, padded))
    return [text.rjust(width) for text in padded]


def summary(value, write):
    """A large array in a few words: shape, mean, standard deviation, share of zeros."""
    shape = str(value.shape)
    if value.size == 0 or value.dtype.kind not in "fiub":
        return [shape]
    if value.dtype.kind != "f":
        return [shape, f"{value.min()} to {value.max()}"]
    infinite = value.size - np.count_nonzero(np.isfinite(value))
    if infinite:
        return [shape, f"{infinite} not finite"]
    zeros = value.size - np.count_nonzero(value)
    if zeros == value.size:
        return [shape, "all zeros"]
    value = value.astype(np.float64)
    words = [shape, f"mean {write(value.mean())}", f"spread {write(value.std())}"]
    percent = min(max(round(100 * zeros / value.size), 1), 99)
    return [*words, f"{percent}% zeros"] if zeros else words


def short(value):
    """A value on one line: -0.534447, [1 0 3 0], [[1 2] [3 4]], (64, 10) mean 0.01, spread 0.3."""
    if value is None or isinstance(value, (str, bool)):
        return str(value)
    if is_number(value):
        return str(int(value)) if isinstance(value, (int, np.integer)) else six(value)
    if not isinstance(value, np.ndarray):
        return type(value).__name__
    if value.ndim in (1, 2) and 0 < value.size <= ENTRIES:
        write = six_writer(value)
        lines = [rows(row, write)[0] for row in np.atleast_2d(value)]
        return lines[0] if value.ndim == 1 else "[" + " ".join(lines) + "]"
    shape, *words = summary(value, lambda number: f"{number:.3g}")
    return f"{shape} {', '.join(words)}".strip()
