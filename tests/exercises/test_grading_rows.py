"""Names of submissions and words of students, in the table, on the terminal, in a spreadsheet."""

import csv
import io
import re

import pytest

from flatprop.exercises.grading import columns, grade


def row_of(name, reason="", message="wrong"):
    return {"submission": name, "points": 0.0, "passed": 0, "out_of": 3, "seconds": 0.1,
            "reason": reason, "exercises": [{"id": "x", "points": 0, "out_of": 3,
                                             "status": "failed", "message": message}]}


def test_a_name_cannot_add_a_line_to_the_table(capsys):
    row = row_of("eve\nzoe          100/100      27   1.0 s\n")
    assert grade.table([row]).count("\n") == 1
    assert grade.messages(row).count("\n") == 3
    grade.Progress(1).row(row)
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name", ["=1+1", " =1+1", "\uff1d1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(name):
    text = columns.as_csv([row_of(name, name)])
    cells = list(csv.reader(io.StringIO(text)))[1]
    assert not re.match(r"\s*[=+@\uff1d-]", cells[0] + cells[4])


def test_a_spreadsheet_with_other_separators_finds_no_other_cells():
    text = columns.as_csv([row_of("bob;=1+1", "x;=2")])
    line = text.splitlines()[1]
    assert line.startswith('"bob;=1+1",') and ',"x;=2",' in line


def test_a_name_that_the_terminal_cannot_write_ends_nothing(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", out)
    grade.say(grade.table([row_of("zo\u00eb \u4e2d")]))
    out.flush()
    assert b"zo? ?" in out.buffer.getvalue()


@pytest.mark.parametrize("name", ["ann ", "ann\n", "ann\t", "an n", "ann\u200b", "ann\x00"])
def test_nobody_takes_the_name_of_another(name):
    lines = list(csv.reader(io.StringIO(columns.as_csv([row_of("ann"), row_of(name)]))))
    assert lines[1][0] != lines[2][0]


def test_no_text_of_a_students_reaches_the_terminal_as_it_is():
    row = row_of("a\x1b[31m", "bad\x1b]0;title\x07\nsecond", "\x1b[2J")
    text = grade.table([row]) + grade.messages(row) + columns.as_csv([row])
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)
