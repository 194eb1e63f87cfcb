"""flatprop.estimators: the commands' numbers, to the bit, and the habits of scikit-learn."""

import copy
import importlib.util
import json
import pickle
import re
import warnings
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn, the extra [sklearn]")
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from data.errors import DataError
from flatprop.cli import command_line, evaluate, export, predict, report, runs, train
from flatprop.estimators import MLPClassifier, MLPRegressor, load
from flatprop.runs import folds, saved_model
from flatprop.runs.report.text import number
from flatprop.training import options
from flatprop.usage.errors import UsageError
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from solvers.by_name import SCHEDULES, UPDATE_RULES

SMALL = {"hidden": (8,), "epochs": 6, "bins": 4, "random_state": 3, "folds": 0}
WORDS = ["--hidden", "8", "--epochs", "6", "--bins", "4", "--seed", "3", "--folds", "0", "--quiet"]
# Both say that a weight is as good as so many rows; where minibatches are drawn of the rows, and
# quantiles are taken of them, it is so on average alone.
EXEMPT = {"check_sample_weight_equivalence_on_dense_data":
          "a row of weight 2 is in one minibatch, and two rows are in two, shuffled ones"}


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def numbers(count, seed, regression=False):
    """x (count, 4) with missing numbers, and y."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 4)) * [1, 100, 0.01, 1]
    y = x[:, 0] + np.abs(x[:, 1]) / 100 + 0.1 * rng.normal(size=count)
    x[rng.random(x.shape) < 0.1] = np.nan
    return x, y if regression else np.array([10, 9, 2])[np.digitize(y, [0.3, 1.2])]


def write(path, x, y, heading=None):
    """A CSV file of numbers, with the label last."""
    lines = [] if heading is None else [",".join(heading)]
    for row, label in zip(x.tolist(), y.tolist(), strict=True):
        lines.append(",".join(["" if cell != cell else repr(cell) for cell in row] + [repr(label)]))
    Path(path).write_text("\n".join(lines) + "\n")


class Named(np.ndarray):
    """An array with a name, as a column of a frame has one."""

    name = "column 5"


def frames(count, seed):
    """{column: cells} with texts, dates, codes that are no inputs, and y, texts."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=count)
    colour = rng.choice(["red", "green", "", "b,lue"], count)
    columns = {"id": np.arange(count), "x": np.where(rng.random(count) < 0.1, np.nan, x),
               "colour": [cell or None for cell in colour], "whole": rng.integers(0, 1000, count),
               "yes": rng.random(count) < 0.5, "always": ["same"] * count,
               "text": [repr(float(value)) for value in np.round(x, 3)],
               "day": [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(count)]}
    return columns, np.where(x + (colour == "red") > 0.3, "up", "down")


def weights_of(run):
    """theta of a run's best weights."""
    return saved_model.load(run).model.theta


@pytest.mark.parametrize("regression", [False, True])
def test_as_train_does_of_an_array_to_the_bit(regression):
    x, y = numbers(200, 1, regression)
    write("t.csv", x[:150], y[:150])
    write("new.csv", x[150:], y[150:])
    words = ["--data", "t.csv", "--header", "no", "--test-data", "new.csv"]
    words += [] if regression else ["--task", "classification"]
    assert train.main([*words, *WORDS, "--out", "run"]) == 0
    kind = MLPRegressor if regression else MLPClassifier
    net = kind(**SMALL).fit(x[:150], y[:150])
    assert np.array_equal(weights_of("run"), net.model_.theta)
    assert predict.main(["run", "new.csv", "-o", "p.npy", "--quiet"]) == 0
    ours = net.predict(x[150:])[:, None] if regression else net.predict_proba(x[150:])
    theirs = np.load("p.npy")
    if not regression:          # the classes of a table are in the order of their numbers too
        assert net.classes_.tolist() == [2, 9, 10] and theirs.dtype == np.float32
    assert np.array_equal(theirs, ours.astype(theirs.dtype))
    # What stands alone of it is the same too, of a y that is called as train calls the column.
    kind(**SMALL).fit(x[:150], y[:150].view(Named)).save("saved")
    for form in ("onnx", "safetensors"):
        if importlib.util.find_spec(form):
            for each in ("run", "saved"):
                assert export.main([each, "--to", form, "-o", f"{each}.{form}"]) == 0
    if importlib.util.find_spec("onnx"):
        assert Path("run.onnx").read_bytes() == Path("saved.onnx").read_bytes()
    if importlib.util.find_spec("safetensors"):
        from safetensors.numpy import load_file
        one, other = load_file("run.safetensors"), load_file("saved.safetensors")
        assert one.keys() == other.keys()
        assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_as_train_does_of_a_frame_to_the_bit(package):
    made = pytest.importorskip(package)
    columns, y = frames(120, 2)
    x = made.DataFrame(columns)
    whole = made.DataFrame(columns | {"y": y})
    if package == "pandas":
        whole.to_csv("t.csv", index=False)
    else:
        whole.write_csv("t.csv")
    text = Path("t.csv").read_text().replace("true", "True").replace("false", "False")
    Path("t.csv").write_text(text)
    words = ["--data", "t.csv", "--test", "0", "--dropout", "0.3", "--loss", "svm"]
    assert train.main([*words, *WORDS, "--out", "run"]) == 0
    net = MLPClassifier(**SMALL, dropout=0.3, loss="svm").fit(x, y)
    theirs = saved_model.load("run")
    assert theirs.preprocessing.columns == net.preprocessing_.columns
    assert [column["name"] for column in net.preprocessing_.columns] == [
        "x", "colour", "whole", "yes", "text", "day"]
    assert np.array_equal(theirs.model.theta, net.model_.theta)
    assert predict.main(["run", "t.csv", "-o", "p.npy", "--quiet"]) == 0
    assert np.array_equal(np.load("p.npy")[:, 1] - np.load("p.npy")[:, 0],
                          net.decision_function(x).astype(np.float32))
    assert not hasattr(net, "predict_proba")
    # And what was loaded of the run predicts the same.
    assert load("run").predict(x).tolist() == net.predict(x).tolist()


def test_weights_and_rows_to_choose_by_as_train_takes_them():
    x, y = numbers(200, 1)
    w = np.round(np.random.default_rng(0).uniform(0, 3, 150), 3)
    heading = ["a", "b", "c", "d", "w", "y"]
    write("t.csv", np.column_stack([x[:150], w]), y[:150], heading)
    write("new.csv", x[150:], y[150:], ["a", "b", "c", "d", "y"])
    assert train.main(["--data", "t.csv", "--val-data", "new.csv", "--test", "0", "--sample-weight",
                       "w", "--class-weight", "2=3", "10=0.5", *WORDS, "--out", "run"]) == 0
    net = MLPClassifier(**SMALL, class_weight={2: 3, 10: 0.5})
    net.fit(x[:150], y[:150], sample_weight=w, X_val=x[150:], y_val=y[150:])
    assert np.array_equal(weights_of("run"), net.model_.theta)
    assert not np.array_equal(net.fit(x[:150], y[:150]).model_.theta, weights_of("run"))


@pytest.mark.slow
@pytest.mark.parametrize("regression", [False, True])
def test_what_is_saved_is_a_run_for_all_commands(regression, capsys):
    x, y = numbers(120, 4, regression)
    kind = MLPRegressor if regression else MLPClassifier
    net = kind(**SMALL, norm="batch", update_rule="momentum").fit(x, y)
    assert net.save("run") == Path("run")
    assert predict.main(["run", "t.npy", "-o", "p.npy"]) == 2       # there is no such file
    np.save("t.npy", np.nan_to_num(x))
    assert predict.main(["run", "t.npy", "-o", "p.npy", "--quiet"]) == 0
    ours = net.predict(np.nan_to_num(x))[:, None] if regression else net.predict_proba(
        np.nan_to_num(x))
    assert np.array_equal(np.load("p.npy"), ours.astype(np.load("p.npy").dtype))
    write("t.csv", x, y)
    capsys.readouterr()
    assert evaluate.main(["run", "--data", "t.csv", "--label", "5"]) == 0
    shown = capsys.readouterr().out
    assert (f"R^2                  {net.score(x, y):.4f}" if regression else
            f"accuracy           {net.score(x, y):.4f}") in shown
    assert evaluate.main(["run"]) == 2
    assert "test part: run has none, as it was fitted in Python" in capsys.readouterr().err
    assert runs.main(["run", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["state"], listed["epochs"]) == ("done", 6)
    assert listed["val_loss"] == net.history_[net.best_epoch_ - 1]["val_loss"]
    assert report.main(["run", "--card"]) == 0
    card, said = Path("run/card.md").read_text("utf-8"), capsys.readouterr().err
    assert f"best epoch | {net.best_epoch_} of 6" in card
    best = net.history_[net.best_epoch_ - 1]
    assert f"| loss | {number(best['val_loss'])} |" in card     # of validation
    assert regression or f"| accuracy | {best['val_metric']:.2%} |" in card
    assert said.count("\n") == 1 and "by flatprop evaluate run --data FILE" in said
    if importlib.util.find_spec("matplotlib"):
        assert report.main(["run", "-o", "page.html"]) == 0
        page = Path("page.html").read_text("utf-8")
        assert f"<b>{net.best_epoch_}</b>" in page and "flatprop evaluate run --data FILE" in page
        shown = number(best["val_loss"]) if regression else f"{best['val_metric']:.2%}"
        assert f"<b>{shown}</b><span>validation {'loss' if regression else 'accuracy'}" in page
    with pytest.raises(ValueError, match="is there already; overwrite=True puts"):
        net.save("run")
    net.save("run", overwrite=True)
    again = load("run")
    assert again.get_params() == net.get_params() | {
        "loss": again.loss, "hidden": [8], "threads": 1, "compiled": "no", "val": 0.1}
    assert np.array_equal(again.predict(x), net.predict(x))
    if not regression:
        assert again.classes_.dtype == net.classes_.dtype
    # It is trained on as what was saved is.
    assert np.array_equal(again.partial_fit(x, y).model_.theta, net.partial_fit(x, y).model_.theta)


@pytest.mark.slow
@pytest.mark.parametrize("regression", [False, True])
def test_folds_are_those_of_train_to_the_bit(regression):
    x, y = numbers(120, 8, regression)
    write("t.csv", x[:100], y[:100])
    write("new.csv", x[100:], y[100:])
    words = ["--data", "t.csv", "--header", "no", "--test", "0", *WORDS, "--folds", "3"]
    kind, task = (MLPRegressor, "regression") if regression else (MLPClassifier, "classification")
    assert train.main([*words, "--task", task, "--jobs", "1", "--out", "run"]) == 0
    net = kind(**SMALL | {"folds": 3}).fit(x[:100], y[:100])
    theirs = [member.model.theta for member in folds.members("run")]
    assert len(net.networks_) == 3 and len(net.history_) == 3 * 6 and len(net.best_epoch_) == 3
    for theta, each in zip(theirs, net.networks_, strict=True):
        assert np.array_equal(theta, each.saved.model.theta)
    assert predict.main(["run", "new.csv", "-o", "p.npy", "--quiet"]) == 0
    new = x[100:]
    ours = net.predict(new)[:, None] if regression else net.predict_proba(new)
    assert np.array_equal(np.load("p.npy"), ours.astype(np.load("p.npy").dtype))
    # What is saved is a run of folds, and again after it was loaded.
    net.save("saved")
    again = load("saved")
    again.save("twice")
    for found in (again, load("twice"), pickle.loads(pickle.dumps(net)),
                  kind(**SMALL | {"folds": 3, "n_jobs": 2}).fit(x[:100], y[:100])):
        assert np.array_equal(found.predict(new), net.predict(new))
        assert found.history_ == net.history_ or found.n_jobs == 2
    write("inputs.csv", new[:, :-1], new[:, -1])
    assert predict.main(["saved", "inputs.csv", "-o", "q.npy", "--quiet"]) == 0
    assert np.array_equal(np.load("p.npy"), np.load("q.npy"))
    held, made, again = (json.loads(Path(run, "folds.json").read_text())["folds"]
                         for run in ("run", "saved", "twice"))
    assert held == made == again and len({each["val_loss"] for each in held}) == 3
    assert all(("val_r2" if regression else "val_accuracy") in each for each in held)
    for damaged in ("[]", '{"folds": 1}', '{"folds": [1]}', '{"folds": [{}]}', '{"folds": [null]}'):
        Path("twice/folds.json").write_text(damaged)
        with pytest.raises(DataError, match="folds.json: holds no results"):
            folds.results("twice")
    Path("twice/folds.json").unlink()           # as while a run is being trained
    assert load("twice").networks_[0].result is None
    with pytest.raises(ValueError, match="average of several networks cannot be trained on"):
        copy.deepcopy(net).set_params(warm_start=True).fit(x, y)
    with pytest.warns(UserWarning, match="begins a network anew"):
        assert not hasattr(copy.deepcopy(net).partial_fit(x, y).model_, "members")
    with pytest.raises(ValueError, match="^X_val goes with one network, not with folds 3"):
        net.fit(x, y, X_val=x, y_val=y)
    with pytest.raises(ValueError, match="^val goes with one network, not with folds 3; each"):
        kind(**SMALL | {"folds": 3, "val": 0.2}).fit(x, y)
    assert "<svg" in net.drawing().svg
    assert train.main(["--resume", "saved", "--epochs", "9"]) == 2
    # One network where rows to choose by are given, or it is gone on with.
    assert not hasattr(kind(**SMALL | {"folds": None, "val": 0.2}).fit(x, y).model_, "members")
    assert not hasattr(kind(**SMALL | {"folds": None}).fit(x, y, X_val=x, y_val=y).model_,
                       "members")
    assert len(kind(**SMALL | {"folds": None}).fit(x[:18], y[:18]).model_.members) == 9


def test_every_parameter_is_an_option_with_its_default():
    known = {option.name: option for option in options.OPTIONS}
    for kind in (MLPClassifier, MLPRegressor):
        for field in fields(kind):
            if field.name in ("random_state", "warm_start", "n_jobs", "progress"):
                continue
            default = options.default_of(known[field.name], ["t.csv"])
            if field.name == "val":         # 0.1, of one network
                default = None
            first = default[0] if isinstance(default, list) else default
            assert field.default in (first, () if first is None else first, *{
                "activation": ["relu"], "norm": ["none"], "dropout": [0.1]}.get(field.name, [])
            ), field.name


@pytest.mark.parametrize(("name", "values"), [
    ("activation", [*ACTIVATIONS]), ("norm", [*NORMS]), ("update_rule", [*UPDATE_RULES]),
    ("lr_schedule", [*SCHEDULES]), ("loss", [name for name in LOSSES if name != "square"]),
    ("noise", [0.1, [0.1, 0.2]]), ("dropout", [[0.1, 0.2]]), ("max_norm", [1.5])])
def test_all_names_of_flatprop(name, values):
    x, y = numbers(60, 5)
    for value in values:
        net = MLPClassifier(**SMALL | {"epochs": 2}, **{name: value}).fit(x, y > 5)
        assert net.predict(x).dtype == bool
        assert (vars(net.options_)[name] or vars(MLPClassifier())[name]) == value


def test_what_cannot_be_is_said_in_the_words_of_the_parameters():
    x, y = numbers(60, 5)
    for given, message in (({"lr": -1}, "^lr: '-1' must be a number, more than 0"),
                           ({"activation": "swish"}, "^activation: unknown name 'swish'.*silu"),
                           ({"loss": "square"}, "^loss square is of regression: take MLPRegr"),
                           ({"model": "two_layer_regressor"}, "is of regression: take MLPRegr"),
                           ({"random_state": -1}, "^random_state: '-1' must be a whole number"),
                           ({"n_jobs": 0}, "^n_jobs: 0 must be a number of processes"),
                           ({"n_jobs": 1.5}, "^n_jobs: 1.5 must be"),
                           ({"warm_start": "yes"}, "^warm_start: 'yes' must be True or False$"),
                           ({"progress": 1}, "^progress: 1 must be True or False$"),
                           ({"folds": 1000}, "^folds 1000: 60 examples are too few for 1000 "
                                             "shares; give fewer folds, or more data$"),
                           ({"loss": "logistic"}, "^loss logistic needs two classes; y has 3"),
                           ({"dtype": np.int32}, "^dtype: unknown name 'int32'.*float32, float64"),
                           ({"class_weight": {5: 1}}, "class_weight: there is no class 5"),
                           ({"patience": 0}, "patience: '0' must be a whole number, 1 or more")):
        with pytest.raises(ValueError, match=message):
            MLPClassifier(**SMALL | given).fit(x, y)
    with pytest.raises(ValueError, match="^loss svm is of classification: take MLPClassifier, or "
                                         "loss square$"):
        MLPRegressor(**SMALL, loss="svm").fit(x, np.arange(60.0))
    net = MLPClassifier(**SMALL)
    with pytest.raises(NotFittedError):
        net.predict(x)
    with pytest.raises(ValueError, match="one class, 1.0, so there is nothing to learn"):
        net.fit(x, np.ones(60))
    with pytest.raises(ValueError, match="^y: every label is 3.3, so there is nothing to learn; "
                                         "give examples that differ$"):
        MLPRegressor(**SMALL).fit(x, np.full(60, 3.3))
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="Sparse data"):
        net.fit(sparse.csr_matrix(np.nan_to_num(x)), y)


@pytest.mark.parametrize(("given", "message"), [
    ({"momentum": 0.5}, "momentum goes with update_rule momentum or nesterov, not with update_rule "
                        "adamw"),
    ({"update_rule": "sgd", "weight_decay": 0.1}, "weight_decay goes with update_rule adamw, not "
     "with update_rule sgd; L2 is reg here, and is half of what PyTorch's weight_decay means"),
    ({"momentum_final": 0.5}, None), ({"update_rule": "momentum", "beta2": 0.9}, None),
    ({"update_rule": "momentum", "momentum_epochs": 3}, None), ({"lr_factor": 0.1}, None),
    ({"lr_every": 3}, None), ({"lr_power": 2}, None), ({"lr_schedule": "step", "lr_final": 0.1},
                                                       None),
    ({"lr_schedule": "constant", "lr_hold": 3}, None), ({"init_scale": 0.1}, None),
    ({"maxout_pieces": 3}, None), ({"noise_final": 0.5}, None), ({"min_delta": 0.1}, None),
    ({"val": 0, "patience": 3}, None), ({"val": 0, "best_by": "loss"}, None),
    ({"folds": 3, "val": 0.2}, None),
    *(({"model": "two_layer_net", name: value}, None) for name, value in [
        ("activation", "elu"), ("norm", "batch"), ("dropout", 0.2), ("dropout_kind", "gaussian"),
        ("noise", 0.1), ("label_smoothing", 0.2)])])
def test_what_means_nothing_beside_the_others_is_refused_as_train_refuses_it(given, message):
    x, y = numbers(60, 5)
    words = [word for name, value in given.items()
             for word in (f"--{name.replace('_', '-')}", str(value))]
    with pytest.raises(UsageError) as theirs:
        command_line.parse(["--data", "t.csv", *words])
    expected = re.sub("--[a-z0-9-]+", lambda word: word[0][2:].replace("-", "_"), str(theirs.value))
    for fit in (MLPClassifier(**given).fit, MLPClassifier(**given, warm_start=True).fit):
        with pytest.raises(ValueError, match="goes with") as ours:
            fit(x, y)
        assert str(ours.value) == expected == (message or expected)


def test_what_is_at_its_default_is_not_refused():
    x, y = numbers(60, 5)
    usual = {field.name: field.default for field in fields(MLPClassifier)}
    same = {name: np.float64(value) if isinstance(value, float) else copy.copy(value)
            for name, value in usual.items()}
    net, plain = (MLPClassifier(**each | SMALL).fit(x, y) for each in (same, {}))
    assert np.array_equal(net.model_.theta, plain.model_.theta)
    # Of folds threads is how many predict.
    assert MLPClassifier(**SMALL | {"folds": 2, "threads": 1}).fit(x, y).predict(x).shape == (60,)
    net.set_params(momentum=0.8)
    with pytest.raises(ValueError, match="^momentum goes with"):
        net.partial_fit(x, y)
    net.set_params(momentum=0.9, patience=2).partial_fit(x, y)
    with pytest.raises(ValueError, match="^update_rule: nesterov cannot go on from where another"):
        net.set_params(update_rule="nesterov").partial_fit(x, y)


@pytest.mark.parametrize("given", [np.float64, np.dtype(np.float64), float])
def test_a_dtype_may_be_numpys(given):
    x, y = numbers(60, 5)
    net = MLPClassifier(**SMALL, dtype=given)
    assert net.get_params()["dtype"] is given and clone(net).dtype == given
    assert net.fit(x, y).model_.theta.dtype == np.float64
    named = MLPClassifier(**SMALL, dtype="float64").fit(x, y)
    assert np.array_equal(net.model_.theta, named.model_.theta)
    net.save("run")
    assert load("run").dtype == "float64"


def said(call, *given):
    """The texts of the UserWarnings of a call, all of which name a line of this file."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        call(*given)
    assert {each.category for each in found} <= {UserWarning}
    assert {each.filename for each in found} <= {__file__}
    return [str(each.message) for each in found]


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_a_frame_is_warned_of_as_predict_warns_of_the_file(package, capsys):
    made = pytest.importorskip(package)
    rng = np.random.default_rng(0)
    cells = {"flag": rng.random(60) < 0.5, "colour": rng.choice(["red", "green"], 60),
             "cm": rng.normal(170, 10, 60), "kg": rng.normal(70, 9, 60)}
    y = np.where(cells["flag"] ^ (cells["colour"] == "red"), "up", "down")
    net = MLPClassifier(**SMALL).fit(made.DataFrame(cells), y)
    net.save("run")
    assert said(net.predict, made.DataFrame(cells)) == []
    colours = ["grean"] * 5 + cells["colour"][5:].tolist()
    others = {"flag": cells["flag"].astype(int), "colour": colours, "cm": cells["cm"] / 100,
              "kg": np.full(60, np.nan)}
    other = made.DataFrame(others)
    if package == "pandas":
        other.to_csv("new.csv", index=False)
    else:
        other.write_csv("new.csv")
    capsys.readouterr()
    assert predict.main(["run", "new.csv", "-o", "p.npy"]) == 0
    theirs = re.findall("warning: new.csv: (.*)", capsys.readouterr().err)
    assert len(theirs) == 5 and theirs[2].startswith("column 'colour': 'grean' in 5 rows")
    assert theirs[3].startswith("column 'kg' is missing in 60 of 60 rows, and never was in")
    assert theirs[4].endswith("is it another unit?")
    for call in (net.predict, net.predict_proba, net.decision_function, load("run").predict):
        assert said(call, other) == [f"X: {text}" for text in theirs]
    of_numbers = MLPRegressor(**SMALL).fit(made.DataFrame(cells), np.arange(60.))
    expected = [text.partition("about")[0] for text in theirs]    # its rows have another median
    assert [text.removeprefix("X: ").partition("about")[0]
            for text in said(of_numbers.predict, other)] == expected
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        net.score(other, y)
    assert [str(each.message) for each in found] == [f"X: {text}" for text in theirs]


def test_an_array_is_warned_of_categories_alone():
    # As predict says nothing of the numbers of an .npy.
    x = np.random.default_rng(0).integers(0, 3, (60, 2)).astype(float)
    net = MLPClassifier(**SMALL, categorical=["column 1"]).fit(x, x[:, 0] > 0)
    assert said(net.predict, x) == said(net.predict, x + [0, 10_000]) == []
    x[:2, 0] = 7
    assert said(net.predict, x) == ["X: column 'column 1': '7' in 2 rows is no value that the "
                                    "model was trained on, and counts as none"]


def test_what_was_fitted_to_an_array_takes_tables_by_the_places_of_columns():
    x, y = numbers(60, 5)
    net = MLPClassifier(**SMALL).fit(x, y)
    net.save("run")
    ours, order = net.predict_proba(x), [2, 0, 3, 1]
    for heading, table in ((None, x), (["a", "b", "c", "d"], x),
                           ([f"column {j + 1}" for j in order], x[:, order])):
        write("t.csv", table[:, :-1], table[:, -1], heading)
        assert predict.main(["run", "t.csv", "-o", "p.npy", "--quiet"]) == 0
        assert np.array_equal(np.load("p.npy"), ours.astype(np.float32)), heading
    pandas = pytest.importorskip("pandas")
    with pytest.warns(UserWarning, match="was fitted without feature names"):
        assert np.array_equal(net.predict_proba(pandas.DataFrame(x, columns=[*"abcd"])), ours)


def test_a_search_over_what_goes_together_is_a_list_of_grids():
    x, y = numbers(90, 7)
    grids = [{"update_rule": ["adamw"], "weight_decay": [0.1]},
             {"update_rule": ["momentum"], "momentum": [0.5, 0.8]}]
    search = GridSearchCV(MLPClassifier(**SMALL), grids, cv=3, error_score="raise").fit(x, y)
    assert len(search.cv_results_["params"]) == 3
    both = {"update_rule": ["adamw", "momentum"], "momentum": [0.5]}
    with pytest.raises(ValueError, match="^momentum goes with"):
        GridSearchCV(MLPClassifier(**SMALL), both, cv=3, error_score="raise").fit(x, y)


def test_what_was_loaded_can_be_fitted_again():
    x, y = numbers(96, 6)
    net = MLPClassifier(**SMALL, lr_final=0.001, patience=5).fit(x, y)
    net.save("fit")
    net.partial_fit(x, y).save("part")          # of a constant rate, without patience
    again, part = (load(run).fit(x, y) for run in ("fit", "part"))
    assert again.lr_final == 0.001 and again.n_iter_ == 6
    assert part.lr_schedule == "constant" and part.lr_final == 0 and part.n_iter_ == 1


def test_an_average_of_the_weights_and_components_are_those_of_train_and_saved():
    x, y = numbers(120, 4)
    write("t.csv", x, y)
    more = {"average": 0.9, "pca": 3, "lr_hold": 2, "update_rule": "momentum", "folds": 0,
            "momentum_final": 0.95, "momentum_epochs": 3, "lr": 0.01}
    words = [word for name, value in more.items()
             for word in (f"--{name.replace('_', '-')}", str(value))]
    words += ["--data", "t.csv", "--header", "no", "--task", "classification", "--test", "0"]
    assert train.main([*words, *WORDS, "--out", "run"]) == 0
    net = MLPClassifier(**SMALL | more).fit(x, y)
    assert np.array_equal(weights_of("run"), net.model_.theta)
    net.save("saved")
    last, theirs = (saved_model.load(run, "last").model.theta for run in ("saved", "run"))
    assert np.array_equal(last, theirs)
    assert not np.array_equal(last, np.load("saved/last.npz")["theta"])
    load("saved").save("again")
    assert np.array_equal(saved_model.load("again", "last").model.theta, last)
    assert load("run").pca == 3 and load("run").preprocessing_.components.shape[1] == 3
    with pytest.raises(ValueError, match="average: partial_fit takes a network on"):
        net.partial_fit(x, y)


def test_partial_fit_takes_the_steps_of_one_training():
    x, y = numbers(96, 6)
    given = SMALL | {"dropout": 0.0, "batch_size": 96, "lr_schedule": "constant", "epochs": 3}
    whole = MLPClassifier(**given, val=0, norm="none").fit(x, y)
    parts = MLPClassifier(**given, val=0, norm="none")
    for _ in range(3):          # full batches, whose order does not matter but to rounding
        parts.partial_fit(x, y, classes=[2, 9, 10])
    assert np.allclose(parts.model_.theta, whole.model_.theta, atol=1e-5)
    assert parts.n_iter_ == 3 and [entry["epoch"] for entry in parts.history_] == [1, 2, 3]
    with pytest.raises(ValueError, match="the class 3.*, which is none"):
        parts.partial_fit(x[:2], [3, 9])


def test_warm_start_goes_on_and_a_fit_begins_anew():
    x, y = numbers(96, 6)
    net = MLPClassifier(**SMALL | {"epochs": 0}, warm_start=True).fit(x, y)
    first = net.model_.theta.copy()
    fitted = net.preprocessing_
    net.set_params(epochs=4).fit(x + 1, y)
    assert net.preprocessing_ is fitted and not np.array_equal(net.model_.theta, first)
    second = net.model_.theta.copy()
    net.set_params(epochs=0).fit(x, y)
    assert np.array_equal(net.model_.theta, second)
    with pytest.raises(ValueError, match="to go on they must be the same"):
        net.fit(x, y + 1)
    assert np.array_equal(net.set_params(warm_start=False).fit(x, y).model_.theta, first)


def test_clones_pickles_and_copies_predict_the_same():
    x, y = numbers(96, 6)
    net = MLPClassifier(**SMALL, norm="batch").fit(x, y)
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net), clone(net).fit(x, y)):
        assert np.array_equal(other.predict_proba(x), net.predict_proba(x))
    with pytest.raises(NotFittedError):
        clone(net).predict(x)


@pytest.mark.slow
def test_in_pipelines_searches_and_scores():
    x, y = numbers(90, 7)
    pipe = make_pipeline(make_column_transformer((StandardScaler(), [0, 1]),
                                                 remainder="passthrough"), MLPClassifier(**SMALL))
    scores = cross_val_score(pipe, x, y, cv=3, scoring="roc_auc_ovr")
    assert scores.shape == (3,) and scores.min() > 0.5
    search, beside = (GridSearchCV(pipe, {"mlpclassifier__hidden": [(4,), (16,)],
                                          "mlpclassifier__update_rule": ["adamw", "sgd"]}, cv=3,
                                   n_jobs=jobs).fit(x, y) for jobs in (1, 2))
    assert search.best_params_["mlpclassifier__update_rule"] == "adamw"
    assert np.array_equal(search.cv_results_["mean_test_score"],
                          beside.cv_results_["mean_test_score"])


def test_what_it_shows_in_a_notebook_changes_nothing(capsys):
    x, y = numbers(90, 7)
    quiet = MLPClassifier(**SMALL, class_weight="balanced").fit(x, y)
    assert capsys.readouterr() == ("", "")
    net = MLPClassifier(**SMALL, class_weight="balanced", progress=True).fit(x, y)
    out, err = capsys.readouterr()
    assert out == "" and f"loss {net.history_[-1]['train_loss']:.4f}" in err
    assert repr(net.curves()) == "<Picture: losses and balanced accuracy by epoch, 6 epochs>"
    assert "dropout" in net.drawing().svg
    assert np.array_equal(quiet.model_.theta, net.model_.theta)
    assert np.array_equal(quiet.partial_fit(x, y).model_.theta, net.partial_fit(x, y).model_.theta)


@pytest.mark.slow
def test_the_code_of_its_page():
    page = (Path(__file__).resolve().parents[1] / "docs/scikit-learn.md").read_text("utf-8")
    names = {}
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], names)
    assert names["accuracy"] > 0.9 and names["probabilities"].shape == (45, 3)
    x = names["x_test"]
    assert np.array_equal(names["again"].predict_proba(x), names["best"].predict_proba(x))


def checked(*estimators):
    """What check_estimator says of each but for what is exempt: {check that failed: why}."""
    failed = {}
    for each in estimators:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", "X: ")         # of what predict doubts
            found = check_estimator(each, expected_failed_checks=EXEMPT, on_fail=None, on_skip=None)
        assert len(found) > 50
        failed |= {one["check_name"]: one["exception"] for one in found
                   if one["status"] == "failed"}
    return failed


@pytest.mark.slow
def test_check_estimator():
    assert checked(MLPClassifier(dtype="float64", folds=0), MLPRegressor(dtype="float64", folds=0),
                   MLPClassifier(dtype="float64", epochs=20, folds=3),
                   MLPRegressor(dtype="float64", epochs=20, folds=3)) == {}


@pytest.mark.slow
def test_check_estimator_of_float32_but_for_its_last_digits():
    # What is computed of a row depends, in the last digits, on how many rows it is computed with.
    assert checked(MLPClassifier(folds=0), MLPRegressor(folds=0)).keys() <= {
        "check_methods_sample_order_invariance", "check_methods_subset_invariance"}
