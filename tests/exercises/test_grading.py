"""Grading a class: points, reasons, the forms of a submission, the files written, the options."""

import argparse
import csv
import io
import json

import grading_cases
import pytest
from grading_cases import graded, options, zipped

from flatprop.exercises.grading import batch, grade, submission

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A folder of submissions of many kinds, and the rows of the batch."""
    base = tmp_path_factory.mktemp("class")
    folder = base / "all"
    honest, stubs = grading_cases.honest(), grading_cases.stubs()
    half = {**stubs, "layers/affine.py": honest["layers/affine.py"]}
    wrong = {**honest, "layers/affine.py":
             honest["layers/affine.py"].replace("dout.sum(axis=0)", "dout.mean(axis=0)")}
    for name, files in {"ann": honest, "bob": stubs, "cem": half, "dan": wrong,
                        "=eve": {"essay.py": "x = 1\n"}}.items():
        grading_cases.hand_in(folder / name, files)
    (folder / "empty").mkdir()
    zipped(folder / "fay.zip", honest, "hw/")
    (folder / "gus.zip").write_bytes(b"PK not a zip")
    (folder / "link").symlink_to(folder / "ann")
    (folder / "notes.txt").write_text("no submission")
    args = options(folder, json=str(base / "rows.json"), csv=str(base / "rows.csv"))
    assert grade.run(args, "grading_cases") == 0
    return base, {row["submission"]: row for row in json.loads(
        (base / "rows.json").read_text())["submissions"]}


def test_points_for_what_is_right(classroom):
    _, rows = classroom
    affine = grading_cases.EXERCISES[1].points
    assert rows["ann"]["points"] == rows["ann"]["out_of"] == grading_cases.OUT_OF
    assert rows["fay.zip"]["points"] == grading_cases.OUT_OF
    assert rows["bob"]["points"] == 0 and rows["bob"]["reason"] == ""
    assert [each["status"] for each in rows["bob"]["exercises"]] == ["not written"] * 2
    assert rows["cem"]["points"] == affine and rows["cem"]["passed"] == 1
    assert rows["dan"]["points"] == grading_cases.OUT_OF - affine
    assert "db" in rows["dan"]["exercises"][1]["message"]


def test_what_cannot_be_graded_is_a_row_with_its_reason(classroom):
    _, rows = classroom
    for name, says in {"=eve": "holds no", "empty": "holds no", "gus.zip": "no folder, zip",
                       "link": "is a link"}.items():
        assert rows[name]["points"] == 0 and says in rows[name]["reason"]
    assert "notes.txt" not in rows


def test_the_table_for_a_spreadsheet(classroom):
    base, rows = classroom
    table = list(csv.DictReader(io.StringIO((base / "rows.csv").read_text())))
    assert len(table) == len(rows)
    names = {line["submission"]: line for line in table}
    assert float(names["cem"]["points"]) == float(names["cem"]["affine"]) == rows["cem"]["points"]
    assert float(names["cem"]["sigmoid"]) == 0
    assert "'=eve" in names and "=eve" not in names     # no formula


def test_the_same_seed_gives_the_same_rows_and_another_other_inputs(tmp_path):
    files = grading_cases.honest()
    right = files["layers/sigmoid.py"]
    files["layers/sigmoid.py"] = right.replace("/ (1 + decay)", "/ (1 - decay)")
    grading_cases.hand_in(tmp_path, files)
    first, again, other = (graded(tmp_path, seed)["exercises"] for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("share, earned, status", [
    (0.5, 0.5, "partly"), (-3, 0, "failed"), (7, 1, "partly"),
])
def test_points_are_the_share_between_nothing_and_all(tmp_path, share, earned, status):
    grading_cases.hand_in(tmp_path, grading_cases.honest())
    exercise = grading_cases.EXERCISES[0]._replace(
        check=lambda child, rng: argparse.Namespace(passed=False, message="", share=share))
    row = graded(tmp_path, exercises=[exercise])
    assert row["points"] == earned * exercise.points
    assert row["exercises"][0]["status"] == status


def test_a_check_that_raises_costs_its_own_points_alone(tmp_path):
    grading_cases.hand_in(tmp_path, grading_cases.honest())
    first, second = grading_cases.EXERCISES

    def check(child, rng):
        raise IndexError("no such thing")

    row = graded(tmp_path, exercises=[first._replace(check=check), second])
    assert row["points"] == second.points
    assert "IndexError" in row["exercises"][0]["message"]


@pytest.mark.slow
def test_who_hangs_everywhere_is_not_waited_for_everywhere(tmp_path):
    text = grading_cases.honest()["layers/sigmoid.py"]
    grading_cases.hand_in(tmp_path, {"layers/sigmoid.py": f"{text}\nwhile True:\n    pass\n"})
    row = graded(tmp_path, exercises=[grading_cases.EXERCISES[0]] * 9,
                 limits=submission.limits(0.4, 512))
    assert [each["status"] for each in row["exercises"]] == ["time"] * 9
    says = [each["message"] for each in row["exercises"]]
    assert "within 0.4 s" in says[0] and all("within 0.1 s" in each for each in says[1:5])
    assert all("not run" in each for each in says[5:])


def test_a_grader_that_dies_is_a_row(tmp_path):
    worker = batch.Worker({"catalogue": "no_such_module", "timeout": 1}, str(tmp_path))
    row = worker.grade(str(tmp_path))
    worker.end()
    assert row["points"] == 0 and "ended" in row["reason"]


def test_one_submission_alone_shows_its_messages_and_the_seed_that_was_drawn(
        classroom, capsys, tmp_path):
    args = options(classroom[0] / "all", only=["dan"], seed=None, json=str(tmp_path / "r.json"))
    assert grade.run(args, "grading_cases") == 0
    out, err = capsys.readouterr()
    assert "db" in out and "ann" not in out
    seed = json.loads((tmp_path / "r.json").read_text())["seed"]
    assert f"seed {seed}" in err and "1/1 dan" in err


@pytest.mark.parametrize("arguments, says", [
    (["nowhere"], "nowhere"), (["EMPTY"], "one for each"),
    (["DIR", "--only", "an"], "(is it '"), (["DIR", "--json", "no/such.json"], "--json"),
    (["DIR", "--csv", "."], "--csv"), (["DIR", "--json", "same", "--csv", "same"], "both"),
    (["DIR", "--jobs", "0"], "--jobs"), (["DIR", "--timeout", "0"], "--timeout"), ([], "DIR"),
])
def test_mistakes_are_one_line(classroom, tmp_path, capsys, arguments, says):
    base, _ = classroom
    places = {"DIR": str(base / "all"), "EMPTY": str(tmp_path)}
    try:
        code = grade.main([places.get(each, each) for each in arguments])
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2 and says in err and err.count("\n") == 1
