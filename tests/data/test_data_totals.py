"""A last line of totals among the rows of a table."""

import pytest

from data import table
from data.reading import Reading

UNITS = [3 + 7 * i % 11 for i in range(30)]             # 30 rows, so that the last is in line 32
SALES = [20.25 + 5 * i % 17 for i in range(30)]
FLAGS = [i % 3 for i in range(30)]


def found(folder, last, tail="", columns=(UNITS, SALES), names="units,sales", label="sales",
          **more):
    rows = [",".join([["north", "south"][i % 2], *(str(column[i]) for column in columns)])
            for i in range(30)]
    path = folder / "t.csv"
    path.write_text("\n".join([f"region,{names}", *rows, last, ""]) + tail, encoding="utf-8")
    return table.read(path, label, "regression", Reading(**more)).about["totals"]


@pytest.mark.parametrize("last, word, names", [
    (f"Total,{sum(UNITS)},{sum(SALES)}", "Total", ["units", "sales"]),
    (f",{sum(UNITS)},{sum(SALES)}", None, ["units", "sales"]),
    (f",,{sum(SALES)}", None, ["sales"]),
    (f"north,{sum(UNITS)},{sum(SALES)}", None, ["units", "sales"]),
    (f"Summe:,,{round(sum(SALES))}", "Summe:", ["sales"]),      # rounded, as the others are not
    (f"GRAND TOTAL,,{sum(SALES)}", "GRAND TOTAL", ["sales"]),
    ("Total,1,20.5", "Total", []),                              # of something else
])
def test_a_line_of_totals_is_found_with_its_line(tmp_path, last, word, names):
    assert found(tmp_path, last) == {"line": 32, "word": word, "names": names}
    assert found(tmp_path, last, ",,\n,,\n") == {"line": 32, "word": word, "names": names}


@pytest.mark.parametrize("last", [
    f"north,{sum(UNITS)},20.25",                                # one of two columns alone
    f"north,{sum(UNITS) * 2},{sum(SALES) * 2}",                 # large, and no sums
    "north,4,22.25", ",,22.25", f"Total,{sum(UNITS)},"])        # the last has no label
def test_a_last_line_like_the_others_is_none(tmp_path, last):
    assert found(tmp_path, last) is None


def test_sums_by_chance_are_none(tmp_path):
    rare = [[int(i == j) for i in range(30)] for j in range(4)]
    assert found(tmp_path, "north,1,1,0,0", columns=rare, names="a,b,c,y", label="y") is None
    assert found(tmp_path, "Total,1,20.25", columns=(UNITS, SALES), ignore=("region",)) == {
        "line": 32, "word": "Total", "names": []}


def test_sums_of_numbers_in_a_form_are_found(tmp_path):
    money = [f'"${1000 + 37 * i:,}"' for i in range(30)]
    total = 30 * 1000 + 37 * 29 * 15
    last = f'north,{sum(FLAGS)},"${total:,}"'
    assert found(tmp_path, last, columns=(FLAGS, money), names="n,price", label="price") == {
        "line": 32, "word": None, "names": ["n", "price"]}


STAFF = [2 + 3 * i % 7 for i in range(20)]
HOURS = [7.5 + i for i in range(20)]


def with_subtotals(folder, word, end="", sums=(sum, sum), label="hours", names="staff,hours"):
    """What is found in 4 parts of 20 rows and the line of their sums: lines 22, 43, 64 and 85."""
    lines = [f"region,shop,{names}"]
    for part in ("north", "south", "east", "west"):
        lines += [f"{part},{'ab'[i % 2]},{STAFF[i]},{HOURS[i]}" for i in range(20)]
        lines += [f"{word.format(part)},,{sums[0](STAFF)},{sums[1](HOURS)}"] if word else []
    path = folder / "t.csv"
    path.write_text("\n".join([*lines, ""]) + end, encoding="utf-8")
    return table.read(path, label, "regression").about


@pytest.mark.parametrize("word", ["Subtotal {}", "{} Total", "Zwischensumme", "SUB-TOTAL: {}",
                                  "{}小计", "Sous-total {}"])
def test_rows_of_subtotals_are_found_with_their_lines(tmp_path, word):
    found = with_subtotals(tmp_path, word)
    assert found["totals"] is None
    assert found["subtotals"] == {"lines": [22, 43, 64, 85], "count": 4,
                                  "word": word.format("north"), "names": ["staff", "hours"]}
    end = f"Grand total,,{4 * sum(STAFF)},{4 * sum(HOURS)}\n"
    found = with_subtotals(tmp_path, word, end)
    assert found["subtotals"]["lines"] == [22, 43, 64, 85]
    assert found["totals"]["line"] == 86


def test_half_of_the_numbers_may_be_means(tmp_path):
    found = with_subtotals(tmp_path, "Total {}", sums=(lambda numbers: 5, sum))
    assert found["subtotals"]["names"] == ["hours"] and found["subtotals"]["count"] == 4
    assert with_subtotals(tmp_path, "Total {}", sums=(max, min))["subtotals"] is None


@pytest.mark.parametrize("word", ["{}", "Totally {}", None])
def test_rows_that_do_not_say_so_are_no_subtotals(tmp_path, word):
    assert with_subtotals(tmp_path, word)["subtotals"] is None


def test_a_last_line_of_totals_is_told_once(tmp_path):
    end = f"Total,,{4 * sum(STAFF)},{4 * sum(HOURS)}\n"
    found = with_subtotals(tmp_path, None, end)
    assert (found["totals"]["line"], found["subtotals"]) == (82, None)
