"""A circuit of the page: its inputs as fields, its drawing, its lines, and what page.js needs.

The numbers are written here, so that the page is whole without JavaScript; page.js writes over
them when an input is edited. It finds each by the wire that it belongs to:

    data-number="value 2"        the value of wire 2
    data-number="gradient 2"     the gradient of wire 2
    data-number="gradient 2 0"   the share of it that comes back from the wire's first use
"""

import json
import re
from html import escape
from pathlib import Path

from flatprop.circuits import value_text
from flatprop.circuits.graph import graph
from flatprop.circuits.svg import svg
from flatprop.lecture.content import WIDEST
from flatprop.lecture.page.typesetting import caption, typeset

TEMPLATE = Path(__file__).with_name("circuit.html")


def figure(circuit, name, ranges, part_inputs=(), guess=False):
    """A Circuit as an HTML figure. name is its id; ranges {input: (low, high)}.

    Inputs that are all the part's own are shared with its other circuits; guess: whether its
    gradients are hidden at first, to be guessed.

    Raises ValueError or KeyError for one that the page could not recompute.
    """
    words = caption(circuit.caption)
    made = graph(circuit.record())
    program = program_of(made)
    return TEMPLATE.read_text(encoding="utf-8").format(
        id=name, function=circuit.function.__name__,
        shared=" data-shared" if set(circuit.inputs) <= set(part_inputs) else "",
        guess=" data-guess" if guess else "",
        options="".join(f"<option>{each}</option>" for each in circuit.inputs),
        caption=typeset(words), words=escape(words),
        fields="".join(field(each, value, name, ranges) for each, value in circuit.inputs.items()),
        drawing=svg(made, title=words, background=False, widest=WIDEST).strip(),
        listing=listing(made.record, program),
        program=json.dumps(program, separators=(",", ":"), allow_nan=False))


def field(name, value, figure_name, ranges):
    """The label and the field of an input, its number with all digits: 2, 0.1."""
    low, high = ranges.get(name, (-1e9, 1e9))
    label = f"{figure_name}-{name}"
    return (f'<label for="{label}"><i>{name}</i> <input id="{label}" name="{name}" type="number" '
            f'step="any" min="{low:.10g}" max="{high:.10g}" '
            f'value="{repr(float(value)).removesuffix(".0")}" required autocomplete="off"></label>')


def program_of(made):
    """What page.js needs of a Graph (see gates.js), and the lines of the listing."""
    given = made.record.given
    names = {id(value): name for name, value in given.items()}
    places = {wire: number for number, wire in enumerate(made.wires)}

    def source(value):
        """Where a number comes from: an input, by the very object, or the code."""
        return {"input": names[id(value)]} if id(value) in names else {"value": float(value)}

    def constant(call, value):
        """The same of a gate's constant, its last argument; or minus an input: (y, -yi)."""
        minus = re.search(r", -(\w+)\)$", call.line.text)
        is_input = minus and minus[1] in given
        return {"input": minus[1], "times": -1} if is_input else source(value)

    wires = [{"name": wire.name} | (source(wire.value) if wire.gate is None else {})
             for wire in made.wires]
    gates = [{"layer": gate.call.layer,
              "inputs": [places[wire] for wire in gate.inputs.values()],
              "arguments": list(gate.inputs),
              "constants": [constant(gate.call, value) for value in gate.constants.values()],
              "outputs": [places[wire] for wire in gate.outputs],
              "backward": bool(gate.call.backwards)} for gate in made.gates]
    seeds = [{"wire": number} | source(wire.gradient) for number, wire in enumerate(made.wires)
             if not wire.uses and wire.gradient is not None]
    uses = [[{"gate": use.gate, "place": list(made.gates[use.gate].inputs).index(use.argument)}
             for use in wire.uses] for wire in made.wires]
    return {"wires": wires, "uses": uses, "gates": gates, "seeds": seeds,
            "lines": lines(made, places)}


def lines(made, places):
    """The listing's lines that compute: [{"gate", "pass", "names", "numbers"}].

    pass "forward", "backward", or "whole" for df = 1 and sums of gradients; names of what is
    assigned, numbers as in data-number.
    """
    forward = {gate.call.line: number for number, gate in enumerate(made.gates)}
    backward = {each.line: number for number, gate in enumerate(made.gates)
                for each in gate.call.backwards}
    out = []
    for step in made.record.steps:
        if not numbers_of(step):
            continue
        if step.line in forward:
            number = forward[step.line]
            refers = [f"value {places[wire]}" for wire in made.gates[number].outputs]
            does = {"gate": number, "pass": "forward"}
        elif step.line in backward:
            number = backward[step.line]
            refers = [f"gradient {places[wire]} {wire.use_in(number, argument)}"
                      for argument, wire in made.gates[number].inputs.items()]
            does = {"gate": number, "pass": "backward"}
        else:
            refers = [f"gradient {places[wire_of_gradient(step, made)]}"]
            does = {"pass": "whole"}
        out.append(does | {"names": list(step.line.names)[:len(refers)], "numbers": refers})
    return out


def numbers_of(step):
    """The names and numbers that a step assigned."""
    return {name: value for name, value in step.values.items() if value_text.is_number(value)}


def wire_of_gradient(step, made):
    """The wire whose gradient df = 1.0 or dx = dx1 + dx2 gives. Raises KeyError, ValueError."""
    [(name, value)] = numbers_of(step).items()
    wire = made.wire(re.sub("^(grad_|d)", "", name))
    if wire.gradient is None or value != wire.gradient:
        raise ValueError(f"the page cannot recompute {step.line.text!r}: it is no call of a gate, "
                         f"and not the gradient of {wire.name} as a whole")
    return wire


def listing(record, program):
    """The flat code as a table, what each line gives beside it."""
    computing = iter(enumerate(program["lines"]))
    rows = []
    for step in record.steps:
        values, place, results = numbers_of(step), "", ""
        if values:
            number, line = next(computing)
            place = f' data-line="{number}"'
            results = " ".join(
                f'<span class="{refers.split()[0]}"><i>{name}</i> = '
                f'<b data-number="{refers}">{value_text.six(values[name])}</b></span>'
                for name, refers in zip(line["names"], line["numbers"], strict=True))
        rows.append(f'<tr{place}><td class="code"><code>{escape(step.line.text)}</code></td>'
                    f"<td>{results}</td></tr>")
    return '<table class="listing">\n' + "\n".join(rows) + "\n</table>"
