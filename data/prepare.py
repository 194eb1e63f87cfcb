"""From raw arrays to the parts a run needs: train, val and test, split and standardized."""

import numpy as np

from data import mapped, split, standardize
from data.errors import DataError
from data.mapped import MappedRows
from data.preprocessing import Preprocessing


def parts(raw, *, val_fraction, test_fraction, per, dtype, rng, scale_targets=True):
    """Split, fit the standardization on the training part alone, and apply it to all.

    raw, a data.own.Raw; per "dataset", "feature" or "none"; dtype of the results
    -> {"train": (x, y), "val", "test", "preprocessing", "rare", {class: examples} of the classes
    that are in the training part alone, being too few to share}; of a memory-mapped x the parts are
    data.mapped.MappedRows, standardized as they are taken. If raw has weights, "train" is (x, y,
    weights), of mean 1
    If the data set brings test arrays, they are the test part. Of labels every part holds an equal
    share. Of a table's columns the encoded categories are left as they are, and an empty cell
    counts as the mean of its column. Targets of a regression are standardized too, each output by
    itself, if scale_targets. Raises ValueError if a part would be empty, DataError for targets too
    large to be standardized.
    """
    is_labels = raw.y.dtype.kind in "iu"
    rest = [] if raw.test is not None else [test_fraction]
    fractions = [1 - val_fraction - sum(rest), val_fraction, *rest]
    if fractions[0] <= 1e-9:
        raise ValueError("they leave nothing to train on")
    if is_labels:
        indices = split.stratified(raw.y, fractions, rng)
    else:
        indices = split.plain(len(raw.y), fractions, rng)
    moments = fit(raw.x, indices[0], per, raw.columns)
    of_targets = (None, None)
    if scale_targets and not is_labels:
        of_targets = fit_targets(raw.y[indices[0]])
    fitted = Preprocessing(*moments, raw.columns, raw.classes, raw.target, raw.about, *of_targets)
    chosen = [(raw.x, raw.y, index) for index in indices]
    if raw.test is not None:
        chosen.append((*raw.test, slice(None)))
    prepared = {"preprocessing": fitted, "rare": _rare(raw, indices) if is_labels else {}}
    for part, (x, y, index) in zip(("train", "val", "test"), chosen, strict=True):
        inputs = (MappedRows(x, index, fitted, dtype) if isinstance(x, np.memmap) else
                  fitted.apply(x[index], dtype))
        prepared[part] = inputs, (y[index] if is_labels else
                                  fitted.apply_to_targets(y[index], dtype))
    if raw.weights is not None:
        prepared["train"] += (mean_one(raw.weights[indices[0]], dtype),)
    return prepared


def mean_one(weights, dtype):
    """Weights (N,) divided by their mean, so that losses keep their scale. Raises ValueError."""
    largest = weights.max()
    if largest == 0:
        raise ValueError("every row of the training part has the weight 0")
    weights = weights / largest         # first, lest the sum overflow
    return (weights / weights.mean()).astype(dtype)


def fit_targets(y):
    """The mean and scale of the training targets y (N, M), each (M,). Raises DataError."""
    try:
        return standardize.fit(y)
    except ValueError as error:
        raise DataError("the targets are too large, or not finite: give them in another unit, or "
                        "as their logarithms") from error


def _rare(raw, indices):
    """{class: examples} of the classes that only the first of the parts has."""
    counts = [np.bincount(raw.y[index], minlength=len(raw.classes)) for index in indices]
    return {raw.classes[label]: int(counts[0][label]) for label in np.flatnonzero(
        (counts[0] > 0) & (sum(counts[1:]) == 0))}


def fit(x, index, per, columns=None):
    """The mean and scale of the training inputs x[index] (N, D); of a table's, by its columns."""
    if per == "none" and columns is None:
        return np.zeros(1), np.ones(1)
    if isinstance(x, np.memmap):
        return mapped.fit(x, index, per)
    whole, x = x, x[index]
    if columns is None:
        return standardize.fit(x, per)
    mean, scale = np.zeros(x.shape[1]), np.ones(x.shape[1])
    place = 0
    for column in columns:
        if column["kind"] == "category":
            place += len(column["values"])
            continue
        cells = x[:, place]
        cells = cells[~np.isnan(cells)]
        if cells.size == 0:         # nothing can be learned from it, but its numbers must be tame
            cells = whole[:, place][~np.isnan(whole[:, place])]
        if per != "none":
            mean[place : place + 1], scale[place : place + 1] = standardize.fit(cells[:, None])
        place += 1
    return mean, scale
