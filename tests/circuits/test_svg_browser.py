"""Drawings measured by a browser, all of them in one page: no text on another, a gate or a wire."""

import pytest
from circuit_cases import CASES, circuit_of

from flatprop.circuits.svg import svg

pytestmark = pytest.mark.slow       # all drawings in one page

MEASURE = """paths => [...document.querySelectorAll("svg.circuit")].map(svg => {
  const box = (each, more) => {
    const {left, top, right, bottom} = each.getBoundingClientRect();
    return {box: [left, top, right, bottom], gate: each.closest(".gate")?.dataset.gate ?? null,
            text: each.textContent, kind: each.getAttribute("class")};
  };
  const points = [];
  const origin = svg.getBoundingClientRect();
  for (const path of paths ? svg.querySelectorAll("path") : []) {
    const length = path.getTotalLength();
    for (let at = 0; at <= length; at += 2) {
      const point = path.getPointAtLength(at);
      points.push([point.x + origin.left, point.y + origin.top]);
    }
  }
  const colours = {};
  for (const text of svg.querySelectorAll("text"))
    colours[text.getAttribute("class")] = getComputedStyle(text).fill;
  return {texts: [...svg.querySelectorAll("text")].map(box),
          gates: [...svg.querySelectorAll(".body")].map(box), points, colours,
          whole: [origin.left, origin.top, origin.right, origin.bottom],
          page: getComputedStyle(svg.querySelector(".page")).fill,
          body: getComputedStyle(svg.querySelector(".body")).fill};
})"""


@pytest.fixture(scope="module")
def measured(chromium):
    """{scheme: {case: what the browser says of its drawing}}."""
    drawings = [svg(circuit_of(case), jacobians=True) for case in CASES]
    html = "<!DOCTYPE html><body>" + "".join(f"<div>{each}</div>" for each in drawings)
    found = {}
    page = chromium.new_page(color_scheme="light")
    page.set_content(html)
    found["light"] = dict(zip(CASES, page.evaluate(MEASURE, True), strict=True))
    page.emulate_media(color_scheme="dark")     # the same document, and so the same paths
    found["dark"] = dict(zip(CASES, page.evaluate(MEASURE, False), strict=True))
    page.close()
    for case in CASES:
        found["dark"][case]["points"] = found["light"][case]["points"]
    return found


def overlap(one, other):
    """How far two boxes reach into each other; 0 where they do not."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, min(across, down))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("case", CASES)
def test_no_text_lies_on_anything(measured, case, scheme):
    drawing = measured[scheme][case]
    texts = drawing["texts"]
    assert texts
    for place, one in enumerate(texts):
        left, top, right, bottom = one["box"]
        assert right > left and bottom > top
        for other in texts[place + 1:]:
            assert overlap(one["box"], other["box"]) < 0.05, (one["text"], other["text"])
        for gate in drawing["gates"]:
            own = gate["gate"] == one["gate"] and one["kind"] == "symbol"
            if own:
                assert gate["box"][0] < left and right < gate["box"][2], one["text"]
            else:
                assert overlap(one["box"], gate["box"]) < 0.05, (one["text"], gate["text"])
        assert not any(left < x < right and top < y < bottom for x, y in drawing["points"]), (
            one["text"])
        whole = drawing["whole"]
        assert whole[0] <= left and right <= whole[2] and whole[1] <= top and bottom <= whole[3]


def luminance(colour):
    """Of rgb(r, g, b), as the WCAG has it."""
    levels = [int(each) / 255 for each in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
              for each in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_text_is_legible_in_light_and_dark(measured):
    assert {scheme: measured[scheme]["product"]["page"] for scheme in measured} == {
        "light": "rgb(255, 255, 255)", "dark": "rgb(15, 19, 24)"}
    for found in measured.values():
        for drawing in found.values():
            for kind, colour in drawing["colours"].items():
                behind = drawing["body"] if kind == "symbol" else drawing["page"]
                assert contrast(colour, behind) >= 4.5, (kind, colour)


def test_values_are_green_and_gradients_red(measured):
    for found in measured.values():
        colours = found["product"]["colours"]
        red, green, blue = (int(each) for each in colours["value"][4:-1].split(","))
        assert green > 1.3 * max(red, blue)
        red, green, blue = (int(each) for each in colours["gradient"][4:-1].split(","))
        assert red > 1.3 * max(green, blue)
