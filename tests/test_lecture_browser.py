"""The page of the lecture in a real browser: its circuits walk, recompute, and stay readable.

What the page computes is compared with the layers themselves, run on the same numbers.
"""

import numpy as np
import pytest
from browser_cases import (
    CIRCUITS,
    OVERLAPS,
    SHOWN,
    SIZES,
    WALK,
    assert_same,
    fill,
    known_after,
    launched,
    other_inputs,
    press,
    visit,
)

from lecture.page import page

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    page.write(path)
    return path.as_uri()


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture(params=SIZES)
def opened(request, chromium, address):
    with visit(chromium, address, viewport=SIZES[request.param]) as opened:
        yield opened


@pytest.fixture
def desktop(chromium, address):
    with visit(chromium, address, viewport=SIZES["desktop"]) as opened:
        yield opened


@pytest.mark.parametrize("name", CIRCUITS)
def test_browser_walks(opened, name):
    piece = CIRCUITS[name]
    figure = opened.locator(f"#{name}")
    _, _, count = known_after(piece, 0)
    all_shown = figure.evaluate(SHOWN)
    assert all(each["seen"] for part in ("drawn", "locals", "listed")
               for each in all_shown[part].values())
    assert_same(all_shown, piece, piece.inputs)
    way = ["first"] + ["next"] * count + ["back"] * count + ["last"]
    steps = [0, *range(1, count + 1), *range(count - 1, -1, -1), count]
    for step, shown in zip(steps, figure.evaluate(WALK, way), strict=True):
        seen, backward, _ = known_after(piece, step)
        for part in ("drawn", "listed"):
            assert {each for each, state in shown[part].items() if state["seen"]} == (
                seen & set(shown[part])), step
        assert {each for each, state in shown["locals"].items() if state["seen"]} == {
            each for each in shown["locals"] if int(each.split()[0]) in backward}
        assert shown["words"].startswith(f"{step} of {count}")
    assert all(each["seen"] for each in shown["drawn"].values())
    for step in (count - 1, count - 2):         # and with a real click
        press(figure, "back")
        assert figure.evaluate(SHOWN)["words"].startswith(f"{step} of {count}")


@pytest.mark.parametrize("name", CIRCUITS)
def test_browser_recomputes(desktop, name):
    piece, rng = CIRCUITS[name], np.random.default_rng(7)
    figure = desktop.locator(f"#{name}")
    first = figure.evaluate(SHOWN)
    for size in (1.0, 3.0, 20.0):
        inputs = other_inputs(piece, rng, size)
        fill(figure, inputs)
        assert_same(figure.evaluate(SHOWN), piece, inputs)
    one = next(iter(piece.inputs))
    press(figure, "reset")
    assert figure.evaluate(SHOWN) == first
    fill(figure, {one: 0.625})
    assert_same(figure.evaluate(SHOWN), piece, piece.inputs | {one: 0.625})


def look(opened, what):
    """No text lies on another, and the page does not scroll sideways."""
    overlaps, count = opened.evaluate(OVERLAPS)
    assert overlaps == [], what
    assert count > 200
    wide = opened.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], what


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_browser_no_overlap_no_sideways_scroll(chromium, address, size, scheme):
    with visit(chromium, address, viewport=SIZES[size], color_scheme=scheme) as opened:
        look(opened, "as it is")
        rng = np.random.default_rng(3)
        for spread in (3.0, 60.0):
            for name, piece in CIRCUITS.items():
                fill(opened.locator(f"#{name}"), other_inputs(piece, rng, spread))
            look(opened, f"edited, up to {spread:g}")
        for name in CIRCUITS:
            press(opened.locator(f"#{name}"), "first")
        look(opened, "at the first step")


def test_browser_overlaps_are_found(desktop):
    desktop.evaluate("""() => {
        const [first, second] = document.querySelectorAll("svg.circuit text");
        second.setAttribute("x", first.getAttribute("x"));
        second.setAttribute("y", first.getAttribute("y"));
    }""")
    assert len(desktop.evaluate(OVERLAPS)[0]) >= 1


def test_browser_words(desktop):
    figure = desktop.locator("#simple-circuit-circuit-1")
    press(figure, "first")
    told = [figure.evaluate(SHOWN)["words"]]
    for _ in range(5):
        press(figure, "next")
        told.append(figure.evaluate(SHOWN)["words"])
    assert told == [
        "0 of 5: only the inputs are known.",
        "1 of 5, forward: q = x + y = (-2.00) + 5.00 = 3.00",
        "2 of 5, forward: f = q × z = 3.00 × (-4.00) = -12.00",
        "3 of 5, backward: begins with df = 1.00",
        "4 of 5, backward: dq = z × df = (-4.00) × 1.00 = -4.00\ndz = q × df = 3.00 × 1.00 = 3.00",
        "5 of 5, backward: dx = 1 × dq = 1.00 × (-4.00) = -4.00\n"
        "dy = 1 × dq = 1.00 × (-4.00) = -4.00"]


def test_browser_words_are_true(desktop):
    """Each "= a × b = c" of the words: c is the product, but for two decimals."""
    checked = 0
    for name in CIRCUITS:
        figure = desktop.locator(f"#{name}")
        count = known_after(CIRCUITS[name], 0)[2]
        for shown in figure.evaluate(WALK, ["first"] + ["next"] * count)[1:]:
            for told in shown["words"].split("\n"):
                *_, last, result = told.split(" = ")
                if last.count(" × ") == 1 and not any(map(str.isalpha, last.replace("e-", ""))):
                    a, b = (float(each.strip("()")) for each in last.split(" × "))
                    near = 0.006 * (abs(a) + abs(b) + 1)
                    assert float(result) == pytest.approx(a * b, abs=near)
                    checked += 1
    assert checked > 100


@pytest.mark.parametrize("typed, complaint", [
    ("", "must be a number"), ("-", "must be a number"), ("e", "must be a number"),
    ("1e12", "must lie between")])
def test_browser_wrong_input(desktop, typed, complaint):
    figure = desktop.locator("#simple-circuit-circuit-1")
    before = figure.evaluate(SHOWN)
    field = figure.locator("input[name=x]")
    field.fill(typed if typed[-1:].isdigit() else "")
    if typed in ("-", "e"):
        field.press_sequentially(typed)
    for _ in ("now", "and after a step back and forth"):
        assert field.get_attribute("aria-invalid") == "true"
        assert complaint in figure.locator(".remark").text_content()
        assert figure.evaluate(SHOWN)["drawn"] == before["drawn"]
        press(figure, "back")
        press(figure, "next")
    field.fill("1.5")
    assert field.get_attribute("aria-invalid") == "false"
    assert figure.locator(".remark").text_content() == ""
    assert figure.evaluate(SHOWN)["drawn"]["value 2"]["text"] == "6.50"


def test_browser_infinite(desktop):
    figure = desktop.locator("#sigmoid-neuron-circuit-1")
    fill(figure, {"w0": 1e6, "x0": -1e3})       # e^1000000000 and what follows from it
    shown = figure.evaluate(SHOWN)
    texts = {each["text"] for each in shown["listed"].values()}
    assert "∞" in texts and "NaN" in texts
    for button in ("first", "next", "last", "back"):
        press(figure, button)
    press(figure, "reset")
    assert_same(figure.evaluate(SHOWN), CIRCUITS["sigmoid-neuron-circuit-1"],
                CIRCUITS["sigmoid-neuron-circuit-1"].inputs)


def test_browser_keyboard(desktop):
    figure = desktop.locator("#simple-circuit-circuit-1")
    stage = figure.locator(".stage")
    stage.focus()
    for key, step in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1),
                      ("End", 5)):
        desktop.keyboard.press(key)
        assert figure.evaluate(SHOWN)["words"].startswith(f"{step} of 5")
    figure.locator("input[name=x]").focus()
    desktop.keyboard.press("ArrowLeft")
    desktop.keyboard.press("ArrowUp")       # the field's own: one more
    assert figure.evaluate(SHOWN)["words"].startswith("5 of 5")
    assert figure.evaluate(SHOWN)["drawn"]["value 0"]["text"] == "-1.00"
    for button in figure.locator("button").all():
        assert button.get_attribute("aria-label") or button.text_content()


def test_browser_plays(chromium, address):
    context = chromium.new_context(viewport=SIZES["desktop"])
    opened = context.new_page()
    opened.clock.install()
    opened.goto(address)
    figure = opened.locator("#simple-circuit-circuit-1")
    press(figure, "play")
    for step in range(3):
        assert figure.evaluate(SHOWN)["words"].startswith(f"{step} of 5")
        opened.clock.run_for(1400)
    press(figure, "play")
    opened.clock.run_for(5000)
    assert figure.evaluate(SHOWN)["words"].startswith("3 of 5")
    press(figure, "play")
    opened.clock.run_for(10_000)
    assert figure.evaluate(SHOWN)["words"].startswith("5 of 5")
    assert figure.locator("[data-do=play]").text_content() == "Play"
    context.close()


def test_browser_whole_drawing(desktop):
    figure = desktop.locator("#running-example-circuit-1")
    box = figure.locator(".drawing")
    overflow = "box => box.scrollWidth - box.clientWidth"
    assert box.evaluate(overflow) > 100
    press(figure, "whole")
    assert box.evaluate(overflow) == 0
    press(figure, "whole")
    assert box.evaluate(overflow) > 100
    assert desktop.locator("#simple-circuit-circuit-1 [data-do=whole]").is_hidden()


def test_browser_scrolls_to_the_step(desktop):
    figure = desktop.locator("#running-example-circuit-1")
    press(figure, "back")
    desktop.wait_for_function("""() => document.querySelector(
        "#running-example-circuit-1 > .scroll").scrollTop > 200""")
    box = figure.locator(".drawing").bounding_box()
    desktop.wait_for_timeout(400)
    gate = figure.locator(".gate.now").bounding_box()
    assert box["x"] <= gate["x"] and gate["x"] + gate["width"] <= box["x"] + box["width"]


def test_browser_without_javascript(chromium, address):
    with visit(chromium, address, java_script_enabled=False,
               viewport=SIZES["phone"]) as opened:
        figure = opened.locator("#simple-circuit-circuit-1")
        assert opened.locator("noscript p").is_visible()
        assert figure.locator("input[name=x]").is_hidden()
        assert figure.locator(".steps").is_hidden()
        assert figure.locator("svg text.value").first.is_visible()
        assert figure.locator("tr", has_text="dq = -4").is_visible()


def test_browser_print(desktop):
    press(desktop.locator("#simple-circuit-circuit-1"), "first")
    desktop.emulate_media(media="print")
    figure = desktop.locator("#simple-circuit-circuit-1")
    assert figure.locator(".steps").is_hidden()
    assert all(each["seen"] for each in figure.evaluate(SHOWN)["drawn"].values())
