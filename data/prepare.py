"""From raw arrays to the parts a run needs: train, val and test, split and standardized."""

import copy

import numpy as np

from data import mapped, split, standardize
from data.errors import DataError
from data.mapped import MappedRows
from data.preprocessing import Preprocessing


def parts(raw, *, val_fraction, test_fraction, per, dtype, rng, scale_targets=True, refit=False):
    """Split, fit the standardization on the training part alone, and apply it to all.

    raw, a data.own.Raw; per "dataset", "feature" or "none"; dtype of the results
    -> {"train": (x, y); "val" and "test": (x, y), or None where there is no such part;
    "preprocessing"; "rare", {class: examples} of the classes that are in the training part alone,
    being too few to share}; of a memory-mapped x the parts are data.mapped.MappedRows, standardized
    as they are taken
    If the data set brings test or validation arrays, they are that part. Of labels every part holds
    an equal share. With refit the training part is the one and the validation part besides, as
    join_parts has it. Of a table's columns the encoded categories are left as they are, and an
    empty cell counts as the mean of its column. Targets of a regression are standardized too, each
    output by itself, if scale_targets. Raises ValueError if a part would be empty, DataError for
    targets too large to be standardized.
    """
    is_labels = raw.y.dtype.kind in "iu"
    again = copy.deepcopy(rng)
    indices = split_rows(raw, val_fraction, test_fraction, rng)
    if refit:
        raw, indices = join_parts(raw, indices, again)
    moments = fit(raw.x, indices[0], per, raw.columns)
    of_targets = (None, None)
    if scale_targets and not is_labels:
        of_targets = fit_targets(raw.y[indices[0]])
    fitted = Preprocessing(*moments, raw.columns, raw.classes, raw.target, raw.about, *of_targets)
    prepared = {"preprocessing": fitted, "rare": _rare(raw, indices) if is_labels else {}}
    for part, brought, index in zip(("train", "val", "test"), (None, raw.val, raw.test), indices,
                                    strict=True):
        if index is None and brought is None:
            prepared[part] = None
            continue
        x, y, index = (raw.x, raw.y, index) if brought is None else (
            *brought, np.arange(len(brought[1])))
        try:
            inputs = (MappedRows(x, index, fitted, dtype) if isinstance(x, np.memmap) else
                      fitted.apply(x[index], dtype))
            prepared[part] = inputs, (y[index] if is_labels else
                                      fitted.apply_to_targets(y[index], dtype))
        except ValueError as error:
            if brought is None:
                raise
            name = {"val": "validation"}.get(part, part)
            raise DataError(f"the {name} data, its rows counted from 0: {error}; it is far from "
                            "what is trained on") from error
    return prepared


def split_rows(raw, val_fraction, test_fraction, rng):
    """The rows of raw for training, validation and test: three index arrays.

    None is a part whose fraction is 0, or that raw brings as arrays of its own.
    Raises ValueError if a part would be empty.
    """
    of_val = 0 if raw.val is not None else val_fraction
    of_test = 0 if raw.test is not None else test_fraction
    fractions = [1 - of_val - of_test, *(each for each in (of_val, of_test) if each)]
    if fractions[0] <= 1e-9:
        raise ValueError("they leave nothing to train on")
    if raw.y.dtype.kind in "iu":
        train, *held = split.stratified(raw.y, fractions, rng)
    else:
        train, *held = split.plain(len(raw.y), fractions, rng)
    test = held.pop() if of_test else None
    val = held.pop() if of_val else None
    return [train, val, test]


def join_parts(raw, indices, rng):
    """raw, and its rows for training, validation and test, where validation rows are trained on.

    The training part is what it would be of data with these rows alone, in their order, with
    nothing held back, if rng is as it was before the split: so training on it is repeatable.
    -> raw, followed by the validation arrays that it brings; [rows, None, rows or None]
    """
    train, val, test = indices
    rows = np.sort(train if val is None else np.concatenate([train, val]))
    if raw.val is not None:
        rows = np.concatenate([rows, len(raw.y) + np.arange(len(raw.val[1]))])
        raw = raw._replace(x=np.concatenate([raw.x, raw.val[0]]),
                           y=np.concatenate([raw.y, raw.val[1]]), val=None)
    order = split_rows(raw._replace(y=raw.y[rows]), 0, 0, rng)[0]
    return raw, [rows[order], None, test]


def fit_targets(y):
    """The mean and scale of the training targets y (N, M), each (M,). Raises DataError."""
    try:
        return standardize.fit(y)
    except ValueError as error:
        raise DataError("the targets are too large, or not finite: give them in another unit, or "
                        "as their logarithms") from error


def _rare(raw, indices):
    """{class: examples} of the classes that only the first of the parts has."""
    counts = [np.bincount(raw.y[index], minlength=len(raw.classes)) for index in indices
              if index is not None]
    if len(counts) == 1:
        return {}
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
