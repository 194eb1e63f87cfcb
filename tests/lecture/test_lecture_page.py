"""The page of the lecture, without a browser: whole, well-formed, and as its code makes it now."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.lecture import parts
from flatprop.lecture.content import Circuit, Slip
from flatprop.lecture.page import figures, live_circuit, page, typesetting

VOID = {"meta", "input", "br"}


class Tree(HTMLParser):
    """Reads a page, and keeps what does not close, ids, links, and attributes that load things."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.ids, self.links, self.loads = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        self.loads += [name for name in attributes if name in ("src", "srcset", "data", "action",
                                                               "poster", "background")]
        self.loads += [tag] if tag in ("link", "iframe", "img", "object", "embed", "base") else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass        # <path/>, inside an SVG

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="module")
def text():
    return page.build()


@pytest.fixture(scope="module")
def content():
    """The content of all parts."""
    return [item for part in parts.PARTS for item in part.show(dict(part.INPUTS))]


def circuit_figures(text):
    """{id: the circuit's figure as text}"""
    return dict(re.findall(r'<figure class="circuit-figure" id="([^"]+)">(.*?)</figure>', text,
                           re.DOTALL))


def plain(html):
    """What is read of some HTML, its white space made single."""
    html = re.sub(r"<(script|style|title)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def letters(html):
    """The letters of some HTML without any space, so that tags do not matter."""
    return plain(html).replace(" ", "").replace("−", "-")


def test_page_well_formed(text):
    tree = Tree()
    tree.feed(text)
    assert not tree.wrong
    assert not tree.open
    assert len(set(tree.ids)) == len(tree.ids)
    assert tree.links
    assert all(link.startswith("#") and link[1:] in tree.ids for link in tree.links)


def test_page_loads_nothing(text):
    tree = Tree()
    tree.feed(text)
    assert not tree.loads
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    for word in ("@import", "url(", "fetch(", "XMLHttpRequest", "import(", "WebSocket", "eval("):
        assert word not in text
    assert len(text.encode()) < 2_000_000


def test_page_every_part(text, content):
    for number, part in enumerate(parts.PARTS, 1):
        assert f'<section id="{page.anchor(part)}">' in text
        assert f'<span class="count">{number}</span> {typesetting.typeset(part.TITLE)}</h2>' in text
        assert f'<li><a href="#{page.anchor(part)}">' in text
    circuits = [item for item in content if isinstance(item, Circuit)]
    assert len(circuits) >= 10
    assert len(circuit_figures(text)) == len(circuits)
    others = sum(not isinstance(item, (Circuit, Slip)) for item in content)
    assert text.count("<figcaption>") + text.count("\n<p>") >= len(circuits) + others


def test_page_unknown_content():
    with pytest.raises(TypeError, match="does not know the content int"):
        figures.html(7)


def test_page_slips_linked(text, content):
    slips = [item for item in content if isinstance(item, Slip)]
    for place, slip in enumerate(slips, 1):
        assert f'<aside class="slip" id="slip-{place}">' in text
        assert f'<a href="#slip-{place}">Part ' in text
        assert text.count(typesetting.typeset(typesetting.sentence(slip.text))) == 2
    assert f"slip-{len(slips) + 1}" not in text


@pytest.mark.parametrize("part, numbers", [
    ("simple-circuit", "q=3 f=-12 dq=-4 dz=3 dx=-4 dy=-4"),
    ("sigmoid-neuron", "s0=-2 s1=6 s2=4 s3=1 n=-1 e=0.367879 d=1.367879 f=0.731059 dd=-0.534447 "
     "de=-0.534447 dn=-0.196612 ds3=0.196612 dw2=0.196612 dw0=-0.196612 dx0=0.393224 "
     "dw1=-0.393224 dx1=-0.589836"),
    ("patterns", "z=7 dx=2 dy=2 z=6 dx=15 dy=10 y=7 z=7 dx=6 z=5 dx=0 dy=9"),
    ("flat-code", "L=0.731059 grad_s3=0.196612 grad_w0=-0.196612 grad_x1=-0.589836"),
    ("jacobians", "z=[1030] dx=[4050] 256GiB 16TiB"),
    ("matmul", "y=[-1-126][52117] dx=[016-9][-249-30] dw=[283-180][-3071333][-22-717-15]"),
    ("losses", "SVM,margin108-101 SVM,margin10000 softmax1.2039730.2-0.70.510classes "
     "softmax2.302585ln10 SVM910-1"),
    ("practice", "p=-12 m=2 s=-10 f=-20 dx=-8 dy=6 dz=2 dw=0 f=1.545645 dx=2.05957 dy=1.592233"),
])
def test_page_worked_numbers(text, part, numbers):
    section = re.search(rf'<section id="{part}">(.*?)</section>', text, re.DOTALL)[1]
    shown = letters(section).replace("\u2007", "").replace("\u2008", "")
    for each in numbers.split():
        assert re.search(re.escape(each) + r"(?![\d.])", shown)


def test_page_circuits_as_json(text, content):
    circuits = [item for item in content if isinstance(item, Circuit)]
    for figure, shown in zip(circuit_figures(text).values(), circuits, strict=True):
        script = re.search(r'<script type="application/json">(.*?)</script>', figure, re.DOTALL)[1]
        assert "<" not in script
        program = json.loads(script)
        made = graph(shown.record())
        assert [gate["layer"] for gate in program["gates"]] == [gate.call.layer
                                                                for gate in made.gates]
        assert [wire["name"] for wire in program["wires"]] == [wire.name for wire in made.wires]
        assert re.findall(r'<input id="[^"]+" name="([^"]+)"', figure) == list(shown.inputs)
        lines = re.findall(r'<tr data-line="(\d+)">', figure)
        assert lines == [str(line) for line in range(len(program["lines"]))]
        refers = [each for line in program["lines"] for each in line["numbers"]]
        assert re.findall(r'data-number="([^"]+)"', figure) == refers
        outputs = {wire for gate in program["gates"] for wire in gate["outputs"]}
        assert {f"value {wire}" for wire in outputs} <= set(refers)


def test_page_json_in_script():
    assert "</" not in live_circuit.as_script({"name": "</script><script>"})
    assert json.loads(live_circuit.as_script({"name": "</script>"})) == {"name": "</script>"}


def test_page_refuses_what_it_cannot_recompute():
    from layers.gates import add, scale

    def twice(x):
        y, cache = scale.forward(x, x * 2.0)        # the constant changes with x
        return y, scale.backward(1.0, cache)

    def aside(x):
        y, cache = add.forward(x, x)
        half = y / 2
        return half, add.backward(1.0, cache)

    with pytest.raises(ValueError, match="constants that change"):
        live_circuit.figure(Circuit(twice, {"x": 2.0}, "twice"), "twice", {})
    with pytest.raises(ValueError, match="half = y / 2"):
        live_circuit.figure(Circuit(aside, {"x": 2.0}, "aside"), "aside", {})


def test_page_minus_an_input():
    from layers.gates import shift

    def apart(y, yi):
        e, cache = shift.forward(y, -yi)
        return e, shift.backward(1.0, cache)

    program = live_circuit.program_of(graph(trace(apart, 3.0, 1.0)))
    assert program["gates"][0]["constants"] == [{"input": "yi", "times": -1}]


def test_page_ranges():
    limited = live_circuit.field("rate", 0.1, "f", {"rate": (1e-6, 100)})
    assert 'min="1e-06" max="100" value="0.1"' in limited
    assert 'value="2"' in live_circuit.field("x", 2.0, "f", {})
