// The page's circuits come alive here: inputs that recompute, buttons that step.
// Without this file the page shows all numbers, and no fields or buttons.

const BEAT = 1400;      // milliseconds of a step while it plays

function live(figure) {
  const circuit = JSON.parse(figure.querySelector("script").textContent);
  const form = figure.querySelector("form.inputs");
  const fields = [...form.querySelectorAll("input")];
  const remark = form.querySelector(".remark");
  const says = figure.querySelector(".says");
  for (const field of fields) field.value = field.defaultValue;    // not what a reload has kept
  const first = readings(fields);         // the lecture's own numbers
  const last = circuit.lines.length;
  let numbers = run(circuit, first);
  const section = figure.closest("section");
  const state = { circuit, inputs: first, numbers };
  figure.state = state;
  let step = last;                        // how many lines have been run
  let isIdle = true;                      // nobody has stepped yet: all is shown, nothing marked
  let playing = null;

  function compute() {
    state.inputs = readings(fields);
    state.numbers = numbers = run(circuit, state.inputs);
    write(figure, circuit, numbers);
    guesses.clear();
    follow(section);
    const isFirst = fields.every((field) => field.valueAsNumber === first[field.name]);
    figure.classList.toggle("edited", !isFirst);
    form.querySelector("[data-do=reset]").hidden = isFirst;
    show();
  }

  function show() {
    hideLater(figure, circuit, step, isIdle);
    says.textContent = words(circuit, numbers, step, isIdle);
    // The words of a line of backward would give the gradient away.
    if (guesses.isOn() && circuit.lines[step - 1]?.pass === "backward" && !isIdle) {
      const { names } = circuit.lines[step - 1];
      says.textContent = `${step} of ${last}, backward: your guess of ${names.join(" and ")}?`;
    }
    const at = known(circuit);
    thicken(figure, numbers, (refers) => isIdle || !(at[refers] > step));
    tellNudge();
    for (const name of ["first", "back"]) button(name).disabled = step === 0;
    for (const name of ["next", "last"]) button(name).disabled = step === last;
    button("play").textContent = playing ? "Pause" : "Play";
  }

  function go(to) {
    isIdle = false;
    figure.classList.add("walking");
    step = Math.min(Math.max(to, 0), last);
    show();
    reveal(figure);
  }

  function pause() {
    clearInterval(playing);
    playing = null;
  }

  function play() {
    if (step === last) step = 0;
    playing = setInterval(() => {
      if (step + 1 >= last) pause();
      go(step + 1);
    }, BEAT);
    go(step);
  }

  const button = (name) => figure.querySelector(`[data-do=${name}]`);
  const does = {
    first: () => go(0),
    back: () => go(step - 1),
    next: () => go(step + 1),
    last: () => go(last),
  };
  for (const [name, act] of Object.entries(does)) {
    button(name).addEventListener("click", () => { pause(); act(); });
  }
  button("play").addEventListener("click", () => {
    if (!playing) return play();
    pause();
    return show();
  });
  button("reset").addEventListener("click", () => {
    for (const field of fields) field.value = first[field.name];
    check();
    share();
    fields[0].focus();
  });

  // An input that is no number is marked, and the numbers stay those of the last good ones.
  function check() {
    const wrong = fields.filter((field) => !field.validity.valid);
    for (const field of fields) field.setAttribute("aria-invalid", wrong.includes(field));
    remark.textContent = wrong.length ? complaint(wrong[0]) : "";
    if (!wrong.length) compute();
  }
  // Circuits of one part have their inputs in common, if these are the part's own.
  function share() {
    if (!("shared" in figure.dataset)) return;
    for (const other of section.querySelectorAll("[data-shared]")) {
      if (other !== figure) other.take(fields);
    }
  }
  figure.take = (theirs) => {
    for (const field of fields) {
      const same = theirs.find((each) => each.name === field.name);
      if (same) field.value = same.value;
    }
    check();
  };
  form.addEventListener("input", () => { check(); share(); });
  form.addEventListener("submit", (event) => event.preventDefault());

  // A drawing too wide for its place scrolls, or is seen whole and small.
  const drawing = figure.querySelector(".drawing");
  let sized = false;
  new ResizeObserver(() => {
    const isTooWide = drawing.querySelector("svg").width.baseVal.value + 32 > drawing.clientWidth;
    button("whole").hidden = !isTooWide;
    if (!sized) {
      const share = drawing.clientWidth / (drawing.querySelector("svg").width.baseVal.value + 32);
      sized = true;
      if (isTooWide && share > 0.85) button("whole").click();      // still to be read
    }
  }).observe(drawing);
  button("whole").addEventListener("click", () => {
    const isWhole = figure.classList.toggle("whole");
    button("whole").textContent = isWhole ? "Full size" : "Whole drawing";
    reveal(figure);
  });

  const keys = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last" };
  figure.querySelector(".stage").addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    pause();
    does[keys[event.key]]();
  });

  for (const hidden of figure.querySelectorAll("form.inputs, .nudge, .steps")) {
    hidden.hidden = false;
  }
  const tellNudge = nudging(figure, circuit, state);
  const guesses = guessing(figure, circuit, () => numbers, show);
  lighting(figure, circuit);
  write(figure, circuit, numbers);
  guesses.toggle("guess" in figure.dataset);
}

function readings(fields) {
  return Object.fromEntries(fields.map((field) => [field.name, Number(field.value)]));
}

function complaint(field) {
  if (field.validity.rangeUnderflow || field.validity.rangeOverflow) {
    return `${field.name} must lie between ${Number(field.min)} and ${Number(field.max)}.`;
  }
  return `${field.name} must be a number, such as 2 or -0.5.`;
}

// Every number of the figure, in full in data-exact.
function write(figure, circuit, numbers) {
  for (const place of figure.querySelectorAll("svg .value, svg .gradient")) {
    put(place, numberOf(numbers, reference(place)), two);
  }
  for (const place of figure.querySelectorAll("svg .local")) {
    const argument = circuit.gates[place.dataset.gate].arguments.indexOf(place.dataset.argument);
    put(place, numbers.locals[place.dataset.gate][argument], (number) => `∂=${two(number)}`);
  }
  circuit.gates.forEach((gate, number) => {
    if (!gate.constants.some((each) => "input" in each)) return;
    const symbol = figure.querySelector(`svg .gate[data-gate="${number}"] .symbol`);
    symbol.textContent = symbolOf(gate.layer, numbers.constants[number][0]);
    symbol.style.fontSize = symbol.textContent.length > 5 ? "10px" : "";    // the circle stays
  });
  for (const place of figure.querySelectorAll("[data-number]")) {
    put(place, numberOf(numbers, place.dataset.number), six);
  }
}

// What is written in a scale or shift gate whose constant is an input: *2, +0.5, -0.5.
function symbolOf(layer, number) {
  if (layer === "scale") return `*${three(number)}`;
  return number < 0 ? three(number) : `+${three(number)}`;
}

function put(place, number, asText) {
  place.textContent = asText(number);
  place.dataset.exact = String(number);
}

// What a text of the drawing shows, in the words of data-number: "value 2", "gradient 2 0".
function reference(place) {
  const { wire, use } = place.dataset;
  if (place.classList.contains("value")) return `value ${wire}`;
  return use === undefined ? `gradient ${wire}` : `gradient ${wire} ${use}`;
}

function numberOf(numbers, refers) {
  const [kind, wire, use] = refers.split(" ");
  if (kind === "value") return numbers.values[wire];
  return use === undefined ? numbers.gradients[wire] : numbers.uses[wire][use];
}

for (const each of document.querySelectorAll(".needs-script")) each.hidden = false;
for (const figure of document.querySelectorAll("figure.circuit-figure")) live(figure);
for (const lab of document.querySelectorAll("figure.lab")) {
  lab.hidden = false;
  LABS[lab.dataset.lab](lab);
}
document.querySelector("[data-do=forget]").addEventListener("click", forgetGuesses);
tellTotal();
contents();
