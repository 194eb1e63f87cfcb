"""Data of your own, from files: a table in CSV, arrays in .npz, or x and y in two .npy files.

Whatever the file, x becomes rows of numbers and y the labels 0, 1, ... of classes that keep their
names, or the numbers to predict.
"""

import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import foreign_files, npy_file, npz_file, table, training_table
from data.errors import DataError
from data.open_file import check_file, name_file
from data.training_table import MOST_CLASSES

TABLES = (".csv", ".tsv", ".txt")
WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


class Raw(NamedTuple):
    """A data set as it was read, before it is split and standardized.

    x        (N, D) real numbers of any dtype; float64 with NaN for empty cells of a table; a
             read-only np.memmap if it came as an .npy file
    y        (N,) int64 labels from 0, or (N, M) float64 targets of a regression
    test     (x, y) of test arrays, or None
    columns  of a table, as in Preprocessing; None for arrays
    classes  the classes' names in the order of the labels; None for regression
    target   the label's column in a table, or ""
    """

    x: np.ndarray
    y: np.ndarray
    test: tuple | None = None
    columns: list | None = None
    classes: list | None = None
    target: str = ""


def read(paths, *, label=None, task=None):
    """Read the data set in one file, or in two: a Raw.

    paths  [one .csv, .tsv or .txt]: a table, see training_table.read, whose column `label` (a name,
           a number from 1, or from -1 at the end; the last one if None) is predicted
           [one .npz]: x and y, or x_train, y_train, x_test and y_test
           [two .npy]: x, which is read through a memory map, then y
    task   "classification", "regression", or None to guess: text and booleans are classes; so are
           whole numbers (dtype int; in a table, written without a point) of at most 10 different
           values, or at most 100 if there are ten times as many examples; the rest is regression
    Images (N, ...) become rows (N, D). Classes are in sorted order, of numbers in theirs.

    Raises DataError where a file cannot be used, or does not hold what it should.
    """
    paths = [Path(path) for path in paths]
    suffixes = [path.suffix.lower() for path in paths]
    with name_file(paths[0]):
        if len(paths) == 1 and suffixes[0] in TABLES:
            raw = _read_table(paths[0], label, task)
        elif label is not None:
            raise DataError(f"{paths[0]}: is no table, so it has no column {str(label)[:40]!r}; "
                            "leave out the label's column")
        elif suffixes == [".npz"]:
            raw = _read_npz(paths[0], task)
        elif suffixes == [".npy", ".npy"]:
            raw = _read_npy(*paths, task)
        elif suffixes == [".npy"]:
            raise DataError(f"{paths[0]}: needs a second file, y.npy with the labels of its rows")
        else:
            if len(paths) == 1 and paths[0].is_dir():
                check_file(paths[0], "one .csv, .tsv, .txt or .npz file, or two .npy, x and y")
            shown = " ".join(str(path) for path in paths)
            several = len(paths) > 1 and set(suffixes) <= {*TABLES, ".npz"}
            remedy = "; join them into one file first; has a * matched several?" if several else ""
            foreign = foreign_files.remedy_of(paths[0])
            raise DataError(f"{shown}: {foreign}" if foreign and len(paths) == 1 else
                            f"{shown}: cannot be read as data; give one .csv, .tsv, .txt or .npz "
                            f"file, or two .npy files, x and y{remedy}")
    # With a task given, one class will do: the examples may be for evaluation.
    if task is None and raw.classes is not None and len(raw.classes) == 1:
        raise DataError(f"{paths[-1]}: every label is {raw.classes[0][:40]!r}, so there is nothing "
                        "to learn; give examples of two classes, or another column as the label",
                        file=paths[-1], cell=raw.classes[0], column=raw.target or None)
    return raw


def _read_table(path, label, task):
    """The Raw of a table."""
    found = training_table.read(path, label)
    at, texts = f"{path}: column {found.target[:40]!r}", found.texts
    if task is None:
        whole = bool(texts) and all(WHOLE.fullmatch(text) for text in texts)
        is_few = whole and _is_few(len(texts), len(found.x))
        task = "classification" if found.not_number or is_few else "regression"
    if task == "regression":
        if found.not_number:
            line, cell = found.not_number
            raise DataError(f"{at}: line {line}: {cell[:40]!r} is no number, which regression "
                            "needs; correct it, or name another column as the label", line=line,
                            column=found.target, cell=cell)
        return Raw(found.x, found.numbers[:, None], columns=found.columns, target=found.target)
    if not texts:
        raise DataError(f"{at}: has more than {MOST_CLASSES} different labels; name another column "
                        "as the label" + ("" if found.not_number else ", or ask for regression"),
                        column=found.target)
    classes, y = _sort_classes(texts, found.codes, at)
    return Raw(found.x, y, columns=found.columns, classes=classes, target=found.target)


def _read_npz(path, task):
    """The Raw of an archive of arrays."""
    arrays = npz_file.read(path)
    large = max(2**27, 4 * path.stat().st_size)         # labels become 8 bytes each
    for name in ("y", "y_train", "y_test"):
        if name in arrays and max(arrays[name].nbytes, 8 * arrays[name].size) > large:
            raise DataError(f"{path}: {name} has shape {arrays[name].shape}, too many for a file "
                            "that small; save it with numpy.savez, which does not compress")
    end = "" if "x" in arrays and "y" in arrays else "_train"
    if f"x{end}" not in arrays or f"y{end}" not in arrays:
        held = ", ".join(name[:40] for name in list(arrays)[:10])
        raise DataError(f"{path}: holds {held}; save it with x and y, or with x_train, y_train, "
                        "x_test and y_test")
    has_test = end == "_train" and "x_test" in arrays
    if end == "_train" and has_test != ("y_test" in arrays):
        raise DataError(f"{path}: has one of x_test and y_test; save both, or neither")
    x = _as_inputs(arrays[f"x{end}"], f"{path}: x{end}")
    y, classes = _as_targets(arrays[f"y{end}"], f"{path}: y{end}", len(x), task)
    test = _as_test(arrays, path, x, y, classes) if has_test else None
    return Raw(x, y, test, classes=classes)


def _as_test(arrays, path, x, y, classes):
    """x_test and y_test of an archive, in the shapes and with the classes of those for training."""
    x_test = _as_inputs(arrays["x_test"], f"{path}: x_test")
    task = "regression" if classes is None else "classification"
    y_test, others = _as_targets(arrays["y_test"], f"{path}: y_test", len(x_test), task)
    if x_test.shape[1] != x.shape[1] or y_test.shape[1:] != y.shape[1:]:
        raise DataError(f"{path}: the test rows have {x_test.shape[1]} inputs and targets of shape "
                        f"{y_test.shape[1:]}, those for training {x.shape[1]} and {y.shape[1:]}; "
                        "save arrays of one kind")
    if classes is not None:
        at = {name: i for i, name in enumerate(classes)}
        unknown = [name for name in others if name not in at]
        if unknown:
            raise DataError(f"{path}: y_test has the class {unknown[0][:40]!r}, which y_train "
                            "has not; leave its rows out", cell=unknown[0])
        y_test = np.array([at[name] for name in others], np.int64)[y_test]
    return x_test, y_test


def _read_npy(x_path, y_path, task):
    """The Raw of x and y in files of their own."""
    x = _as_inputs(npy_file.open_mapped(x_path), x_path)
    y = npy_file.open_mapped(y_path)
    with name_file(y_path):
        if x.shape[1] == 1 and x.dtype.kind in "iu" and y.ndim == 2 and y.shape[1] > 1 \
                and y.dtype.kind == "f" and len(y) == len(x):
            raise DataError(f"{x_path} {y_path}: the first holds one whole number a row, as labels "
                            f"are, and the second {y.shape[1]} numbers: give x first, then y")
        if y.ndim == 0 or len(y) != len(x):
            raise DataError(f"{y_path}: y has shape {y.shape}, and {x_path.name} {len(x)} rows; "
                            "give one label for each row")
        if y.nbytes > npz_file.LIMIT:
            raise DataError(f"{y_path}: y takes {y.nbytes} bytes, at most {npz_file.LIMIT} are "
                            "read; save it as smaller numbers, or use fewer rows")
        npy_file.check_text(y, y_path, npy_file.AGAIN)
        y, classes = _as_targets(np.array(y), y_path, len(x), task)
    return Raw(x, y, classes=classes)


def _as_inputs(x, name):
    """x as rows (N, D) of real numbers, which are finite if x is no memory map."""
    if x.dtype.kind not in "biuf":
        raise DataError(f"{name}: x holds {x.dtype}, and inputs are real numbers; save those")
    if x.ndim == 0 or x.size == 0:
        raise DataError(f"{name}: x has shape {x.shape}; give an array with a row for each example")
    if isinstance(x, np.memmap) and x.ndim > 2 and not x.flags.c_contiguous:
        raise DataError(f"{name}: is in Fortran order, so its images do not lie in one piece; save "
                        "numpy.ascontiguousarray of it")
    x = x.reshape(len(x), -1)
    if x.dtype.kind == "f" and not isinstance(x, np.memmap):
        _check_finite(x, name)
    return x


def _as_targets(y, name, count, task):
    """y (count, ...) as it comes -> labels (count,) and their classes, or targets and None."""
    if y.ndim == 0 or len(y) != count or y.size == 0:
        raise DataError(f"{name}: y has shape {y.shape}, and x {count} rows; give one label for "
                        "each row")
    if y.dtype.kind == "S":
        try:
            y = np.char.decode(y, "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{name}: y is not UTF-8 text; save it as text, or numbers") from error
    if task is None:
        whole = y.dtype.kind in "iu" and y.size == count
        is_few = whole and _is_few(len(np.unique(y)), count)
        task = "classification" if y.dtype.kind in "bU" or is_few else "regression"
    if task == "classification":
        return _as_labels(y, name, count)
    if y.dtype.kind == "U":
        raise DataError(f"{name}: y holds text, and regression needs numbers; save those")
    y = y.reshape(count, -1).astype(np.float64)
    _check_finite(y, name)
    return y, None


def _as_labels(y, name, count):
    """y, numbers or text -> labels (count,) int64 from 0, and their classes."""
    if y.size != count:
        raise DataError(f"{name}: y has shape {y.shape}; give one label for each row, not one "
                        "column for each class (numpy.argmax makes labels of those)")
    y = y.reshape(count)
    if y.dtype.kind == "f" and not ((np.abs(y) < 2**53) & (y == np.floor(y))).all():
        raise DataError(f"{name}: y holds numbers that are not whole, which are no classes; save "
                        "whole ones, or ask for regression")
    if y.dtype.kind in "fb":
        y = y.astype(np.int64)
    values, codes = np.unique(y, return_inverse=True)
    if len(values) > MOST_CLASSES:
        raise DataError(f"{name}: y has {len(values)} different labels, at most {MOST_CLASSES} are "
                        "read; save class numbers, or ask for regression")
    classes = [str(value) for value in values]
    if y.dtype.kind == "U":
        classes, codes = _sort_classes(classes, codes, name)
    return codes.astype(np.int64), classes


def _sort_classes(texts, codes, name):
    """Classes in sorted order, and the labels (N,) int64; texts[codes[i]] is the label of row i."""
    if "" in texts:
        row = int(np.flatnonzero(codes == texts.index(""))[0])
        raise DataError(f"{name}: the label of row {row}, counted from 0, is empty; fill it in, or "
                        "leave the row out")
    values = [int(text) if WHOLE.fullmatch(text) else table.number(text) for text in texts]
    if not all(value is not None and math.isfinite(value) for value in values):
        order = sorted(range(len(texts)), key=lambda i: texts[i])
    else:
        order = sorted(range(len(texts)), key=lambda i: values[i])
        for a, b in zip(order, order[1:], strict=False):
            if values[a] == values[b]:
                raise DataError(f"{name}: the labels {texts[a][:40]!r} and {texts[b][:40]!r} are "
                                "one number; write them alike", cell=texts[b])
    place = np.empty(len(texts), np.int64)
    place[order] = np.arange(len(texts))
    return [texts[i] for i in order], place[codes]


def _is_few(different, count):
    """Whether so many different whole numbers among so many examples look like classes."""
    return different <= 10 or different <= min(100, count // 10)


def _check_finite(rows, name):
    """Refuse NaN and infinity, with the first one's row."""
    if not np.isfinite(rows).all():
        row, column = np.argwhere(~np.isfinite(rows))[0].tolist()
        cell = str(rows[row, column])
        raise DataError(f"{name}: holds {cell} in row {row}, column {column}, counted from 0; "
                        "leave the row out, or fill it in", column=column, cell=cell)
