"""How well a model does on labelled examples, as plain numbers.

Everything is summed up over batches, so that memory does not grow with the data. What cannot be
told, such as the precision of a class that was never predicted, is None.
"""

import math

import numpy as np

from data.errors import DataError

ROWS = 1024             # evaluated at a time, as in the Solver: so the sums have the same bits
MOST_CLASSES = 1024     # with more of them the confusion matrix is left out


def batches(x, y, rows=ROWS):
    """Cut examples into pairs (x, y) of so many rows; x is anything that can be sliced."""
    for start in range(0, len(x), rows):
        part = slice(start, start + rows)
        yield x[part], y[part]


def classification(model, pairs, classes):
    """Score a classifier on pairs (x (N, D), y (N,) labels), for so many classes.

    -> {"examples", "loss", "accuracy", "macro", "classes", "confusion"}; confusion[i][j] counts the
    examples of class i taken for class j, a list of lists or None; classes is the list that
    per_class gives, macro what macro_average makes of it. Raises DataError if there are no
    examples, or if the model's scores are not finite numbers.
    """
    right, taken_for, held = (np.zeros(classes, np.int64) for _ in range(3))
    confusion = None
    if classes <= MOST_CLASSES:
        confusion = np.zeros((classes, classes), np.int64)
    total, examples = 0.0, 0
    for x, y in pairs:
        scores, loss = scores_and_loss(model, x, y, examples)
        predicted = labels(scores)
        right += np.bincount(y[predicted == y], minlength=classes)
        taken_for += np.bincount(predicted, minlength=classes)
        held += np.bincount(y, minlength=classes)
        if confusion is not None:
            np.add.at(confusion, (y, predicted), 1)
        total += loss * len(y)
        examples += len(y)
    check_any(examples)
    each = per_class(right, taken_for, held)
    return {
        "examples": examples, "loss": total / examples, "accuracy": int(right.sum()) / examples,
        "macro": macro_average(each), "classes": each,
        "confusion": None if confusion is None else confusion.tolist(),
    }


def labels(scores):
    """The predicted labels: the highest score of a row, or the side of zero of a single logit.

    scores (N, C) or (N, 1) -> (N,) int64
    """
    if scores.shape[1] == 1:
        return (scores[:, 0] > 0).astype(np.int64)
    return scores.argmax(axis=1)


def per_class(right, taken_for, held):
    """A dict for each class: precision, recall, f1 and count.

    right, taken_for, held (C,) integers: how many examples of each class were predicted as such,
    were predicted as this class, and belong to it.
    precision = right / taken_for,  recall = right / held,  f1 = 2 right / (taken_for + held)
    """
    return [
        {"precision": ratio(a, b), "recall": ratio(a, c), "f1": ratio(2 * a, b + c), "count": c}
        for a, b, c in zip(right.tolist(), taken_for.tolist(), held.tolist(), strict=True)
    ]


def ratio(part, whole):
    """part / whole, or None where whole is zero."""
    return part / whole if whole else None


def macro_average(each):
    """The plain mean of precision, recall and f1 over the classes that occur or are predicted.

    As in scikit-learn, what is None for one of these classes counts as 0.
    """
    seen = [one for one in each if one["f1"] is not None]
    return {
        name: sum(one[name] or 0.0 for one in seen) / len(seen)
        for name in ("precision", "recall", "f1")
    }


def most_confused(confusion, most=10):
    """The commonest mistakes, (class, taken for, count), the largest counts first."""
    counts = np.array(confusion)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:most]
    found = zip(*np.unravel_index(order, counts.shape), strict=True)
    return [(int(i), int(j), int(counts[i, j])) for i, j in found if counts[i, j]]


def regression(model, pairs):
    """Score a regressor on pairs (x (N, D), y (N, M)).

    -> {"examples", "loss", "mean_absolute_error", "r2"}
    mean_absolute_error is the mean over rows and outputs of |score - y|. r2 = 1 - sum (score - y)^2
    / sum (y - mean of y)^2, the mean over the outputs; None if one of them never varies.
    The sums of squares around the mean are merged batch by batch (Chan, Golub & LeVeque 1979),
    so that a large offset costs no digits. Raises DataError as classification does.
    """
    total, examples, absolute, squared, mean, spread = 0.0, 0, 0.0, 0.0, 0.0, 0.0
    lowest, highest = np.inf, -np.inf
    for x, y in pairs:
        scores, loss = scores_and_loss(model, x, y, examples)
        y = y.astype(np.float64)
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
    check_any(examples)
    varies = (lowest < highest).all() and (spread > 0).all()    # spread alone is not free of noise
    r2 = float((1 - squared / spread).mean()) if varies else None
    return {"examples": examples, "loss": total / examples,
            "mean_absolute_error": float(absolute.mean() / examples), "r2": r2}


def scores_and_loss(model, x, y, before=0):
    """The model's scores of a batch, which `before` rows came before, and the mean loss."""
    scores = finite_scores(model, x, before)
    with np.errstate(over="ignore"):
        loss = float(model.loss_layer.forward(scores, y)[0])
    if not math.isfinite(loss):
        raise DataError(f"rows {before + 1:,} to {before + len(y):,}: the loss is not a finite "
                        "number; are the inputs and targets in the units of the training data?")
    return scores, loss


def finite_scores(model, x, before=0):
    """The model's scores of a batch; raises DataError naming the row if they are not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        scores = model.scores(x)
    if not np.isfinite(scores).all():
        row = before + 1 + int(np.argmin(np.isfinite(scores).all(axis=1)))
        raise DataError(f"row {row:,}: the model's scores are not finite numbers; is this input in "
                        "the units of the training data?")
    return scores


def check_any(examples):
    """Refuse to score nothing."""
    if not examples:
        raise DataError("there are no examples to evaluate on; give data with rows")
