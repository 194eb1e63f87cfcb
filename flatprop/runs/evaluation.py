"""How well a model does on labelled examples: plain numbers, summed up over batches.

What is not defined, such as the precision of a class that was never predicted, is None.
"""

import math

import numpy as np

from data.errors import DataError
from flatprop.runs.model_inputs import ROWS
from flatprop.runs.predictions import finite_scores, labels
from solvers import metrics

MOST_CLASSES = 1024     # with more of them the confusion matrix is left out
MOST_SCORES = 2**26     # with more of them, of all rows, the area under the curve is


def batches(x, y, rows=ROWS):
    """Pairs (x, y) of so many rows; by default as the Solver does, for sums of the same bits."""
    for start in range(0, len(x), rows):
        yield x[start : start + rows], y[start : start + rows]


def score(model, pairs):
    """Run the model on pairs (x (n, D), y (n, ...)): for each the scores, y, and the mean loss.

    Raises DataError if scores or loss are not finite numbers, or if there are no examples.
    """
    before = 0
    for x, y in pairs:
        scores = finite_scores(model, x, before)
        with np.errstate(over="ignore"):
            loss = float(model.loss_layer.forward(scores, y)[0])
        if not math.isfinite(loss):
            raise DataError(f"rows {before + 1:,} to {before + len(y):,}: the loss is not a finite "
                            "number; are the inputs and targets in the units of the training data?")
        before += len(y)
        yield scores, y, loss
    if not before:
        raise DataError("there are no examples to evaluate on; give data with rows")


def classification(scored, classes, probabilities=True):
    """The quality of a classifier with so many classes, from what score() gives.

    -> {"examples", "loss", "accuracy", "balanced_accuracy", "auc", "log_loss", "macro", "classes",
    "confusion"}; confusion[i][j] counts the examples of class i taken for class j, a list of lists
    or None; the three before are as in solvers/metrics.py, over all rows, and log_loss is None
    where scores give no probabilities, as those of layers.by_name.MARGIN_LOSSES.
    """
    right, predicted_as, members = (np.zeros(classes, np.int64) for _ in range(3))
    confusion = np.zeros((classes, classes), np.int64) if classes <= MOST_CLASSES else None
    total, surprise, examples, kept, held = 0.0, 0.0, 0, [], 0
    for scores, y, loss in scored:
        predicted = labels(scores)
        if probabilities:
            surprise += metrics.log_loss(scores, y) * len(y)
        held += scores.size
        kept.append((scores, y))
        if held > MOST_SCORES:
            kept.clear()
        right += np.bincount(y[predicted == y], minlength=classes)
        predicted_as += np.bincount(predicted, minlength=classes)
        members += np.bincount(y, minlength=classes)
        if confusion is not None:
            np.add.at(confusion, (y, predicted), 1)
        total += loss * len(y)
        examples += len(y)
    each = per_class(right, predicted_as, members)
    return {
        "examples": examples, "loss": total / examples, "accuracy": int(right.sum()) / examples,
        "balanced_accuracy": balanced_accuracy(each),
        "auc": auc(kept) if held <= MOST_SCORES else None,
        "log_loss": surprise / examples if probabilities else None,
        "macro": macro_average(each), "classes": each,
        "confusion": None if confusion is None else confusion.tolist(),
    }


def auc(pairs):
    """The area under the ROC curve of all pairs (scores, y) together."""
    return metrics.auc(*(np.concatenate(part) for part in zip(*pairs, strict=True)))


def balanced_accuracy(each):
    """The mean recall of the classes that occur, of what per_class gives."""
    recalls = [one["recall"] for one in each if one["recall"] is not None]
    return sum(recalls) / len(recalls)


def per_class(right, predicted_as, members):
    """A dict for each class: precision, recall, f1 and count, from numbers of examples (C,)."""
    return [
        {"precision": ratio(a, b), "recall": ratio(a, c), "f1": ratio(2 * a, b + c), "count": c}
        for a, b, c in zip(right.tolist(), predicted_as.tolist(), members.tolist(), strict=True)
    ]


def ratio(part, whole):
    """part / whole, or None where whole is zero."""
    return part / whole if whole else None


def macro_average(each):
    """The plain means over the classes that occur or are predicted.

    As in scikit-learn, what is None for one of these classes counts as 0.
    """
    seen = [one for one in each if one["f1"] is not None]
    return {name: sum(one[name] or 0.0 for one in seen) / len(seen)
            for name in ("precision", "recall", "f1")}


def most_confused(confusion, most=10):
    """The commonest mistakes, (class, taken for, count), the largest counts first."""
    counts = np.array(confusion)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:most]
    found = zip(*np.unravel_index(order, counts.shape), strict=True)
    return [(int(i), int(j), int(counts[i, j])) for i, j in found if counts[i, j]]


def regression(scored, fitted):
    """The quality of a regressor, from what score() gives for targets y (n, M).

    fitted is the Preprocessing: scored are the targets as the network has them.
    -> {"examples", "loss", "loss_in_unit", "mean_absolute_error", "r2"}; the loss is what was
    minimized; the others are in the unit of the data, loss_in_unit, the same square loss, too
    r2 = 1 - sum (score - y)^2 / sum (y - mean of y)^2, the mean over the outputs; None if one of
    them never varies. The sums of squares around the mean are merged batch by batch (Chan, Golub &
    LeVeque 1979), so that a large offset costs no digits.
    """
    total, examples, absolute, squared, mean, spread = 0.0, 0, 0.0, 0.0, 0.0, 0.0
    lowest, highest = np.inf, -np.inf
    for scores, y, loss in scored:
        scores, y = fitted.predictions(scores), fitted.in_unit(y).astype(np.float64)
        error = scores - y
        absolute = absolute + np.abs(error).sum(axis=0)
        squared = squared + (error * error).sum(axis=0)
        new_mean = y.mean(axis=0)
        away = new_mean - mean
        spread = spread + ((y - new_mean) ** 2).sum(axis=0)
        spread = spread + away * away * (examples * len(y) / (examples + len(y)))
        mean = mean + away * (len(y) / (examples + len(y)))
        lowest, highest = np.minimum(lowest, y.min(axis=0)), np.maximum(highest, y.max(axis=0))
        total += loss * len(y)
        examples += len(y)
    varies = (lowest < highest).all() and (spread > 0).all()    # spread alone is not free of noise
    r2 = float((1 - squared / spread).mean()) if varies else None
    return {"examples": examples, "loss": total / examples,
            "loss_in_unit": float(0.5 * squared.sum() / examples),
            "mean_absolute_error": float(absolute.mean() / examples), "r2": r2}
