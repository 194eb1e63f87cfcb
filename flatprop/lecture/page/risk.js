// Part 1: both nets trained anew, by the steps of Python: its data, first weights and orders are given.

// J after each epoch, the first before any, and the accuracy at the end.
function riskOf({ x, y }, { net: first, order }, { rate, batch, epochs }) {
  const net = structuredClone(first);
  const j = () => lossOf(net, x, y, ACTIVATIONS.relu, 0).loss;
  const risks = [j()];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const visited = y.map((_, place) => Number(order.substr(2 * (epoch * y.length + place), 2)));
    for (let start = 0; start < y.length; start += batch) {
      const rows = visited.slice(start, start + batch);
      const { grads } = lossOf(net, rows.map((i) => x[i]), rows.map((i) => y[i]), ACTIVATIONS.relu, 0);
      sgdStep(net, grads, rate);
    }
    risks.push(j());
  }
  const { scores } = scoresOf(net, x, ACTIVATIONS.relu);
  const right = scores.filter(([no, yes], i) => (yes > no) === (y[i] === 1)).length;
  return { risks, accuracy: right / y.length };
}

LABS.risk = (lab) => {
  const given = JSON.parse(lab.querySelector("script").textContent);
  const [labels, fields] = transposed([
    numberField("rate", 0.3, { min: 1e-6, max: 100 }),
    numberField("batch", 10, { min: 1, max: 250, step: 1 }),
    numberField("epochs", 30, { min: 1, max: 40, step: 1 })]);
  const out = make("div", { class: "scroll" });
  const remark = make("p", { role: "status" });
  function tell() {
    if (fields.some((each) => !each.validity.valid || each.value === "")) return;
    const [rate, batch, epochs] = fields.map((each) => each.valueAsNumber);
    const ends = given.runs.map((each) => riskOf(given, each, { rate, batch, epochs }));
    out.replaceChildren(tableOf(["first weights", "J at first", "after an epoch", "J at the end",
      "accuracy"], ends.map(({ risks, accuracy }, place) => [`seed ${given.runs[place].seed}`,
      risks[0], risks[1], risks.at(-1), `${Math.round(100 * accuracy)}%`]),
    "The steps are those of flatprop lecture risk"),
    curves(ends.map(({ risks }) => risks), given.runs.map((each) => `seed ${each.seed}`)));
    remark.textContent = ends.every(({ risks }) => Number.isFinite(risks.at(-1))) ? ""
      : "The numbers have left their range: a lower rate.";
  }
  const form = make("form", { class: "inputs" }, ...labels);
  form.addEventListener("input", tell);
  form.addEventListener("submit", (event) => event.preventDefault());
  lab.append(form, out, remark);
  tell();
};

// J by epoch, a line for each net, as an SVG; the table has the ends of the lines as numbers.
function curves(series, names) {
  const [width, height, left, bottom, top] = [520, 240, 56, 200, 12];
  const most = Math.max(...series.flat().filter(Number.isFinite), 0.001);
  const last = series[0].length - 1;
  const x = (epoch) => left + (width - left - 80) * epoch / last;
  const y = (risk) => bottom - (bottom - top) * risk / most;
  const drawn = (tag, attributes, ...inside) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };
  const svg = drawn("svg", { width, height, class: "curves", role: "img",
    "aria-label": "J by epoch" });
  for (const part of [0, 0.5, 1]) {
    const [at, place] = [y(part * most), Math.round(part * last)];
    svg.append(drawn("path", { class: "axis", d: `M${left} ${at}H${x(last)}` }),
      drawn("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, three(part * most)),
      drawn("text", { x: x(place), y: bottom + 18, "text-anchor": "middle" }, String(place)));
  }
  svg.append(drawn("text", { x: (left + x(last)) / 2, y: bottom + 36, "text-anchor": "middle" },
    "epoch"));
  series.forEach((risks, place) => {
    const points = risks.map((risk, epoch) => [x(epoch), y(risk)]).filter(([, at]) => (
      Number.isFinite(at)));
    svg.append(drawn("polyline", { class: `line s${place}`, points: points.join(" ") }));
    svg.append(drawn("path", { class: `line s${place}`, d: `M${width - 76} ${20 + 20 * place}h18` }),
      drawn("text", { x: width - 52, y: 24 + 20 * place }, names[place]));
  });
  return svg;
}
