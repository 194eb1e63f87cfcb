"""The feedback to a wrong answer names its cause: of the exercises beyond the lecture, 80% do."""

import pytest
from exercise_variants import VARIANTS
from test_exercises_variants import check, replaced

from flatprop.exercises.catalogue import find
from flatprop.exercises.checks import diagnosis

# {id: words that the message has, for each of its VARIANTS in their order; "" where none is named}
CAUSES = {
    "batchnorm-circuit": [
        "+=, not =", "1/N of its gradient", "-1 / std^2", "-1 / std^2", "1 / (2 std)",
        "x is used twice", "with 1/N, in the mean", "a minus, and a sum", "centered times the",
        "handed to every row: a sum over the rows", "eps stands under the root"],
    "batchnorm": [
        "the way through the mean is missing", "the way through the variance is missing",
        "count as constants", "", "mean and variance are constants: nothing goes back",
        "gamma is missing", "take that factor out", "", "", "by N, not by N - 1",
        "eps stands under the root", "and not by its root", "not the batch's own"],
    "layernorm": [
        "the way through the mean is missing", "the way through the variance is missing",
        "count as constants", "leave axis 0 out", "gamma is missing",
        "a mean taken where the sum is meant", "", "of the other axis", "the mean is not taken off",
        "eps stands under the root", "by N, not by N - 1"],
    "dropout": [
        "of dropping, not of keeping", "they are divided by 1 - p", "they are divided by 1 - p",
        "they are divided by 1 - p", "", "draw from the rng that is handed in",
        "the mask is missing", "is not scaled", "by the mask twice", "where an entry was dropped",
        "not where they were kept", "at test nothing is dropped", "of dropping, not of keeping",
        "has made up for p already", "has made up for p already"],
    "momentum": [
        "the velocity forgets", "counts whole", "the rate counts twice", "loses nothing",
        "change it in place", "take self.momentum", "the sign", "Nesterov's step",
        "step works in place"],
    "adam": [
        "the first moment is not corrected", "the second moment is not corrected", "",
        "of the gradient's square", "the root is missing", "eps stands outside the root",
        "counts 1 - beta1 in the first moment", "next step knows nothing of it", "the sign",
        "take self.beta1"],
    "clipping": [
        "each entry is clipped by itself", "shortened in place", "and yours is 1",
        "short enough stays as it is", "not finite is to be left alone", "that it had",
        "should raise a ValueError", "not the sum of absolute values", "the length is a root"],
    "learning-rate": [
        "step 0 moves already", "begins after the climb", "a cosine comes back up",
        "from 1 to -1", "pi and not 2 pi", "not along a cosine", "pi is missing",
        "that rises, and to 2", "divided by that, not by total"],
    "large-scores": [
        "e^scores overflows", "a largest of its own", "a largest of its own",
        "0 before its logarithm", "cut off", "cut off", "logarithm of the sum is missing",
        "leave the minus out", "for a dout of one 1", "not p times dout", "over the classes",
        "the right class does not count", "a minus is missing", "e^scores overflows",
        "the margin of 1 is missing"],
    "questions": [
        "what could make two of them differ", "how many are different", "should be a number",
        "the loss is log C", "nothing is divided", "all but one of them are 0",
        "should be a letter", "in the same direction", "as differentiable as", "both weigh all",
        "N times as long", "wants a smaller rate", "the loss is minus that", "the probability of",
        "the natural one", "the right class itself", "keep no margin", "each of which adds 1",
        "what does the loss do", "in which direction", "where the sigmoid is 0.5",
        "multiplied, not added", "can it be 1", "the share is their mean", "the share of mistakes",
        "argmax, not max", "argmax, not argmin", "has a 2", "L2 pulls to zero",
        "the gradient of L2 is missing", "brackets round their sum", "that is the penalty"],
    "digits-budget": [
        "52 steps, and 50 are allowed", "should be trained", "all the steps that are allowed",
        "480 steps, and 50 are allowed", "a larger rate", "a smaller rate", "a wider net",
        "should be trained", "should give a TwoLayerNet"],
}
CASES = [(id, *case, words) for id, causes in CAUSES.items() for case, words in zip(
    [(file, old, new) for file, old, *news in VARIANTS[id] for new in news], causes, strict=True)]


@pytest.mark.parametrize("id, file, old, new, words", [case for case in CASES if case[-1]])
def test_the_cause_is_named(id, file, old, new, words, solved, tmp_path, monkeypatch):
    monkeypatch.setattr(diagnosis, "SECONDS", 60.0)     # also on a busy machine
    exercise = find(id)
    feedback = check(exercise, file, replaced(exercise, file, old, new), solved, tmp_path)
    assert not feedback.passed and words in feedback.message


def test_four_of_five_causes_are_named():
    assert sum(bool(words) for *_, words in CASES) >= 0.8 * len(CASES)
