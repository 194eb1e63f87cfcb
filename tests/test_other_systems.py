"""Windows and macOS as far as they can be had on Linux: see other_system/sitecustomize.py."""

import contextlib
import importlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from data import atomic
from flatprop import ending, system
from flatprop.exercises import workspace

ROOT = Path(__file__).resolve().parents[1]
FAKED = ROOT / "tests/other_system"
SYSTEMS = ("win32", "darwin")
# Exit codes other than 0: nothing is written of the next exercise; Ctrl-C; no extras here.
CODES = {"exercises check": 1, "exercises watch": 130}
EXTRAS = ("export", "report")
OMEGA = "\u03a9"    # not among the letters of Western Europe's Windows

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="fakes other systems on Linux")


def start(name, folder, *words, **more):
    """A Python of another system, with these words on its command line."""
    environment = {**os.environ, "FLATPROP_SYSTEM": name, "PYTHONUTF8": "0",
                   "PYTHONPATH": os.pathsep.join([str(FAKED), str(ROOT)]),
                   "PYTHONIOENCODING": "cp1252" if name == "win32" else "utf-8"}
    command = [sys.executable, "-X", "warn_default_encoding", *map(str, words)]
    return subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            encoding="cp1252" if name == "win32" else "utf-8", **more)


@pytest.fixture(scope="module", params=SYSTEMS)
def ran(request, tmp_path_factory):
    """The name of a system, the folder in which all commands ran there, and their outcome."""
    folder = tmp_path_factory.mktemp(request.param)
    np.save(folder / "x.npy", np.zeros((3, 64)))
    rows = "".join(f"{n % 7},{('a', OMEGA)[n % 2]}\n" for n in range(60))
    (folder / "table.csv").write_text("height,label\n" + rows, encoding="utf-8")
    for file in ("layers/affine.py", "layers/relu.py", "layers/softmax_loss.py"):
        for place in ("solutions", "submissions/ann"):
            workspace.write(folder / place / file, workspace.solution(file))
    process = start(request.param, folder, FAKED / "commands.py", "outcome.json")
    _, errors = process.communicate(timeout=300)
    ours = [line for line in errors.splitlines() if "site-packages" not in line]    # not NumPy's
    assert process.returncode == 0 and "EncodingWarning" not in "".join(ours), errors
    outcome = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
    return request.param, folder, outcome


@pytest.mark.slow
@on_linux
@pytest.mark.processes
def test_every_module_is_imported_and_every_command_works(ran):
    name, _, outcome = ran
    assert len(outcome) > 25
    for command, (code, shown) in outcome.items():
        wanted = CODES.get(command, 0)
        if command.split()[0] in EXTRAS or (name == "win32" and " grade " in command):
            wanted = 2
            assert len(shown.splitlines()) == 1, shown
        assert code == wanted, (command, code, shown)


@pytest.mark.slow
@on_linux
@pytest.mark.processes
def test_what_is_asked_of_other_systems_is_there(ran):
    name, folder, outcome = ran
    assert "relu: passed" in outcome["exercises check relu"][1]
    shown = outcome["evaluate table --data table.csv --label label"][1]
    assert (OMEGA in shown) == (name == "darwin") and ("?" in shown) == (name == "win32")
    grade = outcome["exercises grade submissions --json grades.json --jobs 1"][1]
    if name == "win32":
        assert "Windows does not have; grade on Linux" in grade
        assert not (folder / "grades.json").exists()
    else:
        assert "students' code runs as you (" in grade
        assert "without Landlock" in grade and "without seccomp" in grade
        row, = json.loads((folder / "grades.json").read_text(encoding="utf-8"))["submissions"]
        assert row["passed"] == 3


@pytest.mark.slow
@on_linux
@pytest.mark.processes
@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTTIN, 149),
                                          (signal.SIGTERM, 143)])
def test_a_stopped_training_is_saved_and_goes_on_as_it_is_typed(tmp_path, name, number, code):
    if number == signal.SIGTTIN and name == "darwin":
        pytest.skip("it plays the part of Ctrl-Break, which Windows alone has")
    process = start(name, tmp_path, "-m", "flatprop", "train", "--epochs", "100000", "--out",
                    "my run", "--progress", "lines", "--hidden", "8")
    while not process.stderr.readline().startswith("epoch"):
        assert process.poll() is None
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    resume = re.search(r"to go on: .* -m flatprop train --resume (.*)", errors)[1]
    assert resume == ('"my run"' if name == "win32" else "'my run'")
    process = start(name, tmp_path, "-m", "flatprop", "train", "--resume", "my run", "--epochs",
                    str(1 + len((tmp_path / "my run/metrics.jsonl").read_text().splitlines())))
    assert process.communicate(timeout=60)[0].startswith("network") and process.returncode == 0


@pytest.fixture
def windows(monkeypatch):
    """flatprop/system.py as Windows has it, its console, and the keys that are pressed there."""
    console = types.SimpleNamespace(obeys=True, mode=None, keys=[])

    def set_mode(_handle, mode):
        console.mode = mode
        return console.obeys
    kernel = types.SimpleNamespace(GetStdHandle=lambda number: number, SetConsoleMode=set_mode,
                                   GetConsoleMode=lambda handle, mode: 1)
    monkeypatch.setattr(system, "WINDOWS", True)
    monkeypatch.setattr(system, "termios", None)
    monkeypatch.setattr(system.ctypes, "windll", types.SimpleNamespace(kernel32=kernel),
                        raising=False)
    monkeypatch.setattr(system, "msvcrt", types.SimpleNamespace(
        kbhit=lambda: bool(console.keys), getwch=lambda: console.keys.pop(0)), raising=False)
    return console


class Terminal(io.StringIO):
    """A stream that is one."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def usual_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_colours_are_for_terminals_that_know_them(monkeypatch):
    assert system.has_colours(Terminal()) and not system.has_colours(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not system.has_colours(Terminal()) and system.obeys_escapes(Terminal())
    monkeypatch.setenv("NO_COLOR", "")      # which says nothing: https://no-color.org
    assert system.has_colours(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not system.has_colours(Terminal()) and not system.obeys_escapes(Terminal())


def test_the_console_of_windows_is_asked_to_obey_escapes(windows, monkeypatch):
    assert system.has_colours(Terminal()) and windows.mode == 4
    windows.obeys = False       # an old one
    assert not system.has_colours(Terminal())
    monkeypatch.delattr(system.ctypes, "windll")
    assert not system.has_colours(Terminal())


def test_keys_of_windows(windows):
    windows.keys += ["h", "\xe0", "H", "\0", ";", "\r", "q"]
    with system.key_reader(Terminal()) as read_key:
        assert [read_key(0.0) for _ in range(6)] == ["h", "up", "", "enter", "q", ""]
    assert not system.has_keys(io.StringIO())


@on_linux
def test_keys_that_come_at_once_are_none_of_them_lost():
    import pty
    parent, child = pty.openpty()
    with open(child) as keyboard, system.key_reader(keyboard) as read_key:
        os.write(parent, b"h\x1b[B\x1bOA\x1b[5~\x1b[24~\n\x7f\xc3\xa9q")
        assert [read_key(1.0) for _ in range(9)] == [
            "h", "down", "up", "pageup", "", "enter", "backspace", "\xe9", "q"]
        assert read_key(0.0) == ""
        os.close(parent)
        assert read_key(1.0) == system.CTRL_D


def test_links_say_the_line_where_a_terminal_knows_how(tmp_path, monkeypatch):
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    file = tmp_path / "a b.py"
    start = file.as_uri()
    assert system.link("b", file, 7) == f"\x1b]8;;{start}\x1b\\b\x1b]8;;\x1b\\"
    monkeypatch.setenv("TERM", "xterm-kitty")
    assert f";{start}#7\x1b" in system.link("b", file, 7)
    monkeypatch.setenv("TERM_PROGRAM", "vscode")
    assert f";vscode://file{start[7:]}:7\x1b" in system.link("b", file, 7)


def test_the_words_of_a_command(windows, monkeypatch):
    assert system.words_of(r'"C:\Program Files\np.exe" -n') == [r"C:\Program Files\np.exe", "-n"]
    monkeypatch.setattr(system, "WINDOWS", False)
    assert system.words_of("'my editor' -w") == ["my editor", "-w"]


def test_without_keys_the_reader_waits(monkeypatch):
    waits = []
    monkeypatch.setattr(system.time, "sleep", waits.append)
    with system.key_reader(None) as read_key:
        assert read_key(0.5) == "" and waits == [0.5]
    monkeypatch.setattr(system, "termios", None)
    assert not system.has_keys(Terminal())


def test_paths_as_each_shell_takes_them(windows, monkeypatch):
    assert system.quote(r"C:\Users\zo\runs\1") == r"C:\Users\zo\runs\1"
    assert system.quote(r"C:\my runs\a&b") == r'"C:\my runs\a&b"'
    monkeypatch.setattr(system, "WINDOWS", False)
    assert system.quote("it's") == "'it'\"'\"'s'"


def test_a_reader_that_has_left(monkeypatch):
    monkeypatch.setattr(ending, "WINDOWS", True)
    assert ending.reader_has_left(OSError(22, "Invalid argument"))      # as Windows says it
    assert not ending.reader_has_left(OSError(22, "Invalid argument", "a:b"))
    monkeypatch.setattr(ending, "WINDOWS", False)
    assert not ending.reader_has_left(OSError(22, "Invalid argument"))
    assert ending.reader_has_left(BrokenPipeError())


def test_letters_that_standard_output_lacks_become_question_marks(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), "cp1252")
    monkeypatch.setattr(sys, "stdout", out)
    ending.replace_strange_letters()
    print("zo\u00eb \u03a9", flush=True)
    assert out.buffer.getvalue() == "zo\u00eb ?\n".encode("cp1252")
    monkeypatch.setattr(sys, "stdout", io.StringIO())     # a notebook's has no encoding to change
    ending.replace_strange_letters()


@pytest.mark.parametrize("refusals, platform, error", [
    (3, "win32", None), (10**6, "win32", PermissionError), (3, "linux", PermissionError)])
def test_a_file_that_somebody_reads_is_replaced_a_moment_later_on_windows(
        tmp_path, monkeypatch, refusals, platform, error):
    rename, asked = os.replace, []

    def replace(source, target):
        asked.append(target)
        if len(asked) <= refusals:
            raise PermissionError(13, "Permission denied", target)
        rename(source, target)
    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(atomic.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(error) if error else contextlib.nullcontext():
        atomic.write_text(tmp_path / "file", "new")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ([] if error else ["file"])
    assert len(asked) == {None: 4, PermissionError: atomic.TRIES + 1 if platform == "win32" else 1
                          }[error]


def test_lines_of_code_are_named_with_slashes(tmp_path, monkeypatch):
    # So that they are found among the files of an exercise.
    monkeypatch.syspath_prepend(ROOT / "flatprop/exercises/sandbox")
    serve = importlib.import_module("serve")
    monkeypatch.setattr(serve, "os", types.SimpleNamespace(sep="\\", path=types.SimpleNamespace(
        relpath=lambda file, tree: "layers\\relu.py")))
    (tmp_path / "relu.py").write_bytes(b"x = 1\n")
    assert serve.code_line((tmp_path / "relu.py", 1), tmp_path) == "layers/relu.py line 1: x = 1"
