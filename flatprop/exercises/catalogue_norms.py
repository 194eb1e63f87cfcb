"""Exercises beyond the lecture: batch norm, layer norm and dropout."""

import functools

import numpy as np

from flatprop.exercises.catalogue_layers import function, layer, layers_task
from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.check_dropout import check_dropout
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
               std_of=lambda var, eps: (var + eps)**0.5, center_axis=None):
    """A norm along an axis, with parts of it wrong or left out: of a dout its gradients, or out."""
    def norm(dout, x, gamma, beta, running=None, eps=1e-5):
        if running is not None:
            return None
        centered = x - center(x, axis=axis if center_axis is None else center_axis, keepdims=True)
        var = np.square(centered).sum(axis=axis, keepdims=True) / (x.shape[axis] - ddof)
        std = std_of(var, eps)
        normalized = centered / std
        if dout is None:
            return gamma * normalized + beta
        dnormalized = dout * gamma if scale else dout
        dx = dnormalized.copy()
        if mean:
            dx -= dnormalized.mean(axis=axis, keepdims=True)
        if along:
            dx -= normalized * (dnormalized * normalized).mean(axis=axis, keepdims=True)
        return dx / std, (dout * normalized).sum(axis=0), dout.sum(axis=0)
    return norm


def wrong_gradients(axis, each):
    """The slips of a norm's backward along an axis, each of the columns or each of the rows."""
    return [
        (f"in dx, mean and variance count as constants, and they move with the {each}: each entry "
         "of x reaches out in three ways", wrong_norm(axis, mean=False, along=False)),
        (f"in dx, the way through the mean is missing: take the mean of each {each} off",
         wrong_norm(axis, mean=False)),
        ("in dx, the way through the variance is missing: take off what goes along the normalized "
         "x", wrong_norm(axis, along=False)),
        ("in dx, gamma is missing: the gradient passes the scaling first",
         wrong_norm(axis, scale=False)),
    ]


def wrong_outs(axis, each):
    """The slips of its forward."""
    return [(words, functools.partial(norm, None)) for words, norm in [
        ("the variance divides by N, not by N - 1", wrong_norm(axis, ddof=1)),
        ("eps stands under the root, beside the variance",
         wrong_norm(axis, std_of=lambda var, eps: var**0.5 + eps)),
        ("eps is missing", wrong_norm(axis, std_of=lambda var, eps: var**0.5)),
        ("x is divided by the variance, and not by its root", wrong_norm(
            axis, std_of=lambda var, eps: var + eps)),
        (f"mean and variance are those of each {each}: of the other axis than here",
         wrong_norm(1 - axis)),
        (f"the mean that is taken off is that of each {each}: of the other axis than here",
         wrong_norm(axis, center_axis=1 - axis)),
        ("the mean is not taken off: (x - mean) / std", wrong_norm(axis, center=no_mean)),
    ]]


def evaluation_forgotten(x, gamma, beta, running=None, eps=1e-5):
    """Batch norm whose forward takes no notice of running."""
    return wrong_norm(0)(None, x, gamma, beta) if running is not None else None


def evaluation_differentiated(dout, x, gamma, beta, running=None, eps=1e-5):
    """Batch norm whose backward goes through the running mean and variance."""
    if running is None:
        return None
    std = np.sqrt(running[1] + 1e-5)
    normalized = (x - running[0]) / std
    dgamma, dbeta = (dout * normalized).sum(axis=0), dout.sum(axis=0)
    dx = gamma / std * (dout - (dbeta + normalized * dgamma) / len(x))
    return dx, dgamma, dbeta


FORGOTTEN = [
    ("with running given, it is the mean and variance to take: (mean, var), not the batch's own",
     evaluation_forgotten),
]
DIFFERENTIATED = [
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


def at_test(reference, slips):
    """A part of a check: a function of practice/dropout_evaluation.py."""
    name = reference.__name__
    return function(AT_TEST, reference, values_at_test, f"{name}(x, p)", name=name,
                    slips=slips)


def check_circuit(child, rng):
    """The check of the circuit, and to what it says the words of the line that it is about."""
    says = CIRCUIT_PART.check(child, rng)
    text = getattr(says, "says", says)
    about = next((each for each in LINES if text and each in text), None)
    return f"{text.rstrip()}\n  -> {LINES[about]}" if about else says


CIRCUIT_PART = function(CIRCUIT, batchnorm_circuit.circuit, upstream_too, ("out", "grads"), 1e-10)

NORMS = {
    "batchnorm-circuit": Task(
        [(CIRCUIT, ["circuit"])],
        [CIRCUIT_PART._replace(check=check_circuit)]),
    "batchnorm": layers_task(layer(
        batchnorm, columns, (0, 1, 2), [in_evaluation, with_eps, small_columns],
        slips=wrong_outs(0, "column") + FORGOTTEN,
        backward_slips=wrong_gradients(0, "column") + DIFFERENTIATED)),
    "layernorm": layers_task(layer(
        layernorm, rows, (0, 1, 2), slips=wrong_outs(1, "row"),
        backward_slips=wrong_gradients(1, "row"))),
    "dropout": Task(
        [("layers/dropout.py", ["forward", "backward"]), (AT_TEST, ["plain", "inverted"])],
        [("layers/dropout.py", check_dropout), at_test(dropout_evaluation.plain, PLAIN),
         at_test(dropout_evaluation.inverted, INVERTED)]),
}
