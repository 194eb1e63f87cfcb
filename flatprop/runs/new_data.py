"""New data for a saved model, read in chunks, so that memory stays flat, and prepared for it."""

import math
from pathlib import Path

import numpy as np

from data import foreign_files, npy_file, npz_file, own
from data.errors import DataError
from data.open_file import check_file
from flatprop.runs import new_tables
from flatprop.runs.model_inputs import input_size, labels_of, learned, prepare, rows_at_a_time


def read_inputs(given, saved, rows, warn, encoding=None, keep=(), kept=None):
    """Chunks (x (n, D), cells) of inputs without labels, prepared for the model, and of the columns
    of a table to keep, a list of texts for each row.

    given is the path of a table, .npy or .npz, or - for CSV on standard input; rows is how many to
    read at a time, or None; warn(text) is called about what is ignored in a table; encoding is that
    of its text; keep names columns of it, and kept(names) is told what the table calls them. Raises
    DataError, at once or as it goes.
    """
    rows = rows or rows_at_a_time(saved)
    suffix = Path(given).suffix.lower()
    if given == "-" or own.is_table(given):
        return new_tables.read_inputs(given, saved, rows, warn, encoding, keep, kept)
    if suffix == ".npy":
        return without_cells(cut(npy_file.open_mapped(given), given, saved, rows))
    if suffix == ".npz":
        arrays = npz_file.read(given)
        name = next((name for name in ("x", "X", "data") if name in arrays), None)
        if name is None:
            held = ", ".join(list(arrays)[:10])
            raise DataError(f"{given}: has no array x, the inputs; it holds {held}; save it with "
                            "numpy.savez(..., x=...)")
        return without_cells(cut(arrays[name], given, saved, rows))
    if not Path(given).is_file():
        check_file(given, "a .csv, .npy or .npz, or - for CSV on standard input")
    foreign = foreign_files.remedy_of(given)
    raise DataError(f"{given}: {foreign}" if foreign else
                    f"{given}: its name must end in .csv, .npy or .npz, or be - for CSV on "
                    "standard input")


def read_examples(paths, saved, names, label=None, warn=print, encoding=None):
    """Pairs (x (n, D), y (n, ...)) of labelled examples, prepared for the model.

    paths are one table or .npz, or two .npy; names the classes, or None for regression; label the
    label's column in a table, or a list of them; warn and encoding as in read_inputs. Raises
    DataError, at once or as it goes.
    """
    rows = rows_at_a_time(saved)
    if len(paths) == 1 and own.is_table(paths[0]):
        return new_tables.read_examples(paths[0], saved, names, label, warn, encoding)
    task = "regression" if names is None else "classification"
    raw = own.read(paths, label=label, task=task)
    x, y = (raw.x, raw.y) if raw.test is None else raw.test
    where, outputs = " ".join(map(str, paths)), saved.description["sizes"][-1]
    if names is not None:
        y = labels_of([raw.classes[label] for label in y.tolist()], names, where)
    elif y.shape[1:] == (outputs,):
        y = learned(y, saved, where)
    else:
        raise DataError(f"{where}: y has the shape {y.shape}, and the network has {outputs} "
                        "outputs")
    chunks = cut(x, where, saved, rows)
    return ((part, y[i * rows : (i + 1) * rows]) for i, part in enumerate(chunks))


def without_cells(chunks):
    """Chunks x (n, D) of an array as (x, cells): there are no columns of a table."""
    return ((x, [[]] * len(x)) for x in chunks)


def cut(x, where, saved, rows):
    """Chunks of an array of raw inputs (N, D) or (N, ...), prepared. Raises DataError."""
    wanted = input_size(saved)
    if x.dtype.kind not in "biuf":
        raise DataError(f"{where}: x holds {x.dtype}, and the inputs must be real numbers")
    if x.ndim == 0 or math.prod(x.shape[1:]) != wanted:
        raise DataError(f"{where}: x has the shape {x.shape}, and the network takes {wanted} "
                        f"numbers a row; give (N, {wanted}), in the order of the training data")
    for start in range(0, len(x), rows):
        raw = np.asarray(x[start : start + rows]).reshape(-1, wanted)
        yield prepare(raw, saved, where, start)
