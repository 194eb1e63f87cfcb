"""--augment: how the images of a batch are moved and bent, data/augment.py, from words to a
function."""

import argparse

from data import augment
from data.by_name import IMAGES
from flatprop.usage.errors import UsageError, closest

NUMBERS = {"shift": 1, "rotate": 1, "scale": 1, "elastic": 2}       # how many each word takes
EXAMPLE = "shift=2 rotate=15 scale=0.15 elastic=34,4"


def change(text):
    """An argparse type: WORD=VALUE, or elastic=ALPHA,SIGMA. Gives the text."""
    word, equals, value = text.partition("=")
    if word not in NUMBERS:
        raise argparse.ArgumentTypeError(f"{text!r} must be {', '.join(NUMBERS)}, an = and how "
                                         f"much.{closest(word, NUMBERS, 'augment')}")
    try:
        numbers = [float(each) for each in value.split(",")]
        if len(numbers) != NUMBERS[word]:
            raise ValueError("needs alpha, a comma and sigma" if word == "elastic" else
                             "needs one number")
        augment.check(**settings_of([text]))
    except ValueError as error:
        why = f": {error}" if equals and "convert" not in str(error) else ""
        raise argparse.ArgumentTypeError(f"{text!r} must be such as "
                                         f"{EXAMPLE.split()[[*NUMBERS].index(word)]}{why}"
                                         ) from error
    return text


def settings_of(words):
    """{name: value} for data.augment.distort, of the words of --augment."""
    settings = {"shift": 0.0, "rotate": 0.0, "scale": 0.0, "elastic": (0.0, 1.0)}
    for word in words:
        name, _, value = word.partition("=")
        numbers = tuple(map(float, value.split(",")))
        settings[name] = numbers if len(numbers) > 1 else numbers[0]
    return settings


def of(args, examples):
    """A function (x (B, D), rng) -> the images of a batch, changed, as the network takes them; None
    without --augment. Raises UsageError."""
    if args.augment is None:
        return None
    names = [word.partition("=")[0] for word in args.augment]
    if len(set(names)) < len(names):
        raise UsageError(f"--augment {' '.join(args.augment)}: names one twice: leave one out")
    settings, fitted = settings_of(args.augment), examples["preprocessing"]
    # All pixels have one mean and scale, so that a mixture of some is as it was; raw, what is
    # outside is 0.
    outside = float(-fitted.mean[0] / fitted.scale[0])
    shape = IMAGES[args.data[0]]

    def change_images(x, rng):
        return augment.distort(x.reshape(-1, *shape), rng, outside=outside, **settings
                               ).reshape(x.shape)

    return change_images


def lines(args):
    """The line of it for the head of the log, in a list, or no line."""
    if args.augment is None:
        return []
    return [f"images     of each batch changed at random: {' '.join(args.augment)}"]
