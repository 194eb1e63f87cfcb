"""What a model's scores say: the class, the probabilities, and the columns to write them in."""

import numpy as np

from data.errors import DataError
from layers import sigmoid
from layers.by_name import MARGIN_LOSSES


def class_names(saved):
    """The names of a saved model's classes in the order of its labels; None for regression.

    Raises DataError if they do not fit its outputs.
    """
    loss, outputs = saved.description["loss"], saved.description["sizes"][-1]
    if loss == "square":
        return None
    names, count = saved.preprocessing.classes, 2 if loss == "logistic" else outputs
    fits = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not fits or len(names) != count or len(set(names)) != count:
        raise DataError(f"{saved.run / 'model.json'}: classes must be the names of {count} classes")
    return names


def finite_scores(model, x, before=0):
    """The model's scores of a batch x, which `before` rows came before.

    Raises DataError naming the first row whose scores are not finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        scores = model.scores(x)
    if not np.isfinite(scores).all():
        row = before + 1 + int(np.argmin(np.isfinite(scores).all(axis=1)))
        raise DataError(f"row {row:,}: the model's scores are not finite numbers; is this input in "
                        "the units of the training data?")
    return scores


def labels(scores):
    """The labels (N,) int64 of scores (N, C): the highest, or the side of zero of a single one."""
    if scores.shape[1] == 1:
        return (scores[:, 0] > 0).astype(np.int64)
    return scores.argmax(axis=1)


def values(saved, scores):
    """The numbers shown for each row: probabilities, or scores where the loss makes none; of a
    regression the predictions, in the unit of the data.

    scores (N, C), or (N, 1) of the logistic loss -> (N, number of classes or outputs) float64, so
    that even tiny probabilities differ from 0.
    """
    loss, scores = saved.description["loss"], scores.astype(np.float64)
    if loss == "square":
        return saved.preprocessing.predictions(scores)
    if loss == "softmax":
        with np.errstate(over="ignore"):        # a difference of -inf, whose exponential is 0
            exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)
    if loss == "logistic":
        return np.hstack([sigmoid.forward(-scores)[0], sigmoid.forward(scores)[0]])
    return scores


def columns(loss, names, outputs, targets=()):
    """The columns of a CSV of predictions: prediction, then one for each class.

    targets are the names of several numbers that are predicted, where they have names.
    """
    if names is not None:
        kind = "score" if loss in MARGIN_LOSSES else "p"
        return ["prediction", *(f"{kind}({name})" for name in names)]
    if len(targets) == outputs > 1:
        return [f"prediction({target})" for target in targets]
    return ["prediction"] if outputs == 1 else [f"prediction{i + 1}" for i in range(outputs)]
