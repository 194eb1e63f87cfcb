"""flatprop train --folds K: a network for each fold, trained by processes, and their average."""

import copy
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from data import prepare
from data.open_file import is_there
from flatprop import ending, processors, system, width
from flatprop.cli import (
    command,
    learned_nothing,
    reading,
    reading_again,
    run_folder,
    train,
    train_texts,
    workers,
)
from flatprop.cli.progress import choose_form, fit
from flatprop.runs import checksums, evaluation, folds, run_directory
from flatprop.runs.autosave import Log
from flatprop.runs.metrics import label, value_text
from flatprop.runs.text import loss_in_column, loss_text
from flatprop.training import build, own_model, run_start, threads

PERIOD = 2.0        # seconds until the first line on how far training is; the others take longer


def run(args, locks):
    """Train all folds, from the options to the test result of the average. Gives the exit code.

    The run's folder is held until locks is closed, as in train.run.
    """
    form = choose_form(args.progress, args.quiet)
    threads.use(1, locks)       # for the test of the average, as those who have trained it
    count = min(args.folds or build.FOLDS, args.jobs or processors.available())
    with (tempfile.TemporaryDirectory(prefix="flatprop-", ignore_cleanup_errors=True) as temporary,
          workers.Workers(count) as crew):      # they start while the data is read
        for_split, _, _ = build.generators(args)
        raw, warnings = train.read_data(args, reading.read_all, for_split)
        lines = head_lines(args, raw, warnings, for_split)
        folder = open_run(args, raw, Path(temporary), locks)
        kept = folder if args.resume or args.out != "none" else None
        log = Log(kept)
        if args.resume:
            check_folds(args, folder, log)
            run_folder.confirm_resumed(args, build.named(args, raw))
            log.warn(f"resumed {folder}")
        train_texts.say_head(lines, args, log)
        crew.hand_over({
            "args": args, "raw": raw, "rng": for_split, "folder": folder, "argv": sys.argv,
            "kept": kept is not None,
            "data_hash": run_directory.hash_of(*build.named(args, raw))}, temporary)
        try:
            outcomes, number = train_all(args, crew, FoldsProgress(form, args, log), kept)
        except KeyboardInterrupt:       # a second Ctrl-C, while steps ended or were saved
            crew.kill()
            log.warn(stopped_text(kept, {}))
            return ending.code_of(signal.SIGINT)
        if number is not None:
            return ending.FAILED if are_lost(outcomes) else ending.code_of(number)
        return finish(args, outcomes, raw, for_split, folder, log)


def head_lines(args, raw, warnings, for_split):
    """The lines at the head of the log, with the network of fold 1. Raises UsageError, DataError.
    """
    first = copy.copy(args)
    first.fold = 1
    examples = build.prepare_data(first, raw, warnings, copy.deepcopy(for_split))
    if examples["classes"]:
        shares, _ = prepare.fold_rows(raw, args.folds, args.test or 0, copy.deepcopy(for_split))
        examples["rare"] = prepare.rare_in_folds(raw, shares)
    build.settle_epochs(first, examples)
    args.epochs = first.epochs
    description = build.describe_network(first, examples)
    solver = train.make_solver(first, description, examples)
    args.compiled = first.compiled
    network, *others = train_texts.head_lines(args, description, examples, solver)
    return [f"{network} (of fold 1)", *others]


def open_run(args, raw, temporary, locks):
    """The run's folder: new, that of --resume, or one in a folder that is thrown away. Raises
    UsageError or DataError.
    """
    if args.resume or args.out != "none":
        return run_folder.open_run(args, build.named(args, raw), locks)
    folder = temporary / "run"
    folder.mkdir()
    run_start.write_start(folder, args, run_directory.hash_of(*build.named(args, raw)))
    return folder


def check_folds(args, folder, log):
    """Refuse a run with a fold that cannot be gone on with, before others are; and say which are
    gone. Raises DataError."""
    has_ended = is_there(folder / "folds.json")
    for number in range(1, args.folds + 1):
        fold = folds.folder(folder, number)
        run_folder.check_before_others(fold, args)
        if has_ended and not is_there(fold / "last.npz"):
            log.warn(f"{fold} has no last.npz, and is trained anew")


def train_all(args, crew, progress, kept):
    """Train until all folds have ended or a signal asks to stop.

    Gives ({fold: what train_fold gives}, the signal's number or None).
    """
    outcomes, log, told = {}, progress.log, set()

    def warn(fold, text, start=""):
        """Warn, but once alone of a folder that is gone, which all folds notice."""
        if text not in told or kept is None or kept.is_dir():
            told.add(text)
            log.warn(f"{start}fold {fold}: {text}")
    with ending.signals_noted() as signals:
        for fold, (kind, *said) in crew.messages(range(1, args.folds + 1), lambda: signals):
            if kind == "epochs":
                progress.epochs(fold, *said)
            elif kind == "warning":
                warn(fold, said[0])
            elif kind == "lost":
                outcomes[fold] = {"finished": False, "code": 1}
                log.warn(lost_text(fold, said[0], kept))
            else:
                outcomes[fold] = said[0]
                if "error" in said[0]:
                    warn(fold, said[0]["error"], f"{command.name('train')}: error: ")
                progress.fold(fold, said[0])
            progress.show()
        progress.end()
        if signals:         # said here, as a shell that is closed sends SIGHUP a second time
            log.warn(stopped_text(kept, outcomes))
        number = signals[-1] if signals else None
        signals.clear()
    return outcomes, number


def stopped_text(kept, outcomes):
    """The line for a run that a signal has stopped; kept is its folder, or None."""
    if kept is None:
        return "stopped; nothing is kept, with --out none"
    if not (kept / "config.json").is_file():
        return f"stopped; {kept} is gone, and the run with it"
    return f"stopped{', and not all is saved' if are_lost(outcomes) else ''}; {to_go_on(kept)}"


def are_lost(outcomes):
    """Whether something of a fold was not saved, of what train_all gives."""
    return any(outcome["code"] == 1 for outcome in outcomes.values())


def to_go_on(kept):
    """What to type to go on with a run."""
    return f"to go on: {train_texts.to_resume(kept)}"


def lost_text(fold, code, kept):
    """The line for a fold whose process ended with an exit code, by a signal if it is below 0."""
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    end = "nothing is kept, with --out none" if kept is None else to_go_on(kept)
    return (f"{command.name('train')}: fold {fold} is lost: its process ended with {how}; if "
            f"memory was short, --jobs 1 needs less; {end}")


def finish(args, outcomes, raw, for_split, folder, log):
    """Print the mean over the folds and the test result of their average. Gives the exit code."""
    if not folder.is_dir():
        log.warn(f"{command.name('train')}: the run is not saved: {folder} is gone")
        return 1
    done = {fold: outcome for fold, outcome in outcomes.items() if outcome["finished"]}
    table = [{"fold": fold} | {name: value for name, value in outcome.items()
                               if name not in ("finished", "code", "trained")}
             for fold, outcome in sorted(done.items())]
    code = max((outcome["code"] for outcome in outcomes.values()), default=1)
    run_id = checksums.id_of(folder)
    checksums.write(folder / "folds.json", {"folds": table}, run_id)
    stopped = [fold for fold in range(1, args.folds + 1)
               if fold not in outcomes or outcomes[fold] == {"finished": False, "code": 0}]
    if stopped:         # by who ended their process, not ours
        log.warn(f"{command.name('train')}: fold{'s' if len(stopped) > 1 else ''} "
                 f"{', '.join(map(str, stopped))} stopped; " + (
                     to_go_on(folder) if log.folder else "nothing is kept, with --out none"))
    if len(done) < args.folds:
        return max(code, 1)
    if not any(outcome["epochs"] for outcome in done.values()):
        log.warn(train_texts.untrained_text())
    elif args.resume:
        warn_of_epochs(args, done, folder, log)
    log.say(mean_line(table))
    if are_lost(done):      # the average would be of older weights
        log.warn(f"{command.name('train')}: not all of the folds is saved, so their average is not "
                 "tested; " + (to_go_on(folder) if log.folder else
                               "nothing is kept, with --out none"))
        return 1
    log.say(f"the {args.folds} networks averaged:")
    saved = folds.load(folder, make=own_model.of_training(args))
    part = reading_again.test_rows(args, raw, for_split)
    if part is None:
        log.say("there is no test part, so nothing is tested")
        return code
    x, y = test = reading_again.as_read(*part)
    y = folds.learned(y, saved)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):     # as in training
        scored = evaluation.score(saved.model, evaluation.batches(x, y))
        if saved.preprocessing.classes is not None:
            quality = evaluation.classification(scored, len(saved.preprocessing.classes))
        else:
            quality = evaluation.regression(scored, saved.preprocessing)
    chosen = {}
    log.say(f"test loss {loss_text(quality['loss'])}")
    if "accuracy" in quality:
        log.say(f"test accuracy {quality['accuracy']:.4f}")
        if args.best_by in ("balanced_accuracy", "auc"):
            chosen[args.best_by] = quality[args.best_by]
            log.say(f"test {label(args.best_by)} {value_text(quality[args.best_by])}")
        learned_nothing.warn_of_one_class(saved.model, test, saved.preprocessing.classes, log)
    else:
        train.print_regression(quality, saved.preprocessing, log)
        learned_nothing.warn_of_r2(quality["r2"], log)
    checksums.write(folder / "test.json", {
        "loss": quality["loss"], "accuracy": quality.get("accuracy")} | (
        chosen if "accuracy" in quality else {"r2": quality["r2"]}) | {
        "weights": checksums.of_weights(member.model for member in saved.model.members)}, run_id)
    return code


def warn_of_epochs(args, done, folder, log):
    """Say where --resume has trained nothing, or not all folds, as they have had their epochs;
    done is {fold: what train_fold gives}."""
    longest = max(outcome["epochs"] for outcome in done.values())
    longer = [fold for fold, outcome in sorted(done.items()) if outcome["epochs"] > args.epochs]
    if not any(outcome["trained"] for outcome in done.values()):
        log.warn(train_texts.done_text(folder, longest, args.epochs) if longest >= args.epochs else
                 train_texts.out_of_patience_text(folder, args.patience))
    elif longer:
        log.warn(f"{command.name('train')}: warning: fold{'s' if len(longer) > 1 else ''} "
                 f"{', '.join(map(str, longer))} had done more than --epochs {args.epochs} already,"
                 " so the folds are not alike; to train all for as long: "
                 f"{command.to_type('train')} --resume {system.quote(folder)} --epochs {longest}")


def mean_line(table):
    """The mean over the folds and its spread, the standard deviation with n - 1."""
    for name in (*metrics_of(table[0]), "val_loss"):
        word = f"val {label(name.removeprefix('val_'))}"
        values = [entry.get(name) for entry in table]
        if None not in values:
            return (f"mean of {len(table)} folds  {word} {loss_text(statistics.fmean(values), 4)} "
                    f"+- {loss_text(statistics.stdev(values), 4)}")
    return f"mean of {len(table)} folds: nothing was validated"


def metrics_of(outcome):
    """The keys of what came of a fold that are validation results, besides the loss."""
    return [name for name in outcome if name.startswith("val_") and name != "val_loss"]


def fold_line(fold, folds, outcome):
    """What came of one fold."""
    digits = len(str(folds))
    line = (f"fold {fold:{digits}} of {folds}  best epoch "
            f"{outcome['best_epoch']:{len(str(outcome['epochs']))}} of {outcome['epochs']}")
    if "val_loss" in outcome:
        line += f"  val loss {loss_in_column(outcome['val_loss'])}"
    for name in metrics_of(outcome):
        if outcome[name] is not None:
            word = label(name.removeprefix("val_"))
            line += f"  val {word} {loss_text(outcome[name], 4)}"
    return line


class FoldsProgress:
    """Shows a line for each fold, in their order, and a bar or lines on stderr in between."""

    def __init__(self, form, args, log):
        self.form, self.log, self.quiet = form, log, args.quiet
        self.folds, self.epochs_each = args.folds, args.epochs
        self.done, self.lines, self.next, self.bar = {}, {}, 1, None
        self.started = self.shown_at = time.monotonic()
        self.wait = PERIOD
        if form == "bar":
            from tqdm import tqdm
            with ending.going_on(sys.stderr):
                self.bar = tqdm(total=self.folds * self.epochs_each, unit="epoch",
                                file=sys.stderr)
                fit(self.bar, width.columns(sys.stderr))

    def epochs(self, fold, count):
        """So many epochs of a fold are done."""
        self.done[fold] = count

    def fold(self, fold, outcome):
        """A fold has ended. Its line waits for those before it, so that the log is always one."""
        if outcome["finished"]:
            self.done[fold] = self.epochs_each
            self.lines[fold] = fold_line(fold, self.folds, outcome)
        else:
            self.lines[fold] = None
        while self.next in self.lines:
            line = self.lines[self.next]
            self.next += 1
            if line is not None:
                self.say(line)

    def say(self, line):
        """Print a line, above the bar."""
        if self.quiet:
            self.log.keep(line)
            return
        if self.bar is not None:
            with ending.going_on(sys.stderr):
                self.bar.clear()
        self.log.say(line)
        if self.bar is not None:
            with ending.going_on(sys.stderr):
                self.bar.refresh()

    def show(self):
        """Show how far training has come, if it is time."""
        count = sum(self.done.values())
        if self.bar is not None:
            fit(self.bar, width.columns(sys.stderr))
            with ending.going_on(sys.stderr):
                self.bar.update(count - self.bar.n)
        elif self.form == "lines" and time.monotonic() - self.shown_at >= self.wait:
            self.shown_at, self.wait = time.monotonic(), min(2 * self.wait, 30)
            total, seconds = self.folds * self.epochs_each, self.shown_at - self.started
            ending.tell(f"{count:,} of {total:,} epochs in all folds, {seconds:.0f} s")

    def end(self):
        """Once training has ended or was stopped."""
        for fold in sorted(fold for fold in self.lines if fold >= self.next):
            if self.lines[fold] is not None:        # one before it was lost
                self.say(self.lines[fold])
        if self.bar is not None:
            with ending.going_on(sys.stderr):
                self.bar.close()
