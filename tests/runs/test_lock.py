"""One process at a time writes into the folder of a run; a dead one is not in the way."""

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from run_cases import refused, wait_for

from flatprop.cli import evaluate, train
from flatprop.runs import lock, run_directory
from flatprop.runs.errors import RunBusy, RunError

ROOT = Path(__file__).resolve().parents[2]
LONG = ["--data", "spiral", "--hidden", "8", "--epochs", "1000000", "--progress", "lines"]
SMALL = ["--data", "spiral", "--hidden", "8", "--epochs", "2", "--quiet"]

pytestmark = [pytest.mark.processes,
              pytest.mark.skipif(sys.platform == "win32", reason="sends signals")]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


def start(*words):
    """train.py in a process of its own."""
    return subprocess.Popen([sys.executable, str(ROOT / "train.py"), *words], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def content(folder):
    """All files of a folder, {path: bytes}."""
    return {path: path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


@pytest.mark.slow
def test_a_living_run_is_left_alone_and_a_killed_one_gone_on_with(capsys):
    process = start(*LONG, "--out", "a", "--checkpoint-every", "100000000")
    while "epoch" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGSTOP)     # so that what it has written stays as it is
    Path(f"a/.last.npz.{process.pid}.tmp").write_bytes(b"half of a checkpoint")
    before = content("a")
    says = rf"a is being written by process {process.pid}, since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d: "
    for words in ([*SMALL, "--out", "a"], [*SMALL, "--out", "a", "--overwrite"],
                  ["--resume", "a"], [*SMALL, "--folds", "2", "--out", "a", "--overwrite"],
                  [*SMALL, "--refit", "--out", "a", "--overwrite"]):
        assert re.search(says, refused(capsys, train.main, *words)), words
    assert content("a") == before
    assert evaluate.main(["a"]) == 0        # it only reads
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    assert train.main(["--resume", "a", "--epochs", "2", "--quiet"]) == 0
    assert not list(Path("a").glob(".*")) and Path("a/lock").read_text() == ""
    assert train.main([*SMALL, "--out", "a", "--overwrite"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--out", "new/a"], ["--resume", "old"]])
def test_of_starts_at_once_exactly_one_succeeds(words):
    assert train.main([*SMALL, "--out", "old"]) == 0
    more = ["--epochs", "1000000"] if words[0] == "--resume" else LONG
    processes = [start(*more, *words) for _ in range(3)]
    wait_for(lambda: sum(each.poll() is None for each in processes) == 1)
    winner, = (each for each in processes if each.poll() is None)
    for each in processes:
        if each is not winner:
            out, err = each.communicate()
            assert each.returncode == 2 and out == ""
            line, = err.splitlines()
            assert f"{words[1]} is being written by process {winner.pid}, since" in line
    while not winner.stderr.readline().startswith("epoch "):
        assert winner.poll() is None
    winner.send_signal(signal.SIGTERM)
    _, err = winner.communicate(timeout=60)
    assert winner.returncode == 143 and "to go on: " in err
    with np.load(Path(words[1]) / "last.npz") as file:
        assert np.isfinite(file["theta"]).all()


def test_a_run_that_is_replaced_before_it_is_held_is_not_gone_on_with(capsys, monkeypatch):
    assert train.main([*SMALL, "--out", "a"]) == 0
    hold = run_directory.hold

    def hold_late(folder, locks):
        monkeypatch.setattr(run_directory, "hold", hold)
        with contextlib.redirect_stdout(io.StringIO()):
            assert train.main([*SMALL, "--lr", "0.5", "--out", "a", "--overwrite"]) == 0
        hold(folder, locks)

    monkeypatch.setattr(run_directory, "hold", hold_late)
    assert "another run has been put there meanwhile" in refused(
        capsys, train.main, "--resume", "a", "--epochs", "3")
    assert len(Path("a/metrics.jsonl").read_text().splitlines()) == 2
    assert train.main(["--resume", "a", "--epochs", "3", "--quiet"]) == 0


@pytest.mark.slow
def test_the_folds_of_a_run_are_held_each_and_with_it(capsys):
    folds = [*SMALL, "--folds", "2", "--out", "a"]
    assert train.main(folds) == 0
    holds = (f"import sys, time; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path; "
             "from flatprop.runs import lock\n"
             "with lock.hold(Path('a/fold-2')): print('held', flush=True); time.sleep(60)")
    process = subprocess.Popen([sys.executable, "-c", holds], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    assert f"a/fold-2 is being written by process {process.pid}, " in refused(
        capsys, train.main, "--resume", "a/fold-2")
    resumed = start("--resume", "a", "--epochs", "3", "--quiet")   # which waits until it has ended
    time.sleep(0.5)
    assert resumed.poll() is None
    process.kill()
    process.wait()
    process.stdout.close()
    out, err = resumed.communicate(timeout=60)
    assert resumed.returncode == 0, err


def test_a_lock_is_an_ordinary_file_that_may_be_removed(tmp_path):
    with lock.hold(tmp_path):
        with pytest.raises(RunBusy, match=f"by process {os.getpid()}, since"), lock.hold(tmp_path):
            pass
        (tmp_path / "lock").unlink()
        with lock.hold(tmp_path):       # a file of its own
            assert lock.take(tmp_path / "lock") is None
    (tmp_path / "mine").write_text("precious")
    (tmp_path / "lock").unlink()
    (tmp_path / "lock").symlink_to(tmp_path / "mine")
    with pytest.raises(RunError, match="no ordinary file"), lock.hold(tmp_path):
        pass
    (tmp_path / "lock").unlink()
    (tmp_path / "lock").write_text("process 1, since \x1b[31m\n")
    assert lock.holder(tmp_path / "lock") == "another process"
    assert (tmp_path / "mine").read_text() == "precious"
