"""How Moodle and Canvas name what was handed in: whose it is, and where feedback is taken back."""

import re

from flatprop import system

ARCHIVES = (".zip", ".tar.gz", ".tgz")
# As Moodle reads names when feedback comes back: full name, participant, plugin. A file that was
# not downloaded in a folder has the student's own name behind it.
MOODLE = re.compile(r"((?P<name>[^_]*)_(?P<id>[0-9]+)_assignsubmission_file(?:_|$))(.*)", re.S)
ONLINE_TEXT = re.compile(r"[^_]*_[0-9]+_assignsubmission_onlinetext(_.*)?", re.S)
# As Canvas does: name, LATE, user, file, the student's own name; anon and letters for nobody known.
CANVAS = re.compile(r"((?P<name>(?!anon_)[^\WA-Z]+?)_)?(?P<late>LATE_)?"
                    r"(anon_(?P<anon>[^\W_]+)|(?P<id>[0-9]+))_[0-9]+_.+", re.S)


def student_of(submission, pattern=None):
    """{"id", "name", "late"} of a submission's name, "" for what it does not say.

    pattern: a compiled one, to be sought in its place; its groups are what is given, all "" where
    it is not found
    """
    parts = {"name": "", "late": ""}
    if pattern is not None:
        found = pattern.search(submission)
        return parts | (found.groupdict("") if found else dict.fromkeys(pattern.groupindex, ""))
    found = MOODLE.fullmatch(submission) or CANVAS.fullmatch(submission)
    if found is None:
        end = next((end for end in ARCHIVES if submission.lower().endswith(end)), "")
        return {"id": submission[:len(submission) - len(end)], **parts}
    parts |= found.groupdict("")
    return {"id": parts["id"] or parts["anon"], "name": parts["name"],
            "late": parts["late"] and "late"}


def about_ids(names, pattern=None):
    """Lines on submissions without an id, and on those that share one."""
    by_id = {}
    for name in names:
        by_id.setdefault(student_of(name, pattern)["id"], []).append(name)
    return [f"{len(found)} submissions have {f'the id {id}' if id else 'no id'}, {found[0]} the "
            "first" for id, found in by_id.items() if found[1:] or not id]


def feedback_places(names):
    """{name of a submission: its place in the folder of feedback}, no two of them the same.

    Of Moodle's the folder is as it was, by which it finds the student; others have .md added.
    """
    places = {}
    for name in names:
        found = MOODLE.fullmatch(name)
        places[name] = f"{system.file_name(name)}.md" if found is None else (
            f"{system.file_name(found['name'])}{found[1][len(found['name']):]}/feedback.md")
    return system.distinct(places)
