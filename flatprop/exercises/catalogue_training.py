"""Exercises of training: first weights, minibatches, the step, the loop, and the digits."""

import numpy as np

from flatprop.exercises.checks import check_training, inputs
from flatprop.exercises.checks.answers import check_of, function_check
from flatprop.exercises.exercise import Exercise
from flatprop.exercises.practice import zero_weights

INITIALIZATION, ZERO = "models/initialization.py", "practice/zero_weights.py"
SOLVER_NEEDS = ["solvers/compiled/pieces.py", "solvers/compiled/loops.py",
                "solvers/compiled/memory.py", "solvers/contract.py", "solvers/metrics.py",
                "solvers/divergence.py", "solvers/clipping.py", "models/parameters.py"]


def first_batch(rng, size):
    """x, y, hidden_dim, num_classes."""
    x, y = inputs.normal(rng, size + 1, size), rng.integers(0, 3, size + 1)
    return x, y, int(rng.integers(2, 5)), 3


def units(rng, size):
    """W1, b1, W2 of a net in which some units are copies of others."""
    H = 2 * size
    W1, b1, W2 = inputs.normal(rng, 2, H), inputs.normal(rng, H), inputs.normal(rng, H, 2)
    for value in (W1, b1, W2.T):
        value[..., 1] = value[..., 0]
    W1[:, 2], b1[2] = W1[:, 0], b1[0]           # but for the row of W2
    W1[:, 3], W2[3] = W1[:, 0], W2[0]           # but for the bias
    return W1, b1, W2


def all_zero(rng, size):
    """A net of zeros."""
    return np.zeros((3, 4)), np.zeros(4), np.zeros((4, 2))


TRAINING = [
    Exercise(
        "initialization", "First weights, and why zero fails", "Initialization can be important",
        [(INITIALIZATION, ["he", "xavier"]), (ZERO, ["first_gradients", "different_units"])],
        [], ["two-layer-net"], 4,
        ["A sum of fan_in random terms has fan_in times the variance of one: how small must each "
         "be for the sum to stay of one size? And from zeros: what does a hidden unit send on?",
         "he: standard deviation sqrt(2 / fan_in); xavier: sqrt(2 / (fan_in + fan_out)). Of zeros "
         "only b2 gets a gradient: the mean over the batch of (1/C - 1 at y).",
         "def he(rng, fan_in, fan_out):\n"
         "    return normal(rng, fan_in, fan_out, math.sqrt(...))\n\n"
         "N, C = len(y), num_classes\ndscores = np.full((N, C), 1 / C)\n"
         "dscores[np.arange(N), y] -= ...\ndscores /= N\n"
         'return {"W1": np.zeros(...), ..., "b2": dscores.sum(axis=0)}\n\n'
         "units = np.concatenate([W1.T, b1[:, None], W2], axis=1)   # one row for each unit\n"
         "return len(np.unique(units, axis=0))"],
        check_of([("he", check_training.weights_check(
            "he", lambda fan_in, fan_out: 2 / fan_in, "sqrt(2 / fan_in)")),
                  ("xavier", check_training.weights_check(
                      "xavier", lambda fan_in, fan_out: 2 / (fan_in + fan_out),
                      "sqrt(2 / (fan_in + fan_out))")),
                  ("first_gradients", function_check(
                      ZERO, "first_gradients", zero_weights.first_gradients, first_batch,
                      "the gradients", ("x", "y", "hidden_dim", "num_classes"), 1e-12)),
                  ("different_units", function_check(
                      ZERO, "different_units", zero_weights.different_units, units,
                      "different_units(W1, b1, W2)", ("W1", "b1", "W2"), special=[all_zero]))],
                 "Random, so that units differ, and scaled, so that signals keep their size.")),
    Exercise(
        "minibatches", "Shuffled minibatches, with the short last one",
        "Stochastic gradient descent: shuffle the training set",
        [("data/batches.py", ["shuffled", "cut", "take"])], [], ["matmul"], 3,
        ["Ten examples in batches of four are 4, 4 and 2. The 2 count as well.",
         "shuffled: a permutation of 0 to N - 1 drawn from rng. cut: slices of batch_size, one "
         "after another. take: rows by their indices.",
         "def cut(order, batch_size):\n    for start in range(0, order.size, batch_size):\n"
         "        yield order[start : ...]"],
        check_of([("shuffled", check_training.check_shuffled),
                  ("cut and take", check_training.check_cut)],
                 "Every example once an epoch, in a fresh order.")),
    Exercise(
        "sgd", "The SGD step and a schedule", "Previous Class: SGD",
        [("solvers/update_rules/sgd.py", ["Sgd.step"]), ("solvers/schedules.py", ["step"])],
        ["solvers/fused.py"], ["minibatches"], 3,
        ["theta is one vector, and the step changes it in place. The slide has lost a minus.",
         "theta -= rate * dtheta; t is for other rules. The schedule's rate at step t is "
         "rate * factor^floor(t / every).",
         "def step(self, theta, dtheta, rate, t):\n    theta -= ...\n\n"
         "def step(rate, every, factor=0.1):\n    return lambda t: rate * factor ** (...)"],
        check_of([("Sgd.step", check_training.check_sgd),
                  ("the schedule", check_training.check_schedule)],
                 "theta - eta grad, and eta that gets smaller.")),
    Exercise(
        "solver", "The Solver's loop", "Stochastic gradient descent: for epoch = 1 ... T",
        [("solvers/solver.py", ["Solver.run_epoch", "Solver.step"])],
        [*SOLVER_NEEDS, "data/batches.py", "solvers/schedules.py", "solvers/update_rules/sgd.py",
         "models/initialization.py", "models/linear_classifier.py", "layers/checks.py",
         "layers/affine.py", "layers/softmax_loss.py"],
        ["sgd"], 5,
        ["run_epoch: a fresh order, cut into batches, one self.step for each; the mean loss counts "
         "a short batch for what it holds. step: loss and gradients, 2 lambda W for the weights, "
         "clipping if self.clip is not None, update, self.steps += 1. Going on with an epoch that "
         "was left may be left out.",
         "mean = sum of loss * rows / N. self.pieces is theta, cut into pieces: for each, "
         "gradient_with_l2(grads, piece, self.compiled) gives dtheta, with 2 lambda W; then "
         "clip_by_global_norm(dtheta, self.clip); then self.update(piece, dtheta, rate) with the "
         "rate of self.schedule(self.steps), taken before self.steps += 1.",
         "def run_epoch(self):\n    total = 0.0\n"
         "    order = batches.shuffled(len(self.x), self.rng)\n"
         "    for index in batches.cut(order, self.batch_size):\n"
         "        x, y = batches.take(self.x, self.y, index)\n"
         "        total += float(self.step(x, y)) * ...\n    return total / ...\n\n"
         "def step(self, x, y):\n    loss, grads = self.model.loss(x, y)\n"
         "    rate = self.schedule(self.steps)\n    self.steps += 1\n"
         "    for piece in self.pieces:\n"
         "        dtheta = gradient_with_l2(grads, piece, self.compiled)\n        ...\n"
         "        self.update(piece, dtheta, rate)\n    return loss"],
        check_of([("the loop", check_training.loop_check(0.0, None)),
                  ("the loop with L2", check_training.loop_check(0.05, None)),
                  ("the loop with L2 and clipping", check_training.loop_check(0.05, 0.3))],
                 "Shuffle, batch, gradient, step: the lecture's loop, all of it yours.")),
]

DIGITS = Exercise(
    "digits", "Train the digits to 97%, on your own layers", "Stochastic gradient descent",
    [("practice/train_digits.py", ["train"])],
    ["layers/checks.py", "models/parameters.py", *SOLVER_NEEDS],
    ["affine", "relu", "softmax-loss", "two-layer-net", "initialization", "minibatches", "sgd",
     "solver"], 5,
    ["A width of 100 is plenty. If the loss does not fall, the rate is too small; if it is NaN, "
     "too large.",
     "TwoLayerNet(64, 100, 10, rng=rng); Solver(model, (x, y), update_rule=Sgd(), "
     "schedule=schedules.step(0.3, 400, 0.5), ...). It wants a batch_size, epochs and rng.",
     "model = TwoLayerNet(64, 100, 10, rng=rng)\n"
     "solver = Solver(model, (x, y), update_rule=Sgd(), schedule=..., reg=1e-4,\n"
     "                batch_size=32, epochs=..., rng=rng)\nsolver.train()\nreturn model"],
    check_of([("practice/train_digits.py", check_training.check_digits)],
             "Handwritten digits, read by a network of which every line is yours. Well done!"),
    own=("layers/affine.py", "layers/relu.py", "layers/softmax_loss.py",
         "models/two_layer_net.py", "models/initialization.py", "data/batches.py",
         "solvers/update_rules/sgd.py", "solvers/schedules.py", "solvers/solver.py"))
