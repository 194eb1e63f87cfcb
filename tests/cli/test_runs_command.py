"""flatprop runs: what it says of a run is what came of it; sorted, filtered, for people and others.
"""

import csv
import io
import json
import shutil
import statistics
from pathlib import Path

import pytest
from command_cases import refused
from run_cases import forge

from flatprop.__main__ import main
from flatprop.runs import lock


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with runs: of classes, of a regression, of folds, and one of a deeper folder."""
    folder = tmp_path_factory.mktemp("runs")
    small = ["--hidden", "8", "--epochs", "3", "--quiet", "--out"]
    rows = "".join(f"{i % 7},{i * i % 11},{'ab'[i % 7 > 3]}\n" for i in range(60))
    (folder / "t.csv").write_text(f"x,z,kind\n{rows}", encoding="utf-8")
    for words in (["--data", "spiral", "--lr", "0.01", *small, "runs/one"],
                  ["--data", "wave", "--reg", "0", *small, "runs/two"],
                  ["--data", str(folder / "t.csv"), "--folds", "3", "--jobs", "1", *small, "three"],
                  ["--data", "moons", "--test", "0", *small, "a/b/four"]):
        words[-1] = str(folder / words[-1])
        assert main(["train", *words]) == 0
    return folder


@pytest.fixture
def folder(trained, tmp_path, monkeypatch, capsys):
    """A copy of it, in which one is."""
    shutil.copytree(trained, tmp_path / "all")
    monkeypatch.chdir(tmp_path / "all")
    capsys.readouterr()


def rows(capsys, *words):
    """What flatprop runs --json prints: {run: a dict}."""
    assert main(["runs", *words, "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {each["run"]: each for each in found}


def test_a_row_has_what_evaluate_and_the_files_of_the_run_say(folder, capsys):
    found = rows(capsys)
    assert set(found) == {"runs/one", "runs/two", "three", "a/b/four"}
    for name, test in (("runs/one", "accuracy"), ("runs/two", "r2"), ("three", "accuracy")):
        assert main(["evaluate", name, "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        assert found[name]["test"] == pytest.approx(result[test], rel=1e-6)
        assert found[name]["test_loss"] == pytest.approx(result["loss"], rel=1e-6)
        assert found[name]["state"] == "done"
    with open("runs/one/metrics.csv", encoding="utf-8") as file:
        history = list(csv.DictReader(file))
    best = max(history, key=lambda e: (float(e["val_metric"]), -float(e["val_loss"])))
    one = found["runs/one"]
    assert one["val"] == float(best["val_metric"]) and one["val_loss"] == float(best["val_loss"])
    assert (one["epochs"], one["metric"], one["data"]) == (3, "accuracy", "spiral")
    assert one["seconds"] == pytest.approx(sum(float(each["seconds"]) for each in history))
    with open("three/folds.json", encoding="utf-8") as file:
        parts = [each["val_accuracy"] for each in json.load(file)["folds"]]
    assert found["three"]["val"] == pytest.approx(statistics.mean(parts)) and len(parts) == 3
    assert found["runs/two"]["metric"] == "R^2" and found["runs/two"]["val"] is None
    assert found["a/b/four"]["test"] is None and found["a/b/four"]["state"] == "done"
    assert one["options"]["lr"] == 0.01


def test_runs_are_sorted_and_filtered(folder, capsys):
    found = rows(capsys)
    highest = sorted((r for r in found if found[r]["test"] is not None),
                     key=lambda run: -found[run]["test"])
    assert list(rows(capsys, "--sort", "test")) == [*highest, "a/b/four"]
    assert list(rows(capsys, "--sort", "run")) == sorted(found)
    assert list(rows(capsys, "--where", "lr=1e-2")) == ["runs/one"]
    assert list(rows(capsys, "--where", "data=*.csv", "hidden=8")) == ["three"]
    assert set(rows(capsys, "--where", "folds!=0")) == {"three"}
    limit = found["runs/one"]["test_loss"]
    below = {run for run in found if (found[run]["test_loss"] or limit) < limit}
    assert set(rows(capsys, "--where", f"test-loss<{limit!r}")) == below
    assert list(rows(capsys, "runs/two")) == ["runs/two"]
    assert set(rows(capsys, "runs", "runs/two")) == {"runs/one", "runs/two"}


@pytest.mark.slow
def test_what_a_run_has_can_be_asked_for(folder, capsys):
    # Each value that these runs have kept is one that --where takes, and finds the run by.
    for name, row in rows(capsys).items():
        heads = {head: row[head] for head in row if head not in ("options", "problem")}
        for head, value in (row["options"] | heads).items():
            text = "" if value is None else " ".join(map(str, value)) if isinstance(
                value, list) else str(value)
            assert name in rows(capsys, "--where", f"{head}={text}"), (head, text)
    assert set(rows(capsys, "--where", "update-rule=AdamW", "state=Done")) == {"three"}
    assert set(rows(capsys, "--where", "update_rule=ada?")) == {"runs/one", "runs/two", "a/b/four"}
    assert len(rows(capsys, "--where", "refit=false")) == 4 > len(rows(capsys, "--where", "val="))
    assert main(["runs", "--where", "refit=true", "metric!=AUC", "lr<9", "model=two_layer"]) == 0
    assert capsys.readouterr().out == "no run is like that\n"


def test_a_table_keeps_to_the_terminal_and_csv_has_all(folder, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    assert main(["runs", "--show", "lr"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert max(map(len, [head, *lines])) <= 50 and head.split()[0] == "run"
    assert head.split()[-1] == "lr" and "val_loss" not in head and "not shown" in lines[4]
    assert main(["runs", "--csv", "--show", "lr"]) == 0
    out = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert {row["run"]: row["lr"] for row in out} == {
        "runs/one": "0.01", "runs/two": "0.004", "three": "0.005", "a/b/four": "0.004"}
    assert {"run", "test_loss", "seconds", "started"} < set(out.fieldnames)


def test_the_state_of_a_run_is_told(folder, capsys):
    forge(Path("runs/two/test.json"), lambda plain: plain.update(weights="0" * 64))
    Path("a/b/four/config.json").write_text('{"vers', encoding="utf-8")
    (Path("three") / "folds.json").write_text("{}", encoding="utf-8")
    (Path("npm") / "x").mkdir(parents=True)
    Path("npm/config.json").write_text("{}", encoding="utf-8")      # another program's
    with lock.hold(Path("runs/one")):
        found = rows(capsys)
    states = {run: each["state"] for run, each in found.items()}
    assert states == {"runs/one": "running", "runs/two": "stopped", "three": "broken",
                      "a/b/four": "broken"}
    assert found["runs/two"]["test"] is None        # it is of other weights
    assert "was edited" in found["three"]["problem"] and "damaged" in found["a/b/four"]["problem"]
    assert rows(capsys)["runs/one"]["state"] == "done"
    Path("runs/one/lock").write_text("process 1, since 2026-01-01 00:00:00\n")
    assert rows(capsys)["runs/one"]["state"] == "done"      # it was killed: nobody holds it
    assert main(["runs"]) == 0
    assert "a/b/four: config.json: is damaged" in capsys.readouterr().out


@pytest.mark.parametrize("untested", [[], ["--test", "0"]])
def test_a_training_that_patience_ended_is_done(capsys, tmp_path, monkeypatch, untested):
    monkeypatch.chdir(tmp_path)
    # So much is never gained, so that each later epoch counts against it; the best is a later one.
    main(["train", "--data", "moons", "--epochs", "50", "--patience", "3", "--min-delta", "10",
          "--hidden", "8", "--lr", "0.001", "--out", "run", *untested])
    ended = capsys.readouterr().out
    assert "of 4, by validation" in ended and "epoch 1 of" not in ended
    found = rows(capsys)["run"]
    assert (found["state"], found["epochs"], found["test"] is None) == ("done", 4, bool(untested))
    assert main(["runs"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["run", "done"]
    # Gone on with, and killed before the next checkpoint, it is in the midst of its training.
    with open("run/log.txt", "a", encoding="utf-8") as log:
        log.write("resumed at step 40\n")
    assert rows(capsys)["run"]["state"] == ("stopped" if untested else "done")


@pytest.mark.parametrize("words", [
    ["--data", "spiral"],
    pytest.param(["--data", "t.csv", "--folds", "3", "--jobs", "1"], marks=pytest.mark.processes)])
def test_where_a_training_diverged_is_told(capsys, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("x,y\n" + "".join(f"{i * i % 11},{i % 7 + 0.5}\n" for i in range(60)))
    assert main(["train", *words, "--lr", "1e30", "--update-rule", "sgd", "--out", "run"]) == 3
    step = capsys.readouterr().err.split("diverged: step ")[1].split(":")[0]
    found = rows(capsys)["run"]
    assert (found["state"], found["problem"]) == ("diverged", f"diverged at step {step}")
    assert set(rows(capsys, "--where", "state=diverged")) == {"run"}
    assert main(["runs"]) == 0
    assert f"run: diverged at step {step}" in capsys.readouterr().out.splitlines()
    for log in Path("run").rglob("log.txt"):
        log.write_bytes(b"\xff\x00" * 9999)
    assert rows(capsys)["run"]["state"] == "stopped"


@pytest.mark.parametrize("words, says", [
    ("none", "does not exist"), ("--sort epoch", "Did you mean epochs?"),
    ("--where foo", "give a name, one of = != <"), ("--where foo=1", "unknown name 'foo'"),
    ("--where foo=1", "which flatprop train --help lists"),
    ("--where state=finished", "Choose from done, running, stopped, diverged, broken"),
    ("--where metric!=f1", "Choose from accuracy, balanced accuracy, AUC, R^2"),
    ("--where update_rule=adm", "Did you mean adam? Choose from sgd, momentum,"),
    ("--where update_rule=x*", "Choose from sgd, momentum,"),
    ("--where model=foo", "Choose from linear_classifier, two_layer_net,"),
    ("--where refit=perhaps", "Choose from True, False"), ("--where state<done", "= and !="),
    ("--where test=abc", "--where 'test=abc': test: 'abc' must be a number"),
    ("--where lr=abc", "lr: 'abc' must be a number, more than 0"), ("--where lr=0", "more than 0"),
    ("--where lr<abc", "must be a number"), ("--where hidden=8,x", "whole number"),
    ("--json --csv", "--json does not go with --csv"), ("--show nothing", "unknown name"),
    ("t.csv", "is a file and no run"), ("a/c", "holds no runs"),
])
def test_what_cannot_be_listed_is_refused(folder, capsys, words, says):
    Path("a/c").mkdir()
    assert says in refused(capsys, "runs", *words.split())
