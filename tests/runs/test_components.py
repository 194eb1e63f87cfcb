"""A run with --pca: predicted, evaluated, gone on with, exported and reported."""

import importlib.util
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused
from run_cases import forge

from flatprop.__main__ import main
from flatprop.runs import folds, saved_model
from flatprop.runs.export import onnx_file, safetensors_file

WORDS = ["train", "--data", "t.csv", "--pca", "3", "--epochs", "3", "--test", "0.2", "--quiet",
         "--dtype", "float64", "--bins", "0"]
RAW = np.array([[0.5, 0, 1, 0, 1.5, 0.5], [math.nan, 1, 0, 0, -2, 3.0]])       # a, b g r, c, d
NAMES = ["one", "two"]


@pytest.fixture(scope="module", autouse=True)
def runs(tmp_path_factory):
    """In a folder with a table, t.csv, runs of it: of one network, and of two folds."""
    folder, rng = tmp_path_factory.mktemp("components"), np.random.default_rng(0)
    lines = ["a,colour,c,d,kind"]
    for i in range(90):
        a, d = rng.normal(size=2)
        lines.append(f"{'' if i % 9 == 0 else a},{'rgb'[i % 3]},{2 * a + d},{d},{'yn'[int(a > d)]}")
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    (folder / "new.csv").write_text("a,colour,c,d\n0.5,g,1.5,0.5\n,b,-2,3\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, more in zip(NAMES, (["--folds", "0"], ["--folds", "2", "--jobs", "1"]),
                              strict=True):
            assert main([*WORDS, *more, "--out", name]) == 0
        yield


def members(name):
    return folds.members_of(folds.load(Path(name)))


def probabilities(saved):
    """Of a member for RAW, its components written out."""
    fitted = saved.preprocessing
    before = fitted.without_components.apply(RAW, np.float64)
    assert before.shape == (2, 7) and fitted.components.shape == (7, 3)     # with an indicator
    scores = np.exp(saved.model.scores((before - fitted.center) @ fitted.components))
    return scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_predicted_and_evaluated_with(capsys, name):
    assert main(["predict", name, "new.csv", "-o", "-"]) == 0
    found = np.array([row[1:] for row in map(str.split, predicted_rows(capsys))], float)
    expected = np.mean([probabilities(each) for each in members(name)], axis=0)
    assert np.allclose(found, expected, atol=1e-5)
    assert main(["evaluate", name]) == 0
    if importlib.util.find_spec("matplotlib"):
        assert main(["report", name, "-o", f"{name}.html"]) == 0
    assert main(["report", name, "--card"]) == 0


def predicted_rows(capsys):
    """The rows of a CSV that was printed, with blanks between cells."""
    return capsys.readouterr().out.replace(",", " ").splitlines()[1:]


def test_a_run_goes_on_with_the_same_ones():
    assert main([*WORDS, "--folds", "0", "--epochs", "5", "--out", "five", "--lr-schedule",
                 "constant"]) == 0
    assert main([*WORDS, "--folds", "0", "--epochs", "2", "--out", "more", "--lr-schedule",
                 "constant"]) == 0
    assert main(["train", "--resume", "more", "--epochs", "5", "--quiet"]) == 0
    five, more = (saved_model.load(name, "last") for name in ("five", "more"))
    assert np.array_equal(five.model.theta, more.model.theta)


@pytest.mark.parametrize("name", NAMES)
def test_onnx_computes_what_predict_does(name):
    runtime = pytest.importorskip("onnxruntime")
    found = members(name)
    content = (onnx_file.content_of_folds(found) if len(found) > 1 else
               onnx_file.content(found[0].model, found[0].preprocessing))
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answer = session.run(["probabilities"], {"x": RAW})[0]
    assert np.allclose(answer, np.mean([probabilities(each) for each in found], axis=0), rtol=1e-9)


@pytest.mark.slow
def test_the_code_for_pytorch_computes_what_predict_does(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    (saved,), path = members("one"), tmp_path / "m.safetensors"
    content, code = safetensors_file.content(saved.model, saved.preprocessing, path)
    path.write_bytes(content)
    code += f"\nrows = json.loads('{json.dumps(RAW.tolist())}')"
    code += "\nprint(json.dumps(scores(rows).softmax(1).tolist()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert np.allclose(json.loads(done.stdout), probabilities(saved), rtol=1e-9)
    _, of_folds = safetensors_file.content_of_folds(members("two"), path)
    compile(of_folds, "code", "exec")
    assert of_folds.count("x = (x - center) @ components") == 1 and "fitted[name]" in of_folds


def test_a_report_traces_weights_to_the_columns():
    pytest.importorskip("matplotlib")
    from flatprop.runs.report import record, weights
    held = record.read(Path("one"))
    saved = held.saved
    W = saved.model.params["W1"]
    names, norms = weights.by_column(held, W)
    through = saved.preprocessing.components @ W        # (7, H): a, b, g, r, c, d, missing a
    groups = [[0, 6], [1, 2, 3], [4], [5]]
    assert names == ["a", "colour", "c", "d"]
    np.testing.assert_allclose(norms, [np.linalg.norm(through[group]) for group in groups])
    assert held.image_shape is None


def test_what_cannot_be_is_refused(capsys):
    assert "(--pca)" in refused(capsys, "evaluate", "one", "--importance")
    assert "varies in" in refused(capsys, *WORDS[:3], "--pca", "9", "--folds", "0", "--bins", "0")
    assert "--pca with a smaller number" in refused(
        capsys, *WORDS[:3], "--pca", "9", "--folds", "0", "--bins", "0")
    assert "without --pca" in refused(capsys, "train", "--pca", "3", "--augment", "shift=1")


def test_a_forged_width_is_refused(capsys):
    def narrow(plain):
        plain["preprocessing"]["components"] = [
            row[:2] for row in plain["preprocessing"]["components"]]
    assert main([*WORDS, "--folds", "0", "--out", "forged"]) == 0
    forge(Path("forged/model.json"), narrow)
    capsys.readouterr()
    assert "2 principal components, the network has 3" in refused(
        capsys, "predict", "forged", "new.csv", "-o", "-")
