"""The lecture's page in a browser, as the tests see it: what a figure shows, what it should."""

from contextlib import contextmanager

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

# What a figure shows: its numbers in full and as texts, what can be seen, the words of the step.
SHOWN = """figure => {
    const seen = (place) => getComputedStyle(place).visibility !== "hidden";
    const read = (selector, key) => Object.fromEntries([...figure.querySelectorAll(selector)].map(
        (place) => [key(place), { exact: Number(place.dataset.exact), text: place.textContent,
                                  seen: seen(place) }]));
    return {
        drawn: read("svg .value, svg .gradient", reference),
        locals: read("svg .local", (place) => `${place.dataset.gate} ${place.dataset.argument}`),
        listed: read("[data-number]", (place) => place.dataset.number),
        words: figure.querySelector(".says").textContent,
    };
}"""
# The same after each of several buttons was pressed.
WALK = f"""(figure, buttons) => buttons.map((name) => {{
    figure.querySelector(`[data-do=${{name}}]`).click();
    return ({SHOWN})(figure);
}})"""
# Pairs of texts in one drawing that lie on each other, those that are not seen left out.
OVERLAPS = """() => {
    const found = [];
    for (const svg of document.querySelectorAll("figure .scroll > svg")) {
        const texts = [...svg.querySelectorAll("text")].filter(
            (text) => getComputedStyle(text).visibility !== "hidden" && text.textContent.trim());
        const boxes = texts.map((text) => text.getBoundingClientRect());
        for (let i = 0; i < boxes.length; i += 1) {
            for (let j = 0; j < i; j += 1) {
                const [a, b] = [boxes[i], boxes[j]];
                const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (wide > 0.5 && high > 0.5) {
                    const figure = svg.closest("figure").id || svg.getAttribute("aria-label");
                    found.push(`${figure}: ${texts[i].textContent} on ${texts[j].textContent}`);
                }
            }
        }
    }
    return [found, document.querySelectorAll("figure .scroll > svg text").length];
}"""


@contextmanager
def visit(browser, address, **options):
    """The open page; at the end it must have complained of nothing and asked for nothing."""
    context = browser.new_context(**options)
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints, asked = [], []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    try:
        opened.goto(address)
        yield opened
    finally:
        context.close()
    assert complaints == []
    assert asked == [address]


def press(figure, name):
    figure.locator(f"[data-do={name}]").click()


def fill(figure, inputs):
    for name, value in inputs.items():
        figure.locator(f'input[name="{name}"]').fill(repr(float(value)))


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
