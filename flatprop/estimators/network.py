"""What both estimators have: the options as parameters, training on a table, scores, save."""

import contextlib
import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from data import frame
from data.own import Raw
from flatprop.cli import build, config, run_folder, threads
from flatprop.cli.errors import UsageError
from flatprop.runs import checkpoint, checksums, metrics, model_inputs, predictions, run_directory
from flatprop.runs.saved_model import SavedModel
from solvers import contract

FILE = "(a table in Python).csv"        # what a run says that its data was
# Parameters that are no options of these names.
NO_OPTIONS = ("random_state", "warm_start", "progress")
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
                if self.progress:
                    from flatprop import notebook
                    notebook.train(solver)
                else:
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
        return config.of_words(config.to_words(given, type(self).__name__))

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

    def curves(self):
        """The losses and the metric by epoch, a Picture that a notebook shows. Raises ValueError
        where no epoch was trained."""
        from flatprop import notebook

        check_is_fitted(self, "model_")
        chosen = self.options_ and self.options_.best_by
        return notebook.curves(self.history_, metrics.label(chosen or "accuracy"))

    def drawing(self):
        """The circuit of the network's loss, a Picture that a notebook shows."""
        from flatprop import notebook

        return notebook.net_of(self._saved())

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
