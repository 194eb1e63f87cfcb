"""watch: what is saved is checked, and what passes leads on to the next."""

import io
import os
import pty
import queue
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
import types
import zipfile
from pathlib import Path

import pytest

from flatprop import ending, system
from flatprop.exercises import editor, last_page, saves, screen, workspace
from flatprop.exercises.catalogue import EXERCISES, find
from flatprop.exercises.watch import Manner, Watch, place_of_trouble, watch

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes

ADD, COPY = "layers/gates/add.py", "layers/gates/copy.py"
MULTIPLY, MAXIMUM = "layers/gates/multiply.py", "layers/gates/maximum.py"


@pytest.fixture(autouse=True)
def no_library(monkeypatch):
    """A look asks the system, whether watchfiles is installed or not."""
    monkeypatch.setitem(sys.modules, "watchfiles", None)


@pytest.fixture
def watched(folder):
    return Watch(folder, io.StringIO(), False)


def save(folder, file, text=None):
    workspace.write(folder / file, workspace.solution(file) if text is None else text)


def looked(watched):
    """What is written after one look at the files."""
    watched.out.seek(0)
    watched.out.truncate()
    watched.turn()
    return watched.out.getvalue()


def test_what_is_saved_is_checked_and_leads_on(folder, watched):
    assert watched.current.id == "gates-add-copy" and looked(watched) == ""
    save(folder, ADD)
    out = looked(watched)
    assert "gates-add-copy: not yet" in out and "1 of 2 parts are right" in out
    assert looked(watched) == ""
    save(folder, COPY)
    out = looked(watched)
    assert "gates-add-copy: passed" in out and "gates-multiply-max" in out
    assert watched.current.id == "gates-multiply-max"


def test_what_is_written_already_is_passed_at_once(folder, watched):
    for file in (MULTIPLY, MAXIMUM):
        save(folder, file)
    looked(watched)
    assert watched.current.id == "gates-add-copy"
    for file in (ADD, COPY):
        save(folder, file)
    looked(watched)
    assert watched.current.id == "circuit"


def test_a_save_by_renaming_and_a_file_that_is_away_for_a_moment(folder, watched):
    kept = (folder / ADD).read_text()
    (folder / ADD).unlink()
    assert looked(watched) == ""
    save(folder, ADD, kept + "# new\n")
    assert "to write" in looked(watched) or "not yet" in watched.out.getvalue()


def test_a_save_breaks_off_the_check_of_a_loop(folder):
    """Which would be told after ten seconds that no answer came."""
    right = workspace.solution("practice/circuit.py")

    def mend(seconds):
        if seconds == 0 and "while True" in (folder / "practice/circuit.py").read_text():
            save(folder, "practice/circuit.py")
        return ""
    watched = Watch(folder, io.StringIO(), False, mend)
    save(folder, "practice/circuit.py",
         right.replace("    q = x + y", "    while True:\n        pass\n    q = x + y"))
    assert looked(watched) == ""
    out = looked(watched)
    assert "circuit: passed" in out and "no answer" not in out


def test_q_does_not_wait_for_a_check(folder):
    loop = "def circuit(x, y, z):\n    while True:\n        pass\n"
    keys = iter(["", "q"])
    watched = Watch(folder, io.StringIO(), True, lambda seconds: next(keys))
    save(folder, "practice/circuit.py", loop)
    assert watched.turn() and not watched.turn() and watched.out.getvalue() == ""
    keys = iter(["x", "n", "q"])        # after the answer to a question, too
    watched.current, watched.saved = find("circuit"), []
    assert watched.turn() and watched.turn() and not watched.turn()


def test_a_file_that_is_removed_is_reported(folder, watched, monkeypatch):
    save(folder, "practice/circuit.py")
    looked(watched)
    (folder / "practice/circuit.py").unlink()
    assert looked(watched) == ""        # it may be an editor that saves
    monkeypatch.setattr(saves, "AWAY", 0.0)
    out = " ".join(looked(watched).split())
    assert "circuit.py is missing: " in out and "exercises init --dir" in out
    assert workspace.load_state(folder)["circuit"]["status"] == "open"
    assert looked(watched) == ""        # once
    workspace.init(folder)
    assert "to write: " in looked(watched)


def test_what_fails_again_becomes_the_exercise_of_the_moment(folder, watched):
    save(folder, "practice/circuit.py")
    looked(watched)
    assert workspace.load_state(folder)["circuit"]["status"] == "passed"
    save(folder, "practice/circuit.py", "def circuit(x, y, z):\n    return x\n")
    assert "circuit: not yet" in looked(watched)
    assert watched.current.id == "circuit"


@pytest.fixture
def screen_of(folder):
    """A Watch on a terminal, and press(keys), which gives what is written after these."""
    def make(**manner):
        keys = []
        watched = Watch(folder, io.StringIO(), True, lambda seconds: keys.pop(0) if keys else "",
                        Manner(**manner))

        def press(*more):
            watched.out.seek(0)
            watched.out.truncate()
            for key in more:
                keys.append(key)
                watched.turn()
            return watched.out.getvalue()
        return watched, press
    return make


def test_keys(screen_of):
    watched, press = screen_of()
    assert "hint 1 of 3" in press("h")
    assert "to write" in press("n") and watched.current.id == "gates-multiply-max"
    assert "to write" in press("r") and "to write" in press("enter") and press("z") == ""
    assert press("s") == ""         # nothing has passed yet


def test_after_a_pass_it_stays_for_those_who_go_on_trying(folder, screen_of):
    watched, press = screen_of()
    save(folder, "practice/circuit.py")
    out = press("")
    assert "circuit: passed" in out and watched.current.id == "circuit"
    assert "n leads on: gates-sigmoid-parts" in out
    save(folder, "practice/circuit.py", workspace.solution("practice/circuit.py") + "# mine\n")
    assert "circuit: passed" in press("")
    assert "gates-sigmoid-parts: The four" in press("n")
    watched, press = screen_of(go_on=True)
    save(folder, ADD)
    press("")
    save(folder, COPY)
    out = press("")
    assert "gates-add-copy: passed" in out and "gates-multiply-max: Mul" in out


def test_the_courses_solution_stands_beside_ones_own(folder, screen_of, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    _, press = screen_of()
    mine = "def circuit(a, b, c):\n    '''Mine.'''\n    q = a + b\n" + (
        "    return q * c, dict(q=c, z=q, x=c, y=c)\n")
    (folder / "practice/circuit.py").write_bytes(mine.encode("utf-16"))     # of Windows' Notepad
    press("")
    lines = press("s").splitlines()
    assert any(re.fullmatch(r"  def circuit\(a, b, c\): +\| def circuit\(x, y, z\):", line)
               for line in lines)
    assert any(re.fullmatch(r"      q = a \+ b +\|     q = x \+ y", line) for line in lines)
    assert not any("Mine" in line for line in lines)
    monkeypatch.setenv("COLUMNS", "60")
    assert "\n  the course's:\n" in press("s")


def test_a_reset_asks(folder, screen_of):
    watched, press = screen_of()
    save(folder, ADD, "# mine\n")
    press("")
    assert "y yes   n no" in press("x") and "to write" not in press("n")
    assert (folder / ADD).read_text() == "# mine\n"
    out = press("x", "y")
    assert "as it was at first" in " ".join(out.split()) and watched.current.id == "gates-add-copy"
    backup, = (folder / "backups").iterdir()
    assert f" {backup}\n" in out.replace("\n  ", " ") and f"in {backup}\n" not in out    # folded
    assert (folder / ADD).read_text() == workspace.starting_texts()[ADD]
    assert press("") == ""          # which was no save
    assert not watched.press("q")


@pytest.mark.slow
def test_all_are_checked_with_the_progress(folder, screen_of):
    watched, press = screen_of()
    save(folder, "practice/circuit.py")
    watched.saves.new()
    assert "gates-add-copy: Add" in press("c")      # and not the clinic, which nobody has touched
    save(folder, "layers/relu.py", "def forward(x):\n    return x\n")
    watched.saves.new()
    out = press("c")
    assert f"{len(EXERCISES) - 1} of {len(EXERCISES)} digits" in out
    assert (f"1 of {len(EXERCISES)} exercises pass. Written, and not yet right: relu\n" in out
            and watched.current.id == "gates-add-copy" and "gates-add-copy: Add" in out)
    assert press("n", "c") and watched.current.id == "gates-multiply-max"   # where one was
    save(folder, MULTIPLY, "def forward(x, y):\n    return x\n")
    watched.saves.new()
    assert "Written, and not yet right: gates-multiply-max, relu\n" in press("c")
    assert workspace.load_state(folder)["circuit"]["status"] == "passed"


def test_the_list_leads_to_any_exercise(folder, screen_of):
    watched, press = screen_of()
    assert "> " in press("l") and "search: rel_" in press("s", "r", "e", "l")
    assert "relu.py" in press("u", "enter", "down", "c") and watched.current.id == "relu"
    press("l", "home", "r", "y")
    assert watched.current.id == "gates-add-copy"
    assert "to write" in press("l", "q")
    press("l")
    save(folder, "practice/circuit.py")
    assert "circuit: passed" in press("")       # a save is answered there too
    assert "next" in press("n")


def test_manual_checks_when_asked_alone(folder, screen_of):
    watched, press = screen_of(manual=True)
    for file in (ADD, COPY):
        save(folder, file)
    assert press("") == "" and "gates-add-copy: passed" in press("enter")
    assert "r check" in press("r") and watched.current.id == "gates-add-copy"


def test_manual_is_for_a_terminal(folder, capsys):
    from flatprop.exercises.__main__ import main
    assert main(["watch", "--manual", "--dir", str(folder)]) == 2
    assert "exercises check" in capsys.readouterr().err


@pytest.mark.slow
def test_the_editor_opens_the_line_of_the_trouble(folder, screen_of, tmp_path, monkeypatch):
    program = tmp_path / "vim"
    program.write_text(f"#!/bin/sh\necho \"$@\" > '{tmp_path}/words'\n")
    program.chmod(0o755)
    _, press = screen_of(editor=[str(program), "-u"])
    press("e")
    assert (tmp_path / "words").read_text() == f"-u {folder / ADD}\n"
    save(folder, ADD)
    press("")
    press("e")
    # at the line where NotImplementedError is raised
    start, _, path = (tmp_path / "words").read_text().partition("+")
    assert start == "-u " and path.partition(" ")[2] == f"{folder / COPY}\n"
    save(folder, COPY, workspace.solution(COPY).replace("dfirst + dsecond", "dfirst + nothing"))
    press("")
    press("e")
    number = 1 + workspace.solution(COPY)[:workspace.solution(COPY).index("+ dsecond")].count("\n")
    assert (tmp_path / "words").read_text() == f"-u +{number} {folder / COPY}\n"
    # Where the numbers are wrong no line is known, and the file is the one that the screen names.
    save(folder, COPY, workspace.solution(COPY).replace("dfirst + dsecond", "dfirst - dsecond"))
    assert f"{COPY}: " in press("")
    press("e")
    assert (tmp_path / "words").read_text() == f"-u {folder / COPY}\n"
    _, press = screen_of(editor=[str(tmp_path / "none")])
    assert "none: No such" in " ".join(press("e").split())
    _, press = screen_of()
    assert "--editor" in press("e")
    monkeypatch.setenv("EDITOR", "code -w")
    assert editor.words_to_open(editor.find(None), "a.py", 3) == ["code", "-w", "-g", "a.py:3"]
    assert editor.words_to_open(editor.find("subl"), "a.py", 3) == ["subl", "a.py:3"]
    assert editor.words_to_open(editor.find("other"), "a.py", 3) == ["other", "a.py"]


@pytest.mark.parametrize("id, message, place", [
    ("clinic", "clinic/patient_2.py: dW differs", ("clinic/patient_2.py", None)),
    ("initialization", "xavier: the spread differs", ("models/initialization.py", None)),
    ("initialization", "different_units: 3 differs", ("practice/zero_weights.py", None)),
    ("digits", "practice/train_digits.py: first, layers/affine.py is not right yet: dW",
     ("layers/affine.py", None)),
    ("digits", "first, layers/affine.py: backward is not written yet (layers/affine.py line 26)",
     ("layers/affine.py", "26")),
    ("sgd", "solvers/schedules.py: the rate at step 4", ("solvers/schedules.py", None)),
    ("solver", "the loop: theta differs", None)])
def test_the_place_of_the_trouble(id, message, place):
    assert place_of_trouble(message, find(id)) == place


def test_files_on_the_screen_are_links(folder):
    text = screen.with_links(f"{folder / ADD}, layers/relu.py line 12: layers/relu.pyc", folder)
    assert re.sub(r"\x1b]8;;.*?\x1b\\", "<>", text) == (
        f"<>{folder / ADD}<>, <>layers/relu.py line 12<>: layers/relu.pyc")
    assert (folder / "layers/relu.py").resolve().as_uri() in text


def test_a_library_says_when_to_look(folder, monkeypatch):
    """A stand-in for watchfiles: until it tells of a change, no file is asked for."""
    changes = queue.Queue()
    library = types.SimpleNamespace(watch=lambda *_, **__: iter(changes.get, None))
    monkeypatch.setitem(sys.modules, "watchfiles", library)
    monkeypatch.setattr(saves, "UNASKED", 1e9)
    found = saves.Saves(folder, [ADD])
    save(folder, ADD)
    assert found.new() == []
    changes.put({"a change"})
    assert found.told.wait(60) and found.new() == [ADD] and found.new() == []
    changes.put(None)
    save(folder, ADD, "# again\n")
    monkeypatch.setattr(saves, "UNASKED", 0.0)      # and now and then without being told
    assert found.new() == [ADD]


def test_it_listens_with_watchfiles(folder, monkeypatch):
    monkeypatch.delitem(sys.modules, "watchfiles")
    pytest.importorskip("watchfiles")
    found = saves.Saves(folder, [ADD])
    for number in range(100):       # the first may come before it listens
        save(folder, ADD, f"# {number}\n")
        if found.told.wait(0.5):
            break
    assert found.told.is_set() and found.new() == [ADD]


def test_all_hints_once_more_are_a_page_of_their_own(folder):
    watched = Watch(folder, io.StringIO(), True)
    for _ in range(5):
        watched.press("h")
    out = watched.out.getvalue()
    assert out.count("\x1b[2J") == 2 and out.rpartition("\x1b[H")[2].count(" of 3, ") == 3


@pytest.fixture
def done(folder):
    """A folder in which all exercises have passed."""
    state = workspace.load_state(folder)
    for exercise in EXERCISES:
        state[exercise.id] |= {"status": "passed", "reference": workspace.hash_of(exercise)}
    workspace.save_state(folder, state)
    return folder


def test_it_ends_when_all_is_done_with_what_comes_next(done, capsys):
    assert watch(done) == 0
    out = capsys.readouterr().out
    assert "All exercises pass" in out and f" train --layers {system.quote(done)}\n" in out


def test_on_a_terminal_the_last_page_stays(done):
    keys = iter("hnlqq")
    watched = Watch(done, io.StringIO(), True, lambda seconds: next(keys))
    watched.begin()
    assert "Hand in: " in watched.out.getvalue()
    assert [watched.turn() for _ in range(5)] == [True] * 4 + [False]
    save(done, ADD, "def forward(x, y):\n    return x - y, ()\n")
    watched.read_key = lambda seconds: ""
    assert "gates-add-copy: not yet" in looked(watched)


@pytest.mark.slow
def test_the_commands_of_the_last_page_work(solved, tmp_path):
    shutil.copytree(solved, tmp_path / "my work")
    workspace.init(tmp_path / "my work")        # the state
    for _, command in last_page.steps(Path("my work")):
        words = shlex.split(command)
        if words[0] == "flatprop":
            words[:1] = [sys.executable, "-m", "flatprop"]
        else:
            words[0] = sys.executable
        subprocess.run(words, cwd=tmp_path, check=True, capture_output=True,
                       env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert "</svg>" in (tmp_path / "neuron.svg").read_text("utf-8")
    record, = (tmp_path / "runs").iterdir()
    assert (record / "best.npz").is_file()
    names = zipfile.ZipFile(tmp_path / "solutions.zip").namelist()
    assert "my work/layers/relu.py" in names


def test_in_a_pipe_it_writes_plain_lines(folder):
    command = [sys.executable, "-m", "flatprop", "exercises", "watch", "--dir", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        try:
            reader = Reader(process.stdout.fileno())
            out = reader.until("copy.py")
            save(folder, "practice/circuit.py")
            out += reader.until("circuit: passed")
        finally:
            process.terminate()
        # Where the machine is busy, it says before how long a check has run.
        assert process.stderr.read().endswith(b"flatprop exercises: terminated\n")
    assert "\x1b" not in out and "gates-add-copy" in out


def test_it_ends_once_its_output_is_read_no_more(folder):
    command = [sys.executable, "-m", "flatprop", "exercises", "watch", "--dir", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        Reader(process.stdout.fileno()).until("copy.py")
        process.stdout.close()
        assert process.wait(60) == ending.READER_LEFT and process.stderr.read() == b""


@pytest.mark.slow
def test_on_a_terminal_saving_is_answered_on_a_fresh_screen(folder):
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "flatprop", "exercises", "watch", "--dir", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=child, stdout=child, stderr=child)
    os.close(child)
    reader = Reader(parent)
    try:
        reader.until("q quit")
        save(folder, ADD)
        save(folder, COPY, workspace.solution(COPY).replace("+ dsecond", "- dsecond"))
        reader.until("gates-add-copy: not yet")     # forks from here on
        reader.until("q quit")
        save(folder, COPY)
        out = reader.until("gates-add-copy: passed")
        assert "\x1b[" in out          # a fresh screen
        reader.until("q quit")
        os.write(parent, b"h")
        reader.until("hint 1 of 3")
        os.write(parent, b"q")
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(parent)


class Reader:
    """What comes from a descriptor, read as far as some text."""

    def __init__(self, descriptor):
        self.descriptor, self.data = descriptor, b""

    def until(self, text, seconds=60):
        """All that comes up to text."""
        end = time.monotonic() + seconds
        while text.encode() not in self.data:
            left = max(0.0, end - time.monotonic())
            ready, _, _ = select.select([self.descriptor], [], [], left)
            assert ready, f"no {text!r} in {self.data.decode()!r}"
            self.data += os.read(self.descriptor, 65536)
        found, _, self.data = self.data.partition(text.encode())
        return found.decode() + text
