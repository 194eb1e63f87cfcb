"""Parts of the data that are not held back: none for validation or testing, or files of their own.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused

from flatprop.cli import evaluate, inspect, report, train

QUICK = ["--epochs", "3", "--hidden", "8", "--folds", "0", "--standardize", "feature", "--quiet"]
COLOURS = ["red", "blue", "green"]


def write(name, seed, count=40, change=lambda row: row, order=(0, 1, 2, 3), separator=","):
    """A table of the columns size, colour, share, kind, in some order; gives its rows."""
    rng, rows = np.random.default_rng(seed), []
    for _ in range(count):
        size = rng.normal(1000, 300)
        rows.append(change([f"${size:.2f}", COLOURS[rng.integers(3)],
                            "n.v." if rng.random() < 0.1 else f"{rng.normal():.3f}",
                            "large" if size > 1000 else "small"]))
    lines = [["size", "colour", "share", "kind"], *rows]
    with open(name, "w", encoding="utf-8") as file:
        file.writelines(separator.join(row[j] for j in order) + "\n" for row in lines)
    return rows


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(capsys, main, *words):
    """What a command prints."""
    capsys.readouterr()
    assert main([*map(str, words)]) == 0
    return capsys.readouterr()


def history(folder):
    return [json.loads(line) for line in Path(folder, "metrics.jsonl").read_text().splitlines()]


def theta(folder, which):
    with np.load(Path(folder, f"{which}.npz")) as arrays:
        return arrays["theta"]


def test_without_validation_the_last_weights_are_the_best(capsys):
    shown = run(capsys, train.main, "--data", "wave", "--val", "0", *QUICK, "--out", "r").out
    assert shown.startswith("trained for 3 epochs, without validation\ntest loss ")
    assert np.array_equal(theta("r", "best"), theta("r", "last"))
    assert [entry["val_loss"] for entry in history("r")] == [None] * 3
    assert json.loads(run(capsys, evaluate.main, "r", "--json").out)["examples"] == 120    # 600 / 5
    line = refused(capsys, "train", "--val", "0", "--patience", "3")
    assert "--patience goes with validation, not with --val 0" in line


@pytest.mark.slow
def test_without_a_test_part_nothing_is_tested(capsys):
    write("t.csv", 0)
    words = ["--data", "t.csv", "--missing", "n.v.", "--test", "0", *QUICK]
    log = run(capsys, train.main, *words[:-1], "--out", "r").out
    assert "36 rows to train, 4 to validate, none to test" in log
    assert log.endswith("by validation\nthere is no test part, so nothing is tested\n")
    assert not Path("r/test.json").exists()
    line = refused(capsys, "evaluate", "r")
    assert "trained with --test 0" in line and "--data FILE" in line
    assert json.loads(run(capsys, evaluate.main, "r", "--data", "t.csv", "--json").out)[
        "examples"] == 40
    run(capsys, train.main, *words, "--val", "0", "--out", "neither")
    assert "without validation" in Path("neither/log.txt").read_text()
    pytest.importorskip("matplotlib")
    run(capsys, report.main, "r")
    assert "trained with --test 0" in Path("r/report.html").read_text(encoding="utf-8")
    run(capsys, report.main, "neither", "neither", "-o", "both.html")


def test_parts_in_files_are_read_as_the_training_table_was(capsys):
    a = write("a.csv", 1)
    write("b.tsv", 2, order=(3, 1, 0, 2), separator="\t")
    write("c.csv", 3, change=lambda row: [row[0], "violet" if row[1] == "red" else row[1],
                                          *row[2:]])
    words = ["--data", "a.csv", "--missing", "n.v.", *QUICK[:-1], "--out", "r"]
    log = run(capsys, train.main, *words, "--val-data", "b.tsv", "--test-data", "c.csv").out
    assert "40 rows to train, 40 to validate, 40 to test" in log
    assert "warning    c.csv: column 'colour': 'violet' in " in log
    assert log.count("warning    ") == 1
    # All rows of a.csv are trained on, so they alone say what is taken off.
    mean = json.loads(Path("r/model.json").read_text())["preprocessing"]["mean"]
    assert mean[0] == pytest.approx(np.mean([float(row[0][1:]) for row in a]), rel=1e-12)
    assert mean[-1] == pytest.approx(np.mean([float(row[2]) for row in a if row[2] != "n.v."]))
    # What is found in training is what evaluate finds of these files as new data.
    last = json.loads(run(capsys, evaluate.main, "r", "--which", "last", "--data", "b.tsv",
                          "--json").out)
    assert (last["loss"], last["accuracy"]) == pytest.approx(
        (history("r")[-1]["val_loss"], history("r")[-1]["val_metric"]))
    tested = json.loads(Path("r/test.json").read_text())
    for more in ([], ["--data", "c.csv"]):
        found = json.loads(run(capsys, evaluate.main, "r", *more, "--json").out)
        assert (found["loss"], found["accuracy"]) == pytest.approx(
            (tested["loss"], tested["accuracy"]))
    shown = run(capsys, train.main, *words[:-2], "--dry-run", "--test-data", "c.csv").out
    assert shown.startswith(run(capsys, inspect.main, "a.csv", "--missing", "n.v.").out)
    assert "c.csv: column 'colour': 'violet'" in shown


def test_parts_that_are_no_examples_of_their_own_and_columns_of_no_use_are_told(capsys):
    rows = write("a.csv", 1)
    write("b.csv", 2)
    Path("turned.csv").write_text("kind,more,Size,colour,share\n" + "".join(
        f"{row[3]},x,{','.join(row[:3])}\n" for row in reversed(rows)))
    words = ["--data", "a.csv", "--missing", "n.v.", "--dry-run"]
    shown = run(capsys, train.main, *words, "--val-data", "b.csv", "--test-data", "b.csv").out
    assert shown.endswith("--test-data b.csv holds the same rows as --val-data b.csv, by which the "
                          "best weights are chosen: results of it are too good; name other "
                          "examples\n")
    assert shown.count("too good") == 1
    shown = run(capsys, train.main, *words, "--test-data", "turned.csv").out.splitlines()
    assert shown[-3:] == [
        "turned.csv: line 1 has 'Size' for 'size', and it is taken for the same",
        "turned.csv: ignored, as the model was trained without: 'more'",
        "--test-data turned.csv holds the same rows as --data a.csv, which is trained on: results "
        "of it are too good; name other examples"]
    x, y = np.random.default_rng(0).normal(size=(3000, 2)), np.arange(3000) % 2
    for name, change in (("x", 0), ("same", 0), ("other", 1)):
        np.save(f"{name}.npy", x + change * (np.arange(3000) == 2999)[:, None])
    np.save("y.npy", y)
    np.save("z.npy", y)
    for name, count in (("same", 1), ("other", 0)):
        shown = run(capsys, train.main, "--data", "x.npy", "y.npy", "--dry-run", "--val-data",
                    f"{name}.npy", "z.npy").out
        assert shown.count("holds the same rows") == count


def test_what_the_files_held_belongs_to_the_run(capsys):
    write("a.csv", 1)
    write("b.csv", 2)
    write("c.csv", 3)
    words = ["--data", "a.csv", "--missing", "n.v.", "--val-data", "b.csv", "--test-data", "c.csv",
             *QUICK, "--lr-schedule", "constant"]
    run(capsys, train.main, *words, "--out", "whole")
    run(capsys, train.main, *words, "--epochs", "1", "--out", "r")
    run(capsys, train.main, "--resume", "r", "--epochs", "3", "--quiet")
    assert np.array_equal(theta("r", "last"), theta("whole", "last"))
    assert history("r")[-1]["val_loss"] == history("whole")[-1]["val_loss"]
    for name in ("b.csv", "c.csv"):
        before = Path(name).read_text()
        Path(name).write_text(before.replace("large", "small", 1))
        assert "the data is no longer" in refused(capsys, "evaluate", "r")
        assert "the data is no longer" in refused(capsys, "train", "--resume", "r", "--epochs", "3")
        Path(name).write_text(before)
    run(capsys, evaluate.main, "r")


def test_arrays_have_parts_in_files_too(capsys):
    rng = np.random.default_rng(0)
    x, y = rng.normal(5, 2, (90, 2)), rng.integers(3, 6, 90)
    np.savez("a.npz", x=x[:50], y=y[:50])
    np.save("x.npy", x[50:70])
    np.save("y.npy", y[50:70])
    np.savez("c.npz", X=x[70:], target=y[70:], data=x[70:])
    words = ["--val-data", "x.npy", "y.npy", "--test-data", "c.npz", *QUICK, "--out", "r"]
    run(capsys, train.main, "--data", "a.npz", *words)
    tested = json.loads(Path("r/test.json").read_text())
    found = json.loads(run(capsys, evaluate.main, "r", "--data", "c.npz", "--json").out)
    assert found["examples"] == 20 and found["loss"] == pytest.approx(tested["loss"])
    found = json.loads(run(capsys, evaluate.main, "r", "--which", "last", "--data", "x.npy",
                           "y.npy", "--json").out)
    assert found["loss"] == pytest.approx(history("r")[-1]["val_loss"])
    assert json.loads(Path("r/model.json").read_text())["preprocessing"]["mean"] == pytest.approx(
        x[:50].mean(axis=0))
    np.savez("c.npz", x=x[70:], y=y[70:] + 1)
    assert "c.npz: row " in refused(capsys, "train", "--data", "a.npz", *words[:-1], "none")


@pytest.mark.parametrize("words, says", [
    (["--val-data", "b.csv", "--val", "0.1"], "--val goes with"),
    (["--test-data", "b.csv", "--test", "0.1"], "not with --test-data b.csv"),
    (["--val-data", "a.csv"], "--val-data a.csv: is what is trained on"),
    (["--val-data", "no.csv"], "--val-data no.csv: does not exist"),
    (["--val-data", "digits"], "is a set by name"),
    (["--test-data", "odd.csv"],
     "--test-data odd.csv: line 4, column 'kind': the class 'huge' is none of those"),
    (["--val-data", "few.csv"], "--val-data few.csv: line 1 names no column 'colour'"),
    (["--val-data", "bare.csv"], "--val-data bare.csv: has no column 'kind'"),
    (["--val-data", "cell.csv"], "--val-data cell.csv: line 3, column 'size': 'big' is no number"),
    (["--val-data", "none.csv"], "none.csv: has no row with a label"),
    (["--refit", "--val", "0"], "--refit goes with validation"),
    (["--best-by", "loss", "--val", "0"], "--best-by goes with validation, not with --val 0"),
])
def test_files_that_are_no_such_parts_are_refused(capsys, words, says):
    write("a.csv", 1)
    write("b.csv", 2)
    write("few.csv", 2, order=(0, 2, 3))
    write("bare.csv", 2, order=(0, 1, 2))
    Path("odd.csv").write_text("size,colour,share,kind\n$1,red,0,large\n$2,red,0,small\n"
                               "$3,red,0,huge\n")
    Path("cell.csv").write_text("size,colour,share,kind\n$1,red,0,large\nbig,red,0,small\n")
    Path("none.csv").write_text("size,colour,share,kind\n$1,red,0,NA\n")
    assert says in refused(capsys, "train", "--data", "a.csv", "--missing", "n.v.", *words, *QUICK)
    assert not Path("runs").exists()
