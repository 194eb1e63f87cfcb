"""A run finds its data again from any folder, and wherever run and data were moved."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused
from run_cases import forge

from flatprop.cli import evaluate, train

QUICK = ["--epochs", "2", "--hidden", "4", "--quiet"]


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """A folder with tables below it and a run of them, made there; the current folder is another.

    The names of the tables are in other folders too, with other content."""
    (tmp_path / "there" / "tables").mkdir(parents=True)
    (tmp_path / "elsewhere" / "tables").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "there")
    for seed, name in enumerate("abc"):
        write(f"tables/{name}.csv", seed)
    assert train.main(["--data", "tables/a.csv", "--val-data", "./tables/b.csv", "--test-data",
                       str(tmp_path / "there/tables/c.csv"), *QUICK, "--out", "runs/r"]) == 0
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "there"


def write(name, seed):
    rng = np.random.default_rng(seed)
    Path(name).write_text("u,v,w\n" + "".join(
        f"{u},{v},{'ab'[int(u > v)]}\n" for u, v in rng.normal(size=(30, 2))))


def result(capsys, run):
    """What evaluate finds of a run's own test part."""
    capsys.readouterr()
    assert evaluate.main([str(run), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["loss"]


def held(run):
    return json.loads((run / "config.json").read_text())


def test_from_any_folder_and_after_a_move_of_the_run_or_of_all(project, capsys):
    before = json.loads((project / "runs/r/test.json").read_text())["loss"]
    write("tables/a.csv", 7)            # what lies here under the same path is not taken
    assert held(project / "runs/r")["options"]["data"] == ["tables/a.csv"]      # as typed
    assert result(capsys, project / "runs/r") == pytest.approx(before)
    moved = Path(shutil.move(project / "runs/r", "r"))
    assert result(capsys, moved) == pytest.approx(before)
    shutil.move(moved, project / "runs/r")
    new = Path(shutil.move(project, "new"))
    assert result(capsys, "new/runs/r") == pytest.approx(before)
    assert train.main(["--resume", "new/runs/r", "--epochs", "3"]) == 0
    log = capsys.readouterr().out
    assert f"data       {os.path.join('new', 'tables', 'a.csv')}: " in log
    assert held(new / "runs/r")["places"]["data"] == [str(Path("new/tables/a.csv").absolute())]


def test_beside_the_run_it_is_found_by_its_name_and_its_content_counts(project, capsys):
    before = result(capsys, project / "runs/r")
    shutil.copytree(project / "runs/r", "copy")
    tables = Path(shutil.move(project / "tables", "hidden"))
    line = refused(capsys, "evaluate", "copy")
    assert "a.csv: does not exist" in line and "train --resume copy --data FILE" in line
    assert "--data FILE says where its data is now" in refused(capsys, "train", "--resume", "copy")
    shutil.copy(tables / "a.csv", "a.csv")
    assert "--val-data FILE says where" in refused(capsys, "train", "--resume", "copy")
    shutil.copy(tables / "b.csv", "b.csv")
    write("c.csv", 9)
    assert "the data is no longer" in refused(capsys, "evaluate", "copy")
    shutil.copy(tables / "c.csv", "c.csv")
    assert result(capsys, "copy") == pytest.approx(before)


def test_where_it_is_now_can_be_said_and_is_kept(project, capsys):
    before = result(capsys, project / "runs/r")
    shutil.move(project / "tables", "other")
    run = str(project / "runs/r")
    names = ["--data", "other/x.csv", "--val-data", "other/y.csv", "--test-data", "other/z.csv"]
    for old, new in zip("abc", "xyz", strict=True):
        os.rename(f"other/{old}.csv", f"other/{new}.csv")
    assert train.main(["--resume", run, *names, "--quiet"]) == 0
    assert result(capsys, run) == pytest.approx(before)
    write("w.csv", 0)
    changed = Path("w.csv").read_text().replace("u,v", "v,u")       # the same numbers
    Path("w.csv").write_text(changed)
    assert "the data is no longer" in refused(capsys, "train", "--resume", run, "--data", "w.csv")
    assert result(capsys, run) == pytest.approx(before)         # nothing of it was kept
    assert train.main(["--data", "other/x.csv", *QUICK, "--folds", "0", "--out", "plain"]) == 0
    capsys.readouterr()
    assert "which was trained without" in refused(capsys, "train", "--resume", "plain",
                                                  "--val-data", "other/y.csv")


@pytest.mark.parametrize("forged", [{"places": 3}, {"places": {"data": ["a", "b"]}}, {"run": [1]},
                                    {"places": {"data": ["\0"]}, "run": "\0"}])
def test_a_run_without_places_is_found_from_the_folder_where_it_began(project, capsys, forged):
    run = project / "runs/r"
    before = result(capsys, run)

    def change(plain):
        del plain["places"], plain["run"]
        plain |= forged

    forge(run / "config.json", change)
    assert "tables/a.csv: does not exist" in refused(capsys, "evaluate", run)
    os.chdir(project)
    assert result(capsys, "runs/r") == pytest.approx(before)


def test_a_test_part_that_comes_with_the_data_is_compared_too(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    parts = {"x_train": rng.normal(size=(40, 2)), "y_train": np.arange(40) % 2,
             "x_test": rng.normal(size=(10, 2)), "y_test": np.arange(10) % 2}
    np.savez("d.npz", **parts)
    assert train.main(["--data", "d.npz", "--epochs", "1", "--out", "run", "--quiet"]) == 0
    assert evaluate.main(["run"]) == 0
    assert "own test part: 10 examples" in capsys.readouterr().out
    np.savez("d.npz", **parts | {"x_test": parts["x_test"] + 1})
    assert "the data is no longer what" in refused(capsys, "evaluate", "run")
    assert "the data is no longer what" in refused(capsys, "train", "--resume", "run")
