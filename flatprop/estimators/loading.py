"""The estimator of a run, whether save or `flatprop train` has made it."""

from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from data.labels import WHOLE
from data.open_file import is_there
from flatprop.estimators.classifier import MLPClassifier
from flatprop.estimators.network import NO_OPTIONS, plain_errors
from flatprop.estimators.one_network import Trained, Training, of_fold
from flatprop.estimators.regressor import MLPRegressor
from flatprop.runs import (
    checkpoint,
    folds,
    metrics,
    model_inputs,
    new_tables,
    predictions,
    run_directory,
)
from flatprop.runs.checkpoint_checks import RULE
from flatprop.training import config
from solvers import contract


def load(run: str | Path, which: str = "best", model: Any = None
         ) -> MLPClassifier | MLPRegressor:
    """The estimator of a run, of save or of `flatprop train`, with its best or its last weights: an
    MLPClassifier or an MLPRegressor, fitted. model is what to put the weights into, of a class of
    your own. Nothing that is loaded runs code.

    The classes of a table are numbers if all are whole, else texts. A run of several folds predicts
    with their average. Raises ValueError where the run is damaged.
    """
    saved = folds.load(run, which, model)
    with plain_errors():
        args = config.of_run(run) if is_there(Path(run) / "config.json") else None
    names, about = predictions.class_names(saved), saved.preprocessing.about or {}
    kind = MLPRegressor if names is None else MLPClassifier
    found: Any = kind(**parameters(args, kind)) if args else kind()
    found.model_, found.description_ = saved.model, saved.description
    found.preprocessing_, found.options_ = saved.preprocessing, args
    if names is not None:
        values = values_of_classes(names, about.get("label", {}).get("type"))
        found.classes_, found._order, found._label_of = np.unique(values), names, np.argsort(values)
        if args and args.class_weight:
            by_name = dict(zip(names, values.tolist(), strict=True))
            found.class_weight = weights_of_words(args.class_weight, by_name)
    if saved.preprocessing.columns is None:
        found.n_features_in_ = model_inputs.input_size(saved)
    else:
        labels = new_tables.targets_of(saved.preprocessing)
        columns = [each["name"] for each in new_tables.described(saved.preprocessing)
                   or saved.preprocessing.columns
                   if each["name"] not in labels and not each.get("weight")]
        found.n_features_in_ = len(columns)
        if about.get("heading", True):
            found.feature_names_in_ = np.array(columns, object)
    results = folds.results(run) if folds.is_average(saved) else {}
    members = [Trained(of_fold(args, number) if folds.is_average(saved) else args, member,
                       training_of(member.run / "last.npz"),
                       metrics.read(member.run / "metrics.jsonl", None), results.get(number))
               for number, member in enumerate(folds.members_of(saved), 1)]
    for each in members:
        if each.training.model_rng is not None:
            generator = contract.generator(each.saved.model)
            generator.bit_generator.state = each.training.model_rng
    found._keep_networks(members)
    return found


def parameters(args, kind):
    """The parameters of an estimator of this class for options of train, those that mean something
    beside the others."""
    held = {field.name: vars(args).get(field.name) for field in fields(kind)
            if field.name not in NO_OPTIONS}
    held |= {name: value[0] for name, value in held.items()
             if name in ("bins", "reg") and value is not None and (
                 name == "bins" or len(value) == 1)}
    held.pop("class_weight", None)      # which needs the classes
    held["random_state"] = args.seed
    return {name: value for name, value in held.items() if value is not None}


def weights_of_words(words, values):
    """class_weight of the words of --class-weight; values {name: class}."""
    if words == ["balanced"]:
        return "balanced"
    pairs = [word.rpartition("=") for word in words]
    return {values[name]: float(weight) for name, _, weight in pairs}


def values_of_classes(names, kind):
    """The classes (C,) of their names, a list of texts; kind is what numpy calls their type, as
    save has kept it, or None."""
    if kind == "b":
        return np.array([name == "True" for name in names])
    if kind in ("i", "u", "f", None) and all(WHOLE.fullmatch(name) for name in names):
        return np.array(names, np.int64).astype(np.float64 if kind == "f" else np.int64)
    return np.array(names)


def training_of(path):
    """The Training of a checkpoint of a run. Raises DataError."""
    arrays = run_directory.read_weights(path)
    about = checkpoint.read_about(path, arrays)
    best = dict(about["best"])
    if "best_theta" in arrays:
        best |= {"theta": arrays["best_theta"], "statistics": arrays["best_statistics"]}
    slots = {name.removeprefix(RULE): array for name, array in arrays.items()
             if name.startswith(RULE)}
    average = None if "average_theta" not in arrays else SimpleNamespace(
        theta=arrays["average_theta"], statistics=arrays["average_statistics"])
    return Training(about["steps"], slots, best, about["ratios"], about["order_rng"],
                    about["model_rng"], arrays["theta"], arrays["statistics"],
                    average)
