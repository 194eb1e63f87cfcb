"""Many submissions, graded by several worker processes at once.

A worker that dies, or says nothing for too long, costs one row its points, and is replaced.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading

from flatprop import ROOT
from flatprop.exercises.sandbox import places


def grade(paths, settings, jobs, patience, on_row):
    """Grade the submissions at paths; gives their rows in the order of paths.

    settings: a dict for the workers, see worker.py; patience: seconds for one submission;
    on_row(row): called as each row is done, in the order in which they are
    """
    waiting, done = queue.Queue(), queue.Queue()
    for place, path in enumerate(paths):
        waiting.put((place, os.path.abspath(path)))
    rows = {}
    with temporary() as folder:
        workers = [Worker(settings, patience, folder) for _ in range(min(jobs, len(paths)))]
        for worker in workers:
            threading.Thread(target=grade_waiting, args=(worker, waiting, done),
                             daemon=True).start()
        try:
            while len(rows) < len(paths):
                place, row = done.get()
                rows[place] = row
                on_row(row)
        except KeyboardInterrupt:
            while not waiting.empty():
                waiting.get()
            raise Interrupted([rows[place] for place in sorted(rows)]) from None
        finally:
            for worker in workers:
                worker.end()
    return [rows[place] for place in sorted(rows)]


@contextlib.contextmanager
def temporary():
    """A folder for the workers' temporary files: one that is killed cannot delete its own."""
    with tempfile.TemporaryDirectory(prefix="flatprop-batch-", dir=places.temporary(),
                                     ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)         # children of root's are other users
        yield folder


class Interrupted(Exception):
    """Ctrl-C; the argument is the rows so far."""


def grade_waiting(worker, waiting, done):
    """Grade what is waiting."""
    while True:
        try:
            place, path = waiting.get_nowait()
        except queue.Empty:
            return
        done.put((place, worker.grade(path)))


class Worker:
    """One process of worker.py, started when there is something to grade."""

    def __init__(self, settings, patience, temporary=None):
        self.settings, self.patience, self.process = settings, patience, None
        self.temporary = temporary or tempfile.gettempdir()

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
                    "passed": 0, "exercises": [], "seconds": None,
                    "reason": "the grader's own process ended while it graded this one"}

    def start(self):
        """Start the process."""
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
                       "TMPDIR": self.temporary,
                       "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        # Its own session: Ctrl-C is the batch's to deal with.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flatprop.exercises.grading.worker", json.dumps(self.settings)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            cwd=ROOT, env=environment, start_new_session=True)

    def end(self):
        """End the process, if there is one; its children end with it."""
        process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            try:
                pipe.close()
            except OSError:         # a line that it no longer took
                continue
