"""What instructors upload: Gradescope's results and zip, and notebooks that run the same checks."""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import zipfile

import grading_cases
import pytest

from flatprop.exercises import notebooks, workspace
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.grading import gradescope

pytestmark = pytest.mark.processes
needs_fork = pytest.mark.skipif(sys.platform == "win32", reason="grading needs fork")


def results(tmp_path, files):
    grading_cases.hand_in(tmp_path / "submission", files)
    args = argparse.Namespace(submission=str(tmp_path / "submission"), timeout=5.0, memory=512,
                              results=str(tmp_path / "results.json"), seed=0)
    gradescope.run(args, "grading_cases")
    return json.loads((tmp_path / "results.json").read_text())


@needs_fork
def test_results_have_a_test_for_each_exercise(tmp_path):
    files = grading_cases.stubs()
    files["layers/affine.py"] = grading_cases.honest()["layers/affine.py"]
    found = results(tmp_path, files)
    assert [test["name"] for test in found["tests"]] == ["sigmoid", "affine"]
    assert [test["status"] for test in found["tests"]] == ["failed", "passed"]
    assert found["score"] == sum(test["score"] for test in found["tests"]) \
        == found["tests"][1]["max_score"]
    assert sum(test["max_score"] for test in found["tests"]) == grading_cases.OUT_OF
    assert found["stdout_visibility"] == "hidden"
    assert isinstance(found["execution_time"], float)


@pytest.mark.slow
@needs_fork
def test_results_are_written_for_a_submission_that_breaks(tmp_path):
    broken = "import os\nos._exit(0)\n\n\ndef forward(x):\n    pass\n"
    found = results(tmp_path, {"layers/sigmoid.py": broken})
    assert found["score"] == 0 and "exit code 0" in found["output"]
    found = results(tmp_path / "other", {"essay.py": ""})
    assert found["score"] == 0 and found["tests"] == [] and "holds no" in found["output"]
    assert found["output"].startswith("The submission was not graded: ")


def test_a_submission_that_is_not_there_is_one_line(tmp_path, capsys):
    assert gradescope.main(["--submission", str(tmp_path / "no")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    base = tmp_path_factory.mktemp("zip")
    assert notebooks.main(["gradescope", "-o", str(base / "a.zip")]) == 0
    with zipfile.ZipFile(base / "a.zip") as archive:
        archive.extractall(base / "source")
    return base


def test_the_zip_has_what_gradescope_runs(unpacked):
    with zipfile.ZipFile(unpacked / "a.zip") as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
    for name in ("setup.sh", "run_autograder"):
        assert entries[name].external_attr >> 16 & 0o111 == 0o111
        done = subprocess.run(["bash", "-n", str(unpacked / "source" / name)], check=False)
        assert done.returncode == 0
    assert not [name for name in entries if "__pycache__" in name or "test" in name]


def test_the_same_project_gives_the_same_zip(unpacked):
    gradescope.bundle(unpacked / "b.zip")
    assert (unpacked / "a.zip").read_bytes() == (unpacked / "b.zip").read_bytes()


@pytest.mark.slow
@needs_fork
def test_the_project_in_the_zip_grades_alone(unpacked, tmp_path):
    grading_cases.hand_in(tmp_path / "submission", grading_cases.honest())
    command = [sys.executable, "-m", "flatprop", "exercises", "gradescope", "--submission",
               str(tmp_path / "submission"), "--results", str(tmp_path / "results.json")]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run(command, cwd=unpacked / "source" / gradescope.INSIDE, check=True, timeout=600,
                   env=environment)
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["score"] == grading_cases.OUT_OF
    assert len(found["tests"]) == len(EXERCISES)


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    names = notebooks.write(folder)
    return folder, {name: json.loads((folder / name).read_text()) for name in names}


def test_notebooks_have_the_form_of_nbformat_4_5(books):
    for book in books[1].values():
        assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
        assert set(book) == {"cells", "metadata", "nbformat", "nbformat_minor"}
        ids = [cell["id"] for cell in book["cells"]]
        assert len(set(ids)) == len(ids)
        for cell in book["cells"]:
            assert re.fullmatch("[a-z0-9-]{1,64}", cell["id"])
            wanted = {"id", "cell_type", "metadata", "source"}
            if cell["cell_type"] == "code":
                wanted |= {"execution_count", "outputs"}
            assert set(cell) == wanted


def test_for_each_exercise_in_order_cells_hold_the_stubs_and_the_hints(books):
    starts = workspace.starting_texts()
    for exercise, (name, book) in zip(EXERCISES, sorted(books[1].items()), strict=True):
        assert name[3:-6] == exercise.id
        assert {file: text.rstrip() for file, text in written(book)} == {
            f"work/{file}": starts[file].rstrip() for file, _ in exercise.targets}
        assert json.dumps(book).count("<details>") == 3


def written(book):
    """(file, text) of each cell that writes a file."""
    for cell in book["cells"]:
        first, _, rest = "".join(cell["source"]).partition("\n")
        if first.startswith("%%writefile "):
            yield first.split()[1], rest


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("solved", [True, False])
def test_running_the_cells_runs_the_check(books, tmp_path, solved):
    folder, found = books
    book = found[next(name for name in found if name.endswith("-relu.ipynb"))]
    plain = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    first, check = plain[0], plain[-1]
    ast.parse(first)
    saving = []
    for file, text in written(book):
        text = workspace.solution(file.removeprefix("work/")) if solved else text
        saving.append(f"open({file!r}, 'w').write({text!r})")
    where = "FLATPROP = " + repr(str(workspace.ROOT))
    lines = [where if line.startswith("FLATPROP") else line for line in first.splitlines()]
    (tmp_path / "cells.py").write_text("\n".join([*lines, *saving, check]))
    done = subprocess.run([sys.executable, "cells.py"], cwd=tmp_path, check=True, timeout=600,
                          capture_output=True, text=True)
    state = json.loads((tmp_path / "work" / "state.json").read_text())["exercises"]
    assert (state.get("relu", {}).get("status") == "passed") is solved
    assert "relu" in done.stdout


def test_the_way_to_flatprop_is_right_from_the_notebooks(books):
    folder, found = books
    first = "".join(next(iter(found.values()))["cells"][1]["source"])
    line = next(each for each in first.splitlines() if each.startswith("FLATPROP"))
    place = ast.literal_eval(line.partition("=")[2].strip())
    assert os.path.samefile(folder / place, workspace.ROOT)


def test_notebooks_of_somebody_are_never_overwritten(books, capsys):
    mine = books[0] / next(iter(books[1]))
    text = mine.read_text()
    mine.write_text("mine")
    assert notebooks.main(["jupyter", "-o", str(books[0])]) == 2
    assert mine.read_text() == "mine"
    assert capsys.readouterr().err.count("\n") == 1
    mine.write_text(text)


def test_an_unknown_kind_is_one_line(capsys):
    assert notebooks.main(["jupiter"]) == 2
    err = capsys.readouterr().err
    assert "Did you mean jupyter?" in err and err.count("\n") == 1
