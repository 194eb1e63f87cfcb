"""flatprop train as its user runs it, in a folder of one's own."""

import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from command_cases import refused

from flatprop.cli import train

ROOT = Path(__file__).resolve().parents[2]


class Done(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """A function that runs the command in tmp_path -> Done."""
    monkeypatch.chdir(tmp_path)

    def call(*options):
        code = train.main(list(options))
        return Done(code, *capsys.readouterr())
    return call


def accuracy(done):
    assert done.code == 0, done.err
    last = done.out.splitlines()[-1]
    assert re.fullmatch(r"test accuracy [01]\.\d{4}", last)
    return float(last.split()[-1])


@pytest.mark.processes
def test_without_options_it_learns_the_digits(tmp_path):
    """As a process that the script starts."""
    done = subprocess.run([sys.executable, "-W", "error", str(ROOT / "train.py")], cwd=tmp_path,
                          capture_output=True, text=True, timeout=600)
    done = Done(done.returncode, done.stdout, done.stderr)
    assert accuracy(done) >= 0.96
    assert done.out.startswith("network    fully_connected_net 64 - ")
    assert "layer 1   W1 (64, " in done.out
    assert "objective  mean softmax loss + 0.0001 * sum(W^2) of each weight matrix" in done.out
    assert "weight_decay is 2 lambda" in done.out
    sizes = r" {11}1,2\d\d rows to train, 1\d\d to validate, 3\d\d to test"
    assert re.search(sizes, done.out)
    epochs = [line for line in done.err.splitlines() if line.startswith("epoch")]
    assert len(epochs) == len(done.err.splitlines()) - 1 > 5       # and where it is kept
    assert len({len(line) for line in epochs}) == 1  # fixed width
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_one_seed_one_result_and_another_seed_another(run):
    options = ("--epochs", "2", "--hidden", "16", "--dropout", "0.2", "--norm", "batch")
    first, again, other = (run(*options, "--seed", seed) for seed in ("5", "5", "6"))
    assert accuracy(first) > 0.1
    assert first.out == again.out
    losses = [re.findall(r"loss +([\d.]+)", done.err) for done in (first, again, other)]
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize("data, least", [("moons", 0.95), ("xor", 0.95), ("blobs", 0.9)])
def test_made_sets(run, data, least):
    done = run("--data", data, "--hidden", "32", "--lr", "0.01", "--epochs", "40",
               "--loss", "logistic" if data != "blobs" else "svm")
    assert accuracy(done) >= least


def test_regression_ends_with_the_test_loss_and_r2(run):
    done = run("--data", "wave", "--model", "two_layer_regressor", "--hidden", "20",
               "--lr", "0.03", "--epochs", "80")
    assert done.code == 0, done.err
    *_, scaled, in_unit, r2 = done.out.splitlines()
    assert re.fullmatch(r"test loss \d\.\d+", scaled)
    assert in_unit.startswith("test loss in the unit of the targets 0.0")
    assert re.fullmatch(r"test R\^2 0\.9\d+", r2)


@pytest.mark.parametrize("options", [
    "--model linear_classifier --loss svm --update-rule sgd --lr 0.01 --lr-schedule constant",
    "--model two_layer_net --hidden 20 --update-rule momentum --lr 0.05 --lr-schedule step",
    "--activation none --update-rule nesterov --lr 0.02 --lr-schedule exponential",
    "--activation maxout --hidden 20 --update-rule adagrad --lr 0.02 --lr-schedule inverse_time",
    "--activation gelu --update-rule rmsprop --lr-schedule polynomial --lr-power 2 --clip 1",
    "--activation selu --init lecun --update-rule adamw --weight-decay 0.1 --warmup 1",
    "--activation tanh --init xavier --norm layer --dropout 0.2 --dtype float64 --patience 2",
    "--init normal --init-scale 0.05 --hidden 30 30 --reg 1e-4 1e-3 0 --lr 0.01",
    "--batch-size full --lr 0.05 --hidden 30 --standardize none --lr 0.01",
    "--batch-size 1 --hidden 10 --update-rule sgd --lr 0.01 --norm none --dropout 0",
])
def test_every_option_trains(run, options):
    epochs = "40" if "full" in options else "3"
    assert accuracy(run("--epochs", epochs, *options.split())) > 0.7


@pytest.mark.parametrize("options, words", [
    ("--activation rleu", ("--activation", "'rleu'", "Did you mean relu?")),
    ("--data digit", ("--data", "It is digits here")),
    ("--update-rule adma", ("--update-rule", "Did you mean adam?")),
    ("--hiden 10", ("--hiden", "Did you mean --hidden?")),
    ("--epochs 2.5", ("--epochs", "whole number")),
    ("--lr -1", ("--lr", "'-1'")),
    ("--lr inf", ("--lr", "'inf'")),
    ("--dropout 1", ("--dropout", "0 or more and less than 1")),
    ("--dropout 0.2 0.5", ("--dropout", "2 values", "3 hidden layers", "one, or 4")),
    ("--hidden 0", ("--hidden", "1 or more")),
    ("--hidden 99999999999", ("--hidden", "99999999999")),
    ("--hidden 9999999999999999999999", ("--hidden",)),
    ("--model linear_classifier --hidden 5", ("--hidden", "linear")),
    ("--model two_layer_net --hidden 5 5", ("--hidden", "one")),
    ("--model linear_classifier --norm batch", ("--norm", "fully_connected_net")),
    ("--reg 1 2", ("--reg", "2 values for 4", "W1, W2, W3, W4")),
    ("--loss logistic", ("--loss logistic", "two classes", "10")),
    ("--loss square", ("--loss square", "classification")),
    ("--data wave --loss softmax", ("--loss softmax", "regression")),
    ("--model two_layer_regressor", ("two_layer_regressor", "square")),
    ("--val 0.6 --test 0.5", ("--val 0.6", "--test 0.5", "nothing to train on")),
    ("--data spiral --examples 5", ("--val", "--test")),
    ("--data spiral --examples 2", ("examples",)),
    ("--data mnist", ("--data-dir",)),
    ("--data-dir x", ("--data-dir", "mnist")),
    ("--data mnist --data-dir missing", ("missing", "train-images-idx3-ubyte")),
    ("--data mnist --data-dir empty", ("empty", "train-images-idx3-ubyte")),
    ("--epochs", ("--epochs", "needs a value, as in --epochs N")),
])
def test_a_user_error_is_one_line(capsys, tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    line = refused(capsys, "train", *options.split())
    assert all(word in line for word in words), line


def write_idx(path, array):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def test_mnist_from_a_folder(run, tmp_path):
    """Images of 4x4 whose bright row tells the class."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 300), ("t10k", 60)):
        labels = np.arange(count) % 4
        images = rng.integers(0, 60, (count, 4, 4))
        images[np.arange(count), labels] += 150
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", labels)
    done = run("--data", "mnist", "--data-dir", ".", "--hidden", "20", "--epochs", "10", "--lr",
               "0.01")
    assert accuracy(done) > 0.9
    assert "16 inputs, 4 classes" in done.out
    assert "270 rows to train, 30 to validate, 60 to test" in done.out


def write_table(path, rows):
    path.write_text("a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows), encoding="utf-8")


@pytest.mark.parametrize("how", [["--folds", "0"], ["--folds", "3", "--jobs", "1"],
                                 ["--folds", "0", "--refit"]])
def test_a_classifier_that_always_says_the_same_is_told_once(run, tmp_path, how):
    rng = np.random.default_rng(0)
    write_table(tmp_path / "t.csv", [(*rng.normal(size=2).round(3), "fraud" if i % 50 == 7 else
                                      "fine") for i in range(500)])
    done = run("--data", "t.csv", "--out", "none", "--epochs", "3", *how)
    assert "test accuracy 0.9800" in done.out
    assert done.err.count("warning: all 100 test rows are taken for class 'fine', so an accuracy "
                          "of 0.9800 is that of not looking at the inputs") == 1
    write_table(tmp_path / "u.csv", [(a, -a, "yes" if a > 0 else "no")
                                     for a in rng.normal(size=200).round(3)])
    assert "not looking" not in run("--data", "u.csv", "--out", "none", *how).err


@pytest.mark.parametrize("how", [["--folds", "0"], ["--folds", "3", "--jobs", "1"],
                                 ["--folds", "0", "--refit"]])
def test_a_regression_worse_than_a_constant_is_told_once(run, tmp_path, how):
    rng = np.random.default_rng(0)
    noise = rng.random((100, 3)).round(3)
    write_table(tmp_path / "t.csv", [("" if i % 9 == 0 else a, b, y)
                                     for i, (a, b, y) in enumerate(noise)])
    words = ["--out", "none", "--epochs", "100", "--bins", "4", *how]
    done = run("--data", "t.csv", *words)
    assert re.search(r"test R\^2 -0\.\d+\n$", done.out)
    assert done.err.count("warning: a test R^2 below 0 is worse than the mean of the ") == 1
    # Two numbers, four bins for each, and whether the first one is missing.
    assert ("data       t.csv: 2 inputs, 11 with bins and indicators of missing cells, 1 output"
            in done.out)
    write_table(tmp_path / "u.csv", [(a, b, round(3 * a + b, 3)) for a, b, _ in noise])
    done = run("--data", "u.csv", *words, "--bins", "0")
    assert "data       u.csv: 2 inputs, 1 output, regression" in done.out
    assert "R^2 below 0" not in done.err


@pytest.mark.parametrize("rate, how", [("1e6", []), ("1e6", ["--folds", "0"]),
                                       ("1e4", ["--folds", "0"])])
def test_absurd_losses_are_a_failure_though_all_numbers_are_finite(run, tmp_path, rate, how):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 2)).round(3)
    write_table(tmp_path / "t.csv", [(a, b, "yes" if a + b > 0 else "no") for a, b in x])
    write_table(tmp_path / "r.csv", [(a, b, 3 * a + b * b) for a, b in x])
    for name in ("t.csv", "r.csv"):
        done = run("--data", name, "--out", "none", "--lr", rate, "--quiet", *how)
        assert done.code == 3
        assert "diverged" in done.err.splitlines()[-1]
