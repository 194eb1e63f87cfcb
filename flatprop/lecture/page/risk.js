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
    "The steps are those of flatprop lecture risk"));
    remark.textContent = ends.every(({ risks }) => Number.isFinite(risks.at(-1))) ? ""
      : "The numbers have left their range: a lower rate.";
  }
  const form = make("form", { class: "inputs" }, ...labels);
  form.addEventListener("input", tell);
  form.addEventListener("submit", (event) => event.preventDefault());
  lab.append(form, out, remark);
  tell();
};
