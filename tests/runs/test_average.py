"""The average of a run of folds, in every form that it leaves the project: exports and reports."""

import json

import numpy as np
import pytest
from report_cases import page_of, stand_in, text_of
from run_cases import forge, make_folds, refused, scores, softmax

from flatprop.cli import export
from flatprop.runs import folds, predictions
from layers.by_name import MARGIN_LOSSES

RAW = np.random.default_rng(3).uniform(-3, 6, (7, 3))
LOSSES = [("softmax", (3, 4), "abcd"), ("logistic", (3, 1), "ab"), ("svm", (3, 4), "abcd"),
          ("squared_hinge", (3, 4), "abcd"),
          ("square", (3, 2), None)]


def make(folder, loss, sizes, classes, dtype="float64", in_unit=False):
    """A run of three folds, and what their average predicts for RAW, by NumPy alone."""
    made = make_folds(folder, loss=loss, sizes=sizes, dtype=dtype,
                      classes=None if classes is None else list(classes))
    each = [scores(model, fitted, RAW) for model, fitted in made]
    if in_unit:
        for m in (1, 2, 3):
            unit = {"target_mean": [100.0 * m, 7], "target_scale": [m, 0.5]}
            forge(folder / f"fold-{m}" / "model.json",
                  lambda plain, unit=unit: plain["preprocessing"].update(unit))
            each[m - 1] = each[m - 1] * [m, 0.5] + [100 * m, 7]
    if loss == "softmax":
        each = [softmax(one) for one in each]
    if loss == "logistic":
        each = [np.hstack([1 / (1 + np.exp(one)), 1 / (1 + np.exp(-one))]) for one in each]
    return np.mean(each, axis=0)


@pytest.mark.parametrize("loss, sizes, classes", LOSSES)
def test_its_scores_mean_the_mean(tmp_path, loss, sizes, classes):
    expected = make(tmp_path / "run", loss, sizes, classes, in_unit=loss == "square")
    saved = folds.load(tmp_path / "run")
    found = saved.model.scores(RAW)
    np.testing.assert_allclose(predictions.values(saved, found), expected, rtol=1e-12)
    y = np.array([0, 1, 1, 0, 0, 1, 0]) if classes else saved.preprocessing.apply_to_targets(
        RAW[:, :2], np.float64)
    loss = float(saved.model.loss_layer.forward(found, y)[0])
    if classes and saved.description["loss"] not in MARGIN_LOSSES:
        assert np.isclose(loss, -np.log(expected[np.arange(7), y]).mean())
    elif classes is None:       # of what is standardized by the mean of the folds' spreads, 2, 0.5
        error = (expected - RAW[:, :2]) / [2, 0.5]
        assert np.isclose(loss, 0.5 * (error**2).sum() / 7)


@pytest.mark.parametrize("loss, sizes, classes", LOSSES)
@pytest.mark.parametrize("in_unit", [False, True])
def test_onnx_averages(tmp_path, loss, sizes, classes, in_unit):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    if in_unit and loss != "square":
        return
    expected = make(tmp_path / "run", loss, sizes, classes, "float32", in_unit)
    assert export.main([str(tmp_path / "run"), "--to", "onnx"]) == 0
    session = runtime.InferenceSession(str(tmp_path / "run" / "model.onnx"),
                                       providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(None, {"x": RAW.astype(np.float32)}), strict=True))
    shown = found.get("probabilities", found["scores"])
    np.testing.assert_allclose(shown, expected, rtol=1e-5, atol=1e-5)
    saved = folds.load(tmp_path / "run")        # and the scores are those of predict
    of_run = saved.model.scores(RAW)
    of_run = saved.preprocessing.in_unit(of_run) if loss == "square" else of_run
    np.testing.assert_allclose(found["scores"], of_run, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("loss, sizes, classes", LOSSES)
@pytest.mark.parametrize("in_unit", [False, True])
def test_pytorch_averages(tmp_path, capsys, loss, sizes, classes, in_unit):
    pytest.importorskip("safetensors")
    pytest.importorskip("torch")
    if in_unit and loss != "square":
        return
    expected = make(tmp_path / "run", loss, sizes, classes, in_unit=in_unit)
    assert export.main([str(tmp_path / "run"), "--to", "safetensors"]) == 0
    code, names = capsys.readouterr().out, {}
    exec(code, names)
    np.testing.assert_allclose(names["predict"](RAW).numpy(), expected, rtol=1e-9)
    assert ("labels" in names) == (classes is not None)
    if classes:
        assert names["labels"](RAW) == [classes[place] for place in expected.argmax(axis=1)]


def test_folds_that_are_not_of_one_run_are_refused(tmp_path, capsys):
    make(tmp_path / "run", "softmax", (3, 4), "abcd")
    forge(tmp_path / "run" / "fold-2" / "model.json",
          lambda plain: plain["preprocessing"].update(classes=list("abce")))
    assert "no folds of one run" in refused(capsys, export.main, tmp_path / "run", "--to", "onnx")
    (tmp_path / "run" / "config.json").write_text('{"version": 1, "options": {"folds": "x"}}')
    assert "folds is x, which cannot be" in refused(
        capsys, export.main, tmp_path / "run", "--to", "onnx")


def test_a_report_shows_the_folds_and_the_average(tmp_path, monkeypatch):
    expected = make(tmp_path / "run", "softmax", (3, 4), "abcd")
    metrics = [0.5, 0.75, 0.625]
    for m, value in enumerate(metrics, 1):
        entry = {"epoch": 1, "train_loss": 1.0, "train_metric": 0.5, "val_loss": 2.0 * m,
                 "val_metric": value, "rate": 0.1, "seconds": 1.0, "ratios": {}}
        (tmp_path / "run" / f"fold-{m}" / "metrics.jsonl").write_text(json.dumps(entry) + "\n")
    y = expected.argmax(axis=1)
    y[0] = (y[0] + 1) % 4
    stand_in(monkeypatch, RAW, y)
    text = text_of(page_of(tmp_path / "run"))
    assert "85.71% test accuracy 6 of 7 right" in text
    for m, value in enumerate(metrics, 1):
        assert f"fold-{m} 1 of 1 {2 * m:.0f} {100 * value:.2f}%" in text
    assert f"mean 4 {100 * np.mean(metrics):.2f}%" in text
    assert f"spread 2 {100 * np.std(metrics, ddof=1):.2f}%" in text
    assert "48 parameters" in text and "3 folds" in text and "val. accuracy" in text
    assert f"{100 * expected[0].max():.1f}%" in text        # what it was so sure of
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    config["options"]["best_by"] = "auc"
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    assert "val. AUC" in text_of(page_of(tmp_path / "run"))
