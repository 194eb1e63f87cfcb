"""MNIST: 28 by 28 handwritten digits, from its four files as published.

Source: "The MNIST database of handwritten digits" (LeCun, Cortes and Burges 1998). Any set of the
same layout with at most ten classes is read as well: Fashion-MNIST, Kuzushiji-MNIST, a small one of
your own. Nothing is downloaded here.
"""

from pathlib import Path

import numpy as np

from data import idx
from data.errors import DataError
from data.open_file import check_folder, name_file

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def load(folder):
    """Return the training part and the test part of the MNIST files in a folder.

    folder -> x_train (60000, 784) uint8, y_train (60000,) int64,
              x_test (10000, 784) uint8, y_test (10000,) int64
    The sizes are MNIST's; the files decide. Each file may be gzipped, and may be spelled
    train-images.idx3-ubyte, as some programs unpack it. Where a folder has several spellings of a
    file, the unpacked one is read.

    Raises DataError where the folder or a file is missing, a file cannot be used, images and labels
    differ in number, training and test images differ in size, or a label is not 0..9.
    """
    train_images, train_labels, test_images, test_labels = _find(Path(folder))
    x_train, y_train = _load_part(train_images, train_labels)
    x_test, y_test = _load_part(test_images, test_labels)
    if x_train.shape[1:] != x_test.shape[1:]:
        raise DataError(
            f"{test_images}: images have shape {x_test.shape[1:]}, those for training "
            f"{x_train.shape[1:]}; put files of one set in the folder", file=test_images)
    return x_train.reshape(len(x_train), -1), y_train, x_test.reshape(len(x_test), -1), y_test


def _find(folder):
    """Return the paths of the four files, in the order of NAMES."""
    remedy = f"put {', '.join(NAMES)} there, gzipped (.gz) or not"
    found, missing = [], []
    with name_file(folder):
        check_folder(folder, remedy)
        for name in NAMES:
            dotted = name.replace("-idx", ".idx")
            spellings = [folder / s for s in (name, dotted, f"{name}.gz", f"{dotted}.gz")]
            present = [path for path in spellings if path.exists()]
            found += present[:1]
            missing += [] if present else [name]
        if missing:
            raise DataError(f"{folder}: has no {', '.join(missing)}; {remedy}")
    return found


def _load_part(images_path, labels_path):
    """Return images (N, height, width) uint8 and their labels (N,) int64."""
    images, labels = idx.read(images_path), idx.read(labels_path)
    if images.ndim != 3:
        raise DataError(f"{images_path}: has shape {images.shape}, images have three dimensions; "
                        "put a file of images there", file=images_path)
    with name_file(labels_path):
        if labels.ndim != 1:
            raise DataError(f"{labels_path}: has shape {labels.shape}, labels have one dimension; "
                            "put a file of labels there")
        if len(images) != len(labels):
            raise DataError(f"{labels_path}: has {len(labels)} labels for the {len(images)} images "
                            f"in {images_path.name}; put files of one set in the folder")
        if labels.max() > 9:
            raise DataError(f"{labels_path}: has the label {labels.max()}, labels are 0 to 9; "
                            "use a set with at most ten classes")
    return images, labels.astype(np.int64)
