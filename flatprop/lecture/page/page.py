"""The lecture as one HTML page that needs no other file: flatprop lecture page."""

import json
from pathlib import Path

from flatprop.lecture import (
    collapse,
    derivatives,
    jacobians,
    losses,
    matmul,
    nets,
    on_paper,
    parts,
    practice,
    risk,
    running_example,
    sgd,
    simple_circuit,
)
from flatprop.lecture.content import Circuit, Slip
from flatprop.lecture.page import figures, live_circuit
from flatprop.lecture.page.typesetting import sentence, typeset

SCRIPTS = ["gates.js", "steps.js", "tables.js", "guess.js", "nudge.js", "contents.js", "labs.js",
           "net.js", "nets.js", "step.js", "risk.js", "expression.js", "page.js"]
# What there is to play with at the end of a part: its name in LABS of the scripts, its caption.
LABS = {
    risk: ("risk", "Train both nets anew: change a rate, the size of a batch, the epochs"),
    sgd: ("net", "A small net, trained here: two spirals. What breaks it? A rate of 100, no "
                 "activation, first weights that are all 0"),
    running_example: ("step", "Steps of SGD: change the rate, or any input of the circuit above"),
    nets: ("nets", "A two-layer net: change a cell, or a label y"),
    collapse: ("collapse", "W2 W1 is one matrix, whatever the cells: change one"),
    on_paper: ("paper", "One word changed: both losses for the same W, the right classes are 0, 1 "
                        "and 2"),
    losses: ("losses", "Both losses side by side: change a score"),
    simple_circuit: ("expression", "An expression of your own"),
    derivatives: ("products", "Why reverse and not forward: the products for n inputs"),
    jacobians: ("jacobian", "The Jacobian of max(0, x) and its zeros: change an entry"),
    matmul: ("matmul", "Change a cell"),
}


def build():
    """The page, as text."""
    slips = []
    sections = [section(number, part, slips) for number, part in enumerate(parts.PARTS, 1)]
    contents = [f'<li><a href="#{anchor(part)}">{typeset(part.TITLE)}</a></li>'
                for part in parts.PARTS]
    contents.append('<li class="unnumbered"><a href="#slips">Slips of the slides</a></li>')
    script = "\n".join(map(beside, SCRIPTS))
    return beside("page.html").format(
        css=beside("page.css"), script=script, contents="\n".join(contents),
        body="\n".join(sections), slips="\n".join(slips))


def beside(name):
    """The text of a file that lies beside this one."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def anchor(part):
    """The id of a part: simple-circuit."""
    return parts.name(part).replace("_", "-")


def section(number, part, slips):
    """A part: its title, its slide, its content. Its slips are added to slips, as list items."""
    out = [f'<section id="{anchor(part)}">',
           f'<h2 tabindex="-1"><a href="#{anchor(part)}"><span class="count">{number}</span> '
           f"{typeset(part.TITLE)}</a></h2>",
           f'<p class="kicker">Slide: {typeset(part.SECTION)}</p>']
    circuits = 0
    for item in part.show(dict(part.INPUTS)):
        if isinstance(item, Circuit):
            circuits += 1
            out.append(live_circuit.figure(item, f"{anchor(part)}-circuit-{circuits}",
                                           part.RANGES, part.INPUTS, part is practice))
        elif isinstance(item, Slip):
            words = typeset(sentence(item.text))
            slips.append(f'<li>{words} <a href="#slip-{len(slips) + 1}">Part {number}</a></li>')
            out.append(f'<aside class="slip" id="slip-{len(slips)}"><b>A slip of the slides.</b> '
                       f"{words}</aside>")
        else:
            out.append(figures.html(item))
    if part in LABS:
        name, caption = LABS[part]
        given = (f'<script type="application/json">{json.dumps(risk.to_play_with(part.INPUTS))}'
                 "</script>" if part is risk else "")
        out.append(f'<figure class="lab" data-lab="{name}" hidden>'
                   f"<figcaption>{caption}</figcaption>{given}</figure>")
    return "\n".join([*out, "</section>"])
