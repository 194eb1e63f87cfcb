"""flatprop train: parse, build, train, print. train.py is the same command."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from data.errors import DataError
from flatprop import system
from flatprop.cli import (
    build,
    command,
    config,
    describe,
    example_weights,
    options,
    own_layers,
    table_lines,
)
from flatprop.cli.errors import UsageError
from flatprop.cli.progress import TrainingProgress, choose_form
from flatprop.runs import checkpoint, evaluation, metrics, run_directory, saved_model
from flatprop.runs.autosave import Autosave, Log
from flatprop.runs.errors import RunError, RunExists
from flatprop.runs.text import loss_text
from solvers.divergence import Diverged
from solvers.evaluation import score
from solvers.metrics import accuracy, r2

BOUNCE = 0.5        # seconds in which two Ctrl-C are one
GROWN = 10          # times the first loss, and training has diverged
EVALUATED = 1000    # examples that the first weights are judged by


def main(argv=None):
    """Run the command; gives its exit code."""
    return command.run_command("train", lambda: start(argv), explain=own_layers.explain)


def start(argv):
    """Do what the command line says. Gives the exit code."""
    args = config.parse(argv)
    if args.print_config:
        print(config.as_toml(args))
        return 0
    if args.layers is not None and own_layers.authors() is None:
        return own_layers.train(args.layers, sys.argv[1:] if argv is None else argv)
    return run(args)


def run(args):
    """One training run, from its options to the test result. Gives the exit code."""
    form = choose_form(args.progress, args.quiet)
    for_split, for_weights, for_order = np.random.default_rng(args.seed).spawn(3)
    if args.dry_run:
        print("\n".join(table_lines.inspect(build.read(args, for_split), args.data)))
        return 0
    examples = read_data(args, for_split)
    description = build.describe_network(args, examples)
    if args.resume:
        path = Path(args.resume) / "last.npz"
        saved_model.check_size(description, run_directory.read_weights(path), path)
    model = build.make_network(args, description, for_weights)
    solver = build.make_solver(args, model, examples, for_order)
    if args.find_rate or args.sanity:
        from flatprop.cli import first_questions
        return first_questions.answer(args, description, examples, for_weights, for_order)

    folder = open_run(args, description, examples)
    log = Log(folder)
    autosave = Autosave(folder, args.checkpoint_every, log)
    if args.resume:
        checkpoint.restore(folder / "last.npz", solver)
        metrics.write(folder, solver.history)
        log.warn(resumed_text(solver, folder))
    if not args.quiet:
        log.say("\n".join(head_lines(args, description, examples, solver)))
        if folder is not None:
            log.warn(f"keeping the run in {folder}")
    try:
        number = train(solver, autosave, TrainingProgress(form, log, solver), args)
        if number is not None:
            return 128 + number     # as shells have it
    except Diverged as error:
        log.warn(divergence_text(error, args, folder, autosave))
        return 3
    except KeyboardInterrupt:       # a second Ctrl-C, while the step ended or was saved
        log.warn(stopped_text(solver.steps if folder is None else autosave.saved_step, folder))
        return 128 + signal.SIGINT
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):     # as in training
        code = print_result(args, solver, examples, folder, autosave, log)
        useless = warn_if_useless(args, solver, description, examples, log)
    return code or useless


def read_data(args, rng):
    """The data set as build.load_data gives it. Raises UsageError or DataError."""
    try:
        return build.load_data(args, rng)
    except DataError as error:
        if args.resume is None:
            raise
        raise DataError(f"--resume {args.resume}: its data is to be where it was, seen from this "
                        f"folder: {error}") from error


def head_lines(args, description, examples, solver):
    """The lines at the head of the log: the network, the objective, the data."""
    lines = describe.network(solver.model, saved_model.title(description))
    lines += describe.objective(describe.loss_name(description), solver.reg, solver.model.weights)
    lines += example_weights.lines(args, examples)
    if args.layers is not None:
        lines += own_layers.author_lines(args.layers, own_layers.authors())
    about = examples["preprocessing"].about
    return (lines + describe.data(" ".join(args.data), examples)
            + table_lines.lines(about, examples["rare"]))


def open_run(args, description, examples):
    """The run's folder, new or that of --resume, or None. Raises UsageError or DataError."""
    data_hash = run_directory.hash_of(*examples["raw"])
    if args.resume:
        folder = Path(args.resume)
        if not os.access(folder, os.W_OK):
            raise UsageError(f"--resume {folder}: the folder may not be written to; copy the run "
                             "to a place of your own, and resume that")
        run_directory.sweep(folder)
        if not run_directory.is_same_data(folder, *examples["raw"]):
            raise DataError(f"--resume {folder}: the data is no longer what the run started "
                            "with; train anew, or put it back")
        return folder
    if args.out == "none":
        return None
    folder = create_folder(args)
    try:
        run_directory.write_json(folder / "config.json", {
            "version": config.VERSION, "options": config.of_args(args)})
        run_directory.write_json(folder / "environment.json", run_directory.environment(data_hash))
        run_directory.write_json(folder / "model.json", saved_model.describe(
            description, examples["preprocessing"]))
        metrics.write(folder, [])
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror or error}: give another --out"
                         ) from error
    return folder


def create_folder(args):
    """The folder of a new run: --out, or runs/DATE-N. Raises UsageError."""
    if args.out == "":
        raise UsageError("--out '': names no folder: give the name of one, or none to keep nothing")
    try:
        if args.out is None:
            return run_directory.create_numbered("runs")
        return run_directory.create(args.out, replace=args.overwrite)
    except RunExists as error:
        is_run = (Path(args.out) / "config.json").is_file()
        remedy = f"--overwrite replaces it, --resume {args.out} goes on with it"
        raise UsageError(f"--out {error}: {remedy if is_run else 'it is no run: give another'}"
                         ) from error
    except RunError as error:
        remedy = "--out FOLDER names another place, --out none keeps nothing"
        raise UsageError(f"the run cannot be kept: {error}; {remedy}" if args.out is None else
                         f"--out {error}: give another --out") from error


def resumed_text(solver, folder):
    """The line for a run that is gone on with, or that has nothing left to do."""
    epochs = len(solver.history)
    if epochs < solver.epochs and not solver.out_of_patience():
        return f"resumed {folder} at step {solver.steps:,}, epoch {epochs + 1}"
    if solver.out_of_patience():
        return (f"{folder} has finished: {solver.patience} epochs brought nothing better; to train "
                "more, start anew with a larger --patience")
    count = "one epoch" if epochs == 1 else f"{epochs} epochs"
    done = (f"has done {count}, and --epochs {solver.epochs} is no more"
            if solver.epochs < epochs else f"has finished, after {count}")
    return (f"{folder} {done}; to train more: "
            f"{command.to_type('train')} --resume {system.quote(folder)} "
            f"--epochs {2 * max(1, epochs)}")


def stopped_text(step, folder):
    """The line for a run that a signal has stopped, saved at a step, None if not yet."""
    if folder is None:
        return f"stopped at step {step:,}; nothing is kept, with --out none"
    if not (folder / "last.npz").is_file():
        return f"stopped before anything was saved in {folder}; start again"
    at = "" if step is None else f" at step {step:,}"
    return (f"stopped{at}; to go on: {command.to_type('train')} "
            f"--resume {system.quote(folder)}")


def divergence_text(error, args, folder, autosave):
    """The line for a run that has diverged: where, what is kept, and what to try."""
    text = f"{command.name('train')}: diverged: {error}: {remedy(args)}"
    if folder is not None and autosave.saved_step is not None:
        text += f". {folder}/last.npz is of step {autosave.saved_step:,}, before that"
    return text


def remedy(args):
    """What to try where training diverges: a lower rate, but never one above the default."""
    default = options.parser().get_default("lr")
    if args.lr / 4 > default:
        return f"--lr {default:g}, the default, or --find-rate"
    return f"--lr {args.lr / 4:.2g}, or --clip 1"


def warn_if_useless(args, solver, description, examples, log):
    """Warn of a training that diverged though all its numbers are finite. Gives 3 if its best
    weights are as useless as its last, else 0.

    A loss counts as that if it is more than GROWN times that of the first weights, and of scores
    of 0, which is a guess's.
    """
    if not solver.history:
        return 0
    last, best = solver.history[-1]["train_loss"], solver.best["val_loss"]
    x, y = examples["val"]
    x, y = x[:EVALUATED], y[:EVALUATED]
    scores = np.zeros_like(solver.model.scores(x))
    guess = float(solver.model.loss_layer.forward(scores, y)[0])
    if not last > GROWN * guess:
        return 0
    _, for_weights, _ = np.random.default_rng(args.seed).spawn(3)
    model = build.make_network(args, description, for_weights)
    first = float(model.loss_layer.forward(model.scores(x), y)[0])
    if not last > GROWN * first:
        return 0
    log.warn(f"{command.name('train')}: warning: the loss has grown from {loss_text(first, 4)}, "
             f"with the first weights, to {loss_text(last, 4)}: training diverged; try "
             f"{remedy(args)}")
    return 0 if best <= GROWN * max(first, guess) else 3


class Stopped(Exception):
    """A signal has asked to stop; raised between two steps."""


def train(solver, autosave, progress, args):
    """Train until the end or a signal that ends it, and save. Gives its number, or None."""
    signals, times = [], []

    def note(number, _frame):
        times.append(time.monotonic())
        # A second Ctrl-C does not wait for the step; one key that bounces, or a shell that sends
        # the signal besides, is no second one.
        if signals and number == signal.SIGINT and times[-1] - times[0] > BOUNCE:
            raise KeyboardInterrupt
        signals.append(number)

    def after_step(solver):
        progress.step()
        if signals:
            raise Stopped
        autosave.step(solver)

    def after_epoch(entry):
        autosave.epoch(entry)
        progress.epoch(entry)

    solver.on_step, solver.on_epoch = after_step, after_epoch
    with command.handler_of(note, signal.SIGINT, *system.END_SIGNALS):
        if not args.resume:
            autosave.save(solver)     # so that there is something to go on from at any moment
        try:
            solver.train()
        except Stopped:
            pass
        except OSError:     # nobody reads the progress any more
            autosave.end(solver)
            raise
        finally:
            progress.end()
        autosave.end(solver)
        if signals:         # said here, as a shell that is closed sends SIGHUP a second time
            autosave.log.warn(stopped_text(solver.steps, autosave.folder))
    return signals[-1] if signals else None


def print_result(args, solver, examples, folder, autosave, log):
    """Test the best weights, and print the result. Gives the exit code."""
    solver.use_best()
    loss, value = solver.evaluate(*examples["test"])
    result = {"loss": loss, "accuracy": value if solver.metric is accuracy else None}
    if examples["classes"] and solver.metric is not accuracy:
        _, result["accuracy"] = score(solver.model, *examples["test"], accuracy)
    if solver.history:
        by = "" if args.best_by is None else f" {metrics.label(args.best_by)}"
        log.say(f"best epoch {solver.best['epoch']} of {len(solver.history)}, by validation{by}")
    log.say(f"test loss {loss_text(loss)}")
    if result["accuracy"] is None:
        result["r2"] = print_regression(solver.model, examples, log)
    else:
        log.say(f"test accuracy {result['accuracy']:.4f}")
    if solver.metric not in (None, accuracy, r2):
        result[args.best_by] = value
        log.say(f"test {metrics.label(args.best_by)} {metrics.value_text(value)}")
    if folder is not None and not autosave.failed:
        run_directory.write_json(folder / "test.json", result)
    return 1 if autosave.failed else 0


def print_regression(model, examples, log):
    """Print what the test part says in the unit of the targets. Gives R^2, None if undefined."""
    fitted = examples["preprocessing"]
    scored = evaluation.score(model, evaluation.batches(*examples["test"]))
    quality = evaluation.regression(scored, fitted)
    if fitted.target_mean is not None:
        log.say(f"test loss in the unit of the targets {quality['loss_in_unit']:.6g}")
    if quality["r2"] is not None:
        log.say(f"test R^2 {loss_text(quality['r2'], 4)}")
    return quality["r2"]
