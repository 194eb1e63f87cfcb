"""flatprop/runs/evaluation.py against hand values, plain loops, and scikit-learn."""

import math

import numpy as np
import pytest

from data.errors import DataError
from data.preprocessing import Preprocessing
from flatprop.cli import evaluate
from flatprop.runs import evaluation
from layers import logistic_loss, softmax_loss, square_loss, svm_loss
from models.linear_classifier import LinearClassifier
from solvers import metrics

AS_THEY_ARE = Preprocessing(np.zeros(1), np.ones(1))


def identity(size, loss_layer=softmax_loss, dtype=np.float64):
    """A model whose scores are its inputs."""
    model = LinearClassifier(size, size, loss_layer=loss_layer, dtype=dtype)
    model.params["W1"][:] = np.eye(size)
    return model


def classification(model, pairs, classes):
    return evaluation.classification(evaluation.score(model, pairs), classes)


def regression(model, pairs):
    return evaluation.regression(evaluation.score(model, pairs), AS_THEY_ARE)


def scores_for(predicted, classes):
    """Scores whose highest is that of the predicted class."""
    return np.eye(classes)[np.asarray(predicted)]


def test_a_confusion_worked_by_hand():
    y = np.array([0, 0, 0, 1, 1, 2])
    x = scores_for([0, 0, 1, 1, 1, 0], 4)
    result = classification(identity(4), evaluation.batches(x, y), 4)
    assert result["confusion"] == [[2, 1, 0, 0], [0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert result["accuracy"] == 4 / 6
    first, second, third, absent = result["classes"]
    assert first == {"precision": 2 / 3, "recall": 2 / 3, "f1": 4 / 6, "count": 3}
    assert second == {"precision": 2 / 3, "recall": 1.0, "f1": 4 / 5, "count": 2}
    assert third == {"precision": None, "recall": 0.0, "f1": 0.0, "count": 1}
    assert absent == {"precision": None, "recall": None, "f1": None, "count": 0}
    assert result["macro"]["f1"] == pytest.approx((4 / 6 + 4 / 5 + 0) / 3)
    assert result["macro"]["precision"] == pytest.approx((2 / 3 + 2 / 3) / 3)
    assert result["examples"] == 6
    # Five rows of scores (1, 0, 0, 0): log(e + 3) - 1 where right, log(e + 3) where wrong.
    assert result["loss"] == pytest.approx(math.log(math.e + 3) - 4 / 6)


@pytest.mark.parametrize("rows", [1, 7, 1000])
@pytest.mark.parametrize("loss_layer", [softmax_loss, svm_loss])
def test_batches_do_not_matter(rows, loss_layer):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 5)), rng.integers(0, 5, 200)
    result = classification(identity(5, loss_layer), evaluation.batches(x, y, rows), 5)
    counts = [[0] * 5 for _ in range(5)]
    for scores, label in zip(x.tolist(), y.tolist(), strict=True):
        counts[label][scores.index(max(scores))] += 1
    assert result["confusion"] == counts
    assert result["loss"] == pytest.approx(float(loss_layer.forward(x, y)[0]), rel=1e-12)
    assert result["accuracy"] == sum(counts[i][i] for i in range(5)) / 200


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_measures_of_all_rows_are_those_of_the_whole(rows):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(200, 3)), rng.choice(3, 200, p=[0.7, 0.25, 0.05])
    pairs = list(evaluation.batches(x, y, rows))
    result = classification(identity(3), pairs, 3)
    assert result["auc"] == pytest.approx(metrics.auc(x, y), abs=1e-12)
    assert result["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy(x, y))
    assert result["log_loss"] == pytest.approx(metrics.log_loss(x, y))
    scored = evaluation.score(identity(3, svm_loss), pairs)
    assert evaluation.classification(scored, 3, probabilities=False)["log_loss"] is None


def test_scores_that_are_too_many_have_no_area(monkeypatch):
    x, y = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]), np.array([1, 0, 1])
    assert classification(identity(2), evaluation.batches(x, y, 1), 2)["auc"] == 1
    monkeypatch.setattr(evaluation, "MOST_SCORES", 5)
    assert classification(identity(2), evaluation.batches(x, y, 1), 2)["auc"] is None


def test_a_single_logit_is_two_classes():
    x = np.array([[2.0], [-1.0], [0.5], [0.0]])
    y = np.array([1, 0, 0, 1])
    result = classification(identity(1, logistic_loss), evaluation.batches(x, y), 2)
    assert result["confusion"] == [[1, 1], [1, 1]]
    by_hand = [math.log1p(math.exp(-2)), math.log1p(math.exp(-1)), math.log1p(math.exp(0.5)),
               math.log(2)]
    assert result["loss"] == pytest.approx(sum(by_hand) / 4)


def test_as_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(300, 6)), rng.integers(0, 5, 300)     # class 5 never occurs
    result = classification(identity(6), evaluation.batches(x, y, 64), 6)
    p, r, f1, count = metrics.precision_recall_fscore_support(
        y, x.argmax(axis=1), zero_division=0.0)
    for name, expected in (("precision", p), ("recall", r), ("f1", f1), ("count", count)):
        got = [one[name] or 0 for one in result["classes"]]
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    expected = metrics.f1_score(y, x.argmax(axis=1), average="macro", zero_division=0.0)
    assert result["macro"]["f1"] == pytest.approx(expected)
    assert result["confusion"] == metrics.confusion_matrix(y, x.argmax(axis=1)).tolist()
    targets = rng.normal(size=(300, 6)) + 1e3
    result = regression(identity(6, square_loss), evaluation.batches(x, targets, 64))
    assert result["r2"] == pytest.approx(metrics.r2_score(targets, x))
    assert result["mean_absolute_error"] == pytest.approx(metrics.mean_absolute_error(targets, x))


def test_regression_by_hand():
    x, y = np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [3.0], [2.0]])
    result = regression(identity(1, square_loss), evaluation.batches(x, y, 2))
    assert result["examples"] == 3
    assert result["mean_absolute_error"] == pytest.approx(1.0)           # (0 + 1 + 2) / 3
    assert result["loss"] == pytest.approx((0 + 1 + 4) / 2 / 3)
    assert result["r2"] == pytest.approx(1 - 5 / 2)                      # around the mean, 2


def test_r2_keeps_its_digits_far_from_zero_and_needs_a_target_that_varies():
    rng = np.random.default_rng(2)
    y = rng.normal(size=(500, 2)) + 1e8
    x = y + 0.5 * rng.normal(size=y.shape)
    result = regression(identity(2, square_loss), evaluation.batches(x, y, 33))
    error, away = x - y, y - y.mean(axis=0)
    expected = np.mean(1 - (error**2).sum(axis=0) / (away**2).sum(axis=0))
    assert result["r2"] == pytest.approx(expected, abs=1e-6)
    y[:, 1] = 0.1
    assert regression(identity(2, square_loss), evaluation.batches(x, y))["r2"] is None


def test_the_most_confused_pairs_come_first():
    confusion = [[9, 1, 0], [5, 9, 0], [2, 0, 9]]
    assert evaluation.most_confused(confusion) == [(1, 0, 5), (2, 0, 2), (0, 1, 1)]
    assert evaluation.most_confused(confusion, 1) == [(1, 0, 5)]
    assert evaluation.most_confused([[3, 0], [0, 3]]) == []
    assert confusion[0][0] == 9


def test_many_classes_have_no_confusion_matrix():
    classes = evaluation.MOST_CLASSES + 1
    model = LinearClassifier(1, classes, dtype=np.float32)
    x, y = np.ones((3, 1), np.float32), np.array([0, 1, 1])
    result = classification(model, evaluation.batches(x, y), classes)
    assert result["confusion"] is None
    assert sum(one["count"] for one in result["classes"]) == 3


def test_no_rows_and_scores_that_are_not_finite_are_refused():
    with pytest.raises(DataError, match="no examples"):
        classification(identity(2), [], 2)
    x = np.zeros((5, 2), np.float32)
    x[3] = 3e38
    model = identity(2, dtype=np.float32)
    model.params["W1"][:] = 10
    with pytest.raises(DataError, match="row 4: "):
        classification(model, evaluation.batches(x, np.zeros(5, np.int64), 2), 2)
    model = identity(2, square_loss, np.float32)
    with pytest.raises(DataError, match="rows 1 to 5: the loss"):
        regression(model, evaluation.batches(x, np.zeros((5, 2), np.float32)))


def test_words_for_a_small_matrix_and_for_many_classes():
    y, x = np.array([0, 0, 1]), scores_for([0, 1, 1], 2)
    result = classification(identity(2), evaluation.batches(x, y), 2)
    lines = evaluate.class_lines(result, ["cat", "dog\x1b[31m"])
    assert lines[0].split() == ["loss", f"{result['loss']:.6f}"]
    assert lines[1].split() == ["accuracy", "0.6667"]
    assert lines[2].split() == ["balanced", "accuracy", "0.7500"]
    assert lines[3].split() == ["AUC", "0.7500"]        # of two pairs one, and a tie
    assert lines[4].split() == ["log", "loss", f"{result['loss']:.6f}"]
    assert lines[7].split() == ["cat", "1.0000", "0.5000", "0.6667", "2"]
    assert lines[8].split() == ["dog?[31m", "0.5000", "1.0000", "0.6667", "1"]
    assert lines[9].split() == ["macro", "average", "0.7500", "0.7500", "0.6667", "3"]
    assert [line.split() for line in lines[-2:]] == [["cat", "1", "1"], ["dog?[31m", ".", "1"]]
    assert all(line.isprintable() for line in lines)

    y, x = np.array([3, 3, 29]), scores_for([7, 7, 2], 30)
    result = classification(identity(30), evaluation.batches(x, y), 30)
    lines = evaluate.class_lines(result, [f"class {i}" for i in range(30)])
    assert [" ".join(line.split()) for line in lines[-2:]] == [
        "class 3 taken for class 7 2 times", "class 29 taken for class 2 1 times"]
    assert "most confused" in lines
    assert lines[7 + 3].split() == ["class", "3", "-", "0.0000", "0.0000", "2"]
    assert lines[7 + 4].split() == ["class", "4", "-", "-", "-", "0"]
