"""A regression must not depend on the unit of its targets, from the file to every prediction."""

import json

import numpy as np
import pytest

from flatprop.cli import evaluate, export, predict, train

X = np.random.default_rng(0).normal(size=(1000, 2))
PLAIN = 3 + X[:, 0] + X[:, 1] / 2


def r2(y, predicted):
    return 1 - ((predicted - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def printed_r2(text):
    return float(next(line for line in text.splitlines() if line.startswith("test R^2"))[9:])


def train_on(folder, x, y, *words):
    np.savez(folder / "data.npz", x=x, y=y)
    return train.main(["--data", str(folder / "data.npz"), "--task", "regression", "--epochs", "20",
                       "--hidden", "64", "64", "--out", str(folder / "run"), "--quiet", *words])


@pytest.mark.parametrize("unit", [1e-9, 1, 1e9])
def test_the_unit_of_the_targets_changes_nothing(tmp_path, capsys, unit):
    y = unit * PLAIN
    assert train_on(tmp_path, X, y) == 0
    assert printed_r2(capsys.readouterr().out) > 0.998

    np.save(tmp_path / "x.npy", X)
    run, out = str(tmp_path / "run"), str(tmp_path / "out.npy")
    assert predict.main([run, str(tmp_path / "x.npy"), "-o", out]) == 0
    predicted = np.load(out)[:, 0]
    expected = r2(y, predicted)
    assert expected > 0.998

    capsys.readouterr()
    assert evaluate.main([run, "--data", str(tmp_path / "data.npz"), "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert scored["r2"] == pytest.approx(expected, abs=1e-5)
    assert scored["mean_absolute_error"] == pytest.approx(np.abs(predicted - y).mean(), rel=1e-4)
    assert scored["loss_in_unit"] == pytest.approx(0.5 * ((predicted - y) ** 2).mean(), rel=1e-4)


def test_targets_of_different_size_are_both_learned(tmp_path, capsys):
    y = np.stack([1e6 * PLAIN, 1e-3 * X[:, 0]], axis=1)
    assert train_on(tmp_path, X, y) == 0
    assert printed_r2(capsys.readouterr().out) > 0.99       # the mean over both


def test_a_large_mean_costs_no_digits(tmp_path, capsys):
    assert train_on(tmp_path, X, 1.7e9 + PLAIN) == 0        # seconds since 1970, say
    assert printed_r2(capsys.readouterr().out) > 0.99
    np.save(tmp_path / "x.npy", X)
    assert predict.main([str(tmp_path / "run"), str(tmp_path / "x.npy"), "-o",
                         str(tmp_path / "out.npy")]) == 0
    assert r2(1.7e9 + PLAIN, np.load(tmp_path / "out.npy")[:, 0]) > 0.99


def test_targets_as_they_are(tmp_path, capsys):
    assert train_on(tmp_path, X, PLAIN, "--targets", "as_they_are") == 0
    assert "in the unit" not in capsys.readouterr().out
    held = json.loads((tmp_path / "run" / "model.json").read_text())["preprocessing"]
    assert "target_mean" not in held


def test_targets_that_overflow_are_refused(tmp_path, capsys):
    assert train_on(tmp_path, X, 1e300 * PLAIN) == 2
    assert "targets are too large" in capsys.readouterr().err


@pytest.mark.slow
def test_exports_predict_in_the_unit(tmp_path, capsys):
    assert train_on(tmp_path, X, 1e6 * PLAIN) == 0
    np.save(tmp_path / "x.npy", X)
    run, out = str(tmp_path / "run"), str(tmp_path / "out.npy")
    assert predict.main([run, str(tmp_path / "x.npy"), "-o", out]) == 0
    expected, raw = np.load(out), X.astype(np.float32)
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    assert export.main([run, "--to", "onnx", "-o", str(tmp_path / "m.onnx")]) == 0
    session = runtime.InferenceSession(str(tmp_path / "m.onnx"))
    assert session.get_outputs()[0].type == "tensor(double)"
    assert ") float64, in the unit of the targets" in capsys.readouterr().out
    np.testing.assert_allclose(session.run(["scores"], {"x": raw})[0], expected, rtol=1e-4,
                               atol=10)

    pytest.importorskip("safetensors")
    pytest.importorskip("torch")
    capsys.readouterr()
    assert export.main([run, "--to", "safetensors", "-o", str(tmp_path / "m.safetensors")]) == 0
    names = {}
    exec(compile(capsys.readouterr().out, "printed", "exec"), names)
    np.testing.assert_allclose(names["scores"](raw).numpy(), expected, rtol=1e-4)


@pytest.mark.slow
def test_the_unit_changes_nothing_of_a_table_up_to_the_exported_graph(tmp_path, monkeypatch):
    """With all that is the default of tables: bins, clipped targets, an average of folds."""
    runtime = pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    found = []
    for unit in (1e-9, 1, 1e9):
        with open("t.csv", "w", encoding="utf-8") as file:
            file.writelines(f"{a!r},{b!r},{y!r}\n" for (a, b), y in
                            zip(X[:300].tolist(), (unit * PLAIN[:300]).tolist(), strict=True))
        assert train.main(["--data", "t.csv", "--folds", "3", "--jobs", "1", "--epochs", "15",
                           "--out", "run", "--overwrite", "--quiet"]) == 0
        assert export.main(["run", "--to", "onnx", "-o", "m.onnx"]) == 0
        session = runtime.InferenceSession("m.onnx", providers=["CPUExecutionProvider"])
        row = {"column 1": X[:, :1], "column 2": X[:, 1:]}
        predicted = session.run(["prediction"], row)[0][:, 0]
        found.append((json.loads((tmp_path / "run/test.json").read_text())["r2"],
                      r2(unit * PLAIN, predicted)))
    assert np.ptp(found, axis=0).max() < 1e-3 and np.min(found) > 0.9
