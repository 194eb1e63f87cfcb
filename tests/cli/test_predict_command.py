"""flatprop predict on arrays, its numbers against plain matrix arithmetic, and what it refuses."""


import numpy as np
import pytest
from command_cases import predicted, refused
from run_cases import COLUMNS, forge, make_run, scores, softmax

from flatprop.cli import predict
from flatprop.cli.progress import report_progress

CLASSES = ["a", "b", "c", "d, e"]


def predict_both(folder, given, *options):
    """Predict from a file in the folder with the run beside it, into o.npy and o.csv."""
    for output in ("o.npy", "o.csv"):
        words = [folder / "run", folder / given, "-o", folder / output, *options]
        assert predict.main([str(word) for word in words]) == 0


@pytest.mark.parametrize("chunk", [1, 7, 10**30, None])
@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_an_array_gives_probabilities(tmp_path, chunk, suffix):
    model, fitted = make_run(tmp_path / "run", classes=CLASSES)
    raw = np.random.default_rng(1).normal(size=(40, 3))
    given = tmp_path / f"x.{suffix}"
    np.save(given, raw) if suffix == "npy" else np.savez(given, x=raw)
    predict_both(tmp_path, given, *(["--chunk", str(chunk)] if chunk else []))
    expected = softmax(scores(model, fitted, raw))
    got = np.load(tmp_path / "o.npy")
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert got.dtype == np.float64
    head, names, numbers = predicted((tmp_path / "o.csv").read_text())
    assert head == ["prediction", "p(a)", "p(b)", "p(c)", "p(d, e)"]
    assert names == [CLASSES[label] for label in expected.argmax(axis=1)]
    assert (numbers == got).all()       # every bit


def test_images_are_flattened_and_integers_taken(tmp_path):
    model, fitted = make_run(tmp_path / "run", sizes=(4, 3), classes=["0", "1", "2"],
                             dtype="float32", mean=[100], scale=[50])
    raw = np.random.default_rng(1).integers(0, 256, (9, 2, 2)).astype(">u2")
    np.save(tmp_path / "x.npy", raw)
    predict_both(tmp_path, "x.npy")
    got = np.load(tmp_path / "o.npy")
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, softmax(scores(model, fitted, raw.reshape(9, 4))), rtol=1e-4)
    assert (predicted((tmp_path / "o.csv").read_text())[2].astype(np.float32) == got).all()


def test_the_logistic_loss_has_two_columns_and_the_svm_scores(tmp_path):
    raw = np.random.default_rng(2).normal(size=(6, 3))
    np.save(tmp_path / "x.npy", raw)
    model, fitted = make_run(tmp_path / "l", sizes=(3, 1), loss="logistic", classes=["no", "yes"])
    words = [str(tmp_path / "x.npy"), "-o", str(tmp_path / "o.csv")]
    assert predict.main([str(tmp_path / "l"), *words]) == 0
    head, names, numbers = predicted((tmp_path / "o.csv").read_text())
    logit = scores(model, fitted, raw)[:, 0]
    assert head == ["prediction", "p(no)", "p(yes)"]
    assert names == ["yes" if each > 0 else "no" for each in logit]
    expected = 1 / (1 + np.exp(-logit))
    np.testing.assert_allclose(numbers, np.column_stack([1 - expected, expected]), rtol=1e-12)

    model, fitted = make_run(tmp_path / "s", loss="svm", classes=CLASSES)
    assert predict.main([str(tmp_path / "s"), *words]) == 0
    head, _, numbers = predicted((tmp_path / "o.csv").read_text())
    assert head[:2] == ["prediction", "score(a)"]
    np.testing.assert_allclose(numbers, scores(model, fitted, raw), rtol=1e-12)


@pytest.mark.parametrize("outputs, head", [
    (1, ["prediction"]), (2, ["prediction1", "prediction2"])])
def test_regression(tmp_path, outputs, head):
    model, fitted = make_run(tmp_path / "run", sizes=(3, outputs), loss="square")
    raw = np.random.default_rng(2).normal(size=(6, 3))
    np.save(tmp_path / "x.npy", raw)
    predict_both(tmp_path, "x.npy")
    expected = scores(model, fitted, raw)
    np.testing.assert_allclose(np.load(tmp_path / "o.npy"), expected, rtol=1e-12)
    first, *rows = [line.split(",") for line in (tmp_path / "o.csv").read_text().splitlines()]
    assert first == head
    np.testing.assert_allclose(np.array(rows, float), expected, rtol=1e-12)


def test_the_last_weights_and_extreme_scores(tmp_path):
    model, fitted = make_run(tmp_path / "run", classes=CLASSES)
    raw = np.array([[1e5, -1e5, 3e4], [0, 0, 0]])
    np.save(tmp_path / "x.npy", raw)
    words = [str(tmp_path / "run"), str(tmp_path / "x.npy"), "-o", str(tmp_path / "o.npy")]
    assert predict.main([*words, "--which", "last"]) == 0
    got = np.load(tmp_path / "o.npy")
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got.sum(axis=1), 1)
    np.testing.assert_allclose(got[1], softmax(-scores(model, fitted, raw[1:]))[0])


def test_no_rows_give_an_empty_result(tmp_path):
    make_run(tmp_path / "run", classes=CLASSES)
    np.savez(tmp_path / "x.npz", x=np.zeros((0, 3)))
    predict_both(tmp_path, "x.npz")
    assert np.load(tmp_path / "o.npy").shape == (0, 4)
    assert (tmp_path / "o.csv").read_text().count("\n") == 1


@pytest.mark.parametrize("given, output, words", [
    ("x.npy", "o.txt", (".csv or .npy",)),
    ("x.npy", "missing/o.csv", ("missing/o.csv", "folder")),
    ("x.npy", "folder.csv", ("folder.csv", "is a folder")),
    ("x.npy", "x.npy", ("the input itself",)),
    ("x.foo", "o.csv", ("x.foo: does not exist; is it x.npy?",)),
    ("none.npy", "o.csv", ("none.npy", "does not exist")),
    ("none.csv", "o.csv", ("none.csv", "does not exist")),
    ("no_x.npz", "o.csv", ("no_x.npz", "no array x", "images")),
    ("wide.npy", "o.csv", ("wide.npy", "(5, 4)", "takes 3")),
    ("text.npy", "o.csv", ("text.npy", "real numbers")),
    ("nan.npy", "o.csv", ("nan.npy", "row 5 ", "nan", "place 2")),
    ("cut.npy", "o.csv", ("cut.npy", "bytes")),
])
def test_a_user_error_is_one_line_and_leaves_nothing(tmp_path, capsys, monkeypatch, given, output,
                                                     words):
    monkeypatch.chdir(tmp_path)
    make_run(tmp_path / "run", classes=CLASSES)
    (tmp_path / "folder.csv").mkdir()
    raw = np.zeros((5, 3))
    np.save("x.npy", raw)
    np.save("wide.npy", np.zeros((5, 4)))
    np.save("text.npy", np.array([["a", "b", "c"]]))
    np.savez("no_x.npz", images=raw)
    (tmp_path / "cut.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:-1])
    raw[4, 1] = np.nan
    np.save("nan.npy", raw)
    before = sorted(tmp_path.iterdir())
    line = refused(capsys, "predict", "run", given, "-o", output, "--chunk", "2")
    assert all(word in line for word in words), line
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("change, words", [
    (lambda plain: plain["preprocessing"].update(classes=["a"]), ("names of 4 classes",)),
    (lambda plain: plain["preprocessing"].update(classes=[1, 2, 3, 4]), ("names of 4 classes",)),
    (lambda plain: plain["preprocessing"].update(classes=["a"] * 4), ("names of 4 classes",)),
    (lambda plain: plain["preprocessing"].update(mean=[1, 2], scale=[1, 2]), ("2 inputs", "3")),
    (lambda plain: plain["preprocessing"].update(scale=[1, 0, 1]), ("scale",)),
    (lambda plain: plain["preprocessing"].update(columns=COLUMNS[:1]), ("1 inputs",)),
    (lambda plain: plain["preprocessing"].update(columns=[{"name": 3}]), ("columns",)),
    (lambda plain: plain["preprocessing"].update(columns="abc"), ("columns",)),
    (lambda plain: plain["preprocessing"].update(target=[3]), ("target",)),
    (lambda plain: plain["description"].update(loss="logistic"), ("logistic",)),
    (lambda plain: plain["preprocessing"].update(columns=7), ("columns",)),
])
def test_a_forged_run_is_one_line(tmp_path, capsys, change, words):
    make_run(tmp_path / "run", classes=CLASSES)
    forge(tmp_path / "run" / "model.json", change)
    np.save(tmp_path / "x.npy", np.zeros((2, 3)))
    line = refused(capsys, "predict", tmp_path / "run", tmp_path / "x.npy", "-o", "-")
    assert "model.json" in line
    assert all(word in line for word in words), line


def test_scores_that_overflow_are_refused_with_their_row(tmp_path, capsys):
    make_run(tmp_path / "run", classes=CLASSES, dtype="float32", scale=[1, 1, 1])
    raw = np.zeros((9, 3))
    raw[6] = 3e38
    np.save(tmp_path / "x.npy", raw)
    line = refused(capsys, "predict", tmp_path / "run", tmp_path / "x.npy", "--chunk", "4", "-o",
                   tmp_path / "o.npy")
    assert "row 7" in line
    assert not (tmp_path / "o.npy").exists()


def test_progress_is_reported_every_two_seconds(capsys):
    times = iter([0.0, 1.0, 2.5, 3.0, 4.6])
    chunks = [(None, np.zeros((10, 1)))] * 4
    list(report_progress(chunks, "flatprop predict", False, lambda: next(times)))
    assert capsys.readouterr().err.splitlines() == [
        "flatprop predict: 20 rows, 8 a second", "flatprop predict: 40 rows, 9 a second"]
    times = iter(range(100))
    list(report_progress(chunks, "flatprop predict", True, lambda: next(times)))
    assert capsys.readouterr().err == ""
