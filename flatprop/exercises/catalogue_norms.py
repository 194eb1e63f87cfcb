"""Exercises beyond the lecture: batch norm, layer norm and dropout."""

import numpy as np

from flatprop.exercises.catalogue_layers import function, layer, layers_task
from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.check_dropout import check_dropout
from flatprop.exercises.checks.mistakes import function_with, layer_with, with_words
from flatprop.exercises.exercise import Task
from flatprop.exercises.practice import batchnorm_circuit, dropout_evaluation
from layers import batchnorm, layernorm

CIRCUIT, AT_TEST = "practice/batchnorm_circuit.py", "practice/dropout_evaluation.py"


def columns(rng, size):
    """x (N, M), gamma (M,), beta (M,): of two rows alone, dx would be next to nothing."""
    N, M = size + 3, size + 1
    return inputs.normal(rng, N, M), inputs.normal(rng, M), inputs.normal(rng, M)


def rows(rng, size):
    """The same with at least four columns, for norms of rows."""
    N, M = size, size + 3
    return inputs.normal(rng, N, M), inputs.normal(rng, M), inputs.normal(rng, M)


def small_columns(rng, size):
    """Columns that differ by as little as eps, so that it counts where eps stands."""
    x, gamma, beta = columns(rng, size)
    return 0.01 * x, gamma, beta


def in_evaluation(rng, size):
    """The same, and a running mean and variance."""
    x, gamma, beta = columns(rng, size)
    return x, gamma, beta, (inputs.normal(rng, *beta.shape), rng.uniform(0.5, 2.0, beta.shape))


def with_eps(rng, size):
    """The same, in training, with an eps of its own."""
    return *columns(rng, size), None, 0.1


def upstream_too(rng, size):
    """x, gamma, beta and dout (N, M)."""
    x, gamma, beta = columns(rng, size)
    return x, gamma, beta, inputs.normal(rng, *x.shape)


def no_mean(x, axis, keepdims):
    """Nothing, where the mean should be."""
    return 0.0


def wrong_norm(axis, mean=True, along=True, scale=True, ddof=0, center=np.mean,
               eps=lambda var: (var + 1e-5)**0.5, center_axis=None):
    """A norm along an axis with parts of it wrong or left out: a function as mistakes.py wants."""
    def norm(x, gamma, beta, dout):
        centered = x - center(x, axis=axis if center_axis is None else center_axis, keepdims=True)
        var = np.square(centered).sum(axis=axis, keepdims=True) / (x.shape[axis] - ddof)
        std = eps(var)
        normalized = centered / std
        dgamma, dbeta = (dout * normalized).sum(axis=0), dout.sum(axis=0)
        dnormalized = dout * gamma if scale else dout
        dx = dnormalized.copy()
        if mean:
            dx -= dnormalized.mean(axis=axis, keepdims=True)
        if along:
            dx -= normalized * (dnormalized * normalized).mean(axis=axis, keepdims=True)
        return gamma * normalized + beta, (dx / std, dgamma, dbeta)
    return norm


def wrong_norms(axis, each):
    """The usual mistakes with a norm along an axis, each of the columns or each of the rows."""
    return [
        (f"in dx, mean and variance count as constants, and they move with the {each}: each entry "
         "of x reaches out in three ways", wrong_norm(axis, mean=False, along=False)),
        (f"in dx, the way through the mean is missing: take the mean of each {each} off",
         wrong_norm(axis, mean=False)),
        ("in dx, the way through the variance is missing: take off what goes along the normalized "
         "x", wrong_norm(axis, along=False)),
        ("in dx, gamma is missing: the gradient passes the scaling first",
         wrong_norm(axis, scale=False)),
        ("the variance divides by N, not by N - 1", wrong_norm(axis, ddof=1)),
        ("eps stands under the root, beside the variance",
         wrong_norm(axis, eps=lambda var: var**0.5 + 1e-5)),
        ("eps is missing", wrong_norm(axis, eps=lambda var: var**0.5)),
        ("x is divided by the variance, and not by its root", wrong_norm(
            axis, eps=lambda var: var + 1e-5)),
        (f"mean and variance are those of each {each}: of the other axis than here",
         wrong_norm(1 - axis)),
        (f"the mean that is taken off is that of each {each}: of the other axis than here",
         wrong_norm(axis, center_axis=1 - axis)),
        ("the mean is not taken off: (x - mean) / std", wrong_norm(axis, center=no_mean)),
    ]


def evaluation_forgotten(x, gamma, beta, running, dout):
    """Batch norm whose forward takes no notice of running."""
    return wrong_norm(0)(x, gamma, beta, dout)


def evaluation_differentiated(x, gamma, beta, running, dout):
    """Batch norm whose backward goes through the running mean and variance."""
    std = np.sqrt(running[1] + 1e-5)
    normalized = (x - running[0]) / std
    dgamma, dbeta = (dout * normalized).sum(axis=0), dout.sum(axis=0)
    dx = gamma / std * (dout - (dbeta + normalized * dgamma) / len(x))
    return gamma * normalized + beta, (dx, dgamma, dbeta)


IN_EVALUATION = [
    ("with running given, it is the mean and variance to take: (mean, var), not the batch's own",
     evaluation_forgotten),
    ("with running given, mean and variance are constants: nothing goes back through them",
     evaluation_differentiated),
]
# What the first wrong gradient of the circuit is about: those above it are right.
LINES = {
    'grads["beta"]': "beta is handed to every row: its gradient is a sum over the rows",
    'grads["gamma"]': "gamma is handed to every row: a sum over the rows, of normalized dout",
    'grads["normalized"]': "out = gamma normalized + beta: dout times gamma",
    'grads["inverse"]': "inverse is handed to every row: a sum over the rows, of centered times "
                        "the gradient of normalized",
    'grads["std"]': "inverse = 1 / std: its derivative is -1 / std^2",
    'grads["var"]': "std is a root: its derivative is 1 / (2 std)",
    'grads["square"]': "var is a mean over the rows: each entry of square has 1/N of its gradient",
    'grads["centered"]': "centered is used twice, in square and in normalized: two gradients add "
                         "up, +=, not =",
    'grads["mean"]': "centered = x - mean: a minus, and a sum over the rows",
    'grads["x"]': "x is used twice, in centered and, with 1/N, in the mean: two gradients add up",
    "out ": "this is forward: the variance divides by N, and eps stands under the root",
}
PLAIN = [
    ("at test nothing is dropped, so all of x would be more than what training gives on average",
     lambda x, p: x),
    ("p is the probability of dropping, not of keeping", lambda x, p: p * x),
    ("to divide is inverted dropout's way, in training", lambda x, p: x / (1 - p)),
]
INVERTED = [
    ("training has made up for p already: nothing is left to do at test",
     lambda x, p: x / (1 - p)),
    ("training has made up for p already: nothing is left to do at test", lambda x, p: x * (1 - p)),
]


def values_at_test(rng, size):
    """x and p."""
    return inputs.normal(rng, size, size), round(float(rng.uniform(0.1, 0.45)), 2)


def at_test(reference, mistakes):
    """A part of a check: a function of practice/dropout_evaluation.py."""
    name = reference.__name__
    part = function(AT_TEST, reference, values_at_test, f"{name}(x, p)",
                    name=f"{name} of {AT_TEST}")
    return part._replace(check=function_with(
        part.check, AT_TEST, reference, [values_at_test], mistakes))


def norm_task(reference, special, groups):
    """The Task of a norm; groups: [(make, mistakes on these inputs)], ordinary ones first."""
    part = layer(reference, groups[0][0], (0, 1, 2), special)
    check = part.check
    for make, mistakes in groups:
        check = layer_with(check, part.file, reference, make, mistakes)
    return layers_task(part._replace(check=check))


CIRCUIT_PART = function(CIRCUIT, batchnorm_circuit.circuit, upstream_too, ("out", "grads"), 1e-10)

NORMS = {
    "batchnorm-circuit": Task(
        [(CIRCUIT, ["circuit"])],
        [CIRCUIT_PART._replace(check=with_words(CIRCUIT_PART.check, LINES))]),
    "batchnorm": norm_task(
        batchnorm, [in_evaluation, with_eps, small_columns],
        [(columns, wrong_norms(0, "column")), (in_evaluation, IN_EVALUATION)]),
    "layernorm": norm_task(layernorm, [], [(rows, wrong_norms(1, "row"))]),
    "dropout": Task(
        [("layers/dropout.py", ["forward", "backward"]), (AT_TEST, ["plain", "inverted"])],
        [("layers/dropout.py", check_dropout), at_test(dropout_evaluation.plain, PLAIN),
         at_test(dropout_evaluation.inverted, INVERTED)]),
}
