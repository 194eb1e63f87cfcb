"""Run directories, signals and configuration, as the user of train.py meets them."""

import contextlib
import errno
import fcntl
import itertools
import json
import os
import pty
import re
import resource
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
from kill_and_resume import check_files
from run_cases import content_of, refused, wait_for

from flatprop.cli import train
from flatprop.runs import run_directory
from flatprop.runs.errors import RunError

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--data", "spiral", "--hidden", "8", "--epochs", "3"]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits another process")
LONG = ["--data", "spiral", "--examples", "2000", "--hidden", "64", "64", "--epochs", "2000"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_run_is_kept_under_the_date_and_a_number(tmp_path):
    assert train.main([*SMALL, "--quiet"]) == 0
    assert train.main([*SMALL, "--quiet"]) == 0
    first, second = sorted((tmp_path / "runs").iterdir())
    assert (first.name[-2:], second.name[-2:]) == ("-1", "-2")
    assert {path.name for path in first.iterdir()} == set(run_directory.OURS)
    options = json.loads((first / "config.json").read_text())["options"]
    assert options["hidden"] == [8]
    assert options["lr"] == 0.004
    lines = (first / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3]
    assert len((first / "metrics.csv").read_text().splitlines()) == 4
    assert (first / "curves.svg").read_text().startswith("<svg")
    assert content_of(first / "test.json").keys() == {"loss", "accuracy", "weights"}
    # One seed, one result: the same weights, whatever else the clock says.
    with np.load(first / "last.npz") as a, np.load(second / "last.npz") as b:
        assert np.array_equal(a["theta"], b["theta"])


def test_out_none_keeps_nothing(tmp_path):
    assert train.main([*SMALL, "--quiet", "--out", "none"]) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_refused_unless_it_is_to_be_replaced(tmp_path, capsys):
    assert train.main([*SMALL, "--out", "a", "--quiet"]) == 0
    line = refused(capsys, train.main, *SMALL, "--out", "a")
    assert "--overwrite" in line and "--resume a" in line
    assert train.main([*SMALL, "--out", "a", "--overwrite", "--quiet"]) == 0
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("mine")
    line = refused(capsys, train.main, *SMALL, "--out", "precious", "--overwrite")
    assert "does not look like a run" in line
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "mine"
    (tmp_path / "file").write_text("x")
    assert "--out file" in refused(capsys, train.main, *SMALL, "--out", "file")
    assert "--out file/below" in refused(capsys, train.main, *SMALL, "--out", "file/below")
    (tmp_path / "runs").write_text("x")
    assert "--out FOLDER names another place" in refused(capsys, train.main, *SMALL)


def test_a_run_that_could_not_be_removed_can_still_be_replaced(tmp_path, monkeypatch):
    """Wherever removing it fails, all that last.npz needs is there as long as it is."""
    unlink = Path.unlink
    for fails in range(len(run_directory.OF_FOLDS)):
        folder = tmp_path / str(fails)
        folder.mkdir()
        for name in run_directory.OURS:
            (folder / name).write_text("{}")
        count = itertools.count()

        def fail(path, missing_ok=False, count=count, fails=fails):
            if next(count) == fails:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            unlink(path, missing_ok=missing_ok)
        monkeypatch.setattr(Path, "unlink", fail)
        with contextlib.ExitStack() as locks, pytest.raises(RunError, match="Permission denied"):
            run_directory.create(folder, locks, replace=True)
        monkeypatch.undo()
        assert (folder / "config.json").is_file()
        if (folder / "last.npz").exists():
            assert {path.name for path in folder.iterdir()} == set(run_directory.OURS)
        with contextlib.ExitStack() as locks:
            run_directory.create(folder, locks, replace=True)
            assert [path.name for path in folder.iterdir()] == ["lock"]


def test_what_a_killed_process_left_aside_is_no_run_and_is_removed(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".config.json.123.tmp").write_text("{")
    assert train.main([*SMALL, "--out", "a", "--quiet"]) == 0
    kept = {path.name for path in (tmp_path / "a").iterdir()}
    assert kept == set(run_directory.OURS)


def test_resume_for_more_epochs_and_only_with_its_own_options(capsys):
    assert train.main([*SMALL, "--lr-schedule", "constant", "--out", "a", "--quiet"]) == 0
    assert train.main([*SMALL[:-1], "6", "--lr-schedule", "constant", "--out", "b",
                       "--quiet"]) == 0
    assert train.main(["--resume", "a", "--epochs", "6", "--quiet"]) == 0
    with np.load("a/last.npz") as a, np.load("b/last.npz") as b:
        assert np.array_equal(a["theta"], b["theta"])
    assert "--lr" in refused(capsys, train.main, "--resume", "a", "--lr", "1")
    assert "nowhere" in refused(capsys, train.main, "--resume", "nowhere")


def test_resume_notices_that_the_data_has_changed(capsys):
    np.savez("d.npz", x=np.random.default_rng(0).normal(size=(60, 3)), y=np.arange(60) % 2)
    assert train.main(["--data", "d.npz", "--epochs", "1", "--out", "a", "--quiet"]) == 0
    np.savez("d.npz", x=np.random.default_rng(1).normal(size=(60, 3)), y=np.arange(60) % 2)
    assert "the data is no longer" in refused(capsys, train.main, "--resume", "a", "--epochs", "2")


def started(*words, before=None):
    """train.py in a process of its own, some epochs under way."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, str(ROOT / "train.py"), *words], text=True,
                               env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=before)
    while "epoch " not in process.stderr.readline():
        assert process.poll() is None
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143),
                                              (signal.SIGHUP, 129)])
@pytest.mark.processes
def test_a_signal_saves_tells_how_to_go_on_and_has_its_exit_code(tmp_path, number, code):
    process = started(*LONG, "--out", "a")
    process.send_signal(number)
    _, shown = process.communicate(timeout=600)
    assert process.returncode == code
    assert shown.splitlines()[-1].endswith(f" {shlex.quote(str(ROOT / 'train.py'))} --resume a")
    check_files(tmp_path / "a")
    with np.load("a/last.npz") as file:
        steps = json.loads(file["about"].tobytes())["steps"]
    assert f"step {steps:,}" in shown.splitlines()[-1]
    assert steps > 0


@pytest.mark.processes
@pytest.mark.parametrize("progress", ["bar", "lines"])
def test_a_terminal_that_is_closed_ends_it_as_a_signal_does_though_nothing_can_be_said(progress):
    if progress == "bar":
        pytest.importorskip("tqdm")
    process, terminal = pty.fork()
    if process == 0:
        words = [*LONG, "--out", "a", "--checkpoint-every", "100000", "--progress", progress]
        os.execv(sys.executable, [sys.executable, str(ROOT / "train.py"), *words])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    shown = b""
    while b"epoch 2" not in re.sub(b" +", b" ", shown):
        shown += os.read(terminal, 1000)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 129
    assert " to go on: " in Path("a/log.txt").read_text().splitlines()[-1]
    with np.load("a/last.npz") as file:
        assert json.loads(file["about"].tobytes())["steps"] > 0


def fill_disk(*ids):
    """From now on these processes cannot write into files, as if their disk were full."""
    for number in ids:
        resource.prlimit(number, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def step_of(path):
    with np.load(path) as file:
        return json.loads(file["about"].tobytes())["steps"]


@on_linux
@pytest.mark.processes
def test_what_is_said_to_be_saved_is_on_the_disk():
    process = started(*LONG, "--out", "a", "--checkpoint-every", "20")
    fill_disk(process.pid)
    while "could not save to a: File too large; what was saved at step" not in (
            line := process.stderr.readline()):
        assert process.poll() is None
    for _ in range(2):      # it trains on, and says it once
        assert process.stderr.readline().startswith("epoch ")
    process.send_signal(signal.SIGTERM)
    _, shown = process.communicate(timeout=60)
    *epochs, last = shown.splitlines()
    assert all(each.startswith("epoch ") for each in epochs) and process.returncode == 1
    saved = step_of("a/last.npz")
    assert f"at step {saved:,} is still there" in line
    stopped = re.match(r"stopped at step ([\d,]+), which is not saved: a/last.npz is of step "
                       rf"{saved:,}, and what came after is lost; to go on from there: .* "
                       "--resume a$", last)
    assert int(stopped[1].replace(",", "")) > saved > 0

    process = started("--resume", "a")
    while not process.stderr.readline().startswith("epoch "):
        assert process.poll() is None
    os.rename("a", "b")
    process.send_signal(signal.SIGTERM)
    _, shown = process.communicate(timeout=60)
    assert process.returncode == 1 and "; a is gone, and the run with it" in shown


@pytest.mark.slow
@on_linux
@pytest.mark.processes
@pytest.mark.parametrize("form", ["lines", "bar"])
def test_a_log_on_a_full_disk_does_not_stop_the_training_that_goes_on(form):
    if form == "bar":
        pytest.importorskip("tqdm")
    with open("log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "train.py"), *LONG, "--out", "a", "--checkpoint-every",
             "20", "--progress", form], stdout=log, stderr=log,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    wait_for(lambda: "epoch" in Path("log").read_text().partition("keeping")[2])
    fill_disk(process.pid)
    time.sleep(0.1)         # what was being written is done
    full, size = step_of("a/last.npz"), Path("log").stat().st_size
    time.sleep(1)
    assert process.poll() is None and step_of("a/last.npz") == full
    assert Path("log").stat().st_size == size
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    wait_for(lambda: step_of("a/last.npz") > full)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert f"stopped at step {step_of('a/last.npz'):,}; to go on: " in Path("log").read_text()


@pytest.mark.processes
def test_under_nohup_a_terminal_that_is_closed_changes_nothing():
    process = started(*LONG, "--out", "a", before=lambda: signal.signal(signal.SIGHUP,
                                                                         signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    for _ in range(3):
        assert process.stderr.readline().startswith("epoch ")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=600)
    assert process.returncode == 143


@pytest.mark.processes
def test_progress_in_a_pipe_is_lines_without_control_characters():
    process = started(*LONG, "--out", "none")
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, shown = process.communicate(timeout=600)
    lines = [line for line in shown.splitlines() if line.startswith("epoch")]
    assert len({len(line) for line in lines}) == 1
    assert "\x1b" not in shown and "\r" not in shown


def test_divergence_has_its_exit_code_names_the_step_and_keeps_the_checkpoint(capsys):
    code = train.main([*SMALL, "--update-rule", "sgd", "--lr", "1e30", "--out", "a"])
    assert code == 3
    shown = capsys.readouterr().err
    assert "step " in shown and "--lr" in shown and "a/last.npz" in shown
    check_files(Path("a"))


def test_divergence_without_an_overflow_is_told_and_has_its_exit_code(capsys):
    assert train.main(["--data", "digits", "--epochs", "2", "--lr", "1e6", "--out", "a"]) == 3
    shown = capsys.readouterr().err
    *epochs, warning = shown.splitlines()[1:]
    assert "the loss has grown from 2.8" in warning and "--lr 0.004, the default" in warning
    assert len({len(line) for line in epochs}) == 1 and "e+" in epochs[0]


def test_what_is_to_be_tried_after_a_divergence_is_no_absurd_rate(capsys):
    words = ["--data", "digits", "--update-rule", "sgd", "--out", "none", "--norm", "none"]
    assert train.main([*words, "--lr", "1e30"]) == 3
    assert "--lr 0.004, the default, or --find-rate" in capsys.readouterr().err


def test_a_rate_that_is_merely_bad_is_not_called_divergence(capsys):
    words = ["--data", "digits", "--model", "linear_classifier", "--epochs", "2", "--out", "none"]
    assert train.main([*words, "--lr", "1"]) == 0
    assert "diverged" not in capsys.readouterr().err


def test_options_from_a_file_and_the_command_line_goes_before(capsys, tmp_path):
    Path("c.toml").write_text('data = ["spiral"]\nhidden = [8]\nepochs = 2\nlr = 0.02\n')
    assert train.main(["--config", "c.toml", "--epochs", "1", "--print-config"]) == 0
    shown = capsys.readouterr().out
    assert "epochs = 1\n" in shown and "lr = 0.02\n" in shown and "hidden = [8]\n" in shown
    Path("again.toml").write_text(shown)
    assert train.main(["--config", "again.toml", "--print-config"]) == 0
    assert capsys.readouterr().out == shown
    assert train.main(["--config", "again.toml", "--quiet", "--out", "a"]) == 0
    assert json.loads((tmp_path / "a" / "config.json").read_text())["options"]["epochs"] == 1


@pytest.mark.parametrize(("text", "words"), [
    ("learning_rate = 1", "learning_rate is --lr here"), ("epoch = 3", "epochs"),
    ("epochs = true", "epochs must be"), ("epochs = 'x'", "epochs"), ("= 3", "not a TOML file"),
    ("[data]\nx = 1", "[data] is a section"), ("resume = 'a'", "unknown option resume"),
    ("config = 'b.toml'", "unknown option config"),
])
def test_a_wrong_config_is_one_line(capsys, text, words):
    Path("c.toml").write_text(text)
    assert words in refused(capsys, train.main, "--config", "c.toml")


def test_the_first_questions(capsys):
    assert train.main([*SMALL, "--sanity", "--hidden", "32"]) == 0
    assert capsys.readouterr().out.count("ok ") == 4
    assert train.main([*SMALL, "--find-rate"]) == 0
    assert "suggested: --lr " in capsys.readouterr().out
    assert not Path("runs").exists()
