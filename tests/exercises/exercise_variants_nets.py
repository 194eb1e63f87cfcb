"""Wrong solutions of the exercises on networks and training, replacements in the right ones."""

TWO, MANY = "models/two_layer_net.py", "models/fully_connected_net.py"
BATCHES, SOLVER = "data/batches.py", "solvers/solver.py"
INIT, ZERO = "models/initialization.py", "practice/zero_weights.py"
SGD, SCHEDULES = "solvers/update_rules/sgd.py", "solvers/schedules.py"
DIGITS = "practice/train_digits.py"

VARIANTS = {
    "two-layer-net": [
        (TWO, 'return {"hidden1": active, "s', 'return {"hidden1": hidden, "s'),
        (TWO, 'return {"hidden1": active, "s', 'return {"active": active, "s'),
        (TWO, "dhidden = relu.backward(dactive, active_cache)", "dhidden = dactive"),
        (TWO, "relu.backward(dactive, active_cache)", "relu.backward(dactive, (dactive,))"),
        (TWO, "self.loss_layer.backward(1.0, loss_cache)",
         "self.loss_layer.backward(1.0, loss_cache) / len(x)"),
        (TWO, "self.loss_layer.backward(1.0", "softmax_loss.backward(1.0"),
        (TWO, "scores, _ = affine.forward(active,", "scores, _ = affine.forward(hidden,"),
        (TWO, '"b1": db1, "b2": db2}', '"b1": db1, "b2": 0 * db2}'),
        (TWO, "return loss, {", 'return loss + (p["W1"]**2).sum(), {'),
        (TWO, '"W1": dW1,', '"W1": dW1 + 0.01 * p["W1"],'),
    ],
    "n-layer-net": [
        (MANY, "        return dx\n", "        return dactive\n"),
        (MANY, "for i in reversed(self.hidden):", "for i in self.hidden:"),
        (MANY, "dscores = self.loss_layer.backward(1.0", "dscores = self.loss_layer.backward(2.0"),
        (MANY, "active, active_cache = self.activation.forward(active)",
         "_, active_cache = self.activation.forward(active)"),
        (MANY, "dactive = self.activation.backward(dactive, active_cache)", "pass"),
        (MANY, 'affine.forward(active, p[f"W{last}"], p[f"b{last}"])',
         'affine.forward(np.maximum(active, 0), p[f"W{last}"], p[f"b{last}"])'),
        (MANY, "        active, caches = x, {}\n", "        active = x\n"),
        (MANY, "active, caches[i] = self._hidden_forward(i, active, training=True)",
         "active, caches[1] = self._hidden_forward(i, active, training=True)"),
    ],
    "initialization": [
        (INIT, "math.sqrt(2 / fan_in)", "math.sqrt(1 / fan_in)"),
        (INIT, "math.sqrt(2 / fan_in)", "2 / fan_in"),
        (INIT, "math.sqrt(2 / fan_in)", "math.sqrt(2 / fan_out)"),
        (INIT, "math.sqrt(2 / (fan_in + fan_out))", "math.sqrt(1 / (fan_in + fan_out))"),
        (INIT, "return normal(rng, fan_in, fan_out, math.sqrt(2 / fan_in))",
         "return normal(np.random.default_rng(0), fan_in, fan_out, math.sqrt(2 / fan_in))"),
        (INIT, "return normal(rng, fan_in, fan_out, math.sqrt(2 / fan_in))",
         "return math.sqrt(2 / fan_in) * rng.uniform(-1.7321, 1.7321, (fan_in, fan_out))"),
        (ZERO, "    dscores /= N\n", ""),
        (ZERO, '"W2": np.zeros((hidden_dim, num_classes))', '"W2": np.ones((hidden_dim, 1)) * '
         "dscores.sum(axis=0)"),
        (ZERO, "[W1.T, b1[:, None], W2]", "[W1.T, W2]"),
        (ZERO, "[W1.T, b1[:, None], W2]", "[W1.T, b1[:, None]]"),
    ],
    "minibatches": [
        (BATCHES, "rng.permutation(num_examples)", "np.arange(num_examples)"),
        (BATCHES, "rng.permutation(num_examples)", "rng.integers(0, num_examples, num_examples)"),
        (BATCHES, "rng.permutation(num_examples)", "rng.permutation(num_examples - 1)"),
        (BATCHES, "rng.permutation(num_examples)", "rng.permutation(num_examples) + 1"),
        (BATCHES, "range(0, order.size, batch_size)",
         "range(0, order.size - batch_size + 1, batch_size)"),
        (BATCHES, "order[start : start + batch_size]",
         "order[min(start, max(0, order.size - batch_size)) : start + batch_size]"),
        (BATCHES, "return x.take(index, axis=0), y[index]",
         "return x[: len(index)], y[: len(index)]"),
        (BATCHES, "return x.take(index, axis=0), y[index]", "return x.take(index, axis=0), y"),
    ],
    "sgd": [
        (SGD, "theta -= rate * dtheta", "theta += rate * dtheta"),
        (SGD, "theta -= rate * dtheta", "theta = theta - rate * dtheta"),
        (SGD, "theta -= rate * dtheta", "theta -= rate / t * dtheta"),
        (SGD, "theta -= rate * dtheta", "dtheta *= rate\n        theta -= dtheta"),
        (SGD, "theta -= rate * dtheta", "theta -= dtheta"),
        (SCHEDULES, "rate * factor ** (t // every)", "rate * factor ** (t / every)"),
        (SCHEDULES, "rate * factor ** (t // every)", "rate * factor * (t // every)"),
        (SCHEDULES, "rate * factor ** (t // every)", "rate * factor ** ((t + 1) // every)"),
    ],
    "solver": [
        (SOLVER, "        self.steps += 1\n", ""),
        (SOLVER, "batches.shuffled(len(self.x), self.rng)", "np.arange(len(self.x))"),
        (SOLVER, "self.total += float(self.step(x, y)) * index.size",
         "self.total += float(self.step(x, y)) * self.batch_size"),
        (SOLVER, "rate = self.schedule(self.steps)", "rate = self.schedule(0)"),
        (SOLVER, "gradient_with_l2(grads, piece, self.compiled)",
         "gradient_with_l2(grads, piece._replace(parts=[part._replace(twice=0.0) for part in "
         "piece.parts]), self.compiled)"),
        (SOLVER, "clip_by_global_norm(dtheta, self.clip)", "dtheta.clip(-0.1, 0.1, out=dtheta)"),
        (SOLVER, "self.update(piece, dtheta, rate)",
         "self.update(piece._replace(theta=piece.theta.copy()), dtheta, rate)"),
        (SOLVER, "batches.cut(self.order[self.place :], self.batch_size)",
         "batches.cut(self.order[: self.order.size // self.batch_size * self.batch_size], "
         "self.batch_size)"),
        (SOLVER, "mean = self.total / self.order.size", "mean = self.total"),
    ],
    "clinic": [
        ("clinic/patient_1.py", "backward(1.0, loss_cache)", "backward(len(x), loss_cache)"),
        ("clinic/patient_2.py", "relu.backward(dactive, active_cache)", "dactive"),
        ("clinic/patient_3.py", "sigmoid.backward(dz, z_cache)", "sigmoid.backward(dz, (hidden,))"),
        ("clinic/patient_4.py", "scores, _ = affine.forward(active,",
         "scores, _ = affine.forward(hidden,"),
        ("clinic/patient_5.py", "        return dx\n", "        return dactive\n"),
        ("clinic/patient_6.py", 'self.params["W1"][:] =', 'self.params["W1"] ='),
        ("clinic/patient_1.py", 'grads = "', 'grads = "'),
    ],
    "digits": [
        (DIGITS, "    solver.train()\n", ""),
        (DIGITS, "schedules.step(0.3, 400, 0.5)", "schedules.constant(1e-4)"),
        (DIGITS, "    return model\n", "    return solver\n"),
        (DIGITS, "TwoLayerNet(64, 100, 10, rng=rng)", "TwoLayerNet(64, 2, 10, rng=rng)"),
        (DIGITS, "epochs=20", "epochs=0"),
        (DIGITS, "(x, y), update_rule", "(x, (y + 1) % 10), update_rule"),
        ("layers/relu.py", "return dout * (x > 0)", "return dout"),
        ("layers/affine.py", "dout.sum(axis=0)\n", "dout.mean(axis=0)\n"),
    ],
}
VARIANTS["clinic"].pop()
