"""A circuit of the page: its inputs as fields, its drawing, its lines, and what page.js needs.

The numbers are written here, so that the page is whole without JavaScript; page.js writes over
them when an input is edited. It finds each by the wire that it belongs to:

    data-number="value 2"        the value of wire 2
    data-number="gradient 2"     the gradient of wire 2
    data-number="gradient 2 0"   the share of it that comes back from the wire's first use
"""

import ast
import json
import re
from html import escape
from pathlib import Path

from flatprop.circuits import value_text
from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg
from flatprop.lecture.page.typesetting import caption, typeset

HERE = Path(__file__).parent
BUTTONS = [("first", "to the start", "M4 3v10M13 3l-7 5 7 5z"),
           ("back", "a step back", "M12 3l-8 5 8 5z"),
           ("next", "a step forward", "M4 3l8 5-8 5z"),
           ("last", "to the end", "M12 3v10M3 3l7 5-7 5z")]


def figure(circuit, name, ranges):
    """A Circuit as an HTML figure. name is its id; ranges {input: (low, high)}.

    Raises ValueError for one that the page could not recompute.
    """
    words = caption(circuit.caption)
    made = graph(circuit.record())
    program = program_of(made)
    other_inputs = [value + 0.01 * place for place, value in enumerate(circuit.inputs.values(), 1)]
    if program_of(graph(trace(circuit.function, *other_inputs))) != program:
        raise ValueError(f"{circuit.function.__name__} has constants that change with its inputs, "
                         "or other steps: the page could not recompute it")
    drawing = svg(made, title=words, background=False)
    fields = "".join(field(each, value, name, ranges) for each, value in circuit.inputs.items())
    return f"""<figure class="circuit-figure" id="{name}">
<figcaption>{typeset(words)}</figcaption>
<form class="inputs" hidden>{fields}<button type="button" data-do="reset" hidden>as in the lecture\
</button><span class="remark" role="status"></span></form>
<div class="stage" tabindex="0" role="group" aria-label="{escape(words)}. \
The arrow keys step through it.">
<div class="scroll drawing">
{drawing.strip()}
</div>
<div class="steps" hidden>{"".join(button(*each) for each in BUTTONS)}\
<button type="button" data-do="play">Play</button>\
<button type="button" data-do="whole" hidden>Whole drawing</button>\
<p class="says" aria-live="polite"></p></div>
</div>
<div class="scroll">
{listing(made.record, program)}
</div>
<script type="application/json">{as_script(program)}</script>
</figure>
"""


def field(name, value, figure_name, ranges):
    """The label and the field of an input."""
    low, high = ranges.get(name, (-1e9, 1e9))
    label = f"{figure_name}-{name}"
    return (f'<label for="{label}"><i>{escape(name)}</i> '
            f'<input id="{label}" name="{escape(name)}" type="number" step="any" min="{low:.10g}" '
            f'max="{high:.10g}" value="{in_full(value)}" required autocomplete="off"></label>')


def in_full(value):
    """A number as it is typed, with all of its digits: 2, 0.1."""
    return repr(float(value)).removesuffix(".0")


def button(does, label, path):
    """A button of the steps: an arrow, and what it does as its name."""
    return (f'<button type="button" data-do="{does}" aria-label="{label}" title="{label}">'
            f'<svg viewBox="0 0 16 16" aria-hidden="true"><path d="{path}"/></svg></button>')


def as_script(data):
    """JSON that may stand in a script element: nothing in it looks like a tag."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def program_of(made):
    """What page.js needs of a Graph (see gates.js), and the lines of the listing."""
    record = made.record
    given = {id(value): name for name, value in record.given.items()}
    places = {id(wire): number for number, wire in enumerate(made.wires)}

    def source(value):
        """Where a number comes from: an input, by the very object, or the code."""
        if id(value) in given:
            return {"input": given[id(value)]}
        return {"value": float(value)}

    wires = [{"name": wire.name} | (source(wire.value) if wire.gate is None else {})
             for wire in made.wires]
    gates = []
    for gate in made.gates:
        if gate.call.layer not in gate_names() or len(gate.call.backwards) > 1:
            raise ValueError(f"gates.js has no gate {gate.call.layer}, or its backward runs "
                             "more than once: the page cannot recompute this circuit")
        gates.append({"layer": gate.call.layer,
                      "inputs": [places[id(wire)] for wire in gate.inputs.values()],
                      "arguments": list(gate.inputs),
                      "constants": [minus_input(gate.call, argument, record.given) or source(value)
                                    for argument, value in gate.constants.items()],
                      "outputs": [places[id(wire)] for wire in gate.outputs],
                      "backward": bool(gate.call.backwards)})
    seeds = [{"wire": number} | source(wire.gradient) for number, wire in enumerate(made.wires)
             if not wire.uses and wire.gradient is not None]
    uses = [[{"gate": use.gate, "place": list(made.gates[use.gate].inputs).index(use.argument)}
             for use in wire.uses] for wire in made.wires]
    return {"wires": wires, "uses": uses, "gates": gates, "seeds": seeds,
            "lines": lines(made, places)}


def minus_input(call, argument, given):
    """Where a constant comes from that the code gives as minus an input, or None."""
    try:
        arguments = ast.parse(call.line.text).body[0].value.args
        node = arguments[list(call.arguments).index(argument)]
    except (AttributeError, IndexError, SyntaxError):
        return None
    if (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
            and isinstance(node.operand, ast.Name) and node.operand.id in given):
        return {"input": node.operand.id, "times": -1}
    return None


def lines(made, places):
    """The listing's lines that compute: [{"gate", "pass", "names", "numbers"}].

    pass "forward", "backward", or "whole" for df = 1 and sums of gradients; names of what is
    assigned, numbers as in data-number.
    """
    forward, backward = {}, {}
    for number, gate in enumerate(made.gates):
        forward.setdefault(gate.call.line, []).append(number)
        for each in gate.call.backwards:
            backward.setdefault(each.line, []).append(number)
    out = []
    for step in made.record.steps:
        if not numbers_of(step):
            continue
        if forward.get(step.line):
            number = forward[step.line].pop(0)
            refers = [f"value {places[id(wire)]}" for wire in made.gates[number].outputs]
            does = {"gate": number, "pass": "forward"}
        elif backward.get(step.line):
            number = backward[step.line].pop(0)
            refers = [f"gradient {places[id(wire)]} {wire.use_in(number, argument)}"
                      for argument, wire in made.gates[number].inputs.items()]
            does = {"gate": number, "pass": "backward"}
        else:
            refers, does = [whole_gradient(step, made)], {"pass": "whole"}
        names = list(step.line.names)[:len(refers)]
        out.append(does | {"names": names, "numbers": refers})
    return out


def numbers_of(step):
    """The names and numbers that a step assigned."""
    return {name: value for name, value in step.values.items() if value_text.is_number(value)}


def whole_gradient(step, made):
    """The gradient that a line such as df = 1.0 or dx = dx1 + dx2 gives. Raises ValueError."""
    for name, value in numbers_of(step).items():
        for number, wire in enumerate(made.wires):
            if (name in (f"d{wire.name}", f"grad_{wire.name}") and wire.gradient is not None
                    and value == wire.gradient):
                return f"gradient {number}"
    raise ValueError(f"the page cannot recompute {step.line.text!r}: it is no call of a gate, and "
                     "gives no gradient of a wire as a whole")


def listing(record, program):
    """The flat code as a table, what each line gives beside it."""
    computing = iter(enumerate(program["lines"]))
    rows = []
    for step in record.steps:
        code = f'<td class="code"><code>{escape(step.line.text)}</code></td>'
        values = numbers_of(step)
        if not values:
            rows.append(f"<tr>{code}<td></td></tr>")
            continue
        number, line = next(computing)
        spans = [result(name, refers, values[name])
                 for name, refers in zip(line["names"], line["numbers"], strict=True)
                 if name in values]
        rows.append(f'<tr data-line="{number}">{code}<td>{" ".join(spans)}</td></tr>')
    return '<table class="listing">\n' + "\n".join(rows) + "\n</table>"


def result(name, refers, value):
    """One name and its number beside a line."""
    kind = refers.partition(" ")[0]
    return (f'<span class="{kind}"><i>{escape(name)}</i> = '
            f'<b data-number="{refers}">{escape(value_text.six(value))}</b></span>')


def gate_names():
    """The names of the gates that gates.js can run."""
    text = (HERE / "gates.js").read_text(encoding="utf-8")
    table = text[text.index("const GATES = {"):text.index("\n};")]
    return set(re.findall(r"^  (\w+): \{$", table, re.MULTILINE))
