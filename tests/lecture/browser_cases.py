"""The lecture's page in a browser, as the tests see it: what a figure shows, what it should."""

import re
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from flatprop.circuits import value_text
from flatprop.circuits.graph import graph, local_gradients
from flatprop.circuits.record import trace
from flatprop.lecture import parts
from flatprop.lecture.content import Circuit
from flatprop.lecture.page import live_circuit, page

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
CIRCUITS = {f"{page.anchor(part)}-circuit-{number}": circuit for part in parts.PARTS
            for number, circuit in enumerate(
                [each for each in part.show(dict(part.INPUTS)) if isinstance(each, Circuit)], 1)}


@contextmanager
def visit(browser, address, guess=False, **options):
    """The open page; at the end it must have complained of nothing and asked for nothing.

    guess: leave hidden the gradients that are to be guessed, else show them.
    """
    context = browser.new_context(**options)
    context.add_init_script(path=Path(__file__).with_suffix(".js"))
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints, asked = [], []
    opened.complaints = complaints
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    try:
        opened.goto(address)
        if not guess and options.get("java_script_enabled", True):
            opened.evaluate("begin()")
        yield opened
    finally:
        context.close()
    assert complaints == []
    assert set(asked) == {address}


def restored(opened):
    """A page that many tests share, as it was when it was opened."""
    assert opened.complaints == []
    opened.emulate_media(media="screen", color_scheme="light")
    opened.mouse.move(0, 0)
    opened.evaluate("restore()")
    return opened


def look(figure):
    """What a figure shows (browser_cases.js)."""
    return figure.evaluate("shown")


def press(figure, name):
    """A button, at once: real clicks are in test_lecture_browser_controls.py."""
    figure.evaluate("(figure, name) => figure.querySelector(`[data-do=${name}]`).click()", name)


def fill(figure, inputs):
    """Put numbers in place of inputs, all at once."""
    figure.evaluate("put_in", {name: repr(float(value)) for name, value in inputs.items()})


def gates_of_the_page():
    """The names of the gates that gates.js has."""
    script = Path(page.__file__).with_name("gates.js").read_text(encoding="utf-8")
    return set(re.findall(r"^  (\w+): \{$", script[:script.index("\n};")], re.MULTILINE))


def other_inputs(circuit, rng, size=3.0):
    """Numbers to put in place of a circuit's inputs."""
    return {name: float(np.round(rng.uniform(-size, size), 3)) for name in circuit.inputs}


def expected(circuit, inputs):
    """{"value 2": number, "gradient 2 0": ...} and {"gate argument": local}, by the layers."""
    made = graph(trace(circuit.function, *inputs.values()))
    found = {}
    for number, wire in enumerate(made.wires):
        found[f"value {number}"] = float(wire.value)
        if wire.gradient is not None:
            found[f"gradient {number}"] = float(wire.gradient)
        for place, use in enumerate(wire.uses):
            if use.gradient is not None:
                found[f"gradient {number} {place}"] = float(use.gradient)
    local = {f"{number} {argument}": each for number, gate in enumerate(made.gates)
             if len(gate.outputs) == 1 for argument, each in local_gradients(gate).items()}
    return found, local


def known_after(circuit, step):
    """What a walker has seen after so many lines, and how many lines there are."""
    made = graph(circuit.record())
    lines = live_circuit.program_of(made)["lines"]
    seen = {refers for line in lines[:step] for refers in line["numbers"]}
    done = {(line.get("gate"), line["pass"]) for line in lines[:step]}
    seeded = {refers for line in lines for refers in line["numbers"] if line["pass"] == "whole"}
    for number, wire in enumerate(made.wires):
        if wire.gate is None:
            seen.add(f"value {number}")
        if wire.uses and all(f"gradient {number} {use}" in seen for use in range(len(wire.uses))):
            seen.add(f"gradient {number}")
        if not wire.uses and f"gradient {number}" not in seeded and (wire.gate, "backward") in done:
            seen.add(f"gradient {number}")
    backward = {gate for gate, way in done if way == "backward"}
    return seen, backward, len(lines)


def as_local(number):
    """A local gradient as in the drawings."""
    return f"∂={value_text.two(number)}"


def assert_same(shown, circuit, inputs):
    """The page shows what the layers compute, in full and as texts."""
    found, local = expected(circuit, inputs)
    for part, reference, written in ((shown["drawn"], found, value_text.two),
                                     (shown["listed"], found, value_text.six),
                                     (shown["locals"], local, as_local)):
        for name, each in part.items():
            assert each["exact"] == pytest.approx(reference[name], rel=1e-12, abs=1e-14), name
            assert each["text"] == written(reference[name]), name
    assert {f"value {number}" for number in range(len(graph(circuit.record()).wires))} <= set(
        shown["drawn"])
