"""The walls alone, without the audit hook: what holds against code that has got round Python."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from flatprop.exercises.sandbox import processes

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]

# Each attempt is one line, bounded: were there no wall, it would do no harm.
ATTEMPTS = {
    "read a file": "open({reference!r}).read()",
    "list a folder": "os.listdir({folder!r})",
    "write a file": "open({canary!r}, 'a').write('x')",
    "delete a file": "os.remove({canary!r})",
    "move a file away": "os.rename({canary!r}, {canary!r} + '2')",
    "a link to a file": "os.link({reference!r}, 'stolen') or open('stolen').read()",
    "fork": "os.fork() or os._exit(0)",
    "a thread": "threading.Thread(target=print).start()",
    "a program": "os.execv('/bin/true', ['true'])",
    "a program, spawned": "os.posix_spawn('/bin/true', ['true'], {{}})",
    "a signal to the parent": "os.kill(os.getppid(), 0)",
    "a socket": "socket.socket()",
    "memory": "bytearray(2**30)",
    "a large file": "open('large', 'wb').write(bytes(3 * 2**20))",
    "another process's memory": "open('/proc/%d/environ' % os.getppid(), 'rb').read()",
    "root again": "os.setuid(0)",
    "higher limits": "resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))",
    # What the kernel allows towards processes and files of one's own user: the grader's, perhaps.
    "limits of a process": "resource.prlimit(os.getpid(), resource.RLIMIT_CORE, (0, 0))",
    "a priority": "os.setpriority(os.PRIO_PROCESS, 0, 19)",
    "a choice of processors": "os.sched_setaffinity(0, {{0}})",
    "signals by way of a file": "fcntl.fcntl(1, fcntl.F_SETOWN, os.getpid())",
    "a signal of one's choice": "fcntl.fcntl(1, 10, 9)",
    "the mode of a file": "os.chmod({canary!r}, 0)",
    "the mode of its scratch": "os.chmod('.', 0o777)",
    "the time of a file": "os.utime({canary!r})",
    "the owner of a file": "os.chown({canary!r}, -1, -1)",
    "an attribute of a file": "os.setxattr({canary!r}, 'user.x', b'')",
    "the end of a file": "os.truncate({canary!r}, 1)",
    "memory that no limit counts": "os.memfd_create('x')",
    "a folder in its scratch": "os.mkdir('deep')",
    "files out of sight": "os.remove('note')",
    "what is installed": "open({library!r} + '/site-packages/secret.py').read()",
    "a list of what is installed": "open({library!r} + '/site-packages/deep/secret.py').read()",
    "a hundred open files": "[open('/dev/null') for _ in range(100)]",
}

SCRIPT = """
import ctypes, fcntl, json, os, resource, socket, sys, threading
sys.path.insert(0, {here!r})
import walls
tree, scratch = {tree!r}, {scratch!r}
os.chdir(scratch)
limits = dict(cpu_seconds=20, memory_mb=200, file_mb=2, processes=1)
tell = os.dup(1)
import encodings.idna

if {plain_user}:
    os.setgroups([]), os.setgid(60_000), os.setuid(60_000)
standing = walls.raise_walls(tree, scratch, [{library!r}], limits)
outcome = {{}}
def attempt(name, code):
    try:
        code()
        outcome[name] = "done"
    except Exception as error:
        outcome[name] = type(error).__name__
attempt("its own tree", lambda: open(tree + "/mine.py").read())
attempt("a library", lambda: open({library!r} + "/module.py").read()
        + open({library!r} + "/package/module.py").read() + str(os.listdir({library!r})))
attempt("to be alone", lambda: 1 / (1 - ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)))   # dumpable
attempt("its scratch", lambda: open("note", "w").write("x"))
{attempts}
os.write(tell, json.dumps([standing, outcome]).encode())
"""


@pytest.fixture(scope="module", params=["as it is", "as a plain user"])
def tried(request):
    if sys.platform != "linux":
        pytest.skip("the walls are Linux's")
    if request.param == "as a plain user" and os.geteuid() != 0:
        pytest.skip("a plain user is what this is")
    # Not below pytest's own folder, which others may not enter.
    with tempfile.TemporaryDirectory(dir=processes.temporary()) as base:
        yield attempted(Path(os.path.realpath(base)), request.param == "as a plain user")


def attempted(base, plain_user):
    """What came of each attempt, and the file that none should have changed."""
    base.chmod(0o755)
    for name in ("tree", "scratch"):
        (base / name).mkdir()
    (base / "tree" / "mine.py").write_text("x = 1\n")
    canary = base / "canary"
    canary.write_text("here")
    canary.chmod(0o666)
    library = base / "library"
    for name in ("module.py", "package/module.py", "site-packages/secret.py",
                 "site-packages/deep/secret.py"):
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_text("x = 1\n")
    if plain_user:
        os.chown(base / "scratch", 60_000, 60_000)
        os.chown(canary, 60_000, 60_000)
    names = {"reference": str(ROOT / "layers" / "relu.py"), "folder": str(ROOT),
             "canary": str(canary), "library": str(library)}
    attempts = "\n".join(f"attempt({name!r}, lambda: {code.format(**names)})"
                         for name, code in ATTEMPTS.items())
    script = SCRIPT.format(here=str(ROOT / "flatprop" / "exercises" / "sandbox"),
                           tree=str(base / "tree"), scratch=str(base / "scratch"),
                           attempts=attempts, plain_user=plain_user, library=str(library))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=True, timeout=600)
    standing, outcome = json.loads(done.stdout)
    if "landlock" not in standing or "seccomp" not in standing:
        pytest.skip(f"this system has no landlock or no seccomp, only {standing}")
    return outcome, canary.read_text()


@pytest.mark.parametrize("name", ["its own tree", "its scratch", "a library", "to be alone"])
def test_what_is_allowed_works(tried, name):
    assert tried[0][name] == "done"


@pytest.mark.parametrize("name", ATTEMPTS)
def test_what_is_not_allowed_fails(tried, name):
    outcome = tried[0][name]
    assert outcome in ("PermissionError", "OSError", "BlockingIOError", "MemoryError",
                       "RuntimeError", "ValueError")


def test_nothing_was_changed(tried):
    assert tried[1] == "here"
