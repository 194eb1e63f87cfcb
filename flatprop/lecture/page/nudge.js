// A nudge of one input: df/dx as rise over run. And how a drawing tells how much flows where.

// What comes out before and after, and the rise over the run.
function nudged(circuit, inputs, name, h) {
  const before = outcome(circuit, inputs);
  const after = outcome(circuit, { ...inputs, [name]: inputs[name] + h }, inputs);
  const wire = circuit.wires.findIndex((each) => each.input === name);
  const { gradients } = run(circuit, inputs);
  return { before, after, rise: after - before, slope: (after - before) / h,
    gradient: wire >= 0 ? gradients[wire] : null };
}

function nudging(figure, circuit, state) {
  const box = figure.querySelector(".nudge");
  const [which, by] = [box.querySelector("select"), box.querySelector("input")];
  const output = box.querySelector("output");
  by.value = by.defaultValue;
  function tell() {
    const h = by.valueAsNumber;
    if (!Number.isFinite(h) || h === 0) {
      output.textContent = "h must be a number, and not 0.";
      return;
    }
    const name = which.value;
    const { before, after, rise, slope: steep, gradient } = nudged(circuit, state.inputs, name, h);
    const isGuessing = figure.classList.contains("guessing");
    output.textContent = `out: ${six(before)} → ${six(after)}, rise ${six(rise)} over run ${six(h)}`
      + ` = ${six(steep)}${gradient === null || isGuessing ? "" : `; backward says ${six(gradient)}`}`;
    output.dataset.exact = String(steep);
  }
  box.addEventListener("input", tell);
  return tell;
}

// Edges as thick as their gradient: from 1.2 for none to 6 for the largest.
// isKnown(reference): a walker has not seen the others.
function thicken(figure, numbers, isKnown) {
  const wires = [...figure.querySelectorAll("svg .wire")];
  const isGuessing = figure.classList.contains("guessing");
  const sizes = wires.map(({ dataset: { wire, use } }) => Math.abs(
    (use === undefined ? numbers.gradients[wire] : numbers.uses[wire]?.[use])
    ?? numbers.gradients[wire] ?? 0));
  const seen = wires.map(({ dataset: { wire, use } }) => !isGuessing
    && isKnown(use === undefined ? `gradient ${wire}` : `gradient ${wire} ${use}`));
  const most = Math.max(...sizes.filter(Number.isFinite), 0);
  wires.forEach((wire, place) => {
    const share = most > 0 && Number.isFinite(sizes[place]) ? sizes[place] / most : 0;
    wire.style.setProperty("--thick", !seen[place] ? 1.5 : (1.2 + 4.8 * share).toFixed(2));
  });
}

// The pointer on a wire or a gate, or focus on an input or a gate, lights the way from there to the
// end. The arrow keys up and down take the focus from one to the next; Tab visits the drawing once.
function lighting(figure, circuit) {
  const svg = figure.querySelector("svg.circuit");
  const stage = figure.querySelector(".stage");
  const nodes = [...svg.querySelectorAll(".input, .gate")];
  const begins = ({ dataset: { wire, gate } }) => (
    wire ? [Number(wire)] : circuit.gates[gate].outputs);
  function wayFrom(first) {
    const wires = new Set(first);
    for (const gate of circuit.gates) {             // in the order in which they run
      if (gate.inputs.some((wire) => wires.has(wire))) gate.outputs.forEach((each) => wires.add(each));
    }
    return wires;
  }
  function light(first) {
    const wires = wayFrom(first);
    svg.classList.toggle("lighting", wires.size > 0);
    for (const path of svg.querySelectorAll(".wire")) {
      path.classList.toggle("lit", wires.has(Number(path.dataset.wire)));
    }
    circuit.gates.forEach((gate, number) => {
      svg.querySelector(`.gate[data-gate="${number}"]`).classList.toggle(
        "lit", gate.outputs.some((wire) => wires.has(wire)));
    });
  }
  svg.addEventListener("pointerover", ({ target }) => {
    const place = target.closest("[data-wire], [data-gate]");
    light(place ? begins(place) : []);
  });
  svg.addEventListener("pointerleave", () => light([]));

  svg.setAttribute("role", "group");                // what is in an image cannot be heard
  for (const node of nodes) {
    const first = begins(node);
    const after = [...wayFrom(first)].filter((wire) => !first.includes(wire));
    const name = (wire) => circuit.wires[wire].name;
    node.setAttribute("tabindex", -1);
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", `${madeBy(circuit, node.dataset.gate) ?? name(first[0])}`
      + `${after.length ? `, on to ${after.map(name).join(", ")}` : ", the end"}`);
    node.addEventListener("focus", () => light(first));
    node.addEventListener("blur", () => light([]));
  }
  stage.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isPlain = !(event.ctrlKey || event.altKey || event.metaKey);
    const place = nodes.indexOf(document.activeElement);
    if (event.key === "Escape" && place >= 0) stage.focus();
    if (!by || !isPlain || event.target.closest("button")) return;      // there the page scrolls
    event.preventDefault();
    nodes[place < 0 ? (by > 0 ? 0 : nodes.length - 1)
      : Math.min(Math.max(place + by, 0), nodes.length - 1)].focus();
  });
}

// What a gate does, in names: "q = x + y".
function madeBy(circuit, number) {
  const gate = circuit.gates[number];
  if (!gate) return null;
  const name = (wire) => circuit.wires[wire].name;
  const said = GATES[gate.layer].says(...gate.inputs.map(name), ...gate.constants.map(constantName));
  return `${gate.outputs.map(name).join(" = ")} = ${said}`;
}
