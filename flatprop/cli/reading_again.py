"""The test part of a run's data, read again as its training had it."""

from pathlib import Path

import numpy as np

from data import own, prepare
from data.by_name import NAMES
from data.errors import DataError
from data.mapped import MappedRows
from data.preprocessing import Preprocessing
from flatprop.cli.reading import read_all
from flatprop.runs import folds, known, new_data, run_directory
from flatprop.training import config
from flatprop.training.build import generators, named
from flatprop.usage.errors import UsageError

OTHER_ROWS = "other rows"       # the remedy of a DataError: there is no test part
AS_THEY_ARE = Preprocessing(np.zeros(1), np.ones(1))


def test_part(run, saved, changed):
    """The test part of a run's data, for its SavedModel. -> x (N, D), y (N, ...)

    It is prepared by what the model has kept; of a run of folds it is as it was read, as each fold
    has a preprocessing of its own. changed is called where the data has changed, see checksums.py.
    Raises DataError if the data is not where it was, or config.json holds no options of training.
    """
    try:
        args = config.of_run(run)
    except UsageError as error:
        raise DataError(f"{Path(run) / 'config.json'}: {error}") from error
    none = DataError(f"{run} has none, as it was trained with --test 0", remedy=OTHER_ROWS)
    if args.data == [config.FROM_PYTHON]:
        raise DataError(f"{run} has none, as it was fitted in Python, to rows that are in no file",
                        remedy=OTHER_ROWS)
    if args.test == 0 and not args.test_data and own.is_table(args.data[0]):
        raise none
    elsewhere = (f" (if it is elsewhere now, train --resume {run} --data FILE says where)"
                 if args.data[0] not in NAMES else "")
    rng, _, _ = generators(args)
    try:
        raw, _ = read_all(args, rng)
    except (UsageError, DataError) as error:
        raise DataError(f"{error}{elsewhere}") from error
    if not run_directory.is_same_data(run, *named(args, raw)):
        changed(f"{run}: the data is no longer what the run was trained on, so that rows which it "
                "was trained on may be in the test part", f"put it back{elsewhere}")
        raw = read_as_learned(args, raw, saved)
    try:
        part = test_rows(args, raw, rng)
        if part is None:
            raise none
        return as_read(*part) if folds.is_average(saved) else as_learned(*part, saved)
    except DataError:
        raise
    except ValueError as error:
        raise DataError(f"{run}: {error}{elsewhere}") from error


def read_as_learned(args, raw, saved):
    """A data set that has changed, as raw has it, but with the columns and the classes that a
    SavedModel knows. Raises DataError if it has others."""
    if args.data[0] not in NAMES and own.is_table(args.data[0]):
        how = known.of_saved(saved)
        whole, test = [files and new_data.read_part(files, how, lambda text: None, args.encoding)
                       for files in (args.data, args.test_data)]
        return raw._replace(x=whole[0], y=whole[1], test=test)
    if raw.classes != saved.preprocessing.classes:
        raise DataError(f"{saved.run}: the data has other classes than the run was trained on")
    return raw


def test_rows(args, raw, rng):
    """x (rows, D) and y as they were read, and which of their rows are the test part of a run; or
    None."""
    if raw.test is not None:
        return *raw.test, np.arange(len(raw.test[1]))
    if args.folds and args.fold is None:
        _, index = prepare.fold_rows(raw, args.folds, args.test or 0, rng)
    else:
        *_, index = prepare.split_rows(raw, args.val or 0, args.test or 0, rng, args.folds,
                                       args.fold)
    return None if index is None else (raw.x, raw.y, index)


def as_learned(x, y, index, saved):
    """Some rows of x (rows, D) and labels or targets y, prepared for a SavedModel."""
    fitted, dtype = saved.preprocessing, saved.model.theta.dtype
    inputs = (MappedRows(x, index, fitted, dtype) if isinstance(x, np.memmap) else
              fitted.apply(x[index], dtype))
    return inputs, (y[index] if y.dtype.kind in "iu" else fitted.apply_to_targets(y[index], dtype))


def as_read(x, y, index):
    """Some rows of x (rows, D) and y as they are, as the average of a run of folds takes them."""
    if isinstance(x, np.memmap):
        return MappedRows(x, index, AS_THEY_ARE, np.float64), y[index]
    return x[index], y[index]
