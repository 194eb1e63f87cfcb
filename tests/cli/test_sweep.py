"""flatprop train --sweep: which settings are tried, that each is once, and which is the best."""

import csv
import importlib.util
import json
import math
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused
from run_cases import wait_for

from flatprop.__main__ import main
from flatprop.cli import command_line, sweep, sweep_settings, train
from flatprop.runs import folds

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--data", "spiral", "--examples", "80", "--hidden", "4", "--epochs", "2"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def settings(text, given=None, seed=0):
    """The settings of a file with this text."""
    Path("s.toml").write_text(text, encoding="utf-8")
    return sweep_settings.read("s.toml", given or {}, seed)


def table(folder):
    """The rows of trials.csv without what differs from run to run."""
    with open(Path(folder) / "trials.csv", encoding="utf-8") as file:
        return [{name: text for name, text in row.items() if name != "seconds"}
                for row in csv.DictReader(file)]


def test_a_grid_has_each_setting_once_without_what_means_nothing_in_it():
    found = settings('update_rule = ["adam", "momentum"]\nmomentum = [0.5, 0.9]\n'
                     "reg = [0, [0.1, 0.2]]\n")
    assert found == [
        {"update_rule": "adam", "reg": 0}, {"update_rule": "adam", "reg": [0.1, 0.2]},
        {"update_rule": "momentum", "momentum": 0.5, "reg": 0},
        {"update_rule": "momentum", "momentum": 0.5, "reg": [0.1, 0.2]},
        {"update_rule": "momentum", "momentum": 0.9, "reg": 0},
        {"update_rule": "momentum", "momentum": 0.9, "reg": [0.1, 0.2]}]


@pytest.mark.slow
def test_random_settings_are_those_of_the_generator_of_the_seed():
    text = ("lr = { low = 1e-4, high = 0.1, log = true }\nbatch_size = { low = 16, high = 64 }\n"
            "dropout = { low = 0.0, high = 0.5 }\nactivation = ['relu', 'tanh']\n")
    rng, expected = np.random.default_rng(3), []
    for _ in range(20):
        lr = math.exp(rng.uniform(math.log(1e-4), math.log(0.1)))
        size, drop = int(rng.integers(16, 65)), rng.uniform(0, 0.5)
        expected.append({"lr": float(f"{lr:.4g}"), "batch_size": size,
                         "dropout": float(f"{drop:.4g}"),
                         "activation": ["relu", "tanh"][rng.integers(2)]})
    assert settings(f"trials = 20\n{text}", seed=3) == expected
    assert settings(f"trials = 5\n{text}", seed=3) == expected[:5]
    below = sum(each["lr"] < math.sqrt(1e-4 * 0.1) for each in settings(f"trials = 400\n{text}"))
    assert 160 < below < 240            # half of them, five standard deviations are 50
    assert len(settings("trials = 50\nnorm = ['none', 'batch', 'layer']\n")) == 3


def test_trials_are_what_train_gives_and_the_best_can_be_typed(capsys):
    Path("s.toml").write_text("lr = [0.001, 0.05]\nhidden = [[4], [8, 8]]\n", encoding="utf-8")
    assert main(["train", *SMALL, "--sweep", "s.toml", "--out", "sw"]) == 0
    *lines, best, typed = capsys.readouterr().out.splitlines()
    rows = table("sw")
    assert len(rows) == 4 and len(lines) == 5 and {row["state"] for row in rows} == {"done"}
    assert "the test part judges nothing" in lines[0]
    number = max(range(4), key=lambda i: (float(rows[i]["val"]), -float(rows[i]["val_loss"])))
    assert best.startswith(f"best: trial {number + 1}, in ")
    trial = Path("sw") / f"trial-{number + 1}"
    for words in (["evaluate", "sw"], ["predict", "sw", "x.csv", "-o", "-"]):
        assert (f"sw: is no run but a sweep; give one of its runs (the best: {trial})"
                in refused(capsys, *words))
    assert (f"is a file of a sweep and no run; give its runs, {Path('sw') / 'trial-*'}"
            in refused(capsys, "runs", Path("sw") / "lock", trial))
    words = shlex.split(typed)
    assert main([*words[words.index("train"):], "--out", "again", "--quiet"]) == 0
    again, trial = (folds.load(name).model.theta for name in ("again", f"sw/trial-{number + 1}"))
    np.testing.assert_array_equal(again, trial)
    capsys.readouterr()
    assert main(["runs", "sw", "--csv", "--show", "lr", "hidden"]) == 0
    listed = {row["run"]: row for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    for row in rows:
        one = listed[str(Path("sw") / f"trial-{row['trial']}")]
        assert [one[name] for name in ("lr", "hidden", "val", "val_loss")] == [
            row[name] for name in ("lr", "hidden", "val", "val_loss")]


def test_the_test_part_is_not_looked_at_for_choosing(capsys):
    """Every test label is another one in the second table, and the choice is the same."""
    rng = np.random.default_rng(0)
    x, kinds = rng.normal(size=(90, 3)), rng.integers(0, 2, 90)
    for name, y in (("a", kinds), ("b", 1 - kinds)):
        np.savez(f"{name}.npz", x_train=x[:60], y_train=kinds[:60], x_test=x[60:], y_test=y[60:])
    Path("s.toml").write_text("lr = [0.001, 0.01, 0.1]\n", encoding="utf-8")
    for name in "ab":
        assert main(["train", "--data", f"{name}.npz", "--epochs", "3", "--hidden", "4", "--sweep",
                     "s.toml", "--out", f"sweep-{name}"]) == 0
    assert table("sweep-a") == table("sweep-b")
    out = capsys.readouterr().out.splitlines()
    assert [line.split(":")[1][:8] for line in out if line.startswith("best")] == [
        out[4].split(":")[1][:8]] * 2


def test_what_diverges_or_is_refused_is_told_and_the_sweep_goes_on(capsys):
    Path("s.toml").write_text("reg = [0, [1, 2, 3]]\nlr = [0.01, 1e30]\n", encoding="utf-8")
    words = ["train", *SMALL, "--update-rule", "sgd", "--sweep", "s.toml", "--out"]
    assert main([*words, "sw"]) == 0
    assert [row["state"] for row in table("sw")] == ["done", "diverged", "refused", "refused"]
    assert "refused: --reg has 3 values for 2 weight matrices" in capsys.readouterr().out
    Path("s.toml").write_text("lr = [1e30]\n", encoding="utf-8")
    assert main([*words, "none-good"]) == 1
    assert "no setting has ended well" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.processes
def test_over_folds_the_mean_of_their_validation_results_is_compared():
    Path("s.toml").write_text("lr = [1e-7, 0.02]\n", encoding="utf-8")
    words = ["--folds", "2", "--jobs", "2", "--sweep", "s.toml", "--out", "sw"]
    assert main(["train", *SMALL, *words]) == 0
    for row in table("sw"):
        folder = Path("sw") / f"trial-{row['trial']}"
        each = [json.loads((folder / f"fold-{m}/metrics.jsonl").read_text().splitlines()[best - 1])
                for m, best in enumerate((fold["best_epoch"] for fold in json.loads(
                    (folder / "folds.json").read_text())["folds"]), 1)]
        for name in ("val_metric", "val_loss"):
            mean = (each[0][name] + each[1][name]) / 2
            assert float(row[name.removesuffix("_metric")]) == pytest.approx(mean)


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.skipif(sys.platform == "win32", reason="kills")
def test_a_sweep_that_was_killed_tries_each_setting_once(capsys):
    Path("s.toml").write_text("trials = 6\nlr = { low = 0.001, high = 0.1 }\n", encoding="utf-8")
    words = ["--data", "spiral", "--hidden", "8", "--epochs", "150", "--sweep", "s.toml", "--out"]
    process = subprocess.Popen([sys.executable, str(ROOT / "train.py"), *words, "killed"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: Path("killed/trial-3/last.npz").exists())
    process.kill()
    process.wait()
    done = [Path("killed") / f"trial-{row['trial']}" for row in table("killed") if row["state"]]
    assert 2 <= len(done) < 6
    before = {path: path.read_bytes() for folder in done for path in folder.iterdir()}
    assert main(["train", "--resume", "killed", "--quiet"]) == 0
    assert {path: path.read_bytes() for path in before} == before
    assert main(["train", *words, "whole"]) == 0
    assert table("killed") == table("whole") and len(table("whole")) == 6
    capsys.readouterr()
    assert main(["train", "--resume", "killed"]) == 0       # nothing is left to try
    assert [line[:4] for line in capsys.readouterr().out.splitlines()[:2]] == ["6 se", "best"]


@pytest.mark.parametrize("text, words, says", [
    ("lr = 3", "", "lr must be a list of values"), ("seed = [1]", "", "seed is the same for all"),
    ("learning_rate = [1]", "", "is --lr here"), ("lr = ['x']", "", "s.toml: lr: 'x' must be"),
    ("momentum = [0.5]", "", "--momentum goes with --update-rule momentum"),
    ("lr = { low = 1, high = 2 }", "", "as in trials = 20"), ("trials = 3", "", "names no option"),
    ("trials = 2\nlr = { low = 0, high = 1, log = true }", "", "low must be above 0"),
    ("trials = 2\nlr = { low = 2, high = 1 }", "", "low below high"), ("trials = 0", "", "from 1"),
    ("a = [", "", "not a TOML file"), ("lr = [1]\nreg = []", "", "reg must be a list of values"),
    (f"lr = {list(range(1, 102))}\nreg = {list(range(100))}", "", "10,100 settings is more than"),
    ("lr = [1]", "--out none", "--out none"), ("lr = [1]", "--val 0", "--val 0 does not go"),
    ("lr = [1]", "--find-rate", "--find-rate does not go with --sweep"),
    ("lr = [1]", "--layers x", "--layers does not go with --sweep"),
])
def test_what_cannot_be_swept_is_refused(capsys, text, words, says):
    Path("s.toml").write_text(text, encoding="utf-8")
    out = [] if "--out" in words else ["--out", "sw"]
    assert says in refused(capsys, "train", *SMALL, "--sweep", "s.toml", *out, *words.split())
    assert not Path("sw").exists()


def test_a_sweep_is_gone_on_with_as_it_is(capsys):
    Path("s.toml").write_text("lr = [0.01]\n", encoding="utf-8")
    assert main(["train", *SMALL, "--sweep", "s.toml", "--out", "sw"]) == 0
    assert "--resume sw goes on" in refused(capsys, "train", *SMALL, "--sweep", "s.toml", "--out",
                                            "sw") if not capsys.readouterr().err else False
    assert "--epochs does not go with --resume sw, a sweep" in refused(
        capsys, "train", "--resume", "sw", "--epochs", "9")
    file = Path("sw") / sweep.NAME
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace("0.01", "0.02"), encoding="utf-8")
    assert "was edited" in refused(capsys, "train", "--resume", "sw")
    file.write_text(content[:100], encoding="utf-8")
    assert "is damaged" in refused(capsys, "train", "--resume", "sw")


@pytest.mark.parametrize("typed", ["at the start", "with --resume"])
def test_the_progress_of_the_trials_is_shown_where_it_is_asked_for(capsys, monkeypatch, typed):
    Path("s.toml").write_text("lr = [0.01, 0.02, 0.03]\n", encoding="utf-8")
    lines, trained = ["--progress", "lines"], train.run
    assert main(["train", *SMALL, "--sweep", "s.toml", "--out", "quiet", "--quiet"]) == 0
    usual = capsys.readouterr()
    assert "epoch 1" not in usual.out + usual.err

    def stopped_in_the_second(args, *others):
        return 130 if "trial-2" in args.out else trained(args, *others)
    words = lines if typed == "at the start" else []
    with monkeypatch.context() as patched:
        patched.setattr(train, "run", stopped_in_the_second)
        assert main(["train", *SMALL, "--sweep", "s.toml", "--out", "sw", *words]) == 130
    first = capsys.readouterr().err
    assert first.count("epoch 1/2") == first.count("epoch 2/2") == len(words) / 2
    if typed == "with --resume":
        assert main(["train", "--resume", "sw", *lines]) == 0
        said = capsys.readouterr()
        assert [line.split("  ")[0] for line in said.err.splitlines()] == [
            "trial 2 of 3", f"keeping the run in {Path('sw/trial-2')}", "epoch 1/2", "epoch 2/2",
            "trial 3 of 3", f"keeping the run in {Path('sw/trial-3')}", "epoch 1/2", "epoch 2/2"]
        assert "epoch 1" not in said.out and said.out.count(" of 3  lr") == 2
        assert table("sw") == table("quiet")


def test_how_trials_are_trained_is_said_anew(capsys):
    Path("s.toml").write_text("lr = [0.01]\n", encoding="utf-8")
    Path("c.toml").write_text("progress = 'lines'\njobs = 3\n", encoding="utf-8")
    words = ["--sweep", "s.toml", "--config", "c.toml", "--checkpoint-every", "7"]
    common = {"data": ["spiral"], "model": "fully_connected_net", "folds": 2}
    how = sweep.how_to_train(command_line.typed_options(words), words, common)
    state = {"options": common, "settings": [{"lr": 0.01}]}
    args = sweep.arguments(Path("sw"), state, 1, Path("sw/trial-1"), how)
    assert (args.progress, args.jobs, args.checkpoint_every) == ("lines", 3, (7, None))
    assert not args.quiet and args.lr == 0.01
    how = sweep.how_to_train(command_line.typed_options(["--resume", "sw"]), ["--resume", "sw"],
                             common)
    args = sweep.arguments(Path("sw"), state, 1, Path("sw/trial-1"), how)
    assert (args.progress, args.jobs, args.checkpoint_every) == ("none", None, (None, 30.0))
    assert args.quiet


def test_a_way_to_train_that_cannot_be_is_refused_before_any_trial(capsys, monkeypatch):
    Path("s.toml").write_text("lr = [0.01]\n", encoding="utf-8")
    words = ["train", *SMALL, "--sweep", "s.toml", "--out", "sw"]
    assert "--jobs goes with --folds K" in refused(capsys, *words, "--jobs", "2")
    assert "does not go with --quiet" in refused(capsys, *words, "--quiet", "--progress", "lines")
    found = importlib.util.find_spec
    with monkeypatch.context() as patched:
        patched.setattr(importlib.util, "find_spec",
                        lambda name, *more: None if name == "tqdm" else found(name, *more))
        assert "--progress bar needs tqdm" in refused(capsys, *words, "--progress", "bar")
    assert not Path("sw").exists()
    assert main([*words, "--quiet"]) == 0
    before = (Path("sw") / sweep.NAME).read_bytes()
    capsys.readouterr()
    assert "--jobs goes with --folds K" in refused(capsys, "train", "--resume", "sw", "--jobs", "2")
    assert "--progress, --jobs and --checkpoint-every do" in refused(
        capsys, "train", "--resume", "sw", "--lr", "1")
    assert (Path("sw") / sweep.NAME).read_bytes() == before
