"""What each student is to read, a Markdown file each, where a learning platform takes it back."""

import os

from data import atomic
from flatprop.exercises.grading.rows import points, printable_name
from flatprop.exercises.sandbox.wire import printable
from flatprop.learning_platforms import feedback_places
from flatprop.usage.errors import UsageError


def write(folder, rows, names):
    """Write a file for each of rows. names: of the whole class. Raises UsageError."""
    places = feedback_places(names)
    for row in rows:
        place = os.path.join(folder, places[row["submission"]])
        try:
            atomic.make_folder(os.path.dirname(place))
            atomic.write_text(place, text_of(row))
        except OSError as error:
            raise UsageError(f"--feedback {place}: {error.strerror or error}") from error


def text_of(row):
    """The Markdown of a row; what comes from a student is code in it, which is shown as it is."""
    results, name = row["exercises"], printable_name(row["submission"], 100).replace("`", "'")
    parts = [f"# {points(row)} points", f"`{name}`: {row['passed']} of {len(results)} are right."]
    for note in row.get("notes", []) if results else [row["reason"]]:
        parts.append(as_code(str(note)))
    for each in results:
        if each["status"] not in ("passed", "not written"):
            parts += [f"## {each['id']}: {each['points']:g} of {each['out_of']:g} points",
                      as_code(each["message"])]
    for status, heading in (("passed", "Right"), ("not written", "Not written")):
        ids = [each["id"] for each in results if each["status"] == status]
        parts += [f"## {heading}", ", ".join(ids)] if ids else []
    return "\n\n".join(parts) + "\n"


def as_code(text):
    """Text as a block of code."""
    return "\n".join(f"    {line}" for line in printable(text).splitlines())
