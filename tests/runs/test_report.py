"""flatprop report: the page it writes for run directories made here."""

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from report_cases import BAD, images, make_run, page_of, stand_in, text_of, write
from run_cases import softmax

from data.errors import DataError
from data.preprocessing import Preprocessing
from flatprop.runs.report.text import clean, number


def test_images_classified(tmp_path, monkeypatch):
    folder, model = make_run(tmp_path / "run", options={"data": ["digits"], "lr": 0.125})
    model.params["b1"][4] = -1000                               # a unit that never fires
    np.savez(folder / "best.npz", theta=model.theta, statistics=model.statistics)
    x = images()
    scores = model.scores(x)
    y = scores.argmax(axis=1)
    y[:10] = (y[:10] + 1) % 3                                   # ten mistakes
    stand_in(monkeypatch, x, y)
    page = page_of(folder, "--images", tmp_path / "plots")
    text = text_of(page)
    assert "75.00% test accuracy 30 of 40 right" in text
    assert f"{model.theta.size:,} parameters" in text
    assert "best epoch of 3 validation 50.00%" in text
    assert "--lr 0.125" in text
    assert "1 of 12 hidden units is dead" in text
    assert "hidden layer 1 1 12 8.33%" in text
    assert "prefers-color-scheme: dark" in page

    p = softmax(scores)[:10]
    lead = p.max(axis=1) - p[np.arange(10), y[:10]]
    shown = [" ".join(each.split()) for each in re.findall(r'alt="([^"]*)"', page)]
    expected = [f"said {'abc'[p[i].argmax()]} {100 * p[i].max():.1f}%" for i in np.argsort(-lead)]
    assert [each.split(",")[0] for each in shown] == expected
    for name in ("loss", "accuracy", "rate", "ratios", "confusion", "weights"):
        png = (tmp_path / "plots" / f"{name}.png").read_bytes()
        assert png.startswith(b"\x89PNG") and b"Software" not in png
        ElementTree.fromstring((tmp_path / "plots" / f"{name}.svg").read_text())


def test_hostile_names_in_a_table(tmp_path, monkeypatch):
    columns = [{"name": BAD, "kind": "number"},
               {"name": "colour", "kind": "category", "values": [BAD, "red"]}]
    fitted = Preprocessing(np.array([40.0, 0.5, 0.5]), np.array([10.0, 0.5, 0.5]), columns,
                           [BAD, "日本", "none"], BAD)
    folder, model = make_run(tmp_path / "run & <i>", fitted=fitted, sizes=[3, 5, 3],
                             epochs=0)
    write(folder / "environment.json", {"system": BAD, "nested": {BAD: BAD},
                                        "deep": json.loads("[" * 500 + "]" * 500)})
    write(folder / "config.json", {"options": {"data": [BAD], BAD: BAD}})
    x = np.array([[0.5, 1, -1], [-1.2, -1, 1], [2, -1, -1]], np.float32)
    y = (model.scores(x).argmax(axis=1) + 1) % 3
    stand_in(monkeypatch, x, y)
    text = text_of(page_of(folder))
    assert text.count('<script>alert("1")</script> & $x$') >= 8
    assert "<i>" in text
    for cell in ("45", "28", "60", "red"):                      # as they were in the table
        assert f" {cell} " in text
    assert "0.00% test accuracy 0 of 3 right" in text


@pytest.mark.parametrize("loss, sizes, word", [("svm", [2, 4, 3], "score"),
                                               ("logistic", [2, 4, 1], "p")])
def test_other_losses(tmp_path, monkeypatch, loss, sizes, word):
    names = list("ab") if loss == "logistic" else list("abc")
    fitted = Preprocessing(np.zeros(1), np.ones(1), None, names)
    folder, model = make_run(tmp_path / "run", fitted=fitted, loss=loss, sizes=sizes, epochs=0,
                             activation="tanh", options={"data": ["moons"]})
    x = images(12, 2)
    scores = model.scores(x)
    if loss == "logistic":
        scores = np.hstack([np.zeros_like(scores), scores])
    y = (scores.argmax(axis=1) + 1) % len(names)
    stand_in(monkeypatch, x, y)
    text = text_of(page_of(folder))
    assert f"predicted {word} true {word} input 1 input 2" in text
    assert "There are no curves" in text
    assert "dead" not in text and "Update-to-weight" not in text
    if loss == "logistic":
        assert f"{100 * softmax(scores).max():.1f}%" in text


def test_regression(tmp_path, monkeypatch):
    fitted = Preprocessing(np.zeros(1), np.ones(1))
    folder, model = make_run(tmp_path / "run", fitted=fitted, kind="two_layer_regressor",
                             loss="square", sizes=[2, 4, 1], result={"loss": 0.5, "accuracy": None},
                             epochs=0)
    x = images(30, 2)
    y = model.scores(x) + np.float32(0.01)
    y[3] += 5
    stand_in(monkeypatch, x, y)
    text = text_of(page_of(folder))
    error = model.scores(x) - y
    r2 = 1 - np.square(error).sum() / np.square(y - y.mean()).sum()
    assert f"{number(r2)} R² on the test part 30 examples" in text
    assert "gives a loss of" in text and "not the 0.5000" in text   # the file says another loss
    assert f"{float(y[3, 0]):.3f}" in text


def test_without_the_test_part_the_reason_is_told(tmp_path, monkeypatch):
    folder, _ = make_run(tmp_path / "run", result={"loss": 0.25, "accuracy": 0.875}, epochs=0)
    reason = f"{BAD}: does not exist; put it back"
    stand_in(monkeypatch, DataError(reason))
    text = text_of(page_of(folder))
    assert clean(reason) in text
    assert "87.50% test accuracy" in text and "0.2500 test loss" in text
    assert "Confusion matrix" not in text and "Most wrong" not in text
    assert "First layer" in text
    stand_in(monkeypatch, images(inputs=5), np.zeros(40, np.int64))             # of another width
    assert "no longer what the run was trained on" in text_of(page_of(folder))


def test_colour_images(tmp_path, monkeypatch):
    fitted = Preprocessing(np.array([100.0]), np.array([50.0]), None, ["a", "b"])
    folder, model = make_run(tmp_path / "run", kind="linear_classifier", sizes=[3072, 2],
                             fitted=fitted, options={"data": ["cifar10"]}, epochs=0)
    x = images(30, 3072)
    stand_in(monkeypatch, x, 1 - model.scores(x).argmax(axis=1))
    page = page_of(folder)
    assert page.count("<img") == 24
    assert "Grey is zero" in page


@pytest.mark.parametrize("count, drawn, listed", [(30, True, True), (150, False, True),
                                                  (1500, False, False)])
def test_many_classes(tmp_path, monkeypatch, count, drawn, listed):
    fitted = Preprocessing(np.zeros(1), np.ones(1), None, [f"class {i}" for i in range(count)])
    folder, model = make_run(tmp_path / "run", fitted=fitted, sizes=[2, 4, count], epochs=0)
    x = images(20, 2)
    stand_in(monkeypatch, x, (model.scores(x).argmax(axis=1) + 1) % count)
    page = page_of(folder)
    assert ("confusion matrix, true classes by predicted ones" in page) == drawn
    assert ("<summary>By class</summary>" in page) == listed
    assert bool(re.search(r">class 29</text>.*>class 29</text>", page, re.S)) == (count == 30)
