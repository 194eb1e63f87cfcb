"""flatprop evaluate on runs of tests/runs/run_cases.py, its numbers against plain arithmetic."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused
from run_cases import forge, make_run, scores, softmax, table_run

from flatprop.cli import evaluate, predict, reading_again, train

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ["2", "4", "8", "16"]
BODY = [("30", "red", "yes"), ("50", "blue", "no"), ("41.5", "red", "no"), ("", "green", "yes")]
ENCODED = [[30, 0, 1], [50, 1, 0], [41.5, 0, 1], [40, 0, 0]]    # 40 is the mean
LABELS = [1, 0, 0, 1]


def result(capsys, *words):
    """The JSON of a command that must succeed."""
    assert evaluate.main([*map(str, words), "--json"]) == 0
    shown = capsys.readouterr()
    assert all("'green' in 1 row" in line for line in shown.err.splitlines())
    assert shown.out.count("\n") == 1
    return json.loads(shown.out)


def check(got, expected, y, names):
    """Whether a result is that of these scores (N, C) for the labels y."""
    y = np.asarray(y)
    assert got["examples"] == len(y)
    assert got["accuracy"] == np.mean(expected.argmax(axis=1) == y)
    assert got["loss"] == pytest.approx(-np.log(softmax(expected)[np.arange(len(y)), y]).mean())
    assert [one["class"] for one in got["classes"]] == names
    assert [one["count"] for one in got["classes"]] == [(y == i).sum() for i in range(len(names))]
    for i, row in enumerate(got["confusion"]):
        assert row == [((y == i) & (expected.argmax(axis=1) == j)).sum() for j in range(len(names))]


def examples(count=2500):
    """Raw inputs (N, 3) and labels (N,) of four classes."""
    rng = np.random.default_rng(3)
    return rng.normal(size=(count, 3)), rng.integers(0, 4, count)


def test_its_own_test_part(tmp_path, capsys, monkeypatch):
    model, fitted = make_run(tmp_path / "run", classes=CLASSES)
    raw, y = examples()
    asked = []

    def test_part(run, saved, changed):
        asked.append(run)
        return fitted.apply(raw, np.float64), y

    monkeypatch.setattr(reading_again, "test_part", test_part)
    got = result(capsys, tmp_path / "run")
    check(got, scores(model, fitted, raw), y, CLASSES)
    assert asked == [str(tmp_path / "run")]
    assert got["which"] == "best"
    assert got["data"] is None
    assert got["loss"] != result(capsys, tmp_path / "run", "--which", "last")["loss"]

    raw = raw[:, :2]
    fitted = fitted._replace(mean=fitted.mean[:2], scale=fitted.scale[:2])
    assert "no longer what" in refused(capsys, "evaluate", tmp_path / "run")


@pytest.mark.parametrize("kind", ["npz", "npy", "test arrays", "text"])
def test_arrays_with_labels_of_their_own_numbering(tmp_path, capsys, kind):
    model, fitted = make_run(tmp_path / "run", classes=CLASSES)
    raw, y = examples()
    y[y == 1] = 2                                   # so that labels counted anew would be others
    named = np.array([int(name) for name in CLASSES])[y]
    if kind == "npy":
        np.save(tmp_path / "x.npy", raw)
        np.save(tmp_path / "y.npy", named.astype(">f8"))
        paths = [tmp_path / "x.npy", tmp_path / "y.npy"]
    elif kind == "test arrays":
        paths = [tmp_path / "a.npz"]
        np.savez(paths[0], x_train=raw[:9], y_train=np.tile(named, 1)[:9], x_test=raw[:5],
                 y_test=named[:5])
        raw, y = raw[:5], y[:5]
    else:
        paths = [tmp_path / "a.npz"]
        np.savez(paths[0], x=raw, y=named if kind == "npz" else named.astype(str))
    got = result(capsys, tmp_path / "run", "--data", *paths)
    check(got, scores(model, fitted, raw), y, CLASSES)
    assert got["data"] == [str(path) for path in paths]


def test_arrays_for_a_run_with_bins(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raw, y = examples(60)
    np.save("x.npy", raw)
    np.save("y.npy", y)
    np.savetxt("t.csv", np.column_stack([raw, y]), delimiter=",", fmt="%.17g")
    assert train.main(["--data", "x.npy", "y.npy", "--bins", "4", "--epochs", "1", "--out", "run",
                       "--quiet"]) == 0
    assert predict.main(["run", "x.npy", "-o", "p.npy", "--quiet"]) == 0
    capsys.readouterr()
    right = np.mean(np.load("p.npy").argmax(axis=1) == y)
    for words in (["x.npy", "y.npy"], ["t.csv"]):
        assert result(capsys, "run", "--data", *words)["accuracy"] == right


def write(path, order=(0, 1, 2), heading=("age", "colour", "bought"), body=BODY):
    """A table with its columns in this order."""
    lines = [",".join(row[j] for j in order) for row in ([heading, *body] if heading else body)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("order, heading, label", [
    ((0, 1, 2), ("age", "colour", "bought"), None),
    ((2, 1, 0), ("age", "colour", "bought"), None),
    ((0, 1, 2), None, None),
    ((1, 2, 0), ("age", "colour", "truth"), "truth"),
    ((1, 2, 0), ("age", "colour", "truth"), "2"),
    ((1, 2, 0), ("age", "colour", "truth"), "-2"),
    ((2, 0, 1), None, "1"),
    ((0, 2, 1), None, "-2"),
])
def test_a_table(tmp_path, capsys, order, heading, label):
    model, fitted = table_run(tmp_path / "run")
    path = write(tmp_path / "t.csv", order, heading)
    words = [] if label is None else [f"--label={label}"]
    got = result(capsys, tmp_path / "run", "--data", path, *words)
    check(got, scores(model, fitted, ENCODED), LABELS, ["no", "yes"])


@pytest.mark.parametrize("order, label", [
    ((0, 2, 1), None), ((0, 2, 1), "2"), ((2, 0, 1), "1"), ((0, 1, 2), "3")])
def test_a_table_for_a_run_without_a_heading(tmp_path, capsys, order, label):
    columns = [{"name": "column 1", "kind": "number"},
               {"name": "column 3", "kind": "category", "values": ["blue", "red"]}]
    if order != (0, 2, 1):
        columns = [one | {"name": f"column {order.index(j) + 1}"} for j, one in enumerate(columns)]
    model, fitted = table_run(tmp_path / "run", columns=columns,
                              target=f"column {order.index(2) + 1}")
    path = write(tmp_path / "t.csv", order, None)
    words = [] if label is None else [f"--label={label}"]
    got = result(capsys, tmp_path / "run", "--data", path, *words)
    check(got, scores(model, fitted, ENCODED), LABELS, ["no", "yes"])


def test_a_table_for_a_run_of_arrays(tmp_path, capsys):
    model, fitted = make_run(tmp_path / "run", classes=CLASSES)
    raw, y = examples(50)
    named = np.array([float(name) for name in CLASSES])[y]      # written 2.0, and known as 2
    for rows, words in ((np.column_stack([raw, named]), []),
                        (np.column_stack([named, raw]), ["--label", "1"])):
        np.savetxt(tmp_path / "t.csv", rows, delimiter=",", fmt="%.17g")
        got = result(capsys, tmp_path / "run", "--data", tmp_path / "t.csv", *words)
        check(got, scores(model, fitted, raw), y, CLASSES)


@pytest.mark.parametrize("of_array", [True, False])
def test_columns_without_names_are_taken_by_place_by_predict_as_well(tmp_path, capsys, of_array):
    columns = None if of_array else [{"name": f"column {i + 1}", "kind": "number"}
                                     for i in range(3)]
    model, fitted = make_run(tmp_path / "run", classes=CLASSES, columns=columns)
    raw, y = examples(20)
    rows = [",".join(map(repr, row.tolist())) for row in raw]
    labelled = tmp_path / "labelled.csv"
    labelled.write_text("\n".join(["x0,x1,x2,y", *(
        f"{row},{CLASSES[label]}" for row, label in zip(rows, y, strict=True))]))
    (tmp_path / "new.csv").write_text("\n".join(["x0,x1,x2", *rows]))
    none = ("line 1 names none of the model's columns, which had no names in training, so 3 are "
            "taken by their place, 'x0' first")
    for words in ([], ["--label", "y"], ["--label", "4"]):
        assert evaluate.main([str(tmp_path / "run"), "--data", str(labelled), "--json", *words]
                             ) == 0
        shown = capsys.readouterr()
        assert shown.err == (f"flatprop evaluate: warning: {labelled}: {none}; the label is 'y'\n")
        check(json.loads(shown.out), scores(model, fitted, raw), y, CLASSES)
    assert "no column 'z'" in refused(capsys, "evaluate", tmp_path / "run", "--data", labelled,
                                      "--label", "z")
    for name, words in (("new.csv", []), ("labelled.csv", ["--keep", "y"])):
        out = tmp_path / f"{name}.out.csv"
        assert predict.main([str(tmp_path / "run"), str(tmp_path / name), "-o", str(out), *words]
                            ) == 0
        assert f"warning: {tmp_path / name}: {none}\n" in capsys.readouterr().err
        numbers = [line.split(",")[-4:] for line in out.read_text().splitlines()[1:]]
        np.testing.assert_allclose(np.array(numbers, float), softmax(scores(model, fitted, raw)))
    assert "has 4 columns, and the model takes 3, by their place" in refused(
        capsys, "predict", tmp_path / "run", labelled, "-o", out)
    assert "has 3 columns, and the model takes 3 and the label" in refused(
        capsys, "evaluate", tmp_path / "run", "--data", tmp_path / "new.csv")


def test_regression(tmp_path, capsys):
    model, fitted = table_run(tmp_path / "run", loss="square", classes=None)
    prices = ["1.5", "2", "-3", "0"]
    body = [(age, colour, price) for (age, colour, _), price in zip(BODY, prices, strict=True)]
    path = write(tmp_path / "t.csv", body=body)
    expected = scores(model, fitted, ENCODED)[:, 0]
    y = np.array(prices, float)
    got = result(capsys, tmp_path / "run", "--data", path)
    assert got["mean_absolute_error"] == pytest.approx(np.abs(expected - y).mean())
    assert got["loss"] == pytest.approx(0.5 * ((expected - y) ** 2).mean())
    assert got["r2"] == pytest.approx(1 - ((expected - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())
    path = write(tmp_path / "t.csv", body=[row[:2] + ("7",) for row in body])
    assert result(capsys, tmp_path / "run", "--data", path)["r2"] is None
    assert evaluate.main([str(tmp_path / "run"), "--data", str(path)]) == 0
    assert "mean absolute error  " in capsys.readouterr().out
    path = write(tmp_path / "t.csv", body=[("1", "red", ""), *body, ("1", "red", "-")])
    assert evaluate.main([str(tmp_path / "run"), "--data", str(path), "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["r2"] == pytest.approx(
        1 - ((expected - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())
    assert "t.csv: 2 rows have no label, and are left out" in shown.err


@pytest.mark.parametrize("columns, says", [
    (["bought", 1e308, {"name": []}], None),
    ([{"name": "bought", "form": {"before": 7}}], "model.json is damaged in how"),
    ([{"name": "bought", "form": "no form"}], "model.json is damaged in how"),
])
def test_what_a_forged_run_says_of_columns(tmp_path, capsys, columns, says):
    table_run(tmp_path / "run", loss="square", classes=None)
    forge(tmp_path / "run" / "model.json",
          lambda plain: plain["preprocessing"].update(about={"columns": columns}))
    table = write(tmp_path / "t.csv", body=[("30", "red", "1"), ("50", "blue", "2")])
    words = ("evaluate", tmp_path / "run", "--data", table)
    if says is None:
        assert evaluate.main(list(map(str, words[1:]))) == 0
    else:
        assert says in refused(capsys, *words)


@pytest.mark.parametrize("words, text, expected", [
    (["--label", "age"], None, ["--label goes with --data"]),
    (["--data", "t.csv"], "age,colour,bought\n1,red,no\n2,red,mayb\x1be\n",
     ["t.csv: line 3, column 'bought': ", r"'mayb\x1be' is none", "no, yes"]),
    (["--data", "t.csv"], "age,colour,bought\n1,red,NO\n", ["'NO' (is it 'no'?) is none"]),
    (["--data", "t.csv"], "age,colour,bought\n\n1,red,1\n", ["line 3", "'1' (is it 'yes'?)"]),
    (["--data", "t.csv"], "age,colour,bought\n1,red,False\n", ["(is it 'no'?)"]),
    (["--data", "t.csv"], "age,colour,bougth\n1,red,no\n", ["bought", "bougth"]),
    (["--data", "t.csv"], "age,colour\n1,red\n", ["bought"]),
    (["--data", "t.csv"], "age,colour,bought\n", ["no examples"]),
    (["--data", "t.csv"], "age,colour,bought\n1,red,no\nx,red,no\n", ["line 3", "age"]),
    (["--data", "t.csv", "--label", "9"], "age,colour,bought\n1,red,no\n", ["no column 9"]),
    (["--data", "t.csv", "--label", "0"], "age,colour,bought\n1,red,no\n", ["no column 0"]),
    (["--data", "none.csv"], None, ["none.csv", "does not exist"]),
    (["--data", "a.npz"], None, ["a.npz: row 2: the class '5' is none"]),
    (["--data", "wide.npz"], None, ["wide.npz", "(2, 4)", "takes 3"]),
    (["--data", "a.npz", "--label", "y"], None, ["a.npz", "'y'"]),
    (["--data", "a.npy"], None, ["a.npy"]),
    (["--data", "a", "b", "c"], None, ["--data", "not 3"]),
])
def test_a_user_error_is_one_line(tmp_path, capsys, monkeypatch, words, text, expected):
    monkeypatch.chdir(tmp_path)
    classes = ["1", "2"] if "a.npz" in words else ["no", "yes"]
    table_run(tmp_path / "run", classes=classes)
    np.savez("a.npz", x=np.zeros((3, 3)), y=np.array([1, 5, 2]))
    np.savez("wide.npz", x=np.zeros((2, 4)), y=np.array(["no", "yes"]))
    if text is not None:
        (tmp_path / "t.csv").write_text(text)
    line = refused(capsys, "evaluate", "run", *words)
    assert all(word in line for word in expected), line


@pytest.mark.processes
def test_text_for_people_from_a_process(tmp_path):
    table_run(tmp_path / "run")
    write(tmp_path / "t.csv")
    command = [sys.executable, "-W", "error", "-m", "flatprop", "evaluate", "run", "--data",
               "t.csv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "flatprop evaluate: warning: t.csv: column 'colour': 'green' in 1 row is no value that the "
        "model was trained on, and counts as none"]
    lines = done.stdout.splitlines()
    assert lines[0] == "run        run, best weights"
    assert lines[1] == "data       t.csv: 4 examples"
    assert [line.split()[0] for line in lines if line] == [
        "run", "data", "loss", "accuracy", "balanced", "AUC", "log", "class", "no", "yes", "macro",
        "confusion", "no", "no", "yes"]
    code = ("import sys; sys.path.insert(0, sys.argv[1]); import flatprop.cli.predict\n"
            "print([name for name in ('matplotlib', 'pandas') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code, str(ROOT)], capture_output=True, text=True)
    assert done.stdout == "[]\n"
