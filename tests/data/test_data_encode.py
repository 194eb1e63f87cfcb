"""New tables for known columns: picked by name, encoded as in training, refused with their line."""

import io
import math

import numpy as np
import pytest
from data_errors import expect_data_error
from peak_memory import peak_below

from data import encode
from data.errors import DataError

AGE = {"name": "age", "kind": "number"}
COLOUR = {"name": "colour", "kind": "category", "values": ["blue", "red"]}
PRICE = {"name": "price", "kind": "number", "form": {"before": "$", "thousands": ","},
         "missing": ["n.v."]}
DAY = {"name": "day", "kind": "date", "form": "year-month-day"}


def rows_of(text, columns, **options):
    """All rows that read_rows gives for a text."""
    source = io.BytesIO(text.encode())
    return [row for _, rows in encode.read_rows(source, columns, **options) for row in rows]


def test_encoding_is_numbers_days_and_one_hot():
    rows = [["1.5", "red", "$1,200", "1970-01-03"], ["", "green", "N.V.", "NA"],
            ["-2", "blue", "$3.5", "1970-01-01 12:00"], ["?", "", "-", ""]]
    unseen = {}
    x = encode.encode(rows, [AGE, COLOUR, PRICE, DAY], unseen=unseen)
    nan = math.nan
    np.testing.assert_array_equal(x, [[1.5, 0, 1, 1200, 2], [nan, 0, 0, nan, nan],
                                      [-2, 1, 0, 3.5, 0.5], [nan, 0, 0, nan, nan]])
    assert x.dtype == np.float64
    assert unseen == {("colour", "green"): 1, ("colour", ""): 1}
    assert encode.encode([], [AGE, COLOUR]).shape == (0, 3)
    for cell in ("x", "inf"):
        with pytest.raises(DataError, match=f"row 2, column 'age': '{cell}' is no number"):
            encode.encode([["1", "red"], [cell, "red"]], [AGE, COLOUR])


def test_a_whole_number_is_one_category_with_and_without_a_point():
    kind = {"name": "kind", "kind": "category", "values": ["01", "1", "2.0", "x"]}
    unseen = {}
    x = encode.encode([["1.0"], ["2"], ["01"], ["2.00"], ["1.5"], ["3.0"]], [kind], unseen=unseen)
    np.testing.assert_array_equal(x, [[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0],
                                      [0, 0, 0, 0], [0, 0, 0, 0]])
    assert unseen == {("kind", "1.5"): 1, ("kind", "3.0"): 1}


@pytest.mark.parametrize("values, place", [(["", "NA", "a"], 0), (["a", "n/a"], 1), (["a"], None),
                                           (["?", "NA", "a"], None), (["a", "none"], None)])
def test_a_missing_category_is_the_one_that_says_so(values, place):
    unseen, cells = {}, ["Null", "nan", "a", "none", "-"]
    x = encode.encode([[cell] for cell in cells], [
        {"name": "kind", "kind": "category", "values": values}], unseen=unseen)
    places = [place, place, values.index("a"), values.index("none") if "none" in values else None,
              None]
    np.testing.assert_array_equal(x, [[float(j == at) for j in range(len(values))]
                                      for at in places])
    assert unseen == {("kind", cell): 1 for cell, at in zip(cells, places, strict=True)
                      if at is None}


def test_columns_are_picked_by_name_and_the_rest_is_told():
    text, told = "y,colour,more,age\n0,red,9,1\n1,green,8,\n", []
    assert rows_of(text, [AGE, COLOUR], ignored=told.append) == [["1", "red"], ["", "green"]]
    assert told == [["y", "more"]]
    label = {"name": "y", "kind": "category", "values": []}
    assert rows_of(text, [AGE, COLOUR, label]) == [["1", "red", "0"], ["", "green", "1"]]
    assert rows_of("age colour\nr1 1 red\nr2 2 blue\n", [AGE, COLOUR]) == [
        ["1", "red"], ["2", "blue"]]                            # as R writes it


def test_names_that_differ_in_case_or_spaces_will_do_and_are_told():
    text, told = "y,Colour,more, A GE\n0,red,9,1\ny,Colour,more,A GE\n", []
    assert rows_of(text, [AGE, COLOUR], alike=told.append, ignored=told.append) == [["1", "red"]]
    assert told == [{"A GE": "age", "Colour": "colour"}, ["y", "more"]]


@pytest.mark.parametrize("start", [",y,age\n7,0,1\n", "y,age\n7,0,1\n"])     # pandas, and R
def test_a_column_without_a_name_is_found_by_its_place(start):
    first, told = {"name": "column 1", "kind": "number"}, []
    text = start + "9,1,3\n"
    assert rows_of(text, [AGE, first], ignored=told.append) == [["1", "7"], ["3", "9"]]
    assert rows_of(text, [AGE], ignored=told.append) == [["1"], ["3"]]
    assert told == [["y"], ["y"]]


@pytest.mark.parametrize("most", [1, 2, 10])
def test_a_heading_that_comes_again_is_no_row_and_told(most):
    text, told = "age,colour\n1,red\nage,colour\n2,blue\n\nage,colour\n3,red\n", []
    assert rows_of(text, [AGE, COLOUR], most=most, blank=lambda *what: told.append(what)) == [
        ["1", "red"], ["2", "blue"], ["3", "red"]]
    assert told == [(1,), (2, "line like the heading")]


def test_names_on_several_lines_are_those_of_training_however_often_they_come():
    columns = [{"name": "Age (years)", "kind": "number"}, COLOUR]
    text = 'colour,"Age\r\n(years)"\r\nred,1\r\n'
    assert rows_of(text * 2, columns) == [["1", "red"]] * 2


def test_all_columns_that_are_not_there_are_named():
    columns = [AGE, COLOUR, {"name": "area", "kind": "number"}]
    expect_data_error(lambda: rows_of("age,color,area_m2\n1,red,3\n", columns),
                      "standard input: line 1 names no column 'colour' (is it 'color'?), nor "
                      "'area' (is it 'area_m2'?); the model needs")
    columns = [AGE, *({"name": f"q{i}", "kind": "number"} for i in range(14))]
    expect_data_error(lambda: rows_of("age,x\n1,3\n", columns), "standard input: line 1",
                      "'q0', nor 'q1', nor", "nor 'q9', nor 4 more; the model needs")


@pytest.mark.parametrize("form, cell, says", [
    (None, "70,45", "has a decimal comma, where training had a decimal point: replace it in the "
     "whole table, here by 70.45"),
    (None, "-1,250", "may have a decimal comma, where training had a decimal point: replace it in "
     "the whole table, here by -1.250 if so"),
    ({"thousands": ","}, "1.250,5", "has a decimal comma, where training had a decimal point: "
     "replace it in the whole table, here by 1,250.5"),
    ({"decimal": ","}, "1.967", "may have a decimal point, where training had a decimal comma: "
     "replace it in the whole table, here by 1,967 if so"),
    ({"decimal": ",", "after": "EUR"}, "70.45 EUR", "has a decimal point, where training had a "
     "decimal comma: replace it in the whole table, here by 70,45 EUR"),
    (None, "7,4,5", "is no number; correct it, or leave the cell empty"),
    ({"clock": "hours"}, "4,5", "is no number written as in training, such as 4:30:00, in hours; "
     "correct it, or leave the cell empty"),
    ({"after": "%"}, "5", "is no number written as in training, such as 1250.5%; correct it, or "
     "leave the cell empty")])
def test_a_number_with_the_other_decimal_sign_is_named(form, cell, says):
    column = {"name": "area", "kind": "number"} | ({"form": form} if form else {})
    with pytest.raises(DataError) as caught:
        encode.encode([[cell]], [column], "t.csv", [2])
    assert str(caught.value) == f"t.csv: line 2, column 'area': {cell!r} {says}"


@pytest.mark.parametrize("form, cell, value", [
    ({"before": "$", "thousands": ","}, "1967.78", 1967.78),
    ({"before": "$", "thousands": ",", "negative": "()"}, "-1967.78", -1967.78),
    ({"before": "$", "thousands": ","}, "1e-05", 1e-5),
    ({"before": '="', "after": '"'}, "12.0", 12),
    ({"negative": "-"}, "\u221212.5", -12.5),
    ({"after": "EUR", "decimal": ",", "thousands": "."}, "1967,78", 1967.78),
    ({"after": "€", "decimal": ","}, "1967.78", 1967.78),
    ({"decimal": ","}, "0.967", 0.967), ({"decimal": ","}, "70.45", 70.45),
    ({"after": "€", "decimal": ",", "thousands": "."}, "1.967", None),      # it may be 1967
    ({"before": "$", "thousands": ","}, "1967,78", None),
    ({"after": "%"}, "5", None), ({"after": "kg"}, "5", None), ({"clock": "hours"}, "5", None),
    ({"before": "$", "letters": "M"}, "5", None), ({"before": "$"}, "1e999", None),
    ({"before": "$"}, "€5", None)])
def test_plain_numbers_do_where_they_can_mean_nothing_else(form, cell, value):
    column = {"name": "x", "kind": "number", "form": form}
    if value is None:
        with pytest.raises(DataError, match="is no number written as in training, such as "):
            encode.encode([[cell]], [column])
    else:
        assert encode.encode([[cell]], [column]) == value


def test_without_a_heading_columns_are_counted():
    assert rows_of("1,red\n2,blue\n", [AGE, COLOUR]) == [["1", "red"], ["2", "blue"]]
    columns = [{"name": f"column {i}", "kind": "number"} for i in (1, 3)]
    assert rows_of("1,3\n", columns) == [["1", "3"]]
    assert rows_of("1,y,3\n", columns) == [["1", "3"]]
    assert rows_of("a,b\n1,3\n", columns) == [["1", "3"]]
    assert rows_of("5\n6\n", [AGE]) == [["5"], ["6"]]
    assert rows_of("5,y\n6,n\n", columns[:1], spare=["column 2"]) == [["5"], ["6"]]


def numbered(count):
    return [{"name": f"column {i + 1}", "kind": "number"} for i in range(count)]


LABEL = {"name": "label", "kind": "category", "values": [], "label": True}


@pytest.mark.parametrize("text, options, taken, left", [
    ("a,b\n1,2\n", {}, ["a", "b"], []),
    ("a,b,y\n1,2,n\n", {"spare": ["column 3"]}, ["a", "b"], ["y"]),           # as in training
    ("Y,a,b\nn,1,2\n", {"spare": ["y"]}, ["a", "b"], ["Y"]),
    ("id,a,b,y\n7,1,2,n\n", {"spare": ["y"], "keep": ["id"]}, ["a", "b"], ["y"]),
    ("a,id,b\n1,7,2\n", {"keep": ["2"]}, ["a", "b"], []),
    ("a,b\nr1,1,2\n", {}, ["a", "b"], []),                                   # as R writes it
    ("a,b,y\n1,2,n\n", {"label": LABEL}, ["a", "b", "y"], []),               # the last
    ("label,a,b\nn,1,2\n", {"label": LABEL}, ["a", "b", "label"], []),
    ("0,1,label\n1,2,n\n", {"label": LABEL}, ["0", "1", "label"], []),
    ("0,1,extra\n1,2,n\n", {"spare": ["extra"]}, ["0", "1"], ["extra"]),
])
def test_columns_without_names_are_taken_by_their_place_and_it_is_told(text, options, taken, left):
    told, label = [], options.get("label")
    options = {name: value for name, value in options.items() if name != "label"}
    rows = rows_of(text, [*numbered(2), *([label] if label else [])], **options,
                   placed=lambda *what: told.append(what))
    assert [row[:2] for row in rows] == [["1", "2"]]
    assert told == [(taken, left)]


@pytest.mark.parametrize("text, label, says", [
    ("a,b,y\n1,2,n\n", (), "has 3 columns, and the model takes 2, by their place, as they had no "
     "names in training; leave the others out"),
    ("1,2,n\n", (), "has 3 columns, and the model takes 2, by their place"),
    ("a\n1\n", (), "has 1 column, and the model takes 2, by their place, as they had no names in "
     "training; give so many"),
    ("a,b\n1,2\n", (LABEL,), "has 2 columns, and the model takes 2 and the label, by their place"),
    ("a,b,c,y\n1,2,3,n\n", (LABEL,), "as they had no names in training; leave the others out"),
    ("1,b\n1,2\n", (), "line 1: 'b' is no number, which column 2 needs; correct it, or give a "
     "heading of words alone")])
def test_other_columns_than_those_without_names_are_refused(text, label, says):
    expect_data_error(lambda: rows_of(text, [*numbered(2), *label]), "standard input: ", says)


def test_names_that_come_twice_are_not_missing():
    columns = [{"name": name, "kind": "number"} for name in ("x (1)", "x (2)", "region")]
    with pytest.raises(DataError) as caught:
        rows_of("x,x,area\n1,2,3\n", columns)
    assert str(caught.value) == ("standard input: line 1 names no column 'region'; the model needs "
                                 "'x (1)', 'x (2)', 'region'")
    assert rows_of("x,region,x\n1,2,3\n", columns) == [["1", "3", "2"]]


def test_chunks_hold_no_more_rows_than_asked_and_lines_go_with_them():
    source = io.BytesIO(b"age\n1\n2\n\n3\n4\n5\n")
    assert list(encode.read_rows(source, [AGE], 2)) == [
        ([2, 3], [["1"], ["2"]]), ([5, 6], [["3"], ["4"]]), ([7], [["5"]])]


def test_rows_of_a_file_come_in_the_same_chunks_with_and_without_a_heading(tmp_path):
    rows = [f"{i},red\n" for i in range(40_000)]           # more than a block of the file
    for start in ("", "age,colour\n"):
        (tmp_path / "t.csv").write_text(start + "".join(rows))
        chunks = list(encode.read_rows(tmp_path / "t.csv", [AGE, COLOUR], 1000))
        assert [len(cells) for _, cells in chunks] == [1000] * 40
        assert [cells[0][0] for _, cells in chunks] == [str(1000 * i) for i in range(40)]
        assert [lines[0] for lines, _ in chunks] == [1000 * i + 1 + bool(start) for i in range(40)]


def test_blank_lines_are_told():
    told = []
    rows_of("age,colour\n1,red\n\n2,red\n\n", [AGE, COLOUR], blank=told.append)
    assert told == [1]


@pytest.mark.parametrize("text, parts", [
    ("", ["is empty"]), ("1,red,2\n", ["has 3 columns", "the 2 of the model", "'age', 'colour'"]),
    ("age,color\n1,red\n", ["names no column 'colour'", "is it 'color'?"]),
    ("Age ,color\n1,red\n", ["line 1: 'Age' is no number", "must name 'age', 'colour'"]),
    ("Age,AGE,colour\n1,2,red\n", ["names no column 'age'"]),
    ("red,1\n", ["line 1: 'red' is no number", "'age'"]),
    ("age,colour,age\n1,red,2\n", ["two columns named 'age'"]),
    ("1,red\nx,red\n", ["line 2, column 'age': 'x' is no number"]),
    ("1,red\n\n1e999,red\n", ["line 3, column 'age': '1e999' is no number"]),
    ("age,colour\n1,red\n2\n", ["line 3 has 1 cells", "before it 2"]),
])
def test_rows_that_do_not_fit_the_model_are_refused(text, parts):
    def read():
        for lines, rows in encode.read_rows(io.BytesIO(text.encode()), [AGE, COLOUR]):
            encode.encode(rows, [AGE, COLOUR], "standard input", lines)

    expect_data_error(read, "standard input: ", *parts)


@pytest.mark.slow
def test_a_long_file_is_read_in_flat_memory(tmp_path):
    (tmp_path / "t.csv").write_text("age,colour\n" + "12.5,red\n" * 100_000)
    with peak_below(12 * 2**20):                # of a block; all rows as lists: 20 MB and more
        for lines, rows in encode.read_rows(tmp_path / "t.csv", [AGE, COLOUR], 100):
            encode.encode(rows, [AGE, COLOUR], "", lines)
