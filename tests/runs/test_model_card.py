"""flatprop report --card: the Markdown it writes for run directories, read back cell by cell."""

import html
import json
import re
import shlex

import numpy as np
import pytest
from report_cases import BAD, images, make_run, write
from run_cases import forge, make_folds, refused

from data.errors import DataError
from data.preprocessing import Preprocessing
from flatprop.cli import report, train
from flatprop.runs.report.text import clean
from flatprop.training import places

EVIL = "a|b\n# c `d` *e* [f](http://g.h) ![i](j) <b>k</b> $l$ \\| ~~m~~ &amp; www.n.o _p_ @q"


def card_of(monkeypatch, run, x, y=None):
    """The card of a run that has this test part, or an error that getting it raises."""
    def test_part(run, saved, changed):
        if isinstance(x, Exception):
            raise x
        return x, y

    monkeypatch.setattr("flatprop.cli.reading_again.test_part", test_part)
    assert report.main([str(run), "--card", "-o", str(run / "c.md")]) == 0
    return (run / "c.md").read_text(encoding="utf-8")


def section(card, title):
    """The rows of the table below a heading, as people see the cells."""
    lines = card.split(f"\n## {title}\n")[1].split("\n## ")[0].splitlines()
    return [[html.unescape(cell.strip().replace("\\_", "_")) for cell in line.split("|")[1:-1]]
            for line in lines if line.startswith("| ")]


def test_a_classifier(tmp_path, monkeypatch):
    run, model = make_run(tmp_path / "run", options={"data": ["moons"], "lr": 0.125, "x": 1})
    x = images()
    predicted = model.scores(x).argmax(axis=1)
    y = predicted.copy()
    y[:10] = (y[:10] + 1) % 3
    card = card_of(monkeypatch, run, x, y)
    for label, row in enumerate(section(card, "By class")[2:]):
        hits, said = np.sum((predicted == label) & (y == label)), np.sum(predicted == label)
        members = np.sum(y == label)
        assert row == ["abc"[label], f"{100 * hits / said:.2f}%", f"{100 * hits / members:.2f}%",
                       f"{200 * hits / (said + members):.2f}%", str(members)]
    assert ["accuracy", "75.00%"] in section(card, "Results")
    (ends,) = re.findall(r"is ([\d.]+)% to ([\d.]+)% \(95", card)
    for end in (float(each) / 100 for each in ends):
        # It is as far from 0.75 as 1.96 deviations of a share of 40, were it the true one.
        assert abs(0.75 - end) == pytest.approx(1.96 * np.sqrt(end * (1 - end) / 40), abs=2e-4)
    most = 100 * np.bincount(y).max() / 40
    assert f"right on {most:.2f}%." in card
    # The network as it is, also where nobody gave its options; and no --x, which is none.
    assert ("\n    flatprop train --data moons --lr 0.125 --activation relu --norm none "
            "--dropout 0.0 --loss softmax --hidden 12\n") in card
    assert ["best epoch", "2 of 3"] in section(card, "How it was made")


def test_hostile_names_stay_in_their_cells(tmp_path, monkeypatch):
    columns = [{"name": EVIL, "kind": "number"},
               {"name": "born", "kind": "date", "form": "year-month-day"},
               {"name": "colour", "kind": "category", "values": [EVIL, "red"]}]
    about = {"rows": 9, "label": [], "leaks": 3, "columns": [
        7, {"name": EVIL, "low": -2.5, "high": 2000, "missing": 3},
        {"name": "born", "low": 365, "high": 1e300}]}
    fitted = Preprocessing(np.zeros(4), np.ones(4), columns, [EVIL, BAD, "c"], EVIL, about)
    run, model = make_run(tmp_path / "run", fitted=fitted, sizes=[4, 5, 3],
                          options={"data": [EVIL], EVIL: EVIL, "label": [EVIL]})
    write(run / "environment.json", {"system": EVIL, "python": [EVIL], "data_hash": {EVIL: EVIL}})
    x = images(20, 4)
    card = card_of(monkeypatch, run, x, model.scores(x).argmax(axis=1))
    assert section(card, "Columns")[2:] == [
        [clean(EVIL), "number", "-2.5 to 2,000", "3"],
        ["born", "date", "1971-01-01 to –", "–"],
        ["colour", "category", f"{clean(EVIL, 40)}, red", "–"]]
    assert [row[0] for row in section(card, "By class")[2:]] == [clean(EVIL), clean(BAD), "c"]
    assert {row[0] for row in section(card, "What each column is worth")[2:]} == {
        clean(EVIL), "born", "colour"}
    shown = [line for line in card.splitlines() if not line.startswith("    ")]
    for line in shown:
        assert not re.search(r"[<>`\[\]$~@]|\\(?!_)|://|www\.|&(?!#\d+;)", line)
        assert line.count("|") in (0, 3, 4, 5, 6)
    assert sum(line.startswith("#") for line in shown) == 8
    assert len([line for line in card.splitlines() if line.startswith("    ")]) == 1


def test_folds_of_a_regression(tmp_path, monkeypatch):
    run = tmp_path / "run"
    made = make_folds(run, loss="square", sizes=(3, 1), classes=None)
    for m in (1, 2, 3):
        forge(run / f"fold-{m}" / "model.json", lambda plain: plain["preprocessing"].update(
            {"target_mean": [10.0], "target_scale": [4.0]}))
    raw = np.random.default_rng(3).uniform(-3, 6, (9, 3))
    said = np.mean([10 + 4 * (((raw - fitted.mean) / fitted.scale) @ model.params["W1"]
                              + model.params["b1"]) for model, fitted in made], axis=0)
    y = said + np.linspace(-2, 1, 9)[:, None]
    card = card_of(monkeypatch, run, raw, y)
    r2 = 1 - np.square(said - y).sum() / np.square(y - y.mean()).sum()
    error = np.abs(np.linspace(-2, 1, 9)).mean()
    assert section(card, "Results")[2:4] == [["R²", f"{r2:.4f}"],
                                             ["mean absolute error", f"{error:.4f}"]]
    assert [row[0] for row in section(card, "Folds")[2:]] == ["fold-1", "fold-2", "fold-3"]
    assert "By class" not in card


def test_without_a_test_part_it_tells_what_the_run_wrote_down(tmp_path, monkeypatch):
    run, _ = make_run(tmp_path / "run", result={"loss": 0.25, "accuracy": 0.875}, epochs=0)
    card = card_of(monkeypatch, run, DataError("it is <gone>"))
    assert "it is &#60;gone&#62;" in card
    assert section(card, "Results")[2:] == [["loss", "0.2500"], ["accuracy", "87.50%"]]


def test_the_command_trains_the_same_network(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 7},{'xyz'[i * i % 3]},{'no' if i % 7 < 3 else 'yes'}" for i in range(60)]
    (tmp_path / "a b.csv").write_text("\n".join(["n,l,bought", *rows]))
    assert train.main(["--data", "a b.csv", "--folds", "0", "--epochs", "2", "--lr", "0.01",
                       "--quiet", "--out", "one"]) == 0
    assert report.main(["one", "--card"]) == 0
    (line,) = re.findall(r"^    (flatprop train .*)", (tmp_path / "one/card.md").read_text(), re.M)
    assert train.main([*shlex.split(line)[2:], "--quiet", "--out", "two"]) == 0
    one, two = (json.loads((tmp_path / run / "test.json").read_text()) for run in ("one", "two"))
    assert one["weights"] == two["weights"]
    assert shlex.split(line.partition(" --hidden ")[2])[:2] == ["128", "128"]   # nobody gave them
    assert "--images" in refused(capsys, report.main, "one", "two", "--card")
    assert "end in .md" in refused(capsys, report.main, "one", "--card", "-o", "card.html")


def test_a_card_has_no_folders_of_its_author(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "at home ä"
    folder.mkdir()
    monkeypatch.chdir(folder)
    table, test = folder / "t.csv", folder / "u.csv"
    for path in (table, test):
        path.write_text("x,y\n" + "".join(f"{i * i % 11},{'ab'[i % 2]}\n" for i in range(60)))
    assert train.main(["--data", str(table), "--test-data", str(test), "--folds", "0", "--epochs",
                       "1", "--quiet", "--out", str(folder / "run")]) == 0
    for is_there in (True, False):
        assert report.main([str(folder / "run"), "--card"]) == 0
        card = (folder / "run" / "card.md").read_text(encoding="utf-8")
        assert html.unescape(card).count(str(tmp_path)) == card.count("at home") == 0
        assert "flatprop train --data t.csv " in card and " --test-data u.csv " in card
        assert ["data", "t.csv"] in section(card, "Data")
        assert ["test data", "u.csv"] in section(card, "Data")
        assert ("u.csv: does not exist" in html.unescape(card)) is not is_there
        test.unlink(missing_ok=True)
    assert str(test) in capsys.readouterr().err         # its author is told


def test_names_of_paths_of_any_system():
    held = {"data": ["/home/a b/t.csv", "u.csv", "../v.csv"], "val_data": [r"C:\Users\a\w.csv"],
            "model": "/home/me/net.py:Net", "label": ["/x/y"], "lr": 0.1, "data_dir": "/data/mnist",
            "layers": 3, "test_data": None}
    assert places.by_name(held) == held | {
        "data": ["t.csv", "u.csv", "../v.csv"], "val_data": ["w.csv"], "model": "net.py:Net",
        "data_dir": "mnist"}
    text = ("/home/a b/t.csv: is it /home/a b/s.csv, or /home/t, or "
            r"C:\Users\a\w.csv in /runs/one?")
    assert places.without_folders(text, held, "/runs/one") == (
        "t.csv: is it s.csv, or /home/t, or w.csv in one?")
    assert places.without_folders("/ or /run/x", {}, "/run") == "/ or /run/x"


def test_without_a_result_it_tells_that_of_validation(tmp_path, monkeypatch):
    run, _ = make_run(tmp_path / "run")         # 0.5 in the second epoch, 0.4 in the others
    card = card_of(monkeypatch, run, DataError("gone"))
    assert section(card, "Results")[2:] == [["accuracy", "50.00%"], ["loss", "1.500"]]
    assert "validation part (of the best epoch)" in card
    assert "validation part" not in card_of(monkeypatch, run, images(), np.zeros(40, int))
    bare, _ = make_run(tmp_path / "bare", epochs=0)
    assert "validation part" not in card_of(monkeypatch, bare, DataError("gone"))
