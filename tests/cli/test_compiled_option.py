"""train --compiled: what is decided, told and kept, and that a run goes on as it began."""

import json
import shutil

import numpy as np
import pytest
from command_cases import refused

from flatprop.cli import train
from flatprop.runs import autosave, checkpoint
from flatprop.training import config
from solvers.compiled import blocks

NET = ["--quiet", "--hidden", "16", "--lr-schedule", "constant", "--epochs"]


@pytest.fixture
def go(capsys, tmp_path, monkeypatch):
    """A function that trains in tmp_path, with exit code 0 -> the log, what config.json keeps."""
    monkeypatch.chdir(tmp_path)

    def call(out, *options, code=0):
        place = [] if "--resume" in options else ["--out", out]
        assert train.main([*options, *place]) == code
        capsys.readouterr()
        log = (tmp_path / out / "log.txt").read_text()
        return log, json.loads((tmp_path / out / "config.json").read_text())["options"]["compiled"]
    return call


def weights(folder):
    with np.load(folder / "last.npz") as arrays:
        return arrays["theta"]


def test_a_short_run_is_not_compiled_and_says_nothing(go):
    log, kept = go("short", "--hidden", "16", "--epochs", "1", "--progress", "none")
    assert kept == "no" and "compiled" not in log


@pytest.mark.parametrize("options, words", [
    (["--norm", "layer"], "the layer layernorm has no compiled form"),
    (["--activation", "maxout"], "the layer maxout has no compiled form"),
    (["--dtype", "float64"], "float64 has no compiled form"),
    (["--compiled", "no"], "--compiled no")])
def test_a_long_run_that_is_not_compiled_says_why(go, monkeypatch, options, words):
    monkeypatch.setattr(blocks, "LEAST_SAVED", 0)
    monkeypatch.setattr(blocks, "are_there", lambda: "--compiled" in options)
    log, kept = go("long", "--hidden", "16", "--epochs", "1", "--progress", "none", *options)
    assert kept == "no" and f"training   not in compiled epochs: {words}\n" in log


def test_a_long_run_without_scipy_says_what_to_install(go, monkeypatch):
    monkeypatch.setattr(blocks, "LEAST_SAVED", 0)
    monkeypatch.setattr(blocks, "are_there", lambda: False)
    log, kept = go("long", "--hidden", "16", "--epochs", "1", "--progress", "none")
    assert kept == "no" and "numba or SciPy is missing: pip install -e" in log


def test_yes_is_refused_where_it_cannot_be(capsys, monkeypatch):
    error = refused(capsys, "train", "--compiled", "yes", "--norm", "layer", "--out", "none")
    assert "--compiled yes: the layer layernorm has no compiled form" in error
    monkeypatch.setattr(blocks, "are_there", lambda: False)
    error = refused(capsys, "train", "--compiled", "yes", "--out", "none")
    assert "--compiled yes needs numba and SciPy: pip install -e" in error


def test_a_run_of_an_older_version_goes_on_as_it_was(go, tmp_path):
    go("old", *NET, "1")
    path = tmp_path / "old" / "config.json"
    held = json.loads(path.read_text())
    del held["options"]["compiled"]
    path.write_text(json.dumps(held))
    assert config.of_run(tmp_path / "old").compiled == "no"


@pytest.fixture
def numba():
    pytest.importorskip("numba", reason="the compiled epoch needs numba, the extra [fast]")
    pytest.importorskip("scipy", reason="the compiled epoch needs SciPy, the extra [fast]")


@pytest.mark.slow
def test_a_run_that_pays_is_compiled_and_says_so(go, numba, monkeypatch):
    monkeypatch.setattr(blocks, "LEAST_SAVED", 0)
    log, kept = go("long", "--hidden", "16", "--epochs", "1", "--progress", "none")
    assert kept == "yes" and "training   in compiled epochs" in log


def test_a_run_goes_on_compiled_and_to_the_same_bits(go, numba, tmp_path):
    for folder, options in (("whole", ["4"]), ("parts", ["2"])):
        assert go(folder, *NET, *options, "--compiled", "yes", "--dropout", "0.2",
                  "--norm", "none")[1] == "yes"
    shutil.copytree(tmp_path / "parts", tmp_path / "plain")
    go("parts", "--resume", "parts", "--epochs", "4", "--quiet")
    go("plain", "--resume", "plain", "--epochs", "4", "--quiet", "--compiled", "no")
    whole, parts, plain = (weights(tmp_path / name) for name in ("whole", "parts", "plain"))
    assert np.array_equal(whole, parts) and not np.array_equal(whole, plain)
    np.testing.assert_allclose(plain, whole, atol=1e-3)


def test_checkpoints_fall_on_their_steps(go, numba, monkeypatch):
    steps, save = [], checkpoint.save

    def note(path, solver, *rest):
        steps.append(solver.steps)
        save(path, solver, *rest)
    monkeypatch.setattr(autosave.checkpoint, "save", note)
    go("often", *NET, "3", "--compiled", "yes", "--checkpoint-every", "7")
    assert steps == [0, *range(7, 60, 7), 60]           # 20 steps an epoch


def test_what_diverges_is_told_at_the_same_step(go, numba):
    told = []
    for out in ("yes", "no"):
        log, _ = go(out, *NET, "3", "--compiled", out, "--lr", "1e9", "--update-rule", "sgd",
                    code=3)
        told.append(log.replace("yes/", "no/").splitlines()[-1])
    assert told[0] == told[1] and "diverged: step" in told[0]


@pytest.mark.slow
def test_folds_are_compiled_too(go, numba, tmp_path):
    log, kept = go("folds", "--quiet", "--hidden", "16", "--epochs", "2", "--folds", "2",
                   "--compiled", "yes")
    of_fold = json.loads((tmp_path / "folds" / "fold-1" / "config.json").read_text())
    assert kept == "yes" == of_fold["options"]["compiled"]
    assert "in compiled epochs" in (tmp_path / "folds" / "fold-1" / "log.txt").read_text()
