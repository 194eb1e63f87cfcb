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
