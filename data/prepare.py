"""From raw arrays to the parts a run needs: train, val and test, split and standardized."""

import copy

import numpy as np

from data import bins, encode, mapped, principal, split, standardize
from data.errors import DataError
from data.mapped import MappedRows
from data.preprocessing import ROWS, Bins, Preprocessing

LOOKED_AT = 10**5       # rows of a memory-mapped array, of which quartiles, bins and components are
PARTS = {"train": "training", "val": "validation", "test": "test"}
LARGEST = 2**29         # bytes that the bins of all training rows may take


def parts(raw, *, val_fraction, test_fraction, per, dtype, rng, scale_targets=True,
          clip_targets=False, bin_count=0, class_weights=None, folds=None, fold=None, refit=False,
          fitted=None, components=None):
    """Split, fit the standardization on the training part alone, and apply it to all.

    raw, a data.own.Raw; per "robust", "dataset", "feature", "range" or "none"; bin_count, how many
    bins each number is given as besides; components, into how many principal ones all that is
    turned, or None; class_weights, a function of the training labels (n,) that gives each class a
    weight, (C,); dtype of the results; folds and fold as split_rows has them
    -> {"train": (x, y), or (x, y, weights), of mean 1, where there are some; "val" and "test":
    (x, y), or None where there is no such part; "preprocessing"; "rare", {class: examples} of the
    classes that are in the training part alone, being too few to share}; of a memory-mapped x the
    parts are data.mapped.MappedRows, standardized as they are taken
    If the data set brings test or validation arrays, they are that part. Of labels every part holds
    an equal share. With refit the training part is the one and the validation part besides, as
    join_parts has it. fitted is a Preprocessing to take as it is, where training goes on with other
    rows. Of a table's columns the encoded categories are left as they are, and an
    empty cell counts as the mean of its column, or with robust as the median, and another input
    tells of it. Targets of a regression are standardized too, each output by itself, if
    scale_targets; with clip_targets predictions keep to the range of the training part.
    Raises ValueError if a part would be empty, DataError for targets too large to be standardized.
    """
    again = copy.deepcopy(rng)
    indices = split_rows(raw, val_fraction, test_fraction, rng, folds, fold)
    if refit:
        raw, indices = join_parts(raw, indices, again)
    is_labels, train = raw.y.dtype.kind in "iu", indices[0]
    if fitted is None:
        fitted = fit(raw, train, per, bin_count)
        if components:
            fitted = fit_components(fitted, raw.x, train, components)
        if not is_labels:
            fitted = fit_targets(fitted, raw.y[train], scale_targets, clip_targets)
    prepared = {"preprocessing": fitted, "rare": _rare(raw, indices) if raw.classes else {}}
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
            if not isinstance(x, np.memmap):
                where, lines = ("", raw.lines) if brought is None else (
                    f"the {PARTS[part]} data: ", None)
                _refuse_too_large(x[index], y[index], fitted, dtype, where, lines, index)
            if brought is None:
                raise
            raise DataError(f"the {PARTS[part]} data, its rows counted from 0: {error}; it is far "
                            "from what is trained on") from error
    if raw.weights is not None or class_weights is not None:
        weights = np.ones(len(train)) if raw.weights is None else raw.weights[train]
        if class_weights is not None:
            weights = weights * class_weights(raw.y[train])[raw.y[train]]
        prepared["train"] += (mean_one(weights, dtype),)
    return prepared


def _refuse_too_large(x, y, fitted, dtype, where, lines, index):
    """Raise DataError for the first number that does not fit dtype once it is shifted and scaled,
    if there is one: of x (n, D), or of targets y (n, M) as they are. index (n,) are their rows in
    what lines, a data.cells.Lines or None, says about the file; where is what to call it if None.
    """
    at, values = fitted.too_large(x, dtype), x
    if at is None and y.dtype.kind == "f":
        at, values = fitted._replace(mean=0.0, scale=1.0).too_large(y, dtype), y
    if at is None:
        return
    row, column, line, cell = int(index[at[0]]), at[1], None, f"{values[at]:.15g}"
    where += f"row {row}, counted from 0"
    remedy = "dtype" if np.dtype(dtype) == np.float32 else None
    if fitted.columns is None:
        shown = f"column {column} of {'x' if values is x else 'y'}"
    else:
        column = (encode.column_at(fitted.columns, column) if values is x else
                  np.atleast_1d(fitted.target).tolist()[column])
        shown = f"column {column[:40]!r}"
        if values is x:
            remedy = "size" if remedy else "leave out"
    if lines is not None:
        line = lines.line_of(row)
        where = f"{lines.name}: line {line}"
    raise DataError(f"{where}, {shown}: {cell} is too far from the others for {np.dtype(dtype)}; "
                    "correct it", file=lines and lines.name, line=line, column=column, cell=cell,
                    remedy=remedy)


def split_rows(raw, val_fraction, test_fraction, rng, folds=None, fold=None):
    """The rows of raw for training, validation and test: three index arrays.

    None is a part whose fraction is 0, or that raw brings as arrays of its own. With folds, a
    number, what is no test part is cut into so many equal shares, and share `fold`, from 1, is the
    validation part.
    Raises ValueError if a part would be empty.
    """
    if folds:
        shares, test = fold_rows(raw, folds, test_fraction, rng)
        val = shares.pop(fold - 1)
        return [np.concatenate(shares), val, test]
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


def fold_rows(raw, folds, test_fraction, rng):
    """The rows of each of so many equal shares, a list, and those of the test part, None if there
    is none or raw brings it. Raises ValueError if one of them would be empty.
    """
    rest, _, test = split_rows(raw, 0, test_fraction, rng)
    shares = split.equal_shares(raw.y[rest], folds, rng)
    return [rest[share] for share in shares], test


def join_parts(raw, indices, rng):
    """raw, and its rows for training, validation and test, where validation rows are trained on.

    The training part is what it would be of data with these rows alone, in their order, with
    nothing held back, if rng is as it was before the split: so training on it is repeatable.
    Validation rows that raw brings count as much as the mean of its own, of a class as the mean of
    that class, if these have weights.
    -> raw, followed by the validation arrays that it brings; [rows, None, rows or None]
    """
    train, val, test = indices
    rows = np.sort(train if val is None else np.concatenate([train, val]))
    if raw.val is not None:
        count = len(raw.val[1])
        rows = np.concatenate([rows, len(raw.y) + np.arange(count)])
        weights = None if raw.weights is None else np.concatenate(
            [raw.weights, usual_weights(raw, raw.val[1])])
        raw = raw._replace(x=np.concatenate([raw.x, raw.val[0]]), weights=weights,
                           y=np.concatenate([raw.y, raw.val[1]]), val=None, lines=None)
    order = split_rows(raw._replace(y=raw.y[rows]), 0, 0, rng)[0]
    return raw, [rows[order], None, test]


def usual_weights(raw, y):
    """Weights (n,) for other targets y: the mean of those of raw, or of their class in raw."""
    if raw.y.dtype.kind not in "iu":
        return np.full(len(y), raw.weights.mean())
    classes = len(raw.classes)
    counts = np.bincount(raw.y, minlength=classes)
    return (np.bincount(raw.y, raw.weights, classes) / np.maximum(counts, 1))[y]


def mean_one(weights, dtype):
    """Weights (N,) divided by their mean, so that losses keep their scale. Raises ValueError."""
    largest = weights.max()
    if largest == 0:
        raise ValueError("every row of the training part has the weight 0")
    weights = weights / largest         # first, lest the sum overflow
    return (weights / weights.mean()).astype(dtype)


def fit_targets(fitted, y, scale, clip):
    """A Preprocessing with what the training targets y (N, M) say. Raises DataError."""
    if scale or clip:
        try:
            mean, spread = standardize.fit(y)
        except ValueError as error:
            raise DataError("the targets are too large, or not finite: give them in another unit, "
                            "or as their logarithms") from error
        fitted = fitted._replace(target_mean=mean, target_scale=spread)
    if clip:
        fitted = fitted._replace(target_low=y.min(axis=0), target_high=y.max(axis=0))
    return fitted


def fit_components(fitted, x, index, count):
    """A Preprocessing with so many principal components of the training rows `index` of x (N, D).
    Raises DataError."""
    principal.check_width(x.shape[1] + fitted.added)
    if isinstance(x, np.memmap):
        index = some_of(index)

    def chunks():
        for start in range(0, len(index), ROWS):
            yield fitted.apply(np.asarray(x[index[start : start + ROWS]]), np.float64)

    center, components = principal.fit(chunks, count)
    return fitted._replace(center=center, components=components)


def some_of(index):
    """Rows of a memory-mapped array to look at, spread over all of these."""
    return np.sort(index)[:: max(1, len(index) // LOOKED_AT)]


def _rare(raw, indices):
    """{class: examples} of the classes that only the first of the parts has."""
    counts = [np.bincount(raw.y[index], minlength=len(raw.classes)) for index in indices
              if index is not None]
    if len(counts) == 1:
        return {}
    return {raw.classes[label]: int(counts[0][label]) for label in np.flatnonzero(
        (counts[0] > 0) & (sum(counts[1:]) == 0))}


def rare_in_folds(raw, shares):
    """{class: examples} of the classes that are not in each of the shares; shares, index arrays."""
    counts = np.array([np.bincount(raw.y[share], minlength=len(raw.classes)) for share in shares])
    return {raw.classes[label]: int(counts[:, label].sum())
            for label in np.flatnonzero((counts == 0).any(axis=0) & (counts > 0).any(axis=0))}


def fit(raw, index, per, bin_count=0):
    """The Preprocessing of the training rows `index` of raw; of a table's, by its columns."""
    x, columns = raw.x, raw.columns
    about = columns, raw.classes, raw.target, raw.about
    if columns is None and per != "robust":
        mean, scale = np.zeros(1), np.ones(1)
        if per == "range":
            step = max(1, 2**20 // x.shape[1])      # rows of a memory-mapped x at a time
            scale[:] = max(standardize.largest(x[index[at : at + step]])
                           for at in range(0, len(index), step))
        elif per != "none":
            mean, scale = (mapped.fit(x, index, per) if isinstance(x, np.memmap) else
                           standardize.fit(x[index], per))
        if not bin_count:
            return Preprocessing(mean, scale, *about)
        mean, scale = (np.broadcast_to(each, x.shape[1]).copy() for each in (mean, scale))
    else:
        mean, scale = np.zeros(x.shape[1]), np.ones(x.shape[1])
    if isinstance(x, np.memmap):
        index = some_of(index)
    places = np.arange(x.shape[1]) if columns is None else encode.number_places(columns)
    bin_count = min(bin_count, LARGEST // (4 * max(1, len(index) * len(places))))
    missing, binned = [], []
    for place in places.tolist():
        cells = np.asarray(x[index, place], np.float64)
        known = cells[~np.isnan(cells)]
        if known.size < cells.size:
            missing.append(place)
        if known.size == 0:         # nothing can be learned from it, but its numbers must be tame
            known = x[:, place][~np.isnan(x[:, place])]
        if per == "robust":
            mean[place], scale[place] = standardize.fit_robust(known)
        elif per == "range" and columns is not None:
            scale[place] = standardize.largest(known[:, None])
        elif columns is not None and per != "none":
            mean[place : place + 1], scale[place : place + 1] = standardize.fit(known[:, None])
        found = bins.edges(known, bin_count) if bin_count > 1 else known[:1]
        if found.size > 2:          # one bin is the number itself
            binned.append(Bins(place, found, np.nanmean(bins.fill(cells, found), axis=0)))
    robust = per == "robust"
    return Preprocessing(mean, scale, *about, soft=robust, bins=tuple(binned),
                         indicators=tuple(missing) if robust else ())
