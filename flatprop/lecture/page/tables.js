// Tables that follow the inputs of the circuits of their part.
//
// data-live of a cell: a text with {CIRCUIT/WHAT} in it. CIRCUIT is a function's name; WHAT is
//   value 2, gradient 2, gradient 2 0    as in data-number
//   local 3 x       the local gradient of gate 3 for its argument x
//   input x         an input
//   code dx         what the code called dx
//   less WHAT       1 minus it
//   layers L        the loss of the running example by matrices, as its layers compute it
//   slope x         the central difference of what comes out, for the input x
//   after 0.1 w     what comes out after a step of rate 0.1 of all inputs that begin with w
//   gap WHAT, WHAT  how far apart two are, as a text; the second may have a CIRCUIT of its own

function follow(section) {
  for (const table of section.querySelectorAll(".table-figure table")) {
    const cells = [...table.querySelectorAll("[data-live]")];
    for (const cell of cells) {
      const numbers = [];
      const text = cell.dataset.live.replace(/\{(.*?)\}/g, (_, refers) => {
        const found = found_in(section, refers);
        numbers.push(found);
        return typeof found === "number" ? plain(found) : found;
      });
      cell.dataset.exact = numbers.join(" ");
      cell.dataset.text = text;
      textOf(cell).textContent = text.replaceAll("-", "−");
    }
    if (cells.length) align(table);
  }
  for (const span of section.querySelectorAll(".listing-figure [data-live]")) {
    writeRows(section, span);
  }
  section.dispatchEvent(new Event("change-of-inputs"));
}

// A number of a listing, or an array: a line for each row, the points of a column aligned.
function writeRows(section, span) {
  const rows = span.dataset.live.split("\n").map((row) => [...row.matchAll(/\{(.*?)\}/g)].map(
    ([, refers]) => found_in(section, refers)));
  const columns = rows[0].map((_, column) => pointed(rows.map((row) => six(row[column]))));
  const lines = rows.map((_, row) => columns.map((column) => column[row]).join(" "));
  const isArray = span.dataset.live.startsWith("[");
  span.textContent = lines.map((line) => (isArray ? `[${line}]` : line)).join("\n");
  span.dataset.exact = rows.flat().join(" ");
}

// Texts of numbers of equal length, their points under each other.
function pointed(texts) {
  const parts = texts.map((text) => [text.split(".")[0], text.slice(text.split(".")[0].length)]);
  const [before, after] = [0, 1].map((side) => Math.max(...parts.map((each) => each[side].length)));
  return parts.map(([whole, rest]) => whole.padStart(before) + rest.padEnd(after));
}

// What holds the text of a cell: itself, or the span by which a gradient is hidden.
function textOf(cell) {
  return cell.querySelector(":scope > span") ?? cell;
}

function found_in(section, refers) {
  const [name, what] = refers.split("/").length > 2
    ? [refers.slice(0, refers.indexOf("/")), refers.slice(refers.indexOf("/") + 1)]
    : refers.split("/");
  const { circuit, inputs, numbers } = section.querySelector(`[data-function=${name}]`).state;
  const [kind, ...words] = what.split(" ");
  if (kind === "value" || kind === "gradient") return numberOf(numbers, what);
  if (kind === "input") return inputs[words[0]];
  if (kind === "code") return numberOf(numbers, referenceOf(circuit, words[0]));
  if (kind === "less") return 1 - found_in(section, `${name}/${words.join(" ")}`);
  if (kind === "slope") return slope(circuit, inputs, words[0]);
  if (kind === "after") return outcome(circuit, stepped(circuit, inputs, ...words), inputs);
  if (kind === "layers") return lossByLayers(inputs);
  if (kind === "local") {
    const gate = circuit.gates[words[0]];
    return numbers.locals[words[0]][gate.arguments.indexOf(words[1])];
  }
  const [first, second] = words.join(" ").split(", ");
  return gap(found_in(section, `${name}/${first}`),
    found_in(section, second.includes("/") ? second : `${name}/${second}`));
}

function lossByLayers({ x1, x2, yi, ...w }) {
  const net = { W1: [[w.w11h, w.w12h], [w.w21h, w.w22h]], b1: [[w.w01h, w.w02h]],
    W2: [[w.w11o], [w.w21o]], b2: [[w.w01o]] };
  const [[y]] = scoresOf(net, [[x1, x2]], ACTIVATIONS.sigmoid).scores;
  return 0.5 * (y - yi) ** 2;
}

// What a name of the code refers to, in the words of data-number.
function referenceOf(circuit, name) {
  for (const line of [...circuit.lines].reverse()) {
    const place = line.names.indexOf(name);
    if (place >= 0) return line.numbers[place];
  }
  throw new Error(`nothing is called ${name}`);
}

// What comes out: the last values times the gradients with which backward begins.
function outcome(circuit, inputs, seeded = inputs) {
  const { values } = run(circuit, inputs);
  return circuit.seeds.reduce((sum, seed) => sum + constant(seed, seeded) * values[seed.wire], 0);
}

function slope(circuit, inputs, name) {
  const h = 1e-5 * Math.max(1, Math.abs(inputs[name]));
  const at = (value) => outcome(circuit, { ...inputs, [name]: value }, inputs);
  return (at(inputs[name] + h) - at(inputs[name] - h)) / (2 * h);
}

function stepped(circuit, inputs, rate, prefix) {
  const { gradients } = run(circuit, inputs);
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => {
    const wire = circuit.wires.findIndex((each) => each.input === name);
    return [name, name.startsWith(prefix) ? value - rate * gradients[wire] : value];
  }));
}

function gap(first, second) {
  const apart = Math.abs(first - second);
  if (apart === 0) return "0";
  return apart.toExponential(0).replace(/e([+-])(\d)$/, "e$10$2");
}

// A number as the tables have it: exact if it is short, else with six decimals.
function plain(number) {
  const size = Math.abs(number);
  if (!Number.isFinite(number)) return unending(number);
  if (size >= 1e9 || (size > 0 && size < 5e-5)) return general(number);
  const rounded = Number(fixed(number, 6));
  if (Math.abs(number - rounded) <= 1e-12 * Math.max(1, size)) {
    return rounded === 0 ? "0" : trimmed(fixed(number, 6));
  }
  return fixed(number, 6);
}

// Three digits with a power of ten, as Python's .3g.
function general(number) {
  const [digits, power] = number.toExponential(2).split("e");
  return `${trimmed(digits)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

// Numbers of a column under each other by their points: spaces as wide as digits at their end.
function align(table) {
  const rows = [...table.tBodies[0].rows];
  for (let column = 0; column < rows[0].cells.length; column += 1) {
    const cells = rows.map((row) => row.cells[column]).filter((cell) => cell.matches(".number"));
    const texts = cells.map((cell) => cell.textContent.trim());
    const after = texts.map((text) => (/^[-−\d]/.test(text) && !text.includes(",")
      ? text.length - text.split(".")[0].length : 0));
    const most = Math.max(0, ...after);
    cells.forEach((cell, place) => {
      if (!cell.dataset.live || cell.dataset.live.includes("/gap ")) return;
      const spaces = " ".repeat(most - after[place]);
      const padded = texts[place].includes(".") ? spaces : spaces.replace(" ", "\u2008");
      textOf(cell).textContent = texts[place] + padded.replaceAll(" ", "\u2007");
    });
  }
}
