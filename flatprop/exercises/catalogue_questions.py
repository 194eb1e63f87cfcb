"""Exercises of losses on large scores, and of questions with an answer that can be checked."""

import inspect

import numpy as np

from flatprop.exercises.catalogue_layers import function
from flatprop.exercises.checks import feedback, inputs, layer_slips, slips
from flatprop.exercises.exercise import Task
from flatprop.exercises.practice import large_scores, questions

LARGE, QUESTIONS = "practice/large_scores.py", "practice/questions.py"


def scores(offset, spread):
    """A function that makes scores (N, C) about an offset, of a spread."""
    return lambda rng, size: (offset + spread * inputs.normal(rng, size, size + 1),)


def rows_apart(rng, size):
    """Rows of scores of very different sizes: their largest is not that of all."""
    made = inputs.normal(rng, 3, 4)
    return (made + np.array([[1e4], [-1e4], [0.0]]),)


SCORES = [scores(0.0, 1.0), scores(1e4, 1.0), scores(0.0, 1e4), rows_apart]


def with_dout(make):
    """dout, and the scores that make makes."""
    def made(rng, size):
        (each,) = make(rng, size)
        return inputs.normal(rng, *each.shape), each
    return made


def with_labels(make):
    """Scores, and labels, the first of which has a loss above 0: whole zeros are no floats."""
    def made(rng, size):
        (each,) = make(rng, size)
        y = rng.integers(0, each.shape[1], len(each))
        y[0] = each[0].argmin()
        return each, y
    return made


def softmax(scores):
    """The probabilities of a row."""
    return np.exp(large_scores.log_softmax(scores))


def svm(scores, y, own=False, margin=1.0, shift=0.0):
    """The SVM loss of each row, with what may be wrong in it."""
    excess = np.maximum(shift, scores - scores[np.arange(len(y)), y][:, None] + margin)
    if not own:
        excess[np.arange(len(y)), y] = 0
    return excess.sum(axis=1)


def wrong_losses(svm_of=svm, change=lambda svm, softmax: (svm, softmax)):
    """losses with another SVM loss, or with both changed."""
    return lambda scores, y: change(svm_of(scores, y), large_scores.losses(scores, y)[1])


def in_losses(wrong):
    """losses whose softmax is that of a wrong logarithm."""
    return lambda scores, y: (svm(scores, y), -wrong(scores)[np.arange(len(y)), y])


WRONG_LOGARITHMS = [
    ("these are the probabilities: their logarithm is wanted", softmax),
    ("the logarithm of the sum is missing: log p = shifted - log(sum e^shifted)",
     lambda scores: scores - scores.max(axis=1, keepdims=True)),
    ("the sum runs over a row, over the classes",
     lambda scores: large_scores.log_softmax(scores.T).T),
    ("this is the loss, -log p: leave the minus out", lambda s: -large_scores.log_softmax(s)),
]
WRONG_GRADIENTS = [
    ("the sum of a row's dout goes back to each of its scores, times p: p alone would be right for "
     "a dout of one 1", lambda dout, scores: dout - softmax(scores)),
    ("each score has a part in every logarithm of its row: take p times the sum of dout off",
     lambda dout, scores: 1.0 * dout),
    ("p times the row's sum of dout, not p times dout: every logarithm of the row depends on it",
     lambda dout, scores: dout - softmax(scores) * dout),
    ("the sum runs over a row, over the classes",
     lambda dout, scores: dout - softmax(scores) * dout.sum(axis=0)),
    ("this is the gradient of softmax: of its logarithm there is no p in front",
     lambda dout, scores: softmax(scores) * (
         dout - (softmax(scores) * dout).sum(axis=1, keepdims=True))),
]
WRONG_LOSSES = [
    ("svm: the right class does not count, and it adds a margin of 1", wrong_losses(
        lambda scores, y: svm(scores, y, own=True))),
    ("svm: the margin of 1 is missing", wrong_losses(
        lambda scores, y: svm(scores, y, margin=0.0))),
    ("svm: a wrong class below the margin counts 0, not less", wrong_losses(
        lambda scores, y: svm(scores, y, shift=-np.inf))),
    ("no mean is taken: each row has a loss", wrong_losses(
        change=lambda svm, softmax: (svm.mean(), softmax.mean()))),
    ("softmax: the loss is -log p, and a minus is missing", wrong_losses(
        change=lambda svm, softmax: (svm, -softmax))),
    ("svm comes first, and then softmax", wrong_losses(
        change=lambda svm, softmax: (softmax, svm))),
]


def large_part(reference, makes, result, known):
    """A part of a check: a function of practice/large_scores.py; known: slips, as in slips.py."""
    return function(LARGE, reference, makes[0], result, 1e-9, makes[1:],
                    reference.__name__, slips=known)


def question(reference, known, make=lambda rng, size: ()):
    """A part of a check: a question with a number, which is not told.

    known: slips as in slips.py, why an answer is wrong; make(rng, size) -> its arguments
    """
    name, names = reference.__name__, list(inspect.signature(reference).parameters)

    def check(child, rng):
        cases = [make(rng, 3) for _ in range(10)]    # so many that no slip is taken for another
        found = tuple(child.call(QUESTIONS, name, *case) for case in cases)
        if any(np.ndim(each) or np.asarray(each).dtype.kind not in "iuf" for each in found):
            return f"the answer should be a number; it is {feedback.kind_of(found[0])}"
        found = tuple(map(float, found))
        right = tuple(float(reference(*case)) for case in cases)
        if not feedback.compare("", found, right, 1e-9):
            return None
        given = ", ".join(f"{each} = {value}" for each, value in
                          zip(names, cases[0], strict=True))
        says = f"not {found[0]:.6g}" + (f", for {given}" if given else "")
        return says + slips.cause(known, found, cases)
    return name, check


def choice(reference, why):
    """A part of a check: a question with letters; why: {letter: why it is wrong}."""
    name, right = reference.__name__, reference()

    def check(child, rng):
        answer = child.call(QUESTIONS, name)
        if not isinstance(answer, str) or answer.strip().lower() not in {right, *why}:
            return f"the answer should be a letter, one of {', '.join(sorted({right, *why}))}"
        letter = answer.strip().lower()
        return None if letter == right else f"not {letter}: {why[letter]}"
    return name, check


def classes(rng, size):
    """A number of classes, or of sigmoids."""
    return (int(rng.integers(3, 12)),)


def scored_batch(rng, size):
    """Scores (5, 4) and y, of which one to four are at the largest score: the share is not half."""
    scores = inputs.normal(rng, 5, 4)
    best = scores.argmax(axis=1)
    return scores, np.where(np.arange(5) < rng.integers(1, 5), best, (best + 1) % 4)


def weight_and_step(rng, size):
    """w, dw, rate, strength."""
    return (inputs.number(rng), inputs.number(rng), round(float(rng.uniform(0.1, 0.4)), 2),
            round(float(rng.uniform(0.05, 0.3)), 2))


QUESTION_PARTS = [
    question(questions.units_after_training, [
        ("they begin alike, and each step moves them alike: what could make two of them differ?",
         lambda: 50),
        ("the units are there: how many are different from each other?", lambda: 0),
        ("there are 50 units, however many steps", lambda: 1000)]),
    choice(questions.why_zero_fails, {
        "a": "all scores are 0, so every class has 1/C: the loss is log C",
        "c": "nothing is divided by a weight: the scores are all 0",
        "d": "look at the gradients that first_gradients gives: all but one of them are 0"}),
    choice(questions.why_the_mean, {
        "a": "the sum is N times the mean: its gradient is longer, in the same direction",
        "b": "a sum is as differentiable as what it adds up",
        "d": "both weigh all examples alike"}),
    question(questions.rate_for_the_sum, [
        ("the gradient of the sum is N times as long: the rate makes up for it",
         lambda rate, N: rate),
        ("the other way round: a longer gradient wants a smaller rate", lambda rate, N: rate * N),
        ("N alone, not its root or its square: how much longer is the gradient of the sum?",
         lambda rate, N: rate / N**0.5)],
        lambda rng, size: (round(float(rng.uniform(0.1, 1)), 2), int(rng.integers(3, 40)))),
    question(questions.first_softmax_loss, [
        ("that is the probability of each class: the loss is minus its logarithm",
         lambda C: 1 / C),
        ("the logarithm of 1/C is negative, the loss is minus that", lambda C: -np.log(C)),
        ("the logarithm of the losses is the natural one", lambda C: np.log2(C)),
        ("each class has a probability of 1/C, and the loss is minus a logarithm", lambda C: 0),
        ("only the right class counts in the softmax loss: one logarithm", lambda C: C * np.log(C)),
    ], classes),
    question(questions.first_svm_loss, [
        ("the right class itself does not count", lambda C: C),
        ("scores that are equal keep no margin: each wrong class adds max(0, 0 - 0 + 1)",
         lambda C: 0),
        ("it is the sum over the wrong classes, each of which adds 1", lambda C: 1)], classes),
    question(questions.sign_of_the_right_score, [
        ("if the score of the right class grows, what does the loss do?", lambda: 1),
        ("the loss does change with this score: in which direction?", lambda: 0)]),
    question(questions.most_through_sigmoids, [
        ("where the sigmoid is 0.5, what is its local gradient, (1 - sigma) sigma?",
         lambda depth: 0.5**depth),
        ("that is one gate: the local gradients of all are multiplied", lambda depth: 0.25),
        ("local gradients along a chain are multiplied, not added", lambda depth: 0.25 * depth),
        ("the local gradient of a sigmoid is (1 - sigma) sigma: can it be 1?",
         lambda depth: 1)], classes),
    question(questions.accuracy, [
        ("that is how many are right: the share is their mean",
         lambda scores, y: (scores.argmax(axis=1) == y).sum()),
        ("that is the share of mistakes: count those that are equal",
         lambda scores, y: (scores.argmax(axis=1) != y).mean()),
        ("a label is the place of the largest score, not that score: argmax, not max",
         lambda scores, y: (scores.max(axis=1) == y).mean()),
        ("that is the largest of all scores, and each row has one of its own: argmax(axis=1)",
         lambda scores, y: (scores.argmax() == y).mean()),
        ("the largest score wins: argmax, not argmin",
         lambda scores, y: (scores.argmin(axis=1) == y).mean()),
        ("it is divided by N, the rows, not by the classes",
         lambda scores, y: (scores.argmax(axis=1) == y).sum() / scores.shape[1])], scored_batch),
    question(questions.weight_after_step, [
        ("the derivative of strength w^2 has a 2", lambda w, dw, rate, strength:
            w - rate * (dw + strength * w)),
        ("L2 pulls to zero: its gradient is added to dw, and the step goes against both",
         lambda w, dw, rate, strength: w - rate * (dw - 2 * strength * w)),
        ("the gradient of L2 is missing, 2 strength w", lambda w, dw, rate, strength:
            w - rate * dw),
        ("the step goes against the gradient: a minus", lambda w, dw, rate, strength:
            w + rate * (dw + 2 * strength * w)),
        ("the rate is of both gradients: there are brackets round their sum",
         lambda w, dw, rate, strength: w - rate * dw + 2 * strength * w),
        ("the rate is of both gradients: there are brackets round their sum",
         lambda w, dw, rate, strength: w - rate * dw - 2 * strength * w),
        ("the rate is of both gradients: there are brackets round their sum, and the derivative of "
         "strength w^2 has a 2", lambda w, dw, rate, strength: w - rate * dw - strength * w),
        ("the rate is of both gradients: there are brackets round their sum, and the derivative of "
         "strength w^2 has a 2", lambda w, dw, rate, strength: w - rate * dw + strength * w),
        ("that is the change alone: w less it is asked for",
         lambda w, dw, rate, strength: rate * (dw + 2 * strength * w)),
        ("that is the change alone: w less it is asked for",
         lambda w, dw, rate, strength: -rate * (dw + 2 * strength * w)),
        ("the rate is left out", lambda w, dw, rate, strength: w - (dw + 2 * strength * w)),
        ("the strength is left out", lambda w, dw, rate, strength: w - rate * (dw + 2 * w)),
        ("the gradient of L2 is 2 strength w, which has w in it",
         lambda w, dw, rate, strength: w - rate * (dw + 2 * strength)),
        ("that is the penalty, and its gradient is meant: 2 strength w",
         lambda w, dw, rate, strength: w - rate * (dw + strength * w * w))], weight_and_step),
]

WRITTEN = {
    "large-scores": Task(
        [(LARGE, ["log_softmax", "log_softmax_backward", "losses"])],
        [large_part(large_scores.log_softmax, SCORES, "log_softmax(scores)",
                    WRONG_LOGARITHMS + layer_slips.WRONG_ON_LARGE),
         large_part(large_scores.log_softmax_backward, [with_dout(each) for each in SCORES],
                    "dscores", WRONG_GRADIENTS),
         large_part(large_scores.losses, [with_labels(each) for each in SCORES],
                    ("svm", "softmax"), WRONG_LOSSES + [
                        (words, in_losses(wrong))
                        for words, wrong in layer_slips.WRONG_ON_LARGE])]),
    "questions": Task(
        [(QUESTIONS, [part[0] for part in QUESTION_PARTS])], QUESTION_PARTS),
}
