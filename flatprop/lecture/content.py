"""The content of a part of the lecture: show(inputs) gives a list of these, one after the other."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg

WIDEST = 924        # of a drawing in the page, in pixels: what its column has at 1280


class Text(NamedTuple):
    """A paragraph."""

    text: str


class Slip(NamedTuple):
    """Where the slides' text is wrong, and what is meant."""

    text: str


@dataclass(frozen=True)
class Run:
    """Flat code to be run, function(*inputs.values()), and shown with what each line gave.

    inputs {name: number, array or module}; a method of a model will do as function
    """

    function: object
    inputs: dict
    caption: str

    def record(self):
        """What happens when it runs (see flatprop.circuits.record)."""
        return trace(self.function, *self.inputs.values())


class Listing(Run):
    """A run of code on arrays: the lines with their values."""


@dataclass(frozen=True)
class SameListing(Listing):
    """A listing whose numbers are those of a Circuit of the part, the function of that name.

    names {name: the circuit's name}, where they are not the same; for an array {name: its rows, of
    the circuit's names}
    """

    circuit: str
    names: dict = field(default_factory=dict)

    def refers(self, name):
        """What the page writes for a name: {network/code dx}, or [...] for each row of an array."""
        code = f"{{{self.circuit}/code "
        theirs = self.names.get(name, name)
        if isinstance(theirs, str):
            return f"{code}{theirs}}}"
        return "\n".join("[" + " ".join(f"{code}{each}}}" for each in row.split()) + "]"
                         for row in theirs)


class Circuit(Run):
    """A run of gates on numbers: its drawing, its lines with their values; alive on the page."""


class Code(NamedTuple):
    """Source to be read: that of a function or a module."""

    source: str
    caption: str


class Table(NamedTuple):
    """head: a list of texts; rows: lists of as many cells, numbers or texts.

    live: rows of what the page computes for each cell when an input is edited, "" for what stays:
    "{circuit/code dx}" is dx of the circuit of that function's name; tables.js has the others
    """

    head: list
    rows: list
    caption: str
    live: list = []


class Arrays(NamedTuple):
    """Arrays of one or two dimensions by name; a gradient's name begins with d."""

    arrays: dict
    caption: str


class Picture(NamedTuple):
    """A plot, the text of an SVG; name is that of its file."""

    name: str
    svg: str
    caption: str


def picture_of(listing, caption):
    """The circuit of a Listing as a Picture, with its arrays on the wires."""
    drawing = svg(graph(listing.record()), title=caption, background=False, widest=WIDEST)
    return Picture(listing.function.__name__, drawing, caption)


def number(value):
    """A number as people read it: exact if it is short, else with six decimals.

    3.0 -> "3", 0.5 -> "0.5", 2.0595698... -> "2.059570"
    """
    value = float(value)
    rounded = round(value, 6)
    if abs(value) >= 1e9 or 0 < abs(value) < 5e-5 or value != value:
        return f"{value:.3g}"
    if abs(value - rounded) <= 1e-12 * max(1.0, abs(value)):
        return f"{rounded:.6f}".rstrip("0").rstrip(".") if rounded else "0"
    return f"{value:.6f}"


def column(values):
    """The texts of a column, numbers padded so that their points stand under each other."""
    texts = [value if isinstance(value, str) else number(value) for value in values]
    after = [0 if isinstance(value, str) else len(text) - len(text.partition(".")[0])
             for value, text in zip(values, texts, strict=True)]
    most = max(after, default=0)
    padded = [text if isinstance(value, str) else text + " " * (most - length)
              for value, text, length in zip(values, texts, after, strict=True)]
    width = max(map(len, padded), default=0)
    return [text.ljust(width) if isinstance(value, str) else text.rjust(width)
            for value, text in zip(values, padded, strict=True)]


def aligned_rows(array):
    """The rows of an array (N,) or (N, M), a vector as one row: texts aligned in columns."""
    return zip(*map(column, np.atleast_2d(array).T), strict=True)


def gap(first, second):
    """How far two numbers or arrays of one shape are from each other at most, as a text."""
    most = float(np.max(abs(first - second)))
    return f"{most:.0e}" if most else "0"


def is_gradient(name):
    """Whether a name is one of a gradient: dx, dW1, dL/dW, grad_s0, "gradient by layers"."""
    return bool(re.match(r"grad|upstream|by differences|d(L/d)?[A-Za-z]\d*[a-z]?\b", name))
