"""A class as Moodle and Canvas export it: ids, feedback that they take back, points, the table."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import grading_cases
import pytest
from grading_cases import ROOT, options

from flatprop.exercises.grading import columns, feedback_files, grade
from flatprop.exercises.grading.course import points_of
from flatprop.learning_platforms import about_ids, student_of

sys.path.insert(0, str(ROOT / "docs" / "examples"))
import make_class

DOCS = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
HOSTILE = ["=cmd()", "a\nb", "\x1b[2J", "n" * 255, "n" * 254 + "m", "\u202egnp", "Ann", "ann",
           "caf\u00e9", "cafe\u0301", "-rf", "~", "con: x.", "a`b", "<script>", "\udcff", "\udcfe",
           "\uff1dx", "K_9_assignsubmission_file_", "k_9_assignsubmission_file_",
           "K_9_assignsubmission_file_a.zip", "K_9_assignsubmission_file_b.zip",
           "\x07_9_assignsubmission_file_", "_8_assignsubmission_file",
           "n" * 200 + "_7_assignsubmission_file_"]


def class_of(folder, platform, count, monkeypatch):
    """A class of docs/examples/make_class.py, in a folder."""
    monkeypatch.chdir(folder)
    make_class.main(platform, count)
    return folder / "class"


def whose(platform, place):
    """The id of the student to whom a platform gives back what lies at a place, by its rules."""
    parts = place.split("/")
    if platform == "moodle":        # the parts between the first underscores of a folder
        _, id, kind, plugin, *_ = parts[0].split("_", 4)
        return id if (kind, plugin) == ("assignsubmission", "file") and parts[1:] else None
    # The first two parts that are numbers: the student, and a file that the student handed in.
    return [part for part in parts[-1].split("_") if part.isdecimal()][:2][0]


@pytest.mark.processes
@pytest.mark.parametrize("platform, count", [
    ("moodle", 6), ("canvas", 6), pytest.param("moodle", 60, marks=pytest.mark.slow),
    pytest.param("canvas", 60, marks=pytest.mark.slow)])
def test_a_class_has_ids_feedback_and_a_table(tmp_path, monkeypatch, capsys, platform, count):
    folder = class_of(tmp_path, platform, count, monkeypatch)
    args = options(folder, json="r.json", csv="r.csv", feedback="back",
                   columns="Student ID=id, name,Grade=points,empty=")
    assert grade.run(args, "grading_cases") == 0
    first = 7001000 if platform == "moodle" else 50100
    ids = [str(first + number) for number in range(count)]
    with open("r.csv", encoding="utf-8") as file:
        rows = {row["Student ID"]: row for row in csv.DictReader(file)}
    assert sorted(rows) == ids
    assert list(rows[ids[0]]) == ["Student ID", "name", "Grade", "empty"]
    # Sigmoid has 3 points and affine 4; see make_class.py for who has what.
    assert [float(rows[id]["Grade"]) for id in ids] == [7, 3, 4, 7, 7, 0] * (count // 6)
    assert rows[ids[0]]["name"] == rows[ids[1]]["name"] != rows[ids[2]]["name"]
    back = [path.relative_to("back").as_posix() for path in Path("back").rglob("*.md")]
    assert sorted(whose(platform, place) for place in back) == ids
    wrong = next(Path("back", place) for place in back if whose(platform, place) == ids[1])
    text = wrong.read_text(encoding="utf-8")
    assert "# 3/7 points" in text and "## affine: 0 of 4 points\n\n    layers/affine.py" in text
    report = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in report["submissions"]] == [
        student_of(row["submission"])["id"] for row in report["submissions"]]
    sigmoid, affine = report["class"]
    assert (sigmoid["mean"], sigmoid["passed"], sigmoid["not written"]) == (
        2.0, 0.667, count // 3)
    assert (affine["mean"], affine["times"], affine["not written"]) == (
        2.67, count // 6, count // 6)
    assert "divided by N" in affine["message"]
    with open("r-class.csv", encoding="utf-8") as file:
        assert [row["mean"] for row in csv.DictReader(file)] == ["2.0", "2.67"]
    out, err = capsys.readouterr()
    assert re.search(r"affine +2\.7/4 +67% +\d+  \d+ x divided by N", out)
    assert "onlinetext" not in out + err


@pytest.mark.parametrize("name, id, said, late", [
    ("Eva Mar\u00eda P\u00e9rez-Lee_1234567_assignsubmission_file_", "1234567",
     "Eva Mar\u00eda P\u00e9rez-Lee", ""),
    ("Participant 31_31_assignsubmission_file", "31", "Participant 31", ""),
    ("Kim Lee_77_assignsubmission_file_my_1_2_work.zip", "77", "Kim Lee", ""),
    ("leekim_12345_67890_hw.zip", "12345", "leekim", ""),
    ("leekim_LATE_12345_67890_hw_3.tar.gz", "12345", "leekim", "late"),
    ("anon_aB3xY_67890_hw.zip", "aB3xY", "", ""), ("anon_b3_67890_2_hw.zip", "b3", "", ""),
    ("LATE_anon_77_67890_hw.zip", "77", "", "late"),
    ("ann", "ann", "", ""), ("ann.tar.gz", "ann", "", ""), ("HW_1_2_ann", "HW_1_2_ann", "", ""),
])
def test_whose_a_submission_is(name, id, said, late):
    assert student_of(name) == {"id": id, "name": said, "late": late}


def test_a_pattern_finds_the_id_and_its_groups_are_columns(tmp_path):
    rows = [{"submission": name, "points": 1, "passed": 0, "out_of": 3, "seconds": None,
             "reason": "", "exercises": []} for name in ("hw1-ann-B.zip", "other")]
    pattern, wanted = columns.of_options(r"hw1-(?P<id>\w+)-(?P<section>[A-Z])",
                                         'id,section,"my, points=points",seconds', [])
    table = list(csv.reader(columns.as_csv(rows, [], wanted, pattern).splitlines()))
    assert table == [["id", "section", "my, points", "seconds"], ["ann", "B", "1", ""],
                     ["", "", "1", ""]]
    assert about_ids(["hw1-ann-B", "hw1-ann-C", "x"], pattern) == [
        "2 submissions have the id ann, hw1-ann-B the first",
        "1 submissions have no id, x the first"]


def test_no_name_does_harm(tmp_path):
    message = "bad\n# Heading\n```\n</div><script>\x1b[31m\u2028# Another\n\n[x](http://x)"
    rows = [{"submission": name, "points": 0.0, "passed": 0, "out_of": 3, "seconds": 0.1,
             "reason": "", "notes": ["# note\n\n# of a file"], "exercises": [
                 {"id": "relu", "points": 0, "out_of": 3, "status": "failed",
                  "message": message}]} for name in HOSTILE]
    feedback_files.write(tmp_path / "back", rows, HOSTILE)
    files = [path for path in (tmp_path / "back").rglob("*") if path.is_file()]
    assert len({str(path).casefold() for path in files}) == len(HOSTILE)
    assert [path.name for path in tmp_path.iterdir()] == ["back"]
    assert sorted(whose("moodle", f"{path.parent.name}/{path.name}") for path in files
                  if path.parent.name != "back") == list("7899999")
    for path in files:
        place = str(path.relative_to(tmp_path / "back"))
        assert place.isprintable() and not re.search(r'[\\:*?"<>|]|^[-.~]', place)
        plain = [line for line in path.read_text(encoding="utf-8").split("\n")
                 if line and not line.startswith("    ")]
        assert len(plain) == 3 and plain[2] == "## relu: 0 of 3 points"
        assert plain[1].count("`") == 2 and plain[1].isprintable()
    table = list(csv.reader(columns.as_csv(rows).splitlines()))
    assert len(table) == len(HOSTILE) + 1
    assert not any(re.match(r"\s*[=+@\uff1d-]", cell) for line in table for cell in line)


@pytest.mark.processes
def test_a_course_gives_some_exercises_with_points_of_its_own(tmp_path, capsys):
    grading_cases.hand_in(tmp_path / "all" / "ann", grading_cases.honest())
    (tmp_path / "p.toml").write_text("affine = 2.5\nsigmoid = 1\n", encoding="utf-8")
    kept = {"json": str(tmp_path / "r.json"), "points": str(tmp_path / "p.toml")}
    args = options(tmp_path / "all", exercises="affine", **kept)
    assert grade.run(args, "grading_cases") == 0
    row, = json.loads((tmp_path / "r.json").read_text())["submissions"]
    assert (row["points"], row["out_of"]) == (2.5, 2.5)
    assert [each["id"] for each in row["exercises"]] == ["affine"]
    # Rows that have other points are not mixed with these.
    with pytest.raises(grade.UsageError, match="other exercises or points"):
        grade.run(options(tmp_path / "all", resume=True, **kept), "grading_cases")


@pytest.mark.parametrize("text, wanted, says", [
    ("relu = 3", "relu, affine", "has no line for it"), ("relo = 3", None, "is it 'relu'"),
    (None, "affine,", "is no exercise"), ("relu = -1", None, "no number of points"),
    ("relu = nan", None, "no number"), ("relu = true", None, "no number"),
    ("relu = 0", None, "gives no points"), ("relu,3", None, "lines like relu = 3"),
    ("relu = 1\nrelu = 2", None, "no TOML of"), ("a = " + "[" * 10**5, None, "no TOML of"),
])
def test_mistakes_in_points_are_named(tmp_path, text, wanted, says):
    if text is not None:
        (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    from flatprop.exercises.catalogue import EXERCISES
    with pytest.raises(grade.UsageError, match=re.escape(says)):
        points_of(EXERCISES, wanted, text and str(tmp_path / "p.toml"))


@pytest.mark.parametrize("arguments, says", [
    (["--columns", "id"], "--csv FILE"), (["--csv", "r.csv", "--columns", "id,pints"], "points"),
    (["--csv", "r.csv", "--columns", ""], "is no column"), (["--feedback", "DIR"], "among the"),
    (["--feedback", "DIR/ann"], "among the"), (["--name-pattern", "("], "no regular expression"),
    (["--name-pattern", "a(.*)"], "(?P<id>...)"), (["--exercises", "relo"], "is it 'relu'"),
    (["--points", "no.toml"], "--points no.toml"),
])
def test_mistakes_are_one_line(tmp_path, capsys, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    grading_cases.hand_in(tmp_path / "all" / "ann", grading_cases.stubs())
    assert grade.main(["all", *(each.replace("DIR", "all") for each in arguments)]) == 2
    err = capsys.readouterr().err
    assert says in err and err.count("\n") == 1


def containerfile():
    """The one of docs/instructors.md, and the words of its command."""
    text = re.search(r"```dockerfile\n(.*?)```", DOCS, re.S)[1]
    return text, json.loads(re.search(r"^ENTRYPOINT (.*)$", text, re.M)[1])


def test_the_container_of_the_documentation_starts_what_there_is():
    _, words = containerfile()
    assert words[:5] == ["python", "-m", "flatprop", "exercises", "grade"]
    run = re.search(r"docker run (.*?)\n\n|docker run (.*)\Z", DOCS, re.S)[0].split()
    args = grade.parser().parse_args(words[5:] + run[run.index("grade") + 1:])
    assert args.json == "/results/results.json" and "none" in run[run.index("--network") + 1]


@pytest.mark.slow
@pytest.mark.processes
def test_grading_in_a_container(tmp_path):
    engine = next((name for name in ("docker", "podman") if shutil.which(name) and subprocess.run(
        [name, "info"], capture_output=True, check=False, timeout=60).returncode == 0), None)
    if engine is None:
        pytest.skip("no container engine is running here")
    text, _ = containerfile()
    (tmp_path / "Containerfile").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT, tmp_path / "flatprop", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    built = subprocess.run([engine, "build", "-t", "flatprop-grade-test", "-f", "Containerfile",
                            "."], cwd=tmp_path, capture_output=True, text=True, check=False,
                           timeout=600)
    if built.returncode and re.search(r"pull|resolve|lookup|timeout|registry", built.stderr):
        pytest.skip("the image of Python is out of reach")
    assert built.returncode == 0, built.stderr
    grading_cases.hand_in(tmp_path / "class" / "ann", grading_cases.honest())
    (tmp_path / "results").mkdir()
    subprocess.run([engine, "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp",
                    "-v", f"{tmp_path}/class:/submissions:ro", "-v", f"{tmp_path}/results:/results",
                    "flatprop-grade-test", "--exercises", "sigmoid,affine"], check=True,
                   capture_output=True, timeout=300)
    row, = json.loads((tmp_path / "results" / "results.json").read_text())["submissions"]
    assert row["points"] == grading_cases.OUT_OF
    assert not os.path.exists("/submissions")
