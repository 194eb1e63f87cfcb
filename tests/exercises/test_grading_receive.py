"""Submissions as an LMS, a Mac, a clone and an editor make them, and files of every odd form."""

import os
import resource
import sys
import zipfile

import grading_cases
import pytest
from grading_cases import graded, zipped

from flatprop.exercises.grading import receive
from flatprop.exercises.sandbox import safe_copy

pytestmark = pytest.mark.processes


def test_a_zip_in_the_folder_that_the_lms_made(tmp_path):
    folder = tmp_path / "Ann_123_assignsubmission_file_"
    zipped(folder / "Solutions.ZIP", grading_cases.honest())
    assert graded(folder)["points"] == grading_cases.OUT_OF


def test_a_zip_in_a_zip(tmp_path):
    inner = zipped(tmp_path / "inner.zip", grading_cases.honest()).read_bytes()
    row = graded(zipped(tmp_path / "outer.zip", {"inner.zip": inner}))
    assert row["points"] == grading_cases.OUT_OF and row["reason"] == ""


def test_zips_are_not_opened_where_the_files_lie(tmp_path):
    grading_cases.hand_in(tmp_path / "a", grading_cases.stubs())
    zipped(tmp_path / "a" / "old.zip", grading_cases.honest())
    row = graded(tmp_path / "a")
    assert row["points"] == 0 and row["reason"] == ""


def test_a_zip_in_it_that_is_none_is_named(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "work.zip").write_bytes(b"")
    assert graded(tmp_path / "a")["reason"].startswith("work.zip, in it, is no")


def test_many_zips_or_one_that_grows_are_refused(tmp_path):
    for number in range(receive.INNER_ZIPS + 1):
        zipped(tmp_path / "a" / f"{number}.zip", {"x.py": ""})
    assert "more than 5 zips" in graded(tmp_path / "a")["reason"]
    bomb = zipped(tmp_path / "bomb.zip", {"layers/sigmoid.py": "#" * (safe_copy.FILE_BYTES + 1)})
    assert bomb.stat().st_size < 10_000
    outer = zipped(tmp_path / "outer.zip", {"bomb.zip": bomb.read_bytes()})
    for path in (bomb, outer):
        assert "unpacks to too much" in graded(path)["reason"]


@pytest.mark.parametrize("name", ["../inner.zip", "/inner.zip", "a/../../inner.zip"])
def test_a_zip_in_a_zip_writes_nothing_outside(tmp_path, name):
    base = tmp_path / "base"
    base.mkdir()
    inner = zipped(tmp_path / "i.zip", {"stolen.py": ""}, "../../").read_bytes()
    outer = zipped(tmp_path / "x.zip", {name: inner, "in.zip": inner}, "")
    with pytest.raises(safe_copy.Refused):
        receive.receive(str(outer), str(base), grading_cases.EXERCISES)
    assert not [path for path in tmp_path.rglob("*") if path.name in ("inner.zip", "stolen.py")
                and base not in path.parents]


def test_an_encrypted_zip_is_told_as_such(tmp_path):
    data = bytearray(zipped(tmp_path / "a.zip", grading_cases.honest()).read_bytes())
    for head, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.find(head)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(head, place + 4)
    (tmp_path / "a.zip").write_bytes(data)
    assert graded(tmp_path / "a.zip")["reason"] == "is encrypted"


@pytest.mark.parametrize("files, says", [
    ({"01-relu.ipynb": "{}"}, "01-relu.ipynb; a notebook writes its files into the folder work"),
    ({"solutions.tar.gz": ""}, "solutions.tar.gz; of archives only zips"),
    ({"sigmoid.py": "", "affine.py": "", "a.txt": "", "b.txt": ""},
     "a.txt, affine.py, b.txt and 1 more; hand files in with their folders"),
    ({".DS_Store": "", "__MACOSX/a": ""}, "it is empty"),
])
def test_what_is_there_instead_is_told(tmp_path, files, says):
    grading_cases.hand_in(tmp_path / "a", files)
    assert says in graded(tmp_path / "a")["reason"]
    assert "holds no" in graded(zipped(tmp_path / "a.zip", files, ""))["reason"]


@pytest.mark.parametrize("exercises", ["flatprop/exercises", "exercises"])
def test_of_a_clone_the_students_folder_is_graded(tmp_path, exercises):
    honest, stubs = grading_cases.honest(), grading_cases.stubs()
    clone = {**honest, f"{exercises}/catalogue.py": "", f"{exercises}/practice/circuit.py": ""}
    grading_cases.hand_in(tmp_path / "clone", clone)
    row = graded(tmp_path / "clone")
    assert row["points"] == 0 and "holds no" in row["reason"]
    mine = {**stubs, "layers/affine.py": honest["layers/affine.py"]}
    grading_cases.hand_in(tmp_path / "clone" / "solutions", mine)
    row = graded(tmp_path / "clone")
    assert row["passed"] == 1 and row["reason"] == ""


def test_of_two_folders_the_one_with_more_is_graded_and_that_is_told(tmp_path):
    grading_cases.hand_in(tmp_path / "a" / "first", grading_cases.stubs())
    grading_cases.hand_in(tmp_path / "a" / "second", grading_cases.honest())
    row = graded(tmp_path / "a")
    assert row["points"] == grading_cases.OUT_OF
    assert row["reason"] == "graded is second, not first"
    for number in range(receive.FOLDERS):
        grading_cases.hand_in(tmp_path / "a" / f"n{number}", grading_cases.stubs())
    assert "more than 8 folders" in graded(tmp_path / "a")["reason"]


def test_what_reset_put_away_is_not_graded(tmp_path):
    grading_cases.hand_in(tmp_path / "a", grading_cases.stubs())
    grading_cases.hand_in(tmp_path / "a" / "backups" / "sigmoid-1", grading_cases.honest())
    row = graded(tmp_path / "a")
    assert row["points"] == 0 and row["reason"] == ""


def test_an_environment_that_was_handed_in_too_costs_nothing(tmp_path):
    grading_cases.hand_in(tmp_path / "a", grading_cases.honest())
    for number in range(safe_copy.FILES + 1):
        grading_cases.hand_in(tmp_path / "a/env/lib/site-packages/x", {f"f{number}.py": ""})
    assert graded(tmp_path / "a")["points"] == grading_cases.OUT_OF


def test_a_file_that_is_missing_is_named(tmp_path):
    files = grading_cases.honest()
    files["layers/Sigmoid.py"] = files.pop("layers/sigmoid.py")
    grading_cases.hand_in(tmp_path / "a", files)
    sigmoid = graded(tmp_path / "a")["exercises"][0]
    assert sigmoid["status"] == "not written"
    assert sigmoid["message"] == "not written: layers/sigmoid.py is not there"


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_is_told(tmp_path):
    grading_cases.hand_in(tmp_path / "a", grading_cases.honest())
    (tmp_path / "a" / "layers" / "sigmoid.py").chmod(0)
    assert "sigmoid.py cannot be read: Permission denied" in graded(tmp_path / "a")["reason"]


@pytest.mark.parametrize("name", ["../layers/sigmoid.py", "/layers/sigmoid.py",
                                  "a/../../layers/sigmoid.py", "..\\layers\\sigmoid.py"])
def test_a_zip_writes_nothing_outside(tmp_path, name):
    base = tmp_path / "base"
    base.mkdir()
    zipped(tmp_path / "x.zip", {name: "stolen = 1\n", "layers/affine.py": "x = 1\n"})
    receive.receive(str(tmp_path / "x.zip"), str(base), grading_cases.EXERCISES)
    outside = [path for path in tmp_path.rglob("*.py") if base / "submission" not in path.parents]
    assert outside == []


def test_a_file_or_a_folder_beyond_measure_is_refused(tmp_path):
    grading_cases.hand_in(tmp_path / "a", {"layers/sigmoid.py": "#" * (safe_copy.FILE_BYTES + 1)})
    assert "more than" in graded(tmp_path / "a")["reason"]
    for number in range(safe_copy.FILES + 1):
        grading_cases.hand_in(tmp_path / "b", {f"f{number}.py": ""})
    assert "more than" in graded(tmp_path / "b")["reason"]


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


def test_a_zip_beyond_measure_is_not_opened_and_a_pipe_not_waited_for(tmp_path):
    with open(tmp_path / "a.zip", "wb") as file:
        file.truncate(receive.ZIP_BYTES + 1)
    assert "MB" in graded(tmp_path / "a.zip")["reason"]
    os.mkfifo(tmp_path / "b.zip")
    assert "no plain file" in graded(tmp_path / "b.zip")["reason"]


def test_a_large_source_costs_the_parent_little(tmp_path):
    text = f"x = [{'0,' * 1_500_000}]\n" + grading_cases.honest()["layers/sigmoid.py"]
    assert len(text) < safe_copy.FILE_BYTES
    grading_cases.hand_in(tmp_path, {"layers/sigmoid.py": text})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert graded(tmp_path)["exercises"][0]["status"] == "memory"
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
