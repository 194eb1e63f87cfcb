"""Exports of what a table is made of by default: soft numbers, indicators, bins, kept targets."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from run_cases import save_run

from data import prepare
from data.own import Raw
from flatprop.runs import predictions, saved_model
from flatprop.runs.export import onnx_file, safetensors_file
from models.by_name import build

COLUMNS = [{"name": "a", "kind": "number"}, {"name": "b", "kind": "category", "values": ["x", "y"]},
           {"name": "c", "kind": "number"}]
NEW = np.array([[0.5, 1, 0, 3], [math.nan, 0, 1, math.nan], [1e9, 0, 0, -1e9], [-2, 1, 0, 40]])


def make_run(folder, dtype):
    """An untrained regressor of a made table, in a run."""
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=60), rng.integers(0, 2, 60), np.zeros(60),
                         rng.normal(20, 5, 60)])
    x[:, 2] = 1 - x[:, 1]
    x[:9, 0] = math.nan
    raw = Raw(x, 7000 + 100 * rng.normal(size=(60, 1)), columns=COLUMNS, target="t")
    examples = prepare.parts(raw, val_fraction=0.2, test_fraction=0.2, per="robust", bin_count=4,
                             clip_targets=True, dtype=np.dtype(dtype), rng=rng)
    inputs = examples["train"][0].shape[1]
    assert inputs == 4 + 1 + 8          # raw ones, one of them missing at times, two times 4 bins
    description = {"kind": "fully_connected_net", "sizes": [inputs, 6, 1], "activation": "relu",
                   "norm": "none", "dropout": 0.0, "loss": "square", "dtype": dtype}
    model = build(description, rng=rng)
    model.theta[:] = rng.normal(0, 0.8, model.theta.size)
    save_run(folder, description, model, examples["preprocessing"])
    return saved_model.load(folder)


def values_of(saved):
    scores = saved.model.scores(saved.preprocessing.apply(NEW, saved.model.theta.dtype))
    return predictions.values(saved, scores)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_onnx_computes_what_predict_does(tmp_path, dtype):
    runtime = pytest.importorskip("onnxruntime")
    saved = make_run(tmp_path / "run", dtype)
    content = onnx_file.content(saved.model, saved.preprocessing)
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    scores = session.run(["scores"], {"x": NEW.astype(dtype)})[0]
    assert np.allclose(scores, values_of(saved), rtol=1e-6)
    fitted = saved.preprocessing
    assert (fitted.target_low <= scores).all() and (scores <= fitted.target_high).all()


@pytest.mark.slow
def test_the_code_for_pytorch_computes_what_predict_does(tmp_path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    saved, path = make_run(tmp_path / "run", "float64"), tmp_path / "m.safetensors"
    content, code = safetensors_file.content(saved.model, saved.preprocessing, path)
    path.write_bytes(content)
    rows = json.dumps(NEW.tolist())         # with NaN, as json reads it
    code += f"\nprint(json.dumps(scores(json.loads('{rows}')).tolist()))\n"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert torch and np.allclose(json.loads(answer.stdout), values_of(saved), rtol=1e-6)
