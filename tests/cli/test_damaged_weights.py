"""Weights that are no numbers, and files of a run of another form: refused by every command."""

import shutil

import numpy as np
import pytest
from run_cases import make_run, refused

from flatprop.cli import evaluate, export, predict, report, train

COMMANDS = {"evaluate": (evaluate, "--data", "new.npz"),
            "predict": (predict, "new.npz", "-o", "p.csv"),
            "export": (export, "--to", "safetensors"), "onnx": (export, "--to", "onnx"),
            "report": (report, "-o", "r.html")}
NEEDS = {"export": "safetensors", "onnx": "onnx", "report": "matplotlib"}
WORDS = ["--data", "moons", "--hidden", "4", "--epochs", "2", "--norm", "batch", "--quiet"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run that has batchnorm."""
    folder = tmp_path_factory.mktemp("damaged") / "run"
    assert train.main([*WORDS, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def run(trained, tmp_path, monkeypatch):
    """A copy of it, and the inputs new.npz, in the current folder."""
    monkeypatch.chdir(tmp_path)
    np.savez("new.npz", x=np.zeros((2, 2)), y=np.array([0, 1]))
    return shutil.copytree(trained, tmp_path / "run")


def change(path, name, value):
    with np.load(path) as file:
        arrays = dict(file)
    arrays[name] = arrays[name].copy()
    arrays[name][-1] = value
    np.savez(path, **arrays)


@pytest.mark.parametrize("command", COMMANDS)
def test_weights_that_cannot_be(run, capsys, command):
    pytest.importorskip(NEEDS.get(command, "numpy"))
    module, *words = COMMANDS[command]
    for name, value, says in (("theta", np.nan, "1 of the 30 weights are no finite numbers"),
                              ("theta", -np.inf, "1 of the 30 weights"),
                              ("statistics", np.inf, "1 of the 8 running statistics are no"),
                              ("statistics", -1e-9, "a running variance, var1, is below 0")):
        shutil.copy(run / "last.npz", run / "best.npz")
        change(run / "best.npz", name, value)
        assert f"run/best.npz: {says}" in refused(capsys, module.main, "run", *words)


def test_resume(run, capsys):
    change(run / "last.npz", "theta", np.nan)
    line = refused(capsys, train.main, "--resume", "run", "--epochs", "3")
    assert "run/last.npz: 1 of the 30 weights are no finite numbers: it is damaged" in line


@pytest.mark.parametrize("content", ["[1]", "null", "3", '"text"'])
def test_an_environment_of_another_type(run, capsys, content):
    pytest.importorskip("matplotlib")
    (run / "environment.json").write_text(content)
    for main, *words in ((train.main, "--resume", "run", "--epochs", "3"), (evaluate.main, "run"),
                         (report.main, "run")):
        line = refused(capsys, main, *words)
        assert "run/environment.json: must hold names with values" in line


def test_a_model_without_statistics_is_looked_at_too(tmp_path, capsys):
    make_run(tmp_path / "run")
    change(tmp_path / "run" / "best.npz", "theta", np.nan)
    np.save(tmp_path / "x.npy", np.zeros((2, 3)))
    assert "1 of the 16 weights" in refused(capsys, predict.main, tmp_path / "run",
                                            tmp_path / "x.npy", "-o", tmp_path / "p.csv")
