"""The parent's end of a child process: starting it, the two pipes, a deadline, its end.

On Linux one process that has imported NumPy, and no student's code, forks the children in a few
milliseconds each; elsewhere each child is a new Python.
"""

import atexit
import contextlib
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time

import numpy as np

from flatprop.exercises.sandbox import wire

if sys.platform == "linux":
    import fcntl

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child.py")
NUMPY = os.path.dirname(os.path.dirname(os.path.abspath(np.__file__)))
FORKS = sys.platform == "linux"
CHUNK = 1 << 20
INSPECT_SECONDS = 0.1
ANSWER_BYTES = 64 << 20
# One thread for BLAS: a child may start none, and a class graded at once has no core to spare.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
               "VECLIB_MAXIMUM_THREADS": "1", "LC_ALL": "C.UTF-8",
               **{name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}}


class Gone(Exception):
    """The child's pipe has ended."""


class Late(Exception):
    """The deadline has passed."""


class Forged(Exception):
    """What came is not an answer."""


class Forker:
    """The process that forks children; one for each parent process."""

    def __init__(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", SCRIPT, "fork", str(theirs.fileno()), NUMPY],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                env=ENVIRONMENT, cwd="/", start_new_session=True)
        self.control, self.lock = ours, threading.Lock()

    def ask(self, request, descriptors=()):
        """Send a request; gives the answer, a dict. Raises OSError or ValueError if it has died."""
        with self.lock:
            socket.send_fds(self.control, [json.dumps(request).encode()], descriptors)
            return json.loads(self.control.recv(65536))

    def close(self):
        """End it, and with it every child."""
        self.control.close()
        self.process.wait()


FORKER = []
FORKER_LOCK = threading.Lock()


def forker():
    """The Forker of this process, a new one if the last has died."""
    with FORKER_LOCK:
        if FORKER and FORKER[0].process.poll() is not None:
            FORKER.pop().control.close()
        if not FORKER:
            FORKER.append(Forker())
        return FORKER[0]


@atexit.register
def close_forker():
    """End the Forker with this process."""
    while FORKER:
        FORKER.pop().close()


class Process:
    """One child: config as child.py wants it, output an open file for what it prints."""

    def __init__(self, config, output):
        self.output, self.exit = output, None
        if FORKS:
            self.process, self.forker = None, forker()
            requests, self.requests = pipe()
            self.replies, replies = pipe()
            try:
                descriptors = [requests, replies, output.fileno()]
                self.pid = self.forker.ask({"start": config}, descriptors)["pid"]
            finally:
                os.close(requests)
                os.close(replies)
        else:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", SCRIPT, "once", NUMPY, json.dumps(config)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, env=ENVIRONMENT)
            self.requests, self.replies = os.dup(self.process.stdin.fileno()), os.dup(
                self.process.stdout.fileno())
            self.process.stdin.close()
            self.process.stdout.close()
        self.chunks, self.rest, self.at_end = queue.Queue(8), b"", False
        threading.Thread(target=read_all, args=(self.replies, self.chunks), daemon=True).start()

    def ask(self, question, deadline, inspect=lambda: None):
        """Send bytes, and give the JSON and the arrays' bytes of the answer.

        inspect() is called now and then meanwhile, and may raise. Raises Gone, Late or Forged; the
        child cannot be used after that.
        """
        if len(question) <= 4096:
            write(self.requests, question)
        else:       # a child that does not read must not hold the parent up
            threading.Thread(target=write, args=(os.dup(self.requests), question, True),
                             daemon=True).start()
        length, size = wire.HEAD.unpack(self.take(wire.HEAD.size, deadline, inspect))
        if length > wire.TEXT_BYTES or length + size > ANSWER_BYTES:
            raise Forged
        return self.take(length, deadline, inspect), self.take(size, deadline, inspect)

    def take(self, size, deadline, inspect):
        """The next size bytes of the answer."""
        parts, have = [self.rest], len(self.rest)
        while have < size:
            # Not only when nothing comes: a child that sends byte by byte could go on for ever.
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late
            inspect()
            try:
                chunk = self.chunks.get(timeout=min(left, INSPECT_SECONDS))
            except queue.Empty:
                continue
            if not chunk:
                self.at_end = True
                raise Gone
            parts.append(chunk)
            have += len(chunk)
        data = b"".join(parts)
        self.rest = data[size:]
        return data[:size]

    def end(self):
        """Kill the child and whatever it started; gives its exit code, minus a signal's number."""
        if self.exit is None:
            try:
                if self.process is None:
                    self.exit = self.forker.ask({"end": self.pid})["status"]
                else:
                    self.process.kill()
                    self.exit = self.process.wait()
            except (OSError, ValueError):
                self.exit = -9
            os.close(self.requests)
            if not self.at_end:
                drain(self.chunks)
        return self.exit


def pipe():
    """A pipe that holds a large array, where the system allows it: fewer reads and writes."""
    ends = os.pipe()
    with contextlib.suppress(OSError):
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, CHUNK)
    return ends


def read_all(descriptor, chunks):
    """Read a pipe to its end into a queue, whose last item is empty; then close the pipe."""
    data = b"..."
    while data:
        try:
            data = os.read(descriptor, CHUNK)
        except OSError:
            data = b""
        chunks.put(data)
    os.close(descriptor)


def drain(chunks):
    """Make room in a queue, so that its read_all comes to its end."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            if not chunks.get(timeout=0.5):
                return
        except queue.Empty:
            return


def write(descriptor, data, close=False):
    """Write all of data; what the reader does not want any more is dropped."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view):]
    except OSError:
        pass
    finally:
        if close:
            os.close(descriptor)
