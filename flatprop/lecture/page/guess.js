// Guess before you look: the gradients are hidden, a box for each, right or wrong at once.
// What was guessed right is kept in the browser, {circuit: [what was right]}.

const KEPT = "flatprop lecture: guessed right";

function keptGuesses() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};              // no storage, or another's text in it: the score begins anew
  }
}

function keepGuess(id, refers) {
  const kept = keptGuesses();
  kept[id] = [...new Set([...(Array.isArray(kept[id]) ? kept[id] : []), refers])];
  try {
    localStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // The score of this visit is still counted by what is on the page.
  }
}

// Right to two decimals, or to one part in a hundred.
function isRight(guess, number) {
  return Math.abs(guess - number) <= Math.max(0.0051, 0.01 * Math.abs(number));
}

// Boxes in the figure's listing; gives {isOn, toggle, clear}.
function guessing(figure, circuit, current, show) {
  const section = figure.closest("section");
  const button = figure.querySelector("[data-do=guess]");
  const score = figure.querySelector(".score");
  const places = [...figure.querySelectorAll('.listing [data-number^="gradient"]')];
  const boxes = places.map((place) => {
    const box = document.createElement("input");
    box.type = "text";
    box.inputMode = "decimal";
    box.className = "guess";
    const name = place.parentElement.querySelector("i").textContent;
    box.setAttribute("aria-label", `your guess of ${name}`);
    box.addEventListener("input", () => judge(box, place));
    place.after(box);
    return box;
  });

  function judge(box, place) {
    const text = box.value.trim().replace("−", "-");
    const isNumber = text !== "" && Number.isFinite(Number(text));
    const right = isNumber && isRight(Number(text), numberOf(current(), place.dataset.number));
    box.dataset.judged = !isNumber ? "" : right ? "right" : "wrong";
    box.setAttribute("aria-invalid", isNumber && !right);
    if (right) keepGuess(figure.id, place.dataset.number);
    tell();
  }

  function tell() {
    const right = boxes.filter((box) => box.dataset.judged === "right");
    const wrong = boxes.filter((box) => box.dataset.judged === "wrong");
    const known = new Set(places.filter((_, each) => right.includes(boxes[each]))
      .map((place) => place.dataset.number));
    for (const text of figure.querySelectorAll("svg .gradient")) {
      text.classList.toggle("unguessed", !known.has(reference(text)));
    }
    unveil(section, figure, (refers) => known.has(refers));
    score.textContent = `${right.length} of ${boxes.length} right`
      + (wrong.length ? `, ${wrong.length} not yet` : "");
    tellTotal();
  }

  function toggle(isOn) {
    figure.classList.toggle("guessing", isOn);
    section.classList.toggle("has-guesses", section.querySelector(".guessing") !== null);
    button.setAttribute("aria-pressed", isOn);
    button.textContent = isOn ? "Show the gradients" : "Guess the gradients";
    score.hidden = !isOn;
    for (const text of figure.querySelectorAll("svg .unguessed")) {
      if (!isOn) text.classList.remove("unguessed");
    }
    if (isOn) tell();
    else unveil(section, figure, () => true);
    show();
  }

  // Other numbers are other questions.
  function clear() {
    for (const box of boxes) {
      box.value = "";
      box.dataset.judged = "";
      box.setAttribute("aria-invalid", false);
    }
    if (isOn()) tell();
  }

  const isOn = () => figure.classList.contains("guessing");
  button.addEventListener("click", () => toggle(!isOn()));
  return { isOn, toggle, clear };
}

// Cells and lines of the part hide what is asked of a figure's circuit, and no more.
// isKnown(reference), in the words of data-number
function unveil(section, figure, isKnown) {
  const { circuit } = figure.state;
  const start = `{${figure.dataset.function}/`;
  for (const place of section.querySelectorAll(":is(td.gradient, td.local, .gradient b)[data-live]")) {
    if (!place.dataset.live.startsWith(start)) continue;
    const what = place.dataset.live.slice(start.length, -1);
    const [kind, word] = what.split(" ");
    const asked = { code: () => [referenceOf(circuit, word)], slope: () => ofInput(circuit, word) };
    place.classList.toggle("guessed", (asked[kind]?.() ?? [what]).some(isKnown));
  }
}

// How the gradient of an input may be called in data-number: as a whole, or as its only share.
function ofInput(circuit, name) {
  const wire = circuit.wires.findIndex((each) => each.input === name);
  return [`gradient ${wire}`, ...circuit.uses[wire]?.length === 1 ? [`gradient ${wire} 0`] : []];
}

// The score of the page, as the browser has kept it.
function tellTotal() {
  const kept = keptGuesses();
  const count = Object.values(kept).reduce(
    (sum, each) => sum + (Array.isArray(each) ? each.length : 0), 0);
  const total = document.querySelector(".total-score");
  total.hidden = count === 0;
  total.querySelector("b").textContent = count;
}

function forgetGuesses() {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // There is none.
  }
  tellTotal();
}
