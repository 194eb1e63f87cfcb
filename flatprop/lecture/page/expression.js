// An expression of one's own: read into gates, run forward and backward as every circuit here.
//
//   sum = term {(+|-) term},  term = power {(*|/) power},  power = -power | atom [^ whole number],
//   atom = number | name | function(sum) | max(sum, sum) | (sum)

// Raises Error with what is wrong.
function circuitOf(text) {
  const tokens = text.match(/\d+\.?\d*(?:e[-+]?\d+)?|[A-Za-z_]\w*|\S/g) ?? [];
  const circuit = { wires: [], uses: [], gates: [], seeds: [] };
  let place = 0;
  if (tokens.length > 200) throw new Error("no more than 200 words and signs");

  const peek = () => tokens[place];
  const accept = (...signs) => (signs.includes(peek()) ? tokens[place++] : null);
  const expect = (sign) => {
    if (!accept(sign)) throw new Error(`${sign} expected, not ${peek() ?? "the end"}`);
  };
  const wire = (source) => {
    circuit.uses.push([]);
    return circuit.wires.push(source) - 1;
  };

  function gate(layer, inputs, constants = []) {
    const number = circuit.gates.length;
    inputs.forEach((each, at) => circuit.uses[each].push({ gate: number, place: at }));
    const out = wire({ name: `g${number + 1}` });
    circuit.gates.push({ layer, inputs, constants: constants.map((value) => ({ value })),
      outputs: [out], backward: true });
    return out;
  }

  function sum() {
    let left = term();
    for (let sign = accept("+", "-"); sign; sign = accept("+", "-")) {
      const right = term();
      left = gate("add", [left, sign === "+" ? right : gate("scale", [right], [-1])]);
    }
    return left;
  }

  function term() {
    let left = power();
    for (let sign = accept("*", "/"); sign; sign = accept("*", "/")) {
      const right = power();
      left = gate("multiply", [left, sign === "*" ? right : gate("reciprocal", [right])]);
    }
    return left;
  }

  // -x^2 is -(x^2), as on paper.
  function power() {
    if (accept("-")) return gate("scale", [power()], [-1]);
    const base = atom();
    if (!accept("^")) return base;
    const exponent = Number(tokens[place++]);
    if (!Number.isInteger(exponent) || exponent < 1 || exponent > 9) {
      throw new Error("a power is a whole number from 1 to 9");
    }
    let out = base;
    for (let count = 1; count < exponent; count += 1) out = gate("multiply", [out, base]);
    return out;
  }

  function atom() {
    const token = tokens[place++];
    if (token === undefined) throw new Error("something is missing at the end");
    if (token === "(") {
      const inside = sum();
      expect(")");
      return inside;
    }
    if (/^\d/.test(token)) return wire({ name: token, value: Number(token) });
    if (!/^[A-Za-z_]/.test(token)) throw new Error(`${token} has no place here`);
    if (!accept("(")) return input(token);
    if (!["exp", "sigmoid", "tanh", "relu", "max"].includes(token)) {
      throw new Error(`${token} is not known: exp, sigmoid, tanh, relu, max`);
    }
    const inside = [sum()];
    if (token === "max") {
      expect(",");
      inside.push(sum());
    }
    expect(")");
    return gate(token === "max" ? "maximum" : token, inside);
  }

  function input(name) {
    const known = circuit.wires.findIndex((each) => each.input === name);
    return known >= 0 ? known : wire({ name, input: name });
  }

  const out = sum();
  if (place < tokens.length) throw new Error(`${peek()} has no place here`);
  circuit.seeds.push({ wire: out, value: 1 });
  return circuit;
}

LABS.expression = (lab) => {
  const text = make("input", { type: "text", value: "(x + y) * z + exp(-x^2)", size: 32,
    "aria-label": "your expression" });
  const values = make("form", { class: "inputs" });
  const remark = make("p", { class: "gradient", role: "status" });
  const out = make("div", { class: "scroll" });
  let kept = { x: 1, y: 2, z: -3 };
  let circuit;

  function read() {
    try {
      circuit = circuitOf(text.value);
      remark.textContent = "";
    } catch (error) {
      remark.textContent = `${error.message}.`;
      return;
    }
    const names = circuit.wires.flatMap((each) => each.input ?? []);
    kept = Object.fromEntries(names.map((name) => [name, kept[name] ?? 1]));
    values.replaceChildren(...names.map((name) => numberField(name, kept[name])[0]));
    tell();
  }

  function tell() {
    for (const each of values.querySelectorAll("input")) {
      if (Number.isFinite(each.valueAsNumber)) kept[each.name] = each.valueAsNumber;
    }
    const numbers = run(circuit, kept);
    const maker = (wire) => circuit.gates.find((gate) => gate.outputs[0] === wire);
    const rows = circuit.wires.map((each, number) => {
      const gate = maker(number);
      const says = gate ? GATES[gate.layer].says(...gate.inputs.map((w) => circuit.wires[w].name),
        ...gate.constants.map((c) => c.value)) : each.input ? "input" : "number";
      return [each.name, says, numbers.values[number], numbers.gradients[number],
        each.input ? slope(circuit, kept, each.input) : ""];
    });
    out.replaceChildren(tableOf(["", "is", "value", "gradient", "by differences"], rows,
      "Each gate, forward and backward"));
  }

  text.addEventListener("input", read);
  values.addEventListener("input", tell);
  values.addEventListener("submit", (event) => event.preventDefault());
  lab.append(make("p", {}, text), remark, values, out);
  read();
};
