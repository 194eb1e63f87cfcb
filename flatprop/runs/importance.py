"""Permutation importance: how much worse a model does where one column's values are shuffled.

A column of a table counts as a whole, whatever it becomes for the network: a 0 or 1 for each of its
categories, bins, an input that tells of missing cells (Breiman 2001, Random forests, 10; as in
sklearn.inspection.permutation_importance, but for the error, which is over rows).
"""

import numpy as np

from data import encode
from data.errors import DataError
from flatprop.runs import evaluation, folds, model_inputs, predictions
from flatprop.runs.predictions import finite_scores
from layers.by_name import MARGIN_LOSSES
from solvers import metrics

MOST = 2**27        # numbers, of all rows together
REPEATS = 5         # shuffles of each column where nobody says
HIGH_IS_GOOD = ("accuracy", "R^2")      # of these is lost what is added of the others
# Multiplications of weights that take a second or two, and the rows that a sample has at least.
FEW_SECONDS, LEAST = 10**10, 50


def gather(pairs):
    """x (N, D) and y of pairs (x (n, D), y (n, ...)). Raises DataError where they are too many."""
    found, held = [], 0
    for x, y in pairs:
        found.append((np.asarray(x), y))
        held += found[-1][0].size
        if held > MOST:
            raise DataError("there are too many rows for --importance, which shuffles them in "
                            "memory; give fewer")
    if not found:
        raise DataError("there are no examples to evaluate on; give data with rows")
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def of_columns(saved, x, y, repeats, seed):
    """What each column is worth to a SavedModel on the examples x (N, D), y, ready for it.

    -> [{"column": name, measure: {"mean": float, "error": float}, ...}], the most important first.
    The measures are how much is lost or added: of classes log loss, where the loss makes
    probabilities, and accuracy; of a regression R^2, where it is defined, and mean absolute error.
    mean is over the rows and so many shuffles, which depend on the seed and the column alone; error
    is its standard error, over the rows: as far as another test part would differ. Raises
    DataError.
    """
    if saved.preprocessing.components is not None:
        raise DataError("--importance shuffles a column, and of principal components (--pca) each "
                        "is made of all columns: train without --pca to know")
    before = row_errors(saved, x, y)
    shuffled, found = x.copy(), []
    for number, (name, places) in enumerate(places_of_columns(saved)):
        rng = np.random.default_rng([seed, number])
        worse = {measure: np.zeros(len(y)) for measure in before}
        for _ in range(repeats):
            shuffled[:, places] = x[np.ix_(rng.permutation(len(x)), places)]
            for measure, errors in row_errors(saved, shuffled, y).items():
                worse[measure] += (errors - before[measure]) / repeats
        shuffled[:, places] = x[:, places]
        found.append({"column": name} | {
            measure: {"mean": float(each.mean()), "error": standard_error(each)}
            for measure, each in worse.items()})
    first = next(iter(before))
    return sorted(found, key=lambda one: -one[first]["mean"])


def of_sample(saved, x, y):
    """The same in a few seconds, of rows drawn at random where all would take longer.

    -> what of_columns gives, or None where even LEAST rows take too long; and of how many rows
    """
    models = [member.model for member in folds.members_of(saved)]
    weights = sum(model.theta.size for model in models)
    shuffles = REPEATS * len(places_of_columns(saved))
    rows = min(len(x), FEW_SECONDS // max(shuffles * weights, 1))
    if rows < min(LEAST, len(x)) or rows * x.shape[1] > MOST:
        return None, rows
    if rows < len(x):
        index = np.sort(np.random.default_rng(0).choice(len(x), rows, replace=False))
        x, y = x[index], y[index]
    return of_columns(saved, x, y, REPEATS, seed=0), rows


def standard_error(values):
    """That of the mean of values (N,); None of a single one."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None


def places_of_columns(saved):
    """[(name, places in x)] of the columns of a table, or of the inputs by their numbers."""
    raw, columns = model_inputs.input_size(saved), saved.preprocessing.columns
    widths = [1] * raw if columns is None else [encode.width([column]) for column in columns]
    names = map(str, range(1, raw + 1)) if columns is None else (each["name"] for each in columns)
    owner = np.repeat(np.arange(len(widths)), widths)[saved.preprocessing.sources(raw)]
    return [(name, np.flatnonzero(owner == number)) for number, name in enumerate(names)]


def row_errors(saved, x, y):
    """{measure: (N,)}, for each row how wrong it is, so that the mean is what evaluation has: log
    loss, 1 - accuracy, 1 - R^2, mean absolute error."""
    pairs = evaluation.batches(x, y, model_inputs.rows_at_a_time(saved))
    scores = np.concatenate([finite_scores(saved.model, part) for part, _ in pairs])
    if saved.description["loss"] == "square":
        true = saved.preprocessing.in_unit(y).astype(np.float64)
        error, spread = predictions.values(saved, scores) - true, true.var(axis=0)
        measures = {"mean absolute error": np.abs(error).mean(axis=1)}
        return measures if not spread.all() else {
            "R^2": (np.square(error) / spread).mean(axis=1)} | measures
    measures = {"accuracy": (predictions.labels(scores) != y).astype(np.float64)}
    if saved.description["loss"] in MARGIN_LOSSES:
        return measures
    return {"log loss": surprise(scores.astype(np.float64), y)} | measures


def surprise(scores, y):
    """The log loss (N,) of each row, of scores (N, C), or (N, 1) of two classes."""
    if scores.shape[1] == 1:
        return np.logaddexp(0, np.where(y == 1, -scores[:, 0], scores[:, 0]))
    return -metrics.log_probabilities(scores)[np.arange(len(y)), y]
