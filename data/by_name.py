"""Data sets by name: the digits that come with the project, made ones, and known ones in files."""

from data import cifar, digits, downloads, mnist, toys
from data.own import Raw

MADE = {"spiral": toys.spiral, "moons": toys.moons, "xor": toys.xor, "blobs": toys.blobs,
        "wave": toys.wave}
FILES = ("mnist", "fashion_mnist", "cifar10")
NAMES = ["digits", *MADE, *FILES]
IMAGES = {      # the height and width of each, after its planes of colour, if it has any
    "digits": (8, 8), "mnist": (28, 28), "fashion_mnist": (28, 28), "cifar10": (3, 32, 32),
}


def read(name, rng, *, examples, folder=None):
    """The data set of a name, one of NAMES, as a data.own.Raw.

    examples  how many, of a made one; rng, a Generator, draws them
    folder    with the files of a set in files; None downloads them into the user's cache
    Raises ValueError for a number of examples that cannot be, DataError for files that cannot.
    """
    test = None
    if name == "digits":
        x, y = digits.load()
    elif name in MADE:
        x, y = MADE[name](examples, rng)
    else:
        load = cifar.load if name == "cifar10" else mnist.load
        x, y, *test = load(downloads.fetch(name) if folder is None else folder)
    classes = [str(label) for label in range(int(y.max()) + 1)] if y.dtype.kind in "iu" else None
    return Raw(x, y, tuple(test) if test else None, classes=classes)
