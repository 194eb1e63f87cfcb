"""The student's code as the trusted parent sees it: calls that give plain values, or StudentError.

    with Child(folder) as child:
        weights = child.call("models/initialization.py", "he", Seed(0), 4, 5)

The process (child.py) can read a copy of the folder, Python's library and NumPy, and can write to a
scratch folder that is then deleted. Arguments are what wire.py takes.
"""

import contextlib
import math
import os
import shutil
import tempfile
import time
from typing import NamedTuple

from flatprop.exercises.sandbox.processes import Process, temporary
from flatprop.exercises.sandbox.wire import NotPlain, Ref, Seed, pack, printable, unpack

__all__ = ["Child", "Limits", "NotStarted", "Ref", "Seed", "StudentError"]

START_SECONDS = 20.0
SCRATCH_FILES, SCRATCH_BYTES = 100, 64 << 20
TOO_LONG = "it takes hundreds of times as long as whole arrays, or more,"
KINDS = ("not written", "import", "raised", "memory", "output", "not plain")    # a child's errors


class Limits(NamedTuple):
    """What a child may use."""

    seconds: float = 10.0           # of one call, by the wall clock
    cpu_seconds: int = 60           # of the whole child
    memory_mb: int = 1024           # on top of Python and NumPy
    output_bytes: int = 1 << 20     # printed
    file_mb: int = 16               # for each file written
    processes: int = 1              # itself
    total_seconds: float = 120.0    # of all calls together, by the wall clock


class NotStarted(RuntimeError):
    """There is no child process, and the student's code is not to blame."""


class StudentError(Exception):
    """What went wrong in the student's code.

    kind: one of KINDS, "time", "died" or "forbidden". text: in words, fit to be printed.
    """

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}")
        self.kind, self.text = kind, text


class Child:
    """A process that imports files below folder. A context manager.

    A child that has died is started again by the next call.

    seconds     the limit of one call, to be set lower or higher as a check likes
    troubles    the kinds of all StudentErrors that calls have raised
    cpu_seconds processor time of the processes that have ended
    processor   the processor time that the process may have had by now, in seconds
    standing    the names of the walls round the child (walls.py), known after the first call
    look        called with nothing every now and then while a call lasts; it may raise
    """

    def __init__(self, folder, limits=None, look=lambda: None):
        self.folder, self.limits, self.look = folder, limits or Limits(), look
        self.seconds, self.left = self.limits.seconds, self.limits.total_seconds
        self.standing, self.troubles = [], []
        self.processor, self.cpu_seconds = math.inf, 0.0
        self.process, self.number = None, 0

    def __enter__(self):
        self.base = os.path.realpath(tempfile.mkdtemp(prefix="flatprop-", dir=temporary()))
        self.tree = os.path.join(self.base, "tree")
        self.scratch = os.path.join(self.base, "scratch")
        try:
            os.chmod(self.base, 0o711)
            shutil.copytree(self.folder, self.tree)
            open_up(self.tree)
            self.printed = tempfile.TemporaryFile(dir=self.base)    # no other child can read it
        except BaseException:
            shutil.rmtree(self.base, ignore_errors=True)
            raise
        return self

    def __exit__(self, *exception):
        self.end()
        self.printed.close()
        shutil.rmtree(self.base, ignore_errors=True)

    def call(self, file, name, *arguments):
        """name(*arguments) of a file -> its value."""
        return self.ask("call", {"file": file, "name": name, "arguments": arguments})

    def output(self):
        """What the code has printed so far, made printable."""
        self.printed.seek(0)
        return printable(self.printed.read(8000).decode("utf-8", "replace"))

    def ask(self, verb, arguments):
        """Put a question to the child, started if need be -> the value of its answer."""
        try:
            if self.process is None:
                self.start()
            self.number += 1
            question = pack({"number": self.number, "verb": verb, "with": arguments})
            return self.exchange(question)
        except StudentError as error:
            self.troubles.append(error.kind)
            raise

    def exchange(self, question):
        """Send a question, receive, and check what came -> the value. Raises StudentError."""
        started = time.monotonic()
        try:
            deadline = started + min(self.seconds, self.left)
            answer = unpack(*self.process.ask(question, deadline, self.check_use))
        except TimeoutError:
            allowed = min(self.seconds, self.limits.total_seconds)  # what is left differs each time
            raise self.end_with("time", f"no answer within {allowed:.3g} s") from None
        except EOFError:
            raise self.end_of_dead() from None
        except NotPlain:
            raise self.end_forged() from None
        finally:
            self.left -= time.monotonic() - started
        if type(answer) is not dict or answer.get("number") != self.number \
                or not answer.keys() & {"value", "error"}:
            raise self.end_forged()
        self.check_use()
        if "error" in answer:
            self.raise_error(answer["error"])
        return answer["value"]

    @contextlib.contextmanager
    def processor_time(self, seconds):
        """For a while limit the processor time of calls to so many seconds in all."""
        if self.process is None:
            self.start()
        self.processor = self.process.processor_seconds() + seconds
        try:
            yield
        finally:
            self.processor = math.inf

    def check_use(self):
        """Raise StudentError for too much in scratch, or printed: the kernel limits each file."""
        self.look()
        if self.process.processor_seconds() > self.processor:
            raise self.end_with("time", TOO_LONG)
        count, size = 0, 0
        with os.scandir(self.scratch) as entries:
            for entry in entries:
                count += 1
                with contextlib.suppress(OSError):      # gone meanwhile
                    size += entry.stat(follow_symlinks=False).st_size
                if count > SCRATCH_FILES or size > SCRATCH_BYTES:
                    raise self.end_with("output", f"more than {SCRATCH_FILES} files or "
                                        f"{SCRATCH_BYTES >> 20} MB written")
        if os.fstat(self.printed.fileno()).st_size > self.limits.output_bytes:
            raise self.end_with("output", f"more than {self.limits.output_bytes} bytes printed")

    def raise_error(self, error):
        """Raise the StudentError of an error that the child reports."""
        if type(error) is not tuple or [type(each) for each in error] != [str, str]:
            raise self.end_forged()
        kind, text = error[0], error[1].replace(self.tree + os.sep, "")
        if kind == "forbidden":
            raise self.end_with(kind, f"the code tried to: {printable(text, 300)}")
        raise StudentError(kind if kind in KINDS else "raised", printable(text))

    def start(self):
        """Start the process, on an empty scratch."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.mkdir(self.scratch, 0o700)
        self.printed.truncate(0)
        config = {"tree": self.tree, "scratch": self.scratch, "limits": self.limits._asdict()}
        self.number = 0
        self.process = Process(config, self.printed)
        try:
            answer = self.process.ask(b"", time.monotonic() + START_SECONDS)
            self.standing = unpack(*answer)["standing"]
        except (TimeoutError, EOFError, NotPlain):
            self.end()
            raise NotStarted(f"the child did not start: {self.output()}") from None

    def end(self):
        """End the process -> its exit code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        code, seconds = process.end()
        self.cpu_seconds += seconds
        return code

    def end_with(self, kind, text):
        """End the process -> the StudentError to raise."""
        self.end()
        return StudentError(kind, text)

    def end_forged(self):
        """End a process that has sent what serve.py would not -> the StudentError to raise."""
        return self.end_with("not plain", "the answer was forged")

    def end_of_dead(self):
        """End a process that has died by itself -> the StudentError to raise."""
        code = self.end()
        if code in (-24, 152):
            return StudentError("time", f"more than {self.limits.cpu_seconds} s of CPU time")
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return StudentError("died", f"the process {how}")


def open_up(folder):
    """Let every user read what is below folder, and none but the owner write."""
    for inside, _, names in os.walk(folder):
        os.chmod(inside, 0o755)
        for name in names:
            os.chmod(os.path.join(inside, name), 0o644)
