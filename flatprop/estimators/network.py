"""What both estimators have: the options as parameters, training on a table, scores, save."""

import contextlib
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from data import atomic, frame
from data.own import Raw
from data.preprocessing import Preprocessing
from flatprop.estimators.one_network import Trained, of_fold, train_network, write_network
from flatprop.runs import (
    checksums,
    far_values,
    folds,
    known,
    metrics,
    model_inputs,
    new_tables,
    predictions,
    run_directory,
)
from flatprop.runs.errors import RunExists
from flatprop.runs.saved_model import SavedModel
from flatprop.training import build, config, run_start, threads
from flatprop.usage.errors import UsageError
from layers.by_name import LOSSES

# Parameters that are no options of these names.
NO_OPTIONS = ("random_state", "warm_start", "n_jobs", "progress")
WITHOUT_END = ("constant", "step", "exponential", "inverse_time")      # schedules
NAMED_OTHERWISE = {"seed": "random_state", "jobs": "n_jobs"}            # options, as parameters


class Fitted(BaseEstimator):
    """What fit leaves. In the class below, a dataclass, these would be parameters."""

    model_: Any                     # of models/, or the average of several
    description_: dict[str, Any]
    preprocessing_: Preprocessing
    options_: Any
    networks_: list[Trained]
    history_: list[dict[str, Any]]
    n_iter_: int
    best_epoch_: int | list[int]    # of folds a list
    n_features_in_: int
    feature_names_in_: np.ndarray   # of a table with names
    classes_: np.ndarray            # of a classifier

    def _words_of_weights(self) -> list[str]:
        """class_weight as the words of --class-weight, where there is one."""
        return []


@dataclass(kw_only=True, eq=False, repr=False)
class Network(Fitted):
    """What both estimators have; see there. `flatprop train --help` describes each parameter."""

    model: str = "fully_connected_net"
    hidden: Sequence[int] | None = None             # 128 128, of the models with one layer 64
    activation: str = "relu"
    maxout_pieces: int = 2
    norm: str = "none"
    dropout: float | Sequence[float] = 0.1
    dropout_kind: str = "bernoulli"
    noise: float | Sequence[float] | None = None
    noise_final: float = 1.0
    loss: str | None = None                         # softmax, or square
    init: str = "he"
    init_scale: float = 0.01
    dtype: str | type | np.dtype = "float32"
    update_rule: str = "adamw"
    lr: float = 0.005
    lr_schedule: str = "cosine"
    lr_factor: float = 0.5
    lr_every: float = 10.0
    lr_power: float = 1.0
    lr_final: float = 0.0
    warmup: float = 0.0
    lr_hold: float = 0.0
    momentum: float = 0.9
    momentum_final: float | None = None
    momentum_epochs: float | None = None
    beta2: float = 0.95
    weight_decay: float = 0.01
    reg: float | Sequence[float] = 0.0
    batch_size: int | str = 256
    epochs: int | None = None                       # 40; more of few rows, fewer of very many
    folds: int | None = None        # 10 networks and their average, of few rows fewer; 0 is one
    val: float | None = None                        # 0.1, of one network; it makes folds 0
    average: float | None = None
    fresh_statistics: bool = False
    patience: int | None = None
    min_delta: float = 1e-4
    best_by: str | None = None
    clip: float | None = None
    max_norm: float | None = None
    standardize: str = "robust"
    bins: int = 48
    pca: int | None = None
    missing: Sequence[str] = ()
    categorical: Sequence[str] = ()
    numeric: Sequence[str] = ()
    ignore: Sequence[str] = ()
    threads: int | str = "auto"
    compiled: str = "auto"
    warm_start: bool = False
    n_jobs: int | None = None                       # processes that train the folds
    progress: bool = False                          # a bar while it trains
    random_state: int | np.random.RandomState | None = None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _train(self, X, y, target, classes, weights, val, go_on, partial=False):
        """Train on a table X with labels or targets y, as _target makes them, and weights or None;
        val is (X, y), or None for a part of these; go_on, whether with the network that is there.
        """
        with plain_errors():
            args = self._options(classes, val, partial)
            if partial and args.average is not None:
                raise UsageError("average: partial_fit takes a network on from its weights, not "
                                 "from an average of them: set average=None")
            if partial:
                args.epochs, args.val, args.patience, args.compiled = 1, 0.0, None, "no"
                args.lr_schedule = args.lr_schedule if args.lr_schedule in WITHOUT_END else (
                    "constant")
            if go_on:
                raw = Raw(self._inputs(X), y, columns=self.preprocessing_.columns, classes=classes,
                          target=target, about=self.preprocessing_.about, weights=weights)
            else:
                raw = frame.read(X, y, classes, target, build.reading_of(args), weights)
                if classes:
                    raw.about["label"]["type"] = self.classes_.dtype.kind
            if val is not None:
                inputs = frame.inputs(val[0], raw.columns, self._names(), "X_val")
                raw = raw._replace(val=(inputs, val[1]))
            build.settle_folds(args, raw)
            if args.folds:
                progress = self.progress and self.n_jobs in (None, 1)
                found = Parallel(n_jobs=self.n_jobs)(
                    delayed(train_network)(of_fold(args, number), raw, progress=progress)
                    for number in range(1, args.folds + 1))
            else:
                found = [train_network(args, raw, self.networks_[0] if go_on else None, partial,
                                       self.progress)]
        self._keep(args, found)
        return self

    def _options(self, classes, val, partial):
        """The parameters as the options of train, those settled that are None. Raises UsageError,
        also for one that is not at its default and means nothing beside the others."""
        usual = {field.name: plain(field.default) for field in fields(self)}
        given = {name: plain(value) for name, value in self.get_params(deep=False).items()
                 if name not in NO_OPTIONS and value is not None}
        if isinstance(self.dtype, type | np.dtype):
            given["dtype"] = np.dtype(self.dtype).name
        given = {name: value for name, value in given.items() if value != usual[name]}
        self._check_task(regression=not classes)
        if "class_weight" in given:
            given["class_weight"] = self._words_of_weights()
        if val is not None and self.folds:
            raise UsageError(f"X_val goes with one network, not with folds {self.folds}: leave one "
                             "of them out")
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31 - 1)
        given |= {"data": [config.FROM_PYTHON], "test": 0.0, "seed": int(seed),
                  "task": "classification" if classes else "regression"}
        if val is not None:
            given |= {"val_data": [config.FROM_PYTHON]}
            given.pop("val", None)
        if partial:
            given["folds"] = 0
        elif self.warm_start:           # which an average has no sense for
            given.setdefault("folds", 0)
        given = {name: value for name, value in given.items() if value != [] or name == "hidden"}
        source = type(self).__name__
        # Of folds, too, threads says how many predict.
        chosen = {name: value for name, value in given.items() if name != "threads"}
        return config.of_words(config.to_words(given, source), config.to_words(chosen, source))

    def _check_task(self, regression):
        """Refuse a loss or a model that is the other estimator's. Raises UsageError."""
        if self.model == "two_layer_regressor" and not regression:
            raise UsageError("model two_layer_regressor is of regression: take MLPRegressor, or "
                             "model two_layer_net")
        known_loss = isinstance(self.loss, str) and self.loss in LOSSES
        if not known_loss or (self.loss == "square") == regression:
            return
        if regression:
            raise UsageError(f"loss {self.loss} is of classification: take MLPClassifier, or loss "
                             "square")
        raise UsageError("loss square is of regression: take MLPRegressor, or loss softmax, svm, "
                         "squared_hinge, or logistic of two classes")

    def _keep(self, args, found):
        """Keep what was trained, a list of Trained: one network, or those of the folds."""
        saved = [each.saved for each in found]
        saved = folds.average(saved, Path(frame.NAME)) if args.folds else saved[0]
        self.model_, self.description_ = saved.model, saved.description
        self.preprocessing_, self.options_ = saved.preprocessing, args
        self._keep_networks(found)

    def _keep_networks(self, found):
        """Keep a list of Trained, one network or those of the folds, and their history."""
        self.networks_, self.history_ = found, found[0].history
        self.n_iter_ = max(len(each.history) for each in found)
        if len(found) > 1:
            self.history_ = [{"fold": number} | entry for number, each in enumerate(found, 1)
                             for entry in each.history]
        self.best_epoch_ = [each.training.best["epoch"] for each in found]
        if len(found) == 1:
            self.best_epoch_, = self.best_epoch_

    def _inputs(self, X, unseen=None):
        """The raw inputs (N, D) float64 of a table, as the network's preprocessing takes them;
        categories that training had not are counted in unseen, a dict, if there is one."""
        if self.preprocessing_.columns is None:         # of a run that was trained on arrays
            return np.asarray(X, np.float64)
        return frame.inputs(X, self.preprocessing_.columns, self._names(), unseen=unseen)

    def _names(self):
        """The names of the columns that were there in training, or None."""
        return list(self.feature_names_in_) if hasattr(self, "feature_names_in_") else None

    def _table(self, X, reset):
        """X, checked as scikit-learn has it: an array (N, D) float64, or the frame that it is.
        Raises ValueError or TypeError."""
        if not frame.is_frame(X):
            return validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan",
                                 ensure_min_samples=2 if reset else 1, reset=reset)
        validate_data(self, X, skip_check_array=True, reset=reset)
        if len(X) < (2 if reset else 1):
            raise ValueError(f"X has {len(X)} sample(s), which are too few")
        return X

    def _weights(self, sample_weight, X):
        """Weights (N,) of the rows of X, or None. Raises ValueError."""
        if sample_weight is None:
            return None
        weights = check_array(sample_weight, ensure_2d=False, input_name="sample_weight",
                              dtype=np.float64)     # pyright: ignore[reportArgumentType]
        if weights.shape != (len(X),):
            raise ValueError(f"sample_weight has shape {weights.shape}, and X {len(X)} rows")
        if not (weights >= 0).all():
            raise ValueError("Negative values in data passed to `sample_weight`: give each row a "
                             "number, 0 or more")
        if not weights.any():
            raise ValueError("sample_weight: every weight is zero, so no row counts")
        return weights

    def _saved(self):
        """What was fitted as a command would load it of a run. Raises NotFittedError."""
        check_is_fitted(self, "model_")
        return SavedModel(self.model_, self.preprocessing_, self.description_, Path(frame.NAME),
                          "best")

    def _scores(self, X):
        """The scores (N, C) of the network for a table; warns of what `flatprop predict` warns of,
        for the caller of who calls this. Raises ValueError."""
        saved, found, unseen = self._saved(), [], {}
        table = self._table(X, reset=False)
        raw = self._inputs(table, unseen)
        for text in doubts(saved, raw, unseen, frame.is_frame(table)):
            warnings.warn(text, UserWarning, stacklevel=3)
        rows = model_inputs.rows_at_a_time(saved)
        with contextlib.ExitStack() as locks:
            threads.use_for(self.threads, saved, locks)
            for start in range(0, len(raw), rows):
                x = model_inputs.prepare(raw[start : start + rows], saved, frame.NAME, start)
                found.append(predictions.finite_scores(self.model_, x, start))
        return np.concatenate(found)

    def _goes_on(self, partial):
        """Whether a fit goes on with the network that is there. Raises ValueError, also for a
        parameter that is no option and cannot be."""
        self._check_own()
        if not ((partial or self.warm_start) and hasattr(self, "model_")):
            return False
        if not folds.is_average(self._saved()):
            return True
        if not partial:
            raise ValueError("the average of several networks cannot be trained on: set folds=0, "
                             "and fit anew, with warm_start=False")
        warnings.warn("partial_fit begins a network anew, as the average of several cannot be "
                      "trained on; folds=0 fits one", UserWarning, stacklevel=3)
        return False

    def _check_own(self):
        """Refuse values of parameters that are no options. Raises ValueError."""
        for name, value in (("warm_start", self.warm_start), ("progress", self.progress)):
            if not isinstance(value, bool | np.bool_):
                raise ValueError(f"{name}: {value!r} must be True or False")
        n_jobs = self.n_jobs
        if n_jobs is not None and (not isinstance(n_jobs, int | np.integer) or n_jobs == 0):
            raise ValueError(f"n_jobs: {n_jobs!r} must be a number of processes, 1 or more, -1 for "
                             "one on each processor, or None")

    def curves(self):
        """The losses and the metric by epoch, a Picture that a notebook shows; of the networks
        of folds, the first one's. Raises ValueError where no epoch was trained."""
        from flatprop import notebook

        check_is_fitted(self, "model_")
        chosen = self.options_ and self.options_.best_by
        return notebook.curves(self.networks_[0].history, metrics.label(chosen or "accuracy"))

    def drawing(self):
        """The circuit of the network's loss, a Picture that a notebook shows."""
        from flatprop import notebook

        return notebook.net_of(self._saved())

    def save(self, folder: str | Path, overwrite: bool = False) -> Path:
        """Keep what was fitted in a new folder, as a run that all commands take; with overwrite in
        place of a run that is there. Nothing in it is code. Gives the folder, a Path.

        Raises ValueError if it cannot be made or is there already, OSError if it cannot be written.
        """
        check_is_fitted(self, "model_")
        with contextlib.ExitStack() as locks, plain_errors():
            try:
                folder = run_directory.create(folder, locks, replace=overwrite)
            except RunExists as error:
                raise UsageError(f"{error}; overwrite=True puts this in its place") from error
            run_start.write_start(folder, self.options_, None)
            if not folds.is_average(self._saved()):
                write_network(folder, self.networks_[0])
                return folder
            for number, each in enumerate(self.networks_, 1):
                part = folds.folder(folder, number)
                atomic.make_folder(part)
                run_start.write_start(part, each.options, None, part_of=folder)
                write_network(part, each)
            checksums.write(folder / "folds.json", {"folds": [
                {"fold": number} | (each.result or {})
                for number, each in enumerate(self.networks_, 1)]}, checksums.id_of(folder))
        return folder


def doubts(saved, raw, unseen, is_frame):
    """What `flatprop predict` warns of, texts: categories that training had not, as counted in
    unseen, and, as there, of a table and not of an array, numbers that are missing, as none was in
    training, or may be of another unit."""
    found, of_training = [], known.of_saved(saved)
    new_tables.warn_of_unseen(unseen, of_training.columns or [], frame.NAME, found.append)
    if is_frame:
        wanted = far_values.expected(of_training)
        seen = far_values.none_seen(wanted)
        far_values.see(seen, raw, wanted)
        far_values.warn_of_numbers(seen, wanted, frame.NAME, found.append)
    return found


def check_there(y):
    """Raise ValueError where there is no y."""
    if y is None:
        raise ValueError("fit requires y to be passed, but the target y is None")


def plain(value):
    """A parameter as plain data of Python: a number, a text, or a list of them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


@contextlib.contextmanager
def plain_errors():
    """Raise ValueError for a UsageError, with the names of parameters for those of options."""
    try:
        yield
    except UsageError as error:
        text = str(error).replace(f"--data {config.FROM_PYTHON}", "y")
        text = re.sub(r"--(\w[\w-]*)", lambda option: NAMED_OTHERWISE.get(
            option[1], option[1].replace("-", "_")), text)
        raise ValueError(text) from error
