"""What a checkpoint may hold: numbers that training can have left, and none that it cannot."""

import math

import numpy as np

from data.errors import DataError
from models import parameters

RULE = "rule."                              # with it begins the name of a slot of the update rule
SQUARES = ("square", "second_moment")       # what slots are called that hold sums of squares


def check(path, name, array, like):
    """Refuse an array that is missing, or not of the shape and dtype of another."""
    if array is None:
        raise DataError(f"{path}: has no {name}: it is no checkpoint of such a run")
    if array.shape != like.shape or array.dtype != like.dtype:
        raise DataError(f"{path}: {name} is {array.dtype} {array.shape}, where this run has "
                        f"{like.dtype} {like.shape}")


def check_slots(path, arrays):
    """Refuse numbers that no training leaves in the slots of an update rule. Raises DataError.

    They may overflow, as Adam's do with a gradient of 1e20 in float32, but no square is below 0.
    """
    for name, array in arrays.items():
        squares = any(word in name for word in SQUARES)
        if name.startswith(RULE) and (np.isnan(array).any() or (squares and (array < 0).any())):
            raise DataError(f"{path}: {name} holds numbers that cannot be: it is damaged; put a "
                            "copy of it back, or train anew", file=path)


def check_weights(path, theta, statistics, model):
    """Refuse weights or running statistics that are not finite, and variances below 0. Raises
    DataError."""
    for name, array in (("weights", theta), ("running statistics", statistics)):
        bad = array.size - np.count_nonzero(np.isfinite(array))
        if bad:
            raise DataError(f"{path}: {bad:,} of the {array.size:,} {name} are no finite numbers: "
                            "it is damaged, or training diverged; put a copy of it back, or train "
                            "anew", file=path)
    shapes = {name: view.shape for name, view in getattr(model, "running", {}).items()}
    if parameters.count(shapes) != statistics.size:     # a model of the user's, laid out otherwise
        return
    for name, view in parameters.views(statistics, shapes).items():
        if name.startswith("var") and (view < 0).any():
            raise DataError(f"{path}: a running variance, {name}, is below 0: it is damaged; put a "
                            "copy of it back, or train anew", file=path)


def check_place(about, order, history, solver):
    """How far training has come, (steps, place), if it can be after these epochs. Raises
    ValueError, TypeError."""
    steps, place = check_whole("steps", about["steps"]), check_whole("place", about["place"])
    most = (len(history) + 1) * -(-len(solver.x) // solver.batch_size)
    if not (len(history) <= steps <= most and 0 <= place <= len(solver.x)):
        raise ValueError(f"place {place} after {steps} steps and {len(history)} epochs")
    if order is None and 0 < place < len(solver.x):
        raise ValueError(f"place {place} of an epoch without an order")
    return steps, place


def check_best(best, history, solver):
    """What is known of the best epoch, of a checkpoint. Raises KeyError, TypeError, ValueError."""
    epoch = check_whole("the best epoch", best["epoch"])
    if not 0 <= epoch <= len(history):
        raise ValueError(f"the best epoch is {epoch} of {len(history)}")
    return {"epoch": epoch} | {
        name: check_number(f"{name} of the best epoch", best[name], finite=False,
                           none=solver.val is None or name == "val_metric")
        for name in ("val_loss", "val_metric")}


def check_entry(entry, solver):
    """One entry of history: refuse anything but numbers by name. Raises TypeError, KeyError."""
    check_whole("epoch of an entry of history", entry["epoch"])
    for name in ("train_loss", "seconds", "rate"):
        check_number(f"{name} of an entry of history", entry[name])
    for name in ("train_metric", "val_loss", "val_metric"):
        check_number(f"{name} of an entry of history", entry[name], finite=False,
                     none=solver.val is None or name != "val_loss")
    check_ratios(entry.get("ratios") or {})
    return dict(entry)


def check_ratios(ratios):
    """A copy of {weight: ratio or None}. Raises TypeError for anything else."""
    if not isinstance(ratios, dict):
        raise TypeError(f"ratios are {ratios!r:.40}")
    for name, value in ratios.items():
        check_number(f"the ratio of {name}", value, finite=False, none=True)
    return dict(ratios)


def check_whole(what, value):
    """value as an int, if it is a whole number. Raises TypeError, OverflowError."""
    if type(value) not in (int, float) or value != value // 1 or abs(value) > 2**53:
        raise TypeError(f"{what} is {value!r:.40}")
    return int(value)


def check_number(what, value, finite=True, none=False):
    """value, if it is a number, finite if that is asked for, or None if that may be. Raises
    TypeError."""
    if value is None and none:
        return None
    if type(value) not in (int, float) or (finite and not math.isfinite(value)):
        raise TypeError(f"{what} is {value!r:.40}")
    return float(value)
