"""Commands whose calls of the system fail, one at a time: see inject.py."""

import subprocess
import sys
from pathlib import Path

import calls
import inject
import pytest

pytestmark = [pytest.mark.processes,
              pytest.mark.skipif(calls.missing() is not None, reason=str(calls.missing()))]


def failures(found):
    """The points at which something was wrong, each with what, and what the command said."""
    return [(each["point"], each["hit"], each["problems"], each["said"])
            for each in found if each["problems"]]


@pytest.mark.slow
@pytest.mark.parametrize("count, seed", [(8, 1), (50, 0)])
def test_faults_at_random_calls_of_all_commands(count, seed):
    found = inject.trial(count, seed=seed)
    assert failures(found) == []
    assert len(found) == count
    assert sum(each["hit"] is not None for each in found) >= count * 9 // 10


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_fault_at_every_call_of_every_command():
    found = inject.trial(None, seed=0, processes=2)
    assert failures(found) == []
    assert len(found) >= 1500


WRITES = """
import os
os.mkdir("run/inner")
with open("run/inner/a\\tb", "wb", 0) as file:
    file.write(b"first")
    os.fsync(file.fileno())
again = os.open("run/inner/a\\tb", os.O_WRONLY | os.O_APPEND)
other = os.dup(again)
os.close(again)
os.write(other, b" and more")
os.ftruncate(other, 9)
os.close(other)
os.rename("run/inner/a\\tb", "run/inner/c")
folder = os.open("run", os.O_RDONLY)
os.fsync(folder)
os.close(folder)
os.unlink("run/inner/c")
os.rmdir("run/inner")
open("beside", "w").write("not below the folder")
"""


def python(library, tmp_path, text, **settings):
    """Run a text with python, its calls below tmp_path/run watched."""
    (tmp_path / "run").mkdir(exist_ok=True)
    return subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True,
                          text=True, env=calls.environment(library, tmp_path / "run", **settings))


def test_the_record_holds_every_change_in_order(tmp_path):
    library = calls.build(tmp_path)
    done = python(library, tmp_path, WRITES, record=tmp_path / "record")
    assert done.returncode == 0, done.stderr
    inner = f"{tmp_path.resolve()}/run/inner"
    lines = [[field if "." not in field or "/" in field else field.partition(".")[2]
              for field in line] for line in calls.read(tmp_path / "record")]
    assert lines == [
        ["mkdir", inner],
        ["open", f"{inner}/a\tb", "WRONLY|CREAT|TRUNC", "1"], ["write", "1", "0", "5", "0"],
        ["fsync", "1"], ["close", "1"],
        ["open", f"{inner}/a\tb", "WRONLY|APPEND", "2"], ["write", "2", "5", "9", "5"],
        ["truncate", "2", "9"], ["close", "2"],
        ["rename", f"{inner}/a\tb", f"{inner}/c"],
        ["open", str(Path(inner).parent), "RDONLY", "3"], ["fsync", "3"], ["close", "3"],
        ["unlink", f"{inner}/c"], ["rmdir", inner]]
    assert (tmp_path / "record.bytes").read_bytes() == b"first and more"


@pytest.mark.parametrize("kind, number, error, says", [
    ("mkdir", 1, "EDQUOT", "Disk quota exceeded: 'run/inner'"),
    ("write", 2, "ENOSPC", "No space left on device"), ("sync", 2, "EIO", "Input/output error"),
    ("close", 2, "EIO", "Input/output error"), ("rename", 1, "EACCES", "Permission denied")])
def test_the_call_that_is_named_fails(tmp_path, kind, number, error, says):
    library = calls.build(tmp_path)
    done = python(library, tmp_path, WRITES, hit=tmp_path / "hit",
                  fault=(kind, number, error, False))
    assert done.returncode == 1 and says in done.stderr
    (process, hit, path), = calls.read(tmp_path / "hit")
    assert hit == kind and path.startswith(f"{tmp_path.resolve()}/run")


def test_a_short_write_is_half_of_it_and_then_the_disk_is_full(tmp_path):
    library = calls.build(tmp_path)
    text = ("import os; file = os.open('run/file', os.O_WRONLY | os.O_CREAT)\n"
            "assert os.write(file, b'12345678') == 4\nos.write(file, b'5678')")
    done = python(library, tmp_path, text, fault=("short-write", 1, "ENOSPC", True))
    assert "No space left" in done.stderr
    assert (tmp_path / "run" / "file").read_bytes() == b"1234"
