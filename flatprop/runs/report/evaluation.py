"""The model on the whole test part: scores, probabilities, mistakes, and units that never fire."""

from typing import NamedTuple

import numpy as np

from data.errors import DataError
from flatprop.runs import inputs, outcome, scoring
from layers import relu


class Evaluation(NamedTuple):
    """x (N, D) the inputs, which are only ever sliced; y (N,) labels or (N, M) targets.

    values (N, classes or M): probabilities, or scores where the loss makes none; predicted (N,)
    labels, or None for regression; wrongness (N,): how far the best wrong class is ahead of the
    right one, or the squared error; loss; metric: accuracy, or R^2 (None if it is not defined);
    dead: {hidden layer: (units that are 0 on every example, units)}, empty unless ReLU made them.
    """

    x: object
    y: np.ndarray
    values: np.ndarray
    predicted: np.ndarray | None
    wrongness: np.ndarray
    loss: float
    metric: float | None
    dead: dict


def evaluate(record):
    """The Evaluation of a Record on its run's test part.

    Raises DataError or UsageError if that part cannot be had, or does not fit the model.
    """
    from flatprop.runs.run_data import test_part

    x, y = test_part(record.saved.run)
    saved, classes = record.saved, record.classes
    outputs, loss_name = saved.description["sizes"][-1], saved.description["loss"]
    fits = x.shape[1] == saved.description["sizes"][0] and len(x) == len(y) > 0
    if classes is None:
        fits = fits and y.shape[1:] == (outputs,)
    else:
        fits = fits and y.ndim == 1 and y.dtype.kind in "iu" and outputs == (
            1 if loss_name == "logistic" else len(classes))
        fits = fits and y.min() >= 0 and y.max() < len(classes)
    if not fits:
        raise DataError(f"{saved.run}: its data no longer fits its network")

    scores, loss, dead = run_model(saved, x, y)
    values = outcome.values(loss_name, scores)
    if classes is None:
        squares = np.square(values - y)
        spread = np.square(y - y.mean(axis=0, dtype=np.float64)).sum(axis=0)
        r2 = float((1 - squares.sum(axis=0) / spread).mean()) if (spread > 0).all() else None
        return Evaluation(x, y, values, None, squares.sum(axis=1), loss, r2, dead)
    predicted = scoring.labels(scores)
    rows, others = np.arange(len(y)), values.copy()
    others[rows, y] = -np.inf
    wrongness = others.max(axis=1) - values[rows, y]
    return Evaluation(x, y, values, predicted, wrongness, loss, float((predicted == y).mean()),
                      dead)


def run_model(saved, x, y):
    """The scores of all of x, the mean loss, and the dead units of each ReLU layer."""
    model = saved.model
    has_relu = any(layer is relu for layer, _ in model.chain())
    scores, fired, total, step = [], {}, 0.0, inputs.rows_at_a_time(saved)
    for start in range(0, len(x), step):
        rows = slice(start, start + step)
        part = np.asarray(x[rows])
        found, loss = scoring.scores_and_loss(model, part, y[rows], start)
        scores.append(found)
        total += loss * len(part)
        if has_relu:
            for name, active in model.activations(part).items():
                if name != "scores":
                    fired[name] = fired.get(name, False) | (active != 0).any(axis=0)
    dead = {name: (int((~units).sum()), units.size) for name, units in fired.items()}
    return np.concatenate(scores), total / len(x), dead


def confusion(evaluation, classes):
    """How often each class (row) was called each class (column): (classes, classes) integers."""
    pairs = evaluation.y.astype(np.int64) * classes + evaluation.predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def most_wrong(evaluation, count):
    """The indices of the worst examples, the worst first; of classes only those it gets wrong."""
    index = np.argsort(-evaluation.wrongness, kind="stable")
    if evaluation.predicted is not None:
        index = index[(evaluation.predicted != evaluation.y)[index]]
    return index[:count]
