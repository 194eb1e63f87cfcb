"""MNIST: 28 by 28 handwritten digits, from its four files as published, in IDX format.

    bytes 0, 1      0, 0
    byte 2          type of the elements; 0x08, unsigned byte, is the only one read here
    byte 3          number of dimensions
    then            the size of each dimension, 32 bits, big-endian
    then            the elements, the last dimension running fastest

Source: "The MNIST database of handwritten digits" (LeCun, Cortes and Burges 1998). Any set of the
same layout with at most ten classes is read as well: Fashion-MNIST, Kuzushiji-MNIST, a small one of
your own. Nothing is downloaded here.
"""

import gzip
import math
import os
import zlib
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.open_file import check_folder, name_file, open_file

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
         "t10k-labels-idx1-ubyte")
LIMIT = 2**30                   # 1 GiB, 22 times MNIST; more is a mistake or an attack
CHUNK = 2**20                   # bytes read at a time
TYPES = {0x09: "signed byte", 0x0B: "short", 0x0C: "int", 0x0D: "float", 0x0E: "double"}
AGAIN = "get the file again"


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
        raise DataError(f"{test_images}: images have shape {x_test.shape[1:]}, those for training "
                        f"{x_train.shape[1:]}; put files of one set in the folder",
                        file=test_images)
    return x_train.reshape(len(x_train), -1), y_train, x_test.reshape(len(x_test), -1), y_test


def _find(folder):
    """Return the paths of the four files, in the order of NAMES."""
    remedy = f"put {', '.join(NAMES)} there, gzipped (.gz) or not"
    found = {}
    with name_file(folder):
        check_folder(folder, remedy)
        for name in NAMES:
            dotted = name.replace("-idx", ".idx")
            spellings = [folder / s for s in (name, dotted, f"{name}.gz", f"{dotted}.gz")]
            found[name] = next((path for path in spellings if path.exists()), None)
        missing = [name for name, path in found.items() if path is None]
        if missing:
            what = "them" if len(missing) > 1 else "it"
            raise DataError(f"{folder}: has no {', '.join(missing)}; put {what} there, "
                            "gzipped (.gz) or not")
    return found.values()


def _load_part(images_path, labels_path):
    """Return images (N, height, width) uint8 and their labels (N,) int64."""
    images, labels = read(images_path), read(labels_path)
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


def read(path):
    """Return the array that an IDX file of unsigned bytes holds.

    path -> uint8 array, of one to three dimensions as the header says
    The file may be gzipped; its first bytes tell, its name does not matter. Memory stays near the
    size of what the file really holds, unpacked, whatever its header promises.

    Raises DataError where the file is missing, unreadable, of another format or element type, cut
    short, longer than its header says, damaged, or larger than 1 GiB unpacked.
    """
    with open_file(path, "the path of an IDX file, gzipped or not") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not gzipped:
            return _read_array(file, path, os.fstat(file.fileno()).st_size)
        try:
            with gzip.open(file) as unpacked:
                return _read_array(unpacked, path, None)
        except EOFError as error:
            raise DataError(f"{path}: the gzip data are cut short; {AGAIN}") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"{path}: the gzip data are damaged ({error}); {AGAIN}") from error


def _read_array(file, path, file_size):
    """The array in an open file; file_size is None where only unpacking will tell it.

    A header is only a claim: no memory is set aside because a header says so.
    """
    shape = _read_shape(file, path)
    total = math.prod(shape)                                        # of Python integers: exact
    claim = f"{path}: shape {shape} takes {total} bytes"
    if total == 0:
        raise DataError(f"{path}: is empty, its shape is {shape}; {AGAIN}")
    if total > LIMIT:
        raise DataError(f"{claim}, at most {LIMIT} are read; use fewer rows")
    if file_size is not None and file_size - file.tell() != total:
        raise DataError(f"{claim}, {file_size - file.tell()} are there; {AGAIN}")

    elements = bytearray()                                          # grows with what is there
    while len(elements) < total:
        chunk = file.read(min(CHUNK, total - len(elements)))
        if not chunk:
            raise DataError(f"{claim}, {len(elements)} are there; {AGAIN}")
        elements += chunk
    # One more byte must not be there; asking for it also makes gzip compare its checksum.
    if file.read(1):
        raise DataError(f"{claim}, more are there; {AGAIN}")
    return np.frombuffer(elements, dtype=np.uint8).reshape(shape)


def _read_shape(file, path):
    """Return the shape in the header, which an open file begins with."""
    short = f"{path}: ends inside its IDX header; {AGAIN}"
    magic = file.read(4)
    if len(magic) < 4:
        raise DataError(short)
    if magic[:2] != b"\0\0":
        raise DataError(f"{path}: is not an IDX file, it starts with bytes {magic.hex()}; give one")
    if magic[2] != 0x08:
        name = TYPES.get(magic[2], "unknown")
        raise DataError(f"{path}: its elements have type 0x{magic[2]:02x} ({name}), only 0x08 is "
                        "read; convert them to unsigned bytes")
    if not 1 <= magic[3] <= 3:
        raise DataError(f"{path}: has {magic[3]} dimensions; give an IDX file with 1, 2 or 3")
    sizes = file.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise DataError(short)
    return tuple(np.frombuffer(sizes, dtype=">u4").tolist())
