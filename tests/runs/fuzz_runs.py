"""The files of a run, and of its options, for fuzz_files.py: valid bytes and their readers."""

import contextlib
import functools
import json
import tempfile
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.preprocessing import Preprocessing
from flatprop.cli import config
from flatprop.cli.errors import UsageError
from flatprop.runs import checkpoint, saved_model
from layers import batchnorm
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.adam import Adam

DESCRIPTION = {"kind": "fully_connected_net", "sizes": [3, 4, 2], "loss": "softmax",
               "dtype": "float32", "activation": "relu", "norm": "batch", "dropout": 0.2}
TOML = """# a run
data = ["spiral"]
hidden = [8, 8]
epochs = 3
lr = 1e-2
activation = "tanh"
reg = [0.0, 1e-4, 1e-4]
"""


def solver():
    """A small Solver with everything that a checkpoint keeps."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((12, 3)).astype(np.float32), np.arange(12) % 2
    model = FullyConnectedNet([3, 4, 2], norm=batchnorm, drop=0.2, rng=np.random.default_rng(1))
    return Solver(model, (x, y), (x, y), update_rule=Adam(), schedule=schedules.constant(0.01),
                  batch_size=5, epochs=2, rng=rng)


@functools.cache
def checkpoint_bytes():
    """A checkpoint in the middle of an epoch."""
    class Enough(Exception):
        pass

    def stop(solver):
        if solver.steps == 4:
            raise Enough

    trained = solver()
    trained.on_step = stop
    with contextlib.suppress(Enough):
        trained.train()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder) / "last.npz", trained)
        return (Path(folder) / "last.npz").read_bytes()


def model_bytes():
    """The description of a model."""
    fitted = Preprocessing(np.zeros(3), np.ones(3), None, ["a", "b"], "kind")
    return json.dumps(saved_model.describe(DESCRIPTION, fitted)).encode()


def read_checkpoint(path):
    """As train.py --resume does."""
    restored = solver()
    checkpoint.restore(path, restored)
    return restored


@contextlib.contextmanager
def as_part_of_a_run(path, name):
    """A folder with the file at path in it under its name in a run; errors name path."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(Path(path).read_bytes())
        try:
            yield folder
        except DataError as error:
            raise DataError(f"{path}, as {error}") from error.__cause__


def read_model(path):
    """As evaluate.py and the rest do."""
    with as_part_of_a_run(path, "model.json") as folder:
        trained = solver()
        checkpoint.save_best(Path(folder) / "best.npz", trained)
        return saved_model.load(folder)


def parse(path, *words):
    """Parse the words; a usage error becomes a DataError, as all count here."""
    try:
        return config.parse(list(words))
    except UsageError as error:
        raise DataError(f"{path}: {error}") from error


def read_toml(path):
    """As train.py --config does."""
    return parse(path, "--config", str(path))


def read_config(path):
    """As train.py --resume reads the options of a run."""
    with as_part_of_a_run(path, "config.json") as folder:
        return parse(path, "--resume", folder)


def config_bytes():
    """The options of a run."""
    plain = {"version": 1, "options": {"data": ["spiral"], "hidden": [8], "lr": 0.01, "seed": 3,
                                       "label": None, "batch_size": "full"}}
    return json.dumps(plain).encode()


KINDS = {
    "last.npz": (checkpoint_bytes, read_checkpoint), "model.json": (model_bytes, read_model),
    "toml": (lambda: TOML.encode(), read_toml), "config.json": (config_bytes, read_config),
}
