"""Rows that come again, inputs and label: told where chance does not make them."""

import numpy as np

from data import copies

RNG = np.random.default_rng(0)
X = np.column_stack([np.round(RNG.normal(size=(150, 3)), 4), np.eye(2)[RNG.integers(0, 2, 150)]])
Y = RNG.integers(0, 2, 150)
SIZES = [1, 1, 1, 2]


def found(rows, x=X, y=Y, sizes=SIZES, change=None):
    """What is found of these rows, in any order; the first ones of column 0 may be changed."""
    x, y = x[rows].copy(), y[rows]
    x[: len(change or []), 0] = change or []
    order = RNG.permutation(len(x))
    return copies.find(x[order], sizes, y[order])


EACH = np.arange(150)


def test_rows_that_all_come_again_are_told():
    assert found(EACH) is None
    assert found(np.tile(EACH, 4)) == {"rows": 600, "again": 600, "different": 150, "times": 4}
    uneven = np.concatenate([EACH, EACH, EACH[:30]])
    assert found(uneven) == {"rows": 330, "again": 330, "different": 150, "times": None}
    nearly = found(np.tile(EACH, 4), change=[91, 92, 93])       # whose copies are three times there
    assert nearly == {"rows": 600, "again": 597, "different": 153, "times": None}
    half = np.concatenate([EACH, EACH[:75]])                    # half of 150 rows come once more
    assert found(half) is None
    assert found(np.tile(EACH[:9], 2)) is None                  # too few rows


def test_missing_cells_and_targets_are_part_of_a_row():
    x = X.copy()
    x[::3, 1], x[1::3, 2] = np.nan, -0.0
    rows = np.tile(EACH, 2)
    assert found(rows, x) == {"rows": 300, "again": 300, "different": 150, "times": 2}
    y = np.column_stack([RNG.normal(size=300), np.zeros(300)])
    assert copies.find(x[rows], SIZES, y) is None               # other targets, so other examples
    assert copies.find(x[rows], SIZES, y[rows])["times"] == 2


def test_rows_of_few_levels_are_alike_by_chance():
    few = RNG.integers(0, 4, (2000, 3)).astype(float)
    labels = (few.sum(axis=1) > 4).astype(int)
    assert len(np.unique(few, axis=0)) == 64                    # of 2000 rows
    assert copies.find(few, [1, 1, 1], labels) is None
    many = RNG.integers(0, 4, (150, 12)).astype(float)          # 4^12 rows are possible
    assert copies.find(np.tile(many, (2, 1)), [1] * 12, np.tile(Y, 2))["times"] == 2
    plan = np.stack(np.meshgrid(*[np.arange(2.0)] * 7), -1).reshape(-1, 7)      # every row, twice
    assert copies.find(np.tile(plan, (2, 1)), [1] * 7, np.tile(plan[:, 0], 2)) is None
