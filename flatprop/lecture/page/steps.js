// Stepping through a circuit: what is seen after so many lines of its code, and the words for it.

// The line, counted from 1, after which each number of the drawing is known; 0 for the inputs.
function known(circuit) {
  const at = {};
  circuit.lines.forEach((line, place) => {
    for (const refers of line.numbers) at[refers] = place + 1;
    if (line.pass === "backward") at[`backward ${line.gate}`] = place + 1;
    if (line.pass === "forward") at[`forward ${line.gate}`] = place + 1;
  });
  circuit.wires.forEach((wire, number) => {
    at[`value ${number}`] ??= 0;
    const ends = circuit.uses[number].map((end, use) => at[`gradient ${number} ${use}`] ?? 0);
    const maker = circuit.gates.findIndex((gate) => gate.outputs.includes(number));
    // Where the code has no df = 1 the gradient comes from outside, when the gate's backward runs.
    at[`gradient ${number}`] ??= ends.length ? Math.max(...ends) : at[`backward ${maker}`] ?? 0;
  });
  return at;
}

// Classes: later for what is not known yet, now for what the last line is about.
function hideLater(figure, circuit, step, isIdle) {
  const at = known(circuit);
  const line = isIdle ? undefined : circuit.lines[step - 1];
  const mark = (place, since, isNow) => {
    place.classList.toggle("later", since > step);
    place.classList.toggle("now", Boolean(line) && isNow);
  };
  for (const place of figure.querySelectorAll("svg .value, svg .gradient")) {
    const refers = reference(place);
    mark(place, at[refers], at[refers] === step);
  }
  for (const place of figure.querySelectorAll("svg .local")) {
    const since = at[`backward ${place.dataset.gate}`] ?? 0;
    mark(place, since, since === step);
  }
  for (const place of figure.querySelectorAll("svg .gate")) {
    mark(place, at[`forward ${place.dataset.gate}`], line?.gate === Number(place.dataset.gate));
  }
  for (const place of figure.querySelectorAll("svg .wire")) {
    const end = circuit.uses[place.dataset.wire][place.dataset.use];
    mark(place, at[`value ${place.dataset.wire}`], end !== undefined && line?.gate === end.gate);
  }
  for (const place of figure.querySelectorAll("[data-line]")) {
    const number = Number(place.dataset.line) + 1;
    mark(place, number, number === step);
  }
  figure.classList.toggle("backward", line !== undefined && line.pass !== "forward");
}

// Scroll the drawing and the listing, not the page, so that what is active can be seen.
function reveal(figure) {
  const drawing = figure.querySelector(".drawing");
  const gate = drawing.querySelector(".gate.now");
  if (gate) drawing.scrollBy({ left: off(gate, drawing).x, behavior: "smooth" });
  const line = figure.querySelector("tr.now");
  if (line) {
    const box = line.closest(".scroll");
    box.scrollBy({ top: off(line, box).y, behavior: "smooth" });
  }
}

// How far the middle of a part is from the middle of its box.
function off(part, box) {
  const [inner, outer] = [part.getBoundingClientRect(), box.getBoundingClientRect()];
  return {
    x: inner.left + inner.width / 2 - outer.left - outer.width / 2,
    y: inner.top + inner.height / 2 - outer.top - outer.height / 2,
  };
}

// What the last line did: "3 of 9, forward: q = x + y = -2.00 + 5.00 = 3.00".
function words(circuit, numbers, step, isIdle) {
  const count = circuit.lines.length;
  if (isIdle) return `${count} steps, all done. Play them, or walk through them.`;
  if (step === 0) return `0 of ${count}: only the inputs are known.`;
  const line = circuit.lines[step - 1];
  const way = line.pass === "forward" ? "forward" : "backward";
  const gate = circuit.gates[line.gate];
  let text = wholeWords(circuit, numbers, line);
  if (line.pass === "forward") text = forwardWords(circuit, numbers, gate, line);
  if (line.pass === "backward") text = backwardWords(circuit, numbers, gate, line);
  return `${step} of ${count}, ${way}: ${text}`;
}

function forwardWords(circuit, numbers, gate, line) {
  const { says } = GATES[gate.layer];
  const names = gate.inputs.map((wire) => circuit.wires[wire].name);
  const isCall = says("x", "y").includes("(");        // max(-1.00, 2.00) needs no more brackets
  const inputs = gate.inputs.map((wire) => (isCall ? two : bracketed)(numbers.values[wire]));
  const constants = gate.constants.map(constantName);
  const numbersOf = numbers.constants[line.gate].map((number, place) => (
    "input" in gate.constants[place] ? bracketed(number) : String(number)));
  const out = two(numbers.values[gate.outputs[0]]);
  const formula = `${line.names.join(" = ")} = ${says(...names, ...constants)}`;
  return gate.layer === "copy" ? `${formula} = ${out}`
    : `${formula} = ${says(...inputs, ...numbersOf)} = ${out}`;
}

function backwardWords(circuit, numbers, gate, line) {
  const wire = circuit.wires[gate.outputs[0]];
  const upstream = gate.outputs.map((out) => upstreamName(circuit, out));
  const douts = gate.outputs.map((out) => bracketed(numbers.gradients[out]));
  const names = gate.inputs.map((each) => circuit.wires[each].name);
  const constants = gate.constants.map(constantName);
  const local = GATES[gate.layer].local(wire.name, ...names, ...constants);
  const sentences = line.names.map((name, place) => {
    const result = two(numberOf(numbers, line.numbers[place]));
    if (douts.length > 1) return `${name} = ${upstream.join(" + ")} = ${douts.join(" + ")} = ${result}`;
    const factor = bracketed(numbers.locals[circuit.gates.indexOf(gate)][place]);
    return `${name} = ${local[place]} × ${upstream[0]} = ${factor} × ${douts[0]} = ${result}`;
  });
  return sentences.join("\n");
}

// df = 1, with which backward begins, or the sum of what comes back from several uses.
function wholeWords(circuit, numbers, line) {
  const result = `${line.names[0]} = ${two(numberOf(numbers, line.numbers[0]))}`;
  const shares = numbers.uses[line.numbers[0].split(" ")[1]];
  if (!shares.length) return `begins with ${result}`;
  return `${line.names[0]} = ${shares.map(bracketed).join(" + ")} = ${result.split(" = ")[1]}`;
}

// What the code calls the gradient of a wire: the name it was assigned to, or the input that it is.
function upstreamName(circuit, wire) {
  const seed = circuit.seeds.find((each) => each.wire === wire);
  if (seed && "input" in seed) return seed.input;
  for (const line of circuit.lines) {
    const place = line.numbers.findIndex((each) => each.startsWith("gradient")
      && each.split(" ")[1] === String(wire));
    if (place >= 0) return line.names[place];
  }
  return `d${circuit.wires[wire].name}`;
}

function constantName(source) {
  if (!("input" in source)) return String(source.value);
  return source.times === -1 ? `(-${source.input})` : source.input;
}

// A number inside a product or a sum: a negative one in brackets.
function bracketed(number) {
  return number < 0 ? `(${two(number)})` : two(number);
}
