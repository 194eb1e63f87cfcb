"""New data for a saved model, read in chunks, so that memory stays flat, and prepared for it.

read_inputs is for predictions, read_examples for evaluation; new_tables.py does the tables.
"""

from pathlib import Path

import numpy as np

from data import npy_file, npz_file, own
from data.errors import DataError
from flatprop.runs import new_tables
from flatprop.runs.model_inputs import input_size, labels_of, prepare, rows_at_a_time

TABLES = (".csv", ".tsv", ".txt")


def read_inputs(given, saved, rows=None, warn=lambda text: None):
    """Chunks x (n, D) of inputs without labels, prepared for the model.

    given is the path of a table, .npy or .npz, or - for CSV on standard input; rows is how many to
    read at a time; warn(text) is called about columns that are ignored. Raises DataError, at once
    or as it goes.
    """
    rows = min(rows or rows_at_a_time(saved), 2**31)
    suffix = Path(given).suffix.lower()
    if given == "-" or suffix in TABLES:
        return new_tables.read_inputs(given, saved, rows, warn)
    if suffix == ".npy":
        return cut(npy_file.open_mapped(given), given, saved, rows)
    if suffix == ".npz":
        arrays = npz_file.read(given)
        if "x" not in arrays:
            held = ", ".join(list(arrays)[:10])
            raise DataError(f"{given}: has no array x, the inputs; it holds {held}")
        return cut(arrays["x"], given, saved, rows)
    raise DataError(f"{given}: its name must end in .csv, .npy or .npz, or be - for CSV on "
                    "standard input")


def read_examples(paths, saved, names, label=None):
    """Pairs (x (n, D), y (n, ...)) of labelled examples, prepared for the model.

    paths are one table or .npz, or two .npy; names the classes of the model, or None for
    regression; label the label's column in a table. Raises DataError, at once or as it goes.
    """
    rows = rows_at_a_time(saved)
    if len(paths) == 1 and Path(paths[0]).suffix.lower() in TABLES:
        return new_tables.read_examples(paths[0], saved, names, label, rows)
    task = "regression" if names is None else "classification"
    raw = own.read(paths, label=label, task=task)
    x, y = (raw.x, raw.y) if raw.test is None else raw.test
    where = " ".join(str(path) for path in paths)
    if names is None:
        y = y.astype(saved.model.theta.dtype)
    else:
        y = labels_of([raw.classes[label] for label in y.tolist()], names, where)
    check_targets(y, saved, names, where)
    chunks = cut(x, where, saved, rows)
    return ((part, y[i * rows : (i + 1) * rows]) for i, part in enumerate(chunks))


def cut(x, where, saved, rows):
    """Chunks of an array of raw inputs (N, D) or (N, ...), prepared for the model."""
    check_size(x, saved, where)
    for start in range(0, len(x), rows):
        raw = np.asarray(x[start : start + rows]).reshape(-1, input_size(saved))
        yield prepare(raw, saved, where, start)


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
