"""A trained model as a run directory keeps it, ready to be used.

RUN/model.json describes the network and its preprocessing; RUN/best.npz and RUN/last.npz are
checkpoints, with the weights in theta and batchnorm's running statistics in statistics.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import json_file, npz_file, preprocessing, table
from data.errors import DataError
from flatprop.runs import checkpoint, metrics, run_directory
from layers.by_name import LOSSES
from models.by_name import MODELS, OLD_NAMES, build
from solvers import contract

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


def save(folder, solver, description, fitted):
    """Keep what a Solver trained in a new folder; the command train has its own way.

    It is for models that no command can build, and what load and a report need of them:
    description {"kind": name, "sizes": [D, ..., C], "loss": one of layers/by_name.py, "dtype"},
    fitted a Preprocessing. Raises RunError if the folder cannot be made or is there already.
    """
    folder = run_directory.create(folder)
    run_directory.write_json(folder / "model.json", describe(description, fitted))
    checkpoint.save_best(folder / "best.npz", solver)
    checkpoint.save(folder / "last.npz", solver)
    metrics.write(folder, solver.history)


def load(run, which="best", model=None):
    """The model saved in a run directory, with its best or its last weights.

    model is what to put them into; without one it is built anew, if it is one of models/. Raises
    DataError, one line, if anything is missing, damaged or of another version.
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
        if model is None and description["kind"] not in MODELS:
            raise DataError(f"{path}: no command can build its network, {description['kind']!r}; "
                            "from Python, load(run, model=...) takes it (docs/write-a-model.md)")
        model = model or build(description, rng=np.random.default_rng(0))
    except DataError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, MemoryError, OverflowError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"{path}: not the description of a model: {reason}") from error
    put_weights(model, weights, run / f"{which}.npz")
    saved = SavedModel(model, fitted, description, run, which)
    check_preprocessing(saved, path)
    return saved


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
    for name, into in (("theta", model.theta), ("statistics", contract.statistics(model))):
        if name not in arrays:
            raise DataError(f"{path}: has no {name}: it is no checkpoint")
        if arrays[name].shape != into.shape or arrays[name].dtype != into.dtype:
            raise DataError(f"{path}: {name} is {arrays[name].dtype} {arrays[name].shape}, where "
                            f"the model has {into.dtype} {into.shape}")
        into[:] = arrays[name]


def check_preprocessing(saved, path):
    """Refuse a loss or a preprocessing, read at path, that does not fit the network."""
    description, fitted = saved.description, saved.preprocessing
    loss, wanted, outputs = description["loss"], description["sizes"][0], description["sizes"][-1]
    if LOSSES[loss] is not saved.model.loss_layer or (loss == "logistic" and outputs != 1):
        raise DataError(f"{path}: the loss {loss} does not fit the network")
    if not isinstance(fitted.target, str):
        raise DataError(f"{path}: target must be the name of a column")
    if fitted.mean.size not in (1, wanted):
        raise DataError(f"{path}: the preprocessing is for {fitted.mean.size} inputs, the network "
                        f"has {wanted}")
    if not (np.isfinite(fitted.mean).all() and np.isfinite(fitted.scale).all()
            and (fitted.scale > 0).all()):
        raise DataError(f"{path}: mean must be finite, and scale finite and above zero")
    if fitted.columns is not None:
        check_columns(fitted.columns, wanted, path)


def check_columns(columns, wanted, path):
    """Refuse columns of a model.json that are damaged or do not make `wanted` inputs."""
    try:
        for column in columns:
            values = column.get("values", [])
            if not (isinstance(column["name"], str) and column["kind"] in ("number", "category")
                    and isinstance(values, list) and all(isinstance(one, str) for one in values)
                    and len(set(values)) == len(values)):
                raise ValueError(f"the column {str(column)[:100]}")
        if table.width(columns) != wanted:
            raise ValueError(f"columns of {table.width(columns)} inputs, and the network has "
                             f"{wanted}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"{path}: damaged description of the columns: {reason}") from error


def title(description):
    """A description in one line."""
    sizes = description["sizes"]
    text = f"{description['kind']} {' - '.join(map(str, sizes))}"
    if description["kind"] == "fully_connected_net" and len(sizes) > 2:
        activation, norm = description["activation"], description["norm"]
        text += f", {activation}" if activation != "none" else ", no activation"
        text += f", {norm} norm" if norm != "none" else ""
        text += f", dropout {description['dropout']:g}" if description["dropout"] else ""
    return text
