"""What a check says: passed or not, in words, with the student's numbers beside the right ones."""

import itertools
import math
from typing import NamedTuple

import numpy as np

SMALL = 24          # entries up to which an array is shown whole
WORST = 3           # of a larger one, so many entries
WIDEST = 70         # characters of two arrays that stand side by side
# float64: closer than central differences can come (4e-11 at best, and rarely that)
RTOL = {np.dtype(np.float64): 1e-13, np.dtype(np.float32): 2e-5}
SPREAD = ("\n  -> the numbers are right, each once: spread them over the shape, times "
          "np.ones_like(...) of an array that has it")
NOTHING, FAINT = 1e-12, 1e-2    # an array of less than the first counts as of the second size


class Feedback(NamedTuple):
    """The outcome of a check: share, from 0 to 1, is that of the exercise's points."""

    passed: bool
    message: str
    share: float


def compare(name, found, expected, rtol=None, given=None):
    """What is wrong with found, in words, or None: its shape and dtype, finite, its numbers.

    expected: a number, an array, or a tuple or dict of them; given {name: value}: shown beside
    """
    return compare_cases(name, [found], [expected], [given or {}], rtol)


def compare_cases(name, found, expected, given=None, rtol=None):
    """The same of several cases: any shape, then what is not finite, the numbers, any dtype."""
    given = given or [{}] * len(found)
    flat = [(*each, inputs) for one, other, inputs in zip(found, expected, given, strict=True)
            for each in pairs(name, one, other)]
    complaints = itertools.chain(
        (wrong_kind(label, one, other) for label, one, other, _ in flat),
        (not_finite(*each) for each in flat),
        (wrong_numbers(label, one, other, rtol, inputs) for label, one, other, inputs in flat),
        (wrong_dtype(label, one, other) for label, one, other, _ in flat))
    return next(filter(None, complaints), None)


def pairs(name, found, expected):
    """(name, found, expected) of each array of a tuple or dict, or of the one there is."""
    if isinstance(expected, dict) and isinstance(found, dict) and set(found) == set(expected):
        for key, value in expected.items():
            yield from pairs(f'{name}["{key}"]', found[key], value)
    elif (isinstance(expected, tuple) and isinstance(found, tuple)
          and len(found) == len(expected)):
        labels = name if isinstance(name, tuple) else [f"{name}[{i}]" for i in range(len(found))]
        for label, one, other in zip(labels, found, expected, strict=True):
            yield from pairs(label, one, other)
    else:
        yield ", ".join(name) if isinstance(name, tuple) else name, found, expected


def wrong_form(name, found, expected):
    """What is wrong with the type, the shape or the dtype, or None."""
    return wrong_kind(name, found, expected) or wrong_dtype(name, found, expected)


def wrong_kind(name, found, expected):
    """What is wrong with the type or the shape, or None."""
    if found is None:
        return f"{name} is None. Is a return missing, or a line not written yet?"
    if isinstance(expected, dict):
        return f"{name} should be a dict with {', '.join(expected)}; it is {kind_of(found)}"
    if isinstance(expected, tuple):
        return (f"{name} should be a tuple of {len(expected)}; it is {kind_of(found)}"
                + "\n  -> out is a tuple itself, and the cache comes after it: "
                  "return (..., ...), cache" * (name == "out"))
    if isinstance(found, (str, list, tuple, dict)):
        wanted = f"an array of shape {np.shape(expected)}" if np.ndim(expected) else "one number"
        return f"{name} is {kind_of(found)}; it should be {wanted}"
    if np.shape(found) != np.shape(expected):
        return (f"{name} has shape {np.shape(found)}, and should have {np.shape(expected)}."
                + (" Here both are small enough to look at:\n"
                   + side_by_side(found, expected) if fits(found) and fits(expected) else "")
                + SPREAD * stands_for_all(found, expected))
    return None if np.asarray(found).dtype.kind in "biuf" else wrong_dtype(name, found, expected)


def stands_for_all(found, expected):
    """Whether the numbers are right, each once where it is wanted several times."""
    try:
        return bool((distance(np.broadcast_to(found, np.shape(expected)), expected) < FAINT).all())
    except (TypeError, ValueError):
        return False


def wrong_dtype(name, found, expected):
    """What is wrong with the dtype, or None."""
    kind, wanted = np.asarray(found).dtype, np.asarray(expected).dtype
    if np.ndim(expected) == 0:
        if (kind.kind == wanted.kind) or (kind.kind in "iuf" and wanted.kind == "f"):
            return None
    elif kind == wanted or (kind.kind in "iu" and wanted.kind in "iu"):
        return None
    return (f"{name} is {kind}, and should be {wanted}, as the inputs are. Let their dtype decide: "
            "np.zeros_like(x), np.zeros(shape, x.dtype), mask.astype(x.dtype)")


def kind_of(found):
    """What a value is, in a few words."""
    if isinstance(found, dict):
        return f"a dict with {', '.join(map(str, found)) or 'nothing in it'}"
    if isinstance(found, (tuple, list)):
        return f"a {type(found).__name__} of {len(found)}"
    if isinstance(found, str):
        return "a text"
    return f"an array of shape {np.shape(found)}" if np.ndim(found) else f"the number {found!s}"


def not_finite(name, found, expected, given=None):
    """That entries are NaN or infinite where they should not be, or None."""
    odd = ~np.isfinite(found) & np.isfinite(expected)
    if not odd.any():
        return None
    says = f"{name} is {found}."
    if np.ndim(found):
        says = (f"{name} has {odd.sum()} of {np.size(found)} entries that are NaN or infinite, "
                f"the first at {index_text(np.argwhere(odd)[0])}.")
    shown = input_lines(given).rstrip("\n")
    return (f"{says} Where could it overflow, or divide by zero?"
            + (f"\n  with\n{shown}" if shown else ""))


def wrong_numbers(name, found, expected, rtol=None, given=None):
    """That the numbers differ, with some of them side by side, or None."""
    off = distance(found, expected)
    dtype = np.asarray(expected).dtype
    limit = RTOL.get(dtype, 0.0) if rtol is None else rtol
    if (off <= limit).all():
        return None
    share = f" in {(off > limit).sum()} of {off.size} entries" if off.size > 1 else ""
    # Of numbers alone one is a multiple of another by chance.
    of_numbers = given and all(isinstance(value, int | float) for value in given.values())
    multiple = off.size == 1 and not of_numbers and simple_multiple(
        np.ravel(found)[0], np.ravel(expected)[0])
    says = f"{name} {multiple or 'differs from'} what it should be{share}"
    largest = float(off.max())
    if 0 < largest < 1e-6:
        says += f", by {largest:.0e} of its size: close, as an approximation is"
    return f"{says}:\n{input_lines(given)}{side_by_side(found, expected, off)}"


def simple_multiple(found, expected):
    """That a number is a simple multiple of what it should be, as a sum is of a mean; or ""."""
    for n in range(2, 13):
        for factor, words in ((n, f"is {n} times"), (1 / n, f"is 1/{n} of")):
            if math.isclose(found, factor * expected, rel_tol=1e-6):
                return words
    return ""


def distance(found, expected):
    """How far apart, entry by entry, as a share of the entry or of the typical one."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    known = np.isfinite(expected)
    typical = np.sqrt(np.mean(np.square(expected[known]))) if known.any() else 0.0
    # Where all of it is almost zero, as a sigmoid's gradient far out, right formulas differ by
    # rounding, but by no more than a few last digits of 1.
    least = 1.0 if typical == 0 else FAINT if typical < NOTHING else typical
    scale = np.maximum(np.abs(expected), least)
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    with np.errstate(all="ignore"):
        off = np.where(same, 0.0, np.abs(found - expected) / scale)
    return np.where(np.isnan(off), np.inf, off)     # a number where infinity should be


def fits(value):
    """Whether an array is small enough to be shown."""
    return np.size(value) <= SMALL and np.ndim(value) <= 2


def side_by_side(found, expected, off=None):
    """The student's numbers and the right ones."""
    if fits(found) and fits(expected):
        found, expected = without_noise(found), without_noise(expected)
        left, right = text_lines(found), text_lines(expected)
        if left == right and np.shape(found) == np.shape(expected):
            left, right = text_lines(found, 14), text_lines(expected, 14)
        return columns(["yours", *left], ["expected", *right])
    if off is None:
        return ""
    worst = np.argsort(off, axis=None)[::-1][:WORST]
    rows = [np.unravel_index(each, off.shape) for each in worst]
    for digits in (6, 15):
        left = [f"{index_text(row)} {float(found[row]):.{digits}g}" for row in rows]
        right = [f"{index_text(row)} {float(expected[row]):.{digits}g}" for row in rows]
        if left != right:
            break
    return columns(["yours", *left], ["expected", *right])


def columns(left, right):
    """Two lists of lines, one beside the other, or where that is too wide one below the other."""
    if max(map(len, left)) + max(map(len, right)) > WIDEST:
        return "\n".join(f"    {line}" for line in [*left, *right])
    height = max(len(left), len(right))
    left, right = left + [""] * (height - len(left)), right + [""] * (height - len(right))
    width = max(map(len, left)) + 4
    return "\n".join(f"    {a:<{width}}{b}".rstrip() for a, b in zip(left, right, strict=True))


def without_noise(value):
    """A float array with 0 for rounding errors, 1e-17 beside 1."""
    value = np.asarray(value)
    if value.dtype.kind != "f" or not np.isfinite(value).all() or value.size == 0:
        return value
    return np.where(np.abs(value) < 1e-15 * np.abs(value).max(), 0.0, value)


def text_lines(value, digits=4):
    """A number or a small array as lines of text."""
    value = np.asarray(value)
    if value.dtype.kind != "f":
        return str(value).splitlines()
    value = np.asarray(value, float)
    if value.ndim == 0:
        return [f"{float(value):.{digits + 2}g}"]
    tiny = (np.abs(value) < 0.5 * 10.0**-digits) & (value != 0)
    with np.printoptions(precision=digits, suppress=not tiny.any(), linewidth=60):
        return str(value + 0.0).splitlines()        # + 0.0 makes -0.0 a plain 0


def input_lines(given):
    """The inputs that gave the numbers, where they are small."""
    lines = []
    for name, value in (given or {}).items():
        if isinstance(value, (tuple, list)) and all(np.ndim(each) == 0 for each in value):
            lines.append(f"{name} = {', '.join(' '.join(text_lines(each)) for each in value)}")
        elif isinstance(value, (tuple, list)):
            for place, each in enumerate(value):
                lines += assignment(f"{name}[{place}]", each)
        else:
            lines += assignment(name, value)
    return "".join(f"    {line}\n" for line in lines) + ("\n" if lines else "")


def assignment(name, value):
    """name = value as lines, if the value is small."""
    if not fits(value):
        return []
    first, *rest = text_lines(value)
    return [f"{name} = {first}", *(" " * (len(name) + 3) + line for line in rest)]


def index_text(index):
    """An index as it is written: [0, 2]."""
    return "[" + ", ".join(str(int(i)) for i in index) + "]"


def same(before, after):
    """Whether two plain values, arrays in tuples or lists or by themselves, are the same."""
    if isinstance(before, (tuple, list)):
        return (isinstance(after, (tuple, list)) and len(before) == len(after)
                and all(map(same, before, after)))
    if isinstance(before, (np.ndarray, float, int)):
        return np.shape(before) == np.shape(after) and not isinstance(after, (str, dict)) \
            and np.array_equal(before, after, equal_nan=True)
    return True
