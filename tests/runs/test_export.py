"""flatprop export: ONNX files in onnxruntime against the models' own scores, and refusals."""

import json
import sys

import numpy as np
import pytest
from export_cases import INPUTS, KINDS, MODELS, TOLERANCE, D, make_run, scores_of
from run_cases import forge, refused, softmax

from flatprop.cli import export
from flatprop.runs import saved_model
from flatprop.runs.export import onnx_file, safetensors_file
from layers.by_name import ACTIVATIONS


def run_onnx(path, raw=INPUTS):
    """All outputs by name, from onnxruntime."""
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"x": raw}), strict=True))


def to_onnx(folder, *options):
    pytest.importorskip("onnx")
    assert export.main([str(folder), "--to", "onnx", *options]) == 0
    return folder / "model.onnx"


@pytest.mark.parametrize("norm, dtype", KINDS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_onnx_gives_the_models_scores(tmp_path, activation, norm, dtype):
    folder, model, fitted = make_run(tmp_path, activation=activation, norm=norm, dtype=dtype)
    found = run_onnx(to_onnx(folder), INPUTS.astype(dtype))
    expected = scores_of(model, fitted)
    assert np.abs(expected).max() > 0.5                     # something to get wrong
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(found["scores"], expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(found["probabilities"], softmax(expected), atol=1e-5)
    assert found["scores"].dtype == dtype


@pytest.mark.parametrize("pieces", [1, 5])
def test_the_pieces_of_maxout(tmp_path, pieces):
    folder, model, fitted = make_run(tmp_path, activation="maxout", pieces=pieces)
    np.testing.assert_allclose(run_onnx(to_onnx(folder))["scores"], scores_of(model, fitted),
                               rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind, sizes, loss", MODELS)
def test_every_kind_of_model(tmp_path, kind, sizes, loss):
    classes = None if loss == "square" else "abcd"
    folder, model, fitted = make_run(tmp_path, kind=kind, sizes=sizes, loss=loss, classes=classes)
    expected = scores_of(model, fitted)
    found = run_onnx(to_onnx(folder))
    np.testing.assert_allclose(found["scores"], expected, rtol=1e-5, atol=1e-5)
    assert ("probabilities" in found) == (loss == "softmax")    # scores of an SVM are none


def test_one_logit_becomes_two_probabilities(tmp_path):
    folder, model, fitted = make_run(tmp_path, sizes=[D, 6, 1], loss="logistic", classes="ab")
    found = run_onnx(to_onnx(folder))
    second = 1 / (1 + np.exp(-scores_of(model, fitted)))
    np.testing.assert_allclose(found["probabilities"], np.hstack([1 - second, second]), atol=1e-6)


def test_the_batch_is_free_and_the_file_is_sound(tmp_path, capsys):
    onnx = pytest.importorskip("onnx")
    folder, model, fitted = make_run(tmp_path, norm="batch")
    path = to_onnx(folder)
    assert "'x' (N, 5) float32" in capsys.readouterr().out
    onnx.checker.check_model(onnx.load(path), full_check=True)
    for rows in (INPUTS[:1], np.tile(INPUTS, (5, 1))):
        expected = scores_of(model, fitted, rows)
        np.testing.assert_allclose(run_onnx(path, rows)["scores"], expected, rtol=1e-5, atol=1e-5)
    properties = {each.key: each.value for each in onnx.load(path).metadata_props}
    assert json.loads(properties["classes"]) == ["a", "b", "c", "d"]


def test_extreme_inputs_stay_finite_or_equal(tmp_path):
    for activation in ("softplus", "gelu", "silu", "elu", "selu", "sigmoid"):
        folder, model, fitted = make_run(tmp_path, activation=activation)
        raw = INPUTS * np.float32(1e4)
        found = run_onnx(to_onnx(folder), raw)["scores"]
        np.testing.assert_allclose(found, scores_of(model, fitted, raw), rtol=1e-4, atol=1e-2)


def test_empty_cells_of_a_table_count_as_the_mean(tmp_path):
    columns = [{"name": f"column {i}", "kind": "number"} for i in range(D)]
    folder, model, fitted = make_run(tmp_path, columns=columns)
    raw = INPUTS.copy()
    raw[0, 1] = raw[3, 4] = np.nan
    expected = scores_of(model, fitted, raw)
    found = run_onnx(to_onnx(folder, "--takes", "matrix"), raw)["scores"]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_best_and_last_weights(tmp_path):
    folder, model, fitted = make_run(tmp_path)
    np.savez(folder / "last.npz", theta=model.theta * 2, statistics=model.statistics)
    best = run_onnx(to_onnx(folder))["scores"]
    last = run_onnx(to_onnx(folder, "--which", "last"))["scores"]
    model.theta *= 2
    np.testing.assert_allclose(last, scores_of(model, fitted), rtol=1e-5, atol=1e-4)
    assert np.abs(last - best).max() > 1


def test_user_errors_are_one_line(tmp_path, capsys):
    pytest.importorskip("safetensors")
    pytest.importorskip("onnx")
    folder, _, _ = make_run(tmp_path / "run")
    assert "Did you mean onnx?" in refused(capsys, export.main, folder, "--to", "onxn")
    assert "missing" in refused(capsys, export.main, tmp_path / "missing", "--to", "onnx")
    for word, out in (("nowhere", tmp_path / "nowhere" / "m"), ("-o", tmp_path)):
        assert word in refused(capsys, export.main, folder, "--to", "onnx", "-o", out)
    whole = (folder / "model.json").read_text()
    for name, value, says in (("mean", [1.0, 2.0], "of one length"), ("scale", [0.0] * D, "scale"),
                              ("classes", ["a"], "names of 4 classes")):
        (folder / "model.json").write_text(whole)
        forge(folder / "model.json",
              lambda plain, new={name: value}: plain["preprocessing"].update(new))
        line = refused(capsys, export.main, folder, "--to", "onnx")
        assert "model.json" in line and says in line
    (folder / "best.npz").write_bytes(b"PK not a zip")
    assert "best.npz" in refused(capsys, export.main, folder, "--to", "onnx")


@pytest.mark.parametrize("package, to", [("onnx", "onnx"), ("safetensors", "safetensors")])
def test_without_the_package_the_extra_is_named(tmp_path, capsys, monkeypatch, package, to):
    folder, _, _ = make_run(tmp_path)
    for name in [package, *(each for each in sys.modules if each.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    assert '[export]"' in refused(capsys, export.main, folder, "--to", to)
    run = saved_model.load(folder)
    content = {"onnx": lambda: onnx_file.content(run.model, run.preprocessing),
               "safetensors": lambda: safetensors_file.content(run.model, run.preprocessing, "a")}
    with pytest.raises(ModuleNotFoundError, match=rf"needs the package {package}: pip install"):
        content[package]()
