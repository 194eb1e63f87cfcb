"""The folder that a training writes into: opened, held, and its network checked."""

import os
from pathlib import Path

from data import json_file
from data.open_file import is_there
from flatprop.cli import command_line
from flatprop.cli.common_options import what_changed_means
from flatprop.runs import checkpoint, checksums, run_directory, saved_model
from flatprop.runs.errors import RunBusy, RunError, RunExists, refuse
from flatprop.training import own_model, places, run_start
from flatprop.usage.errors import UsageError


def hold_resumed(folder, run_id, locks):
    """Hold the folder of a run that is gone on with, until locks is closed.

    run_id is that of the run whose options were read. Raises UsageError.
    """
    if not os.access(folder, os.W_OK):
        raise UsageError(f"--resume {folder}: the folder may not be written to; copy the run "
                         "to a place of your own, and resume that")
    try:
        run_directory.hold(folder, locks)
    except RunBusy as error:
        raise UsageError(f"--resume {error}: wait until it has ended, or stop it") from error
    if checksums.id_of(folder) != run_id:       # another process was quicker, with --overwrite
        raise UsageError(f"--resume {folder}: another run has been put there meanwhile: to go on "
                         "with that, type it again")


def open_run(args, data, locks):
    """The run's folder, new or that of --resume, or None; data is x, y and what they are called.
    Raises UsageError or DataError.
    """
    if args.resume:
        folder = Path(args.resume)
        if not run_directory.is_same_data(folder, *data):
            what_changed_means(args, command_line.warn)(
                f"--resume {folder}: the data is no longer what the run started with",
                "train anew, or put it back")
        return folder
    if args.out == "none":
        return None
    folder = create_folder(args, locks)
    try:
        run_start.write_start(folder, args, run_directory.hash_of(*data))
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror or error}: give another --out"
                         ) from error
    return folder


def confirm_resumed(args, data):
    """Keep where the data of a run that is gone on with is now; and take both as they are from now
    on, where --accept-changes asks for it. data as for open_run. Raises OSError.

    It is done when the checkpoints have turned out to fit, so that a refused run is as it was.
    """
    if not args.resume:
        return
    places.remember(Path(args.resume), args)
    if args.accept_changes:
        same = run_directory.is_same_data(args.resume, *data)
        checksums.sign_anew(args.resume, None if same else run_directory.hash_of(*data))


def create_folder(args, locks):
    """The folder of a new run: --out, or runs/DATE-N. Raises UsageError."""
    if args.out == "":
        raise UsageError("--out '': names no folder: give the name of one, or none to keep nothing")
    try:
        if args.out is None:
            return run_directory.create_numbered("runs", locks)
        return run_directory.create(args.out, locks, replace=args.overwrite)
    except RunBusy as error:
        raise UsageError(f"--out {error}: give another --out, or wait until it has ended"
                         ) from error
    except RunExists as error:
        is_run = (Path(args.out) / "config.json").is_file()
        remedy = f"--overwrite replaces it, --resume {args.out} goes on with it"
        raise UsageError(f"--out {error}: {remedy if is_run else 'it is no run: give another'}"
                         ) from error
    except RunError as error:
        remedy = "--out FOLDER names another place, --out none keeps nothing"
        raise UsageError(f"the run cannot be kept: {error}; {remedy}" if args.out is None else
                         f"--out {error}: give another --out") from error


def check_before_others(folder, args):
    """Refuse a fold of a run, or its search, that cannot be gone on with, before others are. What
    changes mean that are accepted is said when it is gone on with. Raises DataError."""
    checkpoint.check_saved(folder, (lambda *_: None) if args.accept_changes else refuse)
    check_network(folder, args)


def check_code(folder, args):
    """Refuse a run with a model of one's own whose file has changed since; with --accept-changes,
    keep what it is now. Raises DataError."""
    path = folder / "model.json"
    if not own_model.is_own(args.model) or not is_there(path):
        return
    plain, now = json_file.read(path), own_model.checksum(args.model)
    about = plain.get("description") if isinstance(plain, dict) else None
    if isinstance(about, dict) and about.get(own_model.HASH) != now:
        what_changed_means(args, command_line.warn)(
            own_model.changed_text(args.model), "put it back")
        about[own_model.HASH] = now
        checksums.write(path, plain, plain.get(checksums.RUN_ID))


def check_network(folder, args):
    """Refuse a run whose network is another one now; with --accept-changes, one that can no longer
    be loaded. Raises DataError."""
    check_code(folder, args)
    if args.accept_changes and is_there(folder / "last.npz") and is_there(folder / "model.json"):
        saved_model.load(folder, "last", changed=lambda *_: None,
                         make=own_model.of_training(args))


def restore_model(folder, description, examples):
    """Write down the network again where that was lost of a run that is gone on with. Raises
    UsageError, DataError."""
    if not is_there(folder / "model.json"):
        run_start.write_model(folder, description, examples)
