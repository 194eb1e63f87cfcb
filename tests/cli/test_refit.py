"""--refit equals, bit for bit, a run on the rows of training and validation; stopped anywhere, too.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused
from kill_and_resume import without_id
from run_cases import content_of

from data import prepare
from data.own import read
from flatprop.cli import evaluate, predict, train
from flatprop.runs.autosave import Autosave

QUICK = ["--hidden", "8", "--dropout", "0.2", "--batch-size", "8", "--lr", "0.01", "--quiet"]
SEED = ["--seed", "5"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def lines(count, seed, regression=False):
    """Lines of a table: a number, now and then missing, a colour, and what to predict."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        x, colour = rng.normal(), i % 3
        y = x + 0.3 * rng.normal() + 0.5 * (colour == 2)
        yield f"{'' if i % 9 == 4 else x},{'rgb'[colour]},{y if regression else 'ab'[int(y > 0)]}\n"


def write(name, rows):
    Path(name).write_text("x,colour,y\n" + "".join(rows))


def files(folder):
    """What is compared of a run: its weights, its state, the model, and the test."""
    found = {}
    for which in ("best", "last"):
        with np.load(Path(folder, f"{which}.npz")) as arrays:
            found |= {f"{which} {name}": arrays[name].tobytes() for name in arrays
                      if name != "about"}
            about = without_id(json.loads(arrays["about"].tobytes()))
    about |= {"spent": None, "history": history(folder)}
    model = json.loads(Path(folder, "model.json").read_text())
    about["test"] = Path(folder, "test.json").exists() and content_of(Path(folder, "test.json"))
    return found, about, model["description"], {**model["preprocessing"], "about": None}


def history(folder):
    """The epochs of a run, but for their seconds."""
    lines = Path(folder, "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) | {"seconds": None} for line in lines]


def best_epoch(folder):
    """The epoch of the best weights, from the metrics alone."""
    entries = history(folder)
    # The highest metric, of these the lowest loss; of a regression the lowest loss.
    return min(entries, key=lambda each: (-(each["val_metric"] or 0), each["val_loss"]))["epoch"]


@pytest.mark.parametrize("regression, more", [
    (False, []), (True, []), (False, ["--class-weight", "b=3", "--label-smoothing", "0.1"]),
    (True, ["--bins", "0", "--standardize", "feature", "--reg", "0.01"])])
def test_it_is_a_run_on_the_rows_of_training_and_validation(capsys, regression, more):
    rows = list(lines(90, 0, regression))
    write("t.csv", rows)
    more = [*SEED, *QUICK, *more]
    assert train.main(["--data", "t.csv", "--refit", "--epochs", "40", *more, "--out", "r",
                       "--patience", "6"]) == 0
    epochs = best_epoch("r/search")
    assert 0 < epochs < 40
    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == [
        f"best epoch {epochs} of {len(Path('r/search/metrics.jsonl').read_text().splitlines())}, "
        f"by validation{' balanced accuracy' * ('--class-weight' in more)}",
        f"training once more with all 72 rows, of training and validation, for {epochs} epoch"
        + "s" * (epochs > 1)]
    # The same rows in files: those that are tested, and the others.
    split = np.random.default_rng(5).spawn(3)[0]
    _, _, test = prepare.split_rows(read(["t.csv"]), 0.1, 0.2, split)
    write("rest.csv", [row for i, row in enumerate(rows) if i not in test])
    write("test.csv", [rows[i] for i in test])
    assert train.main(["--data", "rest.csv", "--test-data", "test.csv", "--val", "0", "--epochs",
                       str(epochs), *more, "--out", "same"]) == 0
    assert files("r") == files("same")
    # It is those weights that are evaluated and predicted with.
    assert evaluate.main(["r", "--json"]) == 0
    tested = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert tested["loss"] == pytest.approx(json.loads(Path("r/test.json").read_text())["loss"])
    for name in ("r", "same"):
        assert predict.main([name, "t.csv", "-o", f"{name}.csv", "--quiet"]) == 0
    assert Path("r.csv").read_text() == Path("same.csv").read_text()


@pytest.mark.parametrize("weight", ["a=3", "balanced"])
def test_rows_of_a_file_for_validation_are_added(capsys, weight):
    rows = list(lines(80, 1))
    rows.sort(key=lambda line: line.endswith("a\n"))        # so that b.csv is of other shares
    write("all.csv", rows)
    write("a.csv", rows[:60])
    write("b.csv", rows[60:])
    words = ["--test", "0", "--epochs", "7", "--class-weight", weight, *SEED, *QUICK]
    assert train.main(["--data", "a.csv", "--val-data", "b.csv", "--refit", *words, "--out", "r"]
                      ) == 0
    epochs = str(best_epoch("r/search"))
    assert train.main(["--data", "all.csv", "--val", "0", *words, "--epochs", epochs, "--out",
                       "same"]) == 0
    assert files("r") == files("same")
    assert not Path("r/test.json").exists()
    np.save("x.npy", np.zeros((30, 2)))
    np.save("y.npy", np.arange(30) % 2)
    np.savez("b.npz", x=np.zeros((9, 2)), y=np.arange(9) % 2)
    capsys.readouterr()
    assert "--refit cannot join" in refused(capsys, "train", "--data", "x.npy", "y.npy",
                                            "--val-data", "b.npz", "--refit")


class Killed(BaseException):
    """As SIGKILL: nothing of the program has a say."""


@pytest.mark.slow
def test_killed_at_any_save_and_gone_on_with_it_ends_the_same(monkeypatch):
    write("t.csv", lines(60, 2))
    words = ["--data", "t.csv", "--refit", "--epochs", "4", "--checkpoint-every", "3", *QUICK]
    assert train.main([*words, "--out", "whole"]) == 0
    save, kills = Autosave.save, 0
    count = [0, 0]

    def save_or_die(autosave, solver):
        count[0] += 1
        if count[0] == count[1]:
            raise Killed
        save(autosave, solver)

    monkeypatch.setattr(Autosave, "save", save_or_die)
    for count[1] in range(1, 40):
        count[0] = 0
        try:
            assert train.main([*words, "--out", "r", "--overwrite"] if Path("r").exists() else
                              [*words, "--out", "r"]) == 0
            break
        except Killed:
            kills += 1
            count[0] = 10**6
            assert train.main(["--resume", "r", "--quiet"]) == 0
            assert files("r") == files("whole")
    assert 10 < kills < 39          # at each save of both trainings, one after the other


def test_for_more_epochs_the_search_goes_on_and_the_rest_is_done_anew(capsys):
    write("t.csv", lines(60, 2, regression=True))
    words = ["--data", "t.csv", "--refit", *QUICK, "--lr-schedule", "constant", "--lr", "0.001"]
    assert train.main([*words, "--epochs", "3", "--out", "r"]) == 0
    assert train.main([*words, "--epochs", "9", "--out", "whole"]) == 0
    assert files("r") != files("whole")
    assert train.main(["--resume", "r", "--epochs", "9", "--quiet"]) == 0
    assert files("r") == files("whole")
    capsys.readouterr()
    assert train.main(["--resume", "r", "--epochs", "9", "--quiet"]) == 0
    assert capsys.readouterr().err == "r has finished\n"
    assert files("r") == files("whole")
    Path("c.toml").write_text('data = ["t.csv"]\nrefit = true\nepochs = 2\nhidden = [4]\n')
    assert train.main(["--config", "c.toml", "--quiet", "--out", "none"]) == 0
    assert "training once more" in capsys.readouterr().out
    assert "refit must be true or false" in refused(capsys, "train", "--config", wrong("c.toml"))


def wrong(name):
    Path(name).write_text('refit = "yes"\n')
    return name
