"""The model on the whole test part: scores, probabilities, mistakes, and units that never fire."""

from typing import NamedTuple

import numpy as np

from flatprop.runs import evaluation, folds, model_inputs, predictions
from flatprop.runs.report.record import Record
from flatprop.runs.report.text import number
from layers import relu


class Performance(NamedTuple):
    """What came of the test part of a Record's run.

    x (N, D) the inputs, which are only ever sliced; y (N,) labels or (N, M) targets in their unit;
    learned (N, ...) the same as the network learns them; values
    (N, classes or M): probabilities, or scores where the loss makes none; predicted (N,) labels,
    or None for regression; wrongness (N,): how far the best wrong class is ahead of the right one,
    or the squared error; quality: what evaluation gives; dead: what dead_units gives.
    """

    record: Record
    x: object
    y: np.ndarray
    learned: np.ndarray
    values: np.ndarray
    predicted: np.ndarray | None
    wrongness: np.ndarray
    quality: dict
    dead: dict | None


def measure(record, x, y):
    """The Performance of a Record's model on its test part x, y. Raises DataError."""
    saved = record.saved
    if folds.is_average(saved):
        y = folds.learned(y, saved)
    model_inputs.check_test_part(saved, x, y)
    learned = y
    pairs = evaluation.batches(x, y, model_inputs.rows_at_a_time(saved))
    scored = list(evaluation.score(saved.model, pairs))
    scores = np.concatenate([scores for scores, _, _ in scored])
    values = predictions.values(saved, scores)
    if record.classes is None:
        quality = evaluation.regression(scored, saved.preprocessing)
        y = saved.preprocessing.in_unit(y)
        predicted, wrongness = None, np.square(values - y).sum(axis=1)
    else:
        quality = evaluation.classification(scored, len(record.classes))
        predicted = predictions.labels(scores)
        rows, others = np.arange(len(y)), values.copy()
        others[rows, y] = -np.inf
        wrongness = others.max(axis=1) - values[rows, y]
    return Performance(record, x, y, learned, values, predicted, wrongness, quality,
                       dead_units(saved, x))


def dead_units(saved, x):
    """How many units of each ReLU layer are 0 on every example: {layer: (dead, units)}.

    None where they are not known: the model has no chain or no activations. An average has none.
    """
    if folds.is_average(saved):
        return {}
    if not (hasattr(saved.model, "chain") and hasattr(saved.model, "activations")):
        return None
    if all(layer is not relu for layer, _ in saved.model.chain()):
        return {}
    fired = {}
    for part, _ in evaluation.batches(x, x, model_inputs.rows_at_a_time(saved)):
        for name, active in saved.model.activations(part).items():
            if name != "scores":
                fired[name] = fired.get(name, False) | (active != 0).any(axis=0)
    return {name: (int((~units).sum()), units.size) for name, units in fired.items()}


def most_wrong(tested, count):
    """The indices of the worst examples, the worst first; of classes only those it gets wrong."""
    index = np.argsort(-tested.wrongness, kind="stable")
    if tested.predicted is not None:
        index = index[(tested.predicted != tested.y)[index]]
    return index[:count]


def change(record, tested):
    """A warning if the test part gives another loss than the run wrote down, else ""."""
    result = record.result
    if not result or not tested or record.saved.which != "best":
        return ""
    if abs(tested.quality["loss"] - result["loss"]) <= 1e-3 * max(1e-3, abs(result["loss"])):
        return ""
    return (f"The test part as it is now gives a loss of {number(tested.quality['loss'])}, not the "
            f"{number(result['loss'])} that the run wrote down: the data or the weights have "
            "changed since.")
