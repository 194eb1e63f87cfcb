"""What was fitted to the training data and a trained model cannot be used without.

Raw inputs become the network's: table columns are encoded (data/table.py), then every input is
shifted and scaled. A saved run keeps this as JSON, beside the weights.
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
    """

    mean: np.ndarray
    scale: np.ndarray
    columns: list | None = None
    classes: list | None = None
    target: str | list = ""
    about: dict | None = None

    def apply(self, raw, dtype):
        """raw (N, D) numbers, encoded if they are a table's -> x (N, D) of dtype.

        NaN, an empty cell of a table, becomes 0: the mean of its column.
        """
        if self.columns is not None:
            raw = np.where(np.isnan(raw), self.mean, raw)
        return standardize.apply(raw, self.mean, self.scale, dtype)

    def as_dict(self):
        """The same as plain data, for JSON; numbers keep every bit."""
        return {"mean": self.mean.tolist(), "scale": self.scale.tolist(), "columns": self.columns,
                "classes": self.classes, "target": self.target, "about": self.about}


def from_dict(plain):
    """The Preprocessing of a dict that as_dict made. Raises KeyError, TypeError or ValueError."""
    mean, scale = (np.asarray(plain[name], np.float64) for name in ("mean", "scale"))
    if mean.ndim != 1 or mean.shape != scale.shape:
        raise ValueError(f"mean {mean.shape} and scale {scale.shape} must be vectors of one length")
    return Preprocessing(mean, scale, plain["columns"], plain["classes"], plain["target"],
                         plain.get("about"))
