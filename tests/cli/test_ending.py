"""How commands end where a stream is closed, full or read by nobody, and where a signal comes."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from flatprop import ending
from flatprop.cli import evaluate
from flatprop.cli.command import run_command
from flatprop.exercises import workspace

pytestmark = [pytest.mark.processes,
              pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and /proc")]

FLATPROP = [sys.executable, "-m", "flatprop"]
TRAIN = ["train", "--data", "table.csv", "--label", "kind", "--epochs", "2", "--folds", "0"]
KINDS = "\u00c4\u65e5"
CLOSED = "error: cannot write: standard output is closed"
FULL = "error: cannot write: No space left on device"
# Sends signals, once, at the first event of Python's that begins with these words.
AT = """
import os, runpy, sys, time
moment, numbers = sys.argv.pop(1), [int(number) for number in sys.argv.pop(1).split(",")]
def watch(event, arguments):
    if numbers and event in ("open", "import") and moment in f"{event} {arguments[0]}":
        at_once = numbers[:]
        numbers.clear()
        for number in at_once:
            os.kill(os.getpid(), number)
sys.addaudithook(watch)
runpy.run_module("flatprop", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a table and two runs of it, of which one was to be quiet."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        rows = "".join(f"{n % 7},{n % 5},{KINDS[n % 2]}\n" for n in range(60))
        Path("table.csv").write_text(f"size,na\u00efve,kind\n{rows}", encoding="utf-8")
        assert ended([*TRAIN, "--quiet", "--out", "run"])[0] == 0
        assert ended([*TRAIN, "--out", "told"])[0] == 0
    return folder


@pytest.fixture
def folder(tmp_path, made, monkeypatch):
    """A folder of one's own with the table and the quiet run, which one is in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    shutil.copy(made / "table.csv", tmp_path)
    shutil.copytree(made / "run", tmp_path / "run")
    return tmp_path


def start(words, out="out", err="err", into="empty", more=None):
    """A process whose streams are "closed", "full", "left" by who reads them, or files."""
    files, closed = [], []
    for number, kind in enumerate((into, out, err)):
        if kind == "closed":
            closed.append(number)
            files.append(subprocess.DEVNULL)
        elif kind == "left":
            reader, writer = os.pipe()
            os.close(reader)
            files.append(writer)
        else:
            files.append(os.open("/dev/full" if kind == "full" else f"{kind}.txt",
                                 os.O_RDWR | os.O_CREAT | os.O_TRUNC))
    process = subprocess.Popen(words, stdin=files[0], stdout=files[1], stderr=files[2], env={
        **os.environ, **(more or {})}, preexec_fn=lambda: [os.close(number) for number in closed])
    for file in files:
        if file != subprocess.DEVNULL:
            os.close(file)
    return process


def ended(words, **streams):
    """The exit code of a process, and what it has written on standard output and error."""
    for name in ("out.txt", "err.txt"):
        Path(name).write_text("")
    code = start([*FLATPROP, *words], **streams).wait(600)
    shown = Path("out.txt").read_text(encoding="utf-8"), Path("err.txt").read_text()
    assert "Traceback" not in shown[1] and "Exception ignored" not in shown[1], shown[1]
    return code, *shown


def weights(run):
    with np.load(Path(run) / "last.npz") as file:
        return file["theta"].tobytes()


def said(folder, run):
    """What the log of a run in a folder has, but for times and the run's own name."""
    text = Path(folder, run, "log.txt").read_text(encoding="utf-8")
    return re.sub(r" +[\d.]+ s\b", "", text).replace(run, "RUN")


CELLS = [
    ("check relu", {"out": "closed"}, 1, CLOSED),
    ("evaluate run", {"out": "closed", "into": "closed"}, 1, CLOSED),
    ("--help", {"out": "closed", "err": "closed"}, 1, ""),
    ("lecture 1", {"out": "left"}, 141, ""),
    ("evaluate run", {"out": "full", "more": {"PYTHONUNBUFFERED": "1"}}, 1, FULL),
    ("predict run table.csv -o a.csv", {"out": "closed"}, 0, ""),
    ("predict run table.csv -o a.csv --quiet", {"err": "closed"}, 0, ""),
    ("predict run - -o a.csv", {"into": "closed"}, 2, "error: standard input: there is none"),
    ("train --no-such", {"err": "left"}, 2, ""), ("train --no-such", {"err": "full"}, 2, ""),
    ("train --no-such", {"out": "closed"}, 2, "error: unknown argument --no-such"),
    ("TRAIN --out none", {"out": "closed"}, 1, CLOSED),
]


@pytest.mark.parametrize("words, streams, code, line", CELLS)
def test_a_stream_that_takes_nothing_has_its_exit_code_and_one_line(folder, words, streams, code,
                                                                    line):
    found, _, told = ended(words.replace("TRAIN", " ".join([*TRAIN, "--quiet"])).split(), **streams)
    assert found == code, told
    assert told.count("\n") == bool(line) and line in told
    if "a.csv" in words and code == 0:
        assert Path("a.csv").read_text(encoding="utf-8").count("\n") == 61


@pytest.mark.parametrize("streams, code", [
    ({"out": "closed", "err": "closed", "into": "closed"}, 0),
    ({"out": "full", "err": "full", "more": {"PYTHONUNBUFFERED": "1"}}, 1),
    ({"out": "left"}, 141)])
def test_a_training_that_cannot_tell_anything_is_saved_as_ever(folder, made, capsys,
                                                               streams, code):
    found, _, _ = ended([*TRAIN, "--out", "mute"], **streams)
    assert found == code
    assert sorted(os.listdir("mute")) == sorted(os.listdir("run"))
    assert weights("mute") == weights("run") and said(folder, "mute") == said(made, "told")
    scored = []
    for run in ("run", "mute"):
        assert evaluate.main([run]) == 0
        scored.append(capsys.readouterr().out)
    assert scored[1] == scored[0].replace("run        run,", "run        mute,") != scored[0]


MOMENTS = [     # what is typed, the event at which a signal comes, the signals, the code, the line
    ("check relu", "import numpy.linalg", "2", 130, "check: interrupted"),
    ("evaluate run", "import numpy", "15", 143, "evaluate: terminated"),
    ("TRAIN --out a", "import flatprop.training.build", "1", 129, "train: terminated"),
    ("TRAIN --out a", "open table.csv", "1", 129, "train: terminated"),
    ("TRAIN --out a", "open table.csv", "2,15", 130, "train: interrupted"),
    ("predict run table.csv -o a.csv", "open table.csv", "2", 130, "predict: interrupted"),
    ("evaluate run", "best.npz", "2", 130, "evaluate: interrupted"),
]


@pytest.mark.parametrize("words, moment, numbers, code, line", MOMENTS)
def test_a_signal_at_any_moment_is_one_line(folder, words, moment, numbers, code, line):
    words = words.replace("TRAIN", " ".join([*TRAIN, "--quiet"])).split()
    before = sorted(os.listdir())
    done = subprocess.run([sys.executable, "-c", AT, moment, numbers, *words],
                          capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (code, f"flatprop {line}\n")
    assert sorted(os.listdir()) == before


def test_in_the_background_of_a_script_ctrl_c_is_for_others(folder):
    done = subprocess.run(
        [sys.executable, "-c", AT, "best.npz", "2", "evaluate", "run"], capture_output=True,
        text=True, timeout=600, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert (done.returncode, done.stderr) == (0, "") and "accuracy" in done.stdout


@pytest.mark.parametrize("moment", ["config.json", "model.json", "metrics.jsonl"])
def test_a_training_that_is_stopped_as_it_begins_goes_on_to_the_same_weights(folder, moment):
    words = [*TRAIN, "--quiet", "--out", "a"]
    done = subprocess.run([sys.executable, "-c", AT, moment, "15", *words], capture_output=True,
                          text=True, timeout=600)
    assert done.returncode == 143, done.stderr
    assert re.fullmatch(r"stopped at step \d; to go on: .* --resume a\n", done.stderr)
    assert ended(["train", "--resume", "a", "--quiet"])[0] == 0
    assert weights("a") == weights("run")


def test_a_signal_where_python_drops_exceptions_is_not_lost(capsys):
    class Dropped:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0)

    def work():
        Dropped()
        for _ in range(60_000):
            time.sleep(0.01)

    before = signal.getsignal(signal.SIGTERM), sys.unraisablehook
    assert run_command("draw", work) == 143
    assert capsys.readouterr().err == "flatprop draw: terminated\n"
    assert (signal.getsignal(signal.SIGTERM), sys.unraisablehook) == before


def test_an_error_that_a_signal_has_caused_is_the_signals(capsys):
    def work():
        try:
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(1)
        except BaseException as error:
            raise SystemError("a module is broken") from error

    assert run_command("draw", work) == 129
    assert capsys.readouterr().err == "flatprop draw: terminated\n"


ALL = ["check relu", "lecture", "lecture 1", "lecture page -o a.html", "draw sigmoid_neuron",
       "draw two_layer_net -o a.svg", "inspect table.csv --label kind", "evaluate run",
       "predict run table.csv -o a.csv", "predict run table.csv -o -", "report run -o a.html",
       "export run --to onnx -o a.onnx", "TRAIN --out a", "TRAIN --out none", "train --resume run",
       "train --data table.csv --label kind --epochs 2 --folds 3 --out a", "train --print-config",
       "train --data spiral --sanity", "exercises init --dir a", "exercises list --dir student",
       "exercises check --dir student", "exercises hint --dir student", "exercises grade class",
       "--help", "--version", "train --help", "exercises grade --help", "train --no-such", "tarin"]
STREAMS = [{"out": "closed"}, {"err": "closed"}, {"out": "closed", "err": "closed"},
           {"into": "closed", "out": "closed", "err": "closed"}, {"out": "full"}, {"err": "full"},
           {"out": "full", "err": "full"}, {"out": "left"}, {"err": "left"},
           {"out": "left", "err": "left"}, {"more": {"PYTHONIOENCODING": "ascii:strict"}}]


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("streams", STREAMS, ids=str)
@pytest.mark.parametrize("words", ALL)
def test_every_command_with_every_stream(folder, words, streams):
    """The codes are those of the plain command, but where standard output takes nothing."""
    workspace.init(folder / "student")
    workspace.init(folder / "class/ann")
    typed = words.replace("TRAIN", " ".join(TRAIN)).split()
    plain, shown, _ = ended(typed)
    if "-o" in typed and Path("a.csv").exists():
        Path("a.csv").unlink()
    if "a" in typed:
        os.rename("a", "a.plain")
    for more in ({}, {"PYTHONUNBUFFERED": "1"}):
        if "a" in typed and Path("a").exists():
            os.rename("a", "a.more")
        found, _, _ = ended(typed, **{**streams, "more": {**streams.get("more", {}), **more}})
        out = streams.get("out")
        keeps = {"-o": "-o -" not in words, "--dir a": True, "--out a": True, "--resume": True}
        kept = any(word in words and value for word, value in keeps.items())
        wanted = {plain}
        if shown and plain != 2 and out:
            wanted = {"full": {1}, "left": {141}, "closed": {plain} if kept else {1}}[out]
        assert found in wanted, (found, wanted, Path("err.txt").read_text())


def signals_caught(process):
    """Whether a process has a handler for SIGTERM by now."""
    caught = re.search(r"SigCgt:\t(\w+)", Path(f"/proc/{process.pid}/status").read_text())[1]
    return int(caught, 16) >> (signal.SIGTERM - 1) & 1


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("number", ending.SIGNALS)
@pytest.mark.parametrize("seed", range(40))
def test_a_signal_at_a_random_moment(folder, number, seed):
    rng = random.Random(100 * number + seed)
    rows = "".join(f"{n % 7},{n % 5},{'xy'[n * 7 % 11 > 5]}\n" for n in range(20_000))
    Path("big.csv").write_text(f"size,na\u00efve,kind\n{rows}", encoding="utf-8")
    training = seed % 2 == 0
    words = rng.choice([
        ["train", "--data", "big.csv", "--label", "kind", "--epochs", "3", "--folds", "0"],
        [*TRAIN[:-4], "--epochs", "60", "--folds", "3"], [*TRAIN[:-4], "--epochs", "60"],
    ]) + ["--quiet", "--out", "a"] if training else rng.choice([
        ["evaluate", "run", "--data", "big.csv"], ["predict", "run", "big.csv", "-o", "a.csv"],
        ["report", "run", "-o", "a.html"], ["check", "--all"], ["lecture", "all"]])
    process = start([*FLATPROP, *words])
    while process.poll() is None and not signals_caught(process):
        time.sleep(0.001)
    time.sleep(rng.uniform(0, rng.choice([0.1, 2])))
    for _ in range(rng.choice([1, 1, 2])):
        process.send_signal(number)
        time.sleep(rng.choice([0.001, 0.1]))
    code, told = process.wait(600), Path("err.txt").read_text()
    if code != ending.code_of(number):      # it had ended
        assert code in (0, 2) and "Traceback" not in told
        return
    assert told.count("\n") == 1 and re.search("interrupted|terminated|^stopped", told), told
    if training and "to go on" in told:
        assert ended([*words[:-1], "b"])[0] == 0
        assert ended(["train", "--resume", "a", "--quiet"])[0] == 0
        for one in sorted(Path("b").rglob("last.npz")):
            assert weights(one.parent) == weights(Path("a", one.parent.relative_to("b")))
