"""Data of your own, from files: a table in CSV or Parquet, arrays in .npz, or two .npy, x and y.

Whatever the file, x becomes rows of numbers and y the labels 0, 1, ... of classes that keep their
names, or the numbers to predict.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import foreign_files, npy_file, npz_file, table
from data.cells import Lines
from data.errors import DataError
from data.labels import MOST_CLASSES, check_vary, guess_task, sort_classes
from data.names import closest, list_names
from data.open_file import check_file, name_file

TEXTS = (".csv", ".tsv", ".txt", ".data", ".dat", ".tab")
TABLES = (*TEXTS, *(f"{suffix}.gz" for suffix in TEXTS), ".parquet")
SUFFIXES = (*TABLES, ".npz", ".npy")
# What an archive may call x and y; the first is what an error asks for.
NAMES = [("x", "y"), ("X", "y"), ("X", "Y"), ("data", "target"), ("x", "labels"), ("X", "labels"),
         ("data", "labels")]


def is_table(path):
    """Whether a path names a table, by its ending."""
    return suffix_of(path) in TABLES


def is_text(path):
    """Whether a path names a table in text, by its ending."""
    return suffix_of(path).removesuffix(".gz") in TEXTS


def suffix_of(path):
    """The ending of a file's name in small letters, .csv.gz as a whole."""
    path = Path(path)
    return "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else (
        path.suffix.lower())


class Raw(NamedTuple):
    """A data set as it was read, before it is split and standardized.

    x        (N, D) real numbers of any dtype; float64 with NaN for missing cells of a table; a
             read-only np.memmap if it came as an .npy file
    y        (N,) int64 labels from 0, or (N, M) float64 targets of a regression
    test     (x, y) of test arrays, or None
    columns  of a table, as in Preprocessing; None for arrays
    classes  the classes' names in the order of the labels; None for regression
    target   the label's column in a table, a list of several, or ""
    about    what was found out about the data, plain data; of a table as in data.table.Table
    val      (x, y) of validation arrays, or None
    weights  (N,) float64 numbers from 0, how much each row counts in training, or None
    lines    of a table, a data.cells.Lines: where its rows stand in the file; None for arrays
    """

    x: np.ndarray
    y: np.ndarray
    test: tuple | None = None
    columns: list | None = None
    classes: list | None = None
    target: str | list = ""
    about: dict | None = None
    val: tuple | None = None
    weights: np.ndarray | None = None
    lines: Lines | None = None


def read(paths, *, label=None, task=None, reading=None):
    """Read the data set in one file, or in two: a Raw.

    paths  [one table]: see data.table.read, whose column `label` (a name, a number from 1, or from
           -1 at the end, or a list of these; the last one if None) is predicted
           [one .npz]: x and y, or x_train, y_train, x_test and y_test, or what others call them
           [two .npy]: x, which is read through a memory map, then y
    task   "classification", "regression", or None to guess: text and booleans are classes; so are
           whole numbers of at most 10 different values, or at most 100 if there are ten times as
           many examples; the rest is regression
    reading  of a table, a data.reading.Reading; of an archive its weight is the name of an array
    Images (N, ...) become rows (N, D). Classes are in sorted order, of numbers in theirs.

    Raises DataError where a file cannot be used, or does not hold what it should.
    """
    paths = [Path(path) for path in paths]
    suffixes = [path.suffix.lower() for path in paths]
    with name_file(paths[0]):
        if len(paths) == 1 and is_table(paths[0]):
            raw = _read_table(paths[0], label, task, reading)
        elif label is not None:
            raise DataError(f"{paths[0]}: is no table, so it has no column {str(label)[:40]!r}; "
                            "leave out the label's column")
        elif suffixes == [".npz"]:
            raw = _read_npz(paths[0], task, reading.weight if reading else None)
        elif suffixes == [".npy", ".npy"]:
            raw = _read_npy(*paths, task)
        elif suffixes == [".npy"]:
            raise DataError(f"{paths[0]}: needs a second file, y.npy with the labels of its rows")
        else:
            if len(paths) == 1 and paths[0].is_dir():
                check_file(paths[0], "one .csv, .tsv, .txt or .npz file, or two .npy, x and y")
            shown = " ".join(str(path) for path in paths)
            several = len(paths) > 1 and set(map(suffix_of, paths)) <= {*SUFFIXES} - {".npy"}
            remedy = "; join them into one file first; has a * matched several?" if several else ""
            foreign = foreign_files.remedy_of(paths[0])
            raise DataError(f"{shown}: {foreign}" if foreign and len(paths) == 1 else
                            f"{shown}: cannot be read as data; give one .csv, .tsv, .txt, .data or "
                            f".npz file, or two .npy files, x and y{remedy}")
    # With a task given, labels that are all the same will do: they may be for evaluation.
    if task is None:
        with name_file(paths[-1]):
            check_vary(raw.y, raw.classes, raw.target, paths[-1])
    return raw


def _read_table(path, label, task, reading):
    """The Raw of a table."""
    found = table.read(path, label, task, reading)
    return Raw(found.x, found.y, None, found.columns, found.classes, found.target, found.about,
               weights=found.weights, lines=found.lines)


def _read_npz(path, task, weight):
    """The Raw of an archive of arrays; weight is the name of that of the weights, or None."""
    arrays = npz_file.read(path)
    large = max(2**27, 4 * path.stat().st_size)         # labels become 8 bytes each
    for name in arrays.keys() & {end + name for _, end in NAMES for name in
                                 ("", "_train", "_test")}:
        if max(arrays[name].nbytes, 8 * arrays[name].size) > large:
            raise DataError(f"{path}: {name} has shape {arrays[name].shape}, too many for a file "
                            "that small; save it with numpy.savez, which does not compress")
    x_name, y_name = _names_in(arrays, path)
    x_test, y_test = x_name.replace("train", "test"), y_name.replace("train", "test")
    has_test = x_test != x_name and x_test in arrays
    if x_test != x_name and has_test != (y_test in arrays):
        raise DataError(f"{path}: has one of {x_test} and {y_test}; save both, or neither")
    x = _as_inputs(arrays[x_name], f"{path}: {x_name}")
    y, classes, about = _as_targets(arrays[y_name], f"{path}: {y_name}", len(x), task)
    test = None
    if has_test:
        test = _as_test({"x_test": arrays[x_test], "y_test": arrays[y_test]}, path, x, y, classes)
    weights = None if weight is None else _as_weights(arrays, weight, path, len(x))
    return Raw(x, y, test, classes=classes, about=about, weights=weights)


def _as_weights(arrays, name, path, rows):
    """The array of that name as the weights of so many rows. Raises DataError."""
    if name not in arrays:
        raise DataError(f"{path}: has no array {name[:40]!r}{closest(name, list(arrays))}; it "
                        f"holds {list_names(list(arrays))}", remedy="weight")
    weights = arrays[name]
    if weights.shape not in ((rows,), (rows, 1)) or weights.dtype.kind not in "iuf":
        raise DataError(f"{path}: {name}: weights are {rows} numbers, one for each row, and it "
                        f"holds {weights.dtype} of shape {weights.shape}", remedy="weight")
    weights = weights.reshape(-1).astype(np.float64)
    wrong = np.flatnonzero(~((weights >= 0) & (weights < np.inf)))
    if wrong.size or not weights.any():
        says = f"row {wrong[0]} has the weight {weights[wrong[0]]:g}" if wrong.size else (
            "every weight is 0")
        raise DataError(f"{path}: {name}: {says}; give each row a number, 0 or more",
                        remedy="weight")
    return weights


def _names_in(arrays, path):
    """What an archive calls its inputs and labels, of training if it has some for testing."""
    for x, y in NAMES:
        for end in ("", "_train"):
            if x + end in arrays and y + end in arrays:
                return x + end, y + end
    held = ", ".join(name[:40] for name in list(arrays)[:10])
    raise DataError(f"{path}: holds {held}; save it with x and y, or with x_train, y_train, x_test "
                    "and y_test")


def _as_test(arrays, path, x, y, classes):
    """x_test and y_test of an archive, in the shapes and with the classes of those for training."""
    x_test = _as_inputs(arrays["x_test"], f"{path}: x_test")
    task = "regression" if classes is None else "classification"
    y_test, others, _ = _as_targets(arrays["y_test"], f"{path}: y_test", len(x_test), task)
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
        y, classes, about = _as_targets(np.array(y), y_path, len(x), task)
    return Raw(x, y, classes=classes, about=about)


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
    """y (count, ...) as it comes -> labels (count,) and their classes, or targets, None; about."""
    if y.ndim == 0 or len(y) != count or y.size == 0:
        raise DataError(f"{name}: y has shape {y.shape}, and x {count} rows; give one label for "
                        "each row")
    if y.dtype.kind == "S":
        try:
            y = np.char.decode(y, "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{name}: y is not UTF-8 text; save it as text, or numbers") from error
    about = {"task": task, "guessed": task is None, "why": "as asked", "other": None}
    if task is None:
        task, why, other = "regression", "y holds numbers", None
        if _is_one_hot(y):
            task, other = "classification", "regression"
            why = f"y has a 1 in one of its {y.shape[1]} columns, and else 0"
        elif y.dtype.kind in "bU":
            task, why = "classification", "y holds text" if y.dtype.kind == "U" else "y is boolean"
        elif y.size == count and np.isfinite(y).all():
            task, what, other = guess_task(np.unique(y), count)
            why = f"y holds {what}"
        about |= {"task": task, "why": why, "other": other}
    about = {"label": about}
    if task == "classification":
        if _is_one_hot(y):
            y = y.argmax(axis=1)
        return *_as_labels(y, name, count), about
    if y.dtype.kind == "U":
        raise DataError(f"{name}: y holds text, and regression needs numbers; save those")
    y = y.reshape(count, -1).astype(np.float64)
    _check_finite(y, name)
    return y, None, about


def _is_one_hot(y):
    """Whether y (N, ...) has a column for each class, and a 1 in that of the row's class."""
    return (y.ndim == 2 and y.shape[1] > 1 and y.dtype.kind in "biuf"
            and bool(((y == 0) | (y == 1)).all() and ((y == 1).sum(axis=1) == 1).all()))


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
        if "" in classes:
            row = int(np.flatnonzero(codes == classes.index(""))[0])
            raise DataError(f"{name}: the label of row {row}, counted from 0, is empty; fill it in,"
                            " or leave the row out")
        order = sort_classes(classes, name)
        place = {text: label for label, text in enumerate(order)}
        classes, codes = order, np.array([place[text] for text in classes])[codes]
    return codes.astype(np.int64), classes


def _check_finite(rows, name):
    """Refuse NaN and infinity, with the first one's row."""
    if not np.isfinite(rows).all():
        row, column = np.argwhere(~np.isfinite(rows))[0].tolist()
        cell = str(rows[row, column])
        raise DataError(f"{name}: holds {cell} in row {row}, column {column}, counted from 0; "
                        "leave the row out, or fill it in", column=column, cell=cell)
