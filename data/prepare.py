"""From raw arrays to the parts a run needs: train, val and test, split and standardized."""

import numpy as np

from data import mapped, split, standardize
from data.preprocessing import Preprocessing


def parts(x, y, test, *, val_fraction, test_fraction, per, dtype, rng, columns=None, classes=None,
          target=""):
    """Split, fit the standardization on the training part alone, and apply it to all.

    x (N, D), y (N,) integer labels or (N, M) targets; test (x, y) if the set brings a test part of
    its own, else None
    per "dataset", "feature" or "none"; dtype of the results; columns, classes and target as in
    Preprocessing: of a table's columns the encoded categories are left as they are, and an empty
    cell counts as the mean of its column
    -> {"train": (x, y), "val", "test", "preprocessing"}; of a memory-mapped x the parts are
    data.mapped.MappedRows, standardized as they are taken
    Of labels every part holds an equal share. Raises ValueError if a part would be empty.
    """
    is_labels = y.dtype.kind in "iu"
    fractions = [1 - val_fraction, val_fraction]
    if test is None:
        fractions = [1 - val_fraction - test_fraction, val_fraction, test_fraction]
    if fractions[0] <= 1e-9:
        raise ValueError("they leave nothing to train on")
    if is_labels:
        indices = split.stratified(y, fractions, rng)
    else:
        indices = split.plain(len(y), fractions, rng)
    if isinstance(x, np.memmap):
        return mapped_parts(x, y, indices, per, dtype, classes, target)
    pairs = [(x[index], y[index]) for index in indices]
    if test is not None:
        pairs.append(test)
    fitted = Preprocessing(*fit(pairs[0][0], per, columns), columns, classes, target)
    prepared = {
        part: (fitted.apply(inputs, dtype), targets if is_labels else targets.astype(dtype))
        for part, (inputs, targets) in zip(("train", "val", "test"), pairs, strict=True)
    }
    return prepared | {"preprocessing": fitted}


def fit(x, per, columns=None):
    """The mean and scale of the training inputs x (N, D); of a table's, by its columns."""
    if per == "none" and columns is None:
        return np.zeros(1), np.ones(1)
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
        if cells.size == 0:
            raise ValueError(f"column {column['name']} has no number in the training part")
        if per == "none":       # its empty cells still need a mean
            mean[place], scale[place] = 0.0, 1.0
        else:
            means, scales = standardize.fit(cells[:, None], "feature")
            mean[place], scale[place] = means[0], scales[0]
        place += 1
    return mean, scale


def mapped_parts(x, y, indices, per, dtype, classes, target):
    """The parts of a memory-mapped x, whose rows are read as they are needed; y and the dtype as
    in parts, indices (train, val, test) of its rows."""
    if len(indices) < 3:
        raise ValueError("a memory-mapped array comes without test arrays of its own")
    moments = (np.zeros(1), np.ones(1)) if per == "none" else mapped.fit(x, indices[0], per)
    fitted = Preprocessing(*moments, None, classes, target)
    prepared = {}
    for part, index in zip(("train", "val", "test"), indices, strict=True):
        targets = y[index] if y.dtype.kind in "iu" else y[index].astype(dtype)
        prepared[part] = mapped.MappedRows(x, index, fitted, dtype), targets
    return prepared | {"preprocessing": fitted}
