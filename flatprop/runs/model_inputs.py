"""Raw rows and the names of their classes, made into what a saved model takes."""

import math

import numpy as np

from data import encode, forms
from data.errors import DataError
from data.names import nearest

ROWS = 1024             # at a time, as the Solver evaluates
NUMBERS = 2**22         # at a time at most, in the widest layer
YES_AND_NO = [("yes", "y", "true", "t", "on", "1", "1.0", "positive", "pos"),
              ("no", "n", "false", "f", "off", "0", "0.0", "negative", "neg")]


def input_size(saved):
    """How many numbers a raw row has."""
    return saved.description["sizes"][0] - saved.preprocessing.added


def rows_at_a_time(saved):
    """Rows that are computed at once: fewer where the network is very wide."""
    widest = max(max(shape) for shape in saved.model.shapes.values())
    return max(1, min(ROWS, NUMBERS // widest))


def prepare(raw, saved, where, before):
    """Raw inputs (n, D), a table's already encoded, standardized as those of the training part.

    where names their file and before counts the rows before these, for the messages. Raises
    DataError with the number of a row that cannot be used.
    """
    bad = ~np.isfinite(raw) if saved.preprocessing.columns is None else np.isinf(raw)
    if bad.any():
        row, column = np.argwhere(bad)[0].tolist()
        raise DataError(f"{where}: row {before + row + 1:,} holds {raw[row, column]} in place "
                        f"{column + 1}; every input must be a finite number")
    try:
        return saved.preprocessing.apply(raw, saved.model.theta.dtype)
    except ValueError as error:
        refuse_too_large(raw, saved, where, before)
        rows = f"rows {before + 1:,} to {before + len(raw):,}"
        raise DataError(f"{where}: {rows}: {error}") from error


def refuse_too_large(raw, saved, where, before=None):
    """Raise DataError for the first of raw (n, D) that does not fit the model's dtype once it is
    shifted and scaled, if there is one; before counts the rows before these, if that is known."""
    dtype, columns = saved.model.theta.dtype, saved.preprocessing.columns
    at = saved.preprocessing.too_large(raw, dtype)
    if at is None:
        return
    row = "" if before is None else f"row {before + at[0] + 1:,}, "
    name = f"{at[1] + 1}" if columns is None else repr(encode.column_at(columns, at[1])[:40])
    raise DataError(f"{where}: {row}column {name}: {raw[at]:.15g} is too far from what the run was "
                    f"trained on for {dtype}; correct it")


def learned(targets, saved, where):
    """Targets (n, M) in their own unit as the network learned them. Raises DataError."""
    try:
        return saved.preprocessing.apply_to_targets(targets, saved.model.theta.dtype)
    except ValueError as error:
        raise DataError(f"{where}: the targets: {error}") from error


def labels_of(texts, names, where, before=0, lines=None, column=None):
    """The labels (n,) int64 of classes given as text; classes that are numbers by their value.

    names are the model's classes in the order of its labels; lines, of a table, that of each, and
    column what the labels' is called there. Raises DataError naming a class that it does not know,
    and the one that it may be.
    """
    known = {name: label for label, name in enumerate(names)}
    values = forms.numbers(names)
    if not any(value is None or math.isnan(value) for value in values):
        by_value = {value: label for label, value in enumerate(values)}
        known |= {text: by_value.get(forms.number(text)) for text in set(texts) - set(known)}
    labels = [known.get(text) for text in texts]
    if None in labels:
        row = labels.index(None)
        text, line = texts[row], lines[row] if lines else None
        listed = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
        at = f"row {before + row + 1:,}" if line is None else f"line {line}, column {column[:40]!r}"
        like = class_like(text, names)
        asked, remedy = "", "leave such rows out"
        if like is not None:
            asked, remedy = f" (is it {like[:60]!r}?)", "write it so, leave such rows out"
        raise DataError(f"{where}: {at}: the class {text[:60]!r}{asked} is none of those the run "
                        f"was trained on ({listed[:200]}); {remedy}, or train with them",
                        line=line, column=column, cell=text)
    return np.array(labels, np.int64)


def class_like(text, names):
    """The class that a text most likely means, for how it is written or as another word for yes or
    no; or None."""
    like = nearest(text, names)
    for words in YES_AND_NO if like is None else ():
        found = [name for name in names if name.casefold() in words]
        if text.casefold() in words and len(found) == 1:
            like = found[0]
    return like


def check_test_part(saved, x, y):
    """Refuse a run's own test part, x (N, D) and y, if it does not fit. Raises DataError."""
    loss, outputs = saved.description["loss"], saved.description["sizes"][-1]
    if loss == "square":
        fits = y.shape == (len(y), outputs)
    else:
        classes = 2 if loss == "logistic" else outputs
        fits = (y.shape == (len(x),) and y.dtype.kind in "iu" and len(y) > 0
                and y.min() >= 0 and y.max() < classes)
    if not fits or not len(y) or x.shape != (len(y), saved.description["sizes"][0]):
        raise DataError(f"{saved.run}: the data is no longer what the run was trained on")
