"""What each student is to read, a Markdown file each, where a learning platform takes it back."""

import os

from data import atomic
from flatprop.cli.errors import UsageError
from flatprop.exercises.grading.rows import one_line, points, printable_name
from flatprop.exercises.grading.students import feedback_places
from flatprop.exercises.sandbox.wire import printable


def write(folder, rows, names):
    """Write a file for each of rows. names: of the whole class. Raises UsageError."""
    places = feedback_places(names)
    for row in rows:
        place = os.path.join(folder, places[row["submission"]])
        try:
            atomic.make_folder(os.path.dirname(place))
            atomic.write_text(place, text_of(row))
        except OSError as error:
            raise UsageError(f"--feedback {printable_name(place)}: {error.strerror or error}: "
                             "name another folder") from error


def text_of(row):
    """The Markdown of a row. All that comes from a student is code in it, which means nothing."""
    results = row["exercises"]
    name = printable_name(row["submission"], 100).replace("`", "'")
    parts = [f"# {points(row)} points", f"For `{name}`: {row['passed']} of {len(results)} exercises "
             "are right."]
    for note in row.get("notes", []) if results else [row["reason"]]:
        parts.append(as_code(one_line(note, 1000)))
    for each in results:
        if each["status"] not in ("passed", "not written"):
            parts += [f"## {each['id']}: {each['points']:g} of {each['out_of']:g} points",
                      as_code(each["message"])]
    for status, heading in (("passed", "Right"), ("not written", "Not written")):
        ids = [each["id"] for each in results if each["status"] == status]
        if ids:
            parts += [f"## {heading}", ", ".join(ids)]
    return "\n\n".join(parts) + "\n"


def as_code(text):
    """Text in a block that is shown as it is."""
    return "\n".join(f"    {line}" for line in printable(text).splitlines())
