"""A trained model as a run directory keeps it, ready to be used.

RUN/model.json describes the network and its preprocessing; RUN/best.npz and RUN/last.npz are
checkpoints, with the weights in theta and batchnorm's running statistics in statistics.
"""

import contextlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data import encode, forms, json_file, preprocessing
from data.errors import DataError
from flatprop.runs import checkpoint, checkpoint_checks, checksums, metrics, run_directory
from flatprop.runs.errors import refuse
from flatprop.runs.text import misfit
from layers.by_name import LOSSES
from models.by_name import MODELS, OLD_NAMES, build
from solvers import contract

# 1 names models by OLD_NAMES, 2 by their modules; 3 has more kinds of columns, and a regression's
# targets are standardized; 4 has a checksum.
VERSION, READ = checksums.VERSIONS["model.json"], (1, 2, 3, 4)


class SavedModel(NamedTuple):
    """A model, its description (see models/by_name.py), and where it is from: run / which.npz."""

    model: Any
    preprocessing: preprocessing.Preprocessing
    description: dict
    run: Path
    which: str


def describe(description, fitted):
    """The content of model.json as plain data."""
    return {"version": VERSION, "description": description, "preprocessing": fitted.as_dict()}


def save(folder, solver, description, fitted):
    """Keep what a Solver trained, a model that no command can build, in a new folder.

    description {"kind": name, "sizes": [D, ..., C], "loss": one of layers/by_name.py, "dtype"},
    fitted a Preprocessing. Raises RunError if the folder cannot be made or is there already.
    """
    with contextlib.ExitStack() as locks:
        folder = run_directory.create(folder, locks)
        content = describe(description, fitted)
        run_id = checksums.new_id(content, checksums.of_weights([solver.model]))
        checksums.write(folder / "model.json", content, run_id)
        checkpoint.save_best(folder / "best.npz", solver, run_id)
        checkpoint.save(folder / "last.npz", solver, run_id=run_id)
        metrics.csv_lines(folder).write_anew(solver.history)


def load(run, which="best", model=None, changed=refuse, make=None):
    """The model saved in a run directory, with its best or its last weights.

    model is what to put them into; without one it is built anew, if it is one of models/, else by
    make(description, path of model.json), which may raise DataError. changed
    is called where a file was edited, see checksums.py. Raises DataError, one line, if anything is
    missing, damaged, of another version, or by default edited.
    """
    run = run_directory.check_run(run, "model.json")
    path, weights_path = run / "model.json", run / f"{which}.npz"
    plain = json_file.read(path, file_names=False)
    try:
        if plain["version"] not in READ:
            raise DataError(run_directory.other_version(path, plain["version"], VERSION))
        checksums.check_content(path, plain, plain.get(checksums.RUN_ID), changed)
        description = dict(plain["description"])
        description["kind"] = OLD_NAMES.get(description["kind"], description["kind"])
        if description["dtype"] not in ("float32", "float64"):      # NumPy would parse a text
            raise ValueError(f"dtype must be float32 or float64, not {description['dtype']!r:.40}")
        fitted = preprocessing.from_dict(plain["preprocessing"])
        weights = run_directory.read_weights(weights_path)
        check_size(description, weights, weights_path)
        if model is None and description["kind"] not in MODELS and make is not None:
            model = make(description, path)
        if model is None and description["kind"] not in MODELS:
            raise DataError(f"{path}: no command can build its network, {description['kind']!r}; "
                            "from Python, load(run, model=...) takes it (docs/write-a-model.md)")
        model = model or build(description, rng=np.random.default_rng(0))
        check_fit(description, fitted, model)
    except DataError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, MemoryError, OverflowError) as error:
        raise DataError(f"{path}: not the description of a model: {misfit(error)}; put back a copy "
                        "of the run, or train it anew") from error
    kept = "average_" if "average_theta" in weights else ""     # which is what was judged
    places = {f"{kept}theta": model.theta, f"{kept}statistics": contract.statistics(model)}
    for name, into in places.items():
        checkpoint_checks.check(weights_path, name, weights.get(name), into)
    checkpoint_checks.check_weights(weights_path, *(weights[name] for name in places), model)
    check_edits(weights_path, weights, plain.get(checksums.RUN_ID), changed)
    for name, into in places.items():
        into[:] = weights[name]
    return SavedModel(model, fitted, description, run, which)


def check_edits(path, weights, run_id, changed):
    """Look whether the weights in a checkpoint of a run are as they were written."""
    about = checkpoint.read_about(path, weights) if "about" in weights else {}
    edit = checksums.edit_of_arrays(weights, about, run_id)
    if edit is None and about and ("steps" in about) != (path.stem == "last"):
        edit = "is a copy of " + ("last.npz" if path.stem == "best" else "best.npz")
    if edit is not None:
        changed(f"{path}: {edit}", checksums.COPY)


def check_size(description, arrays, path):
    """Refuse a description of a larger net than the arrays of the checkpoint at path hold.

    It comes before memory is taken for the net. Raises DataError.
    """
    sizes = description["sizes"]
    if not all(type(size) is int and size > 0 for size in sizes):
        raise DataError(f"{path.parent}: its net has the sizes {str(sizes)[:100]}, which cannot be")
    weights = max(sizes, default=0)     # of a model of one's own, which may have any
    if description["kind"] in MODELS:
        weights = sum(a * b for a, b in zip(sizes[:-1], sizes[1:], strict=True))
    held = arrays["theta"].size if "theta" in arrays else 0
    if weights > held:
        raise DataError(f"{path}: holds {held:,} parameters, too few for the {weights:,} weights "
                        "of the run's net")


def check_fit(description, fitted, model):
    """Refuse a loss or a Preprocessing that does not fit the model. Raises ValueError, KeyError."""
    loss, wanted, outputs = description["loss"], description["sizes"][0], description["sizes"][-1]
    if LOSSES[loss] is not model.loss_layer or (loss == "logistic" and outputs != 1):
        raise ValueError(f"the loss {loss} does not fit the network")
    targets = fitted.target if isinstance(fitted.target, list) else [fitted.target]
    if not all(isinstance(target, str) for target in targets):
        raise ValueError("target must be the name of a column, or a list of names")
    if not isinstance(fitted.about, dict | None):
        raise ValueError("about must be an object")
    count = wanted if fitted.components is None else fitted.components.shape[1]
    if count != wanted:
        raise ValueError(f"{count} principal components, the network has {wanted} inputs")
    wanted -= fitted.added          # the inputs before anything is made of them
    if fitted.mean.size not in (1, wanted) or wanted < 1:
        raise ValueError(f"preprocessing of {fitted.mean.size} inputs, the network has {wanted}")
    if fitted.target_mean is not None and (loss != "square" or fitted.target_mean.size != outputs):
        raise ValueError(f"{fitted.target_mean.size} standardized targets, the network has "
                         f"{outputs} outputs and the loss {loss}")
    if fitted.target_low is not None and fitted.target_low.size != outputs:
        raise ValueError(f"limits of {fitted.target_low.size} targets, the network has {outputs}")
    columns = fitted.columns
    if columns is None:
        return
    if not isinstance(columns, list) or not all(map(is_column, columns)):
        raise ValueError(f"damaged columns: {str(columns)[:100]}")
    if encode.width(columns) != wanted:
        raise ValueError(f"columns of {encode.width(columns)} inputs, the network has {wanted}")


def is_column(plain):
    """Whether plain data describes a column as data/columns.py has it."""
    if not isinstance(plain, dict) or not isinstance(plain.get("name"), str):
        return False
    kind, form = plain.get("kind"), plain.get("form")
    if plain.get("others", "missing") != "missing":
        return False
    words = [plain.get("values", []), plain.get("missing", [])]
    if not all(isinstance(each, list) and all(isinstance(word, str) for word in each)
               and len(set(each)) == len(each) for each in words):
        return False
    if kind == "date":
        return isinstance(form, str) and form.removesuffix(forms.OFFSET) in forms.DATES
    parts = {"before", "after", "decimal", "thousands", "groups", "negative", "exponent", "letters",
             "clock"}
    return kind == "category" or (kind == "number" and (form is None or (
        isinstance(form, dict) and form.keys() <= parts
        and all(isinstance(text, str) and text for text in form.values()))))


def title(description):
    """A description in one line."""
    sizes = description["sizes"]
    text = f"{description['kind']} {' - '.join(map(str, sizes))}"
    if description["kind"] == "fully_connected_net" and len(sizes) > 2:
        activation, norm = description["activation"], description["norm"]
        text += f", {activation}" if activation != "none" else ", no activation"
        text += f" of {description['pieces']} pieces" if "pieces" in description else ""
        text += f", {norm} norm" if norm != "none" else ""
        for name in ("dropout", "noise"):
            values = np.ravel(description.get(name, 0.0))
            text += f", {name} {' '.join(f'{each:g}' for each in values)}" if any(values) else ""
    return text
