"""MLPRegressor, of one number a row or several."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, check_consistent_length, column_or_1d

from data import frame
from flatprop.estimators.network import Network, check_there
from flatprop.runs import predictions


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

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None,
            X_val: ArrayLike | None = None, y_val: ArrayLike | None = None) -> Self:
        """Fit to a table X (N, D), an array or a data frame, and numbers y (N,) or (N, M); the rest
        as for MLPClassifier. Raises ValueError, TypeError.
        """
        go_on = self._goes_on(partial=False)
        X, y = self._table(X, reset=not go_on), self._numbers(y)
        check_consistent_length(X, y)
        val = None if X_val is None else (self._table(X_val, reset=False), self._numbers(y_val))
        return self._train(X, y, self._target, None, self._weights(sample_weight, X), val, go_on)

    def partial_fit(self, X: ArrayLike, y: ArrayLike,
                    sample_weight: ArrayLike | None = None) -> Self:
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
        y = check_array(y, dtype=np.float64,    # pyright: ignore[reportArgumentType]
                        ensure_2d=False, input_name="y")
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._target = names[0] if isinstance(names, list) and y.ndim == 1 else names or ""
        return y.reshape(len(y), -1)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """The numbers predicted for each row, (N,), or (N, M) of several. Raises ValueError."""
        values = predictions.values(self._saved(), self._scores(X))
        return values[:, 0] if values.shape[1] == 1 else values
