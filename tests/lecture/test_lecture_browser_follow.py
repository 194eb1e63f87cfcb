"""The page's tables follow the inputs; a nudge, a guess, the contents, the widths."""

import re
from html import unescape

import numpy as np
import pytest
from browser_cases import CIRCUITS, SIZES, fill, look, other_inputs, press, visit

from flatprop.circuits import value_text
from flatprop.lecture import parts
from flatprop.lecture.content import Listing, Table
from flatprop.lecture.gradient_tables import values_of
from flatprop.lecture.page import figures, page

pytestmark = pytest.mark.slow       # in a browser

LIVE = re.compile(r'<td[^>]* data-live="[^"]*">(.*?)</td>')
NUMBER = r"-?\d[\d.e-]*"
WITH_TABLES = ["simple_circuit", "sigmoid_neuron", "flat_code", "multiply_gate", "practice",
               "running_example"]


def cells_of(name, **inputs):
    """The texts of the cells that follow, as Python writes them for those inputs."""
    part = parts.find(name)
    html = "".join(figures.html(item) for item in part.show(dict(part.INPUTS) | inputs)
                   if isinstance(item, Table))
    return [closed_up(unescape(re.sub("<.*?>", "", cell))) for cell in LIVE.findall(html)]


def layers_of(inputs):
    """The numbers of the running example's layers, as the listing writes them."""
    part = parts.find("running_example")
    made = [item for item in part.show(dict(part.INPUTS) | inputs) if isinstance(item, Listing)]
    found = values_of(made[0].record())
    return [[value_text.six(each) for each in np.ravel(value)] for value in found.values()
            if isinstance(value, (float, np.ndarray)) and np.size(value)]


def closed_up(text):
    return re.sub(r"\s", "", text)


def assert_alike(shown, wanted):
    """The same texts; of what rounding leaves apart, only that it is as small."""
    assert len(shown) == len(wanted)
    for one, other in zip(shown, wanted, strict=True):
        if one != other:
            a, b = (float(each.replace("−", "-")) for each in (one, other))
            assert abs(a - b) < 1e-8 + 1e-6 * abs(b), (one, other)


@pytest.mark.parametrize("name", WITH_TABLES)
def test_browser_tables_follow(desktop, name):
    rng = np.random.default_rng(4)
    section = desktop.locator(f"#{page.anchor(parts.find(name))}")
    figure = section.locator("figure.circuit-figure").first
    circuit = CIRCUITS[figure.get_attribute("id")]
    for _ in range(3):
        inputs = other_inputs(circuit, rng)
        fill(figure, inputs)
        shown = [closed_up(each) for each in section.locator("td[data-live]").all_text_contents()]
        assert len(shown) >= 4
        assert_alike(shown, cells_of(name, **inputs))
    if name == "running_example":
        listed = section.locator(".listing-figure [data-live]").all_text_contents()
        assert [re.findall(NUMBER, each) for each in listed] == layers_of(inputs)


def test_browser_slide_after_an_edit(desktop):
    """z + 3: dz of the drawing and of the table below it were apart."""
    figure = desktop.locator("#simple-circuit-circuit-1")
    fill(figure, {"x": 7.0})
    assert look(figure)["drawn"]["gradient 3 0"]["text"] == "12.00"
    row = desktop.locator("#simple-circuit .table-figure tr", has_text="z").last
    assert closed_up(row.locator("td").nth(1).text_content()) == "12"


def test_browser_patterns_table_follows(desktop):
    fill(desktop.locator("#patterns-circuit-2"), {"x": 4.0, "y": -1.5, "dz": 2.0})
    row = desktop.locator("#patterns tr", has_text="swap multiplier")
    assert [closed_up(each) for each in row.locator("td").all_text_contents()[1:]] == [
        "4", "−1.5", "−6", "2", "−3", "8"]


def test_browser_circuits_of_a_part_share_inputs(desktop):
    fill(desktop.locator("#practice-circuit-1"), {"x": 1.25})
    assert desktop.locator("#practice-circuit-2 input[name=x]").input_value() == "1.25"
    slide = desktop.locator("#flat-code .listing-figure")
    fill(desktop.locator("#flat-code-circuit-1"), {"w0": 0.5})
    assert slide.locator('[data-live="{by_gates/code s0}"]').text_content() == "-0.5"


def test_browser_nudge(desktop):
    figure = desktop.locator("#practice-circuit-2")
    figure.locator(".nudge select").select_option("y")
    figure.locator(".nudge input").fill("0.001")
    slope = float(figure.locator(".nudge output").get_attribute("data-exact"))
    quotient = parts.find("practice").quotient
    rise = quotient(3.0, -4.0 + 0.001)[0] - quotient(3.0, -4.0)[0]
    assert slope == pytest.approx(rise / 0.001, rel=1e-12)
    assert "backward says" in figure.locator(".nudge output").text_content()
    press(figure, "guess")
    assert "backward" not in figure.locator(".nudge output").text_content()


def told(place):
    """What a screen reader is given."""
    return place.aria_snapshot()


def copied(place):
    """What is copied when all of it is marked."""
    return place.evaluate("""each => { getSelection().selectAllChildren(each);
        const text = getSelection().toString(); getSelection().removeAllRanges(); return text; }""")


def test_browser_guess_before_you_look(chromium, address):
    with visit(chromium, address, viewport=SIZES["desktop"], guess=True) as opened:
        figure = opened.locator("#practice-circuit-1")
        section = opened.locator("#practice")
        shown = look(figure)
        assert not any(each["seen"] for name, each in shown["drawn"].items() if "gradient" in name)
        assert not any(each["seen"] for name, each in shown["listed"].items() if "gradient" in name)
        assert not any(each["seen"] for each in shown["locals"].values())
        assert "on the page (flatprop lecture page) they are hidden at first" in (
            section.locator("p:not(.kicker)").first.text_content())
        table = section.locator(".table-figure table").first
        # for x: dx by the code and by differences, -8, is neither to be heard nor to be copied
        for tell in (told, copied):
            assert "−8" not in tell(table)
        assert told(table).count("- cell") == 4 * 4
        press(figure, "first")
        for _ in range(9):
            press(figure, "next")
            assert "backward: d" not in look(figure)["words"]
        boxes = figure.locator(".guess")
        box = figure.get_by_label("your guess of dx")
        box.fill("3")
        assert box.get_attribute("data-judged") == "wrong"
        box.fill("-8")
        assert box.get_attribute("data-judged") == "right"
        assert figure.locator(".score").text_content() == f"1 of {boxes.count()} right"
        assert look(figure)["drawn"]["gradient 0 0"]["seen"]
        assert told(table).count('cell "−8') == copied(table).count("−8") == 2
        assert "6" not in copied(table)         # dy is still asked
        assert opened.locator(".total-score b").text_content() == "1"
        opened.reload()
        assert opened.locator(".total-score b").text_content() == "1"
        figure.locator("input[name=x]").fill("2")
        assert figure.locator('[data-judged="right"]').count() == 0
        opened.locator("[data-do=forget]").click()
        assert opened.locator(".total-score").is_hidden()
        simple = opened.locator("#simple-circuit-circuit-1")
        assert simple.locator(".guess").first.is_hidden()
        press(simple, "guess")
        assert simple.locator(".guess").first.is_visible()
        opened.evaluate("localStorage.setItem(KEPT, '[[1')")
        opened.reload()
        assert opened.locator(".total-score").is_hidden()


def test_browser_contents_stay_and_keys_go(desktop):
    desktop.locator("#losses").evaluate("each => each.scrollIntoView()")
    desktop.wait_for_function("""() => document.querySelector("nav [aria-current]")
        ?.getAttribute("href") === "#losses" """)
    assert desktop.locator("nav").bounding_box()["y"] >= 0
    desktop.keyboard.press("j")
    assert desktop.evaluate("document.activeElement.closest('section').id") == "on-paper"
    desktop.wait_for_function("""() => document.querySelector("nav [aria-current]")
        ?.getAttribute("href") === "#on-paper" """)
    desktop.keyboard.press("k")
    assert desktop.evaluate("document.activeElement.closest('section').id") == "losses"
    assert desktop.locator("#losses h2 a").get_attribute("href") == "#losses"


def test_browser_no_part_wider_than_its_column(opened):
    size = "desktop" if opened.viewport_size == SIZES["desktop"] else "phone"
    wide = opened.evaluate("""() => [...document.querySelectorAll("main section > *")]
        .filter((each) => each.getBoundingClientRect().right
            > each.parentElement.getBoundingClientRect().right + 1)
        .map((each) => each.outerHTML.slice(0, 80))""")
    assert wide == []
    column = opened.locator("main section").first.bounding_box()["width"]
    assert column > (900 if size == "desktop" else 350)
    fitting = {"desktop": ".scroll",
               "phone": "#patterns .drawing"}[size]
    cut = opened.locator(fitting).evaluate_all("""boxes => boxes.filter(
        (each) => each.scrollWidth > each.clientWidth + 1).map(
        (each) => each.closest("figure").id || each.textContent.slice(0, 60))""")
    assert cut == []


def test_browser_edges_and_path(desktop):
    figure = desktop.locator("#simple-circuit-circuit-1")
    thick = figure.evaluate("""each => Object.fromEntries([...each.querySelectorAll(".wire")].map(
        (wire) => [wire.dataset.wire, getComputedStyle(wire).strokeWidth]))""")
    assert thick["0"] == thick["2"] == "6px"            # |-4|, the largest
    assert thick["4"] == "2.4px"                        # |1| of 4: 1.2 and a quarter of 4.8
    assert thick["3"] == "4.8px"
    press(figure, "first")              # nothing is known of gradients yet
    assert set(figure.locator(".wire").evaluate_all(
        "all => all.map((each) => getComputedStyle(each).strokeWidth)")) == {"1.5px"}
    figure.locator(".gate[data-gate='0']").hover()
    lit = figure.evaluate("""each => [...each.querySelectorAll(".wire.lit")].map(
        (wire) => wire.dataset.wire)""")
    assert set(lit) == {"2", "4"}                       # q, and f
    # and without a pointer: three inputs, then the gates; Tab goes on to the buttons
    desktop.mouse.move(0, 0)
    figure.locator(".stage").focus()
    ways = []
    for _ in range(5):
        desktop.keyboard.press("ArrowDown")
        ways.append(figure.evaluate("""each => [document.activeElement.getAttribute("aria-label"),
            [...each.querySelectorAll(".wire.lit")].map((wire) => wire.dataset.wire).join(" ")]"""))
    assert ways == [["x, on to q, f", "0 2 4"], ["y, on to q, f", "1 2 4"], ["z, on to f", "3 4"],
                    ["q = x + y, on to f", "2 4"], ["f = q × z, the end", "4"]]
    desktop.keyboard.press("ArrowUp")
    desktop.keyboard.press("ArrowRight")                # a step, and the focus stays
    assert look(figure)["words"].startswith("1 of 5")
    assert desktop.evaluate("document.activeElement.dataset.gate") == "0"
    desktop.keyboard.press("Tab")
    assert desktop.evaluate("document.activeElement.dataset.do") == "first"
    assert figure.locator(".lit").count() == 0
