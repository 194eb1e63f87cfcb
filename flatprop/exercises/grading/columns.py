"""The table of a class for a spreadsheet, its columns as you choose them."""

import csv

from data.names import closest
from flatprop import spreadsheet
from flatprop.cli.errors import UsageError
from flatprop.exercises.grading.rows import one_line, printable_name
from flatprop.exercises.grading.students import student_of

FIRST = ("submission", "points", "out of", "passed", "reason")
# Participant 7001 is how Moodle's worksheet of grades writes an id.
OTHERS = ("id", "name", "late", "participant", "percent", "seconds")


def parse(text, known):
    """[(heading, column)] of --columns: COLUMN, HEADING=COLUMN, or HEADING= for empty cells.
    known: the columns there are. Raises UsageError."""
    found = []
    for part in next(csv.reader([text], skipinitialspace=True)) or [""]:
        heading, given, column = (each.strip() for each in part.rpartition("="))
        if column not in known and (column or not given):
            raise UsageError(f"--columns {column}: is no column{closest(column, known)}. There are "
                             f"{', '.join(known)}")
        found.append((heading if given else column, column))
    return found


def as_csv(rows, not_graded=(), columns=None, pattern=None):
    """The rows as a CSV, and names not graded. columns: as parse gives them, or None."""
    ids = next(([each["id"] for each in row["exercises"]] for row in rows if row["exercises"]), [])
    columns = columns or [(name, name) for name in (*FIRST, *ids, "id", "name")]
    values = [{**dict.fromkeys(ids, 0), **values_of(row, pattern)} for row in rows]
    values += [values_of({"submission": name, "reason": "not graded: interrupted"}, pattern)
               for name in not_graded]
    return spreadsheet.as_csv([[heading for heading, _ in columns], *(
        [each.get(name, "") for _, name in columns] for each in values)])


def values_of(row, pattern):
    """{column: value} of a row."""
    student = student_of(row["submission"], pattern)
    values = {**student, "submission": printable_name(row["submission"]),
              "reason": one_line(row["reason"], 300), "participant": f"Participant {student['id']}"}
    if "points" in row:
        values |= {each["id"]: each["points"] for each in row["exercises"]}
        values |= {"points": row["points"], "passed": row["passed"], "out of": row["out_of"],
                   "seconds": row["seconds"],
                   "percent": round(100 * row["points"] / (row["out_of"] or 1), 2)}
    return values
