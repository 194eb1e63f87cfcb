"""Known sets fetched from where they are published, and checked against the published hashes.

Needs pooch, which the extra `download` brings. Files that are already in the folder, put there by
hand or by a run before, are checked and not fetched again, and need neither pooch nor a network.
The hashes, MD5, are those that torchvision and the authors' pages publish.
"""

import hashlib
import logging
import tarfile
import zlib
from pathlib import Path

from data import atomic, cifar
from data.errors import DataError
from data.extras import pip_install

TIMEOUT = 30                    # seconds without an answer
CIFAR_SIZE = cifar.MOST * cifar.RECORD      # of each of its files


def _idx(train_images, train_labels, test_images, test_labels):
    """The four files of a set in MNIST's layout, with their hashes."""
    return {"train-images-idx3-ubyte.gz": train_images, "train-labels-idx1-ubyte.gz": train_labels,
            "t10k-images-idx3-ubyte.gz": test_images, "t10k-labels-idx1-ubyte.gz": test_labels}


# {name: (where it is, in order of preference, {file: its MD5})}
SETS = {
    "mnist": (
        ("https://ossci-datasets.s3.amazonaws.com/mnist/",),
        _idx("f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
             "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c")),
    "fashion_mnist": (
        ("https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
         "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        _idx("8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
             "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310")),
    "cifar10": (
        ("https://www.cs.toronto.edu/~kriz/",),
        {"cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530"}),
}


def fetch(name, folder=None):
    """The folder with the files of a known set, which are fetched if they are not there.

    name is mnist, fashion_mnist or cifar10; folder where to put them, None for a folder of the
    set's name in the user's cache -> Path, for mnist.load or cifar.load
    Raises DataError where pooch is missing, a file cannot be fetched or is not the published one,
    or the folder cannot be written.
    """
    if folder is None:
        folder = _import_pooch(f"the data set {name}").os_cache("flatprop") / name
    folder = Path(folder)
    try:
        if name == "cifar10" and _is_unpacked(folder):
            return folder
        for file, md5 in SETS[name][1].items():
            if not _is_published(folder / file, md5):
                _fetch(name, file, folder)
        if name == "cifar10":
            _unpack(folder)
    except OSError as error:
        reason = " ".join(str(error.strerror or error).split())
        raise DataError(f"{folder}: cannot be used ({reason}); {steps_by_hand(name, folder)}",
                        file=folder) from error
    return folder


def steps_by_hand(name, folder):
    """What the user can do where a set cannot be fetched, in words."""
    bases, files = SETS[name]
    return f"put {', '.join(files)} from {bases[0]} into {folder}, and give that folder"


def _import_pooch(what):
    """The module pooch. Raises DataError without it: what is wanted must be fetched by hand."""
    try:
        import pooch
    except ImportError as error:
        raise DataError(f"{what} cannot be fetched without pooch: {pip_install('download')}, "
                        "or give the folder with its files") from error
    return pooch


def _is_published(path, md5):
    """Whether there is such a file, with this hash."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return found.hexdigest() == md5


def _fetch(name, file, folder):
    """Get one file of a set into the folder, from the first place that has it."""
    bases, files = SETS[name]
    pooch = _import_pooch(f"{folder / file}")
    folder.mkdir(parents=True, exist_ok=True)
    pooch.get_logger().setLevel(logging.WARNING)
    for base in bases:
        try:
            # pooch fetches into a temporary file, and renames it once its hash is right.
            pooch.retrieve(base + file, f"md5:{files[file]}", file, folder,
                           downloader=pooch.HTTPDownloader(
                               timeout=TIMEOUT, headers={"Connection": "close"}))
            return
        except (OSError, ValueError) as error:      # of requests, all are OSError; a wrong hash
            if base == bases[-1]:
                reason = " ".join(str(error).split())[:200]
                raise DataError(f"{folder / file}: could not be fetched from {base} ({reason}); "
                                f"{steps_by_hand(name, folder)}", file=folder / file) from error


def _is_unpacked(folder):
    """Whether all of CIFAR-10's files are there, as large as they should be."""
    places = [folder / cifar.UNPACKED / name for name in cifar.NAMES]
    return all(place.is_file() and place.stat().st_size == CIFAR_SIZE for place in places)


def _unpack(folder):
    """Take CIFAR-10's six files, and nothing else, out of their archive."""
    archive = folder / next(iter(SETS["cifar10"][1]))
    (folder / cifar.UNPACKED).mkdir(exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for name in cifar.NAMES:
                member = tar.getmember(f"{cifar.UNPACKED}/{name}")
                if not member.isfile() or member.size != CIFAR_SIZE:
                    raise DataError(f"{archive}: {name} in it takes {member.size} bytes, "
                                    f"{CIFAR_SIZE} are right; {steps_by_hand('cifar10', folder)}",
                                    file=archive)
                content = tar.extractfile(member).read()
                atomic.write_bytes(folder / cifar.UNPACKED / name, content)
    except (KeyError, tarfile.TarError, EOFError, zlib.error) as error:
        reason = " ".join(str(error).split())[:200]
        raise DataError(f"{archive}: is not CIFAR-10's archive ({reason}); "
                        f"{steps_by_hand('cifar10', folder)}", file=archive) from error
