"""Parquet files: the same table as CSV gives the same data; what cannot be read is one line."""

import datetime
import decimal
import json
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused

from data import own, text_file
from data.errors import DataError
from data.reading import Reading
from flatprop.cli import evaluate, inspect, predict, train

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
ROWS = 60


def columns():
    """Columns of all kinds, as Python values and as Arrow arrays."""
    rng = np.random.default_rng(0)
    day = datetime.date(2024, 1, 1)
    held = {
        "real": [None if i % 7 == 3 else float(x) for i, x in enumerate(rng.normal(size=ROWS))],
        "single": list(rng.normal(size=ROWS).astype(np.float32)),
        "whole": [None if i % 11 == 5 else int(x) for i, x in
                  enumerate(rng.integers(-9, 2**40, ROWS))],
        "flag": [bool(i % 3) if i % 8 else None for i in range(ROWS)],
        "text": [['a,"b"', "#c", " d ", "e\nf", "", None][i % 6] for i in range(ROWS)],
        "coded": [["red", "blue", None][i % 3] for i in range(ROWS)],
        "day": [day + datetime.timedelta(i) if i % 9 else None for i in range(ROWS)],
        "moment": [datetime.datetime(2024, 1, 1, 6, i, 30) for i in range(ROWS)],
        "price": [decimal.Decimal(i * 125).scaleb(-2) for i in range(ROWS)],
        "nothing": [None] * ROWS,
        "kind": [["yes", "no"][int(x > 0)] for x in rng.normal(size=ROWS)],
    }
    kinds = {"single": pyarrow.float32(), "whole": pyarrow.int64(), "nothing": pyarrow.null(),
             "moment": pyarrow.timestamp("ns"), "price": pyarrow.decimal128(10, 2)}
    arrays = {name: pyarrow.array(values, kinds.get(name)) for name, values in held.items()}
    arrays["coded"] = arrays["coded"].dictionary_encode()
    return held, arrays


def write_csv(path, held):
    """The same as text, by hand."""
    def cell(value):
        if value is None:
            return ""
        text = repr(value) if isinstance(value, float) else str(value)
        return '"' + text.replace('"', '""') + '"'

    rows = [",".join(held), *(",".join(map(cell, row))
                              for row in zip(*held.values(), strict=True))]
    Path(path).write_text("\n".join(rows) + "\n")


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def check_same(reading=None, label=None):
    a, b = (own.read([f"t.{end}"], label=label, reading=reading) for end in ("csv", "parquet"))
    np.testing.assert_array_equal(a.x, b.x)
    np.testing.assert_array_equal(a.y, b.y)
    assert a[3:6] == b[3:6]
    for name in ("columns", "label", "rows"):
        assert a.about[name] == b.about[name], name
    return b


@pytest.mark.parametrize("compression", ["snappy", "gzip", "none"])
def test_a_table_is_the_same_as_its_csv(compression):
    held, arrays = columns()
    write_csv("t.csv", held)
    parquet.write_table(pyarrow.table(arrays), "t.parquet", compression=compression,
                        row_group_size=17)
    raw = check_same()
    kinds = {each["name"]: each["kind"] for each in raw.about["columns"]}
    assert kinds == {"real": "number", "single": "number", "whole": "number", "flag": "category",
                     "text": "category", "coded": "category", "day": "date", "moment": "date",
                     "price": "number", "nothing": "left out", "kind": "category"}
    np.testing.assert_array_equal(raw.x[:, 0], [np.nan if x is None else x for x in held["real"]])
    flags = next(each for each in raw.columns if each["name"] == "flag")
    assert flags["values"] == ["", "False", "True"]
    check_same(Reading(categorical=("price",), ignore=("text",), missing=("a",)), label="coded")


def test_the_index_of_a_frame_comes_first_as_in_the_csv_of_pandas():
    held, arrays = columns()
    held = {"": list(range(ROWS)), "name": held["kind"], "real": held["real"]}
    write_csv("t.csv", held)
    table = pyarrow.table({"name": held["name"], "real": held["real"],
                           "__index_level_0__": held[""]})
    about = {"index_columns": ["__index_level_0__", {"kind": "range"}]}
    parquet.write_table(table.replace_schema_metadata({"pandas": json.dumps(about)}), "t.parquet")
    raw = check_same()
    assert raw.target == "real" and raw.about["columns"][0]["why"] == "it counts the rows"
    parquet.write_table(table.replace_schema_metadata({"pandas": "[["}), "t.parquet")
    with pytest.raises(DataError, match="t.parquet: is damaged"):
        own.read(["t.parquet"])


@pytest.mark.parametrize("values, says", [
    ([[1, 2], [3]], "column 'odd' holds list<"), ([{"a": 1}, {"a": 2}], "holds struct<a: int64>"),
    ([b"\xff\xfe", b"a"], "column 'odd' of binary cannot be read as text"),
    (["a\0", "b"], "column 'odd' of string cannot be read as text (it holds a NUL byte)"),
    ([float("inf"), 1.0], "inf"),
])
def test_columns_of_other_values_are_refused(values, says):
    parquet.write_table(pyarrow.table({"odd": values * 20, "x": [1.5, 2.5] * 20, "y": [0, 1] * 20}),
                        "t.parquet")
    with pytest.raises(DataError, match="t.parquet") as error:
        own.read(["t.parquet"])
    assert says in str(error.value)


def test_what_cannot_be_read_can_be_ignored(capsys):
    a, y = np.random.default_rng(0).normal(size=40).tolist(), [0, 1] * 20
    table = pyarrow.table({"tags": [["a"], []] * 20, "a": a, "blob": [b"\xff\0", None] * 20,
                           "a.b": [{"c": 1}] * 40, "a.c": a[::-1], "y": y})
    parquet.write_table(table, "t.parquet")
    raw = own.read(["t.parquet"], reading=Reading(ignore=("tags", "3", "a.b")))
    np.testing.assert_array_equal(raw.x, np.stack([a, a[::-1]], axis=1))
    assert [each["kind"] for each in raw.about["columns"]] == [
        "left out", "number", "left out", "left out", "number", "number"]
    for ignored, left in ([], "tags"), (["tags"], "a.b"), (["1", "a.b"], "blob"):
        line = refused(capsys, "inspect", "t.parquet", *(ignored and ["--ignore", *ignored]))
        assert f"column {left!r}" in line and line.endswith(f"(--ignore {left})\n")
    words = ["--data", "t.parquet", "--ignore", "tags", "blob", "a.b", "--epochs", "1", "--folds",
             "2", "--quiet", "--out", "run"]
    assert train.main(words) == 0
    assert evaluate.main(["run"]) == 0
    assert evaluate.main(["run", "--data", "t.parquet"]) == 0
    capsys.readouterr()
    assert predict.main(["run", "t.parquet", "-o", "-", "--keep", "a.c", "2"]) == 0
    kept = [line.split(",")[:2] for line in capsys.readouterr().out.splitlines()]
    assert kept == [["a.c", "a"], *([str(u), str(v)] for u, v in zip(a[::-1], a, strict=True))]
    assert "column 'tags'" in refused(capsys, "predict", "run", "t.parquet", "-o", "-", "--keep",
                                      "tags")


def test_a_short_file_of_long_texts_takes_no_memory():
    texts, codes = pyarrow.array(["x" * 10**6, "y" * 10**6]), pyarrow.array([0, 1] * 5000)
    text = pyarrow.DictionaryArray.from_arrays(codes, texts)
    parquet.write_table(pyarrow.table({"a": text, "y": [0, 1] * 5000}), "t.parquet")
    assert Path("t.parquet").stat().st_size < 10**6         # and 10 GB of text
    with pytest.raises(DataError, match="column 'a' holds texts of more than"):
        own.read(["t.parquet"])


def test_damage_is_one_line():
    _, arrays = columns()
    parquet.write_table(pyarrow.table(arrays), "t.parquet")
    good, rng, texts = Path("t.parquet").read_bytes(), np.random.default_rng(0), []
    for trial in range(90):
        bad = bytearray(good)
        if trial % 3 == 0:
            bad = bad[: rng.integers(len(bad))]
        else:
            for place in rng.integers(0, len(bad), 1 + trial % 5):
                bad[place] = rng.integers(256)
        Path("t.parquet").write_bytes(bad)
        try:
            own.read(["t.parquet"])
        except DataError as error:
            texts.append(str(error))
    assert len(texts) > 30 and all("t.parquet" in text and "\n" not in text for text in texts)
    Path("t.parquet").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n")
    with pytest.raises(DataError, match="is a pointer of Git LFS"):
        own.read(["t.parquet"])
    Path("t.csv").write_bytes(good)
    with pytest.raises(DataError, match="it is to be named .parquet"):
        list(text_file.read("t.csv"))


@pytest.mark.slow
def test_the_commands_take_it_as_they_take_a_csv(capsys):
    held, arrays = columns()
    write_csv("t.csv", held)
    parquet.write_table(pyarrow.table(arrays), "t.parquet")
    shuffled = dict(sorted(arrays.items(), key=lambda pair: pair[0][::-1]))
    parquet.write_table(pyarrow.table(shuffled), "new.parquet")
    shown = {}
    for end in ("csv", "parquet"):
        words = ["--data", f"t.{end}", "--epochs", "2", "--hidden", "4", "--quiet", "--out", end]
        assert train.main(words) == 0
        assert evaluate.main([end, "--json"]) == 0
        assert evaluate.main([end, "--json", "--data", "new.parquet"]) == 0
        assert predict.main([end, "new.parquet", "-o", "-", "--keep", "text", "whole"]) == 0
        assert train.main([*words, "--overwrite", "--val-data", "new.parquet"]) == 0
        shown[end] = capsys.readouterr().out.replace(f'"{end}"', "")
    assert shown["csv"] == shown["parquet"]
    assert f'\n"a,""b""",{held["whole"][0]},' in shown["csv"]
    assert inspect.main(["t.parquet"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "data       t.parquet: 60 rows, 17 inputs", "table      Parquet, which names its columns"]
    for words in (["--separator", "tab"], ["--header", "no"], ["--encoding", "latin-1"]):
        assert "goes with a table of your own in text" in refused(
            capsys, "train", "--data", "t.parquet", *words)


def test_without_pyarrow_the_extra_is_named(capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    Path("t.parquet").write_bytes(b"PAR1")
    line = refused(capsys, "inspect", "t.parquet")
    assert "t.parquet: a Parquet file needs pyarrow: pip install" in line and "[parquet]" in line
