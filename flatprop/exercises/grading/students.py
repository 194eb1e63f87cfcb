"""Whose a submission is, by its name: as Moodle and Canvas write it, or by a pattern of yours."""

import re
import unicodedata
from collections import Counter

from flatprop import system
from flatprop.cli.errors import UsageError
from flatprop.exercises.grading.listing import ARCHIVES

# As Moodle reads names when feedback comes back: full name, participant, plugin. A file that was
# not downloaded in a folder has the student's own name behind it.
MOODLE = re.compile(r"((?P<name>[^_]*)_(?P<id>[0-9]+)_assignsubmission_file(?:_|$))(.*)", re.S)
ONLINE_TEXT = re.compile(r"[^_]*_[0-9]+_assignsubmission_onlinetext(_.*)?", re.S)
# As Canvas does: name, LATE, user, file, the student's own name; anon and letters for nobody known.
CANVAS = re.compile(r"((?P<name>(?!anon_)[^\WA-Z]+?)_)?(?P<late>LATE_)?"
                    r"(anon_(?P<anon>[^\W_]+)|(?P<id>[0-9]+))_[0-9]+_.+", re.S)


def compile_pattern(text, columns):
    """The pattern of --name-pattern; its groups are columns too. Raises UsageError."""
    try:
        groups = re.compile(text).groupindex
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"--name-pattern {text}: is no regular expression: {error}") from error
    taken = [name for name in groups if name in columns and name not in ("id", "name", "late")]
    if "id" not in groups or taken:
        raise UsageError(f"--name-pattern {text}: " + (
            f"{taken[0]} is another column: give that group another name" if taken else
            "has no group for the id: write (?P<id>...) where it stands"))
    return re.compile(text)


def student_of(submission, pattern=None):
    """{"id", "name", "late"} of a submission's name, "" for what it does not say; the groups of a
    pattern, all "" where that is not found."""
    if pattern is not None:
        found = pattern.search(submission)
        return {"name": "", "late": "", **(
            found.groupdict("") if found else dict.fromkeys(pattern.groupindex, ""))}
    found = MOODLE.fullmatch(submission) or CANVAS.fullmatch(submission)
    if found is None:
        end = next((end for end in ARCHIVES if submission.lower().endswith(end)), "")
        return {"id": submission[:len(submission) - len(end)], "name": "", "late": ""}
    parts = found.groupdict("")
    return {"id": parts["id"] or parts["anon"], "name": parts["name"],
            "late": "late" if parts.get("late") else ""}


def about_ids(names, pattern=None):
    """Lines on submissions without an id, and on those that share one."""
    by_id = {}
    for name in names:
        by_id.setdefault(student_of(name, pattern)["id"], []).append(name)
    return [f"{len(found)} submissions have {f'the id {id}' if id else 'no id'}: {found[0]}"
            + (" and others" if found[1:] else "")
            for id, found in by_id.items() if found[1:] or not id]


def feedback_places(names):
    """{name of a submission: its place in the folder of feedback}, no two of them the same.

    Of Moodle's the folder is as it was, by which it finds the student; others have .md added.
    """
    places = {}
    for name in names:
        found = MOODLE.fullmatch(name)
        places[name] = f"{system.file_name(name)}.md" if found is None else (
            f"{system.file_name(found[1])}/feedback.md")
    alike = Counter(map(as_any_system, places.values()))
    return {name: place if alike[as_any_system(place)] == 1
            else f"{place.removesuffix('.md')}-{system.digest(name)}.md"
            for name, place in places.items()}


def as_any_system(place):
    """A place as systems see it that know no case, or one form of an accent."""
    return unicodedata.normalize("NFC", place).casefold()
