"""The table of a class for a spreadsheet, its columns as you choose them."""

import csv
import re

from data.names import closest
from flatprop import spreadsheet
from flatprop.exercises.grading.rows import one_line, printable_name
from flatprop.learning_platforms import student_of
from flatprop.usage.errors import UsageError

FIRST = ("submission", "points", "out of", "passed", "reason")
# Participant 7001 is how Moodle's worksheet of grades writes an id.
OTHERS = ("id", "name", "late", "participant", "percent", "seconds")


def of_options(pattern, columns, ids):
    """--name-pattern compiled, and --columns as [(heading, column)], each None if not given.

    A column is COLUMN, HEADING=COLUMN, or HEADING= for empty cells. ids: of the exercises. Raises
    UsageError.
    """
    known, found, where = [*FIRST, *OTHERS, *ids], [], f"--name-pattern {pattern}"
    if pattern is not None:
        try:
            pattern = re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise UsageError(f"{where}: is no regular expression: {error}") from error
        if "id" not in pattern.groupindex:
            raise UsageError(f"{where}: has no group for the id: write (?P<id>...) where it stands")
        known += [name for name in pattern.groupindex if name not in known]
    if columns is None:
        return pattern, None
    for part in next(csv.reader([columns], skipinitialspace=True)) or [""]:
        heading, given, column = (each.strip() for each in part.rpartition("="))
        if column not in known and (column or not given):
            raise UsageError(f"--columns {column}: is no column{closest(column, known)}. There are "
                             f"{', '.join(known)}")
        found.append((heading if given else column, column))
    return pattern, found


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
