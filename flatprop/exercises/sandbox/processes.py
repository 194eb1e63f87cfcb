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
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from flatprop.exercises.sandbox import wire

if sys.platform == "linux":
    import fcntl

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child.py")
NUMPY = os.path.dirname(os.path.dirname(os.path.abspath(np.__file__)))
FORKS = sys.platform == "linux"
OTHERS = ("/tmp", "/var/tmp", "/dev/shm")
CHUNK = 1 << 20
INSPECT_SECONDS = 0.1
ANSWER_BYTES = 64 << 20
# One thread for BLAS: a child may start none, and a class graded at once has no core to spare.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
               "VECLIB_MAXIMUM_THREADS": "1", "LC_ALL": "C.UTF-8",
               **{name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}}


def temporary():
    """A folder for temporary files that a child may enter; None for the usual one."""
    # A child of root's becomes another user (walls.py), and TMPDIR may be root's alone.
    if sys.platform != "linux" or os.geteuid() != 0 or reachable(tempfile.gettempdir()):
        return None
    return next((folder for folder in OTHERS if reachable(folder)), None)


def reachable(folder):
    """Whether every user may enter a folder, and this one write to it."""
    folder = Path(folder).resolve()
    return os.access(folder, os.W_OK) and all(
        each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))


class Forker:
    """The process that forks children; one for each parent process."""

    def __init__(self):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = start_python("fork", str(theirs.fileno()), pass_fds=[theirs.fileno()],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        cwd="/", start_new_session=True)

    def ask(self, request, descriptors=()):
        """Send a request; gives the answer, a dict. Raises OSError or ValueError if it has died."""
        socket.send_fds(self.control, [json.dumps(request).encode()], descriptors)
        return json.loads(self.control.recv(65536))


FORKER = []         # the one of this process


def forker():
    """The Forker of this process, a new one if the last has died."""
    if FORKER and FORKER[0].process.poll() is not None:
        close_forker()
    if not FORKER:
        FORKER.append(Forker())
    return FORKER[0]


@atexit.register
def close_forker():
    """End the Forker, and with it every child."""
    while FORKER:
        last = FORKER.pop()
        last.control.close()
        last.process.wait()


def start_python(mode, argument, **how):
    """Start child.py, see there; how: as subprocess.Popen has it."""
    return subprocess.Popen([sys.executable, "-I", "-S", SCRIPT, NUMPY, mode, argument],
                            env=ENVIRONMENT, **how)


class Process:
    """One child: config as child.py wants it, output an open file for what it prints."""

    def __init__(self, config, output):
        requests, self.requests = pipe()
        replies, answers = pipe()
        try:
            if FORKS:
                self.process, self.forker = None, forker()
                descriptors = [requests, answers, output.fileno()]
                self.pid = self.forker.ask({"start": config}, descriptors)["pid"]
            else:
                self.process = start_python("once", json.dumps(config), stdin=requests,
                                            stdout=answers, stderr=output)
        finally:
            os.close(requests)
            os.close(answers)
        self.chunks, self.rest = queue.Queue(8), b""
        threading.Thread(target=read_all, args=(replies, self.chunks), daemon=True).start()

    def ask(self, question, deadline, inspect=lambda: None):
        """Send bytes -> the JSON and the arrays' bytes of the answer.

        inspect() is called now and then, and may raise. Raises EOFError if the child has ended,
        TimeoutError, NotPlain.
        """
        # In a thread: a child that does not read must not hold the parent up.
        threading.Thread(target=write, args=(os.dup(self.requests), question), daemon=True).start()
        length, size = wire.HEAD.unpack(self.take(wire.HEAD.size, deadline, inspect))
        if length > wire.TEXT_BYTES or length + size > ANSWER_BYTES:
            raise wire.NotPlain("an answer beyond measure")
        return self.take(length, deadline, inspect), self.take(size, deadline, inspect)

    def take(self, size, deadline, inspect):
        """The next size bytes of the answer."""
        parts, have = [self.rest], len(self.rest)
        while have < size:
            # Not only when nothing comes: a child that sends byte by byte could go on for ever.
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            inspect()
            try:
                chunk = self.chunks.get(timeout=min(left, INSPECT_SECONDS))
            except queue.Empty:
                continue
            if not chunk:
                self.chunks.put(chunk)      # for end
                raise EOFError
            parts.append(chunk)
            have += len(chunk)
        data = b"".join(parts)
        self.rest = data[size:]
        return data[:size]

    def processor_seconds(self):
        """The processor time of the child so far; where a system does not tell, the clock's."""
        # The kernel's number for the clock of another process.
        with contextlib.suppress(OSError):      # it has died: what waits for its answer says so
            return time.clock_gettime((~self.pid << 3) | 2) if FORKS else time.monotonic()
        return 0.0

    def end(self):
        """Kill the child and whatever it started.

        -> its exit code, minus a signal's number, and its processor time in seconds
        """
        seconds = 0.0
        try:
            if self.process is None:
                ended = self.forker.ask({"end": self.pid})
                code, seconds = ended["status"], ended["seconds"]
            else:
                before = sum(os.times()[2:4])       # of children that were waited for
                self.process.kill()
                code = self.process.wait()
                seconds = sum(os.times()[2:4]) - before
        except (OSError, ValueError):
            code = -9
        os.close(self.requests)
        # Make room, so that read_all comes to its end.
        deadline = time.monotonic() + 1
        with contextlib.suppress(queue.Empty):
            while time.monotonic() < deadline and self.chunks.get(timeout=0.5):
                continue
        return code, seconds


def pipe():
    """A pipe that holds a large array, where the system allows it: fewer reads and writes."""
    ends = os.pipe()
    if FORKS:
        with contextlib.suppress(OSError):
            fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, CHUNK)
    return ends


def read_all(descriptor, chunks):
    """Read a pipe to its end into a queue, whose last item is empty; then close the pipe."""
    with contextlib.suppress(OSError), open(descriptor, "rb", buffering=0) as replies:
        while data := replies.read(CHUNK):
            chunks.put(data)
    chunks.put(b"")


def write(descriptor, data):
    """Write all of data and close; what the reader does not want any more is dropped."""
    with contextlib.suppress(OSError), open(descriptor, "wb") as requests:
        requests.write(data)
