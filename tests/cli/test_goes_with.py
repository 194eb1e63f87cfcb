"""Options that a choice makes meaningless are refused; runs and files that hold them are read."""

import json
import sys
from pathlib import Path

import pytest
from command_cases import refused
from run_cases import forge

from flatprop.cli import command_line, evaluate, train
from flatprop.training.goes_with import GOES_WITH
from flatprop.training.options import OPTIONS
from models.by_name import INITS, MODELS
from solvers.by_name import SCHEDULES, UPDATE_RULES

SMALL = ["--data", "spiral", "--hidden", "4", "--epochs", "1", "--quiet"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("words, says", [
    ("--momentum 0.5", "--momentum goes with --update-rule momentum or nesterov, not with "
                       "--update-rule adam"),
    ("--update-rule sgd --momentum 0.9", "--update-rule sgd"),
    ("--weight-decay 0.1", "--update-rule adamw"),
    ("--weight-decay 0.1", "L2 is --reg here, and is half of what PyTorch's weight_decay means"),
    ("--init-scale 0.1", "--init normal"), ("--lr-factor 0.1", "--lr-schedule step or exponential"),
    ("--lr-every 3", "--lr-schedule cosine"), ("--lr-power 2", "--lr-schedule polynomial"),
    ("--lr-schedule step --lr-final 0.1", "--lr-schedule polynomial or cosine"),
    ("--momentum-final 0.9", "--update-rule momentum or nesterov"),
    ("--update-rule momentum --momentum-epochs 3", "goes with --momentum-final MU"),
    ("--lr-schedule constant --lr-hold 3", "--lr-hold goes with a rate that changes, not with"),
    ("--epochs 5 --warmup 2 --lr-hold 4", "--lr-schedule cosine never begins"),
    ("--examples 10", "--data spiral or moons"), ("--data mnist --test 0.1", "--data mnist"),
    ("--label x", "a file of your own"), ("--data wave --task regression", "a file of your own"),
    ("--data-dir x", "--data mnist or fashion_mnist or cifar10"),
    ("--model two_layer_net --dropout 0.1", "--model fully_connected_net"),
    ("--overwrite", "--out FOLDER"), ("--out none --overwrite", "--out FOLDER"),
    ("--out none --checkpoint-every 5", "keeps nothing"),
    ("--refit --processes mpi", "it does not go with --refit"),
    ("--folds 3 --processes mpi", "one network, --folds 0"),
    ("--model own.py:Net --processes mpi", "--processes goes with --model linear_classifier or"),
    ("--layers . --processes mpi", "the layers of the project"),
    ("--device cuda --processes mpi", "--processes goes with --device cpu"),
    ("--sweep lr=0.1,0.2 --processes mpi", "does not go with --sweep"),
    ("--sanity --overwrite --out a", "--sanity, which keeps nothing"),
    ("--find-rate --checkpoint-every 5", "--find-rate"), ("--quiet --progress bar", "--quiet"),
])
def test_what_would_change_nothing_is_refused(capsys, words, says):
    assert says in refused(capsys, "train", *words.split())


@pytest.mark.parametrize("words", ["--hidden 4", "--loss svm", "--norm batch", "--dropout 0.1",
                                   "--activation relu"])
def test_options_of_a_network_go_with_check_model(capsys, words):
    for subject in ("affine", "--all"):
        assert "goes with --model" in refused(capsys, "check", subject, *words.split())


def test_of_the_bundles_one_has_the_option(capsys):
    words = ["exercises", "bundle", "gradescope", "--flatprop", "x", "-o", "a.zip"]
    assert "--flatprop goes with jupyter" in refused(capsys, *words)
    assert not Path("a.zip").exists()


def printed_options(capsys, *words):
    assert train.main([*words, "--print-config"]) == 0
    return capsys.readouterr().out


CHOICES = [*(["--update-rule", name] for name in UPDATE_RULES),
           *(["--init", name] for name in INITS), *(["--model", name] for name in MODELS),
           *(["--lr-schedule", name] for name in SCHEDULES), ["--data", "mnist"],
           ["--data", "a.csv", "--label", "y"], ["--data", "moons"],
           ["--data", "a.csv", "--folds", "3", "--bins", "4", "0", "--class-weight", "balanced"],
           ["--data", "a.csv", "--refit", "--val-data", "b.csv", "--best-by", "auc"],
           ["--update-rule", "adamw", "--weight-decay", "0.3"], ["--batch-size", "full"]]


@pytest.mark.parametrize("words", CHOICES, ids=" ".join)
def test_what_print_config_prints_is_read_and_printed_the_same(capsys, words):
    first = printed_options(capsys, *words)
    Path("c.toml").write_text(first, encoding="utf-8")
    assert printed_options(capsys, "--config", "c.toml") == first
    held = vars(command_line.parse(["--config", "c.toml"]))
    assert held | {"config": None} == vars(command_line.parse(words))


def test_each_of_these_options_has_its_default_where_it_means_something():
    defaults = {option.name: option.default for option in OPTIONS}
    adam = command_line.parse([])
    nesterov = command_line.parse(["--update-rule", "nesterov", "--data", "moons"])
    assert adam.momentum is None and nesterov.momentum == defaults["momentum"] == 0.9
    assert adam.examples is None and nesterov.examples == 600 and adam.test == 0.2
    assert adam.lr_final == 0.0 and adam.lr_factor is None


def test_a_file_of_an_older_version_holds_all_defaults(capsys):
    defaults = {option.name: option.default for option in OPTIONS
                if option.name in GOES_WITH and option.in_file}
    Path("c.toml").write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in
                                      defaults.items() if value is not None))
    assert command_line.parse(["--config", "c.toml"]).momentum is None
    assert command_line.parse(["--config", "c.toml", "--update-rule", "momentum"]).momentum == 0.9


def test_in_a_file_what_means_nothing_is_refused_unless_the_command_line_chose_anew(capsys):
    Path("c.toml").write_text("momentum = 0.5\n")
    assert "--config c.toml: --momentum goes with" in refused(capsys, "train", "--config", "c.toml")
    Path("c.toml").write_text('update_rule = "momentum"\nmomentum = 0.5\n')
    assert command_line.parse(["--config", "c.toml"]).momentum == 0.5
    assert command_line.parse(["--config", "c.toml", "--update-rule", "sgd"]).momentum is None
    Path("one.toml").write_text('data = ["a.csv"]\nval = 0.2\n', encoding="utf-8")
    assert command_line.parse(["--config", "one.toml"]).folds == 0
    assert command_line.parse(["--config", "one.toml", "--folds", "3"]).val is None
    words = ["--config", "c.toml", "--update-rule", "sgd", "--momentum", "0.5"]
    assert "--update-rule sgd" in refused(capsys, "train", *words)


def test_a_run_of_an_older_version_is_evaluated_and_gone_on_with_as_a_new_one(capsys):
    for name in ("new", "old"):
        assert train.main([*SMALL, "--lr-schedule", "step", "--out", name]) == 0

    def hold_all(plain):        # an older one held every default
        assert plain["options"]["momentum"] is None
        for option in OPTIONS:
            if option.name in plain["options"] and plain["options"][option.name] is None:
                plain["options"][option.name] = option.default
        assert plain["options"]["momentum"] == 0.9

    forge(Path("old/config.json"), hold_all)
    capsys.readouterr()
    shown = []
    for name in ("new", "old"):
        assert train.main(["--resume", name, "--epochs", "3", "--quiet"]) == 0
        assert evaluate.main([name, "--json"]) == 0
        shown.append(capsys.readouterr().out.replace(f'"{name}"', "RUN"))
    assert shown[0] == shown[1]


def test_without_mpi4py_several_processes_are_refused_before_anything_is_made(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    assert "[mpi]" in refused(capsys, "train", *SMALL, "--processes", "mpi")
    assert not any(Path().iterdir())
