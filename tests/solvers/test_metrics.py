"""Metrics against numbers worked out by hand, and against scikit-learn where it is there."""

import numpy as np
import pytest
from solver_cases import small_problem, solver_for

from models.two_layer_net import TwoLayerNet
from solvers import metrics
from solvers.solver import EVALUATION_ROWS, score


def softmax(scores):
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def test_auc_counts_pairs():
    """Of the 2 x 3 pairs of a 1 and a 0: 0.35 beats 0.1 and 0.2, ties with 0.35; 0.8 beats all."""
    y, values = np.array([0, 0, 1, 1, 0]), np.array([0.1, 0.35, 0.35, 0.8, 0.2])
    assert metrics.auc(values, y) == metrics.auc(values[:, None], y) == (2 + 0.5 + 3) / 6
    both = np.stack([values - 7, 2 * values - 7], axis=1)       # whose difference is values
    assert metrics.auc(both, y) == pytest.approx(5.5 / 6)
    assert metrics.auc(-values, y) == pytest.approx(0.5 / 6)
    assert metrics.auc(np.zeros(5), y) == 0.5
    assert metrics.auc(values, np.ones(5, int)) is None


def test_the_example_of_scikit_learns_documentation():
    assert metrics.auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])) == 0.75


def test_auc_of_several_classes_is_the_mean_of_each_against_the_rest():
    """The classes in p: 0 (pairs 2 of 2), 1 (0.5 beats 0.2 and ties 0.5), 2 (0.3 beats 0.2)."""
    p = np.array([[0.6, 0.2, 0.2], [0.2, 0.5, 0.3], [0.2, 0.5, 0.3]])
    y = np.array([0, 1, 2])
    assert metrics.auc(np.log(p), y) == pytest.approx((1 + 0.75 + 0.75) / 3)
    wider = np.log(np.hstack([p, np.full((3, 1), 1e-9)]))       # with a class that does not occur
    assert metrics.auc(wider, y) == pytest.approx((1 + 0.75 + 0.75) / 3)


def test_balanced_accuracy_is_the_mean_recall():
    y = np.array([0] * 8 + [1] * 2)
    scores = np.eye(3)[[0] * 7 + [2] + [1, 0]]
    assert metrics.accuracy(scores, y) == 0.8
    assert metrics.balanced_accuracy(scores, y) == pytest.approx((7 / 8 + 1 / 2) / 2)
    assert metrics.balanced_accuracy(np.array([1.0, -1.0, -1.0]), np.array([1, 1, 0])) == 0.75


def test_log_loss_of_probabilities_that_are_known():
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])
    assert metrics.log_loss(np.log(p), np.array([1, 1])) == pytest.approx(
        -(np.log(0.25) + np.log(0.8)) / 2)
    assert metrics.log_loss(np.array([[np.log(3.0)]]), np.array([1])) == pytest.approx(
        np.log(4 / 3))
    assert metrics.log_loss(np.array([[1e4, -1e4]]), np.array([1])) == 2e4


def test_r2_is_the_mean_over_the_outputs():
    y = np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]])
    assert metrics.r2(y, y) == 1
    assert metrics.r2(np.broadcast_to(y.mean(axis=0), y.shape), y) == 0
    assert metrics.r2(y + [1, 0], y) == pytest.approx((1 - 3 / 8 + 1) / 2)
    assert metrics.r2(y, np.array([[0.0, 1.0]] * 3)) is None


@pytest.mark.parametrize("classes", [2, 5])
def test_metrics_are_those_of_scikit_learn(classes):
    theirs = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(classes)
    scores = rng.normal(size=(400, classes))
    if classes == 2:
        scores = (4 * scores).round() / 4           # whose differences are exact, with many ties
    y = np.concatenate([np.arange(classes), rng.integers(0, classes, 400 - classes)])
    p = softmax(scores)
    ranked = {"multi_class": "ovr", "average": "macro"} if classes > 2 else {}
    values = p if classes > 2 else scores[:, 1] - scores[:, 0]
    assert metrics.auc(scores, y) == pytest.approx(
        theirs.roc_auc_score(y, values, **ranked), abs=1e-12)
    assert metrics.balanced_accuracy(scores, y) == pytest.approx(
        theirs.balanced_accuracy_score(y, scores.argmax(axis=1)))
    assert metrics.log_loss(scores, y) == pytest.approx(theirs.log_loss(y, p))
    targets = rng.normal(size=(400, classes))
    assert metrics.r2(scores, targets) == pytest.approx(theirs.r2_score(targets, scores))


def test_a_metric_sees_all_rows_at_once_and_accuracy_is_a_mean_over_chunks():
    x, y = small_problem(n=2 * EVALUATION_ROWS + 5)
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    loss, found = score(model, x, y, metrics.auc)
    whole = model.scores(x)
    assert found == pytest.approx(metrics.auc(whole, y), abs=1e-12)
    assert score(model, x, y, None) == (loss, None)
    first, last = slice(0, EVALUATION_ROWS), slice(2 * EVALUATION_ROWS, None)
    middle = slice(EVALUATION_ROWS, 2 * EVALUATION_ROWS)
    total = sum(metrics.accuracy(model.scores(x[part]), y[part]) * len(x[part])
                for part in (first, middle, last))
    assert score(model, x, y, metrics.accuracy) == (loss, total / len(x))


@pytest.mark.parametrize("metric, by_loss", [(metrics.auc, False), (metrics.auc, True),
                                             (metrics.balanced_accuracy, False)])
def test_the_metric_or_the_loss_chooses_the_best_epoch(metric, by_loss):
    x, y = small_problem()
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    solver = solver_for(model, (x[:30], y[:30]), (x[30:], y[30:]), epochs=30, metric=metric,
                        best_by_loss=by_loss)
    history = solver.train()
    key = "val_loss" if by_loss else "val_metric"
    values = [-entry[key] if by_loss else entry[key] for entry in history]
    assert solver.best[key] == abs(max(values)) and values[solver.best["epoch"] - 1] == max(values)


def test_a_metric_without_a_value_leaves_the_choice_to_the_loss():
    x, y = small_problem()
    model = TwoLayerNet(4, 5, 2, dtype=np.float64)
    solver = solver_for(model, (x, y), (x[y == 1], y[y == 1]), epochs=5, metric=metrics.auc)
    history = solver.train()
    losses = [entry["val_loss"] for entry in history]
    assert [entry["val_metric"] for entry in history] == [None] * 5
    assert solver.best["epoch"] == 1 + losses.index(min(losses))
