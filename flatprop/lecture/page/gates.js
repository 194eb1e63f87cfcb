// The lecture's gates between single numbers, and a circuit of them run forward and backward.
//
// A gate has
//   forward(x, y)               what it gives; two values for copy
//   backward(dout, out, x, y)   the gradient of each input: upstream times local
//   says(x, y)                  forward as a text; x and y may be names or numbers
//   local(out, x, y)            the local gradient of each input as a text
// The arguments after the wires are constants, as the a of scale.

const GATES = {
  add: {
    forward: (x, y) => x + y,
    backward: (dout) => [dout, dout],
    says: (x, y) => `${x} + ${y}`,
    local: () => ["1", "1"],
  },
  multiply: {
    forward: (x, y) => x * y,
    backward: (dout, out, x, y) => [y * dout, x * dout],
    says: (x, y) => `${x} × ${y}`,
    local: (out, x, y) => [y, x],
  },
  maximum: {
    forward: (x, y) => Math.max(x, y),
    backward: (dout, out, x, y) => [x >= y ? dout : 0, y > x ? dout : 0],
    says: (x, y) => `max(${x}, ${y})`,
    local: (out, x, y) => [`[${x} ≥ ${y}]`, `[${y} > ${x}]`],
  },
  copy: {
    forward: (x) => [x, x],
    backward: ([dfirst, dsecond]) => [dfirst + dsecond],
    says: (x) => `${x}`,
    local: () => ["1"],
  },
  exp: {
    forward: (x) => Math.exp(x),
    backward: (dout, out) => [out * dout],
    says: (x) => `exp(${x})`,
    local: (out) => [out],
  },
  reciprocal: {
    forward: (x) => 1 / x,
    backward: (dout, out) => [-(out * out) * dout],
    says: (x) => `1 / ${x}`,
    local: (out, x) => [`-1/${x}²`],
  },
  scale: {
    forward: (x, a) => a * x,
    backward: (dout, out, x, a) => [a * dout],
    says: (x, a) => `${a} × ${x}`,
    local: (out, x, a) => [a],
  },
  shift: {
    forward: (x, c) => c + x,
    backward: (dout) => [dout],
    says: (x, c) => `${x} + ${c}`,
    local: () => ["1"],
  },
  sigmoid: {
    // The exponent is never positive, so nothing overflows however large x is.
    forward: (x) => (x >= 0 ? 1 : Math.exp(-Math.abs(x))) / (1 + Math.exp(-Math.abs(x))),
    backward: (dout, out) => [(1 - out) * out * dout],
    says: (x) => `σ(${x})`,
    local: (out) => [`(1 - ${out}) ${out}`],
  },
  tanh: {
    forward: (x) => Math.tanh(x),
    backward: (dout, out) => [(1 - out) * (1 + out) * dout],
    says: (x) => `tanh(${x})`,
    local: (out) => [`(1 - ${out}²)`],
  },
  relu: {
    forward: (x) => Math.max(0, x),
    backward: (dout, out, x) => [x > 0 ? dout : 0],
    says: (x) => `max(0, ${x})`,
    local: (out, x) => [`[${x} > 0]`],
  },
};

// A circuit, as the page's JSON has it:
//   wires   [{name, input or value}]    neither for what a gate makes
//   uses    [[{gate, argument}]]        of each wire
//   gates   [{layer, inputs, constants, outputs, backward}]   wires by number, in order
//   seeds   [{wire, input or value}]    where backward begins
// input is the name of one, times -1 if the code takes it negative; value is a number of the code.
function run(circuit, inputs) {
  const given = (source) => constant(source, inputs);
  const values = circuit.wires.map((wire) => (isMade(wire) ? NaN : given(wire)));
  const constants = circuit.gates.map((gate) => gate.constants.map(given));
  const into = (gate) => [...gate.inputs.map((wire) => values[wire]),
    ...constants[circuit.gates.indexOf(gate)]];

  for (const gate of circuit.gates) {
    const out = GATES[gate.layer].forward(...into(gate));
    gate.outputs.forEach((wire, place) => { values[wire] = Array.isArray(out) ? out[place] : out; });
  }

  const uses = circuit.uses.map((ends) => ends.map(() => null));
  const gradients = circuit.wires.map(() => null);
  const locals = circuit.gates.map((gate) => local(gate, values, into(gate)));
  for (const seed of circuit.seeds) gradients[seed.wire] = given(seed);
  for (let number = circuit.gates.length - 1; number >= 0; number -= 1) {
    const gate = circuit.gates[number];
    if (!gate.backward) continue;
    const grads = backward(gate, gate.outputs.map((wire) => gradients[wire]), values, into(gate));
    gate.inputs.forEach((wire, place) => {
      const use = circuit.uses[wire].findIndex((end) => end.gate === number && end.place === place);
      uses[wire][use] = grads[place];
      gradients[wire] = gradients[wire] === null ? grads[place] : gradients[wire] + grads[place];
    });
  }
  return { values, gradients, uses, locals, constants };
}

function constant(source, inputs) {
  return "input" in source ? (source.times ?? 1) * inputs[source.input] : source.value;
}

function isMade(wire) {
  return !("input" in wire) && !("value" in wire);
}

function backward(gate, douts, values, arguments_) {
  const outs = gate.outputs.map((wire) => values[wire]);
  const several = outs.length > 1;
  return GATES[gate.layer].backward(several ? douts : douts[0], several ? outs : outs[0],
    ...arguments_);
}

// The local gradients are what backward makes of an upstream gradient of 1.
function local(gate, values, arguments_) {
  return backward(gate, gate.outputs.map(() => 1), values, arguments_);
}

// A number with two decimals, as in the drawings; with a power of ten where they would show nothing.
function two(number) {
  if (number === 0) return "0.00";
  if (!Number.isFinite(number)) return unending(number);
  if (Math.abs(number) >= 0.005 && Math.abs(number) < 9999.995) return fixed(number, 2);
  return number.toExponential(Math.abs(number) < 1 ? 0 : 2).replace("e+", "e");
}

// A number with three digits, as in a gate.
function three(number) {
  if (!Number.isFinite(number)) return unending(number);
  const size = Math.abs(Number(number.toPrecision(3)));
  if (size === 0 || (size >= 1e-4 && size < 1000)) return String(Number(number.toPrecision(3)));
  const [digits, power] = number.toExponential(2).split("e");
  return `${trimmed(digits)}e${Number(power)}`;
}

// A number with up to six decimals, as in the listings.
function six(number) {
  if (number === 0) return "0";
  if (!Number.isFinite(number)) return unending(number);
  if (Math.abs(number) >= 1e-4 && Math.abs(number) < 1e9) return trimmed(fixed(number, 6));
  const power = Math.floor(Math.log10(Math.abs(Number(number.toPrecision(6)))));
  if (power >= -4 && power < 6) return trimmed(number.toPrecision(6));
  const [digits, exponent] = number.toExponential(5).split("e");
  return `${trimmed(digits)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function unending(number) {
  return Number.isNaN(number) ? "NaN" : number > 0 ? "∞" : "-∞";
}

// toFixed, but a tie goes to the even digit, as in Python. Two decimals end in a tie at eighths,
// six at 128ths.
function fixed(number, decimals) {
  const scale = 10 ** decimals;
  const isTie = Number.isInteger(number * 2 ** (decimals + 1))
    && Math.abs(number * scale * 2) % 2 === 1;
  if (!isTie) return number.toFixed(decimals);
  return ((2 * Math.round(number * scale / 2)) / scale).toFixed(decimals);
}
