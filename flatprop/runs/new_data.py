"""New data for a saved model, read in chunks, so that memory stays flat, and prepared for it."""

import math
from pathlib import Path

import numpy as np

from data import foreign_files, npy_file, npz_file, own
from data.encode import CHUNK
from data.errors import DataError
from data.open_file import check_file
from flatprop.runs import new_tables
from flatprop.runs.known import of_saved
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
        return of_array(npy_file.open_mapped(given), given, saved, rows)
    if suffix == ".npz":
        arrays = npz_file.read(given)
        name = next((name for name in ("x", "X", "data") if name in arrays), None)
        if name is None:
            held = ", ".join(list(arrays)[:10])
            raise DataError(f"{given}: has no array x, the inputs; it holds {held}; save it with "
                            "numpy.savez(..., x=...)")
        return of_array(arrays[name], given, saved, rows)
    if not Path(given).is_file():
        check_file(given, "a .csv, .npy or .npz, or - for CSV on standard input")
    foreign = foreign_files.remedy_of(given)
    raise DataError(f"{given}: {foreign}" if foreign else
                    f"{given}: its name must end in .csv, .npy or .npz, or be - for CSV on "
                    "standard input")


def of_array(x, where, saved, rows):
    """The chunks of read_inputs of an array of raw inputs (N, D) or (N, ...)."""
    rows_of_x = check_inputs(x, where, input_size(saved))
    for start in range(0, len(x), rows):
        raw = np.asarray(rows_of_x[start : start + rows])
        yield prepare(raw, saved, where, start), [[]] * len(raw)


def read_examples(paths, saved, label=None, warn=print, encoding=None):
    """Pairs (x (n, D), y (n, ...)) of labelled examples, prepared for the model.

    paths, label, warn and encoding as in read_raw. Raises DataError, at once or as it goes.
    """
    before, where = 0, " ".join(map(str, paths))
    rows, known = rows_at_a_time(saved), of_saved(saved)
    for raw, y in read_raw(paths, known, rows, label, warn, encoding):
        x = prepare(raw, saved, where, before)
        yield x, y if known.classes is not None else learned(y, saved, where)
        before += len(x)


def read_part(paths, known, warn=print, encoding=None):
    """(x, y) of all labelled examples in files, as in read_raw; x of an .npy is a memory map."""
    if own.is_table(paths[0]):
        pairs = list(read_raw(paths, known, CHUNK, None, warn, encoding))
        if not pairs:
            raise DataError(f"{paths[0]}: has no row with a label; give labelled rows")
        return tuple(np.concatenate(each) for each in zip(*pairs, strict=True))
    return read_arrays(paths, known)


def is_same_part(part, other):
    """Whether two parts (x (N, D), y) have the same rows; those of tables in any order."""
    for one, two in zip(part, other, strict=True):
        if one.shape != two.shape:
            return False
        if isinstance(one, np.memmap) or isinstance(two, np.memmap):
            if not all(np.array_equal(one[start : start + CHUNK], two[start : start + CHUNK])
                       for start in range(0, len(one), CHUNK)):
                return False
        elif not np.array_equal(np.sort(one, axis=0), np.sort(two, axis=0), equal_nan=True):
            return False
    return True


def read_raw(paths, known, rows, label=None, warn=print, encoding=None):
    """Pairs (x (n, D), y (n,) labels or (n, M) targets), not yet standardized, at most so many rows
    at a time, of examples like those of training, which known, a Known, describes.

    paths are one table or .npz, or two .npy; label the label's column in a table, or a list of
    them, None that of training; warn and encoding as in read_inputs. Raises DataError, at once or
    as it goes.
    """
    if len(paths) == 1 and own.is_table(paths[0]):
        yield from new_tables.read_examples(paths[0], known, label, rows, warn, encoding)
        return
    x, y = read_arrays(paths, known, label)
    for start in range(0, len(x), rows):
        yield np.asarray(x[start : start + rows]), y[start : start + rows]


def read_arrays(paths, known, label=None):
    """x (N, D) and y, as in read_raw, of arrays in files; of an .npz x_test and y_test if it has
    them. Raises DataError."""
    task = "regression" if known.classes is None else "classification"
    raw = own.read(paths, label=label, task=task)
    x, y = (raw.x, raw.y) if raw.test is None else raw.test
    where = " ".join(map(str, paths))
    x = check_inputs(x, where, known.inputs)
    if known.classes is not None:
        y = labels_of([raw.classes[label] for label in y.tolist()], known.classes, where)
    elif y.shape[1:] != (known.outputs,):
        raise DataError(f"{where}: y has the shape {y.shape}, and the network has {known.outputs} "
                        "outputs")
    return x, y


def check_inputs(x, where, wanted):
    """Raw inputs (N, D) or (N, ...) as rows (N, wanted). Raises DataError."""
    if x.dtype.kind not in "biuf":
        raise DataError(f"{where}: x holds {x.dtype}, and the inputs must be real numbers")
    if x.ndim == 0 or math.prod(x.shape[1:]) != wanted:
        raise DataError(f"{where}: x has the shape {x.shape}, and the network takes {wanted} "
                        f"numbers a row; give (N, {wanted}), in the order of the training data")
    return x.reshape(-1, wanted)
