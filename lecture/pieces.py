"""What a part of the lecture shows, one after the other: show(inputs) gives a list of these."""

from typing import NamedTuple

from tracing.record import trace


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
        """What happens when it runs (see tracing.record)."""
        return trace(self.function, *self.inputs.values())


class Listing(NamedTuple):
    """Flat code on arrays, to be run and listed: function(*inputs.values()).

    inputs {name: number, array or model}; a method of a model will do as function
    """

    function: object
    inputs: dict
    caption: str

    def record(self):
        """What happens when it runs (see tracing.record)."""
        return trace(self.function, *self.inputs.values())


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
    """A plot, the text of an SVG."""

    svg: str
    caption: str


class Slip(NamedTuple):
    """Where the slides' text is wrong, and what is meant."""

    text: str


def number(value):
    """A number as people read it: whole ones as they are, others with six decimals."""
    value = float(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))      # -0.0 becomes 0 as well
    return f"{value:.6f}" if 1e-4 <= abs(value) < 1e6 else f"{value:.6g}"
