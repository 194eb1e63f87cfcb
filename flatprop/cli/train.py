"""flatprop train: parse, build, train, print. train.py is the same command."""

import contextlib
import sys
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.open_file import is_there
from flatprop import ending, system, width
from flatprop.cli import (
    busy_machine,
    command,
    command_line,
    common_options,
    devices,
    learned_nothing,
    own_layers,
    ranks,
    reading,
    run_folder,
    sweep,
    table_lines,
    train_texts,
)
from flatprop.cli.progress import TrainingProgress, choose_form
from flatprop.runs import checksums, evaluation, last_words, metrics, run_directory, saved_model
from flatprop.runs.autosave import Autosave, Log
from flatprop.runs.text import loss_text
from flatprop.training import authors, build, config, own_model, run_start, threads
from solvers.divergence import Diverged
from solvers.evaluation import score
from solvers.metrics import accuracy, r2

GROWN = 10          # times the first loss, and training has diverged
ABSURD = 1000       # times that loss, of the best weights too
EVALUATED = 1000    # examples that the first weights are judged by


def main(argv=None, open_device=devices.open_device):
    """Run the command; gives its exit code. open_device(name, tf32) gives what --device names."""
    return ranks.main(sys.argv[1:] if argv is None else argv, lambda: command.run_command(
        "train", lambda: start(argv, open_device), explain=explain))


def explain(error):
    """Words for an error in code of the user's own; None for any other."""
    return own_layers.explain(error) or own_model.explain(error)


def start(argv, open_device):
    """Do what the command line says. Gives the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    typed = command_line.typed_options(words)
    if typed.sweep is not None or sweep.is_sweep(typed.resume):
        return sweep.run(typed, words, open_device)
    args = command_line.parse(words, typed)
    if args.print_config:
        print(config.as_toml(args))
        return 0
    if args.resume is not None:
        run_directory.check_files(Path(args.resume))
    if args.layers is not None and authors.of_layers() is None:
        return own_layers.train(args.layers, words)
    with contextlib.ExitStack() as locks:
        return run(args, locks, open_device)


def run(args, locks, open_device=devices.open_device):
    """One training run, from its options to the test result. Gives the exit code.

    Its folder is held until locks, an ExitStack, is closed. open_device is as for main.
    """
    choose_form(args.progress, args.quiet)
    args.on = open_device(args.device, bool(args.tf32))     # the Device, or None
    if args.processes is not None:
        ranks.world()       # before anything is made
    questions = args.find_rate or args.sanity
    for_split, for_weights, for_order = build.generators(args)
    if args.dry_run:
        raw, warnings = reading.read_all(args, for_split)
        print(width.harmless("\n".join(table_lines.inspect(raw, args.data) + warnings)))
        return 0
    if args.resume and not questions:
        run_folder.hold_resumed(Path(args.resume), args.run_id, locks)
    if args.folds != 0 and args.fold is None:
        if not questions:
            from flatprop.cli import folds
            return folds.run(args, locks)
        args.fold = 1
    if args.refit and not questions:
        from flatprop.cli import refit
        return refit.run(args, locks)
    examples = read_data(args, reading.load_data, for_split)
    build.settle_epochs(args, examples)
    description = build.describe_network(args, examples)
    threads.settle(args, description, examples, locks)
    if questions:
        build.make_solver(args, build.make_network(args, description, for_weights), examples,
                          for_order)       # which checks the options
        from flatprop.cli import first_questions
        return first_questions.answer(args, description, examples, for_weights, for_order)

    solver = make_solver(args, description, examples, args.resume and Path(args.resume))
    with ending.signals_noted() as signals:     # from here on there is something to be saved
        folder = run_folder.open_run(args, examples["raw"], locks)
        if folder is not None and not args.resume:
            run_start.write_model(folder, description, examples)
        log = Log(folder)
        autosave = Autosave(folder, args.checkpoint_every, log, folder)
        if args.resume:
            run_folder.check_network(folder, args)
            autosave.resume(solver, what_changed_means(args, log))
            run_folder.confirm_resumed(args, examples["raw"])
            run_folder.restore_model(folder, description, examples)
            log.warn(train_texts.resumed_text(solver, folder, args))
            threads.warn_of_other_number(args, log)
            devices.warn_of_other(args, log)
        head = train_texts.head_lines(args, description, examples, solver)
        with ranks.joined(args, description, examples, solver, signals) as crew:
            code = train_to_end(args, head, solver, autosave, signals, crew)
    if code is None:
        code = finish(args, description, examples, solver, autosave)
        if code == 0:
            warn_of_result(solver, examples, log)
    return code


def warn_of_result(solver, examples, log):
    """Warn of a model, with its best weights, that has learned nothing."""
    if not solver.history:
        log.warn(train_texts.untrained_text())
        return
    test, fitted = examples["test"], examples["preprocessing"]
    learned_nothing.warn_of_one_class(solver.model, test, fitted.classes, log)
    if test is not None and not examples["classes"]:
        scored = evaluation.score(solver.model, evaluation.batches(*test))
        learned_nothing.warn_of_r2(evaluation.regression(scored, fitted)["r2"], log)


def what_changed_means(args, log):
    """What --accept-changes asks for, as in common_options, its warnings in the log."""
    return common_options.what_changed_means(
        args, lambda text: log.warn(f"{command.name('train')}: warning: {text}"))


def read_data(args, read, rng):
    """What read(args, rng), of build, gives. Raises UsageError or DataError."""
    try:
        return read(args, rng)
    except DataError as error:
        if args.resume is None:
            raise
        option = next((each for each in ("--val-data", "--test-data")
                       if str(error).startswith(each)), "--data")
        raise DataError(f"--resume {args.resume}: {error}; {option} FILE says where its data is now"
                        ) from error


def make_solver(args, description, examples, folder=None):
    """The Solver of the options, for weights as large as those that a folder, if given, holds."""
    if folder:
        path = folder / "last.npz"
        if not is_there(path):
            raise DataError(f"{path}: does not exist, as nothing was saved yet, or it was removed; "
                            f"start again with --overwrite --out {system.quote(folder)}, or put a "
                            "copy of it back", file=path)
        saved_model.check_size(description, run_directory.read_weights(path), path)
    _, for_weights, for_order = build.generators(args)
    model = build.make_network(args, description, for_weights)
    return build.make_solver(args, model, examples, for_order)


def train_to_end(args, head, solver, autosave, signals, crew=None):
    """Say these lines, and train until the end, or until signals, of ending.signals_noted(), has
    one; crew are the processes, of ranks.joined(). Gives the exit code, or None where it has ended
    well.
    """
    log, folder = autosave.log, autosave.folder
    train_texts.say_head(head, args, log)
    crew = crew or ranks.Alone(signals)
    form = choose_form(args.progress, args.quiet)
    try:
        train(solver, autosave, TrainingProgress(form, log, solver), signals,
              busy_machine.Waiting(args, autosave), crew)
    except Diverged as error:
        log.warn(train_texts.divergence_text(error, args, folder, autosave))
        return 3
    except KeyboardInterrupt as stop:       # a second Ctrl-C, while the step ended or was saved
        signals.append(ending.number_of(stop))
    if not signals:
        return None
    # Said here, as a shell that is closed sends SIGHUP a second time.
    log.warn(train_texts.stopped_text(solver.steps, autosave, crew.size))
    number = signals[-1]
    signals.clear()
    return ending.FAILED if autosave.failed else ending.code_of(number)


def finish(args, description, examples, solver, autosave):
    """Test the best weights and say how good they are. Gives the exit code."""
    log = autosave.log
    if solver.history:
        log.say(train_texts.best_text(args, solver))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):     # as in training
        code = print_result(args, solver, examples, autosave)
        return code or warn_if_useless(args, solver, description, examples, log)


def warn_if_useless(args, solver, description, examples, log):
    """Warn of a training that diverged though all its numbers are finite. Gives 3 if its best
    weights are as useless as its last, else 0.

    A loss counts as that if it is more than GROWN times that of the first weights, and of scores
    of 0, which is a guess's. That of the best weights, which the model holds, counts also where it
    is ABSURD times as much, in the test part too, whatever became of the last.
    """
    if not solver.history:
        return 0
    last, best = solver.history[-1]["train_loss"], solver.best["val_loss"]
    best = last if best is None else best
    tested = 0.0 if examples["test"] is None else solver.evaluate(
        *(part[:EVALUATED] for part in examples["test"]))[0]
    worst = max(best, tested)
    x, y, *_ = examples["val"] or examples["train"]     # which may have weights
    x, y = x[:EVALUATED], y[:EVALUATED]
    scores = np.zeros_like(solver.model.scores(x))
    guess = float(solver.model.loss_layer.forward(scores, y)[0])
    if not (last > GROWN * guess or worst > ABSURD * guess):
        return 0
    _, for_weights, _ = build.generators(args)
    model = build.make_network(args, description, for_weights)
    first = float(model.loss_layer.forward(model.scores(x), y)[0])
    if not (last > GROWN * first or worst > ABSURD * first):
        return 0
    log.warn(f"{command.name('train')}: warning: the loss has grown from {loss_text(first, 4)}, "
             f"with the first weights, to {loss_text(max(last, worst), 4)}: {last_words.GROWN}"
             f"{train_texts.remedy(args)}")
    usable = best <= GROWN * max(first, guess) and tested <= ABSURD * max(first, guess)
    return 0 if usable else 3


class Stopped(Exception):
    """A signal has asked to stop; raised between two steps."""


def train(solver, autosave, progress, signals, waiting, crew):
    """Train until the end, or until crew is asked to stop, and save; waiting is told of each step.
    """
    if solver.steps == 0:
        autosave.save(solver)     # so that there is something to go on from at any moment
    train_until(crew.asked, solver, autosave, progress, waiting, crew.agree)
    if autosave.failed and not signals:
        autosave.log.warn(train_texts.unsaved_text(autosave))


def train_until(is_asked, solver, autosave, progress, waiting=None, agree=lambda solver: None):
    """Train until the end, or until is_asked() holds after a step, and save; waiting, a
    busy_machine.Waiting, is told of each step, and agree(solver) called after each epoch."""
    def after_step(solver):
        progress.step(solver.steps)
        if waiting is not None:
            waiting.step()
        if is_asked():
            raise Stopped
        autosave.step(solver)

    def after_epoch(entry):
        agree(solver)
        autosave.epoch(solver)
        progress.epoch(entry)

    solver.on_step, solver.on_epoch = after_step, after_epoch
    solver.stop_every = autosave.steps
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


def print_result(args, solver, examples, autosave):
    """Test the best weights, and print the result. Gives the exit code."""
    log, folder = autosave.log, autosave.folder
    solver.use_best()
    if solver.freshens and solver.val is not None and solver.history:
        loss, _ = solver.evaluate(*solver.val)
        log.say(f"validation loss {loss_text(loss)} with fresh statistics")
    if examples["test"] is None:
        log.say(last_words.UNTESTED)
        return 1 if autosave.failed else 0
    loss, value = solver.evaluate(*examples["test"])
    result = {"loss": loss, "accuracy": value if solver.metric is accuracy else None}
    if examples["classes"] and solver.metric is not accuracy:
        _, result["accuracy"] = score(solver.model, *examples["test"], accuracy)
    log.say(f"test loss {loss_text(loss)}")
    if result["accuracy"] is None:
        fitted = examples["preprocessing"]
        scored = evaluation.score(solver.model, evaluation.batches(*examples["test"]))
        quality = evaluation.regression(scored, fitted)
        print_regression(quality, fitted, log)
        result["r2"] = quality["r2"]
    else:
        log.say(f"test accuracy {result['accuracy']:.4f}")
    if solver.metric not in (None, accuracy, r2):
        result[args.best_by] = value
        log.say(f"test {metrics.label(args.best_by)} {metrics.value_text(value)}")
    if folder is not None and autosave.has_weights:
        result["weights"] = checksums.of_weights([solver.model])
        checksums.write(folder / "test.json", result, autosave.run_id)
    return 1 if autosave.failed else 0


def print_regression(quality, fitted, log):
    """Print what the test part says in the unit of the targets; quality as evaluation has it."""
    if fitted.target_mean is not None:
        log.say(f"test loss in the unit of the targets {quality['loss_in_unit']:.6g}")
    if quality["r2"] is not None:
        log.say(f"test R^2 {loss_text(quality['r2'], 4)}")
