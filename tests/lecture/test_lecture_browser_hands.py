"""The page of the lecture in a real browser, as hands use it: fields, keys, buttons, paper."""

import pytest
from browser_cases import CIRCUITS, SIZES, assert_same, fill, look, press, visit

pytestmark = pytest.mark.slow       # in a browser


def test_browser_words(desktop):
    figure = desktop.locator("#simple-circuit-circuit-1")
    press(figure, "first")
    told = [look(figure)["words"]]
    for _ in range(5):
        press(figure, "next")
        told.append(look(figure)["words"])
    assert told == [
        "0 of 5: only the inputs are known.",
        "1 of 5, forward: q = x + y = (-2.00) + 5.00 = 3.00",
        "2 of 5, forward: f = q × z = 3.00 × (-4.00) = -12.00",
        "3 of 5, backward: begins with df = 1.00",
        "4 of 5, backward: dq = z × df = (-4.00) × 1.00 = -4.00\ndz = q × df = 3.00 × 1.00 = 3.00",
        "5 of 5, backward: dx = 1 × dq = 1.00 × (-4.00) = -4.00\n"
        "dy = 1 × dq = 1.00 × (-4.00) = -4.00"]


@pytest.mark.parametrize("typed, complaint", [
    ("", "must be a number"), ("-", "must be a number"), ("e", "must be a number"),
    ("1e12", "must lie between")])
def test_browser_wrong_input(desktop, typed, complaint):
    figure = desktop.locator("#simple-circuit-circuit-1")
    before = look(figure)
    field = figure.locator("input[name=x]")
    field.fill(typed if typed[-1:].isdigit() else "")
    if typed in ("-", "e"):
        field.press_sequentially(typed)
    for _ in ("now", "and after a step back and forth"):
        assert field.get_attribute("aria-invalid") == "true"
        assert complaint in figure.locator(".remark").text_content()
        assert look(figure)["drawn"] == before["drawn"]
        press(figure, "back")
        press(figure, "next")
    field.fill("1.5")
    assert field.get_attribute("aria-invalid") == "false"
    assert figure.locator(".remark").text_content() == ""
    assert look(figure)["drawn"]["value 2"]["text"] == "6.50"


def test_browser_infinite(desktop):
    figure = desktop.locator("#sigmoid-neuron-circuit-1")
    fill(figure, {"w0": 1e6, "x0": -1e3})       # e^1000000000 and what follows from it
    shown = look(figure)
    texts = {each["text"] for each in shown["listed"].values()}
    assert "∞" in texts and "NaN" in texts
    for button in ("first", "next", "last", "back"):
        press(figure, button)
    press(figure, "reset")
    assert_same(look(figure), CIRCUITS["sigmoid-neuron-circuit-1"],
                CIRCUITS["sigmoid-neuron-circuit-1"].inputs)


def test_browser_keyboard(desktop):
    figure = desktop.locator("#simple-circuit-circuit-1")
    stage = figure.locator(".stage")
    stage.focus()
    for key, step in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1),
                      ("End", 5)):
        desktop.keyboard.press(key)
        assert look(figure)["words"].startswith(f"{step} of 5")
    figure.locator("input[name=x]").focus()
    desktop.keyboard.press("ArrowLeft")
    desktop.keyboard.press("ArrowUp")       # the field's own: one more
    assert look(figure)["words"].startswith("5 of 5")
    assert look(figure)["drawn"]["value 0"]["text"] == "-1.00"
    for button in figure.locator("button").all():
        assert button.get_attribute("aria-label") or button.text_content()


def test_browser_plays(chromium, address):
    with visit(chromium, address, viewport=SIZES["desktop"]) as opened:
        opened.clock.install()
        assert_plays(opened)


def assert_plays(desktop):
    figure = desktop.locator("#simple-circuit-circuit-1")
    press(figure, "play")
    for step in range(3):
        assert look(figure)["words"].startswith(f"{step} of 5")
        desktop.clock.run_for(1400)
    press(figure, "play")
    desktop.clock.run_for(5000)
    assert look(figure)["words"].startswith("3 of 5")
    press(figure, "play")
    desktop.clock.run_for(10_000)
    assert look(figure)["words"].startswith("5 of 5")
    assert figure.locator("[data-do=play]").text_content() == "Play"


def test_browser_whole_drawing(phone):
    figure = phone.locator("#running-example-circuit-1")
    box = figure.locator(".drawing")
    overflow = "box => box.scrollWidth - box.clientWidth"
    assert box.evaluate(overflow) > 100
    press(figure, "whole")
    assert box.evaluate(overflow) == 0
    press(figure, "whole")
    assert box.evaluate(overflow) > 100
    assert phone.locator("#patterns-circuit-1 [data-do=whole]").is_hidden()


def test_browser_scrolls_to_the_step(phone):
    figure = phone.locator("#running-example-circuit-1")
    press(figure, "back")
    phone.wait_for_function("""() => document.querySelector(
        "#running-example-circuit-1 > .scroll").scrollTop > 200""")
    phone.wait_for_timeout(400)
    box = figure.locator(".drawing").bounding_box()
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
    assert all(each["seen"] for each in look(figure)["drawn"].values())
