"""What goes between the trusted parent and the child: plain values as JSON, and arrays as bytes.

Both sides use this file. The parent trusts nothing: what comes from the child is rebuilt from
bytes with a checked dtype, shape and size, so that no object of a student's ever reaches it.
"""

import json
import math
import struct
from typing import NamedTuple

import numpy as np

DTYPES = {np.dtype(code).str: np.dtype(code)
          for code in ("?", "b", "B", "h", "H", "i", "I", "l", "L", "e", "f", "d", "F", "D")}
HEAD = struct.Struct("<QQ")     # the lengths of the JSON and of the arrays' bytes
TEXT_BYTES = 2 << 20            # of JSON; to read one byte may take forty of memory
DEPTH = 20                      # lists within lists
DIGITS = 4000                   # of a whole number; Python refuses to parse much more


class NotPlain(Exception):
    """A value that is not None, a bool, a number, a text, an array, or a tuple, list or dict."""


class Seed(NamedTuple):
    """In the child: numpy.random.default_rng(number), a new one for each call."""

    number: int


class Ref(NamedTuple):
    """In the child: the module of a file, or what it calls name."""

    file: str
    name: str = ""


def pack(value):
    """A value -> bytes: two lengths, the JSON, the arrays. Raises NotPlain."""
    blobs = []
    text = json.dumps(to_json(value, blobs, [0], 0)).encode()
    if len(text) > TEXT_BYTES:
        raise NotPlain("more than fits into an answer; are there numbers in lists, not arrays?")
    data = b"".join(blobs)
    return HEAD.pack(len(text), len(data)) + text + data


def unpack(text, data):
    """The value of JSON text and arrays' bytes, both perhaps forged. Raises NotPlain."""
    try:
        return from_json(json.loads(text), data, [0], 0)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError) as error:
        raise NotPlain(f"the answer cannot be read ({type(error).__name__})") from None


def to_json(value, blobs, end, depth):
    """value as what json.dumps takes; the bytes of its arrays go to blobs, which end at end[0]."""
    kind = type(value)      # exactly: a subclass could behave as it likes
    if depth > DEPTH:
        raise NotPlain("a value nested too deeply")
    if value is None or kind in (bool, float, str):
        return value
    if kind is int:
        if value.bit_length() > 3 * DIGITS:
            raise NotPlain("a whole number of thousands of digits")
        return value
    if kind is list:
        return [to_json(each, blobs, end, depth + 1) for each in value]
    if kind is tuple:
        return {"tuple": [to_json(each, blobs, end, depth + 1) for each in value]}
    if kind is dict:
        if any(type(key) is not str for key in value):
            raise NotPlain("a dict with keys that are not texts")
        return {"dict": [[key, to_json(each, blobs, end, depth + 1)]
                         for key, each in value.items()]}
    if kind is np.ndarray or isinstance(value, np.generic):
        return array_to_json(value, blobs, end)
    if kind in (Seed, Ref):
        return {kind.__name__: list(value)}
    raise NotPlain(kind_of(value))


def array_to_json(value, blobs, end):
    """An array, or a number of NumPy's, of one of DTYPES."""
    dtype = value.dtype.newbyteorder("<") if value.dtype.byteorder == ">" else value.dtype
    if dtype.str not in DTYPES:
        raise NotPlain(f"an array of dtype {value.dtype}")
    data = np.asarray(value, dtype).tobytes()
    at, end[0] = end[0], end[0] + len(data)
    blobs.append(data)
    name = "array" if type(value) is np.ndarray else "number"
    return {name: [dtype.str, list(value.shape), at]}


def from_json(value, data, end, depth):
    """The value of what json.loads gave; the arrays so far end at end[0]."""
    if depth > DEPTH:
        raise NotPlain("a value nested too deeply")
    if isinstance(value, list):
        return [from_json(each, data, end, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    (name, inside), = value.items()
    if name == "tuple":
        return tuple(from_json(each, data, end, depth + 1) for each in inside)
    if name == "dict":
        return {exactly(str, key): from_json(each, data, end, depth + 1) for key, each in inside}
    if name in ("array", "number"):
        array = array_from_json(inside, data, end)
        return array if name == "array" else array[()]
    if name == "Seed":
        return Seed(exactly(int, inside[0]))
    if name == "Ref":
        return Ref(exactly(str, inside[0]), exactly(str, inside[1]))
    raise NotPlain(f"an answer of no known kind: {exactly(str, name)[:40]}")


def array_from_json(inside, data, end):
    """A new array from its dtype, shape and place in data, all of them checked."""
    code, shape, at = inside
    dtype, shape, at = DTYPES[code], tuple(exactly(int, size) for size in shape), exactly(int, at)
    count = math.prod(shape)
    # Each begins where the last one ended: the same bytes cannot be used for many arrays.
    if len(shape) > 32 or at != end[0] or at + count * dtype.itemsize > len(data):
        raise NotPlain("an array that is larger than its bytes")
    end[0] += count * dtype.itemsize
    # A bool of another byte than 0 and 1 would not be what it seems.
    flat = np.frombuffer(data, dtype if dtype.kind != "b" else np.uint8, count, at)
    return flat.reshape(shape).astype(dtype)


def exactly(kind, value):
    """value, if it is of this type and no negative number."""
    if type(value) is not kind or (kind is int and value < 0):
        raise ValueError(f"no {kind.__name__}")
    return value


def kind_of(value):
    """The type of a value that is not plain, in words."""
    kind = type(value)
    if issubclass(kind, np.ndarray):
        return f"a {kind.__name__}, a subclass of NumPy's array; return np.asarray(...)"
    return f"a {kind.__name__}"


def printable(words, limit=2000):
    """Text of a student's, fit for a terminal: no control characters, no more than limit."""
    words = words if len(words) <= limit else words[:limit] + " ..."
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in words)
