"""Tables: rows, delimiters, headings, kinds of columns, encoding, errors, memory."""

import io
import math
import pickle

import numpy as np
import pytest
from data_errors import expect_data_error
from fuzz_hostile import HOSTILE
from peak_memory import peak_below

from data import csv_rows, table, training_table
from data.errors import DataError

AGE = {"name": "age", "kind": "number"}
COLOUR = {"name": "colour", "kind": "category", "values": ["blue", "red"]}


def write(folder, text):
    """A file with this text, or these bytes."""
    path = folder / "t.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def expect_error(folder, text, *parts, label=None):
    """Check that a table to train on is refused with one line that says these things."""
    path = write(folder, text)
    return expect_data_error(lambda: training_table.read(path, label), f"{path}: ", *parts)


def rows_of(source, columns, **options):
    """All rows that read_rows gives."""
    return [row for rows in table.read_rows(source, columns, **options) for row in rows]


@pytest.mark.parametrize("text", [
    "a,b\n1,x\n2,y\n", "a,b\r\n1,x\r\n2,y\r\n", "a,b\r1,x\r2,y", "a;b\n1;x\n2;y",
    "a\tb\n1\tx\n2\ty\n", "\ufeffa,b\n1,x\n2,y\n", "\n\na,b\n\n1,x\n  \n2,y\n\n",
    ' a , b\n1, "x"\n"2",y', '"a";"b"\n1;x\n2;y', '"a"\t"b"\n"1"\t"x"\n"2"\t"y"',
])
def test_every_spelling_gives_the_same_rows(text, tmp_path):
    wanted = [["a", "b"], ["1", "x"], ["2", "y"]]
    path = write(tmp_path, text)
    assert [cells for _, cells in csv_rows.read(path)] == wanted
    assert [cells for _, cells in csv_rows.read(str(path), ["a", "b"])] == wanted


def test_quotes_keep_delimiters_line_ends_and_quotes():
    text = 'name,n\n"Braund, ""Owen""",1\n"two\nlines",2\n5" pipe,3\n'
    rows = list(csv_rows.read(io.StringIO(text)))
    assert rows == [(1, ["name", "n"]), (2, ['Braund, "Owen"', "1"]), (3, ["two\nlines", "2"]),
                    (5, ['5" pipe', "3"])]


@pytest.mark.parametrize("text, cells", [
    ("1,5;2,5\n3,5;4,5\n", ["1,5", "2,5"]), ("a,b;c\n1,2\n3,4\n", ["a", "b;c"]),
    ("a;b,c\n1;2\n3;4\n", ["a", "b,c"]), ("one, two\tx\n3\ty\n", ["one, two", "x"]),
    ("alone\n1\n", ["alone"]),
])
def test_the_delimiter_is_the_one_rows_agree_on(text, cells):
    assert next(csv_rows.read(io.StringIO(text))) == (1, cells)


def test_a_stream_is_read_no_further_than_needed():
    class Slow(io.StringIO):
        lines = 0

        def readline(self, size=-1):
            self.lines += 1
            return super().readline(size)

    stream = Slow("".join(f"{i},red\n" for i in range(100)))
    reading = table.read_rows(stream, [AGE, COLOUR], 2)
    assert next(reading) == [["0", "red"], ["1", "red"]]
    assert stream.lines <= 3


def test_a_heading_names_the_columns(tmp_path):
    found = training_table.read(write(tmp_path, "age,colour,y\n3,red,0\n,blue,1\n5,,0\n"))
    assert found.columns == [AGE, {"name": "colour", "kind": "category",
                                   "values": ["", "blue", "red"]}]
    np.testing.assert_array_equal(found.x, [[3, 0, 0, 1], [math.nan, 0, 1, 0], [5, 1, 0, 0]])
    assert found.target == "y"
    assert found.numbers.tolist() == [0, 1, 0]
    assert [found.texts[code] for code in found.codes] == ["0", "1", "0"]


@pytest.mark.parametrize("text, heading", [
    ("a,b\n1,2\n3,4\n", True), ("1,2\n3,4\n5,6\n", False), ("a,2\n1,2\n3,4\n", False),
    ("x,1\ny,2\nx,3\n", False), ("a,b\nx,1\ny,2\n", True), ("?,1\n2,3\n4,5\n", False),
    ("a,?\n2,3\n4,5\n", True), ("a,b\nx,y\nz,y\n", True), ("p,x\ne,y\np,y\n", False),
    (",b\nx,y\nz,w\n", False), ("a,a\nx,y\nz,w\n", False), ("nan,1e3\n2,3\n4,5\n", False),
])
def test_whether_the_first_row_is_a_heading(text, heading, tmp_path):
    found = training_table.read(write(tmp_path, text))
    assert (found.target != "column 2") == heading
    assert len(found.x) == len(text.splitlines()) - heading


@pytest.mark.parametrize("label, target, inputs", [
    (None, "c", ["a", "b"]), ("b", "b", ["a", "c"]), (1, "a", ["b", "c"]), ("2", "b", ["a", "c"]),
    (-1, "c", ["a", "b"]), ("-3", "a", ["b", "c"]),
])
def test_the_label_is_named_or_counted(label, target, inputs, tmp_path):
    found = training_table.read(write(tmp_path, "a,b,c\n1,2,3\n4,5,6\n"), label)
    assert found.target == target
    assert [column["name"] for column in found.columns] == inputs
    assert found.numbers.tolist() == {"a": [1, 4], "b": [2, 5], "c": [3, 6]}[target]


def test_a_label_that_is_not_there(tmp_path):
    text = "age,colour\n1,2\n3,4\n"
    expect_error(tmp_path, text, "no column 'color'", "is it 'colour'?", label="color")
    expect_error(tmp_path, text, "no column 'x'", "name one of age, colour", label="x")
    expect_error(tmp_path, text, "no column 3", "there are 2", label=3)
    expect_error(tmp_path, text, "no column 0", label="0")
    expect_error(tmp_path, "1,2\n3,4\n", "no column 'age'", "column's number", label="age")


@pytest.mark.parametrize("cell, value", [
    ("1", 1), ("-2.5e3", -2500), ("+.5", 0.5), ("", math.nan), ("NA", math.nan), ("n/a", math.nan),
    ("NaN", math.nan), ("Null", math.nan), ("none", math.nan), ("?", math.nan), ("x", None),
    ("1_000", None), ("1,5", None), ("0x10", None), ("--", None), ("inf", math.inf),
])
def test_what_a_cell_holds(cell, value):
    np.testing.assert_equal(table.number(cell), value)
    np.testing.assert_equal(table.numbers([cell, "7"]), [value, 7])


def test_encoding_is_numbers_and_one_hot():
    rows = [["1.5", "red"], ["", "green"], ["-2", "blue"], ["?", ""]]
    x = table.encode(rows, [AGE, COLOUR])
    np.testing.assert_array_equal(
        x, [[1.5, 0, 1], [math.nan, 0, 0], [-2, 1, 0], [math.nan, 0, 0]])
    assert x.dtype == np.float64
    assert table.encode([], [AGE, COLOUR]).shape == (0, 3)
    for cell in ("x", "inf"):
        with pytest.raises(DataError, match=f"row 2, column 'age': '{cell}'"):
            table.encode([["1", "red"], [cell, "red"]], [AGE, COLOUR])


def test_chunks_do_not_show(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b},{c}" for a, b, c in zip(
        rng.random(50), rng.choice(["u", "v", ""], 50), range(50), strict=True)]
    path = write(tmp_path, "\n".join(["a,b,c", *rows]))
    whole = training_table.read(path)
    for name, value in (("CHUNK", 7), ("CHUNK_SIZE", 100), ("CHUNK_NUMBERS", 9)):
        monkeypatch.setattr(table, name, value)
        again = training_table.read(path)
        np.testing.assert_array_equal(again.x, whole.x)
        assert again.columns == whole.columns
        assert again.numbers.tolist() == list(range(50))
    wanted = table.encode(rows_of(path, whole.columns), whole.columns)
    np.testing.assert_array_equal(wanted, whole.x)


def test_columns_are_picked_by_name_and_the_rest_is_told(tmp_path):
    path = write(tmp_path, "y,colour,more,age\n0,red,9,1\n1,green,8,\n")
    told = []
    assert rows_of(path, [AGE, COLOUR], ignored=told.append) == [["1", "red"], ["", "green"]]
    assert told == [["y", "more"]]
    label = {"name": "y", "kind": "category", "values": []}
    assert rows_of(path, [AGE, COLOUR, label]) == [["1", "red", "0"], ["", "green", "1"]]


def test_without_a_heading_columns_are_counted():
    assert rows_of(io.StringIO("1,red\n2,blue\n"), [AGE, COLOUR]) == [["1", "red"], ["2", "blue"]]
    columns = [{"name": f"column {i}", "kind": "number"} for i in (1, 3)]
    assert rows_of(io.StringIO("1,3\n"), columns) == [["1", "3"]]
    assert rows_of(io.StringIO("1,y,3\n"), columns) == [["1", "3"]]
    assert rows_of(io.StringIO("a,b\n1,3\n"), columns) == [["1", "3"]]
    assert rows_of(io.StringIO("5\n6\n"), [AGE]) == [["5"], ["6"]]
    assert rows_of(io.StringIO("5,y\n6,n\n"), columns[:1]) == [["5"], ["6"]]


@pytest.mark.parametrize("text, parts", [
    ("", ["is empty"]), ("1,red,2\n", ["has 3 columns", "the 2 of the model", "age, colour"]),
    ("age,color\n1,red\n", ["names no column 'colour'", "is it 'color'?"]),
    ("red,1\n", ["line 1: 'red' is no number", "'age'"]),
    ("age,colour,age\n1,red,2\n", ["two columns named 'age'"]),
    ("1,red\nx,red\n", ["line 2, column 'age': 'x' is no number"]),
    ("1,red\n\n1e999,red\n", ["line 3, column 'age': '1e999' is not finite"]),
    ("age,colour\n1,red\n2\n", ["line 3 has 1 cells", "before it 2"]),
])
def test_rows_that_do_not_fit_the_model_are_refused(text, parts):
    with pytest.raises(DataError, match="^standard input: ") as caught:
        rows_of(io.StringIO(text), [AGE, COLOUR])
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("text, parts", [
    ("", ["is empty"]), ("\n \n", ["is blank"]), ("a,b\n", ["fewer than two rows"]),
    ("a,b\n1,2\n", ["fewer than two rows"]), ("a\n1\n2\n", ["has one column", "needs two"]),
    ("a,b\n1,2\n3,4,5\n", ["line 3 has 3 cells, the lines before it 2"]),
    ('a,b\n1,2\n"3,4\n5,6\n', ["line 3: ", "quote"]), ('a,b\n1,2\n"3"x,4\n', ["line 3: ", "quote"]),
    (b"a,b\n1,2\n\xe9,3\n", ["line 3 is not UTF-8"]), (b"\xff\xfea\0,\0", ["line 1 is not UTF-8"]),
    (b"a,b\n1,2\n3,4\0\n", ["line 3 holds a NUL"]),
    ("a,a\n1,2\n3,4\n", ["two columns are named 'a'"]),
    (",b\n1,2\n3,4\n", ["column 1 has no name"]),
    ("a,b,c\n1,,2\n3,?,4\n", ["'b' holds nothing"]),
    ("a,b\n1,2\n3,\n", ["line 3, column 'b': the label is missing"]),
    ("a,b\n1,2\ninf,4\n", ["line 3, column 'a': 'inf' is not finite"]),
    ("a;b\n1,5;2\n2;3\n", ["'a' has decimal commas, as in '1,5'"]),
    ("a,b\n" + "x" * 1001 + ",1\ny,2\n", ["line 2, column 'a'", "1001 characters"]),
])
def test_tables_that_cannot_be_trained_on_are_refused(text, parts, tmp_path):
    expect_error(tmp_path, text, *parts)


def test_ids_and_stray_words_are_named(tmp_path):
    ids = "".join(f"id{i},{i % 2}\n" for i in range(1001))
    expect_error(tmp_path, "who,y\n" + ids, "column 'who' has more than 1000", "'id0'", "an id")
    training_table.read(write(tmp_path, "who,y\n" + ids[: ids.index("id1000")]))    # 1000 will do
    numbers = "".join(f"{i},0\n" for i in range(1500))
    expect_error(tmp_path, "a,y\n" + numbers + "oops,1\n", "line 1502: 'oops'", "leave them empty")


@pytest.mark.parametrize("text, line, column, cell", [
    ("a,b\n1,2\n3,4,5\n", 3, None, None), ("a,b\n1,2\n3,\n", 3, "b", ""),
    ("a,b\n1,2\n\n-inf,4\n", 4, "a", "-inf"), ("a;b\n1,5;2\n2;3\n", None, "a", "1,5"),
    ("a,a\n1,2\n3,4\n", 1, "a", None), ("a,b\n" + "x" * 1001 + ",1\ny,2\n", 2, "a", "x" * 1001),
    ('a,b\n1,2\n"3"x,4\n', 3, None, None),
])
def test_an_error_says_its_place_in_fields(text, line, column, cell, tmp_path):
    error = expect_error(tmp_path, text)
    assert error.file == str(tmp_path / "t.csv")
    assert (error.line, error.column, error.cell) == (line, column, cell)
    copy = pickle.loads(pickle.dumps(error))            # as a process gives it to another
    assert (str(copy), copy.line, copy.cell) == (str(error), line, cell)
    error = expect_data_error(lambda: rows_of(io.StringIO("1,red\nx,red\n"), [AGE, COLOUR]), "")
    assert (error.file, error.line, error.column, error.cell) == ("standard input", 2, "age", "x")


def test_what_would_take_enormous_memory_is_refused(tmp_path, monkeypatch):
    text = "a,y\n" + "".join(f"k{i % 100},{i % 2}\n" for i in range(1000))
    path = write(tmp_path, text)
    monkeypatch.setattr(training_table, "LIMIT", 8 * 1000 * 100)
    assert training_table.read(path).x.shape == (1000, 100)
    monkeypatch.setattr(training_table, "LIMIT", 8 * 1000 * 100 - 1)
    with pytest.raises(DataError, match="1000 rows take 800000 bytes .* at most 799999 are"):
        training_table.read(path)


@pytest.mark.parametrize("i", [0, 1, 3, 6, 8, 10, 11])
def test_hostile_files_are_refused_in_little_memory(i, tmp_path):
    path = write(tmp_path, HOSTILE["csv"][i]())
    with peak_below(120 * 2**20), pytest.raises(DataError):
        training_table.read(path)


def test_a_long_file_is_read_in_flat_memory(tmp_path):
    path = write(tmp_path, "age,colour\n" + "12.5,red\n" * 20_000)
    with peak_below(2**18):
        for rows in table.read_rows(path, [AGE, COLOUR], 100):
            table.encode(rows, [AGE, COLOUR])
