"""One network of an estimator: how it is trained, gone on with, and written as a run."""

import contextlib
import copy
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from data import frame
from flatprop.runs import checkpoint, checksums, metrics
from flatprop.runs.saved_model import SavedModel
from flatprop.training import build, fold_result, run_start, threads
from flatprop.usage.errors import UsageError
from solvers import contract


class Training(NamedTuple):
    """What a checkpoint has besides the best weights, which the model holds: the Solver's steps,
    slots, best, ratios and the states of its rng and of the model's; the last weights, theta and
    statistics; and the averages of these, under the same names, or None."""

    steps: int
    slots: dict
    best: dict
    ratios: dict
    rng: Mapping[str, Any]
    model_rng: Mapping[str, Any] | None
    theta: np.ndarray
    statistics: np.ndarray
    average: Any = None


class Trained(NamedTuple):
    """One network: the options it was trained with, its SavedModel, which has the best weights, its
    Training, its history, a dict an epoch, and of a fold its fold_result.of, or None."""

    options: Any
    saved: SavedModel
    training: Training
    history: list
    result: dict | None = None


def of_fold(args, number):
    """The options of train for one of the folds."""
    args = copy.copy(args)
    args.fold = number
    return args


def train_network(args, raw, known=None, partial=False, progress=False):
    """Train a network on a data.own.Raw, or for partial go on with a Trained for an epoch, or else
    from its weights; progress shows a bar. -> Trained. Raises UsageError."""
    for_split, for_weights, for_order = build.generators(args)
    examples = build.prepare_data(args, raw, [], for_split,
                                  fitted=known and known.saved.preprocessing)
    build.settle_epochs(args, examples)
    description = build.describe_network(args, examples)
    if known and description != known.saved.description:
        raise UsageError("warm_start: the network is another than the one that was fitted: set "
                         "warm_start=False to fit anew")
    with contextlib.ExitStack() as locks:
        if args.folds:
            threads.use(1, locks)       # as the command does
        else:
            threads.settle(args, description, examples, locks)
        model: Any = known.saved.model if known else build.make_network(args, description,
                                                                        for_weights)
        solver = build.make_solver(args, model, examples, for_order)
        if known and partial:
            take_up(solver, known, args.update_rule)
        if progress:
            from flatprop import notebook
            notebook.train(solver, f"fold {args.fold} of {args.folds}" if args.folds else "")
        else:
            solver.train()
    theta, statistics = model.theta.copy(), contract.statistics(model).copy()
    solver.use_best()
    training = Training(solver.steps, solver.slots, solver.best, solver.ratios,
                        solver.rng.bit_generator.state, state_of(model), theta, statistics,
                        solver.average)
    saved = SavedModel(model, examples["preprocessing"], description, Path(frame.NAME), "best")
    return Trained(args, saved, training, solver.history,
                   fold_result.of(solver, examples) if args.folds else None)


def take_up(solver, trained, update_rule):
    """Let a Solver go on for an epoch, from the step that the last one has come to. Raises
    UsageError."""
    known = trained.training
    if solver.slots.keys() != known.slots.keys():
        raise UsageError(f"update_rule: {update_rule} cannot go on from where another one came to: "
                         "set it back, or fit anew")
    solver.history, solver.epochs = list(trained.history), len(trained.history) + 1
    solver.steps, solver.rng.bit_generator.state = known.steps, known.rng
    for name, slot in solver.slots.items():
        slot[:] = known.slots[name]


def write_network(folder, trained):
    """Write a Trained into the folder of a run that has its start. Raises UsageError, OSError."""
    run_start.write_model(folder, trained.saved.description,
                           {"preprocessing": trained.saved.preprocessing})
    run_id, solver = checksums.id_of(folder), state_to_write(trained)
    checkpoint.save_best(folder / "best.npz", solver, run_id)
    checkpoint.save(folder / "last.npz", solver, run_id=run_id)
    metrics.csv_lines(folder).write_anew(trained.history)


def state_to_write(trained):
    """What a checkpoint is written of: the state of the Solver that has trained the model."""
    known, last = trained.training, copy.deepcopy(trained.saved.model)
    last.theta[:], contract.statistics(last)[:] = known.theta, known.statistics
    return SimpleNamespace(
        model=last, steps=known.steps, slots=known.slots, best=known.best, ratios=known.ratios,
        history=trained.history, order=None, place=0, total=0.0, spent=0.0, average=known.average,
        to_keep=lambda: ((known.average or known).theta, (known.average or known).statistics),
        rng=SimpleNamespace(bit_generator=SimpleNamespace(state=known.rng)))


def state_of(model):
    """The state of a model's Generator, or None of one that has none."""
    rng = contract.generator(model)
    return None if rng is None else rng.bit_generator.state
