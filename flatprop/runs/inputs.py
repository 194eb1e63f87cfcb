"""Inputs of a saved model, read in chunks, so that memory stays flat, and made ready for it.

unlabelled is for predictions, labelled for evaluation; tables are read by flatprop/runs/tables.py.
"""

from pathlib import Path

import numpy as np

from data import npy_file, npz_file, own
from data.errors import DataError
from flatprop.runs import saved_model, tables
from flatprop.runs.prepared import input_size, labels_of, ready
from layers.by_name import LOSSES

ROWS = 1024             # at a time, as the Solver evaluates
NUMBERS = 2**22         # at a time at most, in the widest layer
TABLES = (".csv", ".tsv", ".txt")


def load(run, which):
    """The SavedModel of a run, its preprocessing checked against the network. Raises DataError."""
    saved = saved_model.load(run, which)
    fitted, wanted = saved.preprocessing, input_size(saved)
    path = saved.run / "model.json"
    loss, outputs = saved.description["loss"], saved.description["sizes"][-1]
    if LOSSES[loss] is not saved.model.loss_layer or (loss == "logistic" and outputs != 1):
        raise DataError(f"{path}: the loss {loss} does not fit the network")
    if not isinstance(fitted.target, str):
        raise DataError(f"{path}: target must be the name of a column")
    if fitted.mean.size not in (1, wanted):
        raise DataError(f"{path}: the preprocessing is for {fitted.mean.size} inputs, the network "
                        f"has {wanted}")
    if not (np.isfinite(fitted.mean).all() and np.isfinite(fitted.scale).all()
            and (fitted.scale > 0).all()):
        raise DataError(f"{path}: mean must be finite, and scale finite and above zero")
    if fitted.columns is not None:
        tables.check_columns(fitted.columns, wanted, path)
    return saved


def rows_at_a_time(saved):
    """Rows that are computed at once: fewer where the network is very wide."""
    widest = max(max(shape) for shape in saved.model.shapes.values())
    return max(1, min(ROWS, NUMBERS // widest))


def unlabelled(given, saved, rows=None, warn=lambda text: None):
    """Chunks x (n, D) of what INPUT of predict.py names, ready for the model.

    given is a path, or - for CSV on standard input; rows how many at a time; warn(text) is told of
    columns that are ignored. Raises DataError, at once or as it goes.
    """
    rows = min(rows or rows_at_a_time(saved), 2**31)
    suffix = Path(given).suffix.lower()
    if given == "-" or suffix in TABLES:
        return tables.unlabelled(given, saved, rows, warn)
    if suffix == ".npy":
        return of_array(npy_file.open_mapped(given), given, saved, rows)
    if suffix == ".npz":
        arrays = npz_file.read(given)
        if "x" not in arrays:
            held = ", ".join(list(arrays)[:10])
            raise DataError(f"{given}: has no array x, the inputs; it holds {held}")
        return of_array(arrays["x"], given, saved, rows)
    raise DataError(f"{given}: its name must end in .csv, .npy or .npz, or be - for CSV on "
                    "standard input")


def labelled(paths, saved, names, label=None):
    """Pairs (x (n, D), y (n, ...)) of what --data of evaluate.py names, ready for the model.

    names are the classes of the model, or None for regression; label the label's column in a table.
    """
    rows = rows_at_a_time(saved)
    if len(paths) == 1 and Path(paths[0]).suffix.lower() in TABLES:
        return tables.labelled(paths[0], saved, names, label, rows)
    task = "regression" if names is None else "classification"
    raw = own.read(paths, label=label, task=task)
    x, y = (raw.x, raw.y) if raw.test is None else raw.test
    where = " ".join(str(path) for path in paths)
    if names is None:
        y = y.astype(saved.model.theta.dtype)
    else:
        y = labels_of([raw.classes[label] for label in y.tolist()], names, where)
    check_size(x, saved, where)
    check_targets(y, saved, names, where)
    chunks = of_array(x, where, saved, rows)
    return ((part, y[i * rows : (i + 1) * rows]) for i, part in enumerate(chunks))


def of_array(x, where, saved, rows):
    """Chunks of an array of raw inputs (N, D) or (N, ...), ready for the model."""
    check_size(x, saved, where)
    return (ready(np.asarray(x[start : start + rows]).reshape(-1, input_size(saved)), saved, where,
                  start) for start in range(0, len(x), rows))


def check_size(x, saved, where):
    """Refuse an array that does not hold real numbers, D of them in each row."""
    wanted = input_size(saved)
    if x.dtype.kind not in "biuf":
        raise DataError(f"{where}: x holds {x.dtype}, and the inputs must be real numbers")
    if x.ndim == 0 or int(np.prod(x.shape[1:], dtype=object)) != wanted:
        raise DataError(f"{where}: x has the shape {x.shape}, and the network takes {wanted} "
                        "numbers a row")


def check_targets(y, saved, names, where):
    """Refuse targets (N, M) of another number of outputs than the network's."""
    outputs = saved.description["sizes"][-1]
    if names is None and y.shape[1:] != (outputs,):
        raise DataError(f"{where}: y has the shape {y.shape}, and the network has {outputs} "
                        "outputs")
