"""Right answers that are written otherwise, of files of which the student writes a part.

{id: [(file, function, source), ...]}; see exercise_honest.py.
"""

PARTS = {
    "minibatches": [
        ("data/batches.py", "shuffled", """
def shuffled(num_examples, rng):
    order = np.arange(num_examples)
    rng.shuffle(order)
    return order
"""),
        ("data/batches.py", "cut", """
def cut(order, batch_size):
    pieces = []
    count = -(-len(order) // batch_size)
    for i in range(count):
        pieces.append(order[i * batch_size:(i + 1) * batch_size])
    return pieces
"""),
        ("data/batches.py", "take", """
def take(x, y, index):
    return x[index], y[index]
"""),
    ],
    "sgd": [
        ("solvers/update_rules/sgd.py", "Sgd.step", """
    def step(self, theta, dtheta, rate, t):
        theta[:] = theta - rate * dtheta
"""),
        ("solvers/schedules.py", "step", """
def step(rate, every, factor=0.1):
    def at(t):
        drops = math.floor(t / every)
        return rate * math.pow(factor, drops)
    return at
"""),
    ],
    "momentum": [
        ("solvers/update_rules/momentum.py", "Momentum.step", """
    def step(self, theta, dtheta, rate, t, velocity):
        velocity[:] = self.momentum * velocity + dtheta
        theta[:] = theta - rate * velocity
"""),
    ],
    "adam": [
        ("solvers/update_rules/adam.py", "Adam.step", """
    def step(self, theta, dtheta, rate, t, first_moment, second_moment):
        m = self.beta1 * first_moment + (1 - self.beta1) * dtheta
        v = self.beta2 * second_moment + (1 - self.beta2) * dtheta ** 2
        first_moment[...] = m
        second_moment[...] = v
        mt = m / (1 - self.beta1 ** t)
        vt = v / (1 - self.beta2 ** t)
        theta += -rate * mt / (np.sqrt(vt) + self.eps)
"""),
    ],
    "clipping": [
        ("solvers/clipping.py", "clip_by_global_norm", """
def clip_by_global_norm(dtheta, limit):
    if limit <= 0:
        raise ValueError(limit)
    length = np.sqrt((dtheta ** 2).sum())
    if np.isfinite(length) and length > limit:
        dtheta[:] = dtheta / length * limit
    return float(length)
"""),
    ],
    "learning-rate": [
        ("practice/learning_rate.py", "rate_at", """
def rate_at(t, rate, total, climb):
    if t >= total:
        return 0.0
    if t >= climb:
        return 0.5 * rate * (1 + np.cos(np.pi * (t - climb) / (total - climb)))
    return (t + 1) * rate / climb
"""),
    ],
    "solver": [
        ("solvers/solver.py", "Solver.run_epoch", """
    def run_epoch(self):
        losses, sizes = [], []
        for index in batches.cut(batches.shuffled(len(self.x), self.rng), self.batch_size):
            x, y = batches.take(self.x, self.y, index)
            losses.append(self.step(x, y))
            sizes.append(len(index))
        return float(np.dot(losses, sizes) / sum(sizes))
"""),
        ("solvers/solver.py", "Solver.step", """
    def step(self, x, y):
        loss, grads = self.model.loss(x, y)
        rate = self.schedule(self.steps)
        for piece in self.pieces:
            dtheta = gradient_with_l2(grads, piece, False)
            if self.clip is not None:
                norm = np.sqrt((dtheta ** 2).sum())
                if norm > self.clip:
                    dtheta = dtheta * (self.clip / norm)
            self.update_rule.step(piece.theta, dtheta, rate, self.steps + 1, *piece.slots)
        self.steps = self.steps + 1
        return loss
"""),
    ],
    "two-layer-net": [
        ("models/two_layer_net.py", "TwoLayerNet.activations", """
    def activations(self, x):
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        h = relu.forward(affine.forward(x, W1, b1)[0])[0]
        return dict(hidden1=h, scores=affine.forward(h, W2, b2)[0])
"""),
        ("models/two_layer_net.py", "TwoLayerNet.loss", """
    def loss(self, x, y):
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        h = np.maximum(0, x @ W1 + b1)
        scores = h @ W2 + b2
        loss, cache = self.loss_layer.forward(scores, y)
        grads = {}
        d = self.loss_layer.backward(1.0, cache)
        grads["W2"] = h.T @ d
        grads["b2"] = d.sum(0)
        dh = d @ W2.T
        dh[h <= 0] = 0
        grads["W1"] = x.T @ dh
        grads["b1"] = dh.sum(0)
        return loss, grads
"""),
    ],
    "n-layer-net": [
        ("models/fully_connected_net.py", "FullyConnectedNet._hidden_forward", """
    def _hidden_forward(self, i, x, training):
        a, c1 = affine.forward(x, self.params["W%d" % i], self.params["b%d" % i])
        c2 = None
        if self.activation:
            a, c2 = self.activation.forward(a)
        return a, [c1, c2]
"""),
        ("models/fully_connected_net.py", "FullyConnectedNet._hidden_backward", """
    def _hidden_backward(self, i, dactive, caches, grads):
        if self.activation:
            dactive = self.activation.backward(dactive, caches[1])
        dx, grads["W%d" % i], grads["b%d" % i] = affine.backward(dactive, caches[0])
        return dx
"""),
        ("models/fully_connected_net.py", "FullyConnectedNet.loss", """
    def loss(self, x, y):
        L = self.depth
        stack = []
        for i in range(1, L):
            x, cache = self._hidden_forward(i, x, True)
            stack.append((i, cache))
        scores, last = affine.forward(x, self.params[f"W{L}"], self.params[f"b{L}"])
        loss, loss_cache = self.loss_layer.forward(scores, y)
        grads = {}
        d = self.loss_layer.backward(1.0, loss_cache)
        d, grads[f"W{L}"], grads[f"b{L}"] = affine.backward(d, last)
        while stack:
            i, cache = stack.pop()
            d = self._hidden_backward(i, d, cache, grads)
        return loss, grads
"""),
    ],
    "running-example": [
        ("models/two_layer_regressor.py", "TwoLayerRegressor.loss", """
    def loss(self, x, y):
        p = self.params
        z = 1 / (1 + np.exp(-(x @ p["W1"] + p["b1"])))
        out = z @ p["W2"] + p["b2"]
        N = x.shape[0]
        loss = ((out - y) ** 2).sum() / 2 / N
        dout = (out - y) / N
        dh = (dout @ p["W2"].T) * z * (1 - z)
        return loss, {"W1": x.T @ dh, "b1": dh.sum(axis=0),
                      "W2": z.T @ dout, "b2": dout.sum(axis=0)}
"""),
    ],
    "flat-code": [
        ("models/sigmoid_neuron.py", "neuron", """
def neuron(w0, x0, w1, x1, w2):
    s0 = w0 * x0
    s1 = w1 * x1
    s2 = s0 + s1
    s3 = s2 + w2
    L = 1 / (1 + np.exp(-s3))
    dL = 1.0 + 0 * L
    ds3 = dL * (1 - L) * L
    g = {"L": dL, "s3": ds3, "s2": ds3, "w2": ds3, "s0": ds3, "s1": ds3}
    g["w1"], g["x1"] = ds3 * x1, ds3 * w1
    g["w0"], g["x0"] = ds3 * x0, ds3 * w0
    return L, g
"""),
    ],
    "initialization": [
        ("models/initialization.py", "he", """
def he(rng, fan_in, fan_out):
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2.0 / fan_in)
"""),
        ("models/initialization.py", "xavier", """
def xavier(rng, fan_in, fan_out):
    spread = (2 / (fan_in + fan_out)) ** 0.5
    return rng.normal(loc=0, scale=spread, size=(fan_in, fan_out))
"""),
    ],
}
