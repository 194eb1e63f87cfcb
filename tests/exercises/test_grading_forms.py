"""What is handed in as something else than a plain folder or zip costs nothing but its own row."""

import os
import resource
import sys
import time
import zipfile

import grading_cases
import pytest

from flatprop.exercises.grading import receive, submission
from flatprop.exercises.sandbox import safe_copy

if sys.platform == "win32":
    pytest.skip("grading needs fork", allow_module_level=True)


def graded(path):
    return submission.grade(str(path), grading_cases.EXERCISES, 0, submission.limits(5, 512))


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.zip")
    started = time.monotonic()
    assert "no plain file" in graded(tmp_path / "a.zip")["reason"]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_broken_zip_is_a_row(tmp_path, method):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("layers/sigmoid.py", grading_cases.honest()["layers/sigmoid.py"])
    data = bytearray(path.read_bytes())
    data[80:200] = bytes(range(120))
    path.write_bytes(data)
    assert graded(path)["reason"]


def test_a_deep_zip_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("d/" * 1500 + "layers/sigmoid.py", "x = 1\n")
    assert "holds no" in graded(tmp_path / "a.zip")["reason"]
    assert os.listdir(tmp_path / "temporary") == []


def test_a_zip_beyond_measure_is_not_opened(tmp_path):
    with open(tmp_path / "a.zip", "wb") as file:
        file.truncate(receive.ZIP_BYTES + 1)
    assert "MB" in graded(tmp_path / "a.zip")["reason"]


def test_a_large_source_costs_the_parent_little(tmp_path):
    text = f"x = [{'0,' * 1_500_000}]\n" + grading_cases.honest()["layers/sigmoid.py"]
    assert len(text) < safe_copy.FILE_BYTES
    grading_cases.hand_in(tmp_path, {"layers/sigmoid.py": text})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "256 kB" in graded(tmp_path)["exercises"][0]["message"]
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 2**28


@pytest.mark.parametrize("begin", ["\ufeff", "# -*- coding: cp1252 -*-\n"])
def test_however_an_editor_saves_it_a_stub_is_a_stub_and_a_mistake_its_own(tmp_path, begin):
    stubs, honest = grading_cases.stubs(), grading_cases.honest()
    begun = {file: begin + text.replace("\n", "\r\n") for file, text in stubs.items()}
    grading_cases.hand_in(tmp_path / "a", begun)
    assert [each["status"] for each in graded(tmp_path / "a")["exercises"]] == ["not written"] * 2
    wrong = honest["layers/sigmoid.py"].replace("(out,) = cache", "raise ValueError(1)")
    grading_cases.hand_in(tmp_path / "b", {**honest, "layers/sigmoid.py": begin + wrong})
    sigmoid = graded(tmp_path / "b")["exercises"][0]
    assert "ValueError: 1" in sigmoid["message"] and "raise ValueError(1)" in sigmoid["message"]
