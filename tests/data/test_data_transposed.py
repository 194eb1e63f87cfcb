"""A table that may be on its side."""

import pytest

from data import table
from data.errors import DataError


def answer(folder, rows, label=None):
    path = folder / "t.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")
    return table.read(path, label).about["transposed"]


def rows_of(count, columns, first="name {}"):
    """A heading and rows of a name, and of numbers or words in turns, as inputs in rows are."""
    yield ["of", *(f"s{j}" for j in range(columns - 1))]
    for i in range(count):
        cells = [i % 9 + j if i % 2 else "fm"[j % 2] for j in range(columns - 1)]
        yield [first.format(i), *cells]


@pytest.mark.parametrize("count, columns, told", [(3, 41, True), (12, 41, True), (3, 9, False),
                                                  (20, 41, False), (60, 200, False)])
def test_few_rows_of_a_name_and_words_and_numbers_may_be_columns(tmp_path, count, columns, told):
    assert answer(tmp_path, rows_of(count, columns)) == told


def test_it_is_asked_where_no_column_is_left(tmp_path):
    rows = [[f"of{j}" for j in range(90)]] + [
        [f"name {i}", *(f"{'' if i % 2 else 'x'}{i * 90 + j}" for j in range(89))]
        for i in range(30)]
    with pytest.raises(DataError, match=r"no column is left .* is the table transposed\?"):
        answer(tmp_path, rows)


def test_numbers_alone_may_be_a_wide_table(tmp_path):
    for count, told in ((5, True), (12, False)):        # so few are none
        rows = [["name", *range(41, 81)]] + [[f"gene {i}", *range(i, i + 40)] for i in range(count)]
        assert answer(tmp_path, rows) == told
    assert not answer(tmp_path, rows_of(8, 41, first="the same"), label=2)
    assert not answer(tmp_path, [[f"c{j}" for j in range(40)], *([i + j for j in range(40)]
                                                                 for i in range(5))])
