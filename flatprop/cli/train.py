"""Train a neural network from the command line: parse, build, train, print."""

import os
import sys
from pathlib import Path

import numpy as np

from data import json_file, npz_file
from data.errors import DataError
from flatprop.cli import (
    build_data,
    build_network,
    build_solver,
    config,
    describe,
    display,
    options,
    own_layers,
)
from flatprop.cli.errors import UsageError
from flatprop.cli.names import NAMES
from flatprop.cli.signals import Stop, exit_code
from flatprop.runs import checkpoint, run_directory, saved_model
from flatprop.runs.keeper import Keeper, Log
from solvers.divergence import Diverged


def main(argv=None):
    """Run the command; gives its exit code."""
    try:
        args = options.parse(argv, NAMES)
        if args.print_config:
            print(config.as_toml(args))
            return 0
        if args.layers is not None and own_layers.authors() is None:
            return own_layers.train(args.layers, sys.argv[1:] if argv is None else argv)
        return run(args)
    except (UsageError, DataError) as error:
        print(f"train.py: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has left; Python must not try to flush what remains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("train.py: interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        explained = own_layers.explain(error)
        if explained is None:
            raise
        print(f"train.py: error: {explained}", file=sys.stderr)
        return 1


def run(args):
    """One training run, from its options to the test result. Gives the exit code."""
    shown = display.mode(args.progress, args.quiet)
    for_split, for_weights, for_order = np.random.default_rng(args.seed).spawn(3)
    examples = build_data.load(args, for_split)
    description = build_network.describe(args, examples)
    if args.resume:
        path = Path(args.resume) / "last.npz"
        saved_model.check_size(description, npz_file.read(path), path)
    model = build_network.make(args, description, for_weights)
    solver = build_solver.make(args, model, examples, for_order)
    if args.find_rate or args.sanity:
        from flatprop.cli import first_questions
        return first_questions.answer(args, description, examples, for_weights, for_order)

    folder = open_run(args, description, examples)
    log = Log(folder)
    keeper = Keeper(folder, args.checkpoint_every, log)
    if args.resume:
        checkpoint.restore(folder / "last.npz", solver)
        run_directory.write_metrics(folder, solver.history)
        log.warn(f"resumed {folder} at step {solver.steps:,}, epoch {len(solver.history) + 1}")
    if not args.quiet:
        lines = describe.network(model, build_network.title(description))
        lines += describe.objective(f"{description['loss']} loss", solver.reg, model.weights)
        if args.layers is not None:
            lines += own_layers.author_lines(args.layers, own_layers.authors())
        log.say("\n".join(lines + describe.data(" ".join(args.data), examples)))
        if folder is not None:
            log.warn(f"keeping the run in {folder}")

    try:
        number = train(solver, keeper, display.Display(shown, log, args.epochs), args)
    except Diverged as error:
        log.warn(diverged(error, args, folder, keeper))
        return 3
    if number is not None:
        if folder is not None:
            log.warn(f"stopped at step {solver.steps:,}; to go on: python train.py --resume "
                     f"{folder}")
        return exit_code(number)
    return report(solver, examples, folder, keeper, log)


def open_run(args, description, examples):
    """The run's folder, made or found, with what is known before training; None if none is kept."""
    data_hash = run_directory.hash_of(*examples["raw"])
    if args.resume:
        folder = Path(args.resume)
        run_directory.sweep(folder)
        known = json_file.read(folder / "environment.json").get("data_hash")
        if known != data_hash:
            raise DataError(f"--resume {folder}: the data is no longer what the run was begun "
                            "with; train anew, or put it back")
        return folder
    if args.out == "none":
        return None
    folder = run_directory.create(args.out, args.overwrite)
    try:
        run_directory.write_json(folder / "config.json", {
            "version": config.VERSION, "options": config.of_args(args)})
        run_directory.write_json(folder / "environment.json", run_directory.environment(data_hash))
        run_directory.write_json(folder / "model.json", saved_model.describe(
            description, examples["preprocessing"]))
        run_directory.write_metrics(folder, [])
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror or error}") from error
    return folder


def diverged(error, args, folder, keeper):
    """The words for a run that has blown up: where, what is kept, and what to try."""
    text = f"train.py: diverged: {error}: --lr {args.lr / 4:.2g}, or --clip 1"
    if folder is not None and keeper.saved_step is not None:
        text += f". {folder}/last.npz is of step {keeper.saved_step:,}, before that"
    return text


class Stopped(Exception):
    """Training was asked to stop, between two steps."""


def train(solver, keeper, shown, args):
    """Train to the end. Gives None, or the signal that stopped it, with everything saved."""
    def after_step(solver):
        shown.step()
        if stop.number is not None:
            raise Stopped
        keeper.step(solver)

    def after_epoch(entry):
        keeper.epoch(entry)
        shown.epoch(entry)

    solver.on_step, solver.on_epoch = after_step, after_epoch
    with Stop() as stop:
        shown.begin(solver)
        if not args.resume:
            keeper.save(solver)     # so that there is something to go on from at any moment
        try:
            solver.train()
        except Stopped:
            pass
        finally:
            shown.end()
        keeper.end(solver)
        return stop.number


def report(solver, examples, folder, keeper, log):
    """Test the best weights, and print what came of the run. Gives the exit code."""
    solver.use_best()
    loss, accuracy = solver.evaluate(*examples["test"])
    if solver.history:
        log.say(f"best epoch {solver.best['epoch']} of {len(solver.history)}, by validation")
    log.say(f"test loss {loss:.6f}")
    if accuracy is not None:
        log.say(f"test accuracy {accuracy:.4f}")
    if folder is not None and not keeper.failed:
        run_directory.write_json(folder / "test.json", {"loss": loss, "accuracy": accuracy})
    return 1 if keeper.failed else 0


if __name__ == "__main__":
    sys.exit(main())
