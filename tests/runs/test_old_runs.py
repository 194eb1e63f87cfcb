"""Runs of every earlier version, kept as that version left them (kept/keep.py), are used as it used
them, and a run of a later version is refused.
"""

import csv
import io
import json
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from export_cases import make_run

from data import extras
from data.errors import DataError
from flatprop.cli import evaluate, export, predict, report, train
from flatprop.runs import checksums, saved_model
from flatprop.training.options import OPTIONS

KEPT = Path(__file__).with_name("kept")
RUNS = sorted((path.stem, name.removesuffix(".json")) for path in KEPT.glob("*.zip")
              for name in zipfile.ZipFile(path).namelist() if "/" not in name)
# The newest always, the others with the slow tests.
ASKED = [pytest.param(run, id="-".join(run),
                      marks=() if run[0] == RUNS[-1][0] else pytest.mark.slow) for run in RUNS]


@pytest.fixture
def old(tmp_path, monkeypatch, request):
    """A run of an earlier version beside its table, and what that version said of it."""
    version, name = request.param
    zipfile.ZipFile(KEPT / f"{version}.zip").extractall(tmp_path)
    (tmp_path / "plants.csv").write_bytes((KEPT / "plants.csv").read_bytes())
    monkeypatch.chdir(tmp_path)
    return name, json.loads(Path(f"{name}.json").read_text())


def test_there_are_runs_of_every_earlier_version():
    changes = (KEPT.parents[2] / "CHANGELOG.md").read_text("utf-8")
    _, *earlier = re.findall(r"^## ([0-9.]+),", changes, re.MULTILINE)
    assert earlier[-1] == "0.1.0"
    assert {(version, name) for version in earlier for name in ("classes", "amounts")} <= {*RUNS}


def words_of(text):
    """Cells of a CSV: a list of numbers, and one of the other cells."""
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    numbers = [cell for cell in cells if cell[-1:].isdigit()]
    return list(map(float, numbers)), [cell for cell in cells if cell not in numbers]


def check_result(found, wanted, rtol):
    """A result of evaluate has all that an earlier version said, and the same numbers."""
    for name, value in wanted.items():
        if isinstance(value, dict):
            check_result(found[name], value, rtol)
        elif isinstance(value, float):
            np.testing.assert_allclose(found[name], value, rtol, err_msg=name)
        elif name not in ("classes", "confusion"):
            assert found[name] == value


@pytest.mark.processes
@pytest.mark.parametrize("old", ASKED, indirect=True)
def test_a_run_of_an_earlier_version_is_used_as_that_used_it(old, capsys):
    name, said = old

    def printed(command, *words):
        capsys.readouterr()
        assert command.main([name, *words]) == 0
        return capsys.readouterr().out

    numbers, words = words_of(printed(predict, "plants.csv", "-o", "-", "--quiet"))
    wanted_numbers, wanted_words = words_of(said["predicted"])
    assert words == wanted_words
    np.testing.assert_allclose(numbers, wanted_numbers, rtol=1e-4, atol=1e-5)

    last = "--which", "last", "--json"
    check_result(json.loads(printed(evaluate, *last)), said["evaluated"], 1e-4)
    if find_spec("matplotlib"):
        printed(report, "-o", "page.html")
        assert name in Path("page.html").read_text(encoding="utf-8")
    assert train.main(["--resume", name, "--epochs", "4", "--quiet"]) == 0
    check_result(json.loads(printed(evaluate, *last)), said["gone_on"], 1e-3)


@pytest.mark.parametrize("to, package", [("onnx", "onnx"), ("safetensors", "safetensors")])
@pytest.mark.parametrize("old", ASKED, indirect=True)
def test_a_run_of_an_earlier_version_is_exported(old, capsys, to, package):
    pytest.importorskip(package)
    name, _ = old
    assert export.main([name, "--to", to, "-o", f"net.{to}"]) == 0
    assert Path(f"net.{to}").stat().st_size > 300


@pytest.mark.parametrize("old", [("0.6.0", "classes")], indirect=True)
@pytest.mark.parametrize("file", ["config.json", "model.json"])
def test_a_run_of_a_newer_version_is_refused_in_one_line(old, capsys, file):
    path = Path(old[0], file)
    newer = checksums.VERSIONS[file] + 1
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": newer}))
    before = {each: each.read_bytes() for each in path.parent.iterdir() if each.is_file()}
    for command, words in (
            (train, ["--resume", old[0]]), (evaluate, [old[0]]), (export, [old[0], "--to", "onnx"]),
            (predict, [old[0], "plants.csv", "-o", "-", "--accept-changes"])):
        assert command.main(words) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and f"{path}: is of version {newer}, and " in error
        assert error.endswith(f"made by a newer flatprop: {extras.upgrade()}\n")
    assert before == {each: each.read_bytes() for each in before}


def test_a_config_with_more_options_has_a_version_of_its_own():
    """Or an earlier flatprop calls an option unknown that it cannot know."""
    newest, _ = RUNS[-1]
    with zipfile.ZipFile(KEPT / f"{newest}.zip") as kept:
        before = json.loads(kept.read("classes/config.json"))
    now = {option.name for option in OPTIONS if option.in_file == "run"}
    assert now == {*before["options"]} or checksums.VERSIONS["config.json"] > before["version"]


def test_another_version_is_refused(tmp_path):
    folder, _, _ = make_run(tmp_path)
    plain = json.loads((folder / "model.json").read_text())
    for version in (0, saved_model.VERSION + 1, "2", None):
        (folder / "model.json").write_text(json.dumps(plain | {"version": version}))
        with pytest.raises(DataError, match=f"version {version}"):
            saved_model.load(folder)
