"""What a cell means: numbers and dates, and the forms that a column agrees on."""

import datetime
import math

import numpy as np
import pytest

from data import forms


@pytest.mark.parametrize("cell, value", [
    ("1", 1), ("-2.5e3", -2500), ("+.5", 0.5), ("\N{MINUS SIGN}7", -7), ("1_000", None),
    ("1,5", None), ("0x10", None), ("x", None), ("inf", None), ("1e999", None), ("35 years", None),
    *((word, math.nan) for word in ("", "NA", "n/a", "N.A.", "NaN", "Null", "none", "?", "-", "--",
                                    ".", "unknown", "\\N", "#N/A", "<NA>", "#DIV/0!", "nil")),
])
def test_what_a_cell_holds(cell, value):
    np.testing.assert_equal(forms.number(cell), value)
    np.testing.assert_equal(forms.numbers([cell, "7"]), [value, 7])


@pytest.mark.parametrize("cells, form, values", [
    (["1,250", "980", "12.5"], {"thousands": ","}, [1250, 980, 12.5]),
    (["1 250", "2\u00a0000,5"], {"decimal": ",", "thousands": " "}, [1250, 2000.5]),
    (["1.250,5", "-3,25"], {"decimal": ",", "thousands": "."}, [1250.5, -3.25]),
    (["0,5", "12"], {"decimal": ","}, [0.5, 12]), (["$1200", "-$3", "$ .5"], {"before": "$"},
                                                  [1200, -3, 0.5]),
    (["$1,200.5", "$15"], {"before": "$", "thousands": ","}, [1200.5, 15]),
    (["3.5%", "12 %"], {"after": "%"}, [3.5, 12]), (["35 years", "7 years"], {"after": "years"},
                                                   [35, 7]),
    (["1'250", "3"], {"thousands": "'"}, [1250, 3]),
    (["3,5 €", "1.200,00 €"], {"decimal": ",", "thousands": ".", "after": "€"}, [3.5, 1200]),
    (["\N{MINUS SIGN}1", "2"], {}, [-1, 2]),
    (["($1,250.5)", "$3"], {"negative": "()", "before": "$", "thousands": ","}, [-1250.5, 3]),
    (["(3)", "4"], {"negative": "()"}, [-3, 4]),
    (["12'345.5", "1\N{RIGHT SINGLE QUOTATION MARK}250", "3"], {"thousands": "'"},
     [12345.5, 1250, 3]),
    (["1,23,456", "12,345.5", "98,76,54,321", "7"], {"thousands": ",", "groups": "2 3"},
     [123456, 12345.5, 987654321, 7]),
    (["₹1,23,456", "₹950"], {"before": "₹", "thousands": ",", "groups": "2 3"}, [123456, 950]),
    (["8924-", "101366", "3.5-"], {"negative": "-"}, [-8924, 101366, -3.5]),
    (["1.250,75-", "17\N{MINUS SIGN}", "12,5"], {"negative": "-", "decimal": ",", "thousands": "."},
     [-1250.75, -17, 12.5]),
    (["1.495D+13", "-2.5d-01", "3.0"], {"exponent": "D"}, [1.495e13, -0.25, 3]),
    (['="040.1"', '="-3"'], {"before": '="', "after": '"'}, [40.1, -3]),
    (["1.5k", "19M", "900"], {"letters": "M k"}, [1500, 19_000_000, 900]),
    (["$2.5B", "$3M"], {"before": "$", "letters": "B M"}, [2.5e9, 3e6]),
    (["04:30:00", "23:15:36", "0:45"], {"clock": "hours"}, [4.5, 23.26, 0.75]),
    (["12:30 am", "1:15 PM"], {"clock": "hours"}, [0.5, 13.25]),
])
def test_all_cells_of_a_column_agree_on_a_form(cells, form, values):
    kind, found, read = forms.find_form(dict.fromkeys(cells, 1), commas=True)
    assert (kind, found, read) == ("number", form, set(cells))
    read = forms.reader_of({"kind": "number", "form": form})
    assert [read(cell) for cell in cells] == values


@pytest.mark.parametrize("cells", [["A11", "A12"], ["12a", "13a"], ["1,25", "1.25"], ["1-2", "3"],
                                   ["1,25,0", "3"], ["red", "blue"], ["12B", "14B"],
                                   ["12-", "13-"], ["-3", "4-", "5-"], ["1-2-", "3-", "4"],
                                   ["12,34,56", "1,23,45"], ["123,45,678", "1,23,456"],
                                   ["1D5", "2D7"], ["4:75", "3:30"], ["(-3)", "4"],
                                   ["10:00-12:00", "13:00-15:00"], ["1e5k", "2.5M"]])
def test_codes_and_words_are_no_numbers(cells):
    assert forms.find_form(dict.fromkeys(cells, 1))[2] != set(cells)


def test_a_comma_that_may_be_either_is_asked_about():
    texts = {"1,250": 1, "3,125": 1}
    assert forms.find_form(texts)[1] == forms.DECIMAL
    assert forms.find_form(texts, commas=True)[1] == forms.DECIMAL
    assert forms.find_form(texts | {"980": 1}, commas=True)[1] == forms.DECIMAL     # too few to say
    many = {f"{i},250": 1 for i in range(1, 13)} | {"980": 1}
    assert forms.find_form(many, commas=True)[1] == {"thousands": ","}
    assert forms.find_form(many)[1] == forms.DECIMAL
    assert forms.find_form({"$1,250": 1}, commas=True)[1] == {"before": "$", "thousands": ","}
    assert forms.find_form({"1,250 %": 1}, commas=True)[1] == forms.DECIMAL
    assert forms.find_form(texts, decimal=",")[1] == {"decimal": ","}
    assert forms.find_form(texts, decimal=".")[1] == {"thousands": ","}
    assert forms.find_form(texts | {"0,5": 1})[1] == {"decimal": ","}


@pytest.mark.parametrize("cell, form", [
    ("2024-02-29", "year-month-day"), ("29.2.2024", "day-month-year"),
    ("2/29/2024", "month-day-year"), ("29 Feb 2024", "day-name-year"),
    ("February 29, 2024", "name-day-year"),
])
def test_dates_are_days(cell, form):
    days = (datetime.date(2024, 2, 29) - datetime.date(1970, 1, 1)).days
    assert forms.find_form({cell: 1})[:2] == ("date", form)
    read = forms.reader_of({"kind": "date", "form": form})
    assert read(cell) == days
    assert read(f"{cell} 18:00") == read(f"{cell}T18:00:00Z") == days + 0.75
    assert read(cell.replace("29", "31")) is None
    assert math.isnan(read("NA"))


def test_a_form_with_an_offset_reads_no_time_without_one():
    read = forms.reader_of({"kind": "date", "form": "year-month-day with UTC offset"})
    assert read("1970-01-02 03:00+03:00") == read("1970-01-01T21:00:00-03") == 1 == read(
        "1970-01-02T00:00Z") and math.isnan(read("NA"))
    assert [read(cell) for cell in ("1970-01-02", "1970-01-02 03:00", "1970-01-02 03:00+03:99",
                                    "1970-01-02 03:00+30:00", "1970-01-02 25:00Z")] == [None] * 5


def test_whether_the_month_comes_first_is_asked_where_nothing_tells():
    assert forms.find_form({"1/2/2024": 1, "3/4/2024": 1})[1] == forms.ORDER
    assert forms.find_form({"1/2/2024": 1, "3/14/2024": 1})[1] == "month-day-year"
    assert forms.find_form({"1/2/2024": 1, "13/4/2024": 1})[1] == "day-month-year"
    assert forms.find_form({"1.2.2024": 1})[1] == "day-month-year"
