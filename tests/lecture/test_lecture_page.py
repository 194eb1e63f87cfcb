"""The page of the lecture, without a browser: whole, well-formed, and able to recompute."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from browser_cases import CIRCUITS, gates_of_the_page, other_inputs

from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.lecture import parts
from flatprop.lecture.content import Circuit, Slip
from flatprop.lecture.page import live_circuit, page, typesetting
from layers.gates import scale

VOID = {"meta", "input", "br"}
LOADING_TAGS = {"link", "iframe", "img", "object", "embed", "base"}
LOADING_ATTRIBUTES = {"src", "srcset", "data", "action", "poster", "background"}


class Tree(HTMLParser):
    """Reads a page, and keeps what does not close, ids, links, and what loads things."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.ids, self.links, self.loads = [], [], [], [], set()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        self.loads |= {tag} & LOADING_TAGS | set(attributes) & LOADING_ATTRIBUTES
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass        # <path/>, inside an SVG

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_page_is_well_formed_and_loads_nothing(html):
    tree = Tree()
    tree.feed(html)
    assert (tree.open, tree.wrong, tree.loads) == ([], [], set())
    assert len(set(tree.ids)) == len(tree.ids)
    assert {f"#{page.anchor(part)}" for part in parts.PARTS} < set(tree.links)
    assert all(link.startswith("#") and link[1:] in tree.ids for link in tree.links)
    assert set(re.findall(r"https?://[^\s\"'<)]+", html)) <= {"http://www.w3.org/2000/svg"}
    for word in ("@import", "url(", "fetch(", "XMLHttpRequest", "import(", "WebSocket", "eval("):
        assert word not in html
    assert len(html.encode()) < 500_000


@pytest.mark.slow
def test_page_slips_linked(html):
    slips = [item for part in parts.PARTS for item in part.show(dict(part.INPUTS))
             if isinstance(item, Slip)]
    for place, slip in enumerate(slips, 1):
        assert f'<aside class="slip" id="slip-{place}">' in html
        assert f'<a href="#slip-{place}">Part ' in html
        assert html.count(typesetting.typeset(typesetting.sentence(slip.text))) == 2
    assert f"slip-{len(slips) + 1}" not in html


@pytest.mark.parametrize("name", CIRCUITS)
def test_page_can_recompute_each_circuit(html, name):
    figure = re.search(rf'<figure class="circuit-figure" id="{name}"[^>]*>(.*?)</figure>', html,
                       re.DOTALL)[1]
    script = re.search(r'<script type="application/json">(.*?)</script>', figure, re.DOTALL)[1]
    assert "<" not in script
    program = json.loads(script)
    assert {gate["layer"] for gate in program["gates"]} <= gates_of_the_page()
    assert re.findall(r'data-number="([^"]+)"', figure) == [
        refers for line in program["lines"] for refers in line["numbers"]]
    # Its program is the same whatever the inputs are: no constant depends on them.
    inputs = other_inputs(CIRCUITS[name], np.random.default_rng(1))
    made = graph(trace(CIRCUITS[name].function, *inputs.values()))
    assert live_circuit.program_of(made) == program


def test_page_refuses_what_it_cannot_recompute():
    def doubled(x):
        y, cache = scale.forward(x, 3.0)
        dx = scale.backward(1.0, cache)
        dx = dx * 2
        return y, dx

    with pytest.raises(ValueError, match=r"dx = dx \* 2"):
        live_circuit.figure(Circuit(doubled, {"x": 2.0}, "doubled"), "doubled", {})


def test_page_ranges():
    limited = live_circuit.field("rate", 0.1, "f", {"rate": (1e-6, 100)})
    assert 'min="1e-06" max="100" value="0.1"' in limited
    assert 'value="2"' in live_circuit.field("x", 2.0, "f", {})


def test_page_scripts_are_installed():
    listed = (Path(page.__file__).parents[3] / "setup.cfg").read_text(encoding="utf-8").split()
    assert set(page.SCRIPTS) <= set(listed)
