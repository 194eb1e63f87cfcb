"""train --refit: train once more, on training and validation rows, for as long as was best.

RUN/search is the first training, a run of its own, which finds out for how many epochs; RUN is the
second, what `train --val 0 --epochs E` gives for the same rows. Nothing else is kept of where it
stands: the second has begun only where the first has ended.
"""

import argparse
import copy
from pathlib import Path

import numpy as np

from data import atomic
from data.open_file import is_there
from flatprop import ending
from flatprop.cli import describe, devices, reading, run_folder, train, train_texts
from flatprop.runs import run_directory
from flatprop.runs.autosave import Autosave, Log
from flatprop.training import build, run_start, threads
from flatprop.usage.errors import UsageError


def run(args, locks):
    """Both trainings, from the options to the test result. Gives the exit code.

    The run's folder is held until locks is closed, as in train.run.
    """
    for_split, _, _ = build.generators(args)
    raw, warnings = train.read_data(args, reading.read_all, for_split)
    before = copy.deepcopy(for_split)
    examples = build.prepare_data(args, raw, warnings, for_split)
    build.settle_epochs(args, examples)
    description = build.describe_network(args, examples)
    threads.settle(args, description, examples, locks)
    going_on = args.resume and Path(args.resume) / run_directory.SEARCH
    if going_on and not is_there(going_on / "last.npz"):
        going_on = None         # it was stopped before anything was saved
    solver = train.make_solver(args, description, examples, going_on)
    folder = run_folder.open_run(args, examples["raw"], locks)
    if args.resume:
        run_folder.check_before_others(folder, args)
        if going_on is None and is_there(folder / "last.npz"):
            Log(folder).warn(f"{folder / run_directory.SEARCH} has no last.npz, and is trained "
                             "anew")
    code, epochs = search(args, description, examples, solver, folder, going_on, locks)
    if code is not None:
        return code
    finished = f"{folder} has finished"
    if args.epochs < len(solver.history):
        finished = train_texts.done_text(folder, len(solver.history), args.epochs)
    examples = build.prepare_data(args, raw, [], before, refit=True)
    return train_again(with_options(args, val=0.0, val_data=None, patience=None, best_by=None,
                                    epochs=epochs, warmup=(warmup := min(args.warmup, epochs)),
                                    lr_hold=args.lr_hold and min(args.lr_hold, epochs - warmup)),
                       examples, folder, finished)


def with_options(args, **changed):
    """The options with some of them changed."""
    return argparse.Namespace(**(vars(args) | changed))


def search(args, description, examples, solver, run, going_on, locks):
    """The first training, new or going on in a folder.

    Gives (exit code, None), or (None, the number of the best epoch).
    """
    folder = None if run is None else run / run_directory.SEARCH
    log = Log(folder)
    autosave = Autosave(folder, args.checkpoint_every, log, run)
    with ending.signals_noted() as signals:
        if going_on:
            run_directory.hold(folder, locks)
            run_folder.check_network(folder, args)
            autosave.resume(solver, train.what_changed_means(args, log))
            run_folder.restore_model(folder, description, examples)
        elif folder is not None:
            start(folder, with_options(args, refit=None), description, examples, locks)
        run_folder.confirm_resumed(args, examples["raw"])
        threads.warn_of_other_number(args, log)
        devices.warn_of_other(args, log)
        if train_texts.is_unfinished(solver):
            if going_on:
                log.warn(train_texts.resumed_text(solver, run, args))
            if run is not None:
                run_directory.remove_training(run)      # that followed a shorter search
            head = train_texts.head_lines(args, description, examples, solver)
            code = train.train_to_end(args, head, solver, autosave, signals)
            if code is not None:
                return code, None
        elif going_on:
            autosave.end(solver)        # which writes what a full disk has left out
    if solver.history:
        log.say(train_texts.best_text(args, solver))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        solver.use_best()
        code = int(autosave.failed) or train.warn_if_useless(args, solver, description, examples,
                                                             log)
    return (code, None) if code else (None, solver.best["epoch"])


def start(folder, args, description, examples, locks):
    """Make the folder of the first training, and hold it. Raises UsageError."""
    try:
        atomic.make_folder(folder)
        run_directory.hold(folder, locks)
        run_start.write_start(folder, args, run_directory.hash_of(*examples["raw"]),
                               part_of=folder.parent)
    except OSError as error:
        raise UsageError(f"--out {folder.parent}: {error.strerror or error}: give another --out"
                         ) from error
    run_start.write_model(folder, description, examples)


def train_again(args, examples, run, finished):
    """The second training, and the test of what it has learned. Gives the exit code.

    finished is the line for one that there is nothing left of.
    """
    description = build.describe_network(args, examples)
    goes_on = run is not None and is_there(run / "last.npz")
    solver = train.make_solver(args, description, examples, run if goes_on else None)
    log = Log(run)
    autosave = Autosave(run, args.checkpoint_every, log, run)
    if goes_on:
        autosave.resume(solver, train.what_changed_means(args, log))
        run_folder.restore_model(run, description, examples)
    elif run is not None:
        run_start.write_model(run, description, examples)
    if train_texts.is_unfinished(solver):
        count = f"{args.epochs} epoch{'' if args.epochs == 1 else 's'}"
        log.say(f"training {'goes on' if goes_on else 'once more'} with all "
                f"{len(solver.x):,} rows, of training and validation, for {count}")
    elif goes_on:
        log.warn(finished)
    head = describe.data(" ".join(args.data), examples, args)   # the rest has been said
    with ending.signals_noted() as signals:
        code = train.train_to_end(args, head, solver, autosave, signals)
    if code is not None:
        return code
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        code = train.print_result(args, solver, examples, autosave)
        code = code or train.warn_if_useless(args, solver, description, examples, log)
    if code == 0:
        train.warn_of_result(solver, examples, log)
    return code
