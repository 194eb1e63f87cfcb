"""All of a Solver's state in one file, so that training goes on as if it had never stopped.

An .npz of plain arrays: theta, statistics, the best of both and their averages, if there are any,
the order of the epoch under way, the update rule's moments as rule.NAME; and `about`, JSON as
bytes, for the rest: steps, the place in the epoch, the states of the random generators. History
stands beside it, in metrics.jsonl, of which `about` has the length and the hash: so a checkpoint
costs as much after many epochs as after one.
`about` has the id of the run too, and hashes of all arrays and of itself, see checksums.py.
"""

import json
import zipfile
from pathlib import Path

import numpy as np

from data import atomic, npz_file
from data.errors import DataError
from data.open_file import is_there, open_file
from flatprop.runs import checksums, metrics, run_directory
from flatprop.runs.checkpoint_checks import (
    RULE,
    check,
    check_best,
    check_entry,
    check_number,
    check_place,
    check_ratios,
    check_slots,
    check_weights,
)
from flatprop.runs.epoch_lines import REMEDY, check_named
from flatprop.runs.errors import refuse
from flatprop.runs.text import misfit
from solvers import contract

VERSION, READ = 2, (1, 2)       # 1 held all of history


def save(path, solver, lines=None, run_id=None):
    """Write the Solver's state to path, whole or not at all, and history beside it before.

    lines, the EpochLines of that history, which the last save or restore has left, has only the new
    epochs written; without it they all are. run_id is that of the run, see checksums.py. Raises
    OSError; then what was saved before is there.
    """
    lines = metrics.json_lines(Path(path).parent) if lines is None else lines
    lines.catch_up(solver.history)
    lines.flush()
    arrays = {"theta": solver.model.theta, "statistics": contract.statistics(solver.model)}
    if "theta" in solver.best:
        arrays |= {"best_theta": solver.best["theta"],
                   "best_statistics": solver.best["statistics"]}
    if solver.average is not None:
        arrays |= {"average_theta": solver.average.theta,
                   "average_statistics": solver.average.statistics}
    if solver.order is not None:
        arrays["order"] = solver.order
    arrays |= {RULE + name: slot for name, slot in solver.slots.items()}
    rng = contract.generator(solver.model)
    write(path, arrays, {
        "version": VERSION, "steps": solver.steps, "place": solver.place, "total": solver.total,
        "spent": solver.spent, "history": lines.name(), "ratios": solver.ratios,
        "best": {name: solver.best[name] for name in ("epoch", "val_loss", "val_metric")},
        "order_rng": solver.rng.bit_generator.state,
        "model_rng": None if rng is None else rng.bit_generator.state,
    }, run_id)


def save_best(path, solver, run_id=None):
    """Write the best weights so far to path; the newest ones where nothing was validated."""
    best = solver.best if "theta" in solver.best else dict(
        zip(("theta", "statistics"), solver.to_keep(), strict=True))
    write(path, {name: best[name] for name in ("theta", "statistics")},
          {"version": VERSION, "epoch": solver.best["epoch"]}, run_id)


def write(path, arrays, about, run_id=None):
    """Write arrays by name, and about as JSON; numbers of NumPy in it become floats."""
    plain = json.loads(json.dumps(about, default=float))
    signed = checksums.sign_arrays(arrays, plain, run_id)
    about = np.frombuffer(json.dumps(signed).encode(), np.uint8)
    atomic.write_with(path, lambda file: write_npz(file, arrays | {"about": about}))


def write_npz(file, arrays):
    """Write arrays {name: array} as np.savez does, which in NumPy 2.0 leaves the archive open where
    a write fails. Raises OSError.
    """
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def restore(path, solver, changed=refuse):
    """Put the state in a file into a Solver made with the same options.

    Gives the EpochLines of its history, for save. changed(problem, remedy) is called for a file or
    a history that was changed since; what returns goes on with it.
    Raises DataError if the file does not fit, ChangedFile by default if it was changed; nothing of
    the Solver is changed then.
    """
    arrays, lines = npz_file.read(path), metrics.json_lines(Path(path).parent)
    about = read_about(path, arrays)
    edit = checksums.edit_of_arrays(arrays, about, checksums.id_of(Path(path).parent))
    update_older(path, arrays, about, solver)
    model = solver.model
    state = {"theta": model.theta, "statistics": contract.statistics(model)}
    kept = {f"best_{name}": array for name, array in state.items() if "theta" in solver.best}
    if solver.average is not None:
        state |= {"average_theta": solver.average.theta,
                  "average_statistics": solver.average.statistics}
    state |= {RULE + name: slot for name, slot in solver.slots.items()}
    for name, like in (state | kept).items():
        check(path, name, arrays.get(name), like)
    if other := [name for name in arrays if name.startswith(RULE) and name not in state]:
        raise DataError(f"{path}: has {', '.join(other)}, which is not of this run's update rule")
    check_slots(path, arrays)
    for prefix in ("", *["best_"] * bool(kept), *["average_"] * (solver.average is not None)):
        check_weights(path, arrays[prefix + "theta"], arrays[prefix + "statistics"], model)
    order = arrays.get("order")
    if order is not None and not (order.dtype.kind in "iu" and np.array_equal(
            np.sort(order), np.arange(len(solver.x)))):
        raise DataError(f"{path}: it is of {order.size} training examples, there are "
                        f"{len(solver.x)}: resume with the data it was made with")
    if edit is not None:
        changed(f"{path}: {edit}", checksums.COPY)
    before = solver.rng.bit_generator.state
    try:
        entries = about["history"]
        if about["version"] > 1:
            entries = lines.read(entries, changed)
        history = [check_entry(entry, solver) for entry in entries]
        steps, place = check_place(about, order, history, solver)
        best = check_best(about["best"], history, solver)
        total, spent = (check_number(name, about[name]) for name in ("total", "spent"))
        ratios = check_ratios(about["ratios"])
        solver.rng.bit_generator.state = about["order_rng"]
        if about["model_rng"] is not None:
            contract.generator(model).bit_generator.state = about["model_rng"]
    except DataError:
        solver.rng.bit_generator.state = before
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        solver.rng.bit_generator.state = before
        raise DataError(f"{path}: a damaged checkpoint: {misfit(error)}; put a copy of it back, or "
                        "train anew") from error
    solver.steps, solver.place, solver.order = steps, place, order
    solver.total, solver.spent, solver.ratios = total, spent, ratios
    solver.history[:] = history
    solver.best |= best
    for entry in history:
        solver.count_patience(entry)
    for name, array in state.items():
        array[:] = arrays[name]
    if "theta" in solver.best:
        solver.best |= {"theta": arrays["best_theta"], "statistics": arrays["best_statistics"]}
    return lines


def saved_step(path):
    """The step that the checkpoint at path is of; None if there is none, or it cannot be read."""
    try:
        return int(read_about(path, npz_file.read(path))["steps"])
    except (DataError, OSError, KeyError, TypeError, ValueError, OverflowError):
        return None


def check_saved(folder, changed=refuse):
    """Look whether the last.npz of a run, if it is there, can be read, and whether it and the
    metrics.jsonl that it names are as they were written. changed as for restore. Raises DataError.
    """
    path = Path(folder) / "last.npz"
    if is_there(path):
        arrays = npz_file.read(path)
        about = read_about(path, arrays)
        edit = checksums.edit_of_arrays(arrays, about, checksums.id_of(folder))
        if edit is not None:
            changed(f"{path}: {edit}", checksums.COPY)
        try:
            check_named(about["history"])
        except (KeyError, TypeError, ValueError, OverflowError):
            return              # an older version's, or damaged, which restore says
        metrics.json_lines(folder).read(about["history"], changed)


def check_history(folder, changed=refuse):
    """Look whether the metrics.jsonl of a run is what its last.npz names; one of an older version,
    or that cannot be read, says nothing of it. changed as for restore.

    Gives how many epochs it names, None where it says nothing. Raises DataError.
    """
    path, lines = Path(folder) / "last.npz", metrics.json_lines(folder)
    try:
        about = read_about(path, npz_file.read(path, only=("about",)))
        epochs, size, known = check_named(about["history"])
    except (DataError, KeyError, TypeError, ValueError, OverflowError):
        return None
    run_id = checksums.id_of(folder)
    if about.get(checksums.RUN_ID) not in (None, run_id):       # it is no other's metrics to blame
        changed(f"{path}: is of {checksums.owner(about[checksums.RUN_ID], run_id)}", checksums.COPY)
        return None
    if not is_there(lines.path):
        if epochs:
            changed(f"{lines.path}: is missing", REMEDY)
    else:
        with open_file(lines.path, "a copy of the file that was there") as file:
            lines.check(file, size, known, changed)
    return epochs


def update_older(path, arrays, about, solver):
    """Change what an older file holds: no slots before the first step; Adam had counted steps."""
    steps, counted = about.get("steps"), arrays.pop("rule.steps", None)
    if counted is not None and (counted.shape != () or counted.item() != steps):
        raise DataError(f"{path}: rule.steps is {counted}, after {steps} steps")
    if steps == 0:
        for name in solver.slots:
            arrays.setdefault(RULE + name, np.zeros_like(solver.model.theta))


def read_about(path, arrays):
    """The part of a checkpoint that is no array. Raises DataError if it cannot be."""
    try:
        about = json.loads(arrays["about"].astype(np.uint8).tobytes())
        version = about["version"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: is no checkpoint of this project") from error
    if version not in READ or type(version) is not int:
        raise DataError(run_directory.other_version(path, version, VERSION))
    return about
