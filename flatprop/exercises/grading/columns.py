"""The CSV of a class: columns as you choose them, and no cell of a student's is a formula."""

import csv
import io

from data.names import closest
from flatprop.cli.errors import UsageError
from flatprop.exercises.grading.rows import one_line, printable_name
from flatprop.exercises.grading.students import student_of
from flatprop.exercises.sandbox.wire import printable

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")     # the wide ones too
FIRST = ("submission", "points", "out of", "passed", "reason")
# A participant is Moodle's word for it, in its worksheet of grades.
OTHERS = ("id", "name", "late", "participant", "percent", "seconds")


def parse(text, known):
    """[(heading, column)] of --columns: a column, or HEADING=COLUMN, each; without COLUMN cells are
    empty. known: the columns there are. Raises UsageError."""
    found = []
    for part in next(csv.reader([text], skipinitialspace=True), []):
        heading, given, column = part.rpartition("=")
        column = column.strip()
        if column not in known and not (given and not column):
            raise UsageError(f"--columns {column}: is no column{closest(column, known)}. There are "
                             f"{', '.join(known)}")
        found.append((heading.strip() if given else column, column))
    if not found:
        raise UsageError("--columns '': names no column: give some, such as id,points")
    return found


def as_csv(rows, not_graded=(), columns=None, pattern=None):
    """The rows for a spreadsheet, and names not graded.

    columns: as parse gives them (default: all but those that can be reckoned out)
    """
    ids = next(([each["id"] for each in row["exercises"]] for row in rows if row["exercises"]), [])
    columns = columns or [(name, name) for name in (*FIRST, *ids, "id", "name")]
    left = [{"submission": name, "reason": "not graded: interrupted"} for name in not_graded]
    file = io.StringIO()
    # Texts in quotes: a spreadsheet that takes ; for the end of a cell would begin another there.
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([heading for heading, _ in columns])
    for row in [*rows, *left]:
        values = values_of(row, pattern)
        none = 0 if "points" in row else ""
        writer.writerow([value if isinstance(value, int | float) else cell(value) for value in (
            values.get(name, none if name in ids else "") for _, name in columns)])
    return file.getvalue()


def values_of(row, pattern):
    """{column: value} of a row."""
    student = student_of(row["submission"], pattern)
    values = {name: printable_name(text) for name, text in student.items()}
    values |= {"submission": printable_name(row["submission"]),
               "reason": one_line(row["reason"], 300),
               "participant": f"Participant {values['id']}"}
    if "points" in row:
        values |= {"points": row["points"], "passed": row["passed"],
                   **{each["id"]: each["points"] for each in row["exercises"]}}
        for name, value in (("out of", row["out_of"]), ("seconds", row["seconds"])):
            values[name] = "" if value is None else value
        values["percent"] = round(100 * row["points"] / row["out_of"], 2) if row["out_of"] else 0
    return values


def cell(text):
    """Text that a spreadsheet takes as text."""
    text = printable(text)
    return f"'{text}" if text.strip()[:1] in FORMULA else text
