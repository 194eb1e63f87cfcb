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
    """The rows for a spreadsheet, and names not graded. columns: as parse gives them, or None."""
    ids = next(([each["id"] for each in row["exercises"]] for row in rows if row["exercises"]), [])
    columns = columns or [(name, name) for name in (*FIRST, *ids, "id", "name")]
    values = [{**dict.fromkeys(ids, 0), **values_of(row, pattern)} for row in rows]
    values += [values_of({"submission": name, "reason": "not graded: interrupted"}, pattern)
               for name in not_graded]
    return as_lines([[heading for heading, _ in columns],
                     *([each.get(name, "") for _, name in columns] for each in values)])


def values_of(row, pattern):
    """{column: value} of a row."""
    values = {name: printable_name(text)
              for name, text in student_of(row["submission"], pattern).items()}
    values |= {"submission": printable_name(row["submission"]),
               "reason": one_line(row["reason"], 300),
               "participant": f"Participant {values['id']}"}
    if "points" in row:
        values |= {each["id"]: each["points"] for each in row["exercises"]}
        values |= {"points": row["points"], "passed": row["passed"], "out of": row["out_of"],
                   "seconds": row["seconds"],
                   "percent": round(100 * row["points"] / (row["out_of"] or 1), 2)}
    return values


def as_lines(rows):
    """A CSV, the heading first; None is an empty cell."""
    file = io.StringIO()
    # Texts in quotes: a spreadsheet that takes ; for the end of a cell would begin another there.
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([cell(each) if type(each) is str else each for each in row] for row in rows)
    return file.getvalue()


def cell(text):
    """Text that a spreadsheet takes as text."""
    text = printable(text)
    return f"'{text}" if text.strip()[:1] in FORMULA else text
