"""From the options to the data: read, split, standardized."""

from pathlib import Path

import numpy as np

from data import blobs, cifar, digits, downloads, mnist, moons, own, prepare, spiral, wave, xor
from data.errors import DataError
from flatprop.cli.errors import UsageError, closest

MADE = {"spiral": spiral, "moons": moons, "xor": xor, "blobs": blobs, "wave": wave}
KNOWN = ("mnist", "fashion_mnist", "cifar10")       # sets in files, by name
IMAGES = {"digits", *KNOWN}
NAMES = ["digits", *MADE, *KNOWN]
SUFFIXES = (".csv", ".tsv", ".txt", ".npz", ".npy")


def load(args, rng):
    """The data set that the options name, ready for training.

    -> a dict: train, val and test, each (x, y); classes, how many, 0 for regression; outputs, how
    many; standardize, "dataset", "feature" or "none"; preprocessing, a Preprocessing; raw, the
    (x, y) as they were read; notes, lines for the log
    Raises UsageError or DataError.
    """
    raw = read(args, rng)
    images = args.data[0] in IMAGES
    per = args.standardize or ("dataset" if images else "feature")
    try:
        examples = prepare.parts(
            raw.x, raw.y, raw.test, val_fraction=args.val, test_fraction=args.test, per=per,
            dtype=np.dtype(args.dtype), rng=rng, columns=raw.columns, classes=raw.classes,
            target=raw.target)
    except DataError:
        raise
    except ValueError as error:
        raise UsageError(f"--val {args.val:g}, --test {args.test:g}: {error}") from error
    classes = 0 if raw.classes is None else len(raw.classes)
    outputs = classes or examples["train"][1].shape[1]
    return examples | {"classes": classes, "outputs": outputs, "standardize": per,
                       "raw": (raw.x, raw.y)}


def read(args, rng):
    """The data set as it is, a data.own.Raw."""
    name = args.data[0]
    files = name not in NAMES
    for option, given in (("--label", args.label), ("--task", args.task)):
        if given is not None and not files:
            raise UsageError(f"{option} goes with a file of your own, not with --data {name}")
    if args.data_dir is not None and name not in KNOWN:
        raise UsageError(f"--data-dir goes with --data {', '.join(KNOWN)}, not with --data {name}")
    if files:
        if Path(name).suffix.lower() not in SUFFIXES:
            raise UsageError(f"--data {name}: neither a data set nor a file ending in "
                             f"{', '.join(SUFFIXES)}.{closest(name, NAMES)} The sets are "
                             f"{', '.join(NAMES)}")
        return own.read(args.data, label=args.label, task=args.task)
    if len(args.data) > 1:
        raise UsageError(f"--data {name} takes no second word; of files two .npy can be given")
    test = None
    if name == "digits":
        x, y = digits.load()
    elif name in MADE:
        try:
            x, y = MADE[name].make(args.examples, rng)
        except ValueError as error:
            raise UsageError(f"--examples: {error}") from error
    else:
        x, y, *test = from_folder(name, args.data_dir)
    classes = [str(label) for label in range(int(y.max()) + 1)] if y.dtype.kind in "iu" else None
    return own.Raw(x, y, tuple(test) if test else None, None, classes, "")


def from_folder(name, folder):
    """A known set from its files; without a folder it is downloaded. -> x, y, x_test, y_test"""
    if folder is None:
        folder = downloads.fetch(name)
    return cifar.load(folder) if name == "cifar10" else mnist.load(folder)
