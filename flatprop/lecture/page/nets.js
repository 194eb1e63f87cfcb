// Small nets of matrices whose cells can be changed: parts 4, 5 and 7.

// A lab of matrices {name: rows}: show(arrays by name) gives the elements below them.
function matrixLab(lab, given, show) {
  const out = make("div", { class: "arrays" });
  const fields = Object.entries(given).map(([name, rows]) => [name, matrixField(name, rows, tell)]);
  function tell() {
    const arrays = Object.fromEntries(fields.map(([name, field]) => [name, field.read()]));
    if (Object.values(arrays).flat(2).every(Number.isFinite)) out.replaceChildren(...show(arrays));
  }
  lab.append(make("div", { class: "arrays" }, ...fields.map(([, field]) => field.element)), out);
  tell();
}

LABS.nets = (lab) => matrixLab(lab, { x: [[-0.1, 0.6, 0.1], [-0.5, 0.4, 1.3]],
  W1: [[1.3, 0.9, -0.7, -1.3], [-0.6, 0, -2.3, -0.2], [-1.2, -0.7, -0.5, -0.3]],
  W2: [[0.4, 1, -0.1], [1.4, -0.7, 0.4], [0.9, 0.1, -0.7], [-0.9, -0.5, 0.2]], y: [[2, 1]] },
({ x, W1, W2, y: [y] }) => {
  if (!y.every((each) => [0, 1, 2].includes(each))) {
    return [make("p", { class: "gradient", role: "status" }, "y holds classes: 0, 1 or 2.")];
  }
  const net = { W1, b1: [[0, 0, 0, 0]], W2, b2: [[0, 0, 0]] };
  const { active, scores } = scoresOf(net, x, ACTIVATIONS.relu);
  const { loss, grads } = lossOf(net, x, y, ACTIVATIONS.relu, 0);
  return [matrixShown("max(0, x W1)", active), matrixShown("f", scores),
    matrixShown("L", [[loss]]), matrixShown("dW1", grads.W1, "gradient"),
    matrixShown("dW2", grads.W2, "gradient")];
});

LABS.collapse = (lab) => matrixLab(lab, { x: [[1, -2], [0.5, 3]], W1: [[2, -1, 0.5], [1, 3, -2]],
  W2: [[1, -1], [0.5, 2], [-3, 1]] }, ({ x, W1, W2 }) => {
  const h = product(x, W1);
  return [matrixShown("W3 = W1 W2", product(W1, W2)), matrixShown("(x W1) W2", product(h, W2)),
    matrixShown("x W3", product(x, product(W1, W2))),
    matrixShown("max(0, x W1) W2", product(h.map((row) => row.map(ACTIVATIONS.relu[0])), W2))];
});

// Of a linear classifier with y = 0, 1, ...: the mean loss and dW, for either loss.
LABS.paper = (lab) => matrixLab(lab, { x: [[1, -2], [0.5, 3], [-1, 1]],
  W: [[0.4, -0.3, 0.1], [-0.2, 0.5, 0.6]] }, ({ x, W }) => {
  const scores = product(x, W);
  const losses = { SVM: (row, y) => svmLoss(row, y, 1), softmax: softmaxLoss };
  return [matrixShown("s = x W", scores), ...Object.entries(losses).flatMap(([name, of]) => {
    const each = scores.map((row, y) => of(row, y));
    const loss = each.reduce((sum, [one]) => sum + one / x.length, 0);
    const ds = each.map(([, gradient]) => gradient.map((one) => one / x.length));
    return [matrixShown(`L, ${name}`, [[loss]]),
      matrixShown(`dW, ${name}`, product(transposed(x), ds), "gradient")];
  })];
});
