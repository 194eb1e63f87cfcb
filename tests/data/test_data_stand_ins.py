"""Numbers and dates that may stand for missing ones: which are told, and how often."""

import datetime

import numpy as np
import pytest

from data import stand_ins, table
from data.reading import Reading

AGES = [18 + i % 60 for i in range(300)]
DAYS = [(datetime.date(2021, 1, 3) + datetime.timedelta(days=7 * i)).isoformat()
        for i in range(100)]
BIRTHS = [(datetime.date(1932, 3, 5) + datetime.timedelta(days=260 * i)).isoformat()
          for i in range(100)]


@pytest.mark.parametrize("codes, told", [
    ([9999] * 3 + [9998] * 2, [[9998, 2], [9999, 3]]),
    ([9999] * 3 + [9998], [[9998, 1], [9999, 3]]),              # it hides no other one
    ([997, 998, 999] * 2, [[997, 2], [998, 2], [999, 2]]),
    ([7777, 8888, 9999] * 2, [[7777, 2], [8888, 2], [9999, 2]]),
    ([-998, -999] * 2, [[-999, 2], [-998, 2]]),
    ([-999, 9999] * 2, [[-999, 2], [9999, 2]]),                 # at both ends
    ([999, 9999] * 2, [[999, 2], [9999, 2]]),
    ([-1, 999] * 2, [[-1, 2], [999, 2]]),
    ([9999] + [9998] * 2, []),                                  # 9999 once is a number like others
    ([9998] * 3, []), ([6000, 9999] * 2, []), ([97, 98, 99] * 2, []),
    ([9998.5, 9999] * 2, []), ([np.nan] * 3, []),
])
def test_codes_side_by_side_do_not_hide_each_other(codes, told):
    values = np.array(AGES + codes, float)
    low, high = np.nanmin(values), np.nanmax(values)
    assert stand_ins.of_numbers(values, low, high) == told


CHOLESTEROL = [120 + 7 * i % 208 for i in range(200)]
COLD = [i * i % 31 for i in range(200)]         # degrees


@pytest.mark.parametrize("others, codes, told", [
    (CHOLESTEROL, [-9] * 15, [[-9, 15]]), (CHOLESTEROL, [-8] * 3, [[-8, 3]]),
    (CHOLESTEROL, [-200] * 9 + [9999] * 2, [[-200, 9], [9999, 2]]),
    ([0, 1, 2, 3] * 50, [-9] * 10, [[-9, 10]]), ([0, 1, 2, 3] * 50, [-1] * 10, []),
    ([0, 1, 2, 3] * 50, [-9] * 9 + [9999] * 9, [[-9, 9], [9999, 9]]),
    ([0, 1, 2, 3] * 50, [-9, -8, -7] * 4, [[-9, 4], [-8, 4], [-7, 4]]),
    (AGES, [-9, -1] * 4, [[-9, 4], [-1, 4]]),
    (range(0, 90_000, 450), [-9] * 20, [[-9, 20]]),             # near, but often
    ([0.5 * i for i in range(90)], [-9] * 4, [[-9, 4]]),
    (AGES, [-9], []), ([-0.5, 0.5] * 90, [-9] * 9, []), (AGES, [-9.5] * 9, []),
    (COLD, [-2] * 4, []), (COLD, [-3, -2, -1] * 3, []),
    (COLD, list(range(-9, 0)) * 3, []), (COLD, [-23, -11] * 4, []), ([5] * 90, [-5] * 90, []),
    ([0, 5] * 90, [-5] * 90, []), ([0, 1] * 90, [-2] * 90, []),
    ([0.5 * i for i in range(90)], [-9, -8] * 4, []), ([9, 34, 69, 131] * 20, [-126] * 90, []),
    (range(0, 90_000, 450), [-3, -2, -1] * 20, []),
])
def test_a_negative_number_beside_others_that_are_not_is_told(others, codes, told):
    values = np.array([*others, *codes], float)
    assert stand_ins.of_numbers(values, values.min(), values.max()) == told


def read(folder, cells, **reading):
    path = folder / "t.csv"
    path.write_text("day,a,y\n" + "".join(f"{cell},{i % 7},{'yn'[i % 2]}\n"
                                          for i, cell in enumerate(cells)))
    found = table.read(path, reading=Reading(**reading))
    return found, found.about["columns"][0]


@pytest.mark.parametrize("others, cells, told", [
    (DAYS, ["9999-12-31"] * 40, [["9999-12-31", 40]]),
    (DAYS, ["9999-12-31", "1900-01-01", "1900-01-01", "9999-12-31"],
     [["1900-01-01", 2], ["9999-12-31", 2]]),
    (DAYS, ["9999-12-31", "9999-12-30"] * 2, [["9999-12-30", 2], ["9999-12-31", 2]]),
    (DAYS, ["1970-01-01"] * 3, [["1970-01-01", 3]]),
    (DAYS, ["2015-01-01"] * 2, [["2015-01-01", 2]]), (DAYS, ["2015-02-03"] * 2, None),
    (DAYS, ["2020-01-01"] * 3, None), (DAYS, ["9999-12-31"], None),         # near, and once
    (DAYS, ["9999-12-31 24:00:00"] * 2, [["9999-12-31 24:00:00", 2]]),
    (BIRTHS, ["1900-01-01"] * 3, [["1900-01-01", 3]]),          # nearer than they are to another
    (BIRTHS, ["1970-01-01"] * 9, None), (BIRTHS, ["1931-01-01"] * 9, None),
    ([f"2150-01-{1 + i % 28:02}" for i in range(90)], ["1900-01-01"] * 3, [["1900-01-01", 3]]),
    (["2024-05-06"] * 50, ["2015-01-01"] * 9, None),            # two dates: which is the odd one?
    ([f"{1900 + 10 * (i % 9)}-01-01" for i in range(90)], [], None),
])
def test_dates_far_from_all_others_are_told(tmp_path, others, cells, told):
    assert read(tmp_path, others + cells)[1].get("suspect") == told


def test_a_date_that_is_said_to_be_missing_is_no_date(tmp_path):
    found, about = read(tmp_path, DAYS + ["9999-12-31"] * 5,
                        missing=("9999-12-31",))
    assert about["missing"] == 5
    assert "suspect" not in about
    assert np.isnan(found.x[100:, 0]).all()
    assert np.nanmax(found.x[:, 0]) == 18_630 + 7 * 99          # 2021-01-03 is day 18630
