"""Tables to train on: the heading, the label, and what each column is taken for."""

import contextlib
import datetime
import pickle

import numpy as np
import pytest
from data_errors import expect_data_error
from fuzz_hostile import HOSTILE
from peak_memory import peak_below

from data import categories, cells, table
from data.errors import DataError
from data.heading import is_heading
from data.reading import Reading

NUMBERS = [f"{i / 7:.2f}" for i in range(80)]
LABELS = ["yes" if i % 3 else "no" for i in range(80)]


def write(folder, text):
    """A file with this text, or these bytes."""
    path = folder / "t.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(folder, text, label=None, task=None, **reading):
    return table.read(write(folder, text), label, task, Reading(**reading))


def with_cells(cells, labels=LABELS, sep=","):
    """A table of a column a of these cells, one b of numbers, and labels y."""
    rows = [sep.join(row) for row in zip(cells, NUMBERS, labels, strict=True)]
    return "\n".join([sep.join("aby"), *rows, ""])


def expect_error(folder, text, *parts, label=None, task=None, **reading):
    """Check that a table to train on is refused with one line that says these things."""
    path = write(folder, text)
    return expect_data_error(lambda: table.read(path, label, task, Reading(**reading)),
                             f"{path}: ", *parts)


def about(found, name):
    """What is told about a column."""
    return next(each for each in found.about["columns"] if each["name"] == name)


def test_columns_become_numbers_and_labels(tmp_path):
    found = read(tmp_path, "age,colour,y\n3,red,0\n,blue,1\n5,,0\n")
    assert found.columns == [{"name": "age", "kind": "number"},
                             {"name": "colour", "kind": "category", "values": ["", "blue", "red"]}]
    np.testing.assert_array_equal(found.x, [[3, 0, 0, 1], [np.nan, 0, 1, 0], [5, 1, 0, 0]])
    assert (found.target, found.classes, found.y.tolist()) == ("y", ["0", "1"], [0, 1, 0])
    assert about(found, "age") == {"name": "age", "kind": "number", "missing": 1, "low": 3,
                                   "high": 5}
    assert about(found, "colour") == {"name": "colour", "kind": "category", "missing": 1,
                                      "levels": 2}


@pytest.mark.parametrize("cell", ["-", "--", ".", "unknown", "N.A.", "\\N", "#N/A", "<NA>",
                                  "#DIV/0!", "", "?", "NaN"])
def test_a_word_for_missing_leaves_a_column_of_numbers(tmp_path, cell):
    found = read(tmp_path, with_cells([*NUMBERS[:77], cell, *NUMBERS[78:]]))
    assert found.x.shape == (80, 2)
    np.testing.assert_array_equal(np.isnan(found.x[:, 0]), np.arange(80) == 77)
    np.testing.assert_array_equal(found.x[:77, 0], np.array(NUMBERS[:77], float))
    assert about(found, "a")["missing"] == 1


@pytest.mark.parametrize("cell", ["35 years", "$1200", "3.5%", "<5", "0x1f", "1_000", "inf", "x"])
def test_one_cell_that_is_no_number_is_refused_and_can_be_settled(tmp_path, cell):
    text = with_cells([*NUMBERS[:77], cell, *NUMBERS[78:]])
    error = expect_error(tmp_path, text, f"line 79, column 'a': {cell!r} is no"
                         if cell != "inf" else "line 79, column 'a': 'inf' is not finite")
    assert (error.line, error.column, error.cell, error.remedy) == (79, "a", cell, "cell")
    for reading in ({"missing": (cell,)}, {"numeric": ("a",)}, {"numeric": ("1",)}):
        found = read(tmp_path, text, **reading)
        np.testing.assert_array_equal(np.isnan(found.x[:, 0]), np.arange(80) == 77)
        assert about(found, "a")["missing"] == 1
    assert read(tmp_path, text, categorical=("a",)).x.shape == (80, 81)
    assert [each["name"] for each in read(tmp_path, text, ignore=("a",)).columns] == ["b"]


@pytest.mark.parametrize("late", [10, 77])
def test_a_column_is_decided_on_all_of_it_however_late(tmp_path, monkeypatch, late):
    monkeypatch.setattr("data.text_file.BLOCK", 100)        # some six rows
    found = read(tmp_path, with_cells([*NUMBERS[:late], "\N{MINUS SIGN}3", *NUMBERS[late + 1 :]]))
    assert found.x[late, 0] == -3
    assert found.x[late - 1, 0] == float(NUMBERS[late - 1])
    expect_error(tmp_path, with_cells([*NUMBERS[:late], "x", *NUMBERS[late + 1 :]]),
                 f"line {late + 2}, ")


@pytest.mark.parametrize("cells, sep, first, form", [
    (['"1,250"', '"980"'] * 40, ",", [1250, 980], {"thousands": ","}),
    (["1,250", "980"] * 40, "\t", None, "decimal"), (["1,250", "0,5"] * 40, ";", [1.25, 0.5],
                                                     {"decimal": ","}),
    (["1.250,5", "3"] * 40, ";", [1250.5, 3], {"decimal": ",", "thousands": "."}),
    (["$1200", "$3.5"] * 40, ",", [1200, 3.5], {"before": "$"}),
    (["3.5%", "12%"] * 40, ",", [3.5, 12], {"after": "%"}),
    (["1 250", "2"] * 40, ",", [1250, 2], {"thousands": " "}),
])
def test_forms_of_numbers_are_read_if_the_whole_column_agrees(tmp_path, cells, sep, first, form):
    text = with_cells(cells, sep=sep)
    if form == "decimal":
        error = expect_error(tmp_path, text, "column 'a'", "'1,250'", "decimal")
        assert error.remedy == "decimal"
        assert read(tmp_path, text, decimal=",").x[0, 0] == 1.25
        assert read(tmp_path, text, decimal=".").x[0, 0] == 1250
        return
    found = read(tmp_path, text)
    assert found.x[:2, 0].tolist() == first
    assert about(found, "a")["form"] == found.columns[0]["form"] == form
    expect_error(tmp_path, with_cells([*cells[:-1], "oops"], sep=sep), "line 81, column 'a'",
                 "'oops' is no number written as", "79 of 80")


@pytest.mark.parametrize("other, value", [
    ("7", None), ("7.5", 2107), ('"1,250,000"', 2107), ('"0,5"', 2.107), ('"7,25"', 2.107)])
def test_a_comma_in_a_file_of_commas_is_asked_about_unless_another_column_tells(
        tmp_path, other, value):
    rows = [f'"2,{107 + i}",{other if i else 3},{"yn"[i % 2]}' for i in range(40)]
    text = "\n".join(["a,b,y", *rows, ""])
    if value is not None:
        assert read(tmp_path, text).x[0, 0] == value
        return
    error = expect_error(tmp_path, text, "column 'a': is '2,107' a number with a decimal comma")
    assert error.remedy == "decimal"
    assert read(tmp_path, text, decimal=",").x[0, 0] == 2.107
    assert read(tmp_path, text, decimal=".").x[0, 0] == 2107
    beside = "\n".join(["a,b,y", *rows, "980,3,y", ""])                # as no decimals would be
    assert read(tmp_path, beside).x[[0, 40], 0].tolist() == [2107, 980]


def test_a_word_among_few_numbers_that_all_differ_is_refused(tmp_path):
    expect_error(tmp_path, "a,y\nkg,u\n3,v\n5,u\n7,v\n4,u\n9,v\n", "line 2, column 'a'", "'kg'")


def test_points_beside_decimal_commas_are_thousands(tmp_path):
    rows = [f"{i},5;1.{i:03};{'yn'[i % 2]}" for i in range(20)]
    found = read(tmp_path, "\n".join(["a;b;y", *rows, ""]))
    assert found.x[3].tolist() == [3.5, 1003]


@pytest.mark.parametrize("text, heading", [
    ("a,b\n1,2\n3,4\n", True), ("1,2\n3,4\n5,6\n", False), ("a,2\n1,2\n3,4\n", False),
    ("x,1\ny,2\nx,3\n", False), ("a,b\nx,1\ny,2\n", True), ("?,1\n2,3\n4,5\n", False),
    ("a,?\n2,3\n4,5\n", True), ("a,b\nx,y\nz,y\n", True), ("p,x\ne,y\np,y\n", False),
    (",b\nx,y\nz,w\n", False), ("a,a\nx,y\nz,w\n", False), ("nan,1e3\n2,3\n4,5\n", False),
    ("0,1,2,3\n5,6,7,8\n3,4,0,1\n", True), ("0,1,2\n5,6,7\n3,4,9\n", True),
    ("0,1,2\n0,6,7\n3,4,9\n", False), ("0,1,1\n1,0,1\n0,0,0\n", False), (",0,1\n0,5,7\n1,3,9\n",
                                                                        True),
    ("2001,2002\n" + "".join(f"{i}.5,{i}.25\n" for i in range(12)), True),
    ("A1,B1\nA2,B3\nA3,B4\n", False), ("2001,2002,y\n" + "3,4,u\n5,7,v\n" * 9, True),
    ("1,10,y\n" + "".join(f"{i},{10 * i},{'uv'[i % 2]}\n" for i in range(2, 20)), False),
    ("day,n\n2024-01-01,x\n2024-01-02,x\n", True),
    ("2024-01-03,z\n2024-01-01,x\n2024-01-02,x\n", False), ("price,n\n$1,x\n$2,x\n", True),
])
def test_whether_the_first_row_is_a_heading(text, heading, tmp_path):
    path = write(tmp_path, text)
    held = cells.Cells(cells.Rows(path, Reading()), set(), set(), (), 2**20)
    assert is_heading(held)[0] == heading


@pytest.mark.parametrize("first, heading", [
    ("age,2019,y", True), ("age,20.5,y", False), ("age,5,y", False), ("age,2019,u", False),
    ("age,2019,2019", False),
])
def test_a_heading_may_hold_a_whole_number_that_does_not_come_again(tmp_path, first, heading):
    rows = [f"{i * 2},{i / 2},{'uv'[i % 2]}" for i in range(20)]
    path = write(tmp_path, "\n".join([first, *rows]))
    assert is_heading(cells.read(path, Reading(), {2}, set(), 2**30))[0] is heading


def test_whether_the_first_row_is_a_heading_can_be_said(tmp_path):
    text = "1,2\n3,4\n5,7\n"
    for header, rows, target in ((True, 2, "2"), (False, 3, "column 2"), (None, 3, "column 2")):
        found = read(tmp_path, text, task="regression", header=header)
        assert (found.about["rows"], found.target) == (rows, target)
        assert (found.about["why"] == "as asked") == (header is not None)


@pytest.mark.parametrize("label, target, inputs", [
    (None, "c", ["a", "b"]), ("b", "b", ["a", "c"]), (1, "a", ["b", "c"]), ("2", "b", ["a", "c"]),
    (-1, "c", ["a", "b"]), ("-3", "a", ["b", "c"]),
])
def test_the_label_is_named_or_counted(label, target, inputs, tmp_path):
    found = read(tmp_path, "a,b,c\n1,2,3\n4,5,6\n", label, "regression")
    assert found.target == target
    assert [column["name"] for column in found.columns] == inputs
    assert found.y[:, 0].tolist() == {"a": [1, 4], "b": [2, 5], "c": [3, 6]}[target]


def test_several_labels_are_numbers_to_predict_and_no_inputs(tmp_path):
    text = "a,s,b,t\n1,2,3,4\n5,6,7,8\n"
    found = read(tmp_path, text, ["s", "4"])
    assert (found.target, found.y.tolist()) == (["s", "t"], [[2, 4], [6, 8]])
    assert found.x.tolist() == [[1, 3], [5, 7]]
    error = expect_error(tmp_path, text, "classes are in one column", label=["s", "t"],
                         task="classification")
    assert error.remedy == "task"


def test_a_label_that_is_not_there(tmp_path):
    text = "age,colour\n1,2\n3,4\n"
    expect_error(tmp_path, text, "no column 'color'", "is it 'colour'?", label="color")
    expect_error(tmp_path, text, "no column 'x'", "there are 'age', 'colour'", label="x")
    expect_error(tmp_path, text, "no column 3", "there are 2", label=3)
    assert expect_error(tmp_path, text, "no column 0", label="0").remedy == "label"
    expect_error(tmp_path, "a,b,a\n1,2,3\n3,4,5\n", "no column 'a' (is it 'a (1)' or 'a (2)'?)",
                 "there are 'a (1)', 'b', 'a (2)'", label="a")


@pytest.mark.parametrize("missing", ["", "NA", "?", "nan", "#N/A"])
def test_rows_without_a_label_are_left_out_and_counted(tmp_path, missing):
    labels = [label if i % 8 else missing for i, label in enumerate(LABELS)]
    found = read(tmp_path, with_cells(NUMBERS, labels))
    assert found.about["label"]["missing"] == 10
    assert found.classes == ["no", "yes"]
    kept = [i for i in range(80) if i % 8]
    assert [found.classes[label] for label in found.y] == [LABELS[i] for i in kept]
    np.testing.assert_array_equal(found.x[:, 0], np.array(NUMBERS, float)[kept])
    numbers = [f"{i}.5" if i % 8 else "-" for i in range(80)]
    found = read(tmp_path, with_cells(NUMBERS, numbers))
    assert found.y[:, 0].tolist() == [i + 0.5 for i in kept]
    expect_error(tmp_path, with_cells(NUMBERS, [missing] * 41 + LABELS[41:]),
                 "41 of 80 labels are missing")
    words = ["none", "-", "unknown", "+"] * 20              # which are classes like others
    assert read(tmp_path, with_cells(NUMBERS, words)).classes == ["+", "-", "none", "unknown"]


def test_columns_that_say_nothing_are_left_out_and_told(tmp_path):
    rows = [f"{i},{i + 1},id{i},7,,{'x' if i == 3 else ''},{i * i},{'ab'[i % 2]}"
            for i in range(60)]
    found = read(tmp_path, "\n".join([",id,name,same,empty,rare,n,y", *rows, ""]))
    assert [(each["name"], each.get("why")) for each in found.about["columns"]] == [
        ("column 1", "it counts the rows"), ("id", "it counts the rows"),
        ("name", "60 different texts in 60 cells, as of names"), ("same", "always 7"),
        ("empty", "it is empty"), ("rare", None), ("n", None), ("y", None)]
    assert [each["name"] for each in found.columns] == ["rare", "n"]
    rows = "".join(f"{i if i in (3, 40) else ''},{i},{'ab'[i % 2]}\n" for i in range(60))
    assert about(read(tmp_path, "e,n,y\n" + rows), "e")["why"] == "only 2 of 60 cells are filled"
    forced = read(tmp_path, "e,n,y\n" + rows, numeric=("e",))
    assert np.isfinite(forced.x[:, 0]).sum() == 2


@pytest.mark.parametrize("cells, why", [
    ([f"{i}.5\N{PLUS-MINUS SIGN}0.3" for i in range(80)],
     "each with digits, such as '0.5\N{PLUS-MINUS SIGN}0.3'"),
    (["7"] + [f"{i},309.00 CR {i}" for i in range(79)],
     "each with digits, such as '0,309.00 CR 0'"),
    ([f"{i}h {i + 7}m" for i in range(80)], "each with digits, such as '0h 7m'"),
    ([f"{i} days 2 hours 5 min." for i in range(80)],
     "each with digits, such as '0 days 2 hours 5 min.'"),
    ([f"P3DT{i}H0.5S" for i in range(80)], "each with digits, such as 'P3DT0H0.5S'"),
    ([f"p{i}0" for i in range(80)], "as of names"),
    ([f"{i} Main Street" for i in range(80)], "as of names"),
    ([f"{i}.5\N{PLUS-MINUS SIGN}0.3" for i in range(79)] + ["Smith"], "as of names")])
def test_texts_that_hardly_come_again_are_numbers_that_were_not_read_or_names(
        tmp_path, cells, why):
    rows = [f'"{cell}",{i % 7},{"yn"[i % 2]}' for i, cell in enumerate(cells)]
    found = read(tmp_path, "\n".join(["a,b,y", *rows, ""]))
    assert about(found, "a")["why"] == f"80 different texts in 80 cells, {why}"


def test_one_sign_behind_a_number_is_a_slip(tmp_path):
    expect_error(tmp_path, with_cells([*NUMBERS[:79], "12-"]), "line 81", "'12-' is no number")


def test_dates_are_days(tmp_path):
    days = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(80)]
    found = read(tmp_path, with_cells(days))
    assert found.columns[0] == {"name": "a", "kind": "date", "form": "year-month-day"}
    assert found.x[[0, 27, 28], 0].tolist() == [19723, 19750, 19754]
    expect_error(tmp_path, with_cells([*days[:-1], "2024-02-30"]), "line 81", "'2024-02-30' is no "
                 "date written as year-month-day")
    days = [f"{1 + i % 12}/{1 + i % 28}/24 {1 + i % 12}:30 PM" for i in range(80)]
    assert read(tmp_path, with_cells(days)).x[0, 0] == 19723 + 13.5 / 24
    expect_error(tmp_path, with_cells([f"{1 + i % 9}/5/2024" for i in range(80)]),
                 "which is the month in '1/5/2024'?")


def test_times_with_an_offset_are_those_of_utc(tmp_path):
    midnight = [f"2024-03-31T0{h % 10}:15:07+0{h % 10}:00" for h in range(1, 81) if h % 10]
    midnight += ["2024-03-30 18:45:07-05:30", "2024-03-31 05:45:07+0530", "2024-03-31T00:15:07Z",
                 "2024-03-31 01:15:07+01", "2024-03-31 00:15:07 UTC", "2024-03-30 16:15:07-08",
                 "2024-03-31 10:15:07+10:00", "2024-04-01 00:00+00:00"]
    found = read(tmp_path, with_cells(midnight))
    assert found.columns[0]["form"] == "year-month-day with UTC offset"
    seconds = datetime.datetime(2024, 3, 31, 0, 15, 7, tzinfo=datetime.UTC).timestamp()
    assert set(found.x[:79, 0]) == {seconds / 86_400}           # one moment is one number
    assert found.x[79, 0] == 19_814                             # days from 1970 to 2024-04-01


@pytest.mark.parametrize("odd, says", [
    ("2024-03-31 00:15:00", "says no offset from UTC, as 79 of 80 cells do"),
    ("2024-03-31", "says no offset from UTC, as 79 of 80 cells do")])
def test_times_of_which_some_have_an_offset_are_refused(tmp_path, odd, says):
    cells = [f"2024-03-{1 + i % 30:02d} 01:15:00+01:00" for i in range(79)]
    error = expect_error(tmp_path, with_cells([*cells, odd]), f"line 81, column 'a': {odd!r}", says)
    assert error.remedy == "column"
    expect_error(tmp_path, with_cells([cells[0], *[cell[:-6] for cell in cells]]),
                 "line 2, column 'a'", "says its offset from UTC, which 79 of 80 cells do not")


def test_levels_that_differ_by_case_alone_are_told(tmp_path):
    found = read(tmp_path, with_cells(["red", "Red ", "blue", "red"] * 20))
    assert about(found, "a")["alike"] == ["red", "Red"]


@pytest.mark.parametrize("cells, notes", [
    (["-999", "12.5"] * 5 + NUMBERS[10:], {"suspect": [[-999, 5]]}),
    (["99999"] * 3 + NUMBERS[3:], {"suspect": [[99999, 3]]}),
    (["-1", "2"] * 5 + NUMBERS[10:], {"suspect": [[-1, 5]]}),
    (["-999"] + NUMBERS[1:], {}), (["-999", "999"] * 40, {}), (["-1", "0", "1", "2"] * 20, {}),
    ([f"{i % 30 + 70}" for i in range(80)], {}),                        # 99 is one of many
    ([f"{i % 7 + 7:03}" for i in range(80)], {"padded": True}), (["0.5", "00.5"] * 40, {}),
    ([f"{i % 7 + 7:03}E{i % 5}" for i in range(80)], {"padded": True}),
    ([f"{i % 7 + 7}{'eE'[i % 2]}{i % 5}" for i in range(79)] + ["NA"], {"powers": True}),
    ([f"{i % 7 + 7}E+{i % 5:02}" for i in range(80)], {}),
    ([f"{i % 7 + 7}E{i % 5}" for i in range(79)] + ["12"], {}),
    ([f"{10**18 + i}" for i in range(0, 80000, 1000)], {"long": True}),
])
def test_numbers_that_may_be_something_else_are_told(tmp_path, cells, notes):
    told = about(read(tmp_path, with_cells(cells)), "a")
    names = ("suspect", "padded", "powers", "long")
    assert {name: told[name] for name in names if name in told} == notes
    asked = read(tmp_path, with_cells(cells), categorical=("a",))
    assert about(asked, "a")["kind"] == "category"


def test_a_number_is_a_word_for_missing_however_it_is_written(tmp_path):
    cells = ["-999", "-999.0", "-9.99e2", "5"] * 20
    for sep in (",", ";"):
        rows = [sep.join(row) for row in zip(cells, NUMBERS, LABELS, strict=True)]
        for text in ("\n".join([sep.join("aby"), *rows]), "\n".join(rows)):       # no heading
            found = read(tmp_path, text, numeric=(1,), missing=("-999",))
            np.testing.assert_array_equal(found.x[:, 0], [np.nan, np.nan, np.nan, 5] * 20)
    dollars = [f"${cell}" if i % 4 else "$1,200" for i, cell in enumerate(["1", "-999"] * 40)]
    found = read(tmp_path, with_cells([f'"{cell}"' for cell in dollars]), missing=("-999",))
    assert np.isnan(found.x[:, 0]).sum() == 40
    target = read(tmp_path, with_cells(NUMBERS, ["-999.0", *NUMBERS[1:]]), missing=("-999",))
    assert target.about["label"]["missing"] == 1


@pytest.mark.parametrize("cells", [["1e150", "2e150"] * 40,
                                   ['"$1,000"', '"$-2' + "0" * 150 + '"'] * 40])
def test_numbers_whose_square_is_none_are_refused(tmp_path, cells):
    expect_error(tmp_path, with_cells(cells), "column 'a': holds ", "e+150, too large")


@pytest.mark.parametrize("text, heading, rows", [
    ("a,b,y\n1,2,u\na,b,y\n3,4,v\n5,6,u\n", True, [[1, 2], [3, 4], [5, 6]]),
    ("a,y\nr,u\ns,v\na,y\nr,u\na,y\ns,v\n", True, [[1, 0], [0, 1], [1, 0], [0, 1]]),
    ("r,u\ns,v\nr,v\ns,u\nr,u\n", False, [[1, 0], [0, 1], [1, 0], [0, 1], [1, 0]]),
    ("3,1,2\nu,5,0.5\nv,7,1.5\nu,8,2\n", True, None),
    ("3,1,2\n4,5,0.5\n3,7,1.5\n4,8,2\n", False, None),
])
def test_a_heading_that_comes_again_is_no_row(tmp_path, text, heading, rows):
    found = read(tmp_path, text, numeric=("a", "b") if "b" in text else ())
    assert found.about["heading"] == heading
    if rows:
        np.testing.assert_array_equal(found.x, rows)
        assert found.about["rows"] == len(rows)
        assert found.about["again"] == (text.count("\na,") if heading else 0)


def test_the_line_of_a_cell_below_a_heading_that_comes_again(tmp_path):
    rows = [f"{i},{i * i},{'uv'[i % 2]}" for i in range(40)]
    rows[20:20] = ["a,b,y"] * 3
    rows[30] = "x,1,u"
    expect_error(tmp_path, "\n".join(["a,b,y", *rows]), "line 32, column 'a': 'x' is no number")


def test_a_word_for_missing_that_is_a_class_is_told_and_can_be_one(tmp_path):
    text = with_cells(NUMBERS, ["NA", "EU", "AS", ""] * 20)
    found = read(tmp_path, text)
    assert (found.classes, found.about["label"]["words"]) == (["AS", "EU"], ["NA"])
    asked = read(tmp_path, text, categorical=("y",))
    assert (asked.classes, len(asked.y)) == (["AS", "EU", "NA"], 60)
    assert (asked.about["label"]["missing"], asked.about["label"]["words"]) == (20, [])


def test_a_label_given_by_a_number_that_is_a_name_is_told(tmp_path):
    text = "3,1,2\n" + "".join(f"{'uv'[i % 2]},{i * i},{i / 2}\n" for i in range(40))
    assert read(tmp_path, text, "1").about["label"]["places"] == {"1": 2}
    found = read(tmp_path, text, "-3")
    assert (found.target, found.about["label"]["places"]) == ("3", {})


def test_codes_of_digits_and_letters_are_categories(tmp_path):
    found = read(tmp_path, with_cells(["1", "2", "X", "2"] * 20))
    assert found.columns[0]["values"] == ["1", "2", "X"]
    assert about(found, "a")["numbers"] == 60
    asked = read(tmp_path, with_cells(["01", "2", "3", "2"] * 20), categorical=("a",))
    assert asked.columns[0]["values"] == ["01", "2", "3"]


@pytest.mark.parametrize("labels, task, classes", [
    (["0.0", "1.0"] * 40, "classification", ["0.0", "1.0"]), ([f"{i}" for i in range(80)],
                                                              "regression", None),
    (["10", "9"] * 40, "classification", ["9", "10"]), (["0,5", "1,25"] * 40, "regression", None),
    (["b", "a"] * 40, "classification", ["a", "b"]),
])
def test_the_task_is_guessed_and_why_is_told(tmp_path, labels, task, classes):
    found = read(tmp_path, with_cells(NUMBERS, labels, sep=";"))
    told = found.about["label"]
    assert (found.classes, told["task"], told["guessed"]) == (classes, task, True)
    assert told["why"].startswith("y holds ")
    asked = read(tmp_path, with_cells(NUMBERS, labels, sep=";"), task=task)
    assert (asked.classes, asked.about["label"]["guessed"]) == (classes, False)


def test_names_are_no_classes_unless_asked_for(tmp_path):
    text = with_cells(NUMBERS, [f"person {i // 2}" for i in range(80)])
    error = expect_error(tmp_path, text, "column 'y': holds 40 different texts in 80 rows")
    assert (error.remedy, error.cell) == ("label", "person 0")
    assert len(read(tmp_path, text, task="classification").classes) == 40


@pytest.mark.parametrize("text, parts", [
    ("", ["is empty"]), ("\n \n", ["is blank"]), ("a,b\n", ["fewer than two rows"]),
    ("a,b\n1,2\n", ["fewer than two rows"]), ("a\n1\n2\n", ["has one column", "needs two"]),
    ("a,b\n1,2\n3,4,5\n", ["line 3 has 3 cells, the lines before it 2"]),
    ("a,a,a (1)\n1,2,3\n3,4,4\n", ["two columns are named 'a (1)'"]),
    ("a,b\n1,2\n1,3\n", ["no column is left", "'a' is left out: always 1"]),
    ("1,2\n3,4,5\n6,7,8\n", ["line 1 has 2 cells, those below it 3, and it is no heading"]),
    ("a,b\n1,2\ninf,4\n", ["line 3, column 'a': 'inf' is not finite"]),
])
def test_tables_that_cannot_be_trained_on_are_refused(text, parts, tmp_path):
    expect_error(tmp_path, text, *parts)


@pytest.mark.parametrize("text, line, column, cell", [
    ("a,b\n1,2\n3,4,5\n", 3, None, None), ("a,b\n1,2\n\n-inf,4\n", 4, "a", "-inf"),
    ("a,a,a (1)\n1,2,3\n3,4,4\n", 1, "a (1)", None), ('a,b\n1,2\n"3"x,4\n', 3, None, None),
])
def test_an_error_says_its_place_in_fields(text, line, column, cell, tmp_path):
    error = expect_error(tmp_path, text)
    assert error.file == str(tmp_path / "t.csv")
    assert (error.line, error.column, error.cell) == (line, column, cell)
    copy = pickle.loads(pickle.dumps(error))            # as a process gives it to another
    assert (str(copy), copy.line, copy.remedy) == (str(error), line, error.remedy)


def test_blocks_do_not_show(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b},{c},{'' if c % 9 else c}" for a, b, c in zip(
        rng.random(50), rng.choice(["u", "v", ""], 50), range(50), strict=True)]
    text = "\n".join(["a,b,c,d", *rows])
    whole = read(tmp_path, text, "c")
    for size in (1, 30, 200):
        monkeypatch.setattr("data.text_file.BLOCK", size)
        again = read(tmp_path, text, "c")
        np.testing.assert_array_equal(again.x, whole.x)
        assert again.columns == whole.columns
        assert again.y.tolist() == [[i] for i in range(50)]
        assert again.about == whole.about


def test_quotes_do_not_change_what_is_read_nor_does_the_parser(tmp_path, monkeypatch):
    rows = [[f"{i / 3:.4f}", "uv"[i % 2], "" if i % 5 else "7", f"{i}"] for i in range(60)]
    plain = "\n".join(",".join(row) for row in [["a", "b", "c", "y"], *rows])
    quoted = "\n".join(",".join(f'"{cell}"' for cell in row)
                       for row in [["a", "b", "c", "y"], *rows])
    fast = [read(tmp_path, text, numeric=("c",)) for text in (plain, quoted)]
    monkeypatch.setattr(cells.Cells, "_parse_fast", lambda self, chunk: None)
    careful = [read(tmp_path, text, numeric=("c",)) for text in (plain, quoted)]
    for other in (fast[1], *careful):
        np.testing.assert_array_equal(fast[0].x, other.x)
        assert (fast[0].y.tolist(), fast[0].about) == (other.y.tolist(), other.about)


@pytest.mark.slow
def test_words_and_missing_cells_are_parsed_a_block_at_a_time_in_little_memory(
        tmp_path, monkeypatch):
    monkeypatch.setattr("data.text_file.BLOCK", 2**16)
    careful, parse = [], cells.Cells._parse
    monkeypatch.setattr(cells.Cells, "_parse",
                        lambda self, chunk: careful.append(chunk) or parse(self, chunk))
    rows = [f'{i / 7:.4f},{"" if i % 97 == 3 else i},"{"uvw"[i % 3]}",{("no", "yes")[i % 2]}\n'
            for i in range(60_000)]
    path = write(tmp_path, "a,b,c,y\n" + "".join(rows))
    with peak_below(8 * 2**20):             # of 4 numbers a row, 1.9 MB; as lists some 20 MB
        held = cells.read(path, Reading(), {3}, set(), 2**30)
    assert held.count == 60_001
    assert path.stat().st_size > 20 * 2**16 and len(careful) <= 1
    assert np.isnan(held.values[1:, 1]).sum() == 619


def test_a_label_of_very_many_numbers_is_no_list_of_texts(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "MANY", 20)
    monkeypatch.setattr("data.text_file.BLOCK", 100)
    found = read(tmp_path, with_cells(NUMBERS, [f"{i}.5" for i in range(79)] + ["NA"]))
    assert found.y[:, 0].tolist() == [i + 0.5 for i in range(79)]
    expect_error(tmp_path, with_cells(NUMBERS, [f"{i}.5" for i in range(79)] + ["oops"]),
                 "line 81, column 'y': 'oops' is no number")


def test_what_would_take_enormous_memory_is_refused(tmp_path, monkeypatch):
    text = "a,y\n" + "".join(f"k{i % 100},{i % 2}\n" for i in range(1000))
    monkeypatch.setattr(cells, "LIMIT", 8 * 1000 * 100)
    assert read(tmp_path, text).x.shape == (1000, 100)
    monkeypatch.setattr(cells, "LIMIT", 8 * 1000 * 100 - 1)
    expect_error(tmp_path, text, "1000 rows take 800000 bytes", "at most 799999 are")


def test_too_many_categories(tmp_path, monkeypatch):
    monkeypatch.setattr(categories, "MOST_VALUES", 30)
    text = with_cells([f"k{i // 2}" for i in range(80)])
    assert about(read(tmp_path, text), "a")["why"] == "40 different texts, more than 30"
    error = expect_error(tmp_path, text, "40 different values", "at most 30", categorical=("a",))
    assert error.remedy == "column"
    monkeypatch.setattr(cells, "MOST_TEXTS", 10)
    assert about(read(tmp_path, text), "a")["kind"] == "left out"


@pytest.mark.parametrize("i", [0, 1, 2, 6, 7, 8, 11])
def test_hostile_files_are_read_or_refused_in_little_memory(i, tmp_path):
    path = write(tmp_path, HOSTILE["csv"][i]())
    with peak_below(200 * 2**20), contextlib.suppress(DataError):
        table.read(path)


ROWS = [f"2024-03-{day:02},{20 + day}.5,{day % 3},{'ab'[day % 2]},{day * day}"
        for day in range(1, 29)]
NAMED = "when,warm,count,kind,y"


@pytest.mark.parametrize("above, lines", [
    ([NAMED, "yyyy-mm-dd,degC,,-,kWh"], "line 2 holds no number"),
    (["of the north", NAMED, ",degC,pieces,a,"], "line 3 holds no number"),
    ([NAMED, "the day,how warm,how many,what kind,how much", ',"{""q"":1}","{""q"":2}",x,z'],
     "lines 2 and 3 hold no number"),
    ([NAMED, *["the day,how warm,how many,what kind,how much"] * 3], "lines 2 to 4 hold no number"),
])
@pytest.mark.parametrize("rows", [ROWS, ROWS[:6]])
def test_units_or_more_headings_are_refused_at_once(tmp_path, above, lines, rows):
    path = tmp_path / "t.csv"
    path.write_text("\n".join([*above, *rows]))
    with pytest.raises(DataError, match=f"{lines} in any column of numbers: units") as error:
        table.read(path)
    assert error.value.line == int(lines.split()[1])


def test_units_may_be_said_to_be_missing(tmp_path):
    text = "\n".join([NAMED, "day,degC,,a,kWh", *ROWS])
    found = read(tmp_path, text, missing=("day", "degC", "kWh"))
    assert found.y[:, 0].tolist() == [(day + 1) ** 2 for day in range(28)]
    expect_error(tmp_path, text, "line 2, column 'y': 'kWh'", numeric=("when", "warm", "y"))


@pytest.mark.parametrize("first", [
    "2024-03-01,4.5,2,a,1", ",,,a,", "2024-03-01,?,?,a,?", "?,?,?,b,4", "?,?,?,other,4",
])
def test_a_row_with_a_number_or_without_words_is_a_row(tmp_path, first):
    assert read(tmp_path, "\n".join([NAMED, first, *ROWS])).about["rows"] == 29
    text = "\n".join([NAMED, "2024-03-01,degC,2,a,1", *ROWS])
    expect_error(tmp_path, text, "'degC' is no number")


@pytest.mark.parametrize("odd, says", [
    (("03/04/2023", "25/04/2023"), "line 3, column 'd': '03/04/2023' is no date as '2023-02-04'"),
    (("4 May 2023", "5/4/23"), "line 3, column 'd': '4 May 2023' is no date as '2023-02-04'"),
])
def test_dates_of_several_forms_in_a_column_are_refused(tmp_path, odd, says):
    days = [odd[i // 3 % 2] if i % 3 == 1 else f"2023-02-{4 + i // 2:02}" for i in range(30)]
    text = "\n".join(["d,y", *(f"{day},{i}.5" for i, day in enumerate(days))])
    expect_error(tmp_path, text, says, "as 20 of 30 cells are; write all of them alike")
    assert read(tmp_path, text, numeric=("d",)).about["columns"][0]["missing"] == 10
    assert about(read(tmp_path, text, categorical=("d",)), "d")["kind"] == "category"
    words = text.replace(odd[0], "often").replace(odd[1], "never")
    assert about(read(tmp_path, words), "d")["kind"] == "category"


def test_a_label_of_dates_may_be_a_regression(tmp_path):
    days = [f"2023-0{1 + i // 25}-{1 + i % 25:02}" for i in range(90)]
    text = "\n".join(["x,day", *(f"{i % 7},{day}" for i, day in enumerate(days))])
    error = expect_error(tmp_path, text, "column 'day': holds 90 different dates in 90 rows",
                         "ask for regression")
    assert error.remedy == "dates"
    y = read(tmp_path, text, task="regression").y[:, 0]
    assert (y[0], y[26]) == (19358, 19358 + 32)         # days from 1970 to 2023, and to February 2
