"""Helpers for the tests of lecture/: what a part says, as text and as drawings."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from flatprop.circuits.graph import graph
from flatprop.circuits.svg import svg
from flatprop.lecture import parts, terminal
from flatprop.lecture.content import Arrays, Circuit, Listing, Table
from flatprop.lecture.gradient_tables import values_of


def exactly(expected):
    return pytest.approx(expected, rel=1e-12, abs=1e-12)


def content(name, **settings):
    """What a part shows, with some inputs changed."""
    part = parts.find(name)
    assert set(settings) <= set(part.INPUTS)
    return part.show(dict(part.INPUTS) | settings)


def text(name, **settings):
    """All that a part prints."""
    return "\n\n".join(terminal.text(item) for item in content(name, **settings))


def run(name, function, **settings):
    """The record of a part's circuit or listing, by its function's name."""
    return next(item.record() for item in content(name, **settings)
                if isinstance(item, Circuit | Listing) and item.function.__name__ == function)


def values(name, function, **settings):
    """{name: value} of all that the code of a circuit or listing assigned."""
    return values_of(run(name, function, **settings))


def listed(name, function):
    """{name: its number as printed in the listing} of a circuit or listing."""
    return dict(re.findall(r"(\w+) = (-?[0-9][0-9.e-]*)(?= |$)",
                           terminal.text(next(item for item in content(name)
                                               if isinstance(item, Circuit | Listing)
                                               and item.function.__name__ == function)),
                           re.MULTILINE))


def drawn(name, function):
    """{name of a wire: (value, gradient) as they stand in the drawing} of a circuit."""
    root = ET.fromstring(svg(graph(run(name, function))))
    found = {}
    for each in root.iter("{http://www.w3.org/2000/svg}text"):
        for kind in each.get("class").split():
            found.setdefault((each.get("data-wire"), kind), each.text)
    return {label: (found[wire, "value"], found.get((wire, "gradient")))
            for (wire, kind), label in found.items() if kind == "name"}


def table(name, caption, **settings):
    """The rows of a part's table, by a part of its caption: {first cell: {head: cell}}."""
    item = next(item for item in content(name, **settings)
                 if isinstance(item, Table) and caption in item.caption)
    return {row[0]: dict(zip(item.head, row, strict=True)) for row in item.rows}


def array(name, key, **settings):
    """An array that a part shows, by its name."""
    return next(item.arrays[key] for item in content(name, **settings)
                if isinstance(item, Arrays) and key in item.arrays)


def numeric(f, theta, h=1e-6):
    """The gradient of f(theta) by central differences, of theta's shape."""
    found = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[index] = h
        found[index] = (f(theta + step) - f(theta - step)) / (2 * h)
    return found


def cross_entropy(scores, y):
    """Mean of -log p[y], written anew."""
    return float(np.mean([math.log(sum(math.exp(s - row[right]) for s in row))
                          for row, right in zip(scores, y, strict=True)]))
