"""Many submissions, graded by several worker processes at once.

A worker that dies, or says nothing for too long, costs one row its points, and is replaced.
"""

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from flatprop import ending
from flatprop.exercises.grading.budget import Budget
from flatprop.exercises.sandbox.processes import temporary
from flatprop.needs import ROOT

SLACK = 90          # seconds beyond a submission's own, on a machine that has much else to do
TRIES, PAUSE = 50, 0.1
ENDED = "the grader's own process ended while it graded this one"


class Interrupted(ending.Stop):
    """A signal; rows are those so far."""

    def __init__(self, number, rows):
        super().__init__(number)
        self.rows = rows


def grade(paths, settings, jobs, on_row):
    """Grade the submissions at paths; gives their rows in the order of paths.

    settings: a dict for the workers, see grade.settings_of; on_row(row): called as each row is
    done, in the order in which they are. Raises Interrupted.
    """
    # One folder for the workers' temporary files: one that is killed cannot delete its own.
    with folder_of_workers() as folder, ThreadPoolExecutor(jobs) as pool:
        os.chmod(folder, 0o711)         # children of root's are other users
        workers, idle = [Worker(settings, folder) for _ in range(jobs)], queue.SimpleQueue()
        for worker in workers:
            idle.put(worker)

        def grade_one(path):
            worker = idle.get()
            row = worker.grade(path)
            idle.put(worker)
            return row

        rows = [pool.submit(grade_one, os.path.abspath(path)) for path in paths]
        try:
            for row in as_completed(rows):
                on_row(row.result())
        except KeyboardInterrupt as stop:
            raise Interrupted(ending.number_of(stop),
                              [row.result() for row in rows if row.done()]) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.end()
    return [row.result() for row in rows]


@contextlib.contextmanager
def folder_of_workers():
    """A temporary folder that is gone at the end, though a killed worker's child may still write.
    """
    folder = tempfile.mkdtemp(prefix="flatprop-batch-", dir=temporary())
    try:
        yield folder
    finally:
        for _ in range(TRIES):
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):
                break
            time.sleep(PAUSE)


class Worker:
    """One process of submission.py, started when there is something to grade."""

    def __init__(self, settings, temporary):
        self.settings, self.temporary, self.process = settings, temporary, None
        budget = Budget(settings["timeout"])
        self.patience = SLACK + budget.most + budget.most_cpu       # seconds

    def grade(self, path):
        """The row of a submission, whatever happens."""
        try:
            if self.process is None:
                self.start()
            timer = threading.Timer(self.patience, self.process.kill)
            timer.start()
            try:
                self.process.stdin.write(json.dumps(path) + "\n")
                self.process.stdin.flush()
                return json.loads(self.process.stdout.readline())
            finally:
                timer.cancel()
        except Exception:       # whatever it is: the batch waits for this row
            self.end()
            return {"submission": os.path.basename(path), "points": 0.0, "out_of": None,
                    "passed": 0, "exercises": [], "notes": [], "seconds": None, "reason": ENDED}

    def start(self):
        """Start the process."""
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
                       "TMPDIR": self.temporary,
                       "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-P", "-m", "flatprop.exercises.grading.submission",
                   json.dumps(self.settings)]
        # Its own session: Ctrl-C is the batch's to deal with.
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8", cwd=ROOT, env=environment, start_new_session=True)

    def end(self):
        """End the process, if there is one; its children end with it."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError), process:     # a line that it no longer took
                process.wait()
