"""The data of a run, read again as it was."""

import numpy as np

from flatprop.cli import build_data, config


def test_part(run):
    """The test part of a run's data, prepared as for training. -> x (N, D), y (N, ...)

    Raises DataError or UsageError if the data is not where it was, or has changed.
    """
    args = config.of_run(run)
    rng, _, _ = np.random.default_rng(args.seed).spawn(3)
    return build_data.load(args, rng)["test"]
