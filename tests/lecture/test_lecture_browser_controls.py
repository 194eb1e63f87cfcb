"""Every control of every part used once with real clicks and keys, and what it then looks like."""

import pytest
from browser_cases import SIZES, visit

from flatprop.lecture import parts
from flatprop.lecture.page import page

pytestmark = pytest.mark.slow       # in a browser

OTHERS = {"s0": "2.5", "yi": "1", "batch": "7", "epochs": "3", "hidden": "5", "y": "1", "n": "9",
          "H": "4", "h": "0.001"}


def use(control):
    """Click a button, choose the next of a list, type another number and a key."""
    kind = control.evaluate("each => each.matches('input') ? each.type : each.tagName")
    if kind == "SELECT":
        control.select_option(index=control.locator("option").count() - 1)
    elif kind == "BUTTON":
        control.click()
        if control.get_attribute("data-do") == "whole":     # small on purpose; and back
            control.click()
    elif control.get_attribute("class") == "guess":
        control.fill("1")
    elif kind == "text":
        control.fill("a * b + exp(-a)")
        control.press("End")
    elif kind == "number":
        control.fill(OTHERS.get(control.get_attribute("name"), "0.5"))
        control.press("ArrowUp")
        control.press("ArrowDown")
    else:
        raise AssertionError(f"a control of another kind: {kind}")


def controls_of(section):
    """Those that can be used now, in their order."""
    return [each for each in section.locator("input, select, button").all()
            if each.is_visible() and each.is_enabled()]


def test_browser_looks_well(opened):
    for part in parts.PARTS:
        assert opened.locator(f"#{page.anchor(part)}").evaluate("faults") == []


def test_browser_faults_are_found(desktop):
    found = desktop.locator("#losses").evaluate("""each => {
        const [first, second] = each.querySelectorAll("figcaption");
        first.style.cssText = "position: relative; top: -60px; font-size: 9px";
        second.style.cssText = "width: 20px; overflow: hidden; white-space: nowrap";
        each.children[3].style.minWidth = "2000px";
        const found = faults(each);
        for (const all of [first, second, each.children[3]]) all.style.cssText = "";
        return found.map((words) => words.split(" ")[0]); }""")
    assert set(found) == {"wide:", "overlap:", "cut:", "9"}


@pytest.mark.parametrize("size", SIZES)
def test_browser_every_control_of_every_part(chromium, address, size):
    with visit(chromium, address, viewport=SIZES[size]) as opened:
        used = 0
        for part in parts.PARTS:
            section = opened.locator(f"#{page.anchor(part)}")
            for stage in section.locator(".stage").all():
                for key in ("Home", "ArrowRight", "ArrowDown", "End", "Escape"):
                    stage.press(key)
            for button in section.locator("[data-do=first]").all():
                button.click()                      # so that what goes forward can be used
            seen = controls_of(section)
            for control in seen:
                if control.is_visible() and control.is_enabled():
                    use(control)
                    used += 1
                assert opened.complaints == [], control
            assert section.evaluate("faults") == [], part.TITLE
            assert seen, part.TITLE
        assert used > 200
