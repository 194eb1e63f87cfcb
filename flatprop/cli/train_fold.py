"""What a worker process does (workers.py): it trains folds, each as an ordinary run."""

import contextlib
import copy
import os
import pickle
import queue
import sys
import threading
import time
import traceback

import numpy as np

from data import atomic
from data.errors import DataError
from data.open_file import is_there
from flatprop import ending
from flatprop.cli import command, remedies, run_folder, train, train_texts
from flatprop.cli.common_options import what_changed_means
from flatprop.cli.workers import Unpacker
from flatprop.epoch_text import epoch_line, metric_in_short
from flatprop.runs import folds, lock
from flatprop.runs.autosave import Autosave, Log
from flatprop.runs.errors import RunError
from flatprop.training import build, fold_result, run_start
from flatprop.usage.errors import UsageError
from solvers.divergence import Diverged

PAUSE = 0.1     # seconds between two messages on how far training has come


def main():
    """Train the folds that come through standard input, and say through standard output what came
    of them. What is printed goes to standard error. Ends the process.
    """
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    stop, jobs = threading.Event(), queue.SimpleQueue()
    ending.handle(lambda *_: stop.set(), *ending.OTHER_SIGNALS)
    ending.signals_arrive()
    end = 0
    try:
        given = Unpacker(sys.stdin.buffer).load()
        threading.Thread(target=listen, args=(stop, jobs), daemon=True).start()
        sys.argv, atomic.flush_files = given["argv"], given["kept"]
        while (fold := jobs.get()) is not None:
            def tell(*message):
                with contextlib.suppress(OSError):      # it is gone, so our input has ended
                    pickle.dump(message, channel)
                    channel.flush()
            try:
                outcome = train_fold(fold, given, stop.is_set, tell)
            except DataError as error:
                outcome = {"finished": False, "code": 2,
                           "error": f"{error}{remedies.words(error, 'train')}"}
            except (UsageError, RunError) as error:
                code = 1 if command.is_of_the_disk(error) else 2
                outcome = {"finished": False, "code": code, "error": str(error)}
            except MemoryError:
                outcome = {"finished": False, "code": 1, "error": "there is not enough memory"}
            except OSError as error:
                outcome = {"finished": False, "code": 1, "error": command.of_the_system(error)}
            except Exception as error:
                if (said := train.explain(error)) is None:
                    raise
                outcome = {"finished": False, "code": 1, "error": said}
            if stop.is_set():
                tell("stopped", outcome)
                break
            tell("done", outcome)
    except (EOFError, pickle.UnpicklingError):      # it was ended before there was anything to do
        pass
    except BaseException:
        traceback.print_exc()
        end = 1
    ending.give_up(sys.stderr)
    os._exit(end)      # a thread may still wait for standard input


def listen(stop, jobs):
    """Put the jobs that come into a queue; where the input ends, ask to stop."""
    with contextlib.suppress(Exception):
        while True:
            jobs.put(pickle.load(sys.stdin.buffer))
    stop.set()
    jobs.put(None)


def train_fold(number, given, is_asked, tell):
    """Train one fold, or go on with it, holding its folder. Gives what came of it, a dict: whether
    it is finished, the exit code, and if it is how many epochs were trained now, and what stands in
    folds.json.
    """
    folder = folds.folder(given["folder"], number)
    if not folder.is_dir():         # nor make anew a run that was deleted
        if not folder.parent.is_dir():
            raise RunError(f"{folder.parent} is gone, so nothing can be saved")
        atomic.make_folder(folder)
    # By now its parent may be dead, and its run held by another.
    with lock.hold(folder):
        return train_held(folder, number, given, is_asked, tell)


def train_held(folder, number, given, is_asked, tell):
    """What train_fold does, once it holds the folder."""
    args = copy.copy(given["args"])
    args.fold, args.out = number, None
    examples = build.prepare_data(args, given["raw"], [], copy.deepcopy(given["rng"]))
    description = build.describe_network(args, examples)
    solver = train.make_solver(args, description, examples)
    log = Log(folder, tell=lambda text: tell("warning", text))
    autosave = Autosave(folder, args.checkpoint_every, log, given["folder"], appends=False)
    if is_there(folder / "last.npz"):
        autosave.resume(solver, what_changed_means(args, lambda text: log.warn(f"warning: {text}")))
        run_folder.restore_model(folder, description, examples)
        climb = train_texts.climb_text(solver, args) if train_texts.is_unfinished(solver) else ""
        if climb and number == 1:           # and so it is with the others
            log.warn(f"resumed at step {solver.steps:,}{climb}")
    else:
        run_start.write_start(folder, args, given["data_hash"], part_of=given["folder"])
        run_start.write_model(folder, description, examples)
        log.keep("\n".join(train_texts.head_lines(args, description, examples, solver)))
    before = len(solver.history)
    try:
        train.train_until(is_asked, solver, autosave, Counter(tell, solver, log))
    except Diverged as error:
        log.warn(train_texts.divergence_text(error, args, folder, autosave))
        return {"finished": False, "code": 3}
    if train_texts.is_unfinished(solver):
        if autosave.failed and folder.is_dir():
            log.warn(f"stopped at step {solver.steps:,}, which is not saved: "
                     f"{autosave.what_is_lost()}")
        return {"finished": False, "code": int(autosave.failed)}
    if autosave.failed and folder.is_dir():
        log.warn(train_texts.unsaved_text(autosave))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):     # as in training
        code = train.finish(args, description, examples, solver, autosave)
        return {"finished": True, "code": code, "trained": len(solver.history) - before} | (
            fold_result.of(solver, examples))


class Counter:
    """Tells now and then how many epochs are done, and keeps their lines in the log."""

    def __init__(self, tell, solver, log):
        self.tell, self.epochs, self.log = tell, solver.epochs, log
        self.metric = metric_in_short(solver)
        self.told_at, self.lines = time.monotonic(), []

    def step(self, steps):
        """After one step or several: nothing."""

    def epoch(self, entry):
        """After each epoch, with its entry of history."""
        self.lines.append(epoch_line(entry, self.epochs, metric=self.metric))
        if time.monotonic() - self.told_at >= PAUSE:
            self.told_at = time.monotonic()
            self.tell("epochs", entry["epoch"])
            self.end()

    def end(self):
        """Write the lines that are not in the log yet; at the end of training too."""
        if self.lines:
            self.log.keep("\n".join(self.lines))
        self.lines = []
