"""One budget for a submission: what stays below every limit of an exercise ends all the same."""

import ast
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import grading_cases
import pytest
from grading_cases import graded, zipped

from flatprop.exercises.grading import budget, listing, submission

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
SIGMOID, AFFINE = grading_cases.EXERCISES


def small(**most):
    """A maker of Budgets with less for all than each exercise has."""
    def make(timeout):
        made = budget.Budget(timeout)
        vars(made).update(most)
        return made
    return make


@pytest.mark.slow
def test_files_that_sleep_below_each_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(submission, "Budget", small(most=1.0))
    text = f"import time\ntime.sleep(0.3)\n{grading_cases.honest()['layers/sigmoid.py']}"
    grading_cases.hand_in(tmp_path, {"layers/sigmoid.py": text})
    row = graded(tmp_path, exercises=[SIGMOID] * 9)
    says = "more than 1 s for one submission"
    assert row["reason"].startswith(says) and row["passed"] <= 3
    assert row["exercises"][-1]["message"] == f"not run: {says}"
    assert row["used"]["seconds"] > 1


@pytest.mark.slow
def test_files_that_compute_below_each_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(submission, "Budget", small(most_cpu=1.0))
    text = ("import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end:\n"
            "    pass\n" + grading_cases.honest()["layers/sigmoid.py"])
    grading_cases.hand_in(tmp_path, {"layers/sigmoid.py": text})
    row = graded(tmp_path, exercises=[SIGMOID] * 9)
    says = "more than 1 s of processor time for one submission"
    assert row["reason"].startswith(says) and row["passed"] <= 3
    assert row["used"]["cpu_seconds"] > 1


def test_an_archive_of_many_files_that_are_slow_to_parse(tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "SOURCE_BYTES", 102_400)
    honest = grading_cases.honest()
    slow = f"x = [{'-0,' * 20_000}]\n"
    names = [f"layers/help{number}.py" for number in range(9)]
    files = {**honest, **{name: slow + f"# {name}" for name in names}}
    files["layers/affine.py"] += "".join(f"from layers import help{n}\n" for n in range(9))
    parsed, parse = [], ast.parse
    monkeypatch.setattr(ast, "parse", lambda source, *more: parsed.append(source) or
                        parse(source, *more))
    row = graded(zipped(tmp_path / "a.zip", files))
    assert (tmp_path / "a.zip").stat().st_size < 20_000
    assert row["reason"].startswith("more than 100 kB of source")
    assert row["points"] == SIGMOID.points         # graded before
    assert parsed == []         # in this process; a child has limits


def test_an_archive_with_a_long_list_is_not_taken_in(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "LIST_BYTES", 20_000)
    files = grading_cases.honest()
    few = zipped(tmp_path / "few.zip", {**files, **{f"d/{n}": "" for n in range(200)}})
    assert graded(few)["points"] == grading_cases.OUT_OF
    many = zipped(tmp_path / "many.zip", {**files, **{f"d/{n}": "" for n in range(1000)}})
    assert "lists too many files" in graded(many)["reason"]


@pytest.mark.parametrize("form", ["folder", "zip", "tar.gz"])
def test_of_too_many_entries_the_upper_ones_are_looked_at(tmp_path, monkeypatch, form):
    monkeypatch.setattr(budget, "ENTRIES", 50)
    place = tmp_path / "a"
    grading_cases.hand_in(place, grading_cases.honest())
    grading_cases.hand_in(place, {f"z/y/x/{number}.txt": "" for number in range(100)})
    if form != "folder":
        place = packed(place, tmp_path / f"b.{form}")
    row = graded(place)
    assert row["points"] == grading_cases.OUT_OF
    assert "has too many files: the rest was not looked at" in row["reason"]


def packed(folder, path):
    """A folder as a zip or a tar.gz; gives the path."""
    names = sorted(each for each in folder.rglob("*") if each.is_file())
    if path.suffix == ".zip":
        return zipped(path, {each.relative_to(folder).as_posix(): each.read_bytes()
                             for each in names})
    with tarfile.open(path, "w:gz") as archive:
        for each in names:
            archive.add(each, f"./hw/{each.relative_to(folder).as_posix()}")
    return path


@pytest.mark.parametrize("kind", ["larger", "a link", "cut off", "outside", "no tar"])
def test_a_tar_gz_may_hold_anything(tmp_path, monkeypatch, kind):
    grading_cases.hand_in(tmp_path / "a", grading_cases.honest())
    path = packed(tmp_path / "a", tmp_path / "a.tar.gz")
    assert graded(path)["points"] == grading_cases.OUT_OF
    if kind == "larger":
        monkeypatch.setattr(listing, "UNPACKED_BYTES", 5000)
    elif kind == "cut off":
        path.write_bytes(path.read_bytes()[:-100])
    elif kind == "no tar":
        path.write_bytes(b"\x1f\x8bno tar")
    else:
        with tarfile.open(path, "w:gz") as archive:
            entry = tarfile.TarInfo("layers/sigmoid.py" if kind == "a link" else
                                    "../../layers/sigmoid.py")
            entry.type = tarfile.SYMTYPE if kind == "a link" else tarfile.REGTYPE
            entry.linkname = "/etc/passwd"
            archive.addfile(entry)
    says = {"larger": "unpacks to more", "cut off": "can be read", "no tar": "can be read"}
    assert says.get(kind, "holds no layers/") in graded(path)["reason"]


def test_a_zip_whose_list_is_forged_is_a_row(tmp_path):
    path = zipped(tmp_path / "a.zip", grading_cases.honest())
    data = bytearray(path.read_bytes())
    place = data.rfind(b"PK\5\6")
    data[place + 12:place + 16] = (2**31).to_bytes(4, "little")
    path.write_bytes(data)
    assert graded(path)["reason"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("layers/sigmoid.py", "")
    assert graded(path)["points"] == 0


@pytest.mark.slow
def test_the_grader_itself_is_limited_and_the_next_row_is_graded(tmp_path):
    code = ("import json, sys\nfrom flatprop.exercises.grading import receive, submission\n"
            "right = receive.take_in\n"
            "def take_in(path, *more):\n"
            "    if path.endswith('greedy'):\n        bytearray(3 << 30)\n"
            "    right(path, *more)\n"
            "receive.take_in = take_in\nsubmission.main()\n")
    grading_cases.hand_in(tmp_path / "greedy", grading_cases.honest())
    grading_cases.hand_in(tmp_path / "ann", grading_cases.honest())
    settings = {"catalogue": "grading_cases", "timeout": 10, "memory": 512, "seed": 1}
    paths = "".join(json.dumps(str(tmp_path / name)) + "\n" for name in ("greedy", "ann"))
    done = subprocess.run([sys.executable, "-c", code, json.dumps(settings)], input=paths,
                          capture_output=True, text=True, timeout=300, env=environment())
    greedy, ann = map(json.loads, done.stdout.splitlines())
    assert "more memory" in greedy["reason"] and ann["points"] == grading_cases.OUT_OF


def environment(**more):
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    return {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", **more}


@pytest.mark.slow
def test_stopped_in_the_middle_and_resumed_it_gives_the_rows_of_an_undisturbed_run(tmp_path):
    honest = grading_cases.honest()
    for name in "abcd":
        files = dict(honest)
        files["layers/affine.py"] += f"\n\nimport time\ntime.sleep(0.1)\n{name} = 1\n"
        if name in "bd":
            files["layers/sigmoid.py"] = files["layers/sigmoid.py"].replace("(1 - out)", "2")
        grading_cases.hand_in(tmp_path / "class" / name, files)
    rows, temporary = tmp_path / "rows.json", tmp_path / "temporary"
    temporary.mkdir()
    tmp_path.chmod(0o755)
    code = ("import sys\nfrom flatprop.cli.command import run_command\n"
            "from flatprop.exercises.grading import grade\n"
            "args = grade.parser().parse_args(sys.argv[1:])\n"
            "sys.exit(run_command('exercises grade', lambda: grade.run(args, 'grading_cases')))\n")
    command = [sys.executable, "-c", code, str(tmp_path / "class"), "--jobs", "1"]

    def run(file, *more, stop_by=None, after=0):
        process = subprocess.Popen([*command, "--json", str(file), *more], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(TMPDIR=str(temporary)))
        deadline = time.monotonic() + 120
        while stop_by and not count(file) > after and time.monotonic() < deadline:
            time.sleep(0.02)
        if stop_by:
            process.send_signal(stop_by)
        err = process.communicate(timeout=120)[1]
        assert process.returncode == (128 + stop_by if stop_by else 0)
        assert list(temporary.iterdir()) == []
        return err

    assert "--resume goes on" in run(rows, "--seed", "5", stop_by=signal.SIGTERM)
    first = count(rows)
    assert 0 < first < 3 and not json.loads(rows.read_text())["complete"]
    assert f"{first} graded before" in run(rows, "--resume", stop_by=signal.SIGHUP, after=first)
    assert first < count(rows) < 4
    run(rows, "--resume")
    run(tmp_path / "whole.json", "--seed", "5")
    assert plain(rows) == plain(tmp_path / "whole.json") and len(plain(rows)) == 4


def count(file):
    """The rows that are in a file so far; one is written as it comes."""
    return len(json.loads(file.read_text())["submissions"]) if file.exists() else 0


def plain(file):
    """The rows of a file without their times."""
    report = json.loads(file.read_text())
    assert report["complete"] and report["not_graded"] == [] and report["seed"] == 5
    return [{key: value for key, value in row.items() if key not in ("seconds", "used")}
            for row in report["submissions"]]
