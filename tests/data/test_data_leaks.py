"""Inputs that tell the label by themselves."""

import numpy as np

from data import leaks

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 1500)
NOISE = RNG.normal(size=1500)
COLUMNS = [{"name": "age", "kind": "number"},
           {"name": "colour", "kind": "category", "values": ["a", "b", "c"]},
           {"name": "code", "kind": "number"}]


def names(colours, code, y=Y, classes=("u", "v", "w"), age=NOISE):
    x = np.column_stack([age, np.eye(3)[colours], code])
    return [each["name"] for each in leaks.find(x, COLUMNS, y, classes)]


def test_other_words_for_the_classes_are_found():
    renamed = np.array([2, 0, 1])[Y]
    assert names(renamed, 10 - 3 * Y) == ["colour", "code"]
    late = renamed.copy()
    late[1400] = (late[1400] + 1) % 3                   # one row of many differs
    assert names(late, NOISE) == []
    assert names(Y % 2, Y.clip(1)) == []                # two classes have one level
    assert names(Y, np.where(NOISE > 5, np.nan, NOISE)) == ["colour"]
    x = np.eye(3)[Y[:10]]
    assert leaks.find(x, COLUMNS[1:2], Y[:10], "uvw") == []             # too few to tell


def test_a_straight_line_is_found():
    y = np.column_stack([NOISE, RNG.normal(size=1500)])
    assert names(Y, 3 - 2.5 * y[:, 1], y, None, age=y[:, 0] * 1e9) == ["age", "code"]
    bent = NOISE.copy()
    bent[1300] += 0.1
    missing = np.where(np.arange(1500) == 7, np.nan, NOISE)
    assert names(Y, bent, y, None, age=missing) == []
    assert names(Y, np.ones(1500), y, None, age=RNG.normal(size=1500)) == []


def test_a_line_is_found_through_the_rounding_of_both():
    celsius = np.round(RNG.normal(15, 10, 400), 1)
    fahrenheit = 1.8 * celsius + 32
    other = RNG.normal(size=400)

    def tells(a, y):
        columns = [{"name": "a", "kind": "number"}, {"name": "b", "kind": "number"}]
        return bool(leaks.find(np.column_stack([a, other]), columns, y[:, None], None))

    for places in (2, 1, 0):
        assert tells(np.round(fahrenheit, places), celsius)
        assert tells(np.round(celsius), np.round(fahrenheit, places))
    assert tells(np.round(1e4 * fahrenheit, -3), celsius)               # in thousands
    near = np.round(fahrenheit, 1)
    near[300] += 1.2                                    # one is off by more than its rounding
    assert np.corrcoef(near, celsius)[0, 1] > 0.999
    assert not tells(near, celsius)
    noisy = np.round(fahrenheit + RNG.normal(0, 0.5, 400), 1)
    assert not tells(noisy, celsius)
    assert not tells(1e-30 * noisy, 1e-30 * celsius)
    few = RNG.integers(0, 5, 400).astype(float)         # rounded so far that any line would do
    assert not tells(few + (np.arange(400) < 3), few)


def test_what_is_missing_or_zero_for_one_class_alone_is_found():
    died = (RNG.random(1500) < 0.3).astype(int)
    date = np.where(died == 1, 100 + NOISE, np.nan)
    columns = [{"name": "date", "kind": "date"}, {"name": "paid", "kind": "number"},
               {"name": "cause", "kind": "category", "values": ["", "a", "b", "c"]}]

    def why(date, paid, cause, y=died, classes=("0", "1")):
        x = np.column_stack([date, paid, np.eye(4)[cause]])
        return {each["name"]: each["why"] for each in leaks.find(x, columns, y, classes)}

    cause = died * RNG.integers(1, 4, 1500)
    told = "it is {} where that is 0, and nowhere else"
    assert why(date, abs(NOISE) * died, cause) == {
        "date": told.format("missing"), "paid": told.format("0"), "cause": told.format("missing")}
    alive = np.flatnonzero(died == 0)[-1]               # one row of many differs, below the sample
    date[alive], cause[alive] = 3, 1
    assert why(date, abs(NOISE) * died + (np.arange(1500) == alive), cause) == {}
    rare = np.where(np.arange(1500) < 9, np.nan, NOISE)
    assert why(rare, NOISE, cause * 0 + 1, (np.arange(1500) >= 9).astype(int)) == {}    # too few
    late = (np.arange(1500) >= 1200).astype(int)        # a class that begins below the sample
    assert why(np.where(late, np.nan, NOISE), NOISE, late * 0 + 1, late)["date"] == (
        "it is missing where that is 1, and nowhere else")
    third = Y.copy()                                    # of three classes one
    assert why(np.where(third == 2, np.nan, NOISE), NOISE, third % 2 + 1, third, "uvw") == {
        "date": "it is missing where that is w, and nowhere else"}
    assert why(np.where(third > 0, np.nan, NOISE), NOISE, third % 2 + 1, third, "uvw") == {}
