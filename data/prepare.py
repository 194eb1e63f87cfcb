"""From raw arrays to the parts a run needs: train, val and test, split and standardized."""

import numpy as np

from data import mapped, split, standardize
from data.errors import DataError
from data.mapped import MappedRows
from data.preprocessing import Preprocessing


def parts(raw, *, val_fraction, test_fraction, per, dtype, rng, scale_targets=True, folds=None,
          fold=None):
    """Split, fit the standardization on the training part alone, and apply it to all.

    raw, a data.own.Raw; per "dataset", "feature" or "none"; dtype of the results
    -> {"train": (x, y), "val", "test", "preprocessing", "rare", {class: examples} of the classes
    that are in the training part alone, being too few to share}; of a memory-mapped x the parts are
    data.mapped.MappedRows, standardized as they are taken
    If the data set brings test arrays, they are the test part. Of labels every part holds an equal
    share. Of a table's columns the encoded categories are left as they are, and an empty cell
    counts as the mean of its column. Targets of a regression are standardized too, each output by
    itself, if scale_targets. Raises ValueError if a part would be empty, DataError for targets too
    large to be standardized.
    With folds=K, what is not the test part is dealt out into K equal shares, and fold, from 1 to K,
    is the share that is the validation part; val_fraction is not looked at.
    """
    is_labels = raw.y.dtype.kind in "iu"
    if folds is None:
        indices = _split(raw, [1 - val_fraction, val_fraction], test_fraction, rng)
    else:
        shares, test = fold_rows(raw, folds, test_fraction, rng)
        others = [share for number, share in enumerate(shares, 1) if number != fold]
        indices = [np.concatenate(others), shares[fold - 1], *([] if test is None else [test])]
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
    return prepared


def fit_targets(y):
    """The mean and scale of the training targets y (N, M), each (M,). Raises DataError."""
    try:
        return standardize.fit(y)
    except ValueError as error:
        raise DataError("the targets are too large, or not finite: give them in another unit, or "
                        "as their logarithms") from error


def _split(raw, fractions, test_fraction, rng):
    """The rows of parts with these fractions, and of the test part unless there are test arrays.

    The test part is taken from the first of them. Raises ValueError if a part would be empty.
    """
    if raw.test is None:
        fractions = [fractions[0] - test_fraction, *fractions[1:], test_fraction]
    if fractions[0] <= 1e-9:
        raise ValueError("they leave nothing to train on")
    if raw.y.dtype.kind in "iu":
        return split.stratified(raw.y, fractions, rng)
    return split.plain(len(raw.y), fractions, rng)


def fold_rows(raw, folds, test_fraction, rng):
    """The rows of each of so many equal shares, and those of the test part, None if there are test
    arrays. Raises ValueError if one of them would be empty.
    """
    rest, *test = _split(raw, [1.0], test_fraction, rng)
    shares = split.equal_shares(raw.y[rest], folds, rng)
    return [rest[share] for share in shares], (test[0] if test else None)


def _rare(raw, indices):
    """{class: examples} of the classes that only the first of the parts has."""
    counts = [np.bincount(raw.y[index], minlength=len(raw.classes)) for index in indices]
    return {raw.classes[label]: int(counts[0][label]) for label in np.flatnonzero(
        (counts[0] > 0) & (sum(counts[1:]) == 0))}


def rare_in_folds(raw, shares):
    """{class: examples} of the classes that are not in each of the shares; shares, index arrays."""
    counts = np.array([np.bincount(raw.y[share], minlength=len(raw.classes)) for share in shares])
    return {raw.classes[label]: int(counts[:, label].sum())
            for label in np.flatnonzero((counts == 0).any(axis=0) & (counts > 0).any(axis=0))}


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
