"""What was decided about the data that is trained on, by which more of its kind is read."""

from typing import NamedTuple

import numpy as np

from flatprop.runs import folds
from flatprop.runs.model_inputs import input_size
from flatprop.runs.predictions import class_names


class Known(NamedTuple):
    """How tables and arrays like those of training are to be read.

    columns, classes, target, about    as in data.own.Raw; classes None for regression
    inputs   how many numbers a row of inputs is
    outputs  how many numbers are predicted for a row, of a regression
    middle, scale  (inputs,) by which numbers of training are standardized, or None; of folds, those
             of the first
    """

    columns: list | None
    classes: list | None
    target: str | list
    about: dict | None
    inputs: int
    outputs: int
    middle: np.ndarray | None = None
    scale: np.ndarray | None = None


def of_raw(raw):
    """The Known of a data.own.Raw."""
    return Known(raw.columns, raw.classes, raw.target, raw.about, raw.x.shape[1],
                 1 if raw.classes is not None else raw.y.shape[1])


def of_saved(saved):
    """The Known of a saved model. Raises DataError where it lacks the names of its classes."""
    fitted = saved.preprocessing
    inputs, one = input_size(saved), folds.members_of(saved)[0].preprocessing
    middle = scale = None
    if one.mean.shape == one.scale.shape == (inputs,):
        middle, scale = one.mean, one.scale
    return Known(fitted.columns, class_names(saved), fitted.target, fitted.about, inputs,
                 saved.description["sizes"][-1], middle, scale)
