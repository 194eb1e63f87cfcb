"""How much each training example counts: --class-weight and --sample-weight, one or both."""

import argparse
import math

import numpy as np

from data.names import closest, list_names
from flatprop import system
from flatprop.runs.text import printable
from flatprop.usage.errors import UsageError

MOST_CLASSES = 10       # with a weight each in the log


def class_weight(text):
    """An argparse type: balanced, or CLASS=W with W a number from 0. Gives the text."""
    name, equals, number = text.rpartition("=")
    try:
        weight = float(number) if equals and name else math.nan
    except ValueError:
        weight = math.nan
    if text != "balanced" and not 0 <= weight < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be balanced, or a class, = and its weight,"
                                         " 0 or more, such as rare=5")
    return text


def of_classes(args, raw):
    """What gives the weights (C,) of the classes of raw, a data.own.Raw, from the training labels
    (n,): a function; None without --class-weight. Raises UsageError.
    """
    if args.class_weight is None:
        return None
    if raw.classes is None:
        raise UsageError(f"--class-weight goes with classes, and --data {' '.join(args.data)} has "
                         "numbers to predict: leave it out, or --task classification")
    if not (weights_of(args.class_weight, raw.classes, raw.y)[raw.y] > 0).any():
        raise UsageError("--class-weight: every class has the weight 0, so nothing is learned: "
                         "give one a larger number")
    return lambda y: weights_of(args.class_weight, raw.classes, y)


def weights_of(words, classes, y):
    """The weights (C,) of classes, a list of names, as --class-weight says; y (N,) are the labels.

    balanced is scikit-learn's: N / (C count). A class that is not named has the weight 1.
    """
    if "balanced" in words:
        if len(words) > 1:
            raise UsageError("--class-weight is balanced, or CLASS=W of some classes, not both: "
                             f"leave {' '.join(word for word in words if word != 'balanced')} out")
        counts = np.bincount(y, minlength=len(classes))
        return len(y) / (len(classes) * np.maximum(counts, 1))
    weights, seen = np.ones(len(classes)), set()
    for word in words:
        name, _, number = word.rpartition("=")
        if name not in classes:
            raise UsageError(f"--class-weight {system.quote(word)}: there is no class {name[:40]!r}"
                             f"{closest(name, classes)}; the classes are {list_names(classes)}")
        if name in seen:
            raise UsageError(f"--class-weight names the class {name[:40]!r} twice: leave one out")
        seen.add(name)
        weights[classes.index(name)] = float(number)
    return weights


def lines(args, examples):
    """The lines of the log about the weights; none where there are none."""
    if len(examples["train"]) < 3:
        return []
    told = []
    if args.sample_weight is not None:
        told.append(f"of each row, {printable(args.sample_weight, 40)}")
    if args.class_weight is not None:
        classes = examples["raw"][2]["classes"]
        weights = weights_of(args.class_weight, classes, examples["train"][1])
        shown = [f"{printable(name, 24)} {weight:.4g}"
                 for name, weight in zip(classes, weights, strict=True)][:MOST_CLASSES]
        more = f" and {len(classes) - MOST_CLASSES} more" if len(classes) > MOST_CLASSES else ""
        balanced = "balanced classes" if args.class_weight == ["balanced"] else "of each class"
        told.append(f"{balanced}, {', '.join(shown)}{more}")
    return [f"weights    {'; times '.join(told)}",
            "           of mean 1 over the training part; validation and test are not weighted"]
