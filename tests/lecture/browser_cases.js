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

// What is wrong with a part to the eye: boxes on each other, too wide, cut, or letters too small.
function faults(section) {
  const found = [];
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true });
  const name = (each) => `${each.tagName} ${each.className.baseVal ?? each.className} `
    + `${each.closest("figure")?.id ?? ""} ${(each.value ?? each.textContent).slice(0, 30)}`;
  const column = section.getBoundingClientRect();
  for (const each of section.children) {
    if (each.getBoundingClientRect().right > column.right + 1) found.push(`wide: ${name(each)}`);
  }
  const inside = (each) => {              // the part of a box that its scrolling box lets be seen
    const box = each.getBoundingClientRect();
    const outer = each.parentElement.closest(".scroll")?.getBoundingClientRect() ?? column;
    return [Math.max(box.left, outer.left), Math.max(box.top, outer.top),
      Math.min(box.right, outer.right), Math.min(box.bottom, outer.bottom)];
  };
  const all = [...section.querySelectorAll("h2, p, figcaption, label, button, select, input, td, "
    + "th, caption, output, canvas, aside, pre, svg text, .remark")].filter(
    (each) => isSeen(each) && each.getBoundingClientRect().width > 0);
  const boxes = all.map(inside);
  boxes.forEach((a, i) => {
    for (let j = 0; j < i; j += 1) {
      const b = boxes[j];
      const isOn = Math.min(a[2], b[2]) - Math.max(a[0], b[0]) > 1
        && Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > 1;
      if (isOn && !all[i].contains(all[j]) && !all[j].contains(all[i])) {
        found.push(`overlap: ${name(all[i])} on ${name(all[j])}`);
      }
    }
  });
  for (const each of section.querySelectorAll("*")) {
    const isBox = each instanceof HTMLElement && isSeen(each) && !each.matches(".scroll, input, pre");
    if (isBox && getComputedStyle(each).overflowX !== "visible"
        && each.scrollWidth > each.clientWidth + 1) found.push(`cut: ${name(each)}`);
  }
  for (const each of [...all, ...section.querySelectorAll("sub, sup")].filter(isSeen)) {
    const svg = each.closest("svg");
    const scale = svg ? svg.getBoundingClientRect().width / svg.width.baseVal.value : 1;
    const size = parseFloat(getComputedStyle(each).fontSize) * (svg ? scale : 1);
    if (each.textContent.trim() && size < 10.95) found.push(`${size} px: ${name(each)}`);
  }
  return found;
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

Object.assign(window, { shown, walk, put_in, begin, restore, overlaps, faults, gateResults });
