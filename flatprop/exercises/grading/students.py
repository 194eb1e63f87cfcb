"""Whose a submission is, by its name: what Moodle and Canvas write there, or a pattern of yours."""

import hashlib
import re
import unicodedata
from collections import Counter

from flatprop.cli.errors import UsageError
from flatprop.exercises.grading.listing import ARCHIVES

# As Moodle reads the names itself when feedback comes back: full name, participant, plugin. Files
# that were not downloaded in folders have the student's own name behind it.
MOODLE = re.compile(r"(?P<folder>(?P<name>[^_]*)_(?P<id>[0-9]+)_assignsubmission_file)(_.*)?", re.S)
ONLINE_TEXT = re.compile(r"[^_]*_[0-9]+_assignsubmission_onlinetext(_.*)?", re.S)
# As Canvas does: name, LATE, user, file, the student's own name. Some assignments are anonymous.
CANVAS = re.compile(r"(?P<name>[^\WA-Z]+?)_(?P<late>LATE_)?(?P<id>[0-9]+)_[0-9]+_.+", re.S)
ANONYMOUS = re.compile(r"(?P<late>LATE_)?anon_(?P<id>[^\W_]+)_[0-9]+_.+", re.S)
LONGEST = 180       # bytes of a file's name that is made of another; systems allow 255
BARRED = '/\\:*?"<>|'       # by one system or another


def compile_pattern(text, taken):
    """The pattern of --name-pattern. taken: names that a group may not have. Raises UsageError."""
    try:
        pattern = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"--name-pattern {text}: is no regular expression: {error}") from error
    if "id" not in pattern.groupindex:
        raise UsageError(f"--name-pattern {text}: has no group for the id: write (?P<id>...) "
                         "where it stands")
    for name in pattern.groupindex:
        if name in taken:
            raise UsageError(f"--name-pattern {text}: {name} is a column already: give that "
                             "group another name")
    return pattern


def student_of(submission, pattern=None):
    """{"id", "name", "late"} by the name of a submission, "" for what it does not say.

    A pattern is sought in the name, and its groups are added; where it does not match, all are "".
    """
    if pattern is not None:
        found = pattern.search(submission)
        groups = found.groupdict("") if found else dict.fromkeys(pattern.groupindex, "")
        return {"name": "", "late": "", **groups}
    for known in (MOODLE, ANONYMOUS, CANVAS):
        found = known.fullmatch(submission)
        if found:
            parts = found.groupdict()
            return {"id": parts["id"], "name": parts.get("name", ""),
                    "late": "late" if parts.get("late") else ""}
    end = next((end for end in ARCHIVES if submission.lower().endswith(end)), "")
    return {"id": submission[:len(submission) - len(end)], "name": "", "late": ""}


def about_ids(names, pattern=None):
    """What to know about the ids of submissions: lines, often none."""
    by_id = {}
    for name in names:
        by_id.setdefault(student_of(name, pattern)["id"], []).append(name)
    lacking = by_id.pop("", [])
    lines = [f"--name-pattern finds no id in {count(lacking)}"] if lacking else []
    return lines + [f"one id, {id}, has {count(same)}" for id, same in by_id.items() if same[1:]]


def count(names):
    """Submissions as words, with one of them."""
    more = f"s, {names[0]} the first" if names[1:] else f", {names[0]}"
    return f"{len(names)} submission{more}"


def feedback_places(names):
    """{name of a submission: place in the folder of feedback}, no two of them the same.

    Of Moodle's the folder is as it was, which is how it finds the student; others have .md added.
    """
    places = {name: feedback_place(name) for name in names}
    alike = Counter(map(as_any_system, places.values()))
    return {name: place if alike[as_any_system(place)] == 1
            else f"{place.removesuffix('.md')}-{digest(name)}.md" for name, place in places.items()}


def feedback_place(name):
    """The place for one."""
    found = MOODLE.fullmatch(name)
    if found is None:
        return f"{safe(name)}.md"
    return f"{safe(found['name'])}_{found['id']}_assignsubmission_file_/feedback.md"


def as_any_system(place):
    """A place as systems see it that know no case, or one form of an accent."""
    return unicodedata.normalize("NFC", place).casefold()


def safe(text):
    """Text as a file's name on any system; another one if anything had to be changed."""
    plain = "".join(c if c.isprintable() and c not in BARRED else "-" for c in text)
    plain = plain.encode()[:LONGEST].decode(errors="ignore").strip(" .")
    return plain if plain == text else f"{plain}-{digest(text)}"


def digest(text):
    """A few letters that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
