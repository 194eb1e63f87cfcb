"""train --model FILE.py:CLASS: it trains as a model of the project does, its code is run where the
command line names it and nowhere else, and a file that has changed is told.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused

from flatprop.__main__ import main
from flatprop.runs import saved_model
from flatprop.training import own_model

MINE = """
from pathlib import Path

from layers import affine, relu, softmax_loss
from models import parameters
from models.initialization import he

Path("was-run").touch()


class Mine(parameters.Copyable):
    loss_layer = softmax_loss

    def __init__(self, inputs, hidden, classes, rng, dtype):
        self.shapes = {"W1": (inputs, hidden), "W2": (hidden, classes),
                       "b1": (hidden,), "b2": (classes,)}
        self.weights = ["W1", "W2"]
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        for name in self.weights:
            self.params[name][:] = he(rng, *self.shapes[name])

    def scores(self, x):
        p = self.params
        return relu.forward(x @ p["W1"] + p["b1"])[0] @ p["W2"] + p["b2"]

    def loss(self, x, y):
        p = self.params
        hidden, hidden_cache = affine.forward(x, p["W1"], p["b1"])
        active, active_cache = relu.forward(hidden)
        scores, scores_cache = affine.forward(active, p["W2"], p["b2"])
        loss, loss_cache = softmax_loss.forward(scores, y)
        dactive, dW2, db2 = affine.backward(softmax_loss.backward(1.0, loss_cache), scores_cache)
        dhidden = relu.backward(dactive, active_cache)
        _, dW1, db1 = affine.backward(dhidden, hidden_cache, need_dx=False)
        return loss, {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}
"""
SMALL = ["train", "--data", "spiral", "--examples", "90", "--hidden", "6", "--epochs", "3",
         "--lr-schedule", "constant", "--quiet", "--out"]
OWN = ["--model", "mine.py:Mine"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own_model.RUN_FILES.clear()
    Path("mine.py").write_text(MINE, encoding="utf-8")


def weights(run, name="last"):
    """theta of a checkpoint, by the names of TwoLayerNet."""
    with np.load(Path(run) / f"{name}.npz") as file:
        return file["theta"]


def test_it_is_trained_as_the_same_net_of_the_project_to_the_bit(capsys):
    assert main([*SMALL, "own", *OWN]) == 0
    own = capsys.readouterr().out
    assert main([*SMALL, "ours", "--model", "two_layer_net"]) == 0
    assert capsys.readouterr().out == own
    ours = saved_model.load("ours").model
    theirs = own_model.make("mine.py:Mine", [2, 6, 3], np.random.default_rng(0), "float32")
    theirs.theta[:] = weights("own", "best")
    for name, array in ours.params.items():
        np.testing.assert_array_equal(theirs.params[name], array)
    assert main(["evaluate", "own", *OWN]) == 0
    shown = capsys.readouterr().out.splitlines()[1:]
    assert main(["evaluate", "ours"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == shown


@pytest.mark.parametrize("words", [
    "evaluate own", "predict own x.npy -o p.csv", "export own --to safetensors",
    "report own", "train --resume own", "train --config own.toml --out b",
])
def test_code_is_run_where_the_command_line_names_it_alone(capsys, words):
    assert main([*SMALL, "own", *OWN]) == 0
    np.save("x.npy", np.zeros((2, 2)))
    Path("own.toml").write_text('data = "spiral"\nmodel = "mine.py:Mine"\n', encoding="utf-8")
    own_model.RUN_FILES.clear()
    Path("was-run").unlink()
    if words.startswith("report"):
        pytest.importorskip("matplotlib")
    capsys.readouterr()
    line = refused(capsys, *words.split())
    assert "code is only run if the command line says so: add --model mine.py:Mine" in line
    assert not Path("was-run").exists()
    code = main([*words.split(), *OWN])
    shown = capsys.readouterr()
    assert Path("was-run").exists()
    assert code == 0 or "Mine has no chain: an export needs" in shown.err or "pip" in shown.err


def test_a_file_that_has_changed_is_told(capsys):
    assert main([*SMALL, "own", *OWN]) == 0
    before = weights("own")
    capsys.readouterr()
    Path("mine.py").write_text(MINE + "# more\n", encoding="utf-8")
    for words in (["evaluate", "own"], ["train", "--resume", "own", "--epochs", "5"]):
        assert "mine.py: has changed since the run was trained with it; put it back" in refused(
            capsys, *words, *OWN)
        np.testing.assert_array_equal(weights("own"), before)
    assert main(["evaluate", "own", *OWN, "--accept-changes"]) == 0
    assert "warning: mine.py: has changed" in capsys.readouterr().err
    words = ["train", "--resume", "own", "--epochs", "5", "--quiet", *OWN]
    assert main([*words, "--accept-changes"]) == 0
    assert "warning: mine.py: has changed" in capsys.readouterr().err
    assert main(["evaluate", "own", *OWN]) == 0             # it is asked for once
    shutil.copy("mine.py", "moved.py")
    assert main(["evaluate", "own", "--model", "moved.py:Mine"]) == 0


def test_it_is_gone_on_with_as_if_it_had_never_stopped(capsys):
    assert main([*SMALL, "short", *OWN]) == 0
    assert main(["train", "--resume", "short", "--epochs", "6", "--quiet", *OWN]) == 0
    assert main([*SMALL, "long", *OWN, "--epochs", "6"]) == 0
    np.testing.assert_array_equal(weights("short"), weights("long"))


@pytest.mark.slow
@pytest.mark.processes
def test_folds_and_sweeps_take_it(capsys):
    assert main([*SMALL, "ours", "--model", "two_layer_net", "--folds", "2"]) == 0
    ours = capsys.readouterr().out
    assert main([*SMALL, "own", *OWN, "--folds", "2"]) == 0
    assert capsys.readouterr().out == ours
    Path("s.toml").write_text("lr = [0.01, 0.02]\n", encoding="utf-8")
    assert main([*SMALL, "sw", *OWN, "--sweep", "s.toml"]) == 0
    assert "--model mine.py:Mine" in capsys.readouterr().out.splitlines()[-1]
    assert "add --model mine.py:Mine" in refused(capsys, "train", "--resume", "sw")
    assert main(["train", "--resume", "sw", *OWN]) == 0


@pytest.mark.parametrize("change, words, says", [
    ("", "mine.py:Other", "mine.py: has no class Other; it has Mine"),
    ("", "mine.py", "must name a class in the file too, as in mine.py:CLASS"),
    ("", "none.py:Mine", "none.py: does not exist"),
    ("", "mine.py:Mine --hidden 3 4", "cannot be called as Mine(inputs, HIDDEN, HIDDEN, outputs"),
    ("", "mine.py:Mine --sanity", "--sanity does not go with --model mine.py:Mine"),
    ("", "mine.py:Mine --init he", "a class of your own draws its weights itself"),
    ("", "mine.py:Mine --norm batch", "--norm goes with --model fully_connected_net"),
    ("", "mine.py:Mine --loss svm", "whose loss_layer is softmax_loss"),
    ("", "mine.py:Mine --data wave", "--loss softmax does not fit --data wave"),
    ("def scores(self, x): -> def scores(self, x)", "mine.py:Mine", "cannot be imported"),
    ("rng, dtype): -> dtype):", "mine.py:Mine", "rng"),
    ("(self.shapes, dtype) -> (self.shapes, 'float64')", "mine.py:Mine", "theta of float64"),
    ('= ["W1", "W2"] -> = []', "mine.py:Mine --reg 0.1 0.2", "--reg has 2 values for 0"),
    ('loss_layer = softmax_loss -> x = 1', "mine.py:Mine", "Mine has no loss_layer, and the"),
    ('he(rng, *self.shapes[name]) -> 1 / 0', "mine.py:Mine", "ZeroDivisionError"),
])
def test_what_cannot_be_trained_is_refused(capsys, change, words, says):
    if change:
        old, _, new = change.partition(" -> ")
        assert old in MINE
        Path("mine.py").write_text(MINE.replace(old, new), encoding="utf-8")
    assert says in refused(capsys, *SMALL, "own", "--model", *words.split())


def test_what_its_code_raises_in_training_is_told_with_its_line(capsys):
    Path("mine.py").write_text(MINE.replace("loss, loss_cache = softmax_loss.forward(scores, y)",
                                            "loss, loss_cache = scores.no_such_thing"), "utf-8")
    assert main([*SMALL, "own", *OWN]) == 1
    assert "error: your mine.py line 31, 'loss, loss_cache = scores.no_such_thing'" in (
        capsys.readouterr().err)


@pytest.mark.parametrize("folds", ["0", "2"])
def test_what_the_solver_cannot_use_is_told_in_one_line(capfd, folds):
    Path("mine.py").write_text(MINE.replace('"W1": dW1', '"W1": dW1.T'), "utf-8")
    assert main([*SMALL, "own", *OWN, "--folds", folds]) == 1
    shown = capfd.readouterr().err
    assert "Mine.loss gives a gradient of shape (6, 2) for W1, which has (2, 6)\n" in shown
    assert "Traceback" not in shown and "is lost" not in shown


def test_of_a_run_of_the_projects_models_it_is_refused(capsys):
    assert main([*SMALL, "ours"]) == 0
    capsys.readouterr()
    assert "was trained with a model of flatprop's own" in refused(capsys, "evaluate", "ours", *OWN)
    assert "--model mine.py:Mine does not go with --resume ours" in refused(
        capsys, "train", "--resume", "ours", *OWN)
    assert not Path("was-run").exists() and "mine" not in sys.modules
