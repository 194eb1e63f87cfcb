"""What a batch tells besides its rows: entries that are no submissions, an end before its time."""

import csv
import json
import os
import time
from pathlib import Path

import grading_cases
import pytest

from data import atomic
from flatprop.exercises.grading import batch, grade
from flatprop.usage.errors import UsageError

pytestmark = pytest.mark.processes


@pytest.fixture
def folder(tmp_path):
    """Two submissions, one that never ends after one that does."""
    grading_cases.hand_in(tmp_path / "all" / "ann", grading_cases.stubs())
    forever = "while True:\n    pass\n\n\ndef forward(x):\n    return x\n"
    grading_cases.hand_in(tmp_path / "all" / "bob", {"layers/affine.py": forever})
    return tmp_path / "all"


def options(folder, **changes):
    return grading_cases.options(folder, **{"jobs": 1, "timeout": 60.0, **changes})


@pytest.mark.slow
def test_what_is_no_submission_is_told(folder, tmp_path, capsys):
    for name in ("eve.tar.xz", "fay.rar", "loose.py", ".DS_Store", "no\nend"):
        (folder / name).write_text("")
    (folder / ".git").mkdir()
    (folder / "__MACOSX").mkdir()
    args = options(folder, timeout=0.3, json=str(tmp_path / "r.json"))
    assert grade.run(args, "grading_cases") == 0
    skipped = [".git", "eve.tar.xz", "fay.rar", "loose.py", "no\nend"]
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["skipped"] == skipped and found["not_graded"] == []
    assert [row["submission"] for row in found["submissions"]] == ["ann", "bob"]
    err = capsys.readouterr().err
    assert err.count("no folder, zip or tar.gz") == len(skipped)
    assert err.count("\n") == len(skipped) + 3 + ("see docs/instructors.md" in err)


def test_interrupted_it_says_what_it_has_not_graded(folder, tmp_path, monkeypatch, capsys):
    def stop(self, row):
        raise KeyboardInterrupt

    monkeypatch.setattr(grade.Progress, "row", stop)
    args = options(folder, json=str(tmp_path / "r.json"), csv=str(tmp_path / "r.csv"))
    assert grade.run(args, "grading_cases") == 130
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["complete"] is False and found["not_graded"] == ["bob"]
    ann, bob = csv.DictReader((tmp_path / "r.csv").read_text().splitlines())
    assert ann["points"] == "0.0" and ann["reason"] == ""
    assert bob["points"] == bob["affine"] == "" and bob["reason"] == "not graded: interrupted"
    assert "interrupted after 1 of 2" in capsys.readouterr().err


def test_interrupted_it_leaves_nothing_behind(folder, monkeypatch):
    folders, made = [], batch.Worker

    def worker(settings, temporary):
        folders.append(temporary)
        return made(settings, temporary)

    def stop(row):
        deadline = time.monotonic() + 60        # until the other one is being graded
        while not os.listdir(folders[0]) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert os.listdir(folders[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "Worker", worker)
    settings = {"catalogue": "grading_cases", "seed": 0, "timeout": 60, "memory": 512}
    with pytest.raises(batch.Interrupted):
        batch.grade([str(folder / "ann"), str(folder / "bob")], settings, 1, stop)
    assert not os.path.exists(folders[0])


def test_a_full_disk_leaves_the_table_and_the_other_file(folder, tmp_path, monkeypatch, capsys):
    def write(path, data):
        if path.endswith(".json"):
            raise OSError(28, "No space left on device")
        Path(path).write_bytes(data)

    monkeypatch.setattr(atomic, "write_bytes", write)
    code = grade.main([str(folder), "--only", "ann", "--json", str(tmp_path / "r.json"),
                       "--csv", str(tmp_path / "r.csv")])
    out, err = capsys.readouterr()
    assert code == 2 and "r.json: No space left on device" in err
    assert "ann" in out and "ann" in (tmp_path / "r.csv").read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_told_before_grading(folder, tmp_path, capsys):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert grade.main([str(folder), "--json", str(closed / "r.json")]) == 2
    closed.chmod(0)
    assert grade.main([str(folder), "--json", str(closed / "r.json")]) == 2
    assert capsys.readouterr().err.count("may not be written to") == 2


def test_one_that_was_refused_says_why_in_full(folder, capsys):
    grading_cases.hand_in(folder / "eve", {f"{'long' * 40}.txt": ""})
    assert grade.run(options(folder, only=["eve", "eve"]), "grading_cases") == 0
    out, err = capsys.readouterr()
    assert f"but {'long' * 40}.txt" in out and out.count("\neve") == 2
    assert "1 submission, seed 1" in err


@pytest.mark.slow
def test_one_graded_again_takes_its_own_row_in_the_files_alone(folder, tmp_path, capsys):
    places = {"json": str(tmp_path / "r.json"), "csv": str(tmp_path / "r.csv")}
    (folder / "bob/layers/affine.py").write_text("1 / 0\n")
    assert grade.run(options(folder, **places, seed=7), "grading_cases") == 0
    before = json.loads((tmp_path / "r.json").read_text())
    grading_cases.hand_in(folder / "bob", grading_cases.honest())
    assert grade.run(options(folder, **places, seed=None, only=["bob"]), "grading_cases") == 0
    after = json.loads((tmp_path / "r.json").read_text())
    assert after["submissions"][0] == before["submissions"][0] and after["seed"] == 7
    assert [row["points"] for row in after["submissions"]] == [0, grading_cases.OUT_OF]
    lines = list(csv.DictReader((tmp_path / "r.csv").read_text().splitlines()))
    assert [line["points"] for line in lines] == ["0.0", str(float(grading_cases.OUT_OF))]
    out = capsys.readouterr().out
    assert "ann" not in out.rpartition("submission ")[2]
    with pytest.raises(UsageError, match="seed 7, and a class has one"):
        grade.run(options(folder, **places, seed=8, only=["bob"]), "grading_cases")
    with pytest.raises(UsageError, match="would lose its other rows"):
        grade.run(options(folder, csv=places["csv"], only=["bob"]), "grading_cases")


@pytest.mark.parametrize("text", [
    "", "[]", "{}", "[" * 10**5, '{"seed": 1, "not_graded": [], "submissions": [{}]}',
    '{"seed": "1", "not_graded": [], "submissions": []}',
    '{"seed": 1, "not_graded": [2], "submissions": []}', "\x00", '{"submissions": 1, "seed": 2}'])
def test_a_file_that_holds_no_rows_is_told_and_kept(folder, tmp_path, text):
    (tmp_path / "r.json").write_text(text)
    args = options(folder, json=str(tmp_path / "r.json"), resume=True)
    with pytest.raises(UsageError, match="has no rows of a class"):
        grade.run(args, "grading_cases")
    assert (tmp_path / "r.json").read_text() == text


@pytest.mark.slow
def test_what_the_grader_could_not_grade_is_graded_again(folder, tmp_path):
    args = options(folder, json=str(tmp_path / "r.json"), seed=None, resume=True)
    grading_cases.hand_in(folder / "bob", grading_cases.honest())
    row = {"submission": "bob", "points": 0.0, "passed": 0, "out_of": None, "seconds": None,
           "reason": batch.ENDED, "exercises": []}
    (tmp_path / "r.json").write_text(json.dumps(
        {"seed": 3, "not_graded": ["ann"], "submissions": [row]}))
    assert grade.run(args, "grading_cases") == 0
    found = json.loads((tmp_path / "r.json").read_text())
    assert [each["points"] for each in found["submissions"]] == [0, grading_cases.OUT_OF]
    assert found["seed"] == 3
