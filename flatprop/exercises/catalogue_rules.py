"""Exercises of what keeps training in bounds: large scores, clipping, schedules."""

import numpy as np

from flatprop.exercises.catalogue_layers import function
from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.mistakes import function_with
from flatprop.exercises.exercise import Task
from flatprop.exercises.practice import large_scores

LARGE = "practice/large_scores.py"


def large(rng, size):
    """scores (N, C) some 1e4 apart, rows and columns of very different levels; y (N,)."""
    scores = 1e4 * inputs.normal(rng, size, size + 1) + 5e4 * np.arange(size)[:, None]
    return np.round(scores), rng.integers(0, size + 1, size)


def large_in_float32(rng, size):
    """The same in float32, a hundred apart: enough for an exponential to overflow."""
    scores, y = large(rng, size)
    return (scores / 100).astype(np.float32), y


def log_of(p, scores):
    """A mistake with log_probabilities: the logarithm of what p makes of scores."""
    return np.log(p(scores))


def plain(scores):
    """Softmax as the formula stands."""
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def shifted(scores, axis=1):
    """Softmax, with a largest score taken off."""
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def minus_log_sum(scores, off=0.0, axis=1):
    """Scores less the logarithm of the sum of exponentials, `off` taken off first."""
    return scores - off - np.log(np.exp(scores - off).sum(axis=axis, keepdims=True))


TOO_LATE = ("the probabilities have become 0 before the logarithm: log(e / sum) is shifted - "
            "log(sum), and needs no division")
CUT_OFF = ("the logarithm is cut off: with 1e-12 added, or np.clip, no loss is more than 28, and "
           "there is no gradient beyond. log(e / sum) is shifted - log(sum), which needs neither")
OVERFLOW = "e^scores overflows: take the largest score of each row off first"
ONE_FOR_ALL = ("the largest score of all is taken off, and a row far below it becomes all 0: each "
               "row has a largest of its own")
LOGS = [
    (TOO_LATE, lambda scores: log_of(shifted, scores)),
    (OVERFLOW, lambda scores: log_of(plain, scores)),
    (OVERFLOW, minus_log_sum),
    (ONE_FOR_ALL, lambda scores: minus_log_sum(scores, scores.max())),
    ("these are the probabilities, not their logarithms", shifted),
    ("the sum of the exponentials is missing: a logarithm of e^shifted alone is shifted",
     lambda scores: scores - scores.max(axis=1, keepdims=True)),
    ("the largest is taken off twice: only in shifted, which has it off already",
     lambda scores: minus_log_sum(scores, scores.max(axis=1, keepdims=True))
     - scores.max(axis=1, keepdims=True)),
    ("largest and sum are those of the columns: a row is an example, axis=1",
     lambda scores: minus_log_sum(scores, scores.max(axis=0), 0)),
    *[(CUT_OFF, lambda scores, least=least: np.log(shifted(scores) + least))
      for least in (1e-7, 1e-8, 1e-10, 1e-12, 1e-15)],
    *[(CUT_OFF, lambda scores, least=least: np.log(np.clip(shifted(scores), least, 1)))
      for least in (1e-7, 1e-8, 1e-10, 1e-12, 1e-15)],
]


def pair(scores, y, losses=lambda each, logs, y: each, gradient=lambda each, y: each):
    """A mistake with softmax: right losses and gradient, changed."""
    right, dscores = large_scores.softmax(scores, y)
    logs = large_scores.log_probabilities(scores)
    return losses(right, logs, y), gradient(dscores, y)


def one_hot(dscores, y):
    """1 at the right class of each row."""
    return np.eye(dscores.shape[1])[y]


MEAN = ("this is the mean over the batch: here each row has its loss, and dscores is the gradient "
        "of their sum, without 1/N")
SOFTMAX = [
    ("the 1 at the right class is missing: p - 1 there, p elsewhere",
     lambda scores, y: pair(scores, y, gradient=lambda d, y: d + one_hot(d, y))),
    ("the gradient has its sign flipped: p - 1 at the right class, p elsewhere",
     lambda scores, y: pair(scores, y, gradient=lambda d, y: -d)),
    ("the loss is minus the logarithm: log p is never positive",
     lambda scores, y: pair(scores, y, lambda each, logs, y: -each)),
    ("the 1 is taken off every row at these columns: [rows, y] takes one entry of each row",
     lambda scores, y: pair(scores, y, gradient=lambda d, y: d + one_hot(d, y) - np.isin(
         np.arange(d.shape[1]), y))),
    (MEAN, lambda scores, y: pair(scores, y, gradient=lambda d, y: d / len(d))),
    ("the sum goes over the right class alone: -log p of y",
     lambda scores, y: pair(scores, y, lambda each, logs, y: -logs.sum(axis=1))),
    *[(words, lambda scores, y, wrong=wrong: pair(
        scores, y, lambda each, logs, y: -wrong(scores)[np.arange(len(y)), y]))
      for words, wrong in LOGS],
]


def wrong_svm(scores, y, margin=1.0, right=True, others=True, scale=1.0, own=False,
              size=False):
    """The SVM loss with parts of it wrong or left out."""
    rows = np.arange(len(y))
    excess = scores - scores[rows, y][:, None] + margin
    if not own:
        excess[rows, y] = 0
    dscores = np.maximum(excess, 0) if size else (excess > 0).astype(float)
    count = dscores.sum(axis=1) if others else 1.0
    dscores[rows, y] = -count if right else 0.0
    return np.maximum(excess, 0).sum(axis=1), dscores * scale


SVM = [
    ("the right class counts too, with its margin: leave it out",
     lambda scores, y: wrong_svm(scores, y, own=True)),
    ("the right class gets no gradient: it gets minus one for each score within the margin",
     lambda scores, y: wrong_svm(scores, y, right=False)),
    ("the right class gets -1: it gets minus one for each score within the margin",
     lambda scores, y: wrong_svm(scores, y, others=False)),
    (MEAN, lambda scores, y: wrong_svm(scores, y, scale=1 / len(y))),
    ("the margin of 1 is missing", lambda scores, y: wrong_svm(scores, y, margin=0.0)),
    ("dscores are the excesses: a max gate passes 1, however large what it lets through",
     lambda scores, y: wrong_svm(scores, y, size=True)),
]


def row_losses(reference, mistakes, make=large):
    """A part: a function of practice/large_scores.py, with mistakes named on what make makes."""
    name, count = reference.__name__, 1 if reference is large_scores.log_probabilities else 2
    make = inputs.first(count, make)
    part = function(
        LARGE, reference, inputs.first(count, inputs.scores),
        f"{name}(scores)" if count == 1 else ("losses", "dscores"),
        special=[inputs.first(count, each) for each in (
            inputs.EXTREME_SCORES, large, large_in_float32)], name=f"{name} of {LARGE}")
    return part._replace(check=function_with(part.check, LARGE, reference, make, mistakes))


RULES = {
    "large-scores": Task(
        [(LARGE, ["log_probabilities", "softmax", "svm"])],
        [row_losses(large_scores.log_probabilities, LOGS),
         row_losses(large_scores.softmax, SOFTMAX),
         row_losses(large_scores.svm, SVM, inputs.scores)]),
}
