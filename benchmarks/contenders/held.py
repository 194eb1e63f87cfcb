"""The driver's end of a contender: a process that stands still unless it is asked something."""

import json
import os
import signal
import subprocess
import sys
import tempfile

from benchmarks import fresh_process


class Died(Exception):
    """A contender's process has ended by itself; the text tells which, and its last words."""


class Held:
    """One contender's process, held (SIGSTOP) but for the time of an ask.

    It has a process group of its own in this session: if the driver is killed, the system sends
    SIGHUP and SIGCONT to a group that stands still and has lost its parent, and it ends.
    """

    def __init__(self, name, extra=None):
        """Start the contender of that name, with extra variables in its environment."""
        environment = fresh_process.environment(extra)
        environment["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # no pool of compiling processes
        environment.pop("FLATPROP_NUMBA", None)
        if name == "flatprop-numpy":
            environment["FLATPROP_NUMBA"] = "0"
        self.name = name
        self.words = tempfile.TemporaryFile()  # noqa: SIM115 (closed by end)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contenders.worker", name],
            cwd=fresh_process.ROOT, env=environment, process_group=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.words,
        )
        self.signal(signal.SIGSTOP)

    def ask(self, **request):
        """Let it go on, do this one thing and answer; then hold it again. -> dict"""
        self.signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = b""
        if not answer:
            self.process.wait()
            self.words.seek(0)
            last = self.words.read().decode(errors="replace").strip().splitlines()[-1:]
            raise Died(f"{self.name} ended with {self.process.returncode}: {''.join(last)}")
        self.signal(signal.SIGSTOP)
        return json.loads(answer)

    def signal(self, number):
        """Send a signal to the process and its children, if it is there still."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def end(self):
        """End the process, whatever it is doing."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.words.close()
