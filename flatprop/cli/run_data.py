"""The data of a run, read again as it was."""

import numpy as np

from data.errors import DataError
from flatprop.cli import build_data, config, options
from flatprop.cli.errors import UsageError
from flatprop.cli.names import NAMES


def test_part(run):
    """The test part of a run's data, prepared as for training. -> x (N, D), y (N, ...)

    Raises DataError if the data is not where it was, or config.json holds no options of training.
    """
    try:
        words = config.to_argv(config.of_run(run), str(run))
        args = options.full_parser(NAMES).parse_args(words)
        rng, _, _ = np.random.default_rng(args.seed).spawn(3)
        return build_data.load(args, rng)["test"]
    except SystemExit as error:     # argparse's own, which has said what is wrong on stderr
        raise DataError(f"{run}: config.json holds an option that train.py refuses") from error
    except UsageError as error:
        raise DataError(str(error)) from error
