"""From the options to the data: read, split, standardized."""

from pathlib import Path

import numpy as np

from data import by_name, own, prepare
from data.by_name import FILES, IMAGES, NAMES
from data.errors import DataError
from flatprop.cli.errors import UsageError, closest

SUFFIXES = (".csv", ".tsv", ".txt", ".npz", ".npy")


def load(args, rng):
    """The data set that the options name, ready for training.

    -> a dict: train, val and test, each (x, y); classes, how many, 0 for regression; outputs, how
    many; standardize, "dataset", "feature" or "none"; preprocessing, a Preprocessing; raw, the
    (x, y) as they were read
    Raises UsageError or DataError.
    """
    raw = read(args, rng)
    per = args.standardize or ("dataset" if args.data[0] in IMAGES else "feature")
    try:
        examples = prepare.parts(
            raw, val_fraction=args.val, test_fraction=args.test, per=per,
            dtype=np.dtype(args.dtype), rng=rng)
    except DataError:
        raise
    except ValueError as error:
        raise UsageError(f"--val {args.val:g}, --test {args.test:g}: {error}") from error
    classes = 0 if raw.classes is None else len(raw.classes)
    outputs = classes or examples["train"][1].shape[1]
    return examples | {"classes": classes, "outputs": outputs, "standardize": per,
                       "raw": (raw.x, raw.y)}


def read(args, rng):
    """The data set as it is, a data.own.Raw. Raises UsageError or DataError."""
    name = args.data[0]
    check_options(args, name)
    if name not in NAMES:
        return own.read(args.data, label=args.label, task=args.task)
    try:
        return by_name.read(name, rng, examples=args.examples, folder=args.data_dir)
    except DataError as error:
        if name in FILES and args.data_dir is None:     # then its files could not be fetched
            raise DataError(f"{error} (--data-dir DIR)", file=error.file) from error
        raise
    except ValueError as error:
        raise UsageError(f"--examples: {error}") from error


def check_options(args, name):
    """Raise UsageError for options that do not go together, or a name that nothing has."""
    files = name not in NAMES
    for option, given in (("--label", args.label), ("--task", args.task)):
        if given is not None and not files:
            raise UsageError(f"{option} goes with a file of your own, not with --data {name}")
    if args.data_dir is not None and name not in FILES:
        raise UsageError(f"--data-dir goes with --data {', '.join(FILES)}, not with --data {name}")
    if files and Path(name).suffix.lower() not in SUFFIXES:
        raise UsageError(f"--data {name}: neither a data set nor a file ending in "
                         f"{', '.join(SUFFIXES)}.{closest(name, NAMES)} The sets are "
                         f"{', '.join(NAMES)}")
    if not files and len(args.data) > 1:
        raise UsageError(f"--data {name} takes no second word; of files two .npy can be given")
