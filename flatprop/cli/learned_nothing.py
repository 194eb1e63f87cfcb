"""Models that have learned nothing, though training ended well: a classifier that answers the same
for every row, whose accuracy looks good, and a regression that is worse than a constant."""

import numpy as np

from flatprop.cli import command
from flatprop.runs.predictions import labels

ROWS = 1024     # at a time; most models are cleared by the first of them


def warn_of_one_class(model, test, names, log):
    """Warn in a log of a model that takes all rows of the test part for one class, though they are
    of several.

    test is (x (N, D), y (N,)), or None, which says nothing; names are those of the classes, None
    of a regression.
    """
    if test is None or names is None or (test[1] == test[1][0]).all():
        return
    x, y = test
    first = None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):     # as in training
        for start in range(0, len(x), ROWS):
            scores = model.scores(x[start : start + ROWS])
            predicted = labels(scores.reshape(len(scores), -1))
            first = predicted[0] if first is None else first
            if (predicted != first).any():
                return
    log.warn(f"{command.name('train')}: warning: all {len(y):,} test rows are taken for class "
             f"{str(names[first])[:40]!r}, so an accuracy of {(y == first).mean():.4f} is that of "
             "not looking at the inputs (--class-weight balanced)")


def warn_of_r2(r2, log):
    """Warn in a log of a test R^2 below 0; of None, where it has no value, nothing is said."""
    if r2 is not None and r2 < 0:
        log.warn(f"{command.name('train')}: warning: a test R^2 below 0 is worse than the mean of "
                 "the test rows' targets as the answer to every row, whatever its inputs")
