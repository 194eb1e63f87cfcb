"""The page of the lecture in a real browser: its circuits walk, recompute, and stay readable.

What the page computes is compared with the layers themselves, run on the same numbers.
"""

import numpy as np
import pytest
from browser_cases import CIRCUITS, assert_same, fill, known_after, look, other_inputs, press

pytestmark = pytest.mark.slow       # in a browser


@pytest.mark.parametrize("name", CIRCUITS)
def test_browser_walks(desktop, name):
    circuit = CIRCUITS[name]
    figure = desktop.locator(f"#{name}")
    _, _, count = known_after(circuit, 0)
    all_shown = look(figure)
    assert all(each["seen"] for part in ("drawn", "locals", "listed")
               for each in all_shown[part].values())
    assert_same(all_shown, circuit, circuit.inputs)
    way = ["first"] + ["next"] * count + ["back"] * count + ["last"]
    steps = [0, *range(1, count + 1), *range(count - 1, -1, -1), count]
    for step, shown in zip(steps, figure.evaluate("walk", way), strict=True):
        seen, backward, _ = known_after(circuit, step)
        for part in ("drawn", "listed"):
            assert {each for each, state in shown[part].items() if state["seen"]} == (
                seen & set(shown[part])), step
        assert {each for each, state in shown["locals"].items() if state["seen"]} == {
            each for each in shown["locals"] if int(each.split()[0]) in backward}
        assert shown["words"].startswith(f"{step} of {count}")
        assert_true(shown["words"])
    assert all(each["seen"] for each in shown["drawn"].values())
    for step in (count - 1, count - 2):         # and with a real click
        press(figure, "back")
        assert look(figure)["words"].startswith(f"{step} of {count}")


def assert_true(words):
    """Each "= a × b = c" of the words: c is the product, but for two decimals."""
    for told in words.split("\n"):
        *_, last, result = told.split(" = ") if " = " in told else ("", "")
        if last.count(" × ") == 1 and not any(map(str.isalpha, last.replace("e-", ""))):
            a, b = (float(each.strip("()")) for each in last.split(" × "))
            assert float(result) == pytest.approx(a * b, abs=0.006 * (abs(a) + abs(b) + 1))


@pytest.mark.parametrize("name", CIRCUITS)
def test_browser_recomputes(desktop, name):
    circuit, rng = CIRCUITS[name], np.random.default_rng(7)
    figure = desktop.locator(f"#{name}")
    first = look(figure)
    for size in (1.0, 3.0, 20.0):
        inputs = other_inputs(circuit, rng, size)
        fill(figure, inputs)
        assert_same(look(figure), circuit, inputs)
    one = next(iter(circuit.inputs))
    press(figure, "reset")
    assert look(figure) == first
    fill(figure, {one: 0.625})
    assert_same(look(figure), circuit, circuit.inputs | {one: 0.625})
    press(figure, "reset")              # its part's other circuits have taken it over


def assert_legible(opened, what):
    """No text lies on another, and the page does not scroll sideways."""
    overlaps, count = opened.evaluate("overlaps")
    assert overlaps == [], what
    assert count > 200
    wide = opened.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], what


def test_browser_no_overlap_no_sideways_scroll(opened):
    assert_legible(opened, "as it is")
    rng = np.random.default_rng(3)
    for spread in (3.0, 60.0):
        for name, circuit in CIRCUITS.items():
            fill(opened.locator(f"#{name}"), other_inputs(circuit, rng, spread))
        assert_legible(opened, f"edited, up to {spread:g}")
    for label in (-1e6, 123456.0, 1e9):
        fill(opened.locator("#running-example-circuit-1"), {"yi": label})
        assert_legible(opened, f"yi = {label:g}")
    for name in CIRCUITS:
        press(opened.locator(f"#{name}"), "first")
    assert_legible(opened, "at the first step")
    opened.emulate_media(color_scheme="dark")       # other colours, texts in the same places
    assert_legible(opened, "in the dark")


def test_browser_overlaps_are_found(desktop):
    found = desktop.evaluate("""() => {
        const [first, second] = document.querySelectorAll("svg.circuit text");
        const places = ["x", "y"].map((each) => [each, second.getAttribute(each)]);
        for (const [each] of places) second.setAttribute(each, first.getAttribute(each));
        const [found] = overlaps();
        for (const [each, was] of places) second.setAttribute(each, was);
        return found; }""")
    assert len(found) >= 1
