"""What a run directory holds, read for a report: damaged files are refused with one line."""

import math
from typing import NamedTuple

from data import json_file
from data.errors import DataError
from flatprop.runs import metrics, predictions, saved_model

IMAGE_SHAPES = {64: (8, 8), 784: (28, 28), 3072: (3, 32, 32)}   # of the known data sets


class Record(NamedTuple):
    """A run as a report needs it.

    classes is None for regression; history as metrics.read gives it; options and environment are
    plain dicts, empty if there is no file; result is {"loss": float, "accuracy": float or None}, or
    None if the run was not tested.
    """

    name: str
    network: str
    saved: saved_model.SavedModel
    classes: list | None
    history: list
    options: dict
    environment: dict
    result: dict | None

    @property
    def best(self):
        """The entry of history of the best epoch by validation, or None."""
        def goodness(entry):
            metric = -math.inf if entry["val_metric"] is None else entry["val_metric"]
            return metric, -entry["val_loss"]

        measured = [entry for entry in self.history if entry["val_loss"] is not None]
        return max(measured, key=goodness, default=None)

    @property
    def image_shape(self):
        """The shape of the images that the inputs are, guessed by their number; None for others."""
        if self.saved.preprocessing.columns is not None or self.saved.preprocessing.added:
            return None
        return IMAGE_SHAPES.get(self.saved.description["sizes"][0])


def read(run, which="best", model=None):
    """The Record of a run directory; model as in saved_model.load. Raises DataError, one line."""
    saved = saved_model.load(run, which, model)
    options = read_optional(saved.run / "config.json").get("options", {})
    if not isinstance(options, dict):
        raise DataError(f"{saved.run / 'config.json'}: its options must be names with values")
    return Record(
        name=saved.run.resolve().name or str(saved.run),
        network=saved_model.title(saved.description), saved=saved,
        classes=predictions.class_names(saved),
        history=metrics.read(saved.run / "metrics.jsonl"), options=without_nesting(options),
        environment=without_nesting(read_optional(saved.run / "environment.json")),
        result=read_result(saved.run / "test.json"))


def read_optional(path):
    """The dict in a JSON file, or an empty one if there is no file. Raises DataError."""
    plain = json_file.read(path) if path.exists() else {}
    if not isinstance(plain, dict):
        raise DataError(f"{path}: must hold names with values, not a {type(plain).__name__}")
    return plain


def without_nesting(plain):
    """A dict without those of its values that are nested deeper than one list or dict."""
    def is_flat(value):
        inner = value.values() if isinstance(value, dict) else value
        return not isinstance(value, dict | list) or not any(
            isinstance(each, dict | list) for each in inner)
    return {name: value for name, value in plain.items() if is_flat(value)}


def read_result(path):
    """test.json: {"loss", "accuracy"}, or None if there is none. Raises DataError."""
    plain = read_optional(path)
    if not plain:
        return None
    result = {name: metrics.as_number(plain.get(name)) for name in ("loss", "accuracy")}
    if result["loss"] is None:
        raise DataError(f"{path}: has no loss that is a number")
    return result
