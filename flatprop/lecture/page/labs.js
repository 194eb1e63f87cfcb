// Things to play with at the end of a part. Each is a function of its empty figure.

const LABS = {};

// <tag class="...">...</tag>; what is in it: texts and elements.
function make(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

// A labelled field of a number; reads as NaN where it is none.
function numberField(name, value, limits = {}) {
  const field = make("input", { type: "number", step: "any", value, name, ...limits });
  return [make("label", {}, make("i", {}, name), field), field];
}

function choice(name, options) {
  const field = make("select", { name }, ...options.map((each) => make("option", {}, each)));
  return [make("label", {}, make("i", {}, name), field), field];
}

// A table of texts and numbers, numbers in full in data-exact.
function tableOf(head, rows, caption) {
  const cell = (each) => (typeof each === "number"
    ? make("td", { class: "number", "data-exact": each }, six(each)) : make("td", {}, each));
  return make("table", {}, make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...head.map((each) => make("th", { scope: "col" }, each)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell)))));
}

// A matrix whose cells can be changed: {element, read}.
function matrixField(name, rows, changed) {
  const fields = rows.map((row, n) => row.map((value, m) => make("input", { type: "number",
    step: "any", value, "aria-label": `${name}, row ${n + 1}, column ${m + 1}` })));
  const body = fields.map((row) => make("tr", {}, ...row.map((each) => make("td", {}, each))));
  const element = make("div", { class: "array", "data-name": name }, make("p", {}, name),
    make("div", { class: "scroll" }, make("table", { class: "matrix" }, ...body)));
  element.addEventListener("input", changed);
  return { element, read: () => fields.map((row) => row.map((each) => each.valueAsNumber)) };
}

// A matrix that is shown; zeros are pale where they are told apart.
function matrixShown(name, rows, kind = "value") {
  const columns = rows[0].map((_, m) => padded(rows.map((row) => six(row[m]))));
  const body = rows.map((row, n) => make("tr", {}, ...row.map((each, m) => make("td",
    { "data-exact": each, class: each === 0 ? "zero" : "" }, columns[m][n]))));
  return make("div", { class: `array ${kind}`, "data-name": name },
    make("p", {}, name, make("span", {}, `${rows.length} × ${rows[0].length}`)),
    make("div", { class: "scroll" }, make("table", { class: "matrix" }, ...body)));
}

// Numbers as texts with their points under each other.
function padded(texts) {
  const after = texts.map((text) => text.length - text.split(".")[0].length);
  const most = Math.max(...after);
  return texts.map((text, place) => {
    const spaces = " ".repeat(most - after[place]);
    return text.replace("-", "−") + (after[place] ? spaces : spaces.replace(" ", "\u2008"))
      .replaceAll(" ", "\u2007");
  });
}

function product(a, b) {
  return a.map((row) => b[0].map((_, m) => row.reduce((sum, each, k) => sum + each * b[k][m], 0)));
}

function transposed(a) {
  return a[0].map((_, m) => a.map((row) => row[m]));
}

// One row of scores: both losses and their gradients.
function svmLoss(scores, y, margin) {
  const excess = scores.map((each, j) => (j === y ? 0 : each - scores[y] + margin));
  const gradient = excess.map((each) => (each > 0 ? 1 : 0));
  gradient[y] = -gradient.reduce((sum, each) => sum + each, 0);
  return [excess.reduce((sum, each) => sum + Math.max(0, each), 0), gradient];
}

function softmaxLoss(scores, y) {
  const most = Math.max(...scores);
  const powers = scores.map((each) => Math.exp(each - most));
  const total = powers.reduce((sum, each) => sum + each, 0);
  return [Math.log(total) - (scores[y] - most),
    powers.map((each, j) => each / total - (j === y ? 1 : 0))];
}

LABS.losses = (lab) => {
  const [labels, fields] = transposed([["s0", 13], ["s1", -7], ["s2", 11], ["y", 0],
    ["margin", 1]].map(([name, value]) => numberField(name, value,
    name === "y" ? { min: 0, max: 2, step: 1 } : {})));
  const out = make("div", { class: "scroll" });
  function tell() {
    const [s0, s1, s2, y, margin] = fields.map((each) => each.valueAsNumber);
    if (fields.some((each) => !each.validity.valid || each.value === "")) return;
    const [svm, dsvm] = svmLoss([s0, s1, s2], y, margin);
    const [soft, dsoft] = softmaxLoss([s0, s1, s2], y);
    out.replaceChildren(tableOf(["", "loss", "ds0", "ds1", "ds2"],
      [["SVM", svm, ...dsvm], ["softmax", soft, ...dsoft]],
      "The losses of one row of scores, side by side"));
  }
  const form = make("form", { class: "inputs" }, ...labels);
  form.addEventListener("input", tell);
  lab.append(form, out);
  tell();
};

LABS.matmul = (lab) => {
  const out = make("div", { class: "arrays" });
  const tell = () => {
    const [x, w, dy] = [xs, ws, dys].map((each) => each.read());
    if ([x, w, dy].flat(2).some((each) => !Number.isFinite(each))) return;
    out.replaceChildren(matrixShown("y = x w", product(x, w)),
      matrixShown("dx = dy wᵀ", product(dy, transposed(w)), "gradient"),
      matrixShown("dw = xᵀ dy", product(transposed(x), dy), "gradient"));
  };
  const xs = matrixField("x", [[2, 1, -3], [-3, 4, 2]], tell);
  const ws = matrixField("w", [[3, 2, 1, -1], [2, 1, 3, 2], [3, 2, 1, -2]], tell);
  const dys = matrixField("dy", [[2, 3, -3, 9], [-8, 1, 4, 6]], tell);
  lab.append(make("div", { class: "arrays" }, xs.element, ws.element, dys.element), out);
  tell();
};

LABS.jacobian = (lab) => {
  const out = make("div", { class: "arrays" });
  const says = make("p", { role: "status" });
  const tell = () => {
    const [[x], [dz]] = [xs.read(), dzs.read()];
    if ([...x, ...dz].some((each) => !Number.isFinite(each))) return;
    const rows = x.map((each, n) => x.map((_, m) => (n === m && each > 0 ? 1 : 0)));
    const zeros = rows.flat().filter((each) => each === 0).length;
    out.replaceChildren(matrixShown("z = max(0, x)", [x.map((each) => Math.max(0, each))]),
      matrixShown("dz/dx", rows, "local"),
      matrixShown("dL/dx = [dz/dx] dz", [product(rows, dz.map((each) => [each])).flat()],
        "gradient"));
    says.textContent = `${zeros} of the ${rows.length ** 2} entries of dz/dx are 0; with n inputs `
      + "at least n² − n are. So backward multiplies by 0 or 1, entry by entry.";
  };
  const xs = matrixField("x", [[1, -2, 3, -1]], tell);
  const dzs = matrixField("dz", [[4, -1, 5, 9]], tell);
  lab.append(make("div", { class: "arrays" }, xs.element, dzs.element), out, says);
  tell();
};

// Products that the gradient of one number for n inputs takes, in a net n - H - H - 1: a pass in
// reverse serves all inputs at once; a pass forward carries the change of one input.
function productsOf(n, H) {
  return { reverse: H + H + H * H + H + n * H, forward: n * (H + H + H * H + H + H) };
}

LABS.products = (lab) => {
  const [nLabel, n] = numberField("n", 784, { min: 1, max: 1e6, step: 1 });
  const [hLabel, h] = numberField("H", 100, { min: 1, max: 1e6, step: 1 });
  const out = make("div", { class: "scroll" });
  function tell() {
    if (!n.validity.valid || !h.validity.valid || !n.value || !h.value) return;
    const { reverse, forward } = productsOf(n.valueAsNumber, h.valueAsNumber);
    out.replaceChildren(tableOf(["way", "passes", "products"], [
      ["reverse: H + H + H² + H + n H", 1, reverse],
      ["forward, for each input: H + H + H² + H + H", n.valueAsNumber, forward]],
    "dL/dx for all n inputs of a net n - H - H - 1: weights, activation, weights, activation, "
    + "weights"));
  }
  const form = make("form", { class: "inputs" }, nLabel, hLabel);
  form.addEventListener("input", tell);
  lab.append(form, out);
  tell();
};
