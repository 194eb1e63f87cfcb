// A small net trained in the page: two spirals, s = W2 act(W1 x + b1) + b2, softmax loss, SGD, L2.

const NET_RATE = 1, SPIRAL_POINTS = 120, SIDE = 300, CELLS = 50;

const ACTIVATIONS = {
  relu: [(h) => Math.max(0, h), (h) => (h > 0 ? 1 : 0)],
  tanh: [(h) => Math.tanh(h), (h, a) => (1 - a) * (1 + a)],
  sigmoid: [(h) => GATES.sigmoid.forward(h), (h, a) => (1 - a) * a],
  none: [(h) => h, () => 1],
};

// Numbers between 0 and 1, the same for a seed: mulberry32.
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function spirals(random) {
  const x = [], y = [];
  for (let i = 0; i < SPIRAL_POINTS; i += 1) {
    const r = Math.floor(i / 2) / (SPIRAL_POINTS / 2 - 1);
    const angle = Math.PI * (i % 2) + 5 * r + 0.1 * normal(random);
    x.push([2 * r * Math.sin(angle), 2 * r * Math.cos(angle)]);
    y.push(i % 2);
  }
  return { x, y };
}

function firstNet(random, hidden, weights) {
  const size = { "as He": [1, Math.sqrt(2 / hidden)], "all 0": [0, 0], "20 times": [20, 20] }[weights];
  const draw = (rows, columns, scale) => Array.from({ length: rows },
    () => Array.from({ length: columns }, () => scale * normal(random)));
  return { W1: draw(2, hidden, size[0]), b1: [Array(hidden).fill(0)],
    W2: draw(hidden, 2, size[1]), b2: [[0, 0]] };
}

function scoresOf(net, x, [act]) {
  const hidden = product(x, net.W1).map((row) => row.map((each, j) => each + net.b1[0][j]));
  const active = hidden.map((row) => row.map(act));
  const scores = product(active, net.W2).map((row) => row.map((each, j) => each + net.b2[0][j]));
  return { hidden, active, scores };
}

// The loss of a batch and the gradient of each parameter, with that of L2.
function lossOf(net, x, y, activation, l2) {
  const { hidden, active, scores } = scoresOf(net, x, activation);
  let loss = 0;
  const dscores = scores.map((row, i) => {
    const [one, gradient] = softmaxLoss(row, y[i]);
    loss += one / y.length;
    return gradient.map((each) => each / y.length);
  });
  const dactive = product(dscores, transposed(net.W2));
  const dhidden = dactive.map((row, i) => row.map(
    (each, j) => each * activation[1](hidden[i][j], active[i][j])));
  const sum = (rows) => [rows[0].map((_, j) => rows.reduce((all, row) => all + row[j], 0))];
  const decayed = (dW, W) => dW.map((row, i) => row.map((each, j) => each + 2 * l2 * W[i][j]));
  return { loss, grads: { W1: decayed(product(transposed(x), dhidden), net.W1), b1: sum(dhidden),
    W2: decayed(product(transposed(active), dscores), net.W2), b2: sum(dscores) } };
}

function sgdStep(net, grads, rate) {
  for (const [name, rows] of Object.entries(net)) {
    rows.forEach((row, i) => row.forEach((_, j) => { row[j] -= rate * grads[name][i][j]; }));
  }
}

// A run of training: {net, data, steps, step, judge}; every epoch visits all in a fresh order.
function training({ hidden, batch, rate, l2, act, weights, seed }) {
  const random = generator(seed);
  const data = spirals(random);
  const made = { net: firstNet(random, hidden, weights), data, steps: 0, waiting: [], batch: [] };
  made.step = () => {
    if (!made.waiting.length) {
      made.waiting = data.y.map((_, i) => i);
      for (let i = made.waiting.length - 1; i > 0; i -= 1) {
        const j = Math.floor(random() * (i + 1));
        [made.waiting[i], made.waiting[j]] = [made.waiting[j], made.waiting[i]];
      }
    }
    made.batch = made.waiting.splice(0, batch());
    const [x, y] = [made.batch.map((i) => data.x[i]), made.batch.map((i) => data.y[i])];
    const { loss, grads } = lossOf(made.net, x, y, ACTIVATIONS[act()], l2());
    sgdStep(made.net, grads, rate());
    made.steps += 1;
    return loss;
  };
  made.judge = () => {
    const { scores } = scoresOf(made.net, data.x, ACTIVATIONS[act()]);
    const right = scores.filter((row, i) => (row[1] > row[0]) === (data.y[i] === 1)).length;
    return { loss: lossOf(made.net, data.x, data.y, ACTIVATIONS[act()], 0).loss,
      accuracy: right / data.y.length };
  };
  return made;
}

function paint(canvas, run_, act) {
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const colours = ["--local", "--slip"].map((each) => style.getPropertyValue(each));
  const size = SIDE / CELLS;
  const centres = Array.from({ length: CELLS ** 2 }, (_, k) => [
    ((k % CELLS) + 0.5) / CELLS * 5 - 2.5, 2.5 - (Math.floor(k / CELLS) + 0.5) / CELLS * 5]);
  const { scores } = scoresOf(run_.net, centres, ACTIVATIONS[act]);
  pen.clearRect(0, 0, SIDE, SIDE);
  scores.forEach(([first, second], k) => {
    pen.globalAlpha = 0.1 + 0.3 * Math.tanh(Math.abs(second - first));
    pen.fillStyle = colours[second > first ? 1 : 0];
    pen.fillRect((k % CELLS) * size, Math.floor(k / CELLS) * size, size, size);
  });
  pen.globalAlpha = 1;
  run_.data.x.forEach(([a, b], i) => {
    pen.fillStyle = colours[run_.data.y[i]];
    pen.fillRect((a + 2.5) / 5 * SIDE - 2.5, (2.5 - b) / 5 * SIDE - 2.5, 5, 5);
  });
}

LABS.net = (lab) => {
  const [labels, fields] = transposed([
    numberField("rate", NET_RATE, { min: 0, max: 1000 }),
    numberField("batch", 20, { min: 1, max: SPIRAL_POINTS, step: 1 }),
    numberField("L2", 0, { min: 0, max: 10 }),
    numberField("hidden", 24, { min: 1, max: 100, step: 1 }),
    choice("activation", Object.keys(ACTIVATIONS)),
    choice("first weights", ["as He", "all 0", "20 times"])]);
  const [rate, batch, l2, hidden, act, weights] = fields;
  const buttons = ["Train", "One step", "Begin anew"].map(
    (each) => make("button", { type: "button" }, each));
  const canvas = make("canvas", { width: SIDE, height: SIDE, role: "img",
    "aria-label": "the two spirals and the boundary of the net; the table has the numbers" });
  const out = make("div", { class: "scroll" });
  const form = make("form", { class: "inputs" }, ...labels);
  let history = [], playing = null;

  function begin() {
    if (fields.some((each) => !each.checkValidity())) return;
    lab.training = training({ hidden: hidden.valueAsNumber, seed: 1, weights: weights.value,
      batch: () => batch.valueAsNumber, rate: () => rate.valueAsNumber,
      l2: () => l2.valueAsNumber, act: () => act.value });
    history = [];
    tell();
  }

  function tell() {
    const { loss, accuracy } = lab.training.judge();
    history = [...history, [lab.training.steps, loss, `${Math.round(100 * accuracy)}%`]].slice(-8);
    out.replaceChildren(tableOf(["steps", "loss", "accuracy"], history, "Over all 120 points"));
    paint(canvas, lab.training, act.value);
    if (Number.isFinite(loss)) return;
    pause();
    out.append(make("p", { class: "gradient", role: "status" },
      "The numbers have left their range: a lower rate, or smaller first weights."));
  }

  function pause() {
    clearInterval(playing);
    playing = null;
    buttons[0].textContent = "Train";
  }

  function advance(count) {
    if (fields.some((each) => !each.checkValidity())) return pause();
    for (let step = 0; step < count; step += 1) lab.training.step();
    return tell();
  }

  buttons[0].addEventListener("click", () => {
    if (playing) return pause();
    playing = setInterval(() => advance(30), 60);
    buttons[0].textContent = "Pause";
    return undefined;
  });
  buttons[1].addEventListener("click", () => { pause(); advance(1); });
  buttons[2].addEventListener("click", () => { pause(); begin(); });
  for (const each of [hidden, act, weights]) {
    each.addEventListener("change", () => { pause(); begin(); });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  lab.append(form, make("p", { class: "steps" }, ...buttons),
    make("div", { class: "arrays" }, canvas, out));
  begin();
};
