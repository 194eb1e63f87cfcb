"""What was fitted to the training data and a trained model cannot be used without.

Raw inputs become the network's: table columns are encoded (data/table.py), then every input is
shifted and scaled; so are the targets of a regression, for a network learns numbers near 1 whatever
their unit. A saved run keeps this as JSON, beside the weights.
"""

from typing import NamedTuple

import numpy as np

from data import standardize


class Preprocessing(NamedTuple):
    """How raw inputs become the network's, and its outputs names.

    mean, scale  float64, of length D or 1: x = (raw - mean) / scale
    columns      None for arrays of numbers; for a table a list of dicts, one for each of its input
                 columns: {"name": "age", "kind": "number"} or
                 {"name": "colour", "kind": "category", "values": ["blue", "red"]}; more kinds and
                 keys are in data.columns.Found
    classes      the class names in the order of the labels, as text; None for regression
    target       the name of the column that is predicted, a list of names of several, or ""
    about        what was found out about the training data, for people, plain data (data.own.Raw)
    target_mean, target_scale  float64 (M,): a regression's targets are y = (raw - mean) / scale;
                 None where the network learns them as they are
    """

    mean: np.ndarray
    scale: np.ndarray
    columns: list | None = None
    classes: list | None = None
    target: str | list = ""
    about: dict | None = None
    target_mean: np.ndarray | None = None
    target_scale: np.ndarray | None = None

    def apply(self, raw, dtype):
        """raw (N, D) numbers, encoded if they are a table's -> x (N, D) of dtype.

        NaN, an empty cell of a table, becomes 0: the mean of its column.
        """
        if self.columns is not None:
            raw = np.where(np.isnan(raw), self.mean, raw)
        return standardize.apply(raw, self.mean, self.scale, dtype)

    def apply_to_targets(self, raw, dtype):
        """Targets raw (N, M) in their own unit -> y (N, M) of dtype, as the network learns them."""
        if self.target_mean is None:
            return raw.astype(dtype)
        return standardize.apply(raw, self.target_mean, self.target_scale, dtype)

    def in_unit(self, y):
        """Targets or scores of a regression (N, M) as the network has them -> in their own unit.

        float64, in which a large mean costs no digits; where they were learned as they are, y.
        """
        if self.target_mean is None:
            return y
        return y.astype(np.float64) * self.target_scale + self.target_mean

    def as_dict(self):
        """The same as plain data, for JSON; numbers keep every bit."""
        plain = {"mean": self.mean.tolist(), "scale": self.scale.tolist(), "columns": self.columns,
                 "classes": self.classes, "target": self.target, "about": self.about}
        if self.target_mean is not None:
            plain |= {"target_mean": self.target_mean.tolist(),
                      "target_scale": self.target_scale.tolist()}
        return plain


def from_dict(plain):
    """The Preprocessing of a dict that as_dict made. Raises KeyError, TypeError or ValueError."""
    mean, scale = _moments(plain["mean"], plain["scale"])
    of_targets = (None, None)
    if "target_mean" in plain:
        of_targets = _moments(plain["target_mean"], plain["target_scale"])
    return Preprocessing(mean, scale, plain["columns"], plain["classes"], plain["target"],
                         plain.get("about"), *of_targets)


def _moments(mean, scale):
    """A mean and a scale of plain data as vectors. Raises TypeError or ValueError."""
    mean, scale = np.asarray(mean, np.float64), np.asarray(scale, np.float64)
    if mean.ndim != 1 or mean.shape != scale.shape:
        raise ValueError(f"mean {mean.shape} and scale {scale.shape} must be vectors of one length")
    if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0).all()):
        raise ValueError("mean must be finite, and scale finite and above zero")
    return mean, scale
