"""Processes that train folds at the same time, and how the one that starts them talks with them.

They are started as python -c, not by multiprocessing, which would run the user's own script once
more in each of them. A worker reads pickles from its standard input: Python's path, what it needs
for all jobs, then a job after the other; and writes messages to its standard output. Where its
input ends it stops, saving what it has: so it does when it is told to, and when the process that
started it is killed.
"""

import collections
import contextlib
import io
import os
import pickle
import queue
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np

from flatprop import ending

# -P: no file of the folder one is in may hide a module. A Ctrl-C is for the one that starts them.
# The one that starts them may end before it has said anything.
START = """import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
import pickle, sys
try:
    sys.path[:] = pickle.load(sys.stdin.buffer)
except (EOFError, pickle.UnpicklingError):
    sys.exit()
from flatprop.cli.train_fold import main
main()
"""
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
                            "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
LOOK = 0.1          # seconds between two looks whether to stop
LARGE = 2**24       # bytes from which an array goes through a file, which all workers map


class Workers:
    """So many processes, which start at once; `with` ends them.

    Within it, hand_over(content, folder) and then messages(jobs, is_asked).
    """

    def __init__(self, count):
        self.heard = queue.SimpleQueue()
        with ending.signals_wait():
            self.processes = [subprocess.Popen(
                [sys.executable, "-P", "-c", START], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=standard_error(), env=os.environ | ONE_THREAD) for _ in range(count)]
        self.listeners = [threading.Thread(target=self.listen, args=pair, daemon=True)
                          for pair in enumerate(self.processes)]
        for process, listener in zip(self.processes, self.listeners, strict=True):
            listener.start()
            send(process, pickle.dumps(sys.path))

    def listen(self, number, process):
        """Put what a worker says into self.heard; None once it has ended."""
        # A process that is killed says half a message.
        with process.stdout, contextlib.suppress(Exception):
            while True:
                self.heard.put((number, pickle.load(process.stdout)))
        self.heard.put((number, None))

    def hand_over(self, content, folder):
        """Give all workers what they need; large arrays in files in a folder, if it has room."""
        held = io.BytesIO()
        Packer(held, folder).dump(content)
        for process in self.processes:
            send(process, held.getvalue())

    def messages(self, jobs, is_asked):
        """Give jobs to the workers, one at a time each, until all are done or is_asked() holds.

        Yields (job, message), what the worker has to say of it, a tuple; the last one of a job is
        ("done", ...), or ("stopped", ...) where the worker takes no more. A job whose process was
        lost gets ("lost", exit code), unless it was asked to stop.
        """
        waiting, busy = collections.deque(jobs), {}
        for number in range(len(self.processes)):
            self.next(number, waiting, busy)
        while busy:
            try:
                number, message = self.heard.get(timeout=LOOK)
            except queue.Empty:
                message = number = None
            if is_asked():
                waiting.clear()
                self.end_input()
            if number not in busy:
                continue
            if message is None:
                job = busy.pop(number)
                if not is_asked():
                    yield job, ("lost", self.processes[number].wait())
                continue
            yield busy[number], message
            if message[0] in ("done", "stopped"):
                del busy[number]
                self.next(number, waiting if message[0] == "done" else (), busy)

    def next(self, number, waiting, busy):
        """Give a worker the next job, or end it where there is none."""
        if not waiting:
            end_input(self.processes[number])
            return
        busy[number] = waiting.popleft()
        send(self.processes[number], pickle.dumps(busy[number]))

    def end_input(self):
        """Ask all workers to stop, and to save what they have."""
        for process in self.processes:
            end_input(process)

    def kill(self):
        """End all workers at once; what they have not saved is lost."""
        for process in self.processes:
            process.kill()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """Wait for all to end. Where nobody reads our output any more they save first; with any
        other error they end at once.
        """
        self.end_input()
        if kind is not None and not issubclass(kind, OSError):
            self.kill()
        for process, listener in zip(self.processes, self.listeners, strict=True):
            process.wait()
            listener.join()
            process.stdout.close()


def standard_error():
    """What a worker prints its errors to: our own, also where that was closed and leads nowhere."""
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):       # it is no file, as in a notebook
        return None


def send(process, content):
    """Write bytes to a worker; one that has ended is noticed where it is listened to."""
    with contextlib.suppress(OSError, ValueError):
        process.stdin.write(content)
        process.stdin.flush()


def end_input(process):
    """Close the standard input of a worker."""
    with contextlib.suppress(OSError):
        process.stdin.close()


class Packer(pickle.Pickler):
    """Pickles; arrays in memory maps as the place in their file, large ones as such a place too."""

    def __init__(self, file, folder):
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.folder, self.count = Path(folder), 0

    def persistent_id(self, thing):
        """What stands for an array: (class, path, dtype, offset, shape, order); None for others."""
        if type(thing) is np.memmap:
            return ("memmap", thing.filename, thing.dtype.str, thing.offset, thing.shape,
                    "C" if thing.flags.c_contiguous else "F")
        if type(thing) is not np.ndarray or thing.nbytes < LARGE or thing.dtype.hasobject:
            return None
        self.count += 1
        path = self.folder / f"array-{self.count}"
        try:
            np.ascontiguousarray(thing).tofile(path)
        except OSError:         # no room: it goes through the pipe
            path.unlink(missing_ok=True)
            return None
        return "ndarray", str(path), thing.dtype.str, 0, thing.shape, "C"


class Unpacker(pickle.Unpickler):
    """Reads what Packer wrote."""

    def persistent_load(self, held):
        """The array that a place in a file stands for."""
        kind, path, dtype, offset, shape, order = held
        mapped = np.memmap(path, np.dtype(dtype), "r", offset, shape, order)
        return mapped if kind == "memmap" else np.asarray(mapped)
