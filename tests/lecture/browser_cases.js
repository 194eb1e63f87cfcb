// What the tests of the page run in the browser, before the page's own scripts are there.

// What a figure shows: its numbers in full and as texts, what can be seen, the words of the step.
function shown(figure) {
  const read = (selector, key) => Object.fromEntries([...figure.querySelectorAll(selector)].map(
    (place) => [key(place), { exact: Number(place.dataset.exact), text: place.textContent,
      seen: getComputedStyle(place).visibility !== "hidden" }]));
  return {
    drawn: read("svg .value, svg .gradient", reference),
    locals: read("svg .local", (place) => `${place.dataset.gate} ${place.dataset.argument}`),
    listed: read("[data-number]", (place) => place.dataset.number),
    words: figure.querySelector(".says").textContent,
  };
}

// The same after each of several buttons was pressed.
function walk(figure, buttons) {
  return buttons.map((name) => {
    figure.querySelector(`[data-do=${name}]`).click();
    return shown(figure);
  });
}

// Texts into the fields of those names, and one event.
function put_in(figure, texts) {
  for (const [name, text] of Object.entries(texts)) {
    figure.querySelector(`input[name="${name}"]`).value = text;
  }
  const [first] = Object.keys(texts);
  figure.querySelector(`input[name="${first}"]`).dispatchEvent(
    new Event("input", { bubbles: true }));
}

// Shows the gradients that are to be guessed, and keeps how the drawings are seen.
async function begin() {
  await new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });
  for (const figure of document.querySelectorAll(".circuit-figure")) {
    figure.wasWhole = figure.matches(".whole");
    if (figure.matches(".guessing")) figure.querySelector("[data-do=guess]").click();
  }
}

// Everything as it was when the page was opened, but that no gradients are to be guessed.
function restore() {
  document.activeElement.blur();
  for (const button of document.querySelectorAll(".lab button")) {
    if (button.textContent === "Pause") button.click();
  }
  for (const field of document.querySelectorAll("main :is(input, select):not(.guess)")) {
    const isList = field.matches("select");
    const first = isList ? "0" : field.defaultValue;
    const now = isList ? String(field.selectedIndex) : field.value;
    if (now === first && field.getAttribute("aria-invalid") !== "true") continue;
    if (isList) field.selectedIndex = 0;
    else field.value = first;
    for (const kind of ["input", "change"]) {
      field.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  }
  for (const button of document.querySelectorAll(".lab button")) {
    if (button.textContent === "Begin anew") button.click();
  }
  for (const figure of document.querySelectorAll(".circuit-figure")) {
    const press = (name) => figure.querySelector(`[data-do=${name}]`).click();
    if (figure.querySelector("[data-do=play]").textContent === "Pause") press("play");
    if (figure.matches(".guessing")) press("guess");
    if (figure.matches(".walking")) press("last");
    if (figure.wasWhole !== figure.matches(".whole")) press("whole");
    figure.classList.remove("walking");
  }
  for (const box of document.querySelectorAll(".scroll")) box.scrollTo(0, 0);
  scrollTo(0, 0);
}

// Pairs of texts in one drawing that lie on each other, those that are not seen left out.
function overlaps() {
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
}

// A gate of the page, forward and backward, for each case of its inputs and upstream gradients.
function gateResults([name, count, cases]) {
  return cases.map((numbers) => {
    const into = numbers.slice(0, count);
    const out = GATES[name].forward(...into);
    const dout = Array.isArray(out) ? numbers.slice(count) : numbers[count];
    return [out, GATES[name].backward(dout, out, ...into)].flat().map(String);
  });
}

Object.assign(window, { shown, walk, put_in, begin, restore, overlaps, gateResults });
