"""Stopped anywhere and gone on with, a run ends as if it had never been stopped."""

import errno
import hashlib
import json
import math

import numpy as np
import pytest
from kill_and_resume import check_files, trial
from run_cases import forge_checkpoint, outcome, solver_with, train_until

from data.errors import DataError
from flatprop import system
from flatprop.cli import train
from flatprop.runs import checkpoint
from layers import batchnorm
from models.fully_connected_net import FullyConnectedNet
from solvers.by_name import UPDATE_RULES
from solvers.update_rules.adam import Adam
from solvers.update_rules.sgd import Sgd

# An entry of history as it is to be.
ENTRY = {"epoch": 1, "train_loss": 0.5, "train_metric": 0.8, "val_loss": 0.6, "val_metric": 0.7,
         "rate": 0.01, "ratios": {"W1": 0.001, "W2": None}, "seconds": 0.1}


@pytest.mark.parametrize("rule", UPDATE_RULES.values())
@pytest.mark.parametrize("stop_at", [1, 4, 7, 20, 34])
def test_a_solver_goes_on_as_if_it_had_not_stopped(tmp_path, rule, stop_at):
    whole, second = solver_with(rule), solver_with(rule)
    whole.train()
    train_until(stop_at, tmp_path / "last.npz", rule)
    second.model.theta += 1         # what it starts with must not matter
    checkpoint.restore(tmp_path / "last.npz", second)
    second.train()
    assert outcome(second) == outcome(whole)


def test_a_solver_stopped_goes_on_by_itself_too(tmp_path):
    whole, stopped = solver_with(Adam), train_until(10, tmp_path / "last.npz")
    whole.train()
    stopped.train()
    assert outcome(stopped) == outcome(whole)


def test_without_validation_data_it_goes_on_too(tmp_path):
    whole, second = solver_with(Sgd, val=False), solver_with(Sgd, val=False)
    train_until(9, tmp_path / "last.npz", Sgd, val=False)
    checkpoint.restore(tmp_path / "last.npz", second)
    assert (second.train() is second.history) and whole.train()
    assert outcome(second) == outcome(whole)


def test_a_checkpoint_of_another_net_is_refused_and_changes_nothing(tmp_path):
    train_until(3, tmp_path / "last.npz")
    other = solver_with(Adam)
    other.model = FullyConnectedNet([4, 9, 3], norm=batchnorm, drop=0.3)
    before = other.model.theta.copy()
    with pytest.raises(DataError, match="theta is float32"):
        checkpoint.restore(tmp_path / "last.npz", other)
    assert np.array_equal(other.model.theta, before)


@pytest.mark.parametrize("stop_at", [0, 11])
@pytest.mark.parametrize("rule", ["momentum", "adam"])
def test_a_checkpoint_of_an_older_version_is_gone_on_with(tmp_path, rule, stop_at):
    path, make = tmp_path / "last.npz", UPDATE_RULES[rule]
    whole, second = solver_with(make), solver_with(make)
    whole.train()
    first = train_until(stop_at, path, make)
    if not stop_at:                 # older ones had no slots before the first step
        forge_checkpoint(path, {"rule." + name: None for name in first.slots})
    elif rule == "adam":            # and Adam had counted its steps
        forge_checkpoint(path, {"rule.steps": np.array(stop_at)})
    checkpoint.restore(path, second)
    second.train()
    assert outcome(second) == outcome(whole)


@pytest.mark.parametrize("change", [
    {"rule.first_moment": None}, {"rule.velocity": np.zeros(83, np.float32)},
    {"rule.first_moment": np.zeros(82, np.float32)}, {"rule.second_moment": np.zeros(83)},
    {"rule.first_moment": None, "rule.second_moment": None}, {"rule.steps": np.array(4)},
    {"rule.steps": np.zeros(83)},
])
def test_slots_that_do_not_fit_are_refused_and_change_nothing(tmp_path, change):
    first = train_until(3, tmp_path / "last.npz")
    assert first.model.theta.size == 83         # or the shapes above prove nothing
    forge_checkpoint(tmp_path / "last.npz", change)
    other = solver_with(Adam)
    before = outcome(other)
    with pytest.raises(DataError, match=r"last\.npz: "):
        checkpoint.restore(tmp_path / "last.npz", other)
    assert outcome(other) == before


@pytest.mark.parametrize("name, value, says", [
    ("theta", math.nan, "1 of the 83 weights are no finite numbers"),
    ("theta", math.inf, "1 of the 83 weights"), ("best_theta", -math.inf, "1 of the 83 weights"),
    ("statistics", math.nan, "1 of the 16 running statistics are no"),
    ("statistics", -0.5, "a running variance, var1, is below 0"),
    ("rule.second_moment", -1.0, "rule.second_moment holds numbers that cannot be"),
    ("rule.first_moment", math.nan, "rule.first_moment holds"),
    ("order", 0.5, "it is of 50 training examples, there are 50"),
])
def test_numbers_that_training_does_not_leave_are_refused(tmp_path, name, value, says):
    path = tmp_path / "last.npz"
    train_until(3, path)
    with np.load(path) as file:
        array = file[name].copy()
    if name == "order":
        array = array.astype(np.float64)        # right numbers, which are no places
    else:
        array[-1] = value
    forge_checkpoint(path, {name: array})
    other = solver_with(Adam)
    before = outcome(other)
    with pytest.raises(DataError, match=rf"last\.npz: {says}"):
        checkpoint.restore(path, other)
    assert outcome(other) == before


def forge(path, change):
    """Change about of a checkpoint. A list for its history becomes lines beside it, with their
    hash; in version 1 it stands in it."""
    if change["version"] == 2 and isinstance(change["history"], list):
        lines = "".join(json.dumps(entry) + "\n" for entry in change["history"]).encode()
        (path.parent / "metrics.jsonl").write_bytes(lines)
        change = change | {"history": {"epochs": len(change["history"]), "bytes": len(lines),
                                       "sha256": hashlib.sha256(lines).hexdigest()}}
    forge_checkpoint(path, about=change)


@pytest.mark.parametrize("version", [1, 2])
def test_history_as_it_is_to_be_is_taken(tmp_path, version):
    path = tmp_path / "last.npz"        # or the forged ones below would prove nothing
    train_until(3, path)
    forge(path, {"version": version, "steps": 8, "history": [ENTRY]})
    other = solver_with(Adam)
    checkpoint.restore(path, other)
    assert other.history == [ENTRY] and other.steps == 8


def test_an_overflow_that_training_may_leave_is_gone_on_with(tmp_path):
    path = tmp_path / "last.npz"
    train_until(3, path)
    with np.load(path) as file:
        second = file["rule.second_moment"].copy()
    second[0] = math.inf
    forge_checkpoint(path, {"rule.second_moment": second})
    other = solver_with(Adam)
    checkpoint.restore(path, other)
    assert math.isinf(other.slots["second_moment"][0])


@pytest.mark.parametrize("change", [
    {"version": 3}, {"steps": -1}, {"place": 51}, {"history": [3]}, {"order_rng": {}},
    {"best": {}}, {"total": "x"}, {"model_rng": {}}, {"steps": 10**15}, {"steps": 8},
    {"place": 2.5}, {"steps": math.inf}, {"total": math.nan}, {"spent": 10**400}, {"ratios": [1]},
    {"ratios": {"W1": "large"}}, {"best": {"epoch": 1, "val_loss": 1.0, "val_metric": 0.5}},
    {"best": {"epoch": 0, "val_loss": None, "val_metric": 0.5}},
    *({"steps": 8, "history": [ENTRY | {name: value}]} for name, value in (
        ("epoch", "one"), ("train_loss", "low"), ("train_loss", math.nan), ("seconds", None),
        ("rate", True), ("val_loss", None), ("val_metric", []), ("train_metric", "x"),
        ("ratios", "W1"), ("ratios", {"W1": []}))),
    *({"steps": 8, "history": [{key: ENTRY[key] for key in ENTRY if key != name}]}
      for name in ("epoch", "val_loss", "train_metric")),
])
@pytest.mark.parametrize("version", [1, 2])
def test_a_forged_checkpoint_is_a_data_error(tmp_path, change, version):
    path = tmp_path / "last.npz"
    train_until(3, path)
    forge(path, {"version": version, "history": []} | change)
    other = solver_with(Adam)
    before = outcome(other)
    with pytest.raises(DataError, match=r"last\.npz|metrics\.jsonl"):
        checkpoint.restore(path, other)
    assert outcome(other) == before


@pytest.mark.slow
@pytest.mark.processes
def test_runs_killed_at_random_moments_end_as_the_one_left_alone():
    good, hits, done = trial(4, kills=1, seed=1, more=["--epochs", "40"], jobs=2, enough=1)
    assert good == done >= 1
    assert hits >= 1        # how many depends on how busy the machine is


def test_a_full_disk_loses_nothing_that_was_saved(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    real, calls = checkpoint.save, []

    def full_after_two(path, *words):
        calls.append(path)
        if len(calls) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, *words)

    monkeypatch.setattr(checkpoint, "save", full_after_two)
    code = train.main(["--data", "spiral", "--hidden", "8", "--epochs", "3", "--out", str(folder),
                       "--checkpoint-every", "5"])
    assert code == 1
    shown = capsys.readouterr()
    assert "No space left on device" in shown.err
    assert "step 5 is still there" in shown.err
    assert "test accuracy" in shown.out         # training went on
    check_files(folder)
    monkeypatch.setattr(checkpoint, "save", real)
    assert train.main(["--resume", str(folder)]) == 0


def resumed(capsys, folder, *words):
    """The line with which a run is gone on with."""
    capsys.readouterr()
    assert train.main(["--resume", str(folder), "--progress", "none", *words]) == 0
    return capsys.readouterr().err.splitlines()[0]


def test_a_rate_that_goes_up_again_is_told(tmp_path, capsys):
    words = ["--data", "spiral", "--hidden", "8", "--epochs", "2", "--quiet", "--out"]
    for name in ("cosine", "polynomial", "constant"):
        folder = tmp_path / name
        assert train.main([*words, str(folder), "--lr-schedule", name]) == 0
        line = resumed(capsys, folder, "--epochs", "4")
        steps = json.loads((folder / "metrics.jsonl").read_text().splitlines()[0])
        assert steps["epoch"] == 1
        if name == "constant":
            assert line == f"resumed {folder} at step 14, epoch 3"
        else:                       # half of the way along half a wave, or a straight line
            last = {"cosine": 0.004 * (1 + math.cos(math.pi * 13 / 14)) / 2,
                    "polynomial": 0.004 / 14}[name]
            assert line == (f"resumed {folder} at step 14, epoch 3; the rate goes up from "
                            f"{last:.2e} to 2.00e-03, as --lr-schedule {name} is stretched to 4 "
                            "epochs")
        assert "goes up" not in resumed(capsys, folder, "--epochs", "4")


def test_more_patience_is_taken_with_resume(tmp_path, capsys):
    folder = tmp_path / "run"
    assert train.main(["--data", "spiral", "--hidden", "8", "--epochs", "9", "--patience", "1",
                       "--min-delta", "9", "--lr", "1e-9", "--out", str(folder), "--quiet"]) == 0
    assert "one epoch brought nothing better; to train more: " in resumed(capsys, folder)
    assert resumed(capsys, folder).endswith(
        f"--resume {system.quote(folder)} --patience 2")
    assert resumed(capsys, folder, "--patience", "2").startswith(f"resumed {folder} at step ")
