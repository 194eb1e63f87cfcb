"""Permutation importance: closed forms, noise, and tables that are shuffled by hand."""

import json

import numpy as np
import pytest
from command_cases import refused
from run_cases import save_run, table_run

from data.preprocessing import Preprocessing
from flatprop.__main__ import main
from flatprop.runs import importance, saved_model
from models.by_name import build


def evaluated(capsys, *words):
    """What flatprop evaluate --json prints, with the importance by column."""
    assert main(["evaluate", *map(str, words), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return found | {"importance": {one["column"]: one for one in found.get("importance", [])}}


def test_of_an_exact_linear_model_it_is_twice_the_variance_of_its_term(tmp_path):
    """y = x w: with column j permuted the error is w_j (x'_j - x_j), whose mean square over all
    permutations is 2 w_j^2 var(x_j). R^2 loses that over var(y); the closed form is exact for any
    rows, correlated ones too."""
    rng = np.random.default_rng(4)
    w = np.array([[2.0], [-0.5], [0.0]])
    raw = rng.normal(size=(30, 3)) * [1, 3, 5] + [0, 7, 1]
    raw[:, 1] += raw[:, 0]
    y = raw @ w
    description = {"kind": "linear_classifier", "sizes": [3, 1], "loss": "square",
                   "dtype": "float64"}
    model = build(description, rng=rng)
    fitted = Preprocessing(np.zeros(3), np.ones(3))
    model.params["W1"][:], model.params["b1"][:] = w, 0
    save_run(tmp_path / "run", description, model, fitted)
    saved = saved_model.load(tmp_path / "run")
    found = {one["column"]: one for one in importance.of_columns(saved, raw, y, 3000, seed=0)}
    expected = 2 * w[:, 0] ** 2 * raw.var(axis=0) / y.var()
    for name, value in zip("123", expected, strict=True):
        assert found[name]["R^2"]["mean"] == pytest.approx(value, rel=0.02)
    assert found["3"]["R^2"] == {"mean": 0.0, "error": 0.0} and list(found)[-1] == "3"


def test_a_column_of_categories_is_shuffled_as_a_whole(tmp_path):
    """A model that says yes for red alone is wrong where a row gets another colour: of p red rows
    2 p (1 - p) do, over all permutations."""
    table_run(tmp_path / "run")
    saved = saved_model.load(tmp_path / "run")      # age, and 0 or 1 for blue and for red
    saved.model.params["W1"][:] = [[0, 0], [3, 0], [0, 3]]
    saved.model.params["b1"][:] = 0
    raw = np.array([[30.0 + i, i >= 10, i < 10] for i in range(40)])
    x = saved.preprocessing.apply(raw, np.float64)
    colour, age = importance.of_columns(saved, x, (raw[:, 2] > 0).astype(np.int64), 2000, seed=1)
    assert (colour["column"], age["column"]) == ("colour", "age")
    assert colour["accuracy"]["mean"] == pytest.approx(2 * 0.25 * 0.75, rel=0.02)
    surprise = np.log1p(np.exp(3.0)) - np.log1p(np.exp(-3.0))       # of a wrong row, less a right
    assert colour["log loss"]["mean"] == pytest.approx(0.375 * surprise, rel=0.02)
    assert age["accuracy"] == {"mean": 0.0, "error": 0.0}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A folder with a table of 200 rows, empty cells among them, and a run of it."""
    folder, rng = tmp_path_factory.mktemp("importance"), np.random.default_rng(7)
    signal, noise = rng.normal(size=(2, 400)).round(3)
    colour = np.array(["red", "blue", "green"])[rng.integers(0, 3, 400)]
    kind = np.where(signal + 2 * (colour == "red") + 0.3 * rng.normal(size=400) > 0.7, "yes", "no")
    rows = [["" if i % 9 == 0 else f"{signal[i]}", f"{noise[i]}", colour[i], kind[i]]
            for i in range(400)]
    for name, part in (("train", rows[:200]), ("test", rows[200:])):
        write(folder / f"{name}.csv", part)
    for name, more in (("one", ["--folds", "0", "--bins", "8"]), ("three", ["--folds", "3"])):
        assert main(["train", "--data", str(folder / "train.csv"), "--test", "0", "--hidden", "16",
                     "--epochs", "20", *more, "--quiet", "--out", str(folder / name)]) == 0
    return folder, rows[200:]


def write(path, rows):
    path.write_text("\n".join(",".join(row) for row in [["signal", "noise", "colour", "kind"],
                                                        *rows]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", ["one", "three"])
def test_it_is_what_a_table_gives_that_was_shuffled_by_hand(table, tmp_path, capsys, name):
    folder, rows = table
    run, test = folder / name, folder / "test.csv"
    found = evaluated(capsys, run, "--data", test, "--importance", "--repeats", 1, "--seed", 5)
    assert list(found["importance"])[0] == "signal" and len(found["importance"]) == 3
    for j, column in enumerate(("signal", "noise", "colour")):
        order = np.random.default_rng([5, j]).permutation(len(rows))
        shuffled = [[*row[:j], rows[k][j], *row[j + 1:]] for row, k in
                    zip(rows, order, strict=True)]
        write(tmp_path / "shuffled.csv", shuffled)
        after = evaluated(capsys, run, "--data", tmp_path / "shuffled.csv")
        one = found["importance"][column]
        assert one["accuracy"]["mean"] == pytest.approx(found["accuracy"] - after["accuracy"])
        assert one["log loss"]["mean"] == pytest.approx(
            after["log_loss"] - found["log_loss"], abs=1e-6)


def test_noise_is_worth_nothing_within_its_error(table, capsys):
    folder, _ = table
    for name in ("one", "three"):
        found = evaluated(capsys, folder / name, "--data", folder / "test.csv", "--importance",
                          "--repeats", 20)["importance"]
        for measure in ("log loss", "accuracy"):
            noise, signal = found["noise"][measure], found["signal"][measure]
            assert abs(noise["mean"]) < 2.5 * noise["error"] < signal["mean"] / 2
            assert signal["mean"] > 5 * signal["error"] > 0


def test_it_is_printed_and_its_options_go_with_it(table, capsys):
    folder, _ = table
    words = ["evaluate", str(folder / "one"), "--data", str(folder / "test.csv")]
    assert main([*words, "--importance", "--repeats", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-4].split() == ["column", "more", "log", "loss", "lost", "accuracy"]
    assert [line.split()[0] for line in lines[-3:]] == ["signal", "colour", "noise"]
    assert "--seed goes with --importance" in refused(capsys, *words, "--seed", "1")
    assert "--repeats goes with --importance" in refused(capsys, *words, "--repeats", "3")
