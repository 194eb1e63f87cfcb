"""watch: what is saved is checked, and what passes leads on to the next."""

import io
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from flatprop import ending
from flatprop.exercises import last_page, saves, workspace
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.watch import Watch, watch

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes

ADD, COPY = "layers/gates/add.py", "layers/gates/copy.py"
MULTIPLY, MAXIMUM = "layers/gates/multiply.py", "layers/gates/maximum.py"


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


def test_keys(folder):
    watched = Watch(folder, io.StringIO(), True)
    assert watched.press("h") and "hint 1 of 3" in watched.out.getvalue()
    assert watched.press("l") and "of 100 points" in watched.out.getvalue()
    assert watched.press("n") and watched.current.id == "gates-multiply-max"
    assert watched.press("c") and "to write" in watched.out.getvalue()
    assert watched.press("x") and not watched.press("q")


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
    assert "All exercises pass" in out and f" train --layers {done}\n" in out


def test_on_a_terminal_the_last_page_stays(done):
    keys = iter("hnclq")
    watched = Watch(done, io.StringIO(), True, lambda seconds: next(keys))
    watched.begin()
    assert "Hand in: " in watched.out.getvalue()
    assert [watched.turn() for _ in range(5)] == [True] * 4 + [False]
    save(done, ADD, "def forward(x, y):\n    return x - y, ()\n")
    watched.read_key = lambda seconds: ""
    assert "gates-add-copy: not yet" in looked(watched)


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
        assert process.stderr.read() == b"flatprop exercises: terminated\n"
    assert "\x1b" not in out and "gates-add-copy" in out


def test_it_ends_once_its_output_is_read_no_more(folder):
    command = [sys.executable, "-m", "flatprop", "exercises", "watch", "--dir", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        Reader(process.stdout.fileno()).until("copy.py")
        process.stdout.close()
        assert process.wait(60) == ending.READER_LEFT and process.stderr.read() == b""


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
