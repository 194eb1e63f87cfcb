"""CIFAR-10: 32 by 32 colour photographs in ten classes, from its six files, binary version.

    a record        3073 bytes: the label, 0..9, then 1024 bytes of red, 1024 green and 1024 blue
    a file          records one after the other, 10,000 as published

Source: "Learning Multiple Layers of Features from Tiny Images" (Krizhevsky 2009), and the page
https://www.cs.toronto.edu/~kriz/cifar.html. The Python version of the files is pickled, so reading
it could run code; it is not read here.
"""

from pathlib import Path

import numpy as np

from data.errors import DataError
from data.open_file import check_folder, name_file, open_file

TRAINING = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
NAMES = (*TRAINING, "test_batch.bin")
UNPACKED = "cifar-10-batches-bin"       # the folder in the archive
RECORD = 1 + 3 * 32 * 32
MOST = 10_000                           # records in a file, as published


def load(folder):
    """Return the training part and the test part of the CIFAR-10 files in a folder.

    folder, or the folder that holds cifar-10-batches-bin -> x_train (50000, 3072) uint8,
    y_train (50000,) int64, x_test (10000, 3072) uint8, y_test (10000,) int64
    The sizes are CIFAR-10's; a file may hold fewer records. A row is the red, the green and the
    blue plane: x[i].reshape(3, 32, 32).

    Raises DataError where the folder or a file is missing, or a file cannot be used.
    """
    paths = find(Path(folder))
    parts = [read(path) for path in paths]
    x, y = (np.concatenate(arrays) for arrays in zip(*parts[:-1], strict=True))
    return x, y, *parts[-1]


def find(folder):
    """Return the paths of the six files, in the order of NAMES."""
    remedy = f"put {', '.join(NAMES)} of CIFAR-10's binary version there"
    with name_file(folder):
        check_folder(folder, remedy)
        if not (folder / NAMES[0]).exists() and (folder / UNPACKED).is_dir():
            folder = folder / UNPACKED
        missing = [name for name in NAMES if not (folder / name).exists()]
        if missing:
            pickled = any((place / "data_batch_1").exists()
                          for place in (folder, folder / "cifar-10-batches-py"))
            has = "has the Python version, which is pickled, and" if pickled else "has"
            raise DataError(f"{folder}: {has} no {', '.join(missing)}; {remedy}")
    return [folder / name for name in NAMES]


def read(path):
    """Return the pictures (N, 3072) uint8 and labels (N,) int64 in one file, or raise DataError."""
    again = "get the file of CIFAR-10's binary version again"
    with open_file(path, "a file of CIFAR-10's binary version") as file:
        content = file.read(MOST * RECORD + 1)
        if len(content) > MOST * RECORD:
            raise DataError(f"{path}: is longer than {MOST} records of {RECORD} bytes; {again}")
        if not content or len(content) % RECORD:
            raise DataError(f"{path}: has {len(content)} bytes, which are no whole records of "
                            f"{RECORD} bytes; {again}")
        records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
        y = records[:, 0].astype(np.int64)
        if y.max() > 9:
            row = int(np.argmax(y > 9))
            raise DataError(f"{path}: record {row}, counted from 0, has the label {y[row]}, labels "
                            f"are 0 to 9; {again}")
    return records[:, 1:].copy(), y
