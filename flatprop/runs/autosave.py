"""Saving a run while it trains: checkpoints now and then, metrics after each epoch, the log."""

import contextlib
import functools
import sys
import time

from data import atomic
from flatprop import ending, width
from flatprop.runs import checkpoint, checksums, curves, metrics
from flatprop.runs.errors import refuse

LATE = 2**16        # characters of the log that wait until it can be written


class Log:
    """Prints, and keeps what it prints in the run's log.txt; folder None keeps nothing.

    tell(text), where it is given, gets the warnings, and nothing is printed. late: the newest lines
    that log.txt has not taken yet.
    """

    def __init__(self, folder, tell=None):
        self.folder, self.tell, self.late = folder, tell, ""

    def keep(self, text):
        """Add lines to log.txt alone. Where it takes none, which is told once, they come with the
        next ones."""
        if self.folder is None:
            return
        before, self.late = self.late, (self.late + width.harmless(text) + "\n")[-LATE:]
        try:
            metrics.append_text(self.folder / "log.txt", self.late)
            self.late = ""
        except OSError as error:
            if not before and self.folder.is_dir():     # of one that is gone the Autosave tells
                self.show(f"warning: could not write to {self.folder / 'log.txt'}: "
                          f"{error.strerror or error}; it lacks lines until that can be done")

    def say(self, text):
        """Keep lines as they are, and print them on standard output, folded on a terminal."""
        self.keep(text)
        if self.tell is None:
            with ending.going_on(sys.stdout, kept=self.folder is not None):
                print(width.fold_on_terminal(text), flush=True)

    def warn(self, text):
        """Keep a line, and print it on standard error, or tell it."""
        self.keep(text)
        self.show(text)

    def show(self, text):
        """Print a line on standard error, or tell it."""
        if self.tell is None:
            width.say(text)
        else:
            self.tell(text)


class Autosave:
    """Writes a run's checkpoints and metrics into its folder; folder None writes nothing.

    every is (steps, None) or (None, seconds); run is the folder of the whole run, of which this is
    a part. A write that fails is reported in the log, training goes on, and what was saved before
    is still there. failed: whether the newest write failed, of weights or of what stands beside
    them; has_weights: whether the newest weights, the best and the last, are in the folder. Without
    appends lines are added to the metrics with the checkpoints, not after each epoch.
    """

    def __init__(self, folder, every, log, run=None, appends=True):
        self.folder, self.log, self.run, self.appends = folder, log, run or folder, appends
        self.steps, self.seconds = every
        self.saved_at, self.best_epoch = time.monotonic(), None
        self.saved_step = self.newest_step = None
        self.failed = self.ended = self.has_weights = False
        if folder is not None:
            self.lines, self.table = metrics.json_lines(folder), metrics.csv_lines(folder)

    @functools.cached_property
    def run_id(self):
        """The id of the run, which is kept in the files of its folder."""
        return checksums.id_of(self.folder)

    def resume(self, solver, changed=refuse):
        """Put what is in the folder into a Solver, to go on from there; changed as in
        checkpoint.restore. Raises DataError."""
        self.lines = checkpoint.restore(self.folder / "last.npz", solver, changed)
        self.run_id = checksums.id_of(self.folder)      # now, not when there is much to lose
        self.saved_step = solver.steps
        self.add_lines(solver)

    def step(self, solver):
        """After a step: save if it is time."""
        due = (solver.steps % self.steps == 0 if self.steps
               else time.monotonic() - self.saved_at >= self.seconds)
        if due:
            self.save(solver)

    def save(self, solver):
        """Save now: the checkpoint to go on from, and the best weights if they have changed."""
        if self.folder is None:
            return
        self.newest_step, self.has_weights = solver.steps, False
        saved = "nothing is saved yet" if self.saved_step is None else (
            f"what was saved at step {self.saved_step:,} is still there")
        with self.report_failures(f"; {saved}{'' if self.ended else ', and training goes on'}"):
            is_other = self.best_epoch != solver.best["epoch"] or "theta" not in solver.best
            if is_other or (self.ended and solver.freshens):
                checkpoint.save_best(self.folder / "best.npz", solver, self.run_id)
                self.best_epoch = solver.best["epoch"]
            checkpoint.save(self.folder / "last.npz", solver, self.lines, self.run_id)
            self.saved_step, self.failed, self.has_weights = solver.steps, False, True
        if not self.failed:
            with self.report_failures():
                self.table.catch_up(solver.history)
        self.saved_at = time.monotonic()

    def epoch(self, solver):
        """After an epoch: write its line of the metrics."""
        if self.folder is not None and self.appends:
            self.add_lines(solver)

    def add_lines(self, solver):
        """Add the lines of new epochs to the metrics, and cut off what is of none."""
        with self.report_failures("; the next checkpoint tries it again"):
            self.lines.catch_up(solver.history)
            self.table.catch_up(solver.history)

    def end(self, solver):
        """Once training has ended or was stopped: write everything."""
        self.ended = True
        self.save(solver)
        if self.folder is None or self.failed:
            return
        with self.report_failures():
            if solver.history:
                metric = "" if solver.metric is None else metrics.label(solver.metric.__name__)
                picture = curves.svg(solver.history, metric)
                atomic.write_text(self.folder / "curves.svg", picture)

    def is_of_last_step(self):
        """Whether last.npz is of the step that was to be saved, though something beside it is not.
        """
        return self.newest_step is not None and (
            checkpoint.saved_step(self.folder / "last.npz") == self.newest_step)

    def what_is_lost(self):
        """Words for what of a run is on the disk, where the newest save has failed."""
        if not self.folder.is_dir():
            return f"{self.folder} is gone"
        path = self.folder / "last.npz"
        step = checkpoint.saved_step(path)
        if step is not None and step == self.newest_step:
            return f"{path} is of the last step, {step:,}; --resume writes what is missing besides"
        if step is not None:
            return f"{path} is of step {step:,}, and what came after is lost"
        return f"{path} is damaged" if path.exists() else f"nothing is in {self.folder}"

    @contextlib.contextmanager
    def report_failures(self, more=""):
        """Report a write that fails; once is enough, until a checkpoint is saved again."""
        try:
            yield
        except OSError as error:
            if not self.failed:
                self.log.warn(f"warning: could not save to {self.folder}: "
                              f"{error.strerror or error}{more}" if self.folder.is_dir() else
                              f"warning: {self.run} is gone, and what was saved with it")
            self.failed = True
