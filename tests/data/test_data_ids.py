"""Columns that number the rows: as inputs, and as the label nobody chose."""

import numpy as np
import pytest

from data import ids, table
from data.reading import Reading

RNG = np.random.default_rng(0)
GAPS = np.cumsum(RNG.integers(1, 9, 60))                # rises, with gaps
SHUFFLED = RNG.permutation(GAPS)


@pytest.mark.parametrize("name, told", [
    ("id", True), ("ID", True), ("customer_id", True), ("CUSTOMER ID", True), ("PassengerId", True),
    ("customerID", True), ("House No", True), ("nr", True), ("", True), ("paid", False),
    ("humid", False), ("David", False), ("piano", False), ("casino", False), ("identity", False)])
def test_what_an_id_is_called(name, told):
    assert ids.is_name(name) == told


def read(folder, name, column, last=False):
    rows = [[str(number), f"{RNG.normal():.3f}", "yn"[i % 2]] for i, number in enumerate(column)]
    path = folder / "t.csv"
    order = [1, 2, 0] if last else [0, 1, 2]
    lines = [[name, "a", "y"], *rows]
    path.write_text("".join(",".join(line[j] for j in order) + "\n" for line in lines))
    found = table.read(path)
    return found, next(each for each in found.about["columns"] if each["name"] in (
        name, "column 1"))


@pytest.mark.parametrize("name", ["id", "customer_id", ""])
def test_an_input_that_is_an_id_with_gaps_is_left_out(tmp_path, name):
    found, told = read(tmp_path, name, GAPS)
    assert told["why"] == "it rises from row to row, as an id does"
    assert [column["name"] for column in found.columns] == ["a"]
    found, told = read(tmp_path, name, SHUFFLED)                        # kept, and told
    assert told["id"] == ("is named as an id" if name else "has no name, as an index has none")
    assert len(found.columns) == 2


@pytest.mark.parametrize("name, column", [
    ("age", GAPS), ("age", SHUFFLED), ("id", GAPS // 20), ("id", GAPS + 0.5), ("id", GAPS[:9])])
def test_other_numbers_stay_inputs_without_a_word(tmp_path, name, column):
    found, told = read(tmp_path, name, column)
    assert "why" not in told
    assert "id" not in told
    assert len(found.columns) == 2


VISITS = np.repeat(SHUFFLED[:15], 4)                    # 15 patients, 4 rows each
WORDS = [f"P{number:03}" for number in VISITS]


@pytest.mark.parametrize("name, column, told", [
    ("patient_id", VISITS, 15), ("id", np.sort(VISITS), 15), ("patientID", WORDS, 15),
    ("patient_id", [*VISITS[:58], 901, 902], 17),           # two of 17 come once
    ("patient_id", [*WORDS[:58], "", ""], 15),              # missing ones are no patient
    ("patient", VISITS, None), ("patient_id", VISITS + 0.5, None),
    ("patient_id", np.arange(60) % 9, None),                # few: codes, as of a type
    ("patient_id", [*SHUFFLED[:55], *SHUFFLED[:5]], None),  # five of 55 come again
    ("id", np.arange(60) // 4 + 1, 15),
    ("id", np.r_[np.arange(45) % 15, [1] * 15], None),      # from 0 to 14, unevenly: codes?
    ("user_id", np.r_[np.arange(45) % 15, [1] * 15], 15),
    ("", VISITS, None), ("Unnamed: 0", VISITS, None), ("row", VISITS, None)])
def test_ids_of_which_each_has_several_rows_are_told(tmp_path, name, column, told):
    about = read(tmp_path, name, column)[1]
    assert about.get("ids") == told
    assert "id" not in about
    assert not told or "ids" not in table.read(
        tmp_path / "t.csv", reading=Reading(categorical=(name,))).about["columns"][0]


@pytest.mark.parametrize("name, column, told", [
    ("amount", GAPS, True), ("amount", GAPS[::-1], False), ("amount", np.arange(60, 0, -1), True),
    ("customer_id", SHUFFLED, True), ("amount", SHUFFLED, False), ("id", SHUFFLED // 2, False),
    ("id", GAPS + 0.5, False)])
def test_a_label_by_default_that_is_an_id_is_told(tmp_path, name, column, told):
    assert read(tmp_path, name, column, last=True)[0].about["label"]["id"] == told
    assert table.read(tmp_path / "t.csv", label=name).about["label"]["id"] is False     # as asked
