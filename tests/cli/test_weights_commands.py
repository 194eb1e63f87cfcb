"""--class-weight, --sample-weight, --label-smoothing and --best-by, from the file to the run."""

import json
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused
from run_cases import content_of

from flatprop.cli import command_line, evaluate, inspect, predict, reading, train
from flatprop.runs import saved_model
from flatprop.training import build

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 2))
LABELS = np.where(np.arange(80) % 4, "common", "rare")
WEIGHTS = np.round(5 + X[:, 0], 6)          # so that each row's can be told from its input


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(weights=WEIGHTS, labels=LABELS, name="t.csv"):
    lines = ["a,w,b,y"] + [f"{a!r},{w},{b!r},{label}" for (a, b), w, label in
                           zip(X.tolist(), weights, labels, strict=True)]
    with open(name, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def train_part(*words):
    """x in the unit of the data, y and the weights of the training part of these options."""
    args = command_line.parse([*words, "--folds", "0", "--standardize", "feature", "--bins", "0",
                         "--dtype", "float64"])
    examples = reading.load_data(args, np.random.default_rng(3))
    x, y, *weights = examples["train"]
    fitted = examples["preprocessing"]
    assert len(examples["val"]) == len(examples["test"]) == 2
    return x * fitted.scale + fitted.mean, y, *weights


def test_each_row_keeps_its_weight_and_the_mean_is_1():
    labels = LABELS.tolist()
    labels[3] = labels[40] = ""             # rows that are left out, with their weights
    write(labels=labels)
    x, _, weights = train_part("--data", "t.csv", "--sample-weight", "w")
    assert x.shape[1] == 2                  # w is no input
    expected = 5 + x[:, 0]
    np.testing.assert_allclose(weights, expected / expected.mean(), rtol=1e-6)


def test_of_an_archive_and_of_a_regression(capsys):
    np.savez("t.npz", x=X, y=3 * X[:, 1], w=WEIGHTS, wrong=WEIGHTS[1:])
    x, y, weights = train_part("--data", "t.npz", "--sample-weight", "w")
    assert y.dtype == np.float64
    assert inspect.main(["t.npz", "--sample-weight", "w"]) == 0
    assert f"weights    {WEIGHTS.min():g} to {WEIGHTS.max():g}, how" in capsys.readouterr().out
    np.testing.assert_allclose(weights / weights[0], (5 + x[:, 0]) / (5 + x[0, 0]), rtol=1e-6)


def test_balanced_classes_count_the_same_in_all():
    """20 of 80 are rare: N / (C count) is 2 and 2/3, and in a training part of equal shares too."""
    write()
    _, y, weights = train_part("--data", "t.csv", "--class-weight", "balanced", "--ignore", "w")
    assert weights[y == 0].sum() == pytest.approx(weights[y == 1].sum())
    assert set(np.round(weights, 9)) == {2.0, round(2 / 3, 9)}


def test_weights_of_classes_are_by_name_and_multiply_those_of_rows():
    write()
    x, y, weights = train_part("--data", "t.csv", "--class-weight", "rare=5", "--sample-weight",
                               "w")
    expected = np.where(y == 1, 5, 1) * (5 + x[:, 0])
    np.testing.assert_allclose(weights, expected / expected.mean(), rtol=1e-6)


def test_labels_of_minus_1_can_be_named():
    write(labels=np.where(LABELS == "rare", -1, 1))
    _, y, weights = train_part("--data", "t.csv", "--class-weight", "-1=3", "1=1", "--ignore", "w")
    assert weights[y == 0].min() == pytest.approx(3 * weights[y == 1].max())


@pytest.mark.parametrize("words, says", [
    ("--class-weight raer=2", "no class 'raer' (is it 'rare'?); the classes are 'common', 'rare'"),
    ("--class-weight rare=2 rare=3", "names the class 'rare' twice"),
    ("--class-weight balanced rare=3", "not both"), ("--class-weight rare=x", "rare=5"),
    ("--class-weight rare=-1", "0 or more"), ("--class-weight rare", "balanced, or a class"),
    ("--class-weight rare=0 common=0", "every class has the weight 0"),
    ("--class-weight rare=2 --label a --task regression", "--class-weight goes with classes"),
    ("--sample-weight ww", "no column 'ww' (is it 'w'?); there are 'a', 'w', 'b', 'y' (--sample"),
    ("--sample-weight y --label y", "cannot be the label and the weight"),
    ("--sample-weight w --data moons", "a table or a .npz of your own"),
    ("--label-smoothing 1", "less than 1"), ("--label-smoothing 0.1 --loss svm", "svm loss"),
    ("--label-smoothing 0.1 --label a --task regression", "square loss"),
    ("--label-smoothing 0.1 --model linear_classifier", "--model fully_connected_net"),
    ("--best-by f1", "balanced_accuracy and auc"), ("--best-by r2", "does not go with classes"),
    ("--best-by auc --val 0 --folds 0", "--best-by goes with validation, not with --val 0"),
    ("--best-by auc --label a --task regression", "does not go with regression"),
    ("--layers x --class-weight balanced", "--class-weight does not go with --layers"),
    ("--layers x --sample-weight w", "--sample-weight does not go with --layers"),
    ("--layers x --label-smoothing 0.1", "--label-smoothing does not go with --layers"),
])
def test_what_cannot_be_is_refused_in_one_line(capsys, words, says):
    write()
    data = [] if "--data" in words else ["--data", "t.csv"]
    assert says in refused(capsys, "train", *data, *words.split(), "--out", "none")


def test_refit_trains_on_validation_rows_with_the_weights_of_their_classes():
    write()
    write(name="v.csv")
    words = ["--data", "t.csv", "--ignore", "w", "--class-weight", "rare=5", "--dtype", "float64"]
    args = command_line.parse([*words, "--val-data", "v.csv", "--refit", "--folds", "0"])
    rng = np.random.default_rng(3)
    examples = build.prepare_data(args, *reading.read_all(args, rng), rng, refit=True)
    _, y, weights = examples["train"]
    assert len(y) == 64 + 80 and examples["val"] is None
    expected = np.where(y == 1, 5, 1)
    np.testing.assert_allclose(weights, expected / expected.mean())


@pytest.mark.parametrize("words", [
    "--refit", "--val 0", "--val-data v.csv --test 0 --refit", "--test-data v.csv --folds 2"])
def test_weights_go_with_every_way_to_split(words):
    write()
    write(name="v.csv")
    assert train.main(["--data", "t.csv", "--sample-weight", "w", "--class-weight", "balanced",
                       "--epochs", "1", "--hidden", "4", "--out", "run", "--quiet",
                       *([] if "--folds" in words else ["--folds", "0"]), *words.split()]) == 0


@pytest.mark.parametrize("cell, says", [
    ("", "line 7, column 'w': the row has no weight"), ("-2", "has the weight -2"),
    ("?", "has no weight"), ("many", "line 7, column 'w': 'many' is no number"),
])
def test_a_row_without_a_weight_is_named_by_its_line(capsys, cell, says):
    weights = WEIGHTS.astype(object)
    weights[5] = cell
    write(weights)
    assert says in refused(capsys, "train", "--data", "t.csv", "--sample-weight", "w")


def test_arrays_that_are_no_weights_are_refused(capsys):
    np.savez("t.npz", x=X, y=X[:, 1], short=WEIGHTS[1:], low=-WEIGHTS, words=LABELS,
             nothing=np.zeros(80))
    for name, says in (("short", "80 numbers, one for each row"), ("low", "has the weight -"),
                       ("words", "80 numbers"), ("nothing", "every weight is 0"),
                       ("lwo", "(is it 'low'?)")):
        assert says in refused(capsys, "train", "--data", "t.npz", "--sample-weight", name)


def test_the_log_and_inspect_tell_and_other_weights_are_other_data(capsys):
    write()
    words = ["--data", "t.csv", "--sample-weight", "w", "--class-weight", "balanced",
             "--folds", "0", "--out", "run", "--epochs", "2", "--hidden", "4", "--progress", "none"]
    assert train.main(words) == 0
    shown = capsys.readouterr().out
    assert "weights    of each row, w; times balanced classes, common 0.6667, rare 2\n" in shown
    assert "how much the row counts in training, no input" in shown
    assert inspect.main(["t.csv", "--sample-weight", "w"]) == 0
    assert "how much the row counts in training, no input" in capsys.readouterr().out

    assert evaluate.main(["run", "--json"]) == 0            # of its own test part
    assert json.loads(capsys.readouterr().out)["examples"] == 16
    assert predict.main(["run", "t.csv", "-o", "-"]) == 0
    assert capsys.readouterr().err == ""                    # w is known, and not called ignored
    assert train.main(["--resume", "run", "--epochs", "3", "--quiet"]) == 0
    capsys.readouterr()
    write(WEIGHTS[::-1])
    assert "the data is no longer" in refused(capsys, "train", "--resume", "run", "--epochs", "4")


def history(run):
    with open(f"{run}/metrics.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def of_json(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_weights_are_for_training_alone(capsys):
    """Of weights that say nothing but of the common class, validation and test are as ever."""
    write()
    words = ["--data", "t.csv", "--ignore", "w", "--epochs", "1", "--hidden", "4", "--folds", "0",
             "--quiet"]
    assert train.main([*words, "--class-weight", "rare=0", "--lr", "1e-9", "--out", "a"]) == 0
    assert train.main([*words, "--lr", "1e-9", "--out", "b"]) == 0
    (weighted,), (plain,) = history("a"), history("b")
    assert weighted["val_loss"] == pytest.approx(plain["val_loss"], rel=1e-5)
    assert weighted["train_loss"] != pytest.approx(plain["train_loss"], rel=1e-2)
    results = [of_json(f"{run}/test.json") for run in "ab"]
    assert results[0]["loss"] == pytest.approx(results[1]["loss"], rel=1e-5)


def test_balanced_weights_find_a_rare_class(capsys):
    """Two clouds two units apart, 4 of 100 rows in one of them: a guess says the other."""
    rng = np.random.default_rng(7)
    y = np.arange(1500) % 25 == 0
    x = rng.normal(size=(1500, 2)) + 2.0 * y[:, None] * [1, 0]
    np.savez("rare.npz", x=x, y=y.astype(int))
    recalls = {}
    for name, words in (("default", []), ("balanced", ["--class-weight", "balanced", "--best-by",
                                                       "balanced_accuracy"])):
        assert train.main(["--data", "rare.npz", "--epochs", "15", "--hidden", "16", "--quiet",
                           "--out", name, *words]) == 0
        capsys.readouterr()
        assert evaluate.main([name, "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        recalls[name] = result["classes"][1]["recall"]
        mean = (result["classes"][0]["recall"] + recalls[name]) / 2
        assert result["balanced_accuracy"] == pytest.approx(mean)
    assert recalls["balanced"] > recalls["default"] + 0.2


@pytest.mark.parametrize("name, label", [("balanced_accuracy", "balanced accuracy"),
                                         ("auc", "AUC"), ("loss", "loss")])
def test_what_the_best_epoch_is_chosen_by(capsys, name, label):
    write()
    assert train.main(["--data", "t.csv", "--val", "0.4", "--epochs", "12", "--hidden", "8", "--lr",
                       "0.1", "--best-by", name, "--out", "run", "--progress", "lines"]) == 0
    out, err = capsys.readouterr()
    key, sign = ("val_loss", -1) if name == "loss" else ("val_metric", 1)
    values = [sign * entry[key] for entry in history("run")]
    best = next(line for line in out.splitlines() if line.startswith("best epoch"))
    assert best.endswith(f"of 12, by validation {label}")
    assert values[int(best.split()[2]) - 1] == max(values) > min(values)
    result = of_json("run/test.json")
    if name == "loss":
        assert set(content_of(Path("run/test.json"))) == {"loss", "accuracy", "weights"}
        assert "  acc " in err
    else:
        assert f"test {label} {result[name]:.4f}" in out and f"  {label} " in err
        assert evaluate.main(["run", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[name] == pytest.approx(result[name])


def test_of_folds_the_average_is_measured_by_it_too(capsys):
    write()
    words = ["--data", "t.csv", "--sample-weight", "w", "--class-weight", "rare=3"]
    assert train.main([*words, "--best-by", "auc", "--folds", "2", "--epochs", "3", "--hidden", "8",
                       "--out", "run", "--progress", "none"]) == 0
    out = capsys.readouterr().out
    result = of_json("run/test.json")
    assert "weights    of each row, w; times of each class, common 1, rare 3\n" in out
    assert f"test AUC {result['auc']:.4f}" in out
    log = Path("run/fold-2/log.txt").read_text()
    assert log.count("  AUC ") == 6 and "  acc " not in log         # of 3 epochs, two in each
    assert evaluate.main(["run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["auc"] == pytest.approx(result["auc"])


def test_a_regression_chosen_by_r2(capsys):
    np.savez("t.npz", x=X, y=X[:, 0] ** 2)
    assert train.main(["--data", "t.npz", "--epochs", "5", "--hidden", "8", "--best-by", "r2",
                       "--out", "run", "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("best epoch 5 of 5, by validation R^2\n")
    constant = np.where(np.arange(80) < 1, 1.0, 0.0)        # in validation one value alone
    np.savez("t.npz", x=X, y=constant)
    assert "--best-by r2 has no value" in refused(
        capsys, "train", "--data", "t.npz", "--task", "regression", "--best-by", "r2")


@pytest.mark.slow
def test_smoothing_is_kept_with_the_run_and_evaluation_is_plain(capsys):
    words = ["--data", "blobs", "--examples", "200", "--epochs", "3", "--label-smoothing", "0.2"]
    assert train.main([*words, "--out", "run", "--progress", "none"]) == 0
    assert "mean softmax loss of labels smoothed by 0.2" in capsys.readouterr().out
    model = of_json("run/model.json")
    assert model["description"]["smoothing"] == 0.2
    assert saved_model.load("run").model.smoothing == 0.2
    assert evaluate.main(["run", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["loss"] == pytest.approx(result["log_loss"], rel=1e-5)
    assert train.main([*words, "--sanity"]) == 0
    assert train.main(["--resume", "run", "--epochs", "4", "--quiet"]) == 0
