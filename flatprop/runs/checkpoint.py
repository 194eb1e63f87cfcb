"""All of a Solver's state in one file, so that training goes on as if it had never stopped.

An .npz of plain arrays: theta, statistics, the best of both, the order of the epoch under way, the
update rule's moments as rule.NAME; and `about`, JSON as bytes, for the rest: steps, the place in
the epoch, history, the states of the random generators.
"""

import json
import math

import numpy as np

from data import atomic, npz_file
from data.errors import DataError
from solvers import contract

VERSION = 1
RULE = "rule."


def save(path, solver):
    """Write the Solver's state to path, whole or not at all. Raises OSError."""
    arrays = {"theta": solver.model.theta, "statistics": contract.statistics(solver.model)}
    if "theta" in solver.best:
        arrays |= {"best_theta": solver.best["theta"],
                   "best_statistics": solver.best["statistics"]}
    if solver.order is not None:
        arrays["order"] = solver.order
    arrays |= {RULE + name: slot for name, slot in solver.slots.items()}
    about = {
        "version": VERSION, "steps": solver.steps, "place": solver.place, "total": solver.total,
        "spent": solver.spent, "history": solver.history, "ratios": solver.ratios,
        "best": {name: solver.best[name] for name in ("epoch", "val_loss", "val_metric")},
        "order_rng": solver.rng.bit_generator.state, "model_rng": model_rng_state(solver.model),
    }
    arrays["about"] = np.frombuffer(json.dumps(about, default=float).encode(), np.uint8)
    atomic.write_with(path, lambda file: np.savez(file, **arrays))


def save_best(path, solver):
    """Write the best weights so far to path; the newest ones where nothing was validated."""
    best = solver.best if "theta" in solver.best else {
        "theta": solver.model.theta, "statistics": contract.statistics(solver.model)}
    about = json.dumps({"version": VERSION, "epoch": solver.best["epoch"]}).encode()
    arrays = {"theta": best["theta"], "statistics": best["statistics"],
              "about": np.frombuffer(about, np.uint8)}
    atomic.write_with(path, lambda file: np.savez(file, **arrays))


def restore(path, solver):
    """Put the state in a file into a Solver made with the same options. Raises DataError.

    Nothing of the Solver is changed if the file does not fit.
    """
    arrays = npz_file.read(path)
    about = read_about(path, arrays)
    model = solver.model
    wanted = {"theta": model.theta, "statistics": contract.statistics(model)}
    if "theta" in solver.best:
        wanted |= {"best_theta": model.theta, "best_statistics": contract.statistics(model)}
    for name, like in wanted.items():
        check(path, name, arrays.get(name), like)
    order = arrays.get("order")
    if order is not None and not np.array_equal(np.sort(order), np.arange(len(solver.x))):
        raise DataError(f"{path}: it is of {order.size} training examples, there are "
                        f"{len(solver.x)}: resume with the data it was made with")
    before = solver.rng.bit_generator.state
    try:
        steps, place = int(about["steps"]), int(about["place"])
        if steps < 0 or not 0 <= place <= len(solver.x):
            raise ValueError(f"place {place} after {steps} steps")
        history = [check_entry(entry) for entry in about["history"]]
        best = {"epoch": int(about["best"]["epoch"]), "val_loss": about["best"]["val_loss"],
                "val_metric": about["best"]["val_metric"]}
        total, spent = float(about["total"]), float(about["spent"])
        ratios = dict(about["ratios"])
        slots = read_slots(path, arrays, solver, steps)
        solver.rng.bit_generator.state = about["order_rng"]
        if about["model_rng"] is not None:
            contract.generator(model).bit_generator.state = about["model_rng"]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        solver.rng.bit_generator.state = before
        raise DataError(f"{path}: a damaged checkpoint: {type(error).__name__}: {error}") from error
    solver.steps, solver.place, solver.order = steps, place, order
    solver.total, solver.spent, solver.ratios = total, spent, ratios
    solver.history[:] = history
    solver.best |= best
    model.theta[:], contract.statistics(model)[:] = arrays["theta"], arrays["statistics"]
    for name, slot in solver.slots.items():
        slot[:] = slots[name]
    if "theta" in solver.best:
        solver.best |= {"theta": arrays["best_theta"], "statistics": arrays["best_statistics"]}


def read_slots(path, arrays, solver, steps):
    """The update rule's slots by name, as they are in a file. Raises DataError if they do not fit.

    Older files have no slots before the first step, and the number of steps as rule.steps besides.
    """
    found = {name.removeprefix(RULE): array for name, array in arrays.items()
             if name.startswith(RULE)}
    counted = found.pop("steps", None)
    if counted is not None and (counted.shape != () or counted != steps):
        raise DataError(f"{path}: rule.steps is {counted}, after {steps} steps")
    if not found and steps == 0:
        return dict.fromkeys(solver.slots, 0)
    if set(found) != set(solver.slots):
        raise DataError(f"{path}: the update rule has {sorted(found)}, where this run has "
                        f"{sorted(solver.slots)}")
    for name, array in found.items():
        check(path, RULE + name, array, solver.model.theta)
    return found


def read_about(path, arrays):
    """The part of a checkpoint that is no array. Raises DataError if it cannot be."""
    try:
        about = json.loads(arrays["about"].astype(np.uint8).tobytes())
        version = about["version"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: is no checkpoint of this project") from error
    if version != VERSION:
        raise DataError(f"{path}: a checkpoint of version {version}; {VERSION} is read here")
    return about


def check(path, name, array, like):
    """Refuse an array that is missing, or not of the shape and dtype of another."""
    if array is None:
        raise DataError(f"{path}: has no {name}: it is no checkpoint of such a run")
    if array.shape != like.shape or array.dtype != like.dtype:
        raise DataError(f"{path}: {name} is {array.dtype} {array.shape}, where this run has "
                        f"{like.dtype} {like.shape}")


def check_entry(entry):
    """One entry of history: refuse anything but numbers by name. Raises TypeError, KeyError."""
    for name in ("epoch", "train_loss", "seconds", "rate"):
        if not isinstance(entry[name], (int, float)) or math.isnan(entry[name]):
            raise TypeError(f"{name} of an entry of history is {entry[name]!r}")
    return dict(entry)


def model_rng_state(model):
    """The state of the Generator that a model draws dropout's masks from, or None."""
    rng = contract.generator(model)
    return None if rng is None else rng.bit_generator.state
