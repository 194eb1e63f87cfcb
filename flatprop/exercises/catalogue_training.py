"""Exercises of training: first weights, minibatches, the step, the loop, and the digits."""

import numpy as np

from flatprop.exercises.checks import check_training, inputs, training_slips
from flatprop.exercises.checks.answers import function_check
from flatprop.exercises.exercise import Task
from flatprop.exercises.practice import zero_weights

INITIALIZATION, ZERO = "models/initialization.py", "practice/zero_weights.py"
SGD = "solvers/update_rules/sgd.py"


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


TRAINING = {
    "initialization": Task(
        [(INITIALIZATION, ["he", "xavier"]), (ZERO, ["first_gradients", "different_units"])],
        [("he", check_training.weights_check(
            "he", lambda fan_in, fan_out: 2 / fan_in, "sqrt(2 / fan_in)")),
         ("xavier", check_training.weights_check(
             "xavier", lambda fan_in, fan_out: 2 / (fan_in + fan_out),
             "sqrt(2 / (fan_in + fan_out))")),
         ("first_gradients", function_check(
             ZERO, zero_weights.first_gradients, first_batch, "the gradients", 1e-12,
             slips=training_slips.ZERO)),
         ("different_units", function_check(
             ZERO, zero_weights.different_units, units, "different_units(W1, b1, W2)",
             slips=training_slips.UNITS, special=[
                 inputs.always(np.zeros((3, 4)), np.zeros(4), np.zeros((4, 2))),
                 inputs.always(np.ones((2, 3)), np.arange(3.0), np.ones((3, 2)))]))]),
    "minibatches": Task(
        [("data/batches.py", ["shuffled", "cut", "take"])],
        [("shuffled", check_training.check_shuffled), ("cut and take", check_training.check_cut)]),
    "sgd": Task(
        [(SGD, ["Sgd.step"]), ("solvers/schedules.py", ["step"])],
        [("Sgd.step", check_training.check_sgd),
         ("solvers/schedules.py", check_training.check_schedule)]),
    "solver": Task(
        [("solvers/solver.py", ["Solver.run_epoch", "Solver.step"])],
        [("the loop", check_training.loop_check(0.0, None)),
         ("the loop with L2", check_training.loop_check(0.05, None)),
         ("the loop with L2 and clipping", check_training.loop_check(0.05, 0.3))],
        also=("models/linear_classifier.py", SGD)),
    "digits": Task(
        [("practice/train_digits.py", ["train"])],
        [("practice/train_digits.py", check_training.check_digits)],
        own=("layers/affine.py", "layers/relu.py", "layers/softmax_loss.py",
             "models/two_layer_net.py", "models/initialization.py", "data/batches.py", SGD,
             "solvers/schedules.py", "solvers/solver.py")),
}
