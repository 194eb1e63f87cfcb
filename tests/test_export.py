"""Exported models against the model they came from, in onnxruntime and in PyTorch."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import export
from data.preprocessing import Preprocessing
from layers import batchnorm, layernorm
from layers.by_name import ACTIVATIONS
from models.build import build
from saving import saved_model

ROOT = Path(__file__).resolve().parent.parent
D, C = 5, 4
KINDS = [("none", "float32"), ("batch", "float32"), ("layer", "float32"), ("batch", "float64")]
TOLERANCE = {"float32": 1e-5, "float64": 1e-9}      # ONNX keeps batchnorm's eps in float32
INPUTS = np.random.default_rng(3).uniform(0, 255, (9, D)).astype(np.float32)


def make_run(folder, classes=("a", "b", "c", "d"), columns=None, **description):
    """A run directory of an untrained network with scattered weights and statistics."""
    description = {"kind": "fully_connected", "sizes": [D, 6, 7, C], "activation": "relu",
                   "norm": "none", "dropout": 0.2, "loss": "softmax", "dtype": "float32",
                   **description}
    rng = np.random.default_rng(0)
    model = build(description, rng=rng)
    model.theta[:] = rng.normal(0, 0.8, model.theta.size)
    model.statistics[:] = rng.uniform(0.3, 2, model.statistics.size)
    fitted = Preprocessing(rng.uniform(80, 140, D), rng.uniform(30, 90, D), columns,
                           None if classes is None else list(classes), "kind")
    folder.mkdir(exist_ok=True)
    plain = saved_model.describe(description, fitted)
    (folder / "model.json").write_text(json.dumps(plain))
    for which in ("best", "last"):
        np.savez(folder / f"{which}.npz", theta=model.theta, statistics=model.statistics)
    return folder, model, fitted


def scores_of(model, fitted, raw=INPUTS):
    return model.scores(fitted.apply(raw, model.theta.dtype))


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


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


def to_torch(folder, capsys, *options):
    """What the printed code defines once it has run."""
    pytest.importorskip("safetensors")
    pytest.importorskip("torch")
    capsys.readouterr()
    assert export.main([str(folder), "--to", "safetensors", *options]) == 0
    code = capsys.readouterr().out
    names = {}
    exec(compile(code, "printed", "exec"), names)
    return names


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


@pytest.mark.parametrize("norm, dtype", KINDS)
@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "maxout"])
def test_the_printed_pytorch_code_gives_the_models_scores(
        tmp_path, capsys, activation, norm, dtype):
    folder, model, fitted = make_run(tmp_path, activation=activation, norm=norm, dtype=dtype)
    found = to_torch(folder, capsys)["scores"](INPUTS).numpy()
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(found, scores_of(model, fitted), rtol=tolerance, atol=tolerance)
    assert found.dtype == dtype


@pytest.mark.parametrize("kind, sizes, loss", [
    ("linear", [D, C], "svm"), ("two_layer", [D, 8, C], "softmax"),
    ("two_layer_regressor", [D, 8, C], "square"), ("fully_connected", [D, C], "softmax"),
])
def test_every_kind_of_model(tmp_path, capsys, kind, sizes, loss):
    classes = None if loss == "square" else "abcd"
    folder, model, fitted = make_run(tmp_path, kind=kind, sizes=sizes, loss=loss, classes=classes)
    expected = scores_of(model, fitted)
    found = run_onnx(to_onnx(folder))
    np.testing.assert_allclose(found["scores"], expected, rtol=1e-5, atol=1e-5)
    assert ("probabilities" in found) == (loss == "softmax")    # scores of an SVM are none
    found = to_torch(folder, capsys)["scores"](INPUTS).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_one_logit_becomes_two_probabilities(tmp_path):
    folder, model, fitted = make_run(tmp_path, sizes=[D, 6, 1], loss="logistic", classes="ab")
    found = run_onnx(to_onnx(folder))
    second = 1 / (1 + np.exp(-scores_of(model, fitted)))
    np.testing.assert_allclose(found["probabilities"], np.hstack([1 - second, second]), atol=1e-6)


def test_the_batch_is_free_and_the_file_is_sound(tmp_path):
    onnx = pytest.importorskip("onnx")
    folder, model, fitted = make_run(tmp_path, norm="batch")
    path = to_onnx(folder)
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


def test_empty_cells_of_a_table_count_as_the_mean(tmp_path, capsys):
    columns = [{"name": f"column {i}", "kind": "number"} for i in range(D)]
    folder, model, fitted = make_run(tmp_path, columns=columns)
    raw = INPUTS.copy()
    raw[0, 1] = raw[3, 4] = np.nan
    expected = scores_of(model, fitted, raw)
    found = run_onnx(to_onnx(folder), raw)["scores"]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    found = to_torch(folder, capsys)["scores"](raw).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_safetensors_names_shapes_and_metadata(tmp_path):
    pytest.importorskip("safetensors")
    from safetensors import safe_open

    folder, model, fitted = make_run(tmp_path, sizes=[D, 6, C], norm="batch")
    file = tmp_path / "other.safetensors"
    assert export.main([str(folder), "--to", "safetensors", "-o", str(file)]) == 0
    with safe_open(file, "np") as opened:
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        metadata = opened.metadata()
    assert set(arrays) == {"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean",
                           "1.running_var", "1.num_batches_tracked", "3.weight", "3.bias"}
    np.testing.assert_array_equal(arrays["0.weight"], model.params["W1"].T)
    np.testing.assert_array_equal(arrays["1.weight"], model.params["gamma1"])
    np.testing.assert_array_equal(arrays["1.running_var"], model.running["var1"])
    assert json.loads(metadata["preprocessing"])["mean"] == fitted.mean.tolist()
    assert "nn.BatchNorm1d(6),\n    nn.ReLU(),\n    nn.Linear(6, 4)," in metadata["torch"]


def test_eps_is_pytorchs():
    nn = pytest.importorskip("torch").nn
    for layer, theirs in ((batchnorm, nn.BatchNorm1d(2)), (layernorm, nn.LayerNorm(2))):
        assert inspect.signature(layer.forward).parameters["eps"].default == theirs.eps


def test_best_and_last_weights(tmp_path):
    folder, model, fitted = make_run(tmp_path)
    np.savez(folder / "last.npz", theta=model.theta * 2, statistics=model.statistics)
    best = run_onnx(to_onnx(folder))["scores"]
    last = run_onnx(to_onnx(folder, "--which", "last"))["scores"]
    model.theta *= 2
    np.testing.assert_allclose(last, scores_of(model, fitted), rtol=1e-5, atol=1e-4)
    assert np.abs(last - best).max() > 1


def refused(capsys, *options):
    """The one line of a command that must fail as the user's error."""
    capsys.readouterr()
    assert export.main([str(option) for option in options]) == 2
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == ""
    assert len(lines) == 1 and lines[0].startswith("export.py: error: "), captured.err
    return lines[0]


def test_user_errors_are_one_line(tmp_path, capsys):
    pytest.importorskip("safetensors")
    pytest.importorskip("onnx")
    folder, _, _ = make_run(tmp_path / "run", activation="maxout")
    assert "maxout" in refused(capsys, folder, "--to", "safetensors")
    assert not list(folder.glob("*.safetensors"))
    assert "missing" in refused(capsys, tmp_path / "missing", "--to", "onnx")
    assert "nowhere" in refused(capsys, folder, "--to", "onnx", "-o", tmp_path / "nowhere" / "m")
    assert "-o" in refused(capsys, folder, "--to", "onnx", "-o", tmp_path)
    plain = json.loads((folder / "model.json").read_text())
    for name, value in (("mean", [1.0, 2.0]), ("scale", [0.0] * D), ("classes", ["a"])):
        forged = plain | {"preprocessing": plain["preprocessing"] | {name: value}}
        (folder / "model.json").write_text(json.dumps(forged))
        assert "model.json" in refused(capsys, folder, "--to", "onnx")
    (folder / "best.npz").write_bytes(b"PK not a zip")
    assert "best.npz" in refused(capsys, folder, "--to", "onnx")


@pytest.mark.parametrize("package, to", [("onnx", "onnx"), ("safetensors", "safetensors")])
def test_without_the_package_the_extra_is_named(tmp_path, capsys, monkeypatch, package, to):
    folder, _, _ = make_run(tmp_path)
    for name in [package, *(each for each in sys.modules if each.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    assert 'pip install "flatprop[export]"' in refused(capsys, folder, "--to", to)


def test_as_a_command(tmp_path):
    pytest.importorskip("onnx")
    folder, _, _ = make_run(tmp_path / "run")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(ROOT / "export.py"), "run", "--to", "onnx"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "x (N, 5) float32" in done.stdout
    wrong = subprocess.run([*command[:-1], "onxn"], cwd=tmp_path, capture_output=True, text=True,
                           env=environment)
    assert wrong.returncode == 2
    assert "Did you mean onnx?" in wrong.stderr
