"""An ONNX file takes the rows of a table as they are there: beside what predict says of them."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import raw_rows
from export_cases import make_run
from run_cases import refused

from data import encode
from flatprop import __version__
from flatprop.cli import export, predict, train
from flatprop.runs import saved_model
from flatprop.runs.export import onnx_file, onnx_graph, onnx_inputs

pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

TABLES = os.environ.get("FLATPROP_TABLES")      # a folder with the tables of OPTIONS
OPTIONS = {
    "abalone": "--task regression", "banknote_authentication": "", "ecoli": "", "german": "",
    "horse-colic": "--label 24", "insurance": "", "ionosphere": "", "mpg": "--label mpg",
    "penguins": "--label species", "phoneme": "", "pima-indians-diabetes": "",
    "titanic": "--label survived", "titanic-raw": "--label survived", "wheat-seeds": "",
    "winequality-white": "--task regression",
}
HEADING = ["Größe in m", "Farbe", "day", "price", "label", "code", "mean", "scores", "Art"]
KINDS = [       # labels of rows, options, outputs of the file
    (["Käfer, groß", "b  c", 'he said "no"'], ["--folds", "2"], ["label", "probabilities"]),
    (["10", "2"], ["--folds", "2", "--loss", "logistic"], ["label", "probabilities"]),
    (["01", "2"], ["--loss", "logistic", "--dtype", "float64", "--pca", "4"],
     ["label", "probabilities"]),
    (["a", "b", "c"], ["--loss", "svm", "--norm", "layer"], ["label"]),
    (["1.5", "200.25", "-3e3", "1"] * 3, ["--task", "regression", "--folds", "2"], ["prediction"]),
    (["1.5", "200.25", "-3e3", "1"] * 3, ["--task", "regression", "--targets", "as_they_are"],
     ["prediction"]),
]


def write_table(path, labels, rows, seed=0):
    """A table of every kind of column, with cells missing; the last column has the labels."""
    rng = np.random.default_rng(seed)
    with open(path, "w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(HEADING)
        for i in range(rows):
            size = rng.choice([f"{rng.normal():.6f}", "", "NA", "-999"], p=[0.7, 0.1, 0.1, 0.1])
            lines.writerow([size, ["grün", "", "sehr rot", "NA"][i % 4],
                            "" if i % 11 == 5 else f"20{10 + i % 9}-0{1 + i % 8}-1{i % 7}",
                            "" if i % 13 == 5 else f"${1000 * rng.random():,.2f}",
                            str(bool(rng.integers(2))), rng.integers(1, 4), 1e6 + 7 * i,
                            f"{rng.normal():.4f}", labels[i % len(labels)]])


def outside(path, table, separator=","):
    """What raw_rows prints, in a process that holds nothing of flatprop."""
    answer = subprocess.run([sys.executable, "-I", raw_rows.__file__, path, table, separator],
                            capture_output=True, text=True, cwd=path.parent)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert found["ours"] == []
    return found


def compare(run, table, folder, separator=","):
    """Export a run, and compare what its file gives for a table with what predict does. -> what
    raw_rows found"""
    assert export.main([str(run), "-o", str(folder / "net.onnx")]) == 0
    assert predict.main([str(run), str(table), "-o", str(folder / "p.csv"), "--quiet"]) == 0
    with open(folder / "p.csv", newline="", encoding="utf-8") as file:
        expected = list(csv.reader(file))[1:]
    expected = (expected * (raw_rows.ROWS // len(expected) + 1))[: raw_rows.ROWS]
    found = outside(folder / "net.onnx", table, separator)
    for answer, rows in [(found["many"], expected),
                         *((one, [row]) for one, row in zip(found["alone"], expected,
                                                            strict=False))]:
        answer = {name.rstrip("_"): values for name, values in answer.items()}
        if "label" in answer:
            assert [str(label) for label in answer["label"]] == [row[0] for row in rows]
            rows = [row[1:] for row in rows]
        numbers = next(answer[name] for name in ("probabilities", "prediction", "scores")
                       if name in answer)
        np.testing.assert_allclose(numbers, np.array(rows, float), rtol=1e-5, atol=1e-5)
    return found


@pytest.mark.parametrize("labels, options, outputs", KINDS)
def test_a_row_goes_in_as_it_is_and_comes_out_as_predict_has_it(tmp_path, labels, options, outputs):
    write_table(tmp_path / "t.csv", labels, 150)
    assert train.main(["--data", str(tmp_path / "t.csv"), "--out", str(tmp_path / "run"), "--quiet",
                       "--epochs", "2", "--missing", "-999", "--categorical", "code",
                       *(["--folds", "0"] if "--folds" not in options else ["--jobs", "1"]),
                       *options]) == 0
    write_table(tmp_path / "new.csv", labels, 40, seed=1)
    with open(tmp_path / "new.csv", "a", encoding="utf-8") as file:
        file.write("0.5,lila,2015-01-01,$5.00,maybe,2.0,1000000,0.1,\n")    # values never seen
        file.write(",,,,,3,,,\n")
    found = compare(tmp_path / "run", tmp_path / "new.csv", tmp_path)
    # A name that an input has gets _ behind it.
    expected = [*outputs, "scores_"] if "prediction" not in outputs else outputs
    assert list(found["many"]) == [name.replace("label", "label_") for name in expected]
    inputs = json.loads(found["about"]["inputs"])
    assert list(inputs) == HEADING[:-1]
    assert "-999" in inputs["mean"] and "3 values" in inputs["code"] and "$" in inputs["price"]
    assert "days since the start of 1970" in inputs["day"]
    assert len({json.dumps(row) for row in [*found["many"].values()][-1]}) > 10


@pytest.mark.parametrize("classes, kind, names", [
    (["-1", "0", "12", "200"], np.int64, [-1, 0, 12, 200]),
    (["07", "1", "2", "3"], object, ["07", "1", "2", "3"]),
    (["1", "2", "3", "über 3"], object, ["1", "2", "3", "über 3"]),
])
def test_labels_are_numbers_where_all_classes_are(tmp_path, classes, kind, names):
    _, model, fitted = make_run(tmp_path, classes=classes, sizes=[5, 4])
    session = runtime.InferenceSession(onnx_file.content(model, fitted))
    raw = np.random.default_rng(0).normal(0, 500, (50, 5)).astype(np.float32)
    label, scores = session.run(["label", "scores"], {"x": raw})
    assert label.dtype == kind and label.shape == (50,)
    assert label.tolist() == [names[place] for place in scores.argmax(axis=1)]
    assert len(set(label.tolist())) > 1


def test_what_stands_for_a_category():
    """1 and 1.0 are one, where neither is a category of its own; of -4 with any zeros, six here."""
    found = onnx_inputs.spellings(["1", "2.0", "3", "3.0", "x.0", "-4"])
    more = {text: place for text, place in found.items() if not text.endswith("00")}
    assert more == {"1": 0, "1.0": 0, "2.0": 1, "2": 1, "3": 2, "3.0": 3, "x.0": 4, "-4": 5,
                    "-4.0": 5}
    assert found["-4.00"] == found["-4.000000"] == 5 and found["3.00"] == 3
    assert "-4.0000000" not in found


@pytest.mark.parametrize("values, place", [
    (["", "NA", "a"], 0), (["a", "b", "n.a."], 2), (["", "a"], 0), (["NA", "None", "a"], 0),
    (["?", "NA", "a"], None), (["None", "a", "none"], None)])
def test_a_missing_text_is_the_value_that_missing_ones_had_in_training(values, place):
    """In whatever words, and as data.encode takes it; but Python's None is a text in a file."""
    found, column = onnx_inputs.spellings(values), {"name": "a", "kind": "category",
                                                    "values": values}
    for text in ("", "nan", "NaN", "NAN", "NA", "na", "N/A", "<NA>", "NaT", "null", "NULL", "#N/A",
                 "#Div/0!", "?", "\\N", "None", "none", "a", "b", "missing", "-", " "):
        expected = values.index(text) if text in values else None if text in (
            "none", "a", "b", "missing", "-", " ") else place
        assert found.get(text) == expected, text
        row = encode.encode([[text]], [column])[0]
        assert row.tolist() == [float(j == expected and (text != "None" or "None" in values))
                                for j in range(len(values))], text


def write_missing(path, rows):
    """Rows of two columns of texts, one with NA and one with empty cells, of codes, and numbers."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["colour", "shade", "code", "size", "y"])
        for i in range(rows):
            lines.writerow([["red", "NA", "green"][i % 3], ["dark", "", "light", "pale"][i % 4],
                            1 + i % 5 % 2, ["1e3", "+5", " 7 ", ".5", "5.", ""][i % 6],
                            "no" if i % 3 == 1 or i % 4 == 1 else "yes"])


@pytest.fixture
def missing(tmp_path):
    """A file that was exported of a run on such a table, as a session, and what predict writes."""
    write_missing(tmp_path / "t.csv", 144)
    assert train.main(["--data", str(tmp_path / "t.csv"), "--out", str(tmp_path / "run"), "--folds",
                       "0", "--categorical", "code", "--quiet", "--epochs", "3"]) == 0
    assert export.main([str(tmp_path / "run"), "-o", str(tmp_path / "net.onnx")]) == 0
    assert predict.main([str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o",
                         str(tmp_path / "p.npy"), "--quiet"]) == 0
    return runtime.InferenceSession(str(tmp_path / "net.onnx")), np.load(tmp_path / "p.npy")


@pytest.mark.parametrize("gone", [np.nan, None, "nan", "NA", ""])
def test_what_python_has_for_a_missing_text_is_missing(tmp_path, missing, gone):
    session, expected = missing
    with open(tmp_path / "t.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    given = {name: np.array([[gone if row[name] in ("", "NA") else row[name]] for row in rows],
                            object) for name in ("colour", "shade")}
    given["code"] = np.array([[f"{float(row['code'])}"] for row in rows], object)
    given["size"] = np.array([[float(row["size"] or "nan")] for row in rows])
    found = session.run(["probabilities"], given)[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    given["colour"] = np.array([["none of them"]] * len(rows), object)
    assert np.abs(session.run(["probabilities"], given)[0] - expected)[1::3].max() > 1e-3
    # Numbers are numbers: a text is refused, as onnxruntime's cast would make 1 of 1,250.
    with pytest.raises(Exception, match="Unexpected input data type"):
        session.run(None, given | {"size": np.array([[row["size"]] for row in rows], object)})
    about = json.loads(session.get_modelmeta().custom_metadata_map["inputs"])
    assert "None and their like are 'NA'" in about["colour"]
    assert "None and their like are ''" in about["shade"] and "None" not in about["code"]
    assert about["size"].startswith("float64 and no text, NaN where it is missing")


def test_a_frame_of_pandas_goes_in_column_by_column(tmp_path, missing):
    pandas = pytest.importorskip("pandas")
    session, expected = missing
    frame = pandas.read_csv(tmp_path / "t.csv")
    assert frame["colour"].isna().sum() == 48 and frame["shade"].isna().sum() == 36
    for texts in (object, "category", "string"):
        given = {each.name: frame[[each.name]].to_numpy(np.float64)
                 if each.type == "tensor(double)" else
                 frame[each.name].astype(str if each.name == "code" else texts).to_numpy(
                     object)[:, None] for each in session.get_inputs()}
        found = session.run(["probabilities"], given)[0]
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_predict_takes_a_cell_as_missing_in_whatever_words(tmp_path, missing, capsys):
    text = (tmp_path / "t.csv").read_text(encoding="utf-8").replace("NA", "").replace("no", "n/a")
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    assert predict.main([str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o",
                         str(tmp_path / "q.npy"), "--quiet"]) == 0
    assert np.array_equal(np.load(tmp_path / "q.npy"), missing[1])
    assert "warning" not in capsys.readouterr().err


@pytest.mark.parametrize("version, ir_version, norm, soft, columns", [
    (9, 4, "batch", False, "plain"), (9, 6, "none", False, "texts"),
    (11, 6, "none", False, "missing"), (12, 7, "none", True, "texts"),
    (17, 8, "layer", False, "plain")])
def test_the_operator_set_is_the_lowest_that_will_do(tmp_path, version, ir_version, norm, soft,
                                                     columns):
    import onnx

    kinds = {"plain": None, "texts": [{"name": "a", "kind": "category", "values": list("vwxyz")}],
             "missing": [{"name": name, "kind": "number", "missing": ["-1"]} for name in "abcde"]}
    _, model, fitted = make_run(tmp_path, norm=norm, columns=kinds[columns])
    content = onnx_file.content(model, fitted._replace(soft=soft), columns != "plain")
    file = onnx.load_from_string(content)
    sets = {each.domain: each for each in file.opset_import}
    assert sets[""].version == version
    assert file.ir_version == ir_version
    assert (file.producer_name, file.producer_version) == ("flatprop", __version__)
    onnx.checker.check_model(file, full_check=True)
    runtime.InferenceSession(content)
    if version > 9:             # which is the lowest here: constants need be no inputs since then
        sets[""].version -= 1

        def check():
            onnx.checker.check_model(file, full_check=True)
            runtime.InferenceSession(file.SerializeToString())

        with pytest.raises(Exception, match="Clip|Equal|LayerNormalization"):
            check()


def test_what_cannot_be_is_one_line_with_the_remedy(tmp_path, capsys):
    folder, _, _ = make_run(tmp_path / "run")
    out = ["-o", tmp_path / "m"]
    assert "--takes matrix" in refused(capsys, export.main, folder, "--to", "onnx", "--takes",
                                       "columns", *out)
    assert "--to onnx or --to safetensors" in refused(capsys, export.main, folder, *out)
    assert "--to onnx or --to safetensors" in refused(capsys, export.main, folder)
    assert "--takes goes with --to onnx" in refused(
        capsys, export.main, folder, "--to", "safetensors", "--takes", "matrix")
    for name in ("", "a"):
        columns = [{"name": each, "kind": "number"} for each in [name, *"abcd"]]
        folder, _, _ = make_run(tmp_path / "table", columns=columns)
        line = refused(capsys, export.main, folder, "--to", "onnx", *out)
        assert f"column {name!r} has no name of its own" in line
        assert "(--takes matrix takes the numbers" in line
        assert export.main([str(folder), "-o", str(tmp_path / "m.onnx"), "--takes", "matrix"]) == 0


def test_what_does_not_fit_a_file_is_refused_before_it_is_made(tmp_path, monkeypatch, capsys):
    assert onnx_graph.LIMIT < 2**31
    folder, model, fitted = make_run(tmp_path / "run", columns=[
        {"name": name, "kind": "number"} for name in "abcde"])
    limit = model.theta.nbytes + model.statistics.nbytes + fitted.mean.nbytes
    for size, says in ((model.theta.nbytes - 1, f"take {model.theta.nbytes:,} bytes"),
                       (limit, "safetensors takes them")):      # the scale has no room any more
        monkeypatch.setattr(onnx_graph, "LIMIT", size)
        line = refused(capsys, export.main, folder, "--to", "onnx")
        assert says in line and "2 GiB" in line and not (folder / "model.onnx").exists()


def test_what_an_estimator_has_saved_goes_out_too(tmp_path):
    pytest.importorskip("sklearn")
    from flatprop.estimators import MLPClassifier

    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3))
    x[rng.random(x.shape) < 0.1] = np.nan
    y = np.where(np.nan_to_num(x[:, 0]) > 0, 7, 11)
    net = MLPClassifier(epochs=3, random_state=0).fit(x, y)
    net.save(tmp_path / "run")
    assert export.main([str(tmp_path / "run"), "-o", str(tmp_path / "net.onnx")]) == 0
    session = runtime.InferenceSession(str(tmp_path / "net.onnx"))
    given = {f"column {j + 1}": x[:, [j]] for j in range(3)}
    label, probabilities = session.run(["label", "probabilities"], given)
    assert (label == net.predict(x)).all()
    np.testing.assert_allclose(probabilities, net.predict_proba(x), atol=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(TABLES is None, reason="FLATPROP_TABLES names no folder of tables")
@pytest.mark.parametrize("name", OPTIONS)
def test_a_public_table(tmp_path, name):
    table = Path(TABLES) / f"{name}.csv"
    assert train.main(["--data", str(table), "--out", str(tmp_path / "run"), "--quiet", "--folds",
                       "3", "--jobs", "1", "--epochs", "3", *OPTIONS[name].split()]) == 0
    separator = ";" if name == "winequality-white" else ","
    found = compare(tmp_path / "run", table, tmp_path, separator)["many"]
    classes = saved_model.load(tmp_path / "run" / "fold-1").preprocessing.classes
    assert ("label" in found) == (classes is not None) != ("prediction" in found)
