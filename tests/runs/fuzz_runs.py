"""The files of a run, and of its options, for fuzz_files.py: valid bytes and their readers."""

import contextlib
import functools
import json
import tempfile
from pathlib import Path

import numpy as np
from run_cases import solver_with, train_until

from data.errors import DataError
from data.preprocessing import Preprocessing
from flatprop.cli import command_line
from flatprop.runs import checkpoint, saved_model
from flatprop.usage.errors import UsageError

DESCRIPTION = {"kind": "fully_connected_net", "sizes": [4, 8, 3], "loss": "softmax",
               "dtype": "float32", "activation": "relu", "norm": "batch", "dropout": 0.2}
TOML = """# a run
data = ["spiral"]
hidden = [8, 8]
epochs = 3
lr = 1e-2
activation = "tanh"
reg = [0.0, 1e-4, 1e-4]
"""


@functools.cache
def saved_files():
    """A checkpoint in the middle of an epoch and its history: {name: content}."""
    with tempfile.TemporaryDirectory() as folder:
        train_until(18, Path(folder) / "last.npz")
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def model_bytes():
    """The description of a model."""
    fitted = Preprocessing(np.zeros(4), np.ones(4), None, ["a", "b", "c"], "kind")
    old = saved_model.describe(DESCRIPTION, fitted) | {"version": 3}     # it has no checksum
    return json.dumps(old).encode()


@contextlib.contextmanager
def as_part_of_a_run(path, name):
    """A folder with the file at path in it under its name in a run; errors name path."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(Path(path).read_bytes())
        try:
            yield folder
        except DataError as error:
            raise DataError(f"{path}, as {error}") from error.__cause__


def read_saved(path, name, other):
    """As train.py --resume does; the other file is what it was."""
    restored = solver_with()
    with as_part_of_a_run(path, name) as folder:
        (Path(folder) / other).write_bytes(saved_files()[other])
        checkpoint.restore(Path(folder) / "last.npz", restored)
    return restored


def read_model(path):
    """As flatprop evaluate and the rest do."""
    with as_part_of_a_run(path, "model.json") as folder:
        checkpoint.save_best(Path(folder) / "best.npz", solver_with())
        return saved_model.load(folder)


def parse(path, *words):
    """Parse the words; a usage error becomes a DataError, as all count here."""
    try:
        return command_line.parse(list(words))
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
    "last.npz": (lambda: saved_files()["last.npz"],
                 lambda path: read_saved(path, "last.npz", "metrics.jsonl")),
    "metrics.jsonl": (lambda: saved_files()["metrics.jsonl"],
                      lambda path: read_saved(path, "metrics.jsonl", "last.npz")),
    "model.json": (model_bytes, read_model),
    "toml": (lambda: TOML.encode(), read_toml), "config.json": (config_bytes, read_config),
}
