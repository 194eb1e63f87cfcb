"""The data of a run, read again as it was."""

import numpy as np

from data.errors import DataError
from flatprop.cli import build_data, config
from flatprop.cli.errors import UsageError


def test_part(run):
    """The test part of a run's data, prepared as for training. -> x (N, D), y (N, ...)

    Raises DataError if the data is not where it was, or config.json holds no options of training.
    """
    args = config.of_run(run)
    try:
        rng, _, _ = np.random.default_rng(args.seed).spawn(3)
        return build_data.load(args, rng)["test"]
    except UsageError as error:
        raise DataError(str(error)) from error
