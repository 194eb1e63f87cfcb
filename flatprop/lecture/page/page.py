"""The lecture as one HTML page that needs no other file: flatprop lecture page."""

from pathlib import Path

from flatprop.lecture import parts, practice
from flatprop.lecture.content import Circuit, Slip
from flatprop.lecture.page import figures, live_circuit
from flatprop.lecture.page.typesetting import sentence, typeset

SCRIPTS = ["gates.js", "steps.js", "tables.js", "guess.js", "nudge.js", "contents.js", "page.js"]


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
    return "\n".join([*out, "</section>"])
