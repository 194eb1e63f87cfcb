"""MLPClassifier, whose labels may be of any type, in any order."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets

from data import frame
from flatprop.estimators.network import Network, check_there, plain
from flatprop.runs import predictions
from flatprop.usage.errors import UsageError
from layers.by_name import MARGIN_LOSSES


@dataclass(kw_only=True, eq=False, repr=False)
class MLPClassifier(ClassifierMixin, Network):
    """A multi-layer perceptron for classes.

    Its parameters are the options of `flatprop train`, which `flatprop train --help` describes, by
    their names and with their defaults for a table: the average of the networks of ten folds,
    which n_jobs processes train; folds=0 is one network. class_weight is None, "balanced", or
    {class: weight}; random_state is --seed. With warm_start the next fit goes on from the weights,
    the columns and the scaling of the last one, of one network; with progress a bar is
    shown.

    classes_          the classes in sorted order
    n_features_in_, feature_names_in_   as in scikit-learn
    history_          a dict an epoch, as in solvers.solver.Solver; n_iter_, how many there are
    best_epoch_       the epoch whose weights are used, by what is held back; of folds a list
    model_, description_, preprocessing_    the network, as flatprop.runs.saved_model has it
    networks_         each network that was trained, a list of Trained, estimators/one_network.py
    """

    label_smoothing: float | None = None            # 0.1 with the softmax loss
    class_weight: str | dict | None = None

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None,
            X_val: ArrayLike | None = None, y_val: ArrayLike | None = None) -> Self:
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

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None,
                    sample_weight: ArrayLike | None = None) -> Self:
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
        y = check_array(column_or_1d(y, warn=True), dtype=None,     # pyright: ignore[reportArgumentType]
                        ensure_2d=False, input_name="y")
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
        if self.loss in MARGIN_LOSSES:
            raise AttributeError(f"predict_proba: the {self.loss} loss makes scores and no "
                                 "probabilities; decision_function gives them")
        return True

    @available_if(_makes_probabilities)
    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """The probabilities (N, C) of the classes, in the order of classes_. Raises ValueError."""
        return predictions.values(self._saved(), self._scores(X))[:, self._label_of]

    def decision_function(self, X: ArrayLike) -> np.ndarray:
        """The scores (N, C) of the classes; of two the second's over the first's (N,)."""
        scores = self._scores(X).astype(np.float64)
        if scores.shape[1] > 2:
            return scores[:, self._label_of]
        margin = scores[:, -1] - (scores[:, 0] if scores.shape[1] == 2 else 0)
        return margin if self._label_of[1] == 1 else -margin

    def predict(self, X: ArrayLike) -> np.ndarray:
        """The most probable class of each row, (N,). Raises ValueError."""
        labels = predictions.labels(self._scores(X))
        return self.classes_[np.argsort(self._label_of)[labels]]
