"""Tables that are enormous, or would become so: refused, or read in flat memory."""


import pytest
from fuzz_hostile import HOSTILE
from peak_memory import peak_below

from data import table, training_table
from data.errors import DataError

COLUMNS = [{"name": "age", "kind": "number"},
           {"name": "colour", "kind": "category", "values": ["blue", "red"]}]


def test_what_would_take_enormous_memory_is_refused(tmp_path, monkeypatch):
    text = "a,y\n" + "".join(f"k{i % 100},{i % 2}\n" for i in range(1000))
    path = tmp_path / "t.csv"
    path.write_text(text)
    monkeypatch.setattr(training_table, "LIMIT", 8 * 1000 * 100)
    assert training_table.read(path).x.shape == (1000, 100)
    monkeypatch.setattr(training_table, "LIMIT", 8 * 1000 * 100 - 1)
    with pytest.raises(DataError, match="1000 rows take 800000 bytes .* at most 799999 are"):
        training_table.read(path)


@pytest.mark.parametrize("i", [0, 1, 3, 6, 8, 10, 11])
def test_hostile_files_are_refused_in_little_memory(i, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(HOSTILE["csv"][i]())
    with peak_below(120 * 2**20), pytest.raises(DataError):
        training_table.read(path)


def test_a_long_file_is_read_in_flat_memory(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("age,colour\n" + "12.5,red\n" * 20_000)
    with peak_below(2**18):
        for rows in table.read_rows(path, COLUMNS, 100):
            table.encode(rows, COLUMNS)
