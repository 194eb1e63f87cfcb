"""What a run directory holds, read for a report: damaged files are refused with one line."""

import statistics
from typing import NamedTuple

from data import json_file
from data.errors import DataError
from data.open_file import is_there
from flatprop.runs import checkpoint, checksums, folds, metrics, predictions, saved_model
from flatprop.runs.errors import refuse
from solvers.by_name import METRICS

IMAGE_SHAPES = {64: (8, 8), 784: (28, 28), 3072: (3, 32, 32)}   # of the known data sets


class Record(NamedTuple):
    """A run as a report needs it.

    classes is None for regression; history as metrics.read gives it; options and environment are
    plain dicts, empty if there is no file; result is {"loss": float, "accuracy": float or None}, or
    None if the run was not tested. Of a run of folds the model is their average, and folds are the
    Records of each. stale: whether its result is left out, as it is of earlier weights.
    usual are the options that nobody gave, {name: the value that was used, or a text that says it}.
    """

    name: str
    network: str
    saved: saved_model.SavedModel
    classes: list | None
    history: list
    options: dict
    environment: dict
    result: dict | None
    folds: list = []
    stale: bool = False
    usual: dict = {}

    @property
    def best(self):
        """The entry of history of the best epoch by validation, or None."""
        return metrics.best_entry(self.history, self.options.get("best_by"))

    @property
    def validation(self):
        """The "val_loss" and "val_metric" of the best epoch, of folds their means: a dict, of None
        for what there is none of."""
        entries = [each.best or {} for each in self.folds or [self]]
        return {name: mean([entry.get(name) for entry in entries])
                for name in ("val_loss", "val_metric")}

    @property
    def curve(self):
        """Its history; of folds the mean of theirs, of the epochs that all of them have."""
        if not self.folds:
            return self.history
        return [{"epoch": entries[0]["epoch"], "ratios": {}} | {
            name: mean([entry[name] for entry in entries])
            for name in ("train_loss", "train_metric", "val_loss", "val_metric", "rate", "seconds")}
            for entries in zip(*(fold.history for fold in self.folds), strict=False)]

    @property
    def metric(self):
        """What the metric of its history is called, "accuracy" or what --best-by named."""
        name = self.options.get("best_by")
        # A list, as what stands in a file may not be looked for in a dict.
        return metrics.label(name) if name in list(METRICS) else "accuracy"

    @property
    def parameters(self):
        """How many there are, in all folds together."""
        return sum(each.saved.model.theta.size for each in self.folds or [self])

    @property
    def seconds(self):
        """How long training took; of folds, which may train at the same time, in all."""
        return sum(entry["seconds"] or 0 for each in self.folds or [self] for entry in each.history)

    @property
    def image_shape(self):
        """The shape of the images that the inputs are, guessed by their number; None for others."""
        fitted = self.saved.preprocessing
        if fitted.columns is not None or fitted.added or fitted.components is not None:
            return None
        return IMAGE_SHAPES.get(self.saved.description["sizes"][0])


def mean(values):
    """The mean of numbers; None where one of them is None."""
    return None if None in values else statistics.fmean(values)


def read(run, which="best", model=None, changed=refuse, make=None):
    """The Record of a run directory; model, changed and make as in saved_model.load. Raises
    DataError, one line."""
    saved = folds.load(run, which, model, changed, make)
    each, network = [], saved_model.title(saved.description)
    if folds.is_average(saved):
        each = [read(member.run, which, changed=changed, make=make)
                for member in saved.model.members]
        network = f"{len(each)} networks {network}"
    options = read_optional(saved.run / "config.json").get("options", {})
    if not isinstance(options, dict):
        raise DataError(f"{saved.run / 'config.json'}: its options must be names with values")
    epochs = checkpoint.check_history(saved.run, changed)
    result, stale = read_result(saved.run / "test.json", saved)
    return Record(
        name=saved.run.resolve().name or str(saved.run),
        network=network, saved=saved,
        classes=predictions.class_names(saved),
        history=metrics.read(saved.run / "metrics.jsonl", epochs), options=without_nesting(options),
        environment=without_nesting(checksums.unsigned(
            read_optional(saved.run / "environment.json"))),
        result=result, folds=each, stale=stale)


def of_description(saved):
    """The options {name: value} of a network, as its description has them, where nobody said."""
    description = saved.description
    found = {name: description[name] for name in ("activation", "norm", "dropout", "loss")
             if name in description}
    if "smoothing" in description:
        found["label_smoothing"] = description["smoothing"]
    hidden = description["sizes"][1:-1]
    return found | {"hidden": hidden} if hidden else found


def read_optional(path):
    """The dict in a JSON file, or an empty one if there is no file. Raises DataError."""
    plain = json_file.read(path) if is_there(path) else {}
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


def read_result(path, saved):
    """test.json: {"loss", "accuracy"}, or None if there is none or it is of other weights than
    those saved; and whether that is so. Raises DataError."""
    plain = read_optional(path)
    if not plain:
        return None, False
    members = [member.model for member in folds.members_of(saved)]
    if saved.which == "best" and plain.get("weights") not in (None, checksums.of_weights(members)):
        return None, True
    result = {name: metrics.as_number(plain.get(name)) for name in ("loss", "accuracy")}
    if result["loss"] is None:
        raise DataError(f"{path}: has no loss that is a number")
    return result, False
