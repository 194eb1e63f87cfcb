"""A trained model as a run directory keeps it, ready to be used.

RUN/model.json describes the network and its preprocessing; RUN/best.npz and RUN/last.npz are
checkpoints, with the weights in theta and batchnorm's running statistics in statistics.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import json_file, npz_file, preprocessing
from data.errors import DataError
from models.by_name import OLD_NAMES, build

VERSION, READ = 2, (1, 2)      # 2 names models by their modules; 1 by OLD_NAMES


class SavedModel(NamedTuple):
    """A model with its weights, its Preprocessing, and its description (see models/by_name.py).

    run is the directory's Path, which the weights came from the checkpoint called `which`.
    """

    model: object
    preprocessing: preprocessing.Preprocessing
    description: dict
    run: Path
    which: str


def describe(description, fitted):
    """The content of model.json as plain data."""
    return {"version": VERSION, "description": description, "preprocessing": fitted.as_dict()}


def load(run, which="best"):
    """The model saved in a run directory, with its best or its last weights.

    Raises DataError, one line, if anything is missing, damaged or of another version.
    """
    run = Path(run)
    if not run.is_dir():
        raise DataError(f"{run}: there is no such run directory")
    path = run / "model.json"
    plain = json_file.read(path)
    try:
        if plain["version"] not in READ:
            raise DataError(f"{path}: version {plain['version']}, where {VERSION} is read here")
        description = dict(plain["description"])
        description["kind"] = OLD_NAMES.get(description["kind"], description["kind"])
        fitted = preprocessing.from_dict(plain["preprocessing"])
        weights = npz_file.read(run / f"{which}.npz")
        check_size(description, weights, run / f"{which}.npz")
        model = build(description, rng=np.random.default_rng(0))
    except DataError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, MemoryError, OverflowError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"{path}: not the description of a model: {reason}") from error
    put_weights(model, weights, run / f"{which}.npz")
    return SavedModel(model, fitted, description, run, which)


def check_size(description, arrays, path):
    """Refuse a description of a larger net than a checkpoint holds, before memory is taken for it.

    arrays are the checkpoint's at path. Raises DataError.
    """
    sizes = description["sizes"]
    if not all(type(size) is int and size > 0 for size in sizes):
        raise DataError(f"{path.parent}: its net has the sizes {str(sizes)[:100]}, which cannot be")
    weights = sum(a * b for a, b in zip(sizes[:-1], sizes[1:], strict=True))
    held = arrays["theta"].size if "theta" in arrays else 0
    if weights > held:
        raise DataError(f"{path}: holds {held:,} parameters, too few for the {weights:,} weights "
                        "of the run's net")


def put_weights(model, arrays, path):
    """Put a checkpoint's weights and running statistics into the model. Raises DataError."""
    for name, into in (("theta", model.theta), ("statistics", model.statistics)):
        if name not in arrays:
            raise DataError(f"{path}: has no {name}: it is no checkpoint")
        if arrays[name].shape != into.shape or arrays[name].dtype != into.dtype:
            raise DataError(f"{path}: {name} is {arrays[name].dtype} {arrays[name].shape}, where "
                            f"the model has {into.dtype} {into.shape}")
        into[:] = arrays[name]
