"""The student's code as the trusted parent sees it: calls that give plain values, or StudentError.

    with Child(folder) as child:
        out, grads = child.forward_backward("layers/relu.py", (x,), dout)
        weights = child.call("models/initialization.py", "he", Seed(0), 4, 5)

The folder is copied first, plain files alone, and imported in a process of its own (child.py) that
can read the copy, Python's library and NumPy, and can write to a scratch folder that is then
deleted. Arguments are plain values (wire.py), and besides: Seed(number) is a numpy Generator there,
Ref(file, name) a module or what it calls name, np.float32 and its like dtypes.
"""

import os
import shutil
import tempfile
import time

from flatprop.exercises.sandbox import places, safe_copy, static_check
from flatprop.exercises.sandbox.limits import Limits, NotStarted, StudentError
from flatprop.exercises.sandbox.processes import Forged, Gone, Late, Process
from flatprop.exercises.sandbox.wire import NotPlain, Ref, Seed, pack, printable, unpack

__all__ = ["Child", "Limits", "Ref", "Seed", "StudentError"]

START_SECONDS = 20.0
SCRATCH_FILES, SCRATCH_BYTES = 100, 64 << 20


class Child:
    """A process that imports files below folder. A context manager.

    A child that has died is started again by the next call.

    seconds     the limit of one call, to be set lower or higher as a check likes
    troubles    the kinds of all StudentErrors that calls have raised
    standing    the names of the walls round the child (walls.py), known after the first call
    scan        whether the source is checked before it is run (static_check.py)
    """

    def __init__(self, folder, limits=None, scan=True):
        self.folder, self.limits, self.scan = folder, limits or Limits(), scan
        self.seconds = self.limits.seconds
        self.standing, self.troubles = [], []
        self.left = self.limits.total_seconds
        self.process, self.number = None, 0
        self.base = None

    def __enter__(self):
        self.base = tempfile.mkdtemp(prefix="flatprop-", dir=places.temporary())
        self.tree = os.path.join(os.path.realpath(self.base), "tree")
        try:
            os.chmod(self.base, 0o711)
            os.mkdir(self.tree)
            safe_copy.copy_tree(self.folder, self.tree)
        except safe_copy.Refused as error:
            self.close()
            raise StudentError("forbidden", str(error)) from None
        except BaseException:
            self.close()
            raise
        self.printed = tempfile.TemporaryFile(dir=self.base)      # no other child can read it
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """End the process and delete the copy."""
        self.end()
        if self.base is not None:
            if hasattr(self, "printed"):
                self.printed.close()
            shutil.rmtree(self.base, ignore_errors=True)
            self.base = None

    def call(self, file, name, /, *arguments, **keywords):
        """name(*arguments, **keywords) of a file -> its value."""
        return self.ask("call", {"file": file, "name": name, "arguments": arguments,
                                 "keywords": keywords})

    def forward_backward(self, file, inputs, dout):
        """A layer's forward, and its backward with the student's own cache -> out, gradients."""
        value = self.ask("forward_backward", {"file": file, "inputs": tuple(inputs), "dout": dout})
        if type(value) is not tuple or len(value) != 2:
            raise self.end_with("not plain", "the answer was forged")
        return value

    def output(self, limit=2000):
        """What the code has printed so far, made printable."""
        self.printed.seek(0)
        return printable(self.printed.read(4 * limit).decode("utf-8", "replace"), limit)

    def ask(self, verb, arguments):
        """Put a question to the child, started if need be -> the value of its answer."""
        if self.process is None:
            self.start()
        self.number += 1
        question = pack({"number": self.number, "verb": verb, "with": arguments})
        started = time.monotonic()
        try:
            return self.exchange(question, min(self.seconds, self.left))["value"]
        except StudentError as error:
            self.troubles.append(error.kind)
            raise
        finally:
            self.left = max(0.0, self.left - (time.monotonic() - started))

    def exchange(self, question, seconds):
        """Send, receive, and check what came. Raises StudentError."""
        try:
            text, data = self.process.ask(question, time.monotonic() + seconds, self.check_scratch)
            answer = unpack(text, data)
            del text, data
        except Late:
            allowed = min(self.seconds, self.limits.total_seconds)  # what is left differs each time
            raise self.end_with("time", f"no answer within {allowed:.3g} s") from None
        except Gone:
            raise self.end_of_dead() from None
        except (Forged, NotPlain):
            raise self.end_with("not plain", "the answer was forged") from None
        if type(answer) is not dict or answer.get("number") != self.number \
                or not answer.keys() & {"value", "error"}:
            raise self.end_with("not plain", "the answer was forged")
        self.check_scratch()
        if os.fstat(self.printed.fileno()).st_size > self.limits.output_bytes:
            raise self.end_with("output", f"more than {self.limits.output_bytes} bytes printed")
        if "error" in answer:
            self.raise_error(answer["error"])
        return answer

    def check_scratch(self):
        """Raise StudentError if scratch is full: the kernel limits the size of each file alone."""
        count, size = 0, 0
        with os.scandir(self.scratch) as entries:
            for entry in entries:
                count, size = count + 1, size + size_of(entry)
                if count > SCRATCH_FILES or size > SCRATCH_BYTES:
                    raise self.end_with("output", f"more than {SCRATCH_FILES} files or "
                                    f"{SCRATCH_BYTES >> 20} MB written")

    def raise_error(self, error):
        """Raise the StudentError of an error that the child reports."""
        if type(error) is not tuple or [type(each) for each in error] != [str, str]:
            raise self.end_with("not plain", "the answer was forged")
        kind, text = error
        if kind == "forbidden":
            raise self.end_with(kind, f"the code tried to: {printable(text, 300)}")
        raise StudentError(kind if kind in KINDS else "raised", printable(text))

    def start(self):
        """Start the process."""
        if self.scan:
            found = static_check.look_at_tree(self.tree)
            if found:
                self.troubles.append("forbidden")
                raise StudentError("forbidden", found)
        self.scratch = os.path.join(os.path.realpath(self.base), "scratch")
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.mkdir(self.scratch, 0o700)
        self.printed.truncate(0)
        config = {"tree": self.tree, "scratch": self.scratch, "limits": self.limits._asdict()}
        self.number = 0
        self.process = Process(config, self.printed)
        try:
            text, data = self.process.ask(b"", time.monotonic() + START_SECONDS)
            self.standing = unpack(text, data)["standing"]
        except (Late, Gone, Forged, NotPlain):
            self.end()
            raise NotStarted(f"the child did not start: {self.output()}") from None

    def end(self):
        """End the process -> its exit code."""
        process, self.process = self.process, None
        return 0 if process is None else process.end()

    def end_with(self, kind, text):
        """End the process -> the StudentError to raise."""
        self.end()
        return StudentError(kind, text)

    def end_of_dead(self):
        """End a process that has died by itself -> the StudentError to raise."""
        code = self.end()
        if code in (-24, 152):
            return StudentError("time", f"more than {self.limits.cpu_seconds} s of CPU time")
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return StudentError("died", f"the process {how}")


def size_of(entry):
    """The bytes of a file; 0 for one that is gone meanwhile."""
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


KINDS = ("not written", "import", "raised", "memory", "output", "not plain")
