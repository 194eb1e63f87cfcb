"""Starting `flatprop train --processes mpi` under mpiexec, for tests that skip where there is none.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from kill_and_resume import steps_done

ROOT = Path(__file__).resolve().parents[2]
MPIEXEC = shutil.which("mpiexec", path=os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
needs_mpi = pytest.mark.skipif(
    importlib.util.find_spec("mpi4py") is None or MPIEXEC is None or not Path("/proc").is_dir(),
    reason="needs the extra mpi, and Linux")
MOST = 120      # seconds after which a job hangs

# A rank that fails in its own way, and then is train.py.
ODD = """
import sys
sys.path[:0] = [{root!r}]
from mpi4py import MPI
if {how!r} == "raises" and MPI.COMM_WORLD.rank == 1:
    from solvers.ranks import Together
    loss, count = Together.loss, []
    def odd_loss(*args):
        count.append(0)
        if len(count) > 8:
            raise ValueError("a test")
        return loss(*args)
    Together.loss = odd_loss
if {how!r} == "full disk" and MPI.COMM_WORLD.rank == 0:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
from flatprop.__main__ import start
sys.exit(start(["train", *sys.argv[1:]]))
"""


def start(count, *words, how=None):
    """Start a training by so many processes; gives the process of mpiexec."""
    script = [str(ROOT / "train.py")] if how is None else [
        "-c", ODD.format(root=str(ROOT), how=how)]
    return subprocess.Popen(
        [MPIEXEC, "-n", str(count), sys.executable, *script, *map(str, words), "--processes",
         "mpi"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def train(count, *words, how=None):
    """Train to the end. Gives the exit code, standard output, standard error."""
    return end_of(start(count, *words, how=how))


def end_of(process):
    out, err = process.communicate(timeout=MOST)
    return process.returncode, out, err


def ranks_of(folder):
    """{rank: process id} of the processes that train in a folder."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            environment = (path / "environ").read_bytes().split(b"\0")
        except OSError:     # it has ended
            continue
        ranks = [each[9:] for each in environment if each.startswith(b"PMI_RANK=")]
        if ranks and os.fsencode(str(folder)) in words and words[0] == sys.executable.encode():
            found[int(ranks[0])] = int(path.name)
    return found


def wait_for_step(folder, step, process):
    """Wait until the checkpoint in a folder is of a step, or a later one."""
    until = time.monotonic() + MOST
    while steps_done(folder) < step:
        assert process.poll() is None and time.monotonic() < until, end_of(process)
        time.sleep(0.02)


def difference(one, other):
    """The largest difference between the weights and moments of two runs, last and best."""
    worst = 0.0
    for name in ("last.npz", "best.npz"):
        with np.load(one / name) as a, np.load(other / name) as b:
            assert a.files == b.files
            for part in set(a.files) - {"about", "order"}:
                worst = max(worst, float(np.abs(a[part] - b[part]).max(initial=0.0)))
    return worst
