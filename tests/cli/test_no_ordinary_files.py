"""Pipes, devices and enormous files in the place of a run's own: one line, never a wait."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from run_cases import make_folds

from data import json_file, open_file
from data.errors import DataError
from flatprop.cli import common_options
from flatprop.runs import folds, metrics, run_directory
from flatprop.usage.errors import UsageError

pytestmark = [pytest.mark.processes,
              pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")]
ROOT = Path(__file__).resolve().parents[2]
# All commands on all folders, in a process of their own, as a wait for a pipe ends with the process
# alone. Its memory is limited, as a device has no end.
COMMANDS = """
import contextlib, io, os, resource, signal, sys
from flatprop.cli import evaluate, export, predict, report, train
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
for folder in sys.argv[1:]:
    os.chdir(folder)
    for main, words in (
            (train.main, ["--resume", "run", "--epochs", "3"]), (evaluate.main, ["run"]),
            (predict.main, ["run", "x.npy", "-o", "p.csv"]), (report.main, ["run", "-o", "r.html"]),
            (export.main, ["run", "--to", "onnx", "-o", "m.onnx"]),
            (train.main, ["--config", "run/config.json", "--out", "none"])):
        says = io.StringIO()
        signal.alarm(60)
        with contextlib.redirect_stderr(says), contextlib.redirect_stdout(io.StringIO()):
            code = main(words)
        line = says.getvalue()
        print(code, line.count(chr(10)), line.rstrip(chr(10)).rpartition(chr(10))[2])
"""
# The files that each of the commands reads or, to resume, writes.
ALL = "resume evaluate predict report export"       # look whether these were edited
READ = {
    "config.json": f"{ALL} config", "environment.json": ALL, "model.json": ALL,
    "last.npz": "resume",
    "best.npz": "resume evaluate predict report export", "metrics.jsonl": "resume report",
    "metrics.csv": "resume", "curves.svg": "resume", "log.txt": "resume",
    "test.json": ALL,
}
NAMES = ("resume", "evaluate", "predict", "report", "export", "config")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a run and inputs for it."""
    folder = tmp_path_factory.mktemp("ordinary")
    np.save(folder / "x.npy", np.zeros((3, 2)))
    subprocess.run([sys.executable, str(ROOT / "train.py"), "--data", "moons", "--hidden", "4",
                    "--epochs", "2", "--quiet", "--out", "run"], cwd=folder, check=True,
                   capture_output=True)
    return folder


def make_pipe(path):
    os.mkfifo(path)


def make_endless(path):
    path.symlink_to("/dev/zero")


@pytest.mark.slow
@pytest.mark.parametrize("make", [make_pipe, make_endless])
def test_each_file_of_a_run_and_each_command(trained, tmp_path, make):
    for module in ("onnx", "matplotlib"):
        pytest.importorskip(module)
    assert {*READ, "lock"} == set(run_directory.OURS)       # that one: tests/runs/test_lock.py
    for file in READ:
        shutil.copytree(trained, tmp_path / file)
        (tmp_path / file / "run" / file).unlink()
        make(tmp_path / file / "run" / file)
    done = subprocess.run([sys.executable, "-W", "error", "-c", COMMANDS,
                           *(str(tmp_path / file) for file in READ)], capture_output=True,
                          text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.stderr == "" and done.returncode == 0
    cases = [(file, name) for file in READ for name in NAMES]
    for (file, name), line in zip(cases, done.stdout.splitlines(), strict=True):
        code, count, said = line.split(" ", 2)
        if name in READ[file].split():
            assert (code, count) == ("2", "1"), (file, name, line)
            assert f"run/{file}: " in said and " is not a file" in said, (file, name, line)
        elif name != "config":      # a config.json is no TOML
            assert code == "0", (file, name, line)


def test_a_file_of_a_fold(tmp_path):
    make_folds(tmp_path / "run")
    (tmp_path / "run/fold-2/best.npz").unlink()
    make_pipe(tmp_path / "run/fold-2/best.npz")
    for read in (folds.load, run_directory.check_files):
        with pytest.raises(DataError, match=r"fold-2/best.npz: .*is not a file"):
            read(tmp_path / "run")


def test_a_file_that_becomes_a_pipe_while_it_is_written_to_is_told(tmp_path):
    os.mkfifo(tmp_path / "log.txt")
    with pytest.raises(OSError, match="Errno"):      # it has no reader
        metrics.append_text(tmp_path / "log.txt", "line\n")
    reader = os.open(tmp_path / "log.txt", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(OSError, match="it is not an ordinary file"):
        metrics.append_text(tmp_path / "log.txt", "line\n")
    os.close(reader)


def test_where_nobody_asked_to_write_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "model.onnx")
    with pytest.raises(UsageError, match="model.onnx: is not a file: move it away"):
        common_options.check_default_out(tmp_path / "model.onnx")


def test_a_file_that_becomes_a_pipe_after_it_was_looked_at_is_refused(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "a.json")
    monkeypatch.setattr(open_file, "check_file", lambda path, wanted: None)
    with (pytest.raises(DataError, match="a.json: is not a file; give more"),
          open_file.open_file(tmp_path / "a.json", "more")):
        pass


@pytest.mark.parametrize("read", [json_file.read, metrics.read])
def test_an_enormous_file_is_refused_before_it_is_read(tmp_path, read):
    (tmp_path / "file").touch()
    os.truncate(tmp_path / "file", 2**42)         # which takes no room on the disk
    with pytest.raises(DataError, match="file: 4,398,046,511,104 bytes is too large to be right"):
        read(tmp_path / "file")


@pytest.mark.parametrize("read, part, says", [
    (json_file.read, "[],", "holds more lists than can be right"),
    (metrics.read, '{"epoch":1}\n', "more than 1,000 epochs are too many"),
    (metrics.read, "[],", "line 1 is too long to be right"),
], ids=["lists", "epochs", "line"])
def test_a_small_file_that_would_take_much_memory_is_refused(tmp_path, monkeypatch, read, part,
                                                             says):
    for module, name in ((json_file, "MOST"), (metrics, "MOST"), (metrics, "LONGEST")):
        monkeypatch.setattr(module, name, 1000)
    (tmp_path / "file").write_text(part * 1001)
    with pytest.raises(DataError, match=f"file: {says}"):
        read(tmp_path / "file")
