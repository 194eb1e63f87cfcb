"""The data set that the options of train name, read from its files."""

from pathlib import Path

import numpy as np

from data import by_name, foreign_files, own
from data.by_name import FILES, NAMES
from data.errors import DataError
from data.open_file import missing
from data.own import SUFFIXES
from flatprop.runs import known, new_data
from flatprop.training.build import prepare_data, reading_of, settle_folds
from flatprop.usage.errors import UsageError, closest


def load_data(args, rng):
    """The data set that the options name, ready for training: see prepare_data."""
    return prepare_data(args, *read_all(args, rng), rng, refit=bool(args.refit))


def read_all(args, rng):
    """(raw, warnings): the data set as it is, a data.own.Raw with the parts of --val-data and
    --test-data, and lines on what is odd about these. Raises UsageError or DataError."""
    raw, warnings = read(args, rng), []
    for name, files in (("val", args.val_data), ("test", args.test_data)):
        if files is None:
            continue
        option = f"--{name}-data"
        check_part(args, raw, name, files, option)
        try:
            part = new_data.read_part(files, known.of_raw(raw), warnings.append, args.encoding)
        except DataError as error:
            text, remedy = f"{option} {error}", error.remedy
            if remedy == "label":       # which no option says for this file
                text = f"{text.partition(';')[0]}; name its columns as those of --data"
            raise DataError(text, file=error.file, line=error.line, column=error.column,
                            cell=error.cell, remedy=remedy if remedy == "encoding" else None
                            ) from error
        if args.refit and name == "val" and (
                isinstance(raw.x, np.memmap) or isinstance(part[0], np.memmap)):
            raise UsageError("--refit cannot join --val-data with arrays in .npy files, which may "
                             "be larger than memory: join the files, and use --val")
        raw = raw._replace(**{name: part})
    settle_folds(args, raw)
    return raw, warnings + same_parts(args, raw)


def same_parts(args, raw):
    """Lines on files of --val-data and --test-data that hold no examples of their own."""
    data, val, test = (" ".join(words or ()) for words in (args.data, args.val_data,
                                                           args.test_data))
    pairs = [(val and f"--val-data {val}", raw.val, f"--data {data}, which is trained on",
              (raw.x, raw.y)),
             (test and f"--test-data {test}", raw.test, f"--data {data}, which is trained on",
              (raw.x, raw.y)),
             (val and test and f"--test-data {test}", raw.test,
              f"--val-data {val}, by which the best weights are chosen", raw.val)]
    return [f"{one} holds the same rows as {other}: results of it are too good; name other examples"
            for one, part, other, like in pairs if one and new_data.is_same_part(part, like)]


def check_part(args, raw, name, files, option):
    """Raise UsageError unless the words of --val-data or --test-data can be one part of the data.
    """
    if files[0] in NAMES:
        raise UsageError(f"{option} {files[0]}: is a set by name: name a file like that of --data")
    check_data(files, option)
    if any(Path(a).exists() and Path(b).exists() and Path(a).samefile(b)
           for a, b in zip(files, args.data, strict=False)):
        raise UsageError(f"{option} {' '.join(files)}: is what is trained on, --data: name other "
                         "examples")
    if name == "test" and raw.test is not None:
        raise UsageError(f"{option} does not go with --data {' '.join(args.data)}, which has x_test"
                         " and y_test: leave one of them out")


def read(args, rng):
    """The data set as it is, a data.own.Raw. Raises UsageError or DataError."""
    name = args.data[0]
    check_data(args.data)
    if name not in NAMES:
        return own.read(args.data, label=args.label, task=args.task, reading=reading_of(args))
    try:
        return by_name.read(name, rng, examples=args.examples, folder=args.data_dir)
    except DataError as error:
        if name in FILES and args.data_dir is None:     # then its files could not be fetched
            raise DataError(f"{error} (--data-dir DIR)", file=error.file) from error
        raise DataError(f"--data-dir {error}", file=error.file) from error
    except ValueError as error:
        raise UsageError(f"--examples: {error}") from error


def check_data(words, option="--data"):
    """Raise UsageError unless the words of --data are one data set, or look like files."""
    name, *others = words
    files = name not in NAMES
    if files and own.suffix_of(name) not in SUFFIXES:
        raise UsageError(f"{option} {name or repr(name)}: {no_data(name)}")
    if not files and others:
        raise UsageError(f"--data {name} takes no second word, {others[0]}: leave it out; of files "
                         "two .npy can be given, and options begin with --")


def no_data(name):
    """What is wrong with a word of --data that is no set and no file that is read, and the remedy.
    """
    path = Path(name)
    if not name:
        return f"names nothing; give a file, or one of {', '.join(NAMES)}"
    if path.is_dir():
        if (path / "config.json").is_file():
            return f"is a run and no data; flatprop evaluate {name} tests it, --resume goes on"
        return f"is a folder; give a file in it that ends in {', '.join(SUFFIXES)}"
    absent = missing(path, f"give a file ending in {', '.join(SUFFIXES)}")
    end = closest(name, NAMES, "data") if absent.startswith("does not exist; give") else ""
    if not end and not path.exists() and (path.suffix or "; give" not in absent):
        return absent
    if path.is_file() and not path.suffix:
        return f"its name must end in what it holds, {', '.join(SUFFIXES)}: rename it"
    return foreign_files.remedy_of(path) or (
        f"neither a data set nor a file ending in {', '.join(SUFFIXES)}.{end} The sets are "
        f"{', '.join(NAMES)}")
