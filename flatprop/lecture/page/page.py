"""The lecture as one HTML page that needs no other file: flatprop lecture page."""

from pathlib import Path

from data import atomic
from flatprop.lecture import parts
from flatprop.lecture.content import Circuit, Slip
from flatprop.lecture.page import figures, live_circuit
from flatprop.lecture.page.typesetting import sentence, typeset

HERE = Path(__file__).parent
SCRIPTS = ["gates.js", "steps.js", "page.js"]
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="flatprop">
<title>Backpropagation, with living numbers</title>
<style>
{css}</style>
</head>
<body>
<header>
<p class="kicker">flatprop · the lecture</p>
<h1>Backpropagation, with living numbers</h1>
<p class="lede">The worked examples of the lecture, in its order. Every number on this page was
computed by the layers of this project: <span class="value">values</span> go forward, in green,
<span class="gradient">gradients</span> come back, in red, and <span class="local">local
gradients</span>, by which they are multiplied on their way, are blue.</p>
<p class="lede needs-script" hidden>Walk through a circuit, forward and back, with its buttons or
the arrow keys. Change its inputs, and the numbers of the drawing and of its code follow; the tables
keep those of the lecture.</p>
<noscript><p class="lede">Without JavaScript all numbers are here, but circuits cannot be stepped
through or changed.</p></noscript>
<nav aria-label="Contents">
<ol>
{contents}
</ol>
</nav>
</header>
<main>
{body}
</main>
<footer>
<p>Made by <code>flatprop lecture page</code>, from <code>flatprop/lecture/</code>. In
a terminal, <code>flatprop lecture</code> shows the same, and <code>--set x=3</code> changes an
input there and everything that follows from it.</p>
</footer>
<script>
"use strict";
{script}</script>
</body>
</html>
"""


def write(path):
    """Write the page to path, making its folder if need be. Raises OSError."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_text(path, build())


def build():
    """The page, as text."""
    slips = []
    sections = [section(number, part, slips) for number, part in enumerate(parts.PARTS, 1)]
    contents = [f'<li><a href="#{anchor(part)}">{typeset(part.TITLE)}</a></li>'
                for part in parts.PARTS]
    contents.append('<li class="unnumbered"><a href="#slips">Slips of the slides</a></li>')
    return PAGE.format(css=(HERE / "page.css").read_text(encoding="utf-8"),
                       contents="\n".join(contents),
                       body="\n".join([*sections, all_slips(slips)]),
                       script="\n".join((HERE / name).read_text(encoding="utf-8")
                                        for name in SCRIPTS))


def anchor(part):
    """The id of a part: simple-circuit."""
    return parts.name(part).replace("_", "-")


def section(number, part, slips):
    """A part: its title, its place in the slides, its content. Its slips are added to slips."""
    out = [f'<section id="{anchor(part)}">',
           f'<h2><span class="count">{number}</span> {typeset(part.TITLE)}</h2>',
           f'<p class="kicker">Slide: {typeset(part.SECTION)}</p>']
    circuits = 0
    for item in part.show(dict(part.INPUTS)):
        if isinstance(item, Circuit):
            circuits += 1
            out.append(live_circuit.figure(item, f"{anchor(part)}-circuit-{circuits}",
                                           part.RANGES))
        elif isinstance(item, Slip):
            slips.append((number, item))
            out.append(f'<aside class="slip" id="slip-{len(slips)}"><b>A slip of the slides.</b> '
                       f"{typeset(sentence(item.text))}</aside>")
        else:
            out.append(figures.html(item))
    return "\n".join([*out, "</section>"])


def all_slips(slips):
    """The section that collects the slips, with the part where each is."""
    items = [f"<li>{typeset(sentence(slip.text))} "
             f'<a href="#slip-{place}">Part {number}</a></li>'
             for place, (number, slip) in enumerate(slips, 1)]
    return ('<section id="slips">\n<h2>Slips of the slides</h2>\n<p>Where the text of the slides '
            "is wrong, and what is meant:</p>\n<ol>\n" + "\n".join(items) + "\n</ol>\n</section>")
