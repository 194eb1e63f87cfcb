"""What the tests of drawings share: an SVG read back, the boxes in it, points along its wires."""

import re
from xml.etree import ElementTree

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"
LEAST = {"value": len("-000.00"), "gradient": len("-000.00"), "local": len("∂=-000.00")}


def parsed(text):
    return ElementTree.fromstring(text)


def texts_of(root, kind):
    """The <text> elements of a class."""
    return [each for each in root.iter(f"{SVG}text") if each.get("class") == kind]


def lines_of(element):
    """The lines of a <text>, its no-break spaces as spaces."""
    spans = element.findall(f"{SVG}tspan")
    texts = [each.text for each in spans] if spans else [element.text]
    return [each.replace("\xa0", " ") for each in texts]


def box_of(element):
    """left, top, right, bottom of a <text> of a font whose letters are 0.6 wide, 1.1 high.

    With the room that a number needs which somebody puts there instead.
    """
    size, x, y = (float(element.get(name)) for name in ("font-size", "x", "y"))
    shifts = [float(each.get("dy")) for each in element.findall(f"{SVG}tspan")]
    letters = max(map(len, lines_of(element)))
    if element.text and "[" not in element.text:
        letters = max(letters, LEAST.get(element.get("class"), 0))
    half = letters * 0.6 * size / 2
    return x - half, y - 0.85 * size, x + half, y + sum(shifts) + 0.25 * size


def apart(one, other):
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def bodies(root):
    """{gate's number: box of its body}."""
    found = {}
    for gate in root.iter(f"{SVG}g"):
        body = gate.find(f"{SVG}rect")
        x, y, width, height = (float(body.get(name)) for name in ("x", "y", "width", "height"))
        found[int(gate.get("data-gate"))] = x, y, x + width, y + height
    return found


def points_of(path):
    """Points along a path of M, H, L and C, close to each other."""
    x = y = 0.0
    for letter, given in re.findall(r"([MHLC])([^MHLC]*)", path):
        numbers = [float(each) for each in given.split()]
        if letter == "H":
            numbers = [numbers[0], y]
        corners = [(x, y), *zip(numbers[::2], numbers[1::2], strict=True)]
        for t in np.linspace(0, 1, 60) if letter != "M" else [1.0]:
            if letter == "C":
                weights = (1 - t)**3, 3 * t * (1 - t)**2, 3 * t**2 * (1 - t), t**3
                yield tuple(sum(weight * corner[axis] for weight, corner in
                                zip(weights, corners, strict=True)) for axis in (0, 1))
            else:
                yield tuple((1 - t) * start + t * end
                            for start, end in zip(corners[0], corners[-1], strict=True))
        x, y = corners[-1]
