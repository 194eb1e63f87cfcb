"""What a part of the lecture shows, one after the other: show(inputs) gives a list of these."""

import re
from typing import NamedTuple

from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg


class Words(NamedTuple):
    """A paragraph."""

    text: str


class Circuit(NamedTuple):
    """Flat code on gates, to be run, listed and drawn: function(*inputs.values()).

    inputs {name: float}
    """

    function: object
    inputs: dict
    caption: str

    def record(self):
        """What happens when it runs (see flatprop.circuits.record)."""
        return trace(self.function, *self.inputs.values())


class Listing(NamedTuple):
    """Flat code on arrays, to be run and listed: function(*inputs.values()).

    inputs {name: number, array or module}; a method of a model will do as function
    """

    function: object
    inputs: dict
    caption: str

    def record(self):
        """What happens when it runs (see flatprop.circuits.record)."""
        return trace(self.function, *self.inputs.values())


class Code(NamedTuple):
    """Source to be read: that of a function or a module."""

    source: str
    caption: str


class Table(NamedTuple):
    """head: a list of texts; rows: lists of as many cells, numbers or texts."""

    head: list
    rows: list
    caption: str


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
    drawing = svg(graph(listing.record()), title=caption, background=False)
    return Picture(listing.function.__name__, drawing, caption)


class Slip(NamedTuple):
    """Where the slides' text is wrong, and what is meant."""

    text: str


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


def apart(first, second):
    """How far two numbers or arrays of one shape are from each other at most, as a text."""
    gap = abs(first - second)
    gap = float(gap if isinstance(gap, float) else gap.max())
    return f"{gap:.0e}" if gap else "0"


def is_gradient(name):
    """Whether a name is one of a gradient: dx, dW1, dL/dW, grad_s0, "gradient by layers"."""
    return bool(re.match(r"grad|upstream|by differences|d(L/d)?[A-Za-z]\d*[a-z]?\b", name))
