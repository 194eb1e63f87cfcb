"""A run of cross-validation: a folder with a run in it for each fold, and the average of them.

RUN/fold-1, RUN/fold-2, ... are ordinary runs; RUN/folds.json has a few numbers of each.
"""

from pathlib import Path

import numpy as np

from data import json_file, preprocessing
from data.errors import DataError
from data.open_file import is_there
from flatprop.runs import checksums, saved_model
from flatprop.runs.errors import refuse
from flatprop.runs.model_inputs import refuse_too_large
from layers.by_name import MARGIN_LOSSES
from solvers import metrics

MOST = 10_000       # folds


class Average:
    """The networks of all folds as one model: its scores are those of their mean prediction.

    members, a list of SavedModel; theta, params, shapes and weights are the first one's. Of the
    softmax and logistic losses the mean is that of the probabilities, and the scores are such that
    they give it; of the svm and squared hinge losses, that of the scores; of a regression, that of
    the predictions in the unit of the data.
    """

    def __init__(self, members, fitted):
        self.members, self.fitted = members, fitted
        first = members[0].model
        self.loss_layer, self.params = first.loss_layer, first.params
        self.shapes, self.weights = first.shapes, first.weights
        self.theta = first.theta.astype(np.float64)     # as its scores are

    def __reduce__(self):
        """What pickle and deepcopy make it anew of: loss_layer is a module, which neither copies.
        """
        return Average, (self.members, self.fitted)

    def scores(self, raw):
        """Scores (N, C) float64 of inputs raw (N, D), as they are before any preprocessing."""
        loss = self.members[0].description["loss"]
        each = [member_scores(member, raw) for member in self.members]
        if loss == "softmax":
            return log_mean([log_probabilities(scores) for scores in each])
        if loss == "logistic":
            log_p = log_mean([log_probabilities(scores) for scores in each])
            return log_p[:, 1:] - log_p[:, :1]
        if loss in MARGIN_LOSSES:
            return sum(each) / len(each)
        mean = sum(member.preprocessing.predictions(scores)
                   for member, scores in zip(self.members, each, strict=True)) / len(each)
        if self.fitted.target_mean is None:
            return mean
        return (mean - self.fitted.target_mean) / self.fitted.target_scale


def member_scores(member, raw):
    """The scores (N, C) float64 of a member for inputs raw (N, D). Raises DataError."""
    try:
        x = member.preprocessing.apply(raw, member.model.theta.dtype)
    except ValueError as error:
        refuse_too_large(raw, member, member.run)
        raise DataError(f"{member.run}: {error}") from error
    return member.model.scores(x).astype(np.float64)


def log_probabilities(scores):
    """The logarithms of the probabilities (N, C) that scores (N, C) mean, or (N, 1) of two classes.
    """
    if scores.shape[1] == 1:
        return -np.logaddexp(0, np.hstack([scores, -scores]))
    return metrics.log_probabilities(scores)


def log_mean(logarithms):
    """The logarithm of the mean of what a list of arrays are the logarithms of."""
    return np.logaddexp.reduce(logarithms, axis=0) - np.log(len(logarithms))


class AsTheyAre(preprocessing.Preprocessing):
    """The Preprocessing of an Average, which hands inputs to the members as they are.

    Targets are standardized by the mean of what the members learned.
    """

    def apply(self, raw, dtype):
        """raw (N, D) -> the same numbers in float64."""
        return np.asarray(raw, np.float64)

    def apply_to_targets(self, raw, dtype):
        """Targets raw (N, M) in their own unit -> y (N, M) float64, as the scores are."""
        return super().apply_to_targets(raw, np.float64)


def folder(run, number):
    """The folder of a fold."""
    return Path(run) / f"fold-{number}"


def count(run):
    """How many folds a run has; None if it is of one network, or no run. Raises DataError."""
    config = Path(run) / "config.json"
    if not config.is_file() or (Path(run) / "model.json").is_file():
        return None
    plain = json_file.read(config)
    options = plain.get("options") if isinstance(plain, dict) else None
    folds = options.get("folds") if isinstance(options, dict) else None
    if folds in (None, 0):
        return None
    if (type(folds) is not int or not 2 <= folds <= MOST):
        raise DataError(f"{config}: folds is {str(folds)[:40]}, which cannot be; put a copy of it "
                        "back, or train anew")
    return folds


def results(run):
    """{number: what folds.json has of that fold} of a run, none if there is no such file. Raises
    DataError."""
    path = Path(run) / "folds.json"
    if not is_there(path):
        return {}
    try:
        return {each["fold"]: {name: value for name, value in each.items() if name != "fold"}
                for each in json_file.read(path)["folds"]}
    except (TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path}: holds no results of folds; put a copy of it back") from error


def members(run, which="best", changed=refuse, make=None):
    """The models of a run: one, or of a run of folds one for each; changed and make as in
    saved_model.load.
    Raises DataError."""
    folds = count(run)
    if folds is None:
        return [saved_model.load(run, which, changed=changed, make=make)]
    found = []
    for number in range(1, folds + 1):
        path = folder(run, number)
        if not (path / f"{which}.npz").exists():
            raise DataError(f"{run}: fold {number} of {folds} is not trained yet; flatprop train "
                            f"--resume {run} goes on")
        found.append(saved_model.load(path, which, changed=changed, make=make))
        check_alike(found[0], found[-1])
    return found


def load(run, which="best", model=None, changed=refuse, make=None):
    """The SavedModel of a run, of a run of folds that of their Average. Raises DataError.

    Of all files of the run it is checked whether they were edited. model, for a run of one network,
    changed and make are as in saved_model.load.
    """
    checksums.check(run, changed)
    if model is not None or count(run) is None:
        return saved_model.load(run, which, model, changed, make)
    return average(members(run, which, changed, make), Path(run))


def average(found, run):
    """The SavedModel whose model is the Average of these, of one run."""
    first = found[0].preprocessing
    fitted = AsTheyAre(np.zeros(1), np.ones(1), first.columns, first.classes, first.target,
                       first.about)
    if first.target_mean is not None:
        fitted = fitted._replace(
            target_mean=np.mean([each.preprocessing.target_mean for each in found], axis=0),
            target_scale=np.mean([each.preprocessing.target_scale for each in found], axis=0))
    sizes = found[0].description["sizes"]
    description = found[0].description | {"sizes": [sizes[0] - first.added, *sizes[1:]]}
    return saved_model.SavedModel(Average(found, fitted), fitted, description, run, found[0].which)


def is_average(saved):
    """Whether a SavedModel is the average of a run of folds."""
    return isinstance(saved.model, Average)


def members_of(saved):
    """The SavedModels of which one is the average, or itself alone."""
    return saved.model.members if is_average(saved) else [saved]


def learned(y, saved):
    """Labels as they are, targets (N, M) in their unit as an Average has them."""
    if y.dtype.kind in "iu":
        return y
    return saved.preprocessing.apply_to_targets(y, saved.model.theta.dtype)


def check_alike(first, other):
    """Refuse the model of a fold that is not about the same as the first one's. Raises DataError.
    """
    one, two = first.preprocessing, other.preprocessing
    same = (one.columns == two.columns and one.classes == two.classes and one.target == two.target
            and (one.target_mean is None) == (two.target_mean is None)
            and first.description["loss"] == other.description["loss"]
            and first.description["sizes"][-1] == other.description["sizes"][-1]
            and first.model.theta.dtype == other.model.theta.dtype)
    if not same:
        raise DataError(f"{other.run}: is not about the same data as {first.run}, so they are no "
                        "folds of one run; put a copy of the run back, or train it anew")
