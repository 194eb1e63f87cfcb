"""flatprop export to safetensors: the printed code in PyTorch, against the models' own scores."""

import inspect
import json

import numpy as np
import pytest
from export_cases import INPUTS, KINDS, MODELS, TOLERANCE, C, D, make_run, scores_of

from flatprop import __version__
from flatprop.cli import export
from layers import batchnorm, layernorm
from layers.by_name import ACTIVATIONS


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
def test_the_printed_pytorch_code_gives_the_models_scores(
        tmp_path, capsys, activation, norm, dtype):
    folder, model, fitted = make_run(tmp_path, activation=activation, norm=norm, dtype=dtype)
    names = to_torch(folder, capsys)
    found, scores = names["scores"](INPUTS).numpy(), scores_of(model, fitted)
    np.testing.assert_allclose(found, scores, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert found.dtype == dtype
    assert names["labels"](INPUTS) == ["abcd"[place] for place in scores.argmax(1)]


@pytest.mark.parametrize("pieces", [1, 3])
def test_the_pieces_of_maxout(tmp_path, capsys, pieces):
    folder, model, fitted = make_run(tmp_path, activation="maxout", norm="batch", pieces=pieces)
    found = to_torch(folder, capsys)["scores"](INPUTS).numpy()
    np.testing.assert_allclose(found, scores_of(model, fitted), rtol=1e-5, atol=1e-5)


def test_a_logit_has_two_labels(tmp_path, capsys):
    folder, model, fitted = make_run(tmp_path, sizes=[D, 6, 1], loss="logistic", classes="ab")
    expected = ["ab"[int(score > 0)] for score in scores_of(model, fitted)[:, 0]]
    assert {*expected} == {"a", "b"}
    assert to_torch(folder, capsys)["labels"](INPUTS) == expected


@pytest.mark.parametrize("kind, sizes, loss", MODELS)
def test_every_kind_of_model(tmp_path, capsys, kind, sizes, loss):
    classes = None if loss == "square" else "abcd"
    folder, model, fitted = make_run(tmp_path, kind=kind, sizes=sizes, loss=loss, classes=classes)
    found = to_torch(folder, capsys)["scores"](INPUTS).numpy()
    np.testing.assert_allclose(found, scores_of(model, fitted), rtol=1e-5, atol=1e-5)


def test_empty_cells_of_a_table_count_as_the_mean(tmp_path, capsys):
    columns = [{"name": f"column {i}", "kind": "number"} for i in range(D)]
    folder, model, fitted = make_run(tmp_path, columns=columns)
    raw = INPUTS.copy()
    raw[0, 1] = raw[3, 4] = np.nan
    found = to_torch(folder, capsys)["scores"](raw).numpy()
    np.testing.assert_allclose(found, scores_of(model, fitted, raw), rtol=1e-5, atol=1e-5)


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
    assert metadata["flatprop"] == __version__
    assert "nn.BatchNorm1d(6),\n    nn.ReLU(),\n    nn.Linear(6, 4)," in metadata["torch"]


def test_eps_is_pytorchs():
    nn = pytest.importorskip("torch").nn
    for layer, theirs in ((batchnorm, nn.BatchNorm1d(2)), (layernorm, nn.LayerNorm(2))):
        assert inspect.signature(layer.forward).parameters["eps"].default == theirs.eps
