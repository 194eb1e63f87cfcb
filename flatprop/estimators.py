"""MLPClassifier and MLPRegressor: what `flatprop train` does, as estimators of scikit-learn.

    from flatprop.estimators import MLPClassifier
    net = MLPClassifier(hidden=(64,), random_state=1).fit(X, y)

fit(X, y) is `flatprop train --data FILE.csv --folds 0 --test 0` of the file with these rows: the
same preprocessing, network and training, the same numbers to the bit. The parameters are the
options, under their names and with their defaults; random_state is --seed. Needs scikit-learn, the
extra sklearn.
"""

import contextlib
import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from data import frame
from data.extras import MissingExtra, pip_install
from data.labels import WHOLE
from data.open_file import is_there
from data.own import Raw
from flatprop.cli import build, config, options, run_folder, threads
from flatprop.cli.errors import UsageError
from flatprop.runs import (
    checkpoint,
    checksums,
    folds,
    metrics,
    model_inputs,
    new_tables,
    predictions,
    run_directory,
)
from flatprop.runs.checkpoint_checks import RULE
from flatprop.runs.saved_model import SavedModel
from solvers import contract

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state, column_or_1d
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import (
        check_array,
        check_consistent_length,
        check_is_fitted,
        validate_data,
    )
except ModuleNotFoundError as error:
    raise MissingExtra(f"flatprop.estimators needs scikit-learn: {pip_install('sklearn')}"
                       ) from error

FILE = "(a table in Python).csv"        # what a run says that its data was
NO_OPTIONS = ("random_state", "warm_start")     # parameters that are no options of these names
WITHOUT_END = ("constant", "step", "exponential", "inverse_time")      # schedules


class Training(NamedTuple):
    """What a checkpoint has besides the best weights, which the model holds: the Solver's steps,
    slots, best, ratios and the states of its rng and of the model's; and the last weights, theta
    and statistics."""

    steps: int
    slots: dict
    best: dict
    ratios: dict
    rng: dict
    model_rng: dict | None
    theta: np.ndarray
    statistics: np.ndarray


@dataclass(kw_only=True, eq=False, repr=False)
class Network(BaseEstimator):
    """What both estimators have; see there. `flatprop train --help` describes each parameter."""

    model: str = "fully_connected_net"
    hidden: Sequence[int] | None = None             # 128 128, of the models with one layer 64
    activation: str = "relu"
    norm: str = "none"
    dropout: float = 0.1
    loss: str | None = None                         # softmax, or square
    init: str = "he"
    init_scale: float = 0.01
    dtype: str = "float32"
    update_rule: str = "adamw"
    lr: float = 0.005
    lr_schedule: str = "cosine"
    lr_factor: float = 0.5
    lr_every: float = 10.0
    lr_power: float = 1.0
    lr_final: float = 0.0
    warmup: float = 0.0
    momentum: float = 0.9
    beta2: float = 0.95
    weight_decay: float = 0.01
    reg: float | Sequence[float] = 0.0
    batch_size: int | str = 256
    epochs: int | None = None                       # 40; more of few rows, fewer of very many
    val: float = 0.1
    patience: int | None = None
    min_delta: float = 1e-4
    best_by: str | None = None
    clip: float | None = None
    standardize: str = "robust"
    bins: int = 48
    missing: Sequence[str] = ()
    categorical: Sequence[str] = ()
    numeric: Sequence[str] = ()
    ignore: Sequence[str] = ()
    threads: int | str = "auto"
    compiled: str = "auto"
    warm_start: bool = False
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
            args = self._options(classes, val)
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
            for_split, for_weights, for_order = build.generators(args)
            if val is not None:
                inputs = frame.inputs(val[0], raw.columns, self._names())
                raw = raw._replace(val=(inputs, val[1]))
            examples = build.prepare_data(args, raw, [], for_split,
                                          fitted=self.preprocessing_ if go_on else None)
            build.settle_epochs(args, examples)
            description = build.describe_network(args, examples)
            if go_on and description != self.description_:
                raise UsageError("warm_start: the network is another than the one that was fitted: "
                                 "set warm_start=False to fit anew")
            with contextlib.ExitStack() as locks:
                threads.settle(args, description, examples, locks)
                model = self.model_ if go_on else build.make_network(args, description, for_weights)
                solver = build.make_solver(args, model, examples, for_order)
                if partial and go_on:
                    self._take_up(solver)
                solver.train()
        self._keep(args, solver, description, examples["preprocessing"])
        return self

    def _options(self, classes, val):
        """The parameters as the options of train, those settled that are None. Raises UsageError.
        """
        given = {name: plain(value) for name, value in self.get_params(deep=False).items()
                 if name not in NO_OPTIONS and value is not None}
        if "class_weight" in given:
            given["class_weight"] = self._words_of_weights()
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31 - 1)
        given |= {"data": [FILE], "folds": 0, "test": 0.0, "seed": int(seed),
                  "task": "classification" if classes else "regression"}
        if val is not None:
            given |= {"val_data": [FILE]}
            del given["val"]
        given = {name: value for name, value in given.items() if value != [] or name == "hidden"}
        parser = options.parser()
        args = parser.parse_args(config.to_words(given, type(self).__name__))
        config.settle(args, parser.parse_args([]), args, None)
        args.threads_text = None
        return args

    def _keep(self, args, solver, description, fitted):
        """Keep what was trained, the best weights in the model."""
        model = solver.model
        theta, statistics = model.theta.copy(), contract.statistics(model).copy()
        solver.use_best()
        self.training_ = Training(solver.steps, solver.slots, solver.best, solver.ratios,
                                  solver.rng.bit_generator.state, state_of(model), theta,
                                  statistics)
        self.model_, self.description_, self.preprocessing_ = model, description, fitted
        self.options_ = args
        self.history_, self.n_iter_ = solver.history, len(solver.history)
        self.best_epoch_ = solver.best["epoch"]

    def _take_up(self, solver):
        """Let a Solver go on for an epoch, from the step that the last one has come to."""
        known = self.training_
        solver.history, solver.epochs = list(self.history_), len(self.history_) + 1
        solver.steps, solver.rng.bit_generator.state = known.steps, known.rng
        for name, slot in solver.slots.items():
            slot[:] = known.slots[name]

    def _inputs(self, X):
        """The raw inputs (N, D) float64 of a table, as the network's preprocessing takes them."""
        if self.preprocessing_.columns is None:         # of a run that was trained on arrays
            return np.asarray(X, np.float64)
        return frame.inputs(X, self.preprocessing_.columns, self._names())

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
        weights = check_array(sample_weight, dtype=np.float64, ensure_2d=False,
                              input_name="sample_weight")
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
        """The scores (N, C) of the network for a table. Raises ValueError."""
        saved, found = self._saved(), []
        raw = self._inputs(self._table(X, reset=False))
        rows = model_inputs.rows_at_a_time(saved)
        with contextlib.ExitStack() as locks:
            threads.use_for(self.threads, saved, locks)
            for start in range(0, len(raw), rows):
                x = model_inputs.prepare(raw[start : start + rows], saved, frame.NAME, start)
                found.append(predictions.finite_scores(self.model_, x, start))
        return np.concatenate(found)

    def _goes_on(self, partial):
        """Whether a fit goes on with the network that is there. Raises ValueError."""
        if not ((partial or self.warm_start) and hasattr(self, "model_")):
            return False
        if self.training_ is None:
            raise ValueError("the average of several networks cannot be trained on: fit anew, with "
                             "warm_start=False")
        return True

    def save(self, folder, overwrite=False):
        """Keep what was fitted in a new folder, as a run that all commands take; with overwrite in
        place of a run that is there. Nothing in it is code. Gives the folder, a Path.

        Raises ValueError if it cannot be made or is there already, OSError if it cannot be written.
        """
        check_is_fitted(self, "model_")
        if self.training_ is None:
            raise ValueError("the average of several networks is kept where it was loaded from: "
                             "copy that folder")
        with contextlib.ExitStack() as locks, plain_errors():
            folder = run_directory.create(folder, locks, replace=overwrite)
            run_folder.write_start(folder, self.options_, None)
            run_folder.write_model(folder, self.description_,
                                   {"preprocessing": self.preprocessing_})
            run_id, solver = checksums.id_of(folder), self._solver()
            checkpoint.save_best(folder / "best.npz", solver, run_id)
            checkpoint.save(folder / "last.npz", solver, run_id=run_id)
            metrics.csv_lines(folder).write_anew(self.history_)
        return folder

    def _solver(self):
        """What a checkpoint is written of: the state of the Solver that has trained the model."""
        known, last = self.training_, copy.deepcopy(self.model_)
        last.theta[:], contract.statistics(last)[:] = known.theta, known.statistics
        return SimpleNamespace(
            model=last, steps=known.steps, slots=known.slots, best=known.best, ratios=known.ratios,
            history=self.history_, order=None, place=0, total=0.0, spent=0.0,
            rng=SimpleNamespace(bit_generator=SimpleNamespace(state=known.rng)))


@dataclass(kw_only=True, eq=False, repr=False)
class MLPClassifier(ClassifierMixin, Network):
    """A multi-layer perceptron for classes.

    Its parameters are the options of `flatprop train`, which `flatprop train --help` describes, by
    their names and with their defaults for one network of a table. class_weight is None,
    "balanced", or {class: weight}; random_state is --seed. With warm_start the next fit goes on
    from the weights, the columns and the scaling of the last one.

    classes_          the classes in sorted order
    n_features_in_, feature_names_in_   as in scikit-learn
    history_          a dict an epoch, as in solvers.solver.Solver; n_iter_, how many there are
    best_epoch_       the epoch whose weights are used, by the part that val holds back
    model_, description_, preprocessing_    the network, as flatprop.runs.saved_model has it
    """

    label_smoothing: float | None = None            # 0.1 with the softmax loss
    class_weight: str | dict | None = None

    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None):
        """Fit to a table X (N, D), an array or a data frame, and labels y (N,).

        sample_weight (N,) says how much each row counts. X_val and y_val are rows to choose the
        best epoch by, instead of a part val of X. Raises ValueError, TypeError.
        """
        go_on = self._goes_on(partial=False)
        X, y = self._table(X, reset=not go_on), self._labels(y)
        check_consistent_length(X, y)
        self._set_classes(np.unique(y), go_on)
        val = None if X_val is None else (self._table(X_val, reset=False),
                                          self._codes(self._labels(y_val)))
        return self._train(X, self._codes(y), self._target, self._order,
                           self._weights(sample_weight, X), val, go_on)

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on X and y, from where the last call came to; nothing is held back.

        The first call settles the columns and their scaling, and takes all classes, those in y if
        None. A schedule that comes to an end is left for the constant rate. Raises ValueError.
        """
        go_on = self._goes_on(partial=True)
        X, y = self._table(X, reset=not go_on), self._labels(y)
        check_consistent_length(X, y)
        if not go_on or classes is not None:
            self._set_classes(np.unique(y if classes is None else classes), go_on)
        return self._train(X, self._codes(y), self._target, self._order,
                           self._weights(sample_weight, X), None, go_on, partial=True)

    def _labels(self, y):
        """y, checked as scikit-learn has it, (N,); its name is kept."""
        self._target = str(getattr(y, "name", "") or "")
        check_there(y)
        y = check_array(column_or_1d(y, warn=True), dtype=None, ensure_2d=False, input_name="y")
        check_classification_targets(y)
        return y

    def _set_classes(self, classes, go_on):
        """Keep the classes, and in which order the network has them. Raises ValueError."""
        if go_on:
            if not np.array_equal(classes, self.classes_):
                raise ValueError(f"the classes are {classes[:10]}, and those that were fitted "
                                 f"{self.classes_[:10]}: to go on they must be the same")
            return
        if len(classes) < 2:
            raise ValueError(f"every label is of one class, {plain(classes)[0]!r}, so there is "
                             "nothing to learn: give examples of two classes")
        self.classes_ = classes
        self._order, self._label_of = frame.classes_of(classes.tolist())

    def _codes(self, y):
        """The network's labels (N,) of y (N,). Raises ValueError for a class that is not known."""
        places = np.minimum(np.searchsorted(self.classes_, y), len(self.classes_) - 1)
        unknown = self.classes_[places] != y
        if unknown.any():
            raise ValueError(f"y has the class {plain(y[unknown])[0]!r}, which is none of those "
                             f"that were fitted, {self.classes_[:10]}")
        return self._label_of[places]

    def _words_of_weights(self):
        """class_weight as the words of --class-weight. Raises UsageError."""
        if isinstance(self.class_weight, str):
            return [self.class_weight]
        names = dict(zip(self.classes_.tolist(), self._label_of, strict=True))
        unknown = [name for name in self.class_weight if name not in names]
        if unknown:
            raise UsageError(f"class_weight: there is no class {unknown[0]!r}; the classes are "
                             f"{self.classes_[:10]}")
        return [f"{self._order[names[name]]}={plain(weight)!r}"
                for name, weight in self.class_weight.items()]

    def _makes_probabilities(self):
        """Whether predict_proba is there. Raises AttributeError."""
        if self.loss == "svm":
            raise AttributeError("predict_proba: the svm loss makes scores and no probabilities; "
                                 "decision_function gives them")
        return True

    @available_if(_makes_probabilities)
    def predict_proba(self, X):
        """The probabilities (N, C) of the classes, in the order of classes_. Raises ValueError."""
        return predictions.values(self._saved(), self._scores(X))[:, self._label_of]

    def decision_function(self, X):
        """The scores (N, C) of the classes; of two the second's over the first's (N,)."""
        scores = self._scores(X).astype(np.float64)
        if scores.shape[1] > 2:
            return scores[:, self._label_of]
        margin = scores[:, -1] - (scores[:, 0] if scores.shape[1] == 2 else 0)
        return margin if self._label_of[1] == 1 else -margin

    def predict(self, X):
        """The most probable class of each row, (N,). Raises ValueError."""
        labels = predictions.labels(self._scores(X))
        return self.classes_[np.argsort(self._label_of)[labels]]


@dataclass(kw_only=True, eq=False, repr=False)
class MLPRegressor(RegressorMixin, Network):
    """A multi-layer perceptron that predicts numbers, one a row or several.

    As MLPClassifier, with targets: "clipped", standardized, and predictions keep to the range of
    the training rows; "standardized"; or "as_they_are".
    """

    targets: str = "clipped"

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None):
        """Fit to a table X (N, D), an array or a data frame, and numbers y (N,) or (N, M); the rest
        as for MLPClassifier. Raises ValueError, TypeError.
        """
        go_on = self._goes_on(partial=False)
        X, y = self._table(X, reset=not go_on), self._numbers(y)
        check_consistent_length(X, y)
        val = None if X_val is None else (self._table(X_val, reset=False), self._numbers(y_val))
        return self._train(X, y, self._target, None, self._weights(sample_weight, X), val, go_on)

    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch on X and y, as MLPClassifier does."""
        go_on = self._goes_on(partial=True)
        X, y = self._table(X, reset=not go_on), self._numbers(y)
        check_consistent_length(X, y)
        return self._train(X, y, self._target, None, self._weights(sample_weight, X), None, go_on,
                           partial=True)

    def _numbers(self, y):
        """y, checked as scikit-learn has it, (N, M) float64; its names are kept."""
        names = frame.names_of(y) if frame.is_frame(y) else str(getattr(y, "name", "") or "")
        check_there(y)
        y = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._target = names[0] if isinstance(names, list) and y.ndim == 1 else names or ""
        return y.reshape(len(y), -1)

    def predict(self, X):
        """The numbers predicted for each row, (N,), or (N, M) of several. Raises ValueError."""
        values = predictions.values(self._saved(), self._scores(X))
        return values[:, 0] if values.shape[1] == 1 else values


def load(run, which="best"):
    """The estimator of a run, of save or of `flatprop train`, with its best or its last weights: an
    MLPClassifier or an MLPRegressor, fitted. Nothing that is loaded runs code.

    The classes of a table are numbers if all are whole, else texts. A run of several folds predicts
    with their average, and cannot be trained on. Raises ValueError where the run is damaged.
    """
    saved = folds.load(run, which)
    with plain_errors():
        args = config.of_run(run) if is_there(Path(run) / "config.json") else None
    names, about = predictions.class_names(saved), saved.preprocessing.about or {}
    kind = MLPRegressor if names is None else MLPClassifier
    found = kind(**parameters(args, kind)) if args else kind()
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
    found.training_, found.history_ = None, []
    if not folds.is_average(saved):
        found.history_ = metrics.read(saved.run / "metrics.jsonl", None)
        found.training_ = training_of(saved.run / "last.npz")
        found.best_epoch_ = found.training_.best["epoch"]
        if found.training_.model_rng is not None:
            contract.generator(saved.model).bit_generator.state = found.training_.model_rng
    found.n_iter_ = len(found.history_)
    return found


def parameters(args, kind):
    """The parameters of an estimator of this class for options of train, those that mean something
    beside the others."""
    held = {field.name: vars(args).get(field.name) for field in fields(kind)}
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
    return Training(about["steps"], slots, best, about["ratios"], about["order_rng"],
                    about["model_rng"], arrays["theta"], arrays["statistics"])


def state_of(model):
    """The state of a model's Generator, or None of one that has none."""
    rng = contract.generator(model)
    return None if rng is None else rng.bit_generator.state


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
        text = re.sub(r"--(\w[\w-]*)", lambda option: option[1].replace("-", "_"), str(error))
        raise ValueError(text) from error
